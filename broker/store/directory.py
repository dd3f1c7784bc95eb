"""Organisations, staff, mandates and enrolled keys: the broker's own records of who takes part.

By which subject the identity provider knows somebody is not kept: `known_as` is its stand-in (`crypto.pseudonym`), by
which the same person is found again, and from which nobody without the pseudonym key learns who he is.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Row,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    case,
    delete,
    select,
    update,
)
from typing_extensions import override

from broker.domain.directory import Account, Actor, Mandate, Notified, Organisation, Staff, StaffKey
from broker.domain.directory import Directory as DirectoryPort
from broker.domain.keys import Keys
from broker.domain.vocabulary import Assurance
from broker.kernel.errors import ConflictError, NotFoundError
from broker.kernel.values import Oin
from broker.store.changes import Changes
from broker.store.compiled import Lookup
from broker.store.schema import Moment, Nested, metadata

organisations = Table(
    "organisations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("oin", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("connected", Boolean, nullable=False),
    Column("profession", Text, nullable=False),
    Column("holds_information_professionally", Boolean, nullable=False),
    Column("notices", Nested),  # null: nobody is told anything
)

members = Table(
    "staff",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organisation", ForeignKey("organisations.id"), nullable=False),
    Column("issuer", Text, nullable=False),
    Column("known_as", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("profession", Text, nullable=False),
    Column("registration", Text, nullable=False),
    Column("supervised_by_registered", Boolean, nullable=False),
    Column("active", Boolean, nullable=False),
    UniqueConstraint("issuer", "known_as", name="uq_staff_issuer_subject"),
)

mandates = Table(
    "mandates",
    metadata,
    Column("staff", ForeignKey("staff.id"), primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("until_on", Date, primary_key=True),
)

staff_keys = Table(
    "staff_keys",
    metadata,
    Column("key_id", Text, primary_key=True),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    Column("public_opening", LargeBinary, nullable=False),
    Column("public_signing", LargeBinary, nullable=False),
    Column("enrolled_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    # Null while the key waits.
    Column("organisation", Text),
    Column("confirmed_by", Text),
    Column("confirmed_at", Moment),
    Column("event", Text),
    Column("salt", LargeBinary),
)
_IN_USE = and_(staff_keys.c.revoked_at.is_(None), staff_keys.c.confirmed_at.is_not(None))
_WAITING = and_(staff_keys.c.revoked_at.is_(None), staff_keys.c.confirmed_at.is_(None))
# At most one key in use and one that waits: of two at the same time one is a ConflictError.
Index("uq_staff_keys_in_use", staff_keys.c.staff, unique=True, sqlite_where=_IN_USE, postgresql_where=_IN_USE)
Index("uq_staff_keys_waiting", staff_keys.c.staff, unique=True, sqlite_where=_WAITING, postgresql_where=_WAITING)

_PURPOSE = "sign-in"
"""What the stand-ins are for; no purpose of a request."""

_STAFF = [column for column in members.c if column.name not in ("issuer", "known_as")]
_KNOWN_AS = and_(members.c.issuer == bindparam("issuer"), members.c.known_as == bindparam("known_as"))
_ON = bindparam("on", type_=Date())
_ACTORS = (
    select(
        *(column.label(f"staff_{column.name}") for column in _STAFF),
        *(column.label(f"organisation_{column.name}") for column in organisations.c),
        mandates.c.from_on,
        mandates.c.until_on,
    )
    .select_from(members.join(organisations).outerjoin(mandates))
    .where(members.c.active)
    .order_by(
        case((and_(mandates.c.from_on <= _ON, mandates.c.until_on > _ON), 0), else_=1),
        mandates.c.until_on.desc(),
        mandates.c.from_on.desc(),
    )
)
"""Active staff with every mandate they have, the one that counts first."""

_ORGANISATION = select(organisations).where(organisations.c.id == bindparam("organisation"))
_ORGANISATIONS = select(organisations).order_by(organisations.c.name, organisations.c.id)
_MEMBER = select(*_STAFF).where(members.c.id == bindparam("staff"))
_STAFF_BY_ID = select(*_STAFF).order_by(members.c.id)
_MANDATES = select(mandates).order_by(mandates.c.staff, mandates.c.from_on, mandates.c.until_on)
_ACCOUNTS = select(members.c.id, members.c.issuer, members.c.known_as)
_FIND_ACTOR = _ACTORS.where(_KNOWN_AS).limit(1)
_ACTOR = _ACTORS.where(members.c.id == bindparam("staff")).limit(1)
_COLLEAGUES = _ACTORS.where(members.c.organisation == bindparam("organisation"))
_WITHDRAW = delete(mandates).where(
    mandates.c.staff == bindparam("of"),
    mandates.c.from_on == bindparam("since"),
    mandates.c.until_on == bindparam("until"),
)
_REVOKE = update(staff_keys).where(
    staff_keys.c.staff.in_(bindparam("of", expanding=True)), staff_keys.c.revoked_at.is_(None)
)
_REVOKE_WAITING = update(staff_keys).where(staff_keys.c.staff == bindparam("of"), _WAITING)
_REVOKE_IN_USE = update(staff_keys).where(staff_keys.c.staff == bindparam("of"), _IN_USE)
_KEY = select(staff_keys).where(staff_keys.c.key_id == bindparam("key"))
_KEYS = (
    select(staff_keys)
    .where(staff_keys.c.staff.in_(bindparam("staff", expanding=True)), staff_keys.c.revoked_at.is_(None))
    .order_by(staff_keys.c.enrolled_at, staff_keys.c.key_id)
)
_CURRENT_KEYS = _KEYS.where(_IN_USE).order_by(None).order_by(staff_keys.c.key_id)


class Directory(DirectoryPort):
    """The directory within one transaction."""

    def __init__(self, connection: Connection, keys: Keys, changes: Changes) -> None:
        self._connection, self._changes = connection, changes
        self._keys = keys
        self._known: dict[str, Organisation] = {}  # a decision names the same two again and again

    @override
    def put_organisation(self, organisation: Organisation) -> None:
        notices = organisation.notices and _notified_to_row(organisation.notices)
        row = dataclasses.asdict(organisation) | {"oin": organisation.oin.digits, "notices": notices}
        self._changes.replace(organisations, [row])
        self._known.pop(organisation.id, None)

    @override
    def put_staff(self, staff: Staff, account: Account | None = None) -> None:
        known_as = self._account_of(staff.id) if account is None else self._known_as(account)
        self._changes.replace(members, [dataclasses.asdict(staff) | known_as])

    @override
    def put_mandate(self, mandate: Mandate) -> None:
        self._changes.keep(mandates, [dataclasses.asdict(mandate)])

    @override
    def withdraw_mandate(self, mandate: Mandate) -> None:
        self._changes.delete(_WITHDRAW, {"of": mandate.staff, "since": mandate.from_on, "until": mandate.until_on})

    @override
    def revoke_keys(self, staff: Sequence[str], at: datetime) -> None:
        self._changes.update(_REVOKE, {"of": list(staff), "revoked_at": at})

    @override
    def staff(self) -> tuple[Staff, ...]:
        return tuple(Staff(**row._asdict()) for row in self._connection.execute(_STAFF_BY_ID))

    @override
    def mandates(self) -> tuple[Mandate, ...]:
        return tuple(Mandate(**row._asdict()) for row in self._connection.execute(_MANDATES))

    @override
    def stand_ins(self) -> Mapping[str, str]:
        return {row.id: f"{row.issuer} {row.known_as}" for row in self._connection.execute(_ACCOUNTS)}

    @override
    def stand_in(self, account: Account) -> str:
        return "{issuer} {known_as}".format(**self._known_as(account))

    @override
    def get_organisation(self, organisation: str) -> Organisation:
        if organisation not in self._known:
            row = self._connection.execute(*_organisation_lookup(organisation)).one_or_none()
            if row is None:
                raise NotFoundError("there is no such organisation")
            self._known[organisation] = _organisation(row._asdict())
        return self._known[organisation]

    def lookups(self, *organisations: str) -> list[Lookup]:
        """Return what `get_organisation` has to look up of these."""
        return [_organisation_lookup(each) for each in dict.fromkeys(organisations) if each not in self._known]

    @override
    def organisations(self) -> tuple[Organisation, ...]:
        return tuple(_organisation(row._asdict()) for row in self._connection.execute(_ORGANISATIONS))

    @override
    def get_staff(self, staff: str) -> Staff:
        row = self._connection.execute(_MEMBER, {"staff": staff}).one_or_none()
        if row is None:
            raise NotFoundError("there is no such member of staff")
        return Staff(**row._asdict())

    @override
    def find_actor(self, account: Account, assurance: Assurance, on: date) -> Actor | None:
        found = self._connection.execute(_FIND_ACTOR, {**self._known_as(account), "on": on}).one_or_none()
        return None if found is None else _actor(found._asdict(), assurance)

    @override
    def actor(self, staff: str, assurance: Assurance, on: date) -> Actor | None:
        found = self._connection.execute(*actor_lookup(staff, on)).one_or_none()
        if found is None:
            return None
        actor = _actor(found._asdict(), assurance)
        self._known[actor.organisation.id] = actor.organisation
        return actor

    @override
    def colleagues(self, organisation: str, assurance: Assurance, on: date) -> tuple[Actor, ...]:
        found: dict[str, Actor] = {}
        for row in self._connection.execute(_COLLEAGUES, {"organisation": organisation, "on": on}):
            actor = _actor(row._asdict(), assurance)
            found.setdefault(actor.staff.id, actor)
        return tuple(found[staff] for staff in sorted(found))

    @override
    def put_key(self, key: StaffKey) -> StaffKey:
        known = self.find_key(key.key_id)
        if known is not None:
            if (known.staff, known.public_opening, known.public_signing, known.revoked_at) != (
                key.staff,
                key.public_opening,
                key.public_signing,
                None,
            ):
                raise ConflictError("a key with this id was enrolled before", code="key.taken")
            return known
        self._changes.update(_REVOKE_WAITING, {"of": key.staff, "revoked_at": key.enrolled_at})
        self._changes.insert(staff_keys, [dataclasses.asdict(key)])
        return key

    @override
    def confirm_key(self, key: StaffKey) -> None:
        self._changes.update(_REVOKE_IN_USE, {"of": key.staff, "revoked_at": key.confirmed_at})
        self._changes.replace(staff_keys, [dataclasses.asdict(key)])

    @override
    def find_key(self, key_id: str) -> StaffKey | None:
        row = self._connection.execute(_KEY, {"key": key_id}).one_or_none()
        return None if row is None else _key(row)

    @override
    def keys_of(self, staff: Sequence[str]) -> tuple[StaffKey, ...]:
        return tuple(_key(row) for row in self._connection.execute(_KEYS, {"staff": list(staff)}))

    @override
    def current_keys(self, staff: Sequence[str]) -> tuple[StaffKey, ...]:
        return tuple(_key(row) for row in self._connection.execute(*keys_lookup(staff)))

    def _account_of(self, staff: str) -> dict[str, str]:
        row = self._connection.execute(
            select(members.c.issuer, members.c.known_as).where(members.c.id == staff)
        ).one_or_none()
        if row is None:
            raise NotFoundError("a new member of staff needs the account that he signs in with")
        return row._asdict()

    def _known_as(self, account: Account) -> dict[str, str]:
        stand_in = self._keys.pseudonym(purpose=_PURPOSE, organisation=account.issuer, identifier=account.subject)
        return {"issuer": account.issuer, "known_as": stand_in}


def actor_lookup(staff: str, on: date) -> Lookup:
    """Return how `Directory.actor` is looked up."""
    return _ACTOR, {"staff": staff, "on": on}


def keys_lookup(staff: Sequence[str]) -> Lookup:
    """Return how `Directory.current_keys` are looked up."""
    return _CURRENT_KEYS, {"staff": list(staff)}


def _organisation_lookup(organisation: str) -> Lookup:
    return _ORGANISATION, {"organisation": organisation}


def _organisation(row: dict[str, Any]) -> Organisation:
    notices = row["notices"] and Notified(**row["notices"] | {"mail": tuple(row["notices"]["mail"])})
    return Organisation(**row | {"oin": Oin(row["oin"]), "notices": notices})


def _notified_to_row(notified: Notified) -> dict[str, Any]:
    return dataclasses.asdict(notified) | {"mail": list(notified.mail)}


def _actor(row: dict[str, Any], assurance: Assurance) -> Actor:
    member = Staff(**_prefixed(row, "staff_"))
    mandate = None
    if row["from_on"] is not None:
        mandate = Mandate(staff=member.id, from_on=row["from_on"], until_on=row["until_on"])
    organisation = _organisation(_prefixed(row, "organisation_"))
    return Actor(staff=member, organisation=organisation, assurance=assurance, mandate=mandate)


def _key(row: Row[Any]) -> StaffKey:
    return StaffKey(**row._asdict())


def _prefixed(row: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name.removeprefix(prefix): value for name, value in row.items() if name.startswith(prefix)}

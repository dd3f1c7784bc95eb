"""Enrol: organisations, staff and mandates by the operator; keys by each member of staff, confirmed by a second.

The directory is what every decision believes about an actor, so each entry is an event too. The operator looks at a
plan and applies exactly that one; where it lets anybody do more, a second person approved it. Answers are sealed to a
key only once somebody else of the organisation said whose it is: a token alone puts no key in another's place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from broker.crypto.keyfile import enrolment_message
from broker.crypto.seal import RecipientKey
from broker.crypto.signature import check_public_key, verify_signature
from broker.domain.deciding import authorise
from broker.domain.directory import OPERATOR, Account, Actor, Mandate, Organisation, Staff, StaffKey
from broker.domain.directory_plan import DirectoryFile, OnRecord, Plan, make_plan
from broker.domain.event import CONFIRMED, Event, act
from broker.domain.store import Transaction
from broker.domain.wiring import Wiring
from broker.kernel.errors import ConflictError, InputError, NotFoundError, RefusedError, SignatureError
from broker.kernel.values import legal_day, new_id

MOST_IN_AN_EVENT = 2000
"""How many entries an event is about at most: what it says of their rows is read back as one JSON of a megabyte."""

_IN_ORDER = ("organisations", "staff", "withdrawn", "mandates", "revoked")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolDirectory:
    """Entries that are added or replaced, mandates that are taken away, and the staff whose keys are revoked.

    `accounts` by id of staff, who else keeps the account he had.
    """

    organisations: tuple[Organisation, ...] = ()
    staff: tuple[Staff, ...] = ()
    accounts: Mapping[str, Account] = field(default_factory=dict)
    mandates: tuple[Mandate, ...] = ()
    withdrawn: tuple[Mandate, ...] = ()
    revoked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyPlan:
    """The file, the digest of the plan that was looked at, and the ids of the keys by which it was approved."""

    file: DirectoryFile
    digest: str
    approvers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolKey:
    """The public halves of the actor's key file, and his signature over both with that key."""

    actor: Actor
    public_opening: bytes
    public_signing: bytes
    proof: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmKey:
    """The id of a colleague's key, as he said it."""

    actor: Actor
    key: str


def plan_directory(file: DirectoryFile, w: Wiring) -> Plan:
    """Return what applying the file would change today; nothing is written.

    Raises InputError `directory.unknown` for who is named and nobody knows, ConflictError `directory.account` for an
    account that is another's.
    """
    with w.store.reading() as tx:
        return _plan(file, tx, w.clock())


def apply_plan(command: ApplyPlan, w: Wiring) -> Plan:
    """Make the changes of the plan, all or none, and return it; called by the operator's command only, never over HTTP.

    Raises ConflictError `directory.plan` when the file now makes another plan, RefusedError `directory.approval` when
    it widens what anybody can do and nobody approved it; the first filling needs no approval. Else as `plan_directory`.
    """
    now, file = w.clock(), command.file
    with w.store.changing_directory() as tx:
        plan = _plan(file, tx, now)
        if plan.digest != command.digest:
            raise ConflictError("the file makes another plan than the one that was looked at", code="directory.plan")
        if plan.widens and not command.approvers and tx.directory.staff():
            raise RefusedError("nobody approved a plan by which somebody can do more", code="directory.approval")
        if plan.changes:
            entries = EnrolDirectory(
                organisations=plan.organisations,
                staff=plan.staff,
                accounts=file.accounts,
                mandates=plan.mandates,
                withdrawn=plan.withdrawn,
                revoked=plan.revoked,
            )
            _keep(entries, tx, now, plan=plan.digest, approvers=list(command.approvers))
    return plan


def _plan(file: DirectoryFile, tx: Transaction, now: datetime) -> Plan:
    known = _on_record(tx)
    _check_known(_strangers(file, known.organisations, known.staff))
    accounts = {staff: tx.directory.stand_in(account) for staff, account in file.accounts.items()}
    holders = {account: staff for staff, account in known.accounts.items()}
    taken = tuple(
        f"the account of {staff} is that of {holders[account]}"
        for staff, account in accounts.items()
        if holders.get(account, staff) != staff
    )
    if taken:
        raise ConflictError("an account is one person's", code="directory.account", errors=taken)
    return make_plan(file, known, accounts, legal_day(now))


def _on_record(tx: Transaction) -> OnRecord:
    staff = {one.id: one for one in tx.directory.staff()}
    keys: dict[str, tuple[str, ...]] = {}
    for key in tx.directory.keys_of(list(staff)):
        keys[key.staff] = (*keys.get(key.staff, ()), key.key_id)
    return OnRecord(
        organisations={one.id: one for one in tx.directory.organisations()},
        staff=staff,
        accounts=tx.directory.stand_ins(),
        mandates=frozenset(tx.directory.mandates()),
        keys=keys,
    )


def enrol_directory(command: EnrolDirectory, w: Wiring) -> None:
    """Keep the entries as they stand, without a plan: how a directory is filled for a demonstration or a measurement.

    Raises NotFoundError for a new member of staff without an account, ConflictError for an account that is another's,
    InputError `directory.unknown` for an organisation or a member of staff that is named and that nobody knows.
    """
    now = w.clock()
    with w.store.changing_directory() as tx:
        organisations = {one.id for one in tx.directory.organisations()}
        _check_known(_strangers(command, organisations, {one.id for one in tx.directory.staff()}))
        _keep(command, tx, now)


def _keep(entries: EnrolDirectory, tx: Transaction, now: datetime, **said: Any) -> None:
    """Keep entries, organisations first, and put in the log which, and what else is said."""
    for portion in _portions(entries):
        for organisation in portion.organisations:
            tx.directory.put_organisation(organisation)
        for staff in portion.staff:
            tx.directory.put_staff(staff, portion.accounts.get(staff.id))
        for mandate in portion.withdrawn:
            tx.directory.withdraw_mandate(mandate)
        for mandate in portion.mandates:
            tx.directory.put_mandate(mandate)
        tx.directory.revoke_keys(portion.revoked, now)
        named = {staff.id for staff in portion.staff} | set(portion.revoked)
        named |= {mandate.staff for mandate in (*portion.mandates, *portion.withdrawn)}
        detail = {"organisations": [one.id for one in portion.organisations], "staff": sorted(named), **said}
        tx.log.append(Event(id=new_id("evt", now), tag="directory:entry:enrolled", at=now, detail=detail))


def _portions(entries: EnrolDirectory) -> Iterator[EnrolDirectory]:
    """Yield the entries in their order, at most so many at a time as one event can account for."""
    flat = [(kind, entry) for kind in _IN_ORDER for entry in getattr(entries, kind)]
    for start in range(0, len(flat), MOST_IN_AN_EVENT):
        portion = flat[start : start + MOST_IN_AN_EVENT]
        named: dict[str, Any] = {name: tuple(entry for kind, entry in portion if kind == name) for name in _IN_ORDER}
        yield replace(entries, **named)


def _check_known(strangers: Iterator[str]) -> None:
    unknown = tuple(strangers)
    if unknown:
        raise InputError("the directory knows nobody of this name", code="directory.unknown", errors=unknown)


def _strangers(
    named: DirectoryFile | EnrolDirectory, organisations: Collection[str], members: Collection[str]
) -> Iterator[str]:
    """Yield each entry that names an organisation or a member of staff that neither it nor the directory has."""
    known = {*organisations, *(one.id for one in named.organisations)}
    for staff in named.staff:
        if staff.organisation not in known:
            yield f"{staff.id} is of {staff.organisation}"
    enrolled = {*members, *(staff.id for staff in named.staff)}
    for holder in sorted({mandate.staff for mandate in named.mandates} - enrolled):
        yield f"a mandate is of {holder}"
    if isinstance(named, DirectoryFile):
        yield from (f"{staff} left" for staff in sorted(set(named.left) - enrolled))


def enrol_key(command: EnrolKey, w: Wiring) -> StaffKey:
    """Keep the actor's public keys, which wait to be confirmed; what is in use stays so until then.

    Raises ParseError when they are not keys, InputError `key.not_held` when the proof was not made with them,
    ConflictError `key.taken` when they were enrolled before.
    """
    now = w.clock()
    authorise("enrol_key", command.actor, now, w.gate)
    recipient = RecipientKey(command.public_opening)
    _check_held(command)
    key = StaffKey(
        key_id=recipient.key_id,
        staff=command.actor.staff.id,
        public_opening=command.public_opening,
        public_signing=command.public_signing,
        enrolled_at=now,
    )
    with w.store.changing_directory((command.actor, now)) as tx:
        on_record = tx.directory.put_key(key)
        tx.log.append(act("directory:key:enrolled", command.actor, now, key=key.key_id))
    return on_record


def _check_held(command: EnrolKey) -> None:
    """Raise InputError unless whoever enrols the key holds it: nobody enrols another's before he does."""
    check_public_key(command.public_signing)
    message = enrolment_message(command.public_opening, command.public_signing)
    try:
        verify_signature(public=command.public_signing, signature=command.proof, message=message)
    except SignatureError:
        raise InputError("the key is not held by who enrols it", code="key.not_held") from None


def confirm_key(command: ConfirmKey, w: Wiring) -> StaffKey:
    """Say that a key of a colleague is his, after hearing its id from himself; from now on it is the one in use.

    Raises NotFoundError for a key that does not wait at the actor's organisation, RefusedError for one's own.
    """
    now, actor = w.clock(), command.actor
    with w.store.changing_directory((actor, now)) as tx:
        key = _waiting(tx, command.key)
        holder = tx.directory.get_staff(key.staff)
        if holder.organisation != actor.organisation.id or not holder.active:
            raise NotFoundError("there is no such key at this organisation")
        own = holder.id == actor.staff.id
        authorise("confirm_key", actor, now, w.gate, own=own)
        return _confirm(key, actor.organisation.id, actor.staff.id, tx, now)


def vouch_for_key(key_id: str, w: Wiring) -> StaffKey:
    """Confirm a key as the operator, where there is no second person; called by his command only, never over HTTP."""
    now = w.clock()
    with w.store.changing_directory() as tx:
        key = _waiting(tx, key_id)
        holder = tx.directory.get_staff(key.staff)
        return _confirm(key, holder.organisation, OPERATOR, tx, now)


def keys_here(actor: Actor, w: Wiring) -> tuple[StaffKey, ...]:
    """Return the actor's own keys, in use and waiting, and those of colleagues that wait to be confirmed."""
    now = w.clock()
    authorise("enrol_key", actor, now, w.gate)
    with w.store.reading() as tx:
        colleagues = tx.directory.colleagues(actor.organisation.id, "high", legal_day(now))
        found = tx.directory.keys_of([colleague.staff.id for colleague in colleagues])
    return tuple(key for key in found if key.staff == actor.staff.id or not key.is_confirmed)


def _waiting(tx: Transaction, key_id: str) -> StaffKey:
    key = tx.directory.find_key(key_id)
    if key is None or key.is_confirmed or key.revoked_at is not None:
        raise NotFoundError("no key with this id waits")
    return key


def _confirm(key: StaffKey, organisation: str, by: str, tx: Transaction, now: datetime) -> StaffKey:
    event = new_id("evt", now)
    confirmed = key.confirmed(organisation=organisation, by=by, at=now, event=event)
    tx.directory.confirm_key(confirmed)
    detail = {"staff": by, "organisation": organisation, "holder": key.staff, "key": key.key_id}
    tx.log.append(Event(id=event, tag=CONFIRMED, at=now, manifest=confirmed.commitment(), detail=detail))
    return confirmed

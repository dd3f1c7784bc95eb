"""Cases and their persons, in the requester's file.

A person's name and birth date are encrypted under that person's own data key, the case's reference under the case's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    Select,
    Table,
    Text,
    UniqueConstraint,
    and_,
    bindparam,
    delete,
    func,
    select,
    update,
)
from typing_extensions import override

from broker.domain.case import Case, IndexMatch, Order, Person, PersonFacts
from broker.domain.case import Cases as CasesPort
from broker.domain.directory import Actor
from broker.kernel.errors import NotFoundError
from broker.kernel.values import fields_of
from broker.store.changes import Changes
from broker.store.compiled import Lookup
from broker.store.encryption import Encryption, data_keys
from broker.store.request import SEES_REQUEST, requests
from broker.store.schema import Nested, metadata
from broker.store.scope import ORGANISATION, as_reader, case_staff, is_assigned

cases = Table(
    "cases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("organisation", ForeignKey("organisations.id"), nullable=False),
    Column("reference", LargeBinary),
    Column("vt_phase", Text),
    Column("investigation_determined_on", Date),
    Column("rvdk_task", Text),
    Column("gi_role", Text),
    Column("court_order", Nested, key="order"),
    Column("zvh_case", Boolean, nullable=False),
    Column("litigation_between_parents", Boolean, nullable=False),
    Column("vir", Nested),
)

persons = Table(
    "persons",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), key="case", nullable=False),
    Column("position", Integer, nullable=False),
    Column("ref", Text, nullable=False),
    Column("name", LargeBinary),
    Column("birth_on", LargeBinary),
    Column("facts", Nested),
    UniqueConstraint("case", "ref"),
)

SEES_CASE: ColumnElement[bool] = and_(cases.c.organisation == ORGANISATION, is_assigned(cases.c.id))
"""The case belongs to the reader's organisation and he is assigned to it."""

_CASE_KEY, _PERSON_KEY = data_keys.alias(), data_keys.alias()
_STAFF = select(func.aggregate_strings(case_staff.c.staff, "\n")).where(case_staff.c.case == cases.c.id)
# One statement for a case with all that belongs to it: a row for each person, the case's own columns repeated.
_READ: Select[Any] = (
    select(
        *(column.label(f"case_{column.key}") for column in cases.c),
        _CASE_KEY.c.wrapped.label("case_wrapped"),
        _STAFF.scalar_subquery().label("case_staff"),
        *(column.label(f"person_{column.key}") for column in persons.c),
        _PERSON_KEY.c.wrapped.label("person_wrapped"),
    )
    .select_from(cases)
    .outerjoin(persons, persons.c.case == cases.c.id)
    .outerjoin(_CASE_KEY, _CASE_KEY.c.subject == cases.c.id)
    .outerjoin(_PERSON_KEY, _PERSON_KEY.c.subject == persons.c.id)
    .order_by(cases.c.id.desc(), persons.c.position)  # identifiers sort by time: newest first
)
_SAVE = update(cases).where(cases.c.id == bindparam("of"))
_DELETE_PERSON = delete(persons).where(persons.c.id == bindparam("of"))
_WITHDRAW_STAFF = delete(case_staff).where(case_staff.c.case == bindparam("of"))
_CASE = cases.c.id == bindparam("of_case", type_=Text())
_ON_RECORD = _READ.where(_CASE)
_ALL = _READ.where(SEES_CASE)
_ONE = _ALL.where(_CASE)
_OF_REQUEST = _READ.join(requests, requests.c.case == cases.c.id).where(
    SEES_REQUEST, requests.c.id == bindparam("request", type_=Text())
)


class Cases(CasesPort):
    """The cases within one transaction."""

    def __init__(self, connection: Connection, encryption: Encryption, changes: Changes) -> None:
        self._connection, self._changes = connection, changes
        self._encryption = encryption
        self._known: dict[str, Case] = {}  # who acts on a case holds it, so it is as he read it
        encryption.when_destroyed(lambda _: self._known.clear())

    @override
    def add(self, case: Case) -> None:
        self._encryption.begin([case.id, *(person.id for person in case.persons)])
        self._changes.insert(cases, [self._to_row(case)])
        self._changes.insert(persons, self._person_rows(case))
        self._assign(case)

    @override
    def save(self, case: Case) -> None:
        self._known.clear()
        known = set(self._connection.scalars(select(persons.c.id).where(persons.c.case == case.id)))
        kept = {person.id for person in case.persons}
        self._encryption.find([case.id, *(known & kept)])
        if self._changes.update(_SAVE, {"of": case.id, **self._to_row(case)}) != 1:
            raise NotFoundError("there is no such case")
        self._encryption.begin(sorted(kept - known))
        for gone in sorted(known - kept):
            self._changes.delete(_DELETE_PERSON, {"of": gone})
            self._encryption.destroy(gone)
        self._changes.replace(persons, self._person_rows(case))
        self._changes.delete(_WITHDRAW_STAFF, {"of": case.id})
        self._assign(case)

    def on_record(self, case: str) -> Case:
        """Return the case for the decision document, or raise NotFoundError; the names in it go nowhere."""
        return self._known.get(case) or self._one(*_lookup_on_record(case))

    def lookups_on_record(self, case: str) -> list[Lookup]:
        """Return what `on_record` has to look up."""
        return [] if case in self._known else [_lookup_on_record(case)]

    @override
    def get(self, case: str, *, reader: Actor) -> Case:
        return self._one(*case_lookup(case, reader=reader))

    @override
    def of_request(self, request: str, *, reader: Actor) -> Case:
        return self._one(_OF_REQUEST, as_reader(reader) | {"request": request})

    @override
    def all_of(self, *, reader: Actor) -> tuple[Case, ...]:
        return tuple(self._read(_ALL, as_reader(reader)))

    def _one(self, statement: Select[Any], values: Mapping[str, Any]) -> Case:
        found = next(iter(self._read(statement, values)), None)
        if found is None:
            raise NotFoundError("there is no such case for this reader")
        self._known[found.id] = found
        return found

    def _read(self, statement: Select[Any], values: Mapping[str, Any]) -> Iterable[Case]:
        rows = self._connection.execute(statement, values).all()
        return [self._from_rows(list(group)) for _, group in groupby(rows, key=lambda row: row.case_id)]

    def _assign(self, case: Case) -> None:
        self._changes.insert(case_staff, [{"case": case.id, "staff": member} for member in sorted(case.staff)])

    def _to_row(self, case: Case) -> dict[str, Any]:
        return {
            "id": case.id,
            "organisation": case.organisation,
            "reference": self._encryption.encrypt(
                case.reference, subject=case.id, table="cases", column="reference", row=case.id
            ),
            "vt_phase": case.vt_phase,
            "investigation_determined_on": case.investigation_determined_on,
            "rvdk_task": case.rvdk_task,
            "gi_role": case.gi_role,
            "order": _order_to_row(case.order),
            "zvh_case": case.zvh_case,
            "litigation_between_parents": case.litigation_between_parents,
            "vir": {"authorised": case.vir.authorised, "risk": case.vir.risk} if case.vir else None,
        }

    def _person_rows(self, case: Case) -> list[dict[str, Any]]:
        return [
            {
                "id": person.id,
                "case": case.id,
                "position": position,
                "ref": person.ref,
                "name": self._encrypt(person, "name", person.name),
                "birth_on": self._encrypt(person, "birth_on", person.birth_on.isoformat() if person.birth_on else None),
                "facts": fields_of(PersonFacts, person),
            }
            for position, person in enumerate(case.persons)
        ]

    def _encrypt(self, person: Person, column: str, text: str | None) -> bytes | None:
        if text is None:
            return None
        return self._encryption.encrypt(text, subject=person.id, table="persons", column=column, row=person.id)

    def _from_rows(self, rows: list[Row[Any]]) -> Case:
        row = rows[0]
        reference = self._encryption.decrypt(
            row.case_reference,
            subject=row.case_id,
            wrapped=row.case_wrapped,
            table="cases",
            column="reference",
            row=row.case_id,
        )
        return Case(
            id=row.case_id,
            organisation=row.case_organisation,
            reference=reference or "",
            persons=tuple(self._person(each) for each in rows if each.person_id is not None),
            staff=frozenset(row.case_staff.split("\n")) if row.case_staff else frozenset(),
            vt_phase=row.case_vt_phase,
            investigation_determined_on=row.case_investigation_determined_on,
            rvdk_task=row.case_rvdk_task,
            gi_role=row.case_gi_role,
            order=_order_from_row(row.case_order),
            zvh_case=row.case_zvh_case,
            litigation_between_parents=row.case_litigation_between_parents,
            vir=IndexMatch(**row.case_vir) if row.case_vir else None,
        )

    def _person(self, row: Row[Any]) -> Person:
        birth_on = self._open_of(row, "birth_on")
        return Person(
            id=row.person_id,
            ref=row.person_ref,
            name=self._open_of(row, "name") or "",
            birth_on=date.fromisoformat(birth_on) if birth_on else None,
            **{**row.person_facts, "authority": tuple(row.person_facts["authority"])},
        )

    def _open_of(self, row: Row[Any], column: str) -> str | None:
        return self._encryption.decrypt(
            getattr(row, f"person_{column}"),
            subject=row.person_id,
            wrapped=row.person_wrapped,
            table="persons",
            column=column,
            row=row.person_id,
        )


def case_lookup(case: str, *, reader: Actor) -> Lookup:
    """Return how `Cases.get` looks one up."""
    return _ONE, as_reader(reader) | {"of_case": case}


def _lookup_on_record(case: str) -> Lookup:
    return _ON_RECORD, {"of_case": case}


def _order_to_row(order: Order | None) -> dict[str, Any] | None:
    if order is None:
        return None
    return {
        "kind": order.kind,
        "from_on": order.from_on.isoformat(),
        "until_on": order.until_on.isoformat(),
        "executing_organisation": order.executing_organisation,
        "child": order.child,
    }


def _order_from_row(row: dict[str, Any] | None) -> Order | None:
    if row is None:
        return None
    return Order(
        kind=row["kind"],
        from_on=date.fromisoformat(row["from_on"]),
        until_on=date.fromisoformat(row["until_on"]),
        executing_organisation=row["executing_organisation"],
        child=row["child"],
    )

"""Consent records: what a person allowed, refused or withdrew. Persons are refs within their case, never names."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    ForeignKey,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    exists,
    or_,
    select,
    update,
)
from typing_extensions import override

from broker.domain.consent import Consent
from broker.domain.consent import Consents as ConsentsPort
from broker.domain.directory import Actor
from broker.domain.request import InformationRequest
from broker.kernel.errors import NotFoundError
from broker.store.case import SEES_CASE, cases
from broker.store.changes import Changes
from broker.store.compiled import Lookup
from broker.store.request import SEES_AS_RESPONDER, SEES_REQUEST, requests
from broker.store.schema import Moment, Nested, by_key, metadata
from broker.store.scope import ORGANISATION, as_reader

consents = Table(
    "consents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), key="case", nullable=False, index=True),
    Column("about", Text, nullable=False),
    Column("given_by", Nested, nullable=False),
    Column("status", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("categories", Nested, nullable=False),
    Column("given_on", Date, key="on", nullable=False),
    Column("until_on", Date),
    Column("free", Boolean, nullable=False),
    Column("explicit", Boolean, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("recorded_by", ForeignKey("staff.id"), nullable=False),
    Column("organisation", ForeignKey("organisations.id"), nullable=False),
    Column("changed_at", Moment, nullable=False),
)

_ALL = select(consents).order_by(consents.c.id)  # identifiers sort by time: oldest first
_SAVE = update(consents).where(consents.c.id == bindparam("of"))
_OF_CASE = consents.c.case == bindparam("of_case", type_=Text())
_SAME_CASE = requests.c.case == bindparam("of_case", type_=Text())
_BY = consents.c.organisation.in_((bindparam("organisation"), bindparam("or_organisation")))

# The reader sees what his own organisation recorded, while the case or a request on it is his to see.
_IS_OWN = and_(
    consents.c.organisation == ORGANISATION,
    or_(
        exists().where(cases.c.id == consents.c.case, SEES_CASE),
        exists().where(requests.c.case == consents.c.case, SEES_REQUEST),
    ),
)
_ONE = _ALL.where(_IS_OWN, consents.c.id == bindparam("consent", type_=Text()))
_OWN = _ALL.where(_IS_OWN, _OF_CASE)
_RECORDED_BY = _ALL.where(_OF_CASE, _BY)

# Who is asked also sees what the asking organisation says it has, about those whom his requests are about.
_TO_READER = select(requests.c.requester, requests.c.persons).where(_SAME_CASE, SEES_AS_RESPONDER)


class Consents(ConsentsPort):
    """The consents within one transaction."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection, self._changes = connection, changes

    @override
    def add(self, consent: Consent) -> None:
        row = dataclasses.asdict(consent)
        row["given_by"], row["categories"] = list(consent.given_by), list(consent.categories)
        self._changes.insert(consents, [row])

    @override
    def save(self, consent: Consent) -> None:
        changed = {"of": consent.id, "status": consent.status, "changed_at": consent.changed_at}
        if self._changes.update(_SAVE, changed) != 1:
            raise NotFoundError("there is no such consent")

    @override
    def get(self, consent: str, *, reader: Actor) -> Consent:
        row = self._connection.execute(_ONE, as_reader(reader) | {"consent": consent}).one_or_none()
        if row is None:
            raise NotFoundError("there is no such consent for this reader")
        return _from_row(row)

    @override
    def of_case(self, case: str, *, reader: Actor) -> tuple[Consent, ...]:
        values = {**as_reader(reader), "of_case": case}
        own = [_from_row(row) for row in self._connection.execute(_OWN, values)]
        claimed: dict[str, Consent] = {}
        for requester, persons in self._connection.execute(_TO_READER, values).all():
            by_requester = self._read(consents_lookup(case, requester, requester))
            claimed |= {consent.id: consent for consent in by_requester if consent.about in persons}
        return tuple(sorted([*own, *claimed.values()], key=lambda consent: consent.id))

    def on_record(self, request: InformationRequest) -> tuple[Consent, ...]:
        """Return what either organisation recorded about the persons of this request, for the decision document."""
        recorded = self._read(consents_lookup(request.case, request.requester, request.responder))
        return tuple(consent for consent in recorded if consent.about in request.persons)

    def _read(self, lookup: Lookup) -> Iterator[Consent]:
        return (_from_row(row) for row in self._connection.execute(*lookup))


def consents_lookup(case: str, organisation: str, or_organisation: str) -> Lookup:
    """Return how what either of two organisations recorded on a case is looked up."""
    return _RECORDED_BY, {"of_case": case, "organisation": organisation, "or_organisation": or_organisation}


def _from_row(row: Row[Any]) -> Consent:
    values = by_key(consents.c, row._mapping)
    return Consent(**values | {"given_by": tuple(values["given_by"]), "categories": tuple(values["categories"])})

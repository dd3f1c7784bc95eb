"""Consent records: what a person allowed, refused or withdrew. Persons are refs within their case, never names."""

from __future__ import annotations

import dataclasses
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
    exists,
    insert,
    or_,
    select,
    update,
)

from broker.domain.consent import Consent
from broker.domain.directory import Actor
from broker.kernel.errors import NotFoundError
from broker.store.case import SEES_CASE, cases
from broker.store.request import SEES_REQUEST, requests
from broker.store.schema import Moment, Nested, metadata
from broker.store.scope import as_reader

consents = Table(
    "consents",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case", ForeignKey("cases.id"), nullable=False, index=True),
    Column("about", Text, nullable=False),
    Column("given_by", Nested, nullable=False),
    Column("status", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("categories", Nested, nullable=False),
    Column("on", Date, nullable=False),
    Column("until_on", Date),
    Column("free", Boolean, nullable=False),
    Column("explicit", Boolean, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("recorded_by", ForeignKey("staff.id"), nullable=False),
    Column("organisation", ForeignKey("organisations.id"), nullable=False),
    Column("changed_at", Moment, nullable=False),
)

# A reader sees a consent with its case, or with a request on its case that was put before him.
_READ = (
    select(consents)
    .join(cases)
    .where(or_(SEES_CASE, exists().where(requests.c.case == consents.c.case, SEES_REQUEST)))
    .order_by(consents.c.id)  # identifiers sort by time: oldest first
)


class Consents:
    """The consents within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, consent: Consent) -> None:
        """Keep a new consent record; one with the same id is ConflictError."""
        row = dataclasses.asdict(consent)
        row["given_by"], row["categories"] = list(consent.given_by), list(consent.categories)
        self._connection.execute(insert(consents), row)

    def save(self, consent: Consent) -> None:
        """Keep its changed status and since when; raise NotFoundError for an unknown one."""
        changed = {"status": consent.status, "changed_at": consent.changed_at}
        if self._connection.execute(update(consents).where(consents.c.id == consent.id), changed).rowcount != 1:
            raise NotFoundError("there is no such consent")

    def get(self, consent: str, *, reader: Actor) -> Consent:
        """Return the record when the reader sees its case or a request on it, else NotFoundError."""
        row = self._connection.execute(_READ.where(consents.c.id == consent), as_reader(reader)).one_or_none()
        if row is None:
            raise NotFoundError("there is no such consent for this reader")
        return _from_row(row)

    def of_case(self, case: str, *, reader: Actor) -> tuple[Consent, ...]:
        """Return the consents about persons of this case, oldest first, for a reader as above; on others none."""
        rows = self._connection.execute(_READ.where(consents.c.case == case), as_reader(reader))
        return tuple(_from_row(row) for row in rows)


def _from_row(row: Row[Any]) -> Consent:
    values = row._asdict()
    return Consent(**values | {"given_by": tuple(values["given_by"]), "categories": tuple(values["categories"])})

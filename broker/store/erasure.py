"""Erasures asked for and carried out."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Row, Table, Text, bindparam, exists, or_, select, update
from typing_extensions import override

from broker.domain.directory import Actor
from broker.domain.erasure import Erasure
from broker.domain.erasure import Erasures as ErasuresPort
from broker.domain.request import State
from broker.kernel.errors import ConflictError, NotFoundError
from broker.store.case import persons
from broker.store.changes import Changes
from broker.store.release import releases
from broker.store.request import requests
from broker.store.schema import Moment, by_key, metadata
from broker.store.scope import ORGANISATION, as_reader

erasures = Table(
    "erasures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), key="case", nullable=False, index=True),
    Column("person", Text),
    Column("organisation", ForeignKey("organisations.id"), nullable=False),
    Column("asked_by", ForeignKey("staff.id"), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("confirmed_by", ForeignKey("staff.id")),
    Column("done_at", Moment),
)

_DONE = update(erasures).where(erasures.c.id == bindparam("of"), erasures.c.done_at.is_(None))
_OURS = select(erasures).where(erasures.c.organisation == ORGANISATION)
_GOES_ON = or_(
    requests.c.state.in_((State.DELIVERED, State.WEIGHING)),
    exists().where(releases.c.request == requests.c.id, releases.c.erased_at.is_(None)),
)


class Erasures(ErasuresPort):
    """The erasures within one transaction."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection, self._changes = connection, changes

    @override
    def add(self, erasure: Erasure) -> None:
        self._changes.insert(erasures, [dataclasses.asdict(erasure)])

    @override
    def save(self, erasure: Erasure) -> None:
        values = {"of": erasure.id, "confirmed_by": erasure.confirmed_by, "done_at": erasure.done_at}
        if self._changes.update(_DONE, values) != 1:
            raise ConflictError("this was erased in the meantime", code="store.race")

    @override
    def get(self, erasure: str, *, reader: Actor) -> Erasure:
        row = self._connection.execute(_OURS.where(erasures.c.id == erasure), as_reader(reader)).one_or_none()
        if row is None:
            raise NotFoundError("there is no such erasure for this reader")
        return _from_row(row)

    @override
    def waiting(self, *, reader: Actor) -> tuple[Erasure, ...]:
        statement = _OURS.where(erasures.c.done_at.is_(None)).order_by(erasures.c.id)
        return tuple(_from_row(row) for row in self._connection.execute(statement, as_reader(reader)))

    @override
    def subjects(self, case: str, person: str | None) -> tuple[str, ...]:
        if self._connection.execute(select(requests.c.id).where(requests.c.case == case, _GOES_ON).limit(1)).first():
            raise ConflictError("a question on this case is open, or an answer is kept", code="erasure.in_use")
        of_case = select(persons.c.id).where(persons.c.case == case)
        if person is not None:
            found = tuple(self._connection.scalars(of_case.where(persons.c.ref == person)))
            if not found:
                raise NotFoundError("there is no such person in this case")
            return found
        asked = select(requests.c.id).where(requests.c.case == case)
        return (case, *self._connection.scalars(of_case), *self._connection.scalars(asked))


def _from_row(row: Row[Any]) -> Erasure:
    return Erasure(**by_key(erasures.c, row._mapping))

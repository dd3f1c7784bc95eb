"""Erasures asked for and carried out."""

from __future__ import annotations

import dataclasses

from sqlalchemy import Column, Connection, ForeignKey, Table, Text, and_, exists, or_, select

from broker.domain.directory import Actor
from broker.domain.erasure import Erasure
from broker.domain.request import State
from broker.kernel.errors import ConflictError, NotFoundError
from broker.store.case import persons
from broker.store.changes import Changes
from broker.store.release import releases
from broker.store.request import requests
from broker.store.schema import Moment, metadata
from broker.store.scope import ORGANISATION, as_reader

erasures = Table(
    "erasures",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case", ForeignKey("cases.id"), nullable=False, index=True),
    Column("person", Text),
    Column("organisation", ForeignKey("organisations.id"), nullable=False),
    Column("asked_by", ForeignKey("staff.id"), nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("confirmed_by", ForeignKey("staff.id")),
    Column("done_at", Moment),
)

_OURS = select(erasures).where(erasures.c.organisation == ORGANISATION)
_GOES_ON = or_(
    requests.c.state.in_((State.DELIVERED, State.WEIGHING)),
    exists().where(releases.c.request == requests.c.id, releases.c.erased_at.is_(None)),
)


class Erasures:
    """The erasures within one transaction."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection, self._changes = connection, changes

    def add(self, erasure: Erasure) -> None:
        """Keep what was asked for."""
        self._changes.insert(erasures, [dataclasses.asdict(erasure)])

    def save(self, erasure: Erasure) -> None:
        """Keep that it was carried out; ConflictError `store.race` when it was in the meantime."""
        waits = and_(erasures.c.id == erasure.id, erasures.c.done_at.is_(None))
        values = {"confirmed_by": erasure.confirmed_by, "done_at": erasure.done_at}
        if self._changes.update(erasures, waits, values) != 1:
            raise ConflictError("this was erased in the meantime", code="store.race")

    def get(self, erasure: str, *, reader: Actor) -> Erasure:
        """Return what was asked for at the reader's organisation, or raise NotFoundError."""
        row = self._connection.execute(_OURS.where(erasures.c.id == erasure), as_reader(reader)).one_or_none()
        if row is None:
            raise NotFoundError("there is no such erasure for this reader")
        return Erasure(**row._asdict())

    def waiting(self, *, reader: Actor) -> tuple[Erasure, ...]:
        """Return what waits for a second person of the reader's organisation, the oldest first."""
        statement = _OURS.where(erasures.c.done_at.is_(None)).order_by(erasures.c.id)
        return tuple(Erasure(**row._asdict()) for row in self._connection.execute(statement, as_reader(reader)))

    def subjects(self, case: str, person: str | None) -> tuple[str, ...]:
        """Return whose data keys an erasure destroys: a person's, or those of a case, its persons and its requests.

        Raises NotFoundError for a person who is not in it, ConflictError `erasure.in_use` while a question on the case
        is open or an answer is kept.
        """
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

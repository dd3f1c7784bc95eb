"""Duties whose clocks run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Row,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    case,
    or_,
    select,
    update,
)
from typing_extensions import override

from broker.domain.directory import Actor
from broker.domain.obligation import Obligation
from broker.domain.obligation import Obligations as ObligationsPort
from broker.kernel.errors import ConflictError, NotFoundError
from broker.kernel.values import fields_of
from broker.store.changes import Changes
from broker.store.request import SEES_AS_REQUESTER, SEES_AS_RESPONDER, requests
from broker.store.schema import Moment, by_key, metadata
from broker.store.scope import ORGANISATION, as_reader

duties = Table(
    "obligations",
    metadata,
    Column("id", Text, primary_key=True),
    # Deferred: a flow writes request, decision and obligations in the order of its story.
    Column("request", ForeignKey("requests.id", deferrable=True, initially="DEFERRED"), nullable=False, index=True),
    Column("decision", ForeignKey("decisions.id", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("code", Text, nullable=False),
    Column("party", Text, key="on", nullable=False),
    Column("person", Text),
    Column("due", Moment),
    Column("done_at", Moment),
    Column("overdue_at", Moment),
)
RUNS = and_(duties.c.due.is_not(None), duties.c.done_at.is_(None))
"""The duty has a date and is not done."""

_IS_NEWS = and_(RUNS, duties.c.overdue_at.is_(None))
Index("ix_obligations_running", duties.c.due, sqlite_where=_IS_NEWS, postgresql_where=_IS_NEWS)
Index("ix_obligations_open", duties.c.due, sqlite_where=RUNS, postgresql_where=RUNS)

_SAVE = update(duties).where(duties.c.id == bindparam("of"), duties.c.done_at.is_(None))
_OF_REQUEST = (
    select(duties)
    .join(requests)
    .where(
        duties.c.request == bindparam("request", type_=Text()),
        or_(SEES_AS_RESPONDER, and_(SEES_AS_REQUESTER, duties.c.on != "responder")),
    )
    .order_by(duties.c.due.asc().nulls_last(), duties.c.code, duties.c.id)
)
# An officer's duty is about what was released, so it is of who answered.
_OF_ANSWERER = duties.c.on.in_(("responder", "privacy_officer"))
_OWES = or_(
    and_(duties.c.on == "responder", SEES_AS_RESPONDER),
    and_(duties.c.on == "requester", SEES_AS_REQUESTER),
    and_(duties.c.on == "privacy_officer", requests.c.responder == ORGANISATION),
)
WHOSE = case((_OF_ANSWERER, requests.c.responder), else_=requests.c.requester)
"""The organisation whose duty it is."""

_WAITS_FOR_OFFICER = (
    select(duties)
    .join(requests)
    .where(RUNS, WHOSE == ORGANISATION, or_(duties.c.on == "privacy_officer", duties.c.overdue_at.is_not(None)))
    .order_by(duties.c.due, duties.c.id)
)


class Obligations(ObligationsPort):
    """The obligations within one transaction."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection, self._changes = connection, changes

    @override
    def add(self, obligations: Sequence[Obligation]) -> None:
        self._changes.insert(duties, [fields_of(Obligation, each) for each in obligations])

    @override
    def of_request(self, request: str, *, reader: Actor) -> tuple[Obligation, ...]:
        return self._found(_OF_REQUEST, as_reader(reader) | {"request": request})

    @override
    def get(self, obligation: str, *, reader: Actor) -> Obligation:
        statement = select(duties).join(requests).where(duties.c.id == obligation, _OWES)
        found = self._found(statement, as_reader(reader))
        if not found:
            raise NotFoundError("there is no such duty for this reader")
        return found[0]

    @override
    def save(self, obligations: Sequence[Obligation]) -> None:
        for each in obligations:
            values = {"of": each.id, "done_at": each.done_at, "overdue_at": each.overdue_at}
            if not self._changes.update(_SAVE, values):
                raise ConflictError("the duty was done in the meantime", code="store.race")

    @override
    def due(self, request: str, *, on: str, code: str | None = None) -> tuple[Obligation, ...]:
        statement = select(duties).where(RUNS, duties.c.request == request, duties.c.on == on)
        if code is not None:
            statement = statement.where(duties.c.code == code)
        return self._found(statement.order_by(duties.c.id))

    @override
    def passed(self, now: datetime, *, limit: int) -> tuple[tuple[Obligation, str], ...]:
        statement = (
            select(duties, WHOSE.label("whose"))
            .join(requests)
            .where(_IS_NEWS, duties.c.on != "broker", duties.c.due <= now)
            .order_by(duties.c.due)
            .limit(limit)
        )
        return tuple((_from_row(row), row.whose) for row in self._connection.execute(statement))

    @override
    def for_officer(self, *, reader: Actor) -> tuple[Obligation, ...]:
        return self._found(_WAITS_FOR_OFFICER, as_reader(reader))

    def _found(self, statement: Select[Any], values: Mapping[str, str] | None = None) -> tuple[Obligation, ...]:
        return tuple(_from_row(row) for row in self._connection.execute(statement, values))


def _from_row(row: Row[Any]) -> Obligation:
    return Obligation(**by_key(duties.c, row._mapping))

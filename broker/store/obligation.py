"""Duties whose clocks run."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from sqlalchemy import Column, Connection, ForeignKey, Table, Text, and_, or_, select

from broker.domain.directory import Actor
from broker.domain.obligation import Obligation
from broker.store.changes import Changes
from broker.store.request import SEES_AS_REQUESTER, SEES_AS_RESPONDER, requests
from broker.store.schema import Moment, metadata
from broker.store.scope import as_reader

duties = Table(
    "obligations",
    metadata,
    Column("id", Text, primary_key=True),
    # Deferred: a flow writes request, decision and obligations in the order of its story.
    Column("request", ForeignKey("requests.id", deferrable=True, initially="DEFERRED"), nullable=False, index=True),
    Column("decision", ForeignKey("decisions.id", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("code", Text, nullable=False),
    Column("on", Text, nullable=False),
    Column("person", Text),
    Column("due", Moment),
    Column("done_at", Moment),
)

_OF_REQUEST = (
    select(duties)
    .join(requests)
    .where(or_(SEES_AS_RESPONDER, and_(SEES_AS_REQUESTER, duties.c.on != "responder")))
    .order_by(duties.c.due.asc().nulls_last(), duties.c.code, duties.c.id)
)


class Obligations:
    """The obligations within one transaction."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection, self._changes = connection, changes

    def add(self, obligations: Sequence[Obligation]) -> None:
        """Keep new obligations, in one statement; one with the same id is ConflictError."""
        self._changes.insert(duties, [dataclasses.asdict(each) for each in obligations])

    def of_request(self, request: str, *, reader: Actor) -> tuple[Obligation, ...]:
        """Return the obligations of a request that the reader sees, by due date, those without one last.

        What the responder owes, and to whom, is not for the asking side.
        """
        rows = self._connection.execute(_OF_REQUEST.where(duties.c.request == request), as_reader(reader))
        return tuple(Obligation(**row._asdict()) for row in rows)

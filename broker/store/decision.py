"""Decisions on record, with the documents they were made on, kept as canonical JSON so that a replay is byte-exact.

The documents hold refs and codes only (decision.md), so they are not sealed.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, Row, Table, Text, insert, select

from broker.crypto.canonical import canonical
from broker.domain.decision import Decided, decision_of, document_of
from broker.domain.directory import Actor
from broker.kernel.errors import NotFoundError
from broker.store.request import IS_PARTY, requests
from broker.store.schema import Moment, metadata
from broker.store.scope import as_reader

decisions = Table(
    "decisions",
    metadata,
    Column("id", Text, primary_key=True),
    # Deferred: a flow writes request and decision in the order of its story.
    Column("request", ForeignKey("requests.id", deferrable=True, initially="DEFERRED"), index=True),
    Column("stage", Text, nullable=False),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("question", Text, nullable=False),
    Column("decision", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("digest", Text, nullable=False),
)

_READ = select(decisions).join(requests).where(IS_PARTY)


class Decisions:
    """The decisions within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, decided: Decided) -> None:
        """Keep a decision with the document that was decided on; one with the same id is ConflictError."""
        row = {
            "id": decided.id,
            "request": decided.request,
            "stage": decided.stage,
            "staff": decided.staff,
            "at": decided.at,
            "question": canonical(decided.question).decode(),
            "decision": canonical(document_of(decided.decision)).decode(),
            "outcome": decided.decision.outcome,
            "digest": decided.digest,
        }
        self._connection.execute(insert(decisions), row)

    def get(self, decision: str, *, reader: Actor) -> Decided:
        """Return a decision on a request that the reader's organisation is a party to, else NotFoundError."""
        row = self._connection.execute(_READ.where(decisions.c.id == decision), as_reader(reader)).one_or_none()
        if row is None:
            raise NotFoundError("there is no such decision for this reader")
        return _from_row(row)

    def of_request(self, request: str, *, reader: Actor) -> tuple[Decided, ...]:
        """Return the decisions on a request of the reader's organisation, oldest first; on others none."""
        statement = _READ.where(decisions.c.request == request).order_by(decisions.c.at, decisions.c.id)
        return tuple(_from_row(row) for row in self._connection.execute(statement, as_reader(reader)))

    def search(
        self, *, reader: Actor, outcome: str | None = None, stage: str | None = None, limit: int = 100
    ) -> tuple[Decided, ...]:
        """Return at most `limit` decisions on requests that the reader's organisation is a party to, newest first."""
        statement = _READ.order_by(decisions.c.id.desc()).limit(limit)  # identifiers sort by time
        if outcome is not None:
            statement = statement.where(decisions.c.outcome == outcome)
        if stage is not None:
            statement = statement.where(decisions.c.stage == stage)
        return tuple(_from_row(row) for row in self._connection.execute(statement, as_reader(reader)))


def _from_row(row: Row[Any]) -> Decided:
    return Decided(
        id=row.id,
        request=row.request,
        stage=row.stage,
        staff=row.staff,
        at=row.at,
        question=json.loads(row.question),
        decision=decision_of(json.loads(row.decision)),
        digest=row.digest,
    )

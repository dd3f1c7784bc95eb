"""What the professional adds to a request: steps done, exceptions to consent steps, the weighing.

Notes and reasons are the professional's own words, sealed under the request's data key and hidden from the other side.
Each read is scoped to requests the reader sees; on others there are simply none.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, LargeBinary, Row, Table, Text, false, or_, select

from broker.domain.consent import StepException
from broker.domain.directory import Actor
from broker.domain.request import State
from broker.domain.weighing import StepDone, WeighedPart, Weighing
from broker.store.request import SEES_AS_RESPONDER, SEES_REQUEST, Requests, requests
from broker.store.schema import Moment, Nested, insert_or_replace, metadata
from broker.store.scope import as_reader
from broker.store.sealed import data_keys

steps = Table(
    "steps",
    metadata,
    Column("request", ForeignKey("requests.id"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    Column("done_at", Moment, nullable=False),
    Column("note", LargeBinary),
)

step_exceptions = Table(
    "step_exceptions",
    metadata,
    Column("request", ForeignKey("requests.id"), primary_key=True),
    Column("person", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("recorded", Boolean, nullable=False),
    Column("reviewed_on", Date),
    Column("attempts", Integer, nullable=False),
    Column("channels", Integer, nullable=False),
    Column("days", Integer, nullable=False),
)

weighings = Table(
    "weighings",
    metadata,
    Column("request", ForeignKey("requests.id"), primary_key=True),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    Column("by_profession", Text, nullable=False),
    Column("registration", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reasons", LargeBinary),
    Column("reasons_given", Boolean, nullable=False),
    Column("relevant", Boolean, nullable=False),
    Column("contributes", Boolean, nullable=False),
    Column("no_lesser_means", Boolean, nullable=False),
    Column("proportionate", Boolean, nullable=False),
    Column("parts", Nested, nullable=False),
    Column("written", Boolean, nullable=False),
    Column("report_approved", Boolean, nullable=False),
    Column("good_care", Boolean, nullable=False, server_default=false()),
    Column("bsn_of", Nested),  # null: nobody's, as in every weighing from before there was the question
)

_SEES_REASONS = or_(SEES_AS_RESPONDER, requests.c.state == State.DECLINED)

_STEPS = (
    select(steps, data_keys.c.wrapped, SEES_AS_RESPONDER.label("sees_words"))
    .join(requests)
    .outerjoin(data_keys, data_keys.c.subject == requests.c.id)
    .where(SEES_REQUEST)
    .order_by(steps.c.step)  # ST-01 to ST-11
)
_EXCEPTIONS = (
    select(step_exceptions)
    .join(requests)
    .where(SEES_REQUEST)
    .order_by(step_exceptions.c.person, step_exceptions.c.code)
)
_WEIGHING = (
    select(weighings, data_keys.c.wrapped, _SEES_REASONS.label("sees_words"))
    .join(requests)
    .outerjoin(data_keys, data_keys.c.subject == requests.c.id)
    .where(SEES_REQUEST)
)


class WeighedRequests(Requests):
    """The requests within one transaction, with everything the professional adds to them."""

    def put_step(self, request: str, step: StepDone) -> None:
        """Record a step as done; doing it again replaces the note."""
        row = dataclasses.asdict(step) | {"request": request}
        row["note"] = self._seal_words(step.note, request, "steps", "note", f"{request} {step.step}")
        insert_or_replace(self._connection, steps, [row])

    def steps(self, request: str, *, reader: Actor) -> tuple[StepDone, ...]:
        """Return the steps done, in their order; notes are empty for the requester's side."""
        rows = self._connection.execute(_STEPS.where(steps.c.request == request), as_reader(reader))
        return tuple(
            StepDone(
                step=row.step,
                staff=row.staff,
                done_at=row.done_at,
                note=self._open_words(row, "steps", "note", f"{request} {row.step}"),
            )
            for row in rows
        )

    def put_exception(self, request: str, exception: StepException) -> None:
        """Record a consent-step exception; one per person and code, recording it again replaces its evidence."""
        row = dataclasses.asdict(exception) | {"request": request}
        insert_or_replace(self._connection, step_exceptions, [row])

    def exceptions(self, request: str, *, reader: Actor) -> tuple[StepException, ...]:
        """Return the recorded exceptions, by person and code."""
        rows = self._connection.execute(_EXCEPTIONS.where(step_exceptions.c.request == request), as_reader(reader))
        return tuple(StepException(**_without(row, "request")) for row in rows)

    def put_weighing(self, request: str, weighing: Weighing) -> None:
        """Record or replace the weighing."""
        row = dataclasses.asdict(weighing) | {"request": request, "bsn_of": sorted(weighing.bsn_of)}
        row["reasons"] = self._seal_words(weighing.reasons, request, "weighings", "reasons", request)
        insert_or_replace(self._connection, weighings, [row])

    def find_weighing(self, request: str, *, reader: Actor) -> Weighing | None:
        """Return the weighing so far; its reasons are empty for the requester's side until declined."""
        statement = _WEIGHING.where(weighings.c.request == request)
        row = self._connection.execute(statement, as_reader(reader)).one_or_none()
        if row is None:
            return None
        values = _without(row, "request", "wrapped", "sees_words")
        values["reasons"] = self._open_words(row, "weighings", "reasons", request)
        values["parts"] = tuple(WeighedPart(**part) for part in row.parts)
        values["bsn_of"] = frozenset(row.bsn_of or ())
        return Weighing(**values)

    def _seal_words(self, words: str, request: str, table: str, column: str, place: str) -> bytes | None:
        self._sealed.find([request])
        return self._sealed.seal(words, subject=request, table=table, column=column, row=place)

    def _open_words(self, row: Row[Any], table: str, column: str, place: str) -> str:
        if not row.sees_words:
            return ""
        words = self._sealed.open(
            getattr(row, column), subject=row.request, wrapped=row.wrapped, table=table, column=column, row=place
        )
        return words or ""


def _without(row: Row[Any], *columns: str) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name not in columns}

"""What the professional adds to a request: steps done, exceptions to consent steps, the weighing.

Notes and reasons are the professional's own words, encrypted under the request's data key. What he adds is read by his
own side only, and by the policy.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    Row,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    false,
    or_,
    select,
)
from typing_extensions import override

from broker.crypto.canonical import canonical, parse_canonical
from broker.domain.consent import StepException
from broker.domain.directory import Actor
from broker.domain.weighing import StepDone, StepRecord, WeighedPart, Weighing
from broker.store.compiled import Lookup
from broker.store.encryption import data_keys
from broker.store.request import SEES_AS_REQUESTER, SEES_AS_RESPONDER, Requests, requests
from broker.store.schema import Moment, Nested, metadata
from broker.store.scope import as_reader

steps = Table(
    "steps",
    metadata,
    Column("request", ForeignKey("requests.id"), primary_key=True),
    Column("step", Text, primary_key=True),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    Column("done_at", Moment, nullable=False),
    Column("note", LargeBinary),
    Column("record", LargeBinary),  # whom, day, channel, outcome; null: a step from before these were asked for
    Column("complete", Boolean),  # null: a step from before, which was taken at its word
)

step_exceptions = Table(
    "step_exceptions",
    metadata,
    Column("request", ForeignKey("requests.id"), primary_key=True),
    Column("side", Text, primary_key=True),
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
    Column("acute", Boolean),  # null: not contested, as in every weighing from before there was the question
    Column("bsn_of", Nested),  # null: nobody's, as in every weighing from before there was the question
)

_STEPS = (
    select(steps, data_keys.c.wrapped)
    .join(requests)
    .outerjoin(data_keys, data_keys.c.subject == requests.c.id)
    .order_by(steps.c.step)  # ST-01 to ST-11
)
_EXCEPTIONS = (
    select(step_exceptions)
    .join(requests)
    .order_by(step_exceptions.c.side, step_exceptions.c.person, step_exceptions.c.code)
)
_WEIGHING = (
    select(weighings, data_keys.c.wrapped).join(requests).outerjoin(data_keys, data_keys.c.subject == requests.c.id)
)
_REQUEST = bindparam("request", type_=Text())
_STEPS_ON_RECORD = _STEPS.where(steps.c.request == _REQUEST)
_EXCEPTIONS_ON_RECORD = _EXCEPTIONS.where(step_exceptions.c.request == _REQUEST)
_WEIGHING_ON_RECORD = _WEIGHING.where(weighings.c.request == _REQUEST)
# Steps and weighing are the professional's alone; of the exceptions the asking side sees those that it claims.
_STEPS_SEEN = _STEPS_ON_RECORD.where(SEES_AS_RESPONDER)
_EXCEPTIONS_SEEN = _EXCEPTIONS_ON_RECORD.where(
    or_(SEES_AS_RESPONDER, and_(SEES_AS_REQUESTER, step_exceptions.c.side == "asking"))
)
_WEIGHING_SEEN = _WEIGHING_ON_RECORD.where(SEES_AS_RESPONDER)


class WeighedRequests(Requests):
    """The requests within one transaction, with everything the professional adds to them."""

    @override
    def put_step(self, request: str, step: StepDone) -> None:
        record = dataclasses.asdict(step.record) | {"day": step.record.day.isoformat() if step.record.day else None}
        note, place = record.pop("note"), f"{request} {step.step}"
        row = {
            "request": request,
            "step": step.step,
            "staff": step.staff,
            "done_at": step.done_at,
            "note": self._encrypt_words(note, request, "steps", "note", place),
            "record": self._encrypt_words(canonical(record).decode(), request, "steps", "record", place),
            "complete": step.complete,
        }
        self._changes.replace(steps, [row])

    @override
    def steps(self, request: str, *, reader: Actor) -> tuple[StepDone, ...]:
        return self._steps(_STEPS_SEEN, as_reader(reader) | {"request": request})

    def steps_on_record(self, request: str) -> tuple[StepDone, ...]:
        """Return the steps done, for the decision document."""
        return self._steps(*steps_lookup(request))

    def _steps(self, statement: Select[Any], values: Mapping[str, Any]) -> tuple[StepDone, ...]:
        return tuple(
            StepDone(
                step=row.step,
                staff=row.staff,
                done_at=row.done_at,
                record=self._step_record(row),
                complete=row.complete is not False,
            )
            for row in self._connection.execute(statement, values)
        )

    def _step_record(self, row: Row[Any]) -> StepRecord:
        note, words = (
            self._open_words(row, "steps", column, f"{row.request} {row.step}") for column in ("note", "record")
        )
        said = parse_canonical(words.encode()) if words else {}
        day = date.fromisoformat(said["day"]) if said.get("day") else None
        return StepRecord(**{**said, "day": day, "note": note})

    @override
    def put_exception(self, request: str, exception: StepException) -> None:
        row = dataclasses.asdict(exception) | {"request": request}
        self._changes.replace(step_exceptions, [row])

    @override
    def exceptions(self, request: str, *, reader: Actor) -> tuple[StepException, ...]:
        return self._exceptions(_EXCEPTIONS_SEEN, as_reader(reader) | {"request": request})

    def exceptions_on_record(self, request: str) -> tuple[StepException, ...]:
        """Return the exceptions of both sides, for the decision document."""
        return self._exceptions(*exceptions_lookup(request))

    def _exceptions(self, statement: Select[Any], values: Mapping[str, Any]) -> tuple[StepException, ...]:
        rows = self._connection.execute(statement, values)
        return tuple(StepException(**_without(row, "request")) for row in rows)

    @override
    def put_weighing(self, request: str, weighing: Weighing) -> None:
        row = dataclasses.asdict(weighing) | {"request": request, "bsn_of": sorted(weighing.bsn_of)}
        row["acute"] = None if weighing.acute else False
        row["reasons"] = self._encrypt_words(weighing.reasons, request, "weighings", "reasons", request)
        self._changes.replace(weighings, [row])

    @override
    def find_weighing(self, request: str, *, reader: Actor) -> Weighing | None:
        return self._weighing(_WEIGHING_SEEN, as_reader(reader) | {"request": request})

    def weighing_on_record(self, request: str) -> Weighing | None:
        """Return the weighing so far, for the decision document."""
        return self._weighing(*weighing_lookup(request))

    def _weighing(self, statement: Select[Any], values: Mapping[str, Any]) -> Weighing | None:
        row = self._connection.execute(statement, values).one_or_none()
        if row is None:
            return None
        values = _without(row, "request", "wrapped")
        values["reasons"] = self._open_words(row, "weighings", "reasons", row.request)
        values["parts"] = tuple(WeighedPart(**part) for part in row.parts)
        values["acute"] = row.acute is not False
        values["bsn_of"] = frozenset(row.bsn_of or ())
        return Weighing(**values)

    def _encrypt_words(self, words: str, request: str, table: str, column: str, place: str) -> bytes | None:
        self._encryption.find([request])
        return self._encryption.encrypt(words, subject=request, table=table, column=column, row=place)

    def _open_words(self, row: Row[Any], table: str, column: str, place: str) -> str:
        words = self._encryption.decrypt(
            getattr(row, column), subject=row.request, wrapped=row.wrapped, table=table, column=column, row=place
        )
        return words or ""


def steps_lookup(request: str) -> Lookup:
    """Return how `WeighedRequests.steps_on_record` are looked up."""
    return _STEPS_ON_RECORD, {"request": request}


def exceptions_lookup(request: str) -> Lookup:
    """Return how `WeighedRequests.exceptions_on_record` are looked up."""
    return _EXCEPTIONS_ON_RECORD, {"request": request}


def weighing_lookup(request: str) -> Lookup:
    """Return how `WeighedRequests.weighing_on_record` is looked up."""
    return _WEIGHING_ON_RECORD, {"request": request}


def _without(row: Row[Any], *columns: str) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name not in columns}

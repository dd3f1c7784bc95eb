"""Attempts: a flood of one caller leaves few rows and hides nobody else's."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.event import Event
from broker.flows.attempt import CAPACITY, EACH_OF, PendingAttempts
from broker.kernel.errors import StoreUnavailable

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


def attempt(subject: str, code: str = "policy.refused", at: datetime = NOW, number: int = 0) -> Event:
    detail = {"issuer": "https://login.example.nl", "subject": subject, "call": "GET /v1/cases", "reasons": []}
    return Event(id=f"evt_{number}", tag="attempt:call:refused", at=at, outcome=code, detail=detail)


@dataclass
class Log:
    """A store that keeps what is appended, or is down."""

    events: list[Event] = field(default_factory=list)
    down: bool = False

    @contextmanager
    def transaction(self) -> Any:
        if self.down:
            raise StoreUnavailable("down")
        yield self

    @property
    def log(self) -> Log:
        return self

    def append(self, event: Event) -> None:
        self.events.append(event)


def times_of(log: Log, subject: str) -> list[int]:
    return [dict(e.detail or {}).get("times", 1) for e in log.events if dict(e.detail or {})["subject"] == subject]


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=300))
def test_number_on_record_is_at_least_half_of_what_was(subjects: list[str]) -> None:
    attempts, log = PendingAttempts(), Log()
    for number, subject in enumerate(subjects):
        attempts.note(attempt(subject, number=number))
        attempts.write(log)  # type: ignore[arg-type]
    for subject in set(subjects):
        was = subjects.count(subject)
        told = times_of(log, subject)
        assert told[:EACH_OF] == [1] * min(was, EACH_OF)
        assert max(told[-1], len(told[:EACH_OF])) * 2 >= was
        assert len(told) <= EACH_OF + was.bit_length()


def test_each_outcome_and_each_hour_is_told_for_itself() -> None:
    attempts, log = PendingAttempts(), Log()
    for code, at in (("policy.refused", NOW), ("store.not_found", NOW), ("policy.refused", NOW + timedelta(hours=1))):
        for number in range(EACH_OF + 5):
            attempts.note(attempt("a", code, at, number))
    attempts.write(log)  # type: ignore[arg-type]
    assert len(log.events) == 3 * EACH_OF


def test_flood_does_not_push_out_what_another_did() -> None:
    attempts, log = PendingAttempts(), Log(down=True)
    attempts.note(attempt("quiet", number=-1))
    for number in range(2 * CAPACITY):
        attempts.note(attempt("loud", number=number))
    with pytest.raises(StoreUnavailable):
        attempts.write(log)  # type: ignore[arg-type]
    log.down = False
    attempts.write(log)  # type: ignore[arg-type]
    assert times_of(log, "quiet") == [1]
    assert len(attempts) == 0

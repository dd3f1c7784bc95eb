"""Keeper: it goes on whatever happens, counts it, says it once, and tells that it stands still."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from waiting import wait_until

from broker.keeper import STUCK_AFTER, Keeper


def test_failures_are_counted_and_said_when_they_begin_and_end(caplog: pytest.LogCaptureFixture) -> None:
    outcomes: Iterator[str | Exception | None] = iter(
        [None, "key.missing", "key.missing", LookupError("Sanne"), LookupError("Sanne"), None]
    )
    over = threading.Event()

    def work() -> str | None:
        outcome = next(outcomes, over)
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, threading.Event):
            outcome.set()
            return None
        return outcome

    with Keeper(work, every=0.01, event="log.round") as keeper:
        assert over.wait(10)
        assert keeper.kept().trouble is None
        assert keeper.kept().failures == 4
    said = [getattr(record, "code", None) for record in caplog.records if record.name == "broker.keeper"]
    assert said == ["key.missing", "keeper.broke", "ok"]
    assert keeper.kept().trouble == "keeper.stopped"


def test_round_that_does_not_end_is_told() -> None:
    now, going_on, begun = [0.0], threading.Event(), threading.Event()
    rounds = iter([None])

    def work() -> str | None:
        if next(rounds, "second") == "second":
            begun.set()
            going_on.wait(10)
        return None

    with Keeper(work, every=0.01, event="log.round", seconds=lambda: now[0]) as keeper:
        assert begun.wait(10)
        assert keeper.kept().trouble is None
        now[0] = STUCK_AFTER + 1
        assert keeper.kept().trouble == "keeper.stuck"
        going_on.set()
        wait_until(lambda: keeper.kept().trouble is None)


def test_work_that_may_wait_holds_up_no_start() -> None:
    done = threading.Event()

    def work() -> None:
        done.set()

    with Keeper(work, every=60, event="notices.round", may_wait=True):
        assert not done.is_set()
    with Keeper(work, every=60, event="log.round"):
        assert done.is_set()

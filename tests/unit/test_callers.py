"""Callers: whatever the pace, nobody gets more than his share, and who keeps to it is never refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.api.callers import Callers
from broker.identity import Caller
from broker.kernel.errors import CrowdedError

WORKER, DOCTOR = (Caller("https://login.example.nl", name, "high") for name in ("worker-1", "doctor-1"))


class Seconds:
    """A clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def is_let_in(callers: Callers, caller: Caller) -> bool:
    try:
        with callers.turn(caller):
            return True
    except CrowdedError:
        return False


@given(st.lists(st.floats(0, 3), min_size=1, max_size=200), st.integers(1, 20), st.integers(1, 30))
def test_no_pace_gets_more_than_the_share(pauses: list[float], per_second: int, saved_up: int) -> None:
    clock = Seconds()
    callers = Callers(per_second=per_second, saved_up=saved_up, seconds=clock)
    let_in = []
    for pause in pauses:
        clock.now += pause
        if is_let_in(callers, WORKER):
            let_in.append(clock.now)
        assert is_let_in(Callers(per_second=per_second, saved_up=saved_up, seconds=clock), DOCTOR)
    for first in range(len(let_in)):
        for last in range(first, len(let_in)):
            took = let_in[last] - let_in[first]
            assert last - first <= saved_up + took * per_second + 1e-6


@given(st.lists(st.floats(0.5, 3), max_size=100))
def test_who_keeps_to_the_pace_is_never_refused(pauses: list[float]) -> None:
    clock = Seconds()
    callers = Callers(per_second=2.0001, saved_up=0, seconds=clock)
    for pause in pauses:
        clock.now += pause
        assert is_let_in(callers, WORKER)


def test_who_was_refused_may_again_after_the_seconds_he_was_told() -> None:
    clock = Seconds()
    callers = Callers(per_second=0.1, saved_up=0, seconds=clock)
    assert is_let_in(callers, WORKER)
    with pytest.raises(CrowdedError) as refused, callers.turn(WORKER):
        pass
    clock.now += refused.value.retry_after
    assert is_let_in(callers, WORKER)


def test_calls_under_way_are_counted_until_they_end() -> None:
    callers = Callers(at_once=2)
    with callers.turn(WORKER):
        with callers.turn(WORKER):
            assert not is_let_in(callers, WORKER)
            assert is_let_in(callers, DOCTOR)
        with pytest.raises(LookupError), callers.turn(WORKER):
            raise LookupError
        assert is_let_in(callers, WORKER)

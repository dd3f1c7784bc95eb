"""Taking times: several calls in turn, round after round, so that a slow moment of the machine hits all of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Call = Callable[[int], float | None]
"""Does one thing, given the number of the round; returns milliseconds if it has a better clock than ours, else None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """How long one call took over `number` calls, in milliseconds."""

    number: int
    median: float
    p95: float
    p99: float

    def __str__(self) -> str:
        return f"{self.median:.3f} / {self.p95:.3f} / {self.p99:.3f} ms"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """How many calls were done in a second; each of `rounds` is the rate of one round, `median` the middle one."""

    median: float
    rounds: tuple[float, ...]

    def __str__(self) -> str:
        return f"{self.median:.0f} /s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """So many of some unit, seen once."""

    value: float
    unit: str

    def __str__(self) -> str:
        return f"{self.value:.1f} {self.unit}"


def interleaved(calls: Mapping[str, Call], *, rounds: int) -> dict[str, Latency]:
    """Return the latency of each call, all of them made once in every round; one round before does not count.

    The garbage collector runs between rounds and never within one, so that no call pays for another's waste.
    """
    taken: dict[str, list[float]] = {name: [] for name in calls}
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        for number in range(-1, rounds):
            for name, call in calls.items():
                started = time.perf_counter_ns()
                told = call(number)
                took = (time.perf_counter_ns() - started) / 1e6
                if number >= 0:
                    taken[name].append(took if told is None else told)
            gc.collect(0)
    finally:
        if was_enabled:
            gc.enable()
    return {name: latency_of(times) for name, times in taken.items()}


def latency_of(times: Sequence[float]) -> Latency:
    """Return the latency over these times in milliseconds, of which there is at least one."""
    ordered = sorted(times)
    return Latency(number=len(ordered), median=_at(ordered, 0.5), p95=_at(ordered, 0.95), p99=_at(ordered, 0.99))


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

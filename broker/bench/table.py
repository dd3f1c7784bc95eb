"""The result of a run: rows of two figures with their ratio and its goal, and what could not be measured and why."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from broker.bench.sample import Amount, Latency, Rate


@dataclass(frozen=True, slots=True)
class Goal:
    """What a ratio should be; design.md says so and `broker bench` only tells whether it is."""

    limit: float
    at_most: bool = False

    def is_met(self, ratio: float) -> bool:
        """Tell whether the ratio is on the right side of the limit."""
        return ratio <= self.limit if self.at_most else ratio >= self.limit

    def __str__(self) -> str:
        return f"{'<=' if self.at_most else '>='} {self.limit:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One comparison; `ratio` is what `reads` says, such as "timer / engine"."""

    measure: str
    subject: str
    ours: Latency | Rate | Amount
    other: Latency | Rate | Amount
    against: str
    ratio: float
    reads: str
    goal: Goal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """What this machine could not measure, and what it lacks."""

    measure: str
    subject: str
    reason: str


Result = Row | Missing

_HEAD = ("measure", "what", "median / p95 / p99", "against", "median / p95 / p99", "ratio", "goal", "")


def render(results: Iterable[Result]) -> str:
    """Return the results as a table for people, and below it what is missing."""
    found = list(results)
    lines = [_HEAD, *(_cells(row) for row in found if isinstance(row, Row))]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    table = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    missing = [f"not measured: {row.measure}, {row.subject}: {row.reason}" for row in found if isinstance(row, Missing)]
    return "\n".join([table[0], "-" * len(table[0]), *table[1:], *missing])


def document_of(results: Sequence[Result], *, at: str, load: float, sizes: str) -> dict[str, Any]:
    """Return the results as a JSON document: latencies in milliseconds, rates per second, and the machine.

    `load` is the load average of the minute before the run: on a busy machine the ratios are of little worth.
    """
    return {
        "at": at,
        "sizes": sizes,
        "machine": {
            "processors": os.cpu_count(),
            "load_before": load,
            "architecture": platform.machine(),
            "system": platform.system(),
            "python": platform.python_version(),
        },
        "measured": [
            {**asdict(row), "met": None if row.goal is None else row.goal.is_met(row.ratio)}
            for row in results
            if isinstance(row, Row)
        ],
        "missing": [asdict(row) for row in results if isinstance(row, Missing)],
    }


def _cells(row: Row) -> tuple[str, ...]:
    verdict = "" if row.goal is None else "met" if row.goal.is_met(row.ratio) else "NOT MET"
    goal = "" if row.goal is None else str(row.goal)
    shown = f"{row.ratio:.2f} ({row.reads})"
    return (row.measure, row.subject, str(row.ours), row.against, str(row.other), shown, goal, verdict)

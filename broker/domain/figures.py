"""Figures for oversight: how many requests, how they ended, how soon they were answered, why they were refused.

A number so small that it may be about somebody one knows is not given. Nor are sums, from which it could be had again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from broker.kernel.values import day_begins

SMALL = 5
"""Below this a number is about too few people to be given [POLICY]; none is not small, it is about nobody."""

WAITS = {"day": 86_400, "three_days": 3 * 86_400, "week": 7 * 86_400, "two_weeks": 14 * 86_400, "longer": None}
"""How long an answer took, by the name of the step: less than so many seconds; None for more than all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """A quarter of a year; figures are of whole quarters only, because overlaps give differences away."""

    year: int
    number: int

    @classmethod
    def of(cls, on: date) -> Quarter:
        """Return the quarter that this day is in."""
        return cls(year=on.year, number=(on.month + 2) // 3)

    def months(self) -> tuple[tuple[datetime, datetime], ...]:
        """Return the beginning and the end of each of its months."""
        first = self.year * 12 + (self.number - 1) * 3
        return tuple((_month(first + n), _month(first + n + 1)) for n in range(3))

    def before(self) -> Quarter:
        """Return the quarter before this one."""
        return Quarter(year=self.year - (self.number == 1), number=(self.number - 2) % 4 + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """How many; None for fewer than SMALL but not none."""

    key: str
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one organisation over one quarter: by month, by state, by wait, by reason of refusal."""

    quarter: Quarter
    months: tuple[Figure, ...]
    states: tuple[Figure, ...]
    waits: tuple[Figure, ...]
    refusals: tuple[Figure, ...]


def figures_of(counts: Mapping[str, int], keys: Iterable[str]) -> tuple[Figure, ...]:
    """Return a figure for each of these keys, with what is too small left out."""
    numbers = ((key, counts.get(key, 0)) for key in keys)
    return tuple(Figure(key=key, number=None if 0 < number < SMALL else number) for key, number in numbers)


def _month(number: int) -> datetime:
    return day_begins(date(number // 12, number % 12 + 1, 1))

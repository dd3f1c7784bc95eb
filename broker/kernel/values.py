"""Small values that every layer shares: moments, identifiers, organisation numbers."""

from __future__ import annotations

import re
import secrets
import threading
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from broker.kernel.errors import InputError, ParseError

_LEGAL_TIME = ZoneInfo("Europe/Amsterdam")
_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_DRAWING = threading.Lock()
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z")


_LATEST = 16
_drawn: dict[int, int] = {}
"""The last number drawn in each of the latest milliseconds, oldest first.

What one process writes within a millisecond sorts in the order in which it was written, also when a thread whose moment
is another draws in between.
"""


def new_id(prefix: str, now: datetime) -> str:
    """Return a new identifier `prefix_` + 26 Crockford digits that sorts by time and says nothing about a person.

    48 bits of milliseconds, then 80 random bits (the ULID layout), so that index pages fill in order and nobody can
    guess another identifier. Within one millisecond it steps on from the last by 64 random bits (ULID, Monotonicity).
    """
    millisecond = int(now.timestamp() * 1000)
    with _DRAWING:
        last = _drawn.pop(millisecond, None)
        number = millisecond << 80 | secrets.randbits(80) if last is None else last + 1 + secrets.randbits(64)
        _drawn[millisecond] = number
        if len(_drawn) > _LATEST:
            del _drawn[next(iter(_drawn))]
    return _identifier(prefix, number)


def first_id(prefix: str, since: datetime) -> str:
    """Return what every identifier of this kind that was made since then sorts at or after."""
    return _identifier(prefix, int(since.timestamp() * 1000) << 80)


def _identifier(prefix: str, number: int) -> str:
    digits = []
    for _ in range(26):
        number, rest = divmod(number, 32)
        digits.append(_CROCKFORD[rest])
    return f"{prefix}_{''.join(reversed(digits))}"


def format_moment(moment: datetime) -> str:
    """Format an aware moment as RFC 3339 in UTC with `Z`, whole seconds unless it has a fraction."""
    if moment.tzinfo is None:
        raise InputError("a moment needs a time zone")
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def parse_moment(text: str) -> datetime:
    """Parse what `format_moment` writes; raise ParseError for anything else, other offsets included."""
    if not _MOMENT.fullmatch(text):
        raise ParseError("a moment is written as 2026-11-22T10:00:00Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise ParseError("a moment is written as 2026-11-22T10:00:00Z") from error


def in_legal_time(moment: datetime) -> datetime:
    """Return the same moment as the clocks in the Netherlands show it: CET, in summer CEST (Directive 2000/84/EC)."""
    return moment.astimezone(_LEGAL_TIME)


def legal_day(moment: datetime) -> date:
    """Return the day it is in the Netherlands at this moment: every date of the law and of its forms is one of these.

    Between midnight and one or two o'clock it is another than the date of the moment in UTC.
    """
    return in_legal_time(moment).date()


def day_begins(day: date) -> datetime:
    """Return the moment, in UTC, at which a legal day begins."""
    return datetime.combine(day, time(), _LEGAL_TIME).astimezone(UTC)


def at_legal_time(moment: datetime, clock: time) -> datetime:
    """Return the moment, in UTC, at which the clocks in the Netherlands show this time on the legal day of `moment`."""
    return datetime.combine(legal_day(moment), clock, _LEGAL_TIME).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Oin:
    """An organisatie-identificatienummer: twenty digits, the first eight of which name the register (Logius, OIN)."""

    digits: str

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d{20}", self.digits, re.ASCII):
            raise ParseError("an OIN has twenty digits")

    def __str__(self) -> str:
        return self.digits


def fields_of(of: type[Any], value: Any) -> dict[str, Any]:
    """Return the fields of this dataclass by their names, from a value of it or of a class that has more."""
    return {each.name: getattr(value, each.name) for each in fields(of)}

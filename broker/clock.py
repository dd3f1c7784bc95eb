"""The clock of production; whoever needs the time is given a clock, so that tests can give another."""

from __future__ import annotations

from datetime import UTC, datetime


def system_clock() -> datetime:
    """Return the present moment in UTC, to the millisecond: as fine as the identifiers that sort by it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)

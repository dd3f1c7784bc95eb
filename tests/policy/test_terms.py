"""When a term ends, for every day that has its own trouble, and the days that Rego counts against Python's."""

from __future__ import annotations

import json
import subprocess
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.easter import easter
from effort import times
from hypothesis import given
from hypothesis import strategies as st

from broker.kernel.errors import PolicyMalformed
from broker.kernel.values import format_moment
from broker.policy.answer import due
from broker.policy.bundle import Bundle
from broker.policy.cases import changed
from broker.policy.gate import PolicyGate

LEAP_YEAR = [date(2028, 1, 1) + timedelta(days=day) for day in range(366)]
MONTHS_ENDS = [date(year, month, monthrange(year, month)[1]) for year in range(2026, 2033) for month in range(1, 13)]

# Algemene termijnenwet art. 3, written out by hand from the calendars of these years.
HOLIDAYS = {
    2025: "01-01 04-18 04-21 04-26 05-05 05-29 06-09 12-25 12-26",
    2026: "01-01 04-03 04-06 04-27 05-05 05-14 05-25 12-25 12-26",
    2027: "01-01 03-26 03-29 04-27 05-05 05-06 05-17 12-25 12-26",
    2028: "01-01 04-14 04-17 04-27 05-05 05-25 06-05 12-25 12-26",
}


def at(day: date) -> datetime:
    """Return ten in the morning of a day in the Netherlands."""
    return datetime(day.year, day.month, day.day, 10, tzinfo=ZoneInfo("Europe/Amsterdam"))


def holidays_of(year: int) -> set[date]:
    """Return the days of art. 3 by its own words: four that move with Easter, the King's day, and five that stay."""
    sunday = easter(year)
    kings_day = date(year, 4, 27) if date(year, 4, 27).weekday() != 6 else date(year, 4, 26)
    return {
        *(sunday + timedelta(days=days) for days in (-2, 1, 39, 50)),
        *(kings_day, date(year, 1, 1), date(year, 5, 5), date(year, 12, 25), date(year, 12, 26)),
    }


def working_days_after(day: date) -> Iterator[date]:
    """Yield the working days that follow a day."""
    while True:
        day += timedelta(days=1)
        if day.weekday() < 5 and day not in holidays_of(day.year):
            yield day


def test_table_of_holidays_is_what_the_rule_says() -> None:
    for year, days in HOLIDAYS.items():
        assert {f"{day:%m-%d}" for day in holidays_of(year)} == set(days.split())


def test_no_term_has_no_end() -> None:
    assert due(None, at(LEAP_YEAR[0])) is None


@pytest.mark.parametrize(
    ("term", "days", "hours"),
    [("P0D", 0, 0), ("P7D", 7, 0), ("P14D", 14, 0), ("P4W", 28, 0), ("PT24H", 0, 24), ("P1DT1H", 1, 1)],
)
def test_term_in_days_counts_legal_days_through_a_leap_year(term: str, days: int, hours: int) -> None:
    for day in LEAP_YEAR:
        end = at(day + timedelta(days=days)).astimezone(UTC) + timedelta(hours=hours)
        assert due(term, at(day)) == format_moment(end)


def test_term_counts_from_the_day_that_it_is_in_the_netherlands() -> None:
    saturday_after_midnight = datetime(2026, 6, 5, 22, 30, tzinfo=UTC)
    assert due("P1WD", saturday_after_midnight) == "2026-06-07T22:30:00Z"  # Monday the 8th at 00:30
    assert due("P1D", datetime(2026, 10, 24, 10, tzinfo=UTC)) == "2026-10-25T11:00:00Z"  # the clocks went back
    assert due("P1M", datetime(2026, 1, 30, 23, 30, tzinfo=UTC)) == "2026-02-27T23:30:00Z"  # from the 31st to the 28th


@pytest.mark.parametrize(("term", "months"), [("P1M", 1), ("P6M", 6), ("P1Y", 12), ("P5Y", 60), ("P20Y", 240)])
def test_term_in_months_ends_on_the_same_day_or_the_last(term: str, months: int) -> None:
    for day in {*LEAP_YEAR, *MONTHS_ENDS}:
        years, month = divmod(day.month - 1 + months, 12)
        year, month = day.year + years, month + 1
        last = monthrange(year, month)[1]
        assert due(term, at(day)) == format_moment(at(date(year, month, min(day.day, last))))


@pytest.mark.parametrize(
    ("start", "term", "end"),
    [
        ("2028-01-31", "P1M", "2028-02-29"), ("2027-01-31", "P1M", "2027-02-28"), ("2028-02-29", "P1Y", "2029-02-28"),
        ("2028-02-29", "P20Y", "2048-02-29"), ("2026-11-22", "P4W", "2026-12-20"), ("2026-11-02", "P4W", "2026-11-30"),
    ],
)  # fmt: skip
def test_term_ends_on_the_day_the_law_says(start: str, term: str, end: str) -> None:
    assert due(term, at(date.fromisoformat(start))) == format_moment(at(date.fromisoformat(end)))


@pytest.mark.parametrize("count", [1, 2, 5, 10])
def test_working_days_skip_weekends_and_holidays(count: int) -> None:
    for year in HOLIDAYS:
        for number in range(365):
            day = date(year, 1, 1) + timedelta(days=number)
            days = working_days_after(day)
            end = [next(days) for _ in range(count)][-1]
            assert due(f"P{count}WD", at(day)) == format_moment(at(end))


@given(st.dates(date(2020, 1, 1), date(2090, 12, 31)))
def test_working_day_is_never_a_holiday_far_ahead(day: date) -> None:
    assert due("P1WD", at(day)) == format_moment(at(next(working_days_after(day))))


@pytest.mark.parametrize(
    "term",
    [
        "", "P", "PT", "P1", "4W", "p4w", "P-1D", "+P1D", "P1.5D", " P1D", "P1D ", "P1D\n", "PWD", "P1WDT1H", "P1H",
        "P4W extra", "P١D", "P99999Y", "P9999999999999999999D",
    ],
)  # fmt: skip
def test_term_that_is_none_is_malformed(term: str) -> None:
    with pytest.raises(PolicyMalformed):
        due(term, at(LEAP_YEAR[0]))


def test_term_beyond_the_calendar_is_malformed() -> None:
    for term in ("P20Y", "P5WD", "P1D"):
        with pytest.raises(PolicyMalformed):
            due(term, datetime(9999, 12, 31, 12, tzinfo=UTC))


def test_every_term_of_the_tables_is_one(bundle: Bundle) -> None:
    def terms(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            for inner in value:
                yield from terms(inner)
        elif isinstance(value, str) and value.startswith("P") and value.lstrip("PT")[:1].isdigit():
            yield value

    law = bundle.data["law"]
    found = {
        *terms(bundle.data["parameters"]),
        *terms(law["organisations"]),
        *terms(law["obligations"]),
        *terms(law["escalations"]),
    }

    assert {"P5WD", "P14D", "P20Y", "PT72H"} <= found
    for term in found:
        assert due(term, at(LEAP_YEAR[59]))


@pytest.mark.torture
def test_rego_counts_the_days_that_python_counts(opa_program: str, policies: Path) -> None:
    """From each day of two centuries and one day of each month of the whole calendar, some days on or back.

    A sample takes each fifth day: the seven shifts meet it on every weekday and in every month.
    """
    near = [date(1900, 1, 1) + timedelta(days=day) for day in range(0, 365 * 200, times(5, in_full=1))]
    far = [date(year, month, 1 + (year + month) % 28) for year in range(3, 9_990, 13) for month in range(1, 13)]
    shifts = [(day, (-90, -70, -14, -1, 0, 28, 400)[place % 7]) for place, day in enumerate([*near, *far])]
    run = subprocess.run(
        [
            *(opa_program, "eval", "--data", "sharing/calendar", "--data", "sharing/facts", "--ignore", "cases.yaml"),
            *("--stdin-input", "--format", "raw"),
            "[data.sharing.calendar.days_after(shift[0], shift[1]) | some shift in input]",
        ],
        input=json.dumps([(day.isoformat(), count) for day, count in shifts]),
        cwd=policies,
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(run.stdout) == [(day + timedelta(days=count)).isoformat() for day, count in shifts]


@pytest.mark.parametrize(
    ("due_now", "due_next"), [("2026-11-30", "2026-12-14"), ("2026-12-14", "2026-12-28"), ("2028-02-15", "2028-02-29")]
)
def test_postponed_duty_runs_on_from_when_it_was_due(gate: PolicyGate, due_now: str, due_next: str) -> None:
    """S28: each extension is a fortnight from the last due date, on whichever day it is decided."""
    document = changed("postpone", {"duty.due": f"{due_now}T10:00:00Z"})

    assert [duty["due"] for duty in gate.document(document)["obligations"]] == [f"{due_next}T10:00:00Z"]

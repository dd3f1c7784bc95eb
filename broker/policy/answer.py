"""From what an engine said to a decision: order restored, terms turned into dates, nothing taken on trust."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from typing import Any

import holidays
from dateutil.relativedelta import relativedelta

from broker.kernel.errors import PolicyMalformed
from broker.kernel.values import format_moment, in_legal_time, parse_moment

_NUMBER = "([0-9]{1,4})"
_TERM = re.compile(f"P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?(?:T(?:{_NUMBER}H)?)?")
_WORKING_DAYS = re.compile(f"P{_NUMBER}WD")
_TEXT = json.JSONEncoder(sort_keys=True).encode


def ordered(answer: object) -> object:
    """Return an answer with every list sorted and free of duplicates, save `parts`, which keep the order asked.

    Sets have no order in Rego, and each engine writes them in an order of its own.
    """
    if not isinstance(answer, Mapping):
        return answer
    return {key: _parts(value) if key == "parts" else _sorted(value) for key, value in answer.items()}


def _parts(value: object) -> object:
    if not isinstance(value, list):
        return value
    return [{k: _sorted(v) for k, v in part.items()} if isinstance(part, Mapping) else part for part in value]


def _sorted(value: Any) -> Any:
    if not isinstance(value, list):
        return value
    if all(type(item) is str for item in value):  # most lists are of codes, and most are empty
        return sorted(set(value))
    # Any fixed order will do here; what is hashed is made canonical where it is hashed.
    unique = {_TEXT(item): item for item in value}
    return [unique[key] for key in sorted(unique)]


def decision_document(answer: Mapping[str, Any], *, today: str, since: str, engine: str) -> dict[str, Any]:
    """Return the decision of decision.md from an answer that fits its schema.

    `today` is the document's legal day and says which law it is; `since` is when the terms begin, RFC 3339 in UTC.
    Raises PolicyMalformed for a term that is not one.
    """
    moment = parse_moment(since)
    # A family's duties share a few terms.
    ends = {term: due(term, moment) for term in {duty["term"] for duty in answer["obligations"]}}
    duties = _in_order(answer["obligations"], "code", "on", "person", "term")
    bundle = answer["bundle"]
    return {
        "version": 1,
        "outcome": answer["outcome"],
        "parts": [
            {
                "question": part["question"],
                "person": part["person"],
                "category": part["category"],
                "verdict": part["verdict"],
                "ground": part["ground"],
                "reasons": _sorted(part["reasons"]),
            }
            for part in answer["parts"]
        ],
        "grounds": _in_order(answer["grounds"], "code", "kind", "source", "valid_from"),
        "reasons": _in_order(answer["reasons"], "code", "stage", "person", "question", "remedy", "curable"),
        "referrals": _sorted(answer["referrals"]),
        "obligations": sorted(
            (
                {"code": duty["code"], "on": duty["on"], "due": ends[duty["term"]], "person": duty["person"]}
                for duty in duties
            ),
            key=_by("code", "on", "person", "due"),
        ),
        "todo": _sorted(answer["todo"]),
        "exceptions": _sorted(answer["exceptions"]),
        "law_as_of": today,
        "policy": {"revision": bundle["revision"], "digest": bundle["digest"]},
        "engine": engine,
    }


def _in_order(rows: Sequence[Mapping[str, Any]], *names: str) -> list[dict[str, Any]]:
    """Return the rows with these fields, sorted by them in this order, each once."""
    found = sorted(({name: row[name] for name in names} for row in rows), key=_by(*names))
    return [row for row, _ in groupby(found)]


def _by(*names: str) -> Callable[[Mapping[str, Any]], tuple[str, ...]]:
    return lambda row: tuple(str(row[name] or "") for name in names)


def due(term: str | None, start: datetime) -> str | None:
    """Return when a term ends that starts at this moment, as RFC 3339 in UTC; None for a duty without a term.

    A term is an ISO 8601 period, or PnWD for n working days: no Saturday, Sunday or day of the Algemene termijnenwet
    art. 3. Its days are legal days: it ends at the hour at which it began, as clocks in the Netherlands show it. A
    month from 31 January ends on the last day of February. Raises PolicyMalformed for anything else.
    """
    if term is None:
        return None
    try:
        return format_moment(_end(term, in_legal_time(start)))
    except (ValueError, OverflowError) as error:
        raise PolicyMalformed("a term ends beyond the calendar") from error


def _end(term: str, start: datetime) -> datetime:
    working = _WORKING_DAYS.fullmatch(term)
    if working:
        return _after_working_days(start, int(working[1]))
    period = _TERM.fullmatch(term)
    if not period or not any(period.groups()):
        raise PolicyMalformed("the policy gave a term that is not one")
    years, months, weeks, days, hours = (int(number or 0) for number in period.groups())
    end = start + relativedelta(years=years, months=months, weeks=weeks, days=days)
    return end.astimezone(UTC) + timedelta(hours=hours)


def _after_working_days(start: datetime, count: int) -> datetime:
    moment = start
    while count > 0:
        moment += timedelta(days=1)
        if moment.weekday() < 5 and moment.date() not in _holidays(moment.year):
            count -= 1
    return moment


@lru_cache(maxsize=64)
def _holidays(year: int) -> holidays.HolidayBase:
    """Return the days of art. 3 Algemene termijnenwet; the library calls Good Friday and most of 5 May optional."""
    return holidays.country_holidays("NL", years=year, expand=False, categories=("public", "optional"))

"""A decision in Dutch words for the terminal, 100 columns wide: what may, on what ground, why not, and what helps.

Colour is used when the stream is a terminal and NO_COLOR is unset (no-color.org); without it nothing is lost, because
marks and words say the same.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TextIO

from broker import words
from broker.kernel.values import in_legal_time, legal_day, parse_moment

WIDTH = 100
_MARKS = {"allow": ("+", "green"), "withhold": ("-", "red"), "needs_approval": ("?", "yellow")}
_CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "dim": "2"}
_MONTHS = [
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
]

Paint = Callable[[str, str], str]
"""Gives a text the colour or weight of this name, or leaves it as it is."""


def plain(text: str, _: str) -> str:
    """Leave a text as it is: for what is printed without colour."""
    return text


def paint_for(stream: TextIO) -> Paint:
    """Return how to colour what goes to this stream: not at all when it is no terminal or NO_COLOR is set."""
    if not stream.isatty() or os.environ.get("NO_COLOR"):
        return plain
    return lambda text, name: f"\x1b[{_CODES[name]}m{text}\x1b[0m"


def time_of(moment: str) -> str:
    """Return a moment as it stands in an answer, in the time of the Netherlands: 23-11-2026 10:04."""
    return f"{in_legal_time(parse_moment(moment)):%d-%m-%Y %H:%M}"


def day(moment: datetime) -> str:
    """Return the legal day of a moment in Dutch: 23 november 2026."""
    on = legal_day(moment)
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def decision_lines(decision: Mapping[str, Any], *, names: Mapping[str, str], paint: Paint = plain) -> Iterator[str]:
    """Explain a decision document: outcome, each part with its ground, why not and what helps, whom to ask.

    `names` gives the name for a person's ref; a ref without one is shown as it is.
    """
    colour = {"deny": "red", "refer": "yellow", "break_glass": "yellow"}.get(decision["outcome"], "green")
    outcome = words.outcome_words(decision["outcome"], parts=bool(decision["parts"]))
    yield from wrapped("Besluit: ", outcome.nl, paint=paint, as_=colour)
    yield from _part_lines(decision["parts"], names=names, paint=paint)
    yield from _reason_lines(decision, names=names)
    if len(decision["todo"]) > 3:
        yield from wrapped("  ", f"De professional zet eerst nog {len(decision['todo'])} stappen van de meldcode.")
    elif decision["todo"]:
        yield "  Nog te doen:"
        for step in decision["todo"]:
            yield from wrapped("    o ", words.words_for(words.STEPS, step).nl)
    for exception in decision["exceptions"]:
        yield from wrapped("  ! Toestemming: ", words.words_for(words.EXCEPTIONS, exception).nl)
    for referral in decision["referrals"]:
        yield from wrapped("  > ", words.words_for(words.REFERRALS, referral).nl)


def duty_lines(decision: Mapping[str, Any], *, names: Mapping[str, str]) -> Iterator[str]:
    """List the duties that come with a decision, those with a date first, the persons of one duty together."""
    together: dict[tuple[str, str, str, bool], list[str]] = {}
    for duty in decision["obligations"]:
        persons = together.setdefault((duty["due"] or "", duty["code"], duty["on"], duty["person"] is None), [])
        if duty["person"]:
            persons.append(names.get(duty["person"], duty["person"]))
    if together:
        yield "Verplichtingen:"
    for (due, code, on, _), persons in sorted(together.items(), key=lambda entry: (not entry[0][0], entry[0])):
        when = f"uiterlijk {day(parse_moment(due))}" if due else "doorlopend"
        about = f" ({joined(persons)})" if persons else ""
        who = words.words_for(words.PARTIES, on).nl
        says = words.duty_words(code, on, person=persons[0] if persons else None).nl
        yield from wrapped("  = ", f"{who}, {when}: {says}{about}")


def joined(names: Iterable[str]) -> str:
    """Return names as Dutch does: a, b en c."""
    *others, last = names
    return f"{', '.join(others)} en {last}" if others else last


def wrapped(lead: str, text: str, *, paint: Paint | None = None, as_: str = "dim") -> Iterator[str]:
    """Yield the lines of a text, at most WIDTH columns wide, the next ones indented under the first."""
    lines = [
        line
        for paragraph in text.splitlines() or [""]
        for line in textwrap.wrap(paragraph, WIDTH - len(lead), break_long_words=True) or [""]
    ]
    for number, line in enumerate(lines):
        shown = paint(line, as_) if paint else line
        yield (lead if number == 0 else " " * len(lead)) + shown


def _part_lines(parts: Sequence[Mapping[str, Any]], *, names: Mapping[str, str], paint: Paint) -> Iterator[str]:
    """Give each part its verdict and ground, in one line when they are the same for all."""
    alike = len(parts) > 1 and len({(part["verdict"], part["ground"]) for part in parts}) == 1
    for part in parts[:1] if alike else parts:
        mark, hue = _MARKS[part["verdict"]]
        about = names.get(part["person"], part["person"])
        what = f"{part['question']} {about}, {words.words_for(words.CATEGORIES, part['category']).nl}"
        verdict = words.words_for(words.VERDICTS, part["verdict"]).nl
        ground = f"; {words.words_for(words.GROUNDS, part['ground']).nl}" if part["ground"] else ""
        text = f"{_all(len(parts)) if alike else what}: {verdict}{ground}"
        yield from wrapped(f"  {mark} ", text, paint=paint, as_=hue)


def _reason_lines(decision: Mapping[str, Any], *, names: Mapping[str, str]) -> Iterator[str]:
    """Give each reason once, with the questions and persons it is about, and what helps."""
    about: dict[tuple[str, str | None], list[str]] = {}
    for reason in decision["reasons"]:
        named = about.setdefault((reason["code"], reason["remedy"]), [])
        told = " ".join(filter(None, [reason["question"], names.get(reason["person"], reason["person"])]))
        if told and told not in named:
            named.append(told)
    for (code, remedy), places in about.items():
        text = words.explain_reason(code, remedy)
        where = f" ({'; '.join(places)})" if places else ""
        yield from wrapped("  * ", f"{text.what.nl}{where}")
        yield from wrapped("    Wat helpt: ", text.advice.nl)


def _all(number: int) -> str:
    return "beide onderdelen" if number == 2 else f"alle {number} onderdelen"

"""The words people read: every code of the broker in Dutch, with English beside it.

The words stand in nl.yaml and en.yaml, with how to write them; here are their tables and what is made from them. A code
is stable, its words may get better.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path

from broker.words.catalogue import read
from broker.words.text import Explained as Explained
from broker.words.text import Words as Words

_ALL = read(Path(__file__).parent)

OUTCOMES = _ALL.texts["outcomes"]
ENDINGS = _ALL.texts["endings"]
STAGES = _ALL.texts["stages"]
VERDICTS = _ALL.texts["verdicts"]
GROUNDS = _ALL.texts["grounds"]
OBLIGATIONS = _ALL.texts["obligations"]
UNNAMED = _ALL.texts["unnamed"]
DUTIES = _ALL.duties
PARTIES = _ALL.texts["parties"]
REFERRALS = _ALL.texts["referrals"]
STEPS = _ALL.texts["steps"]
RECORDS = _ALL.texts["records"]
CHANNELS = _ALL.texts["channels"]
EXCEPTIONS = _ALL.texts["exceptions"]
CATEGORIES = _ALL.texts["categories"]
PURPOSES = _ALL.texts["purposes"]
KINDS = _ALL.texts["kinds"]
STATES = _ALL.texts["states"]
RELATIONS = _ALL.texts["relations"]
ORGANISATIONS = _ALL.texts["organisations"]
CONSENTS = _ALL.texts["consents"]
EVIDENCE = _ALL.texts["evidence"]
DECLINED = _ALL.texts["declined"]
WEIGHINGS = _ALL.texts["weighings"]
FACTS = _ALL.texts["facts"]
_VALUES = _ALL.texts["values"]
REASONS = _ALL.explained["reasons"]
WITH_REMEDY = _ALL.with_remedy
REMEDIES = _ALL.texts["remedies"]
CHANGES = _ALL.texts["changes"]
DIRECTORY = _ALL.texts["directory"]
NOTICES = _ALL.texts["notices"]
ERRORS = _ALL.explained["errors"]
PROBLEMS = _ALL.texts["problems"]
_FINDINGS = _ALL.texts["findings"]
PAGES = _ALL.texts["pages"]
EVENTS = _ALL.texts["events"]
_PHRASES = _ALL.texts["phrases"]


def words_for(table: Mapping[str, Words], code: str) -> Words:
    """Return the words for a code; a code without words is shown as it is, because silence would hide it."""
    return table.get(code, Words(code, code))


def outcome_words(outcome: str, *, parts: bool) -> Words:
    """Return the sentence for an outcome; a permit that is about no parts, as that to wait with telling, names none."""
    return words_for(OUTCOMES, outcome) if parts or outcome != "permit" else _PHRASES["permit_of_no_parts"]


def duty_words(code: str, on: str, *, person: str | None) -> Words:
    """Return what an obligation asks of this party, with regard to this person or to nobody who is known."""
    if person is None and code in UNNAMED:
        return UNNAMED[code]
    return DUTIES.get((code, on)) or words_for(OBLIGATIONS, code)


def explain_reason(code: str, remedy: str | None = None) -> Explained:
    """Return the sentence and the advice for a DN code, more exact where the decision names its remedy.

    An unknown code is named, with whom to ask.
    """
    return WITH_REMEDY.get((code, remedy or "")) or REASONS.get(code) or _unknown_reason(code)


def _unknown_reason(code: str) -> Explained:
    what = _PHRASES["reason_unknown"]
    return Explained(Words(what.nl.format(code=code), what.en.format(code=code)), _PHRASES["reason_unknown_advice"])


def explain_error(code: str, of_class: str = "broker.error") -> Explained:
    """Return the words for an error's code, else for `of_class`, the `code` of its class, else for any error."""
    return ERRORS.get(code) or ERRORS.get(of_class) or ERRORS["broker.error"]


def error_words(code: str, of_class: str = "broker.error") -> Words:
    """Return what is wrong and what to do as one text, for a problem's detail; falls back as `explain_error` does."""
    found = explain_error(code, of_class)
    return Words(f"{found.what.nl} {found.advice.nl}", f"{found.what.en} {found.advice.en}")


def finding_words(finding: str) -> Words:
    """Return what is wrong with one place, after the name of that place; what has no words stays as it is.

    Names of places may be a caller's own: only the first few `: ` are taken to end one, so that none takes long.
    """
    place, said = "", finding
    for _ in range(4):
        what = said.removeprefix("Value error, ")  # how pydantic begins what a check of ours says
        for pattern, words in _patterns():
            if found := pattern.fullmatch(what):
                values = found.groupdict()
                dutch = {key: value.replace("' or '", f"' {_PHRASES['list_or'].nl} '") for key, value in values.items()}
                return Words(place + words.nl.format(**dutch), place + words.en.format(**values))
        name, colon, said = said.partition(": ")
        place += name + colon
    return Words(finding, finding)


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], Words], ...]:
    """Return for each finding what it looks like as the program says it: its values are words, the last anything."""
    return tuple((re.compile(_pattern(words.en), re.DOTALL), words) for words in _FINDINGS.values())


def _pattern(text: str) -> str:
    *names, last = re.findall(r"\{(\w+)\}", text) or [""]
    found = re.escape(text)
    for name in names:
        found = found.replace(re.escape(f"{{{name}}}"), rf"(?P<{name}>\S+)")
    return found.replace(re.escape(f"{{{last}}}"), rf"(?P<{last}>.+)")


def change_words(kind: str, what: str, asked: Sequence[str] = ()) -> Words:
    """Return the sentence for a change; a step or exception stands in it in its own words."""
    about = STEPS.get(what) or EXCEPTIONS.get(what) or Words(what, what)
    said, joined = CHANGES[kind], _PHRASES["list_and"]
    return Words(
        said.nl.format(about=about.nl, asked=f" {joined.nl} ".join(asked)),
        said.en.format(about=about.en, asked=f" {joined.en} ".join(asked)),
    )


def directory_words(name: str, **values: object) -> Words:
    """Return what is said of a plan for the directory, or of who is in it, with these values in it."""
    said = DIRECTORY[name]
    return Words(said.nl.format(**values), said.en.format(**values))


def record_words(*, whom: str, day: date | None, channel: str | None, outcome: str, note: str) -> Words:
    """Return what is recorded of a step in one line, empty when that is nothing."""
    how = words_for(CHANNELS, channel) if channel else Words("", "")
    return Words(
        *(_record_line((whom, f"{day:%d-%m-%Y}" if day else "", by), outcome, note) for by in (how.nl, how.en))
    )


def _record_line(who_when_how: Iterable[str], *said: str) -> str:
    return ": ".join(filter(None, (", ".join(filter(None, who_when_how)), " ".join(filter(None, said)))))


def notice_words(name: str, **values: object) -> str:
    """Return what an organisation is told, in Dutch: the message goes to people who work in it."""
    return NOTICES[name].nl.format(**values)


def fact_words(value: object, names: Mapping[str, str]) -> Words:
    """Return the value of a fact as it stands in a sentence; `names` gives the name for a person's ref."""
    if value is None or value == []:
        return _PHRASES["fact_nothing"]
    if isinstance(value, bool):
        return _PHRASES["fact_true" if value else "fact_false"]
    if isinstance(value, list):
        told = ", ".join(names.get(one, one) for one in value)
        return Words(told, told)
    if isinstance(value, Mapping):
        return _fact_until(fact_words(value.get("kind", True), names), value.get("until"))
    told = str(value)
    return _VALUES.get(told) or RELATIONS.get(told) or Words(told, told)


def _fact_until(fact: Words, until: object) -> Words:
    said = _PHRASES["fact_until"]
    if not until:
        return fact
    return Words(said.nl.format(fact=fact.nl, until=until), said.en.format(fact=fact.en, until=until))

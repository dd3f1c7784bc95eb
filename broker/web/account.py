"""A decision as an account that a nurse and a lawyer can both read: what may, on what ground, why not, what helps.

Nothing is decided here. Each line is a code of the decision with its words, its article and who can put it right;
equal reasons stand once, with the places they are about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broker import words
from broker.domain.decision import Decision, Duty, PartVerdict
from broker.domain.document import ChangedFact
from broker.domain.obligation import Obligation
from broker.policy.law import Row, article_of, link_of, reason_on, source_at, source_of
from broker.words.text import Words

_TONES = {"deny": "error", "refer": "warning", "break_glass": "warning"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """Where the law can be read: title with article, and the address that wetten.overheid.nl resolves, if any."""

    name: str
    link: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The verdict on one question x person x category, with the words of its ground."""

    question: str
    about: str
    category: Words
    verdict: str
    says: Words
    ground: Words | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One reason, the places it is about, its article, and what helps; `by` is who can do that."""

    code: str
    says: Words
    advice: Words
    about: tuple[str, ...]
    curable: bool
    by: Words | None
    article: Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One duty: who owes it, what, towards whom and by when; `open` are those of a request that still run, by id."""

    code: str
    on: str
    party: Words
    says: Words
    about: tuple[str, ...]
    due: datetime | None
    request: str | None = None
    decision: str | None = None
    overdue: bool = False
    open: tuple[str, ...] = ()
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A fact of the case that became another: which, of whom, and how it stands before and now."""

    fact: Words
    about: str | None
    before: Words
    now: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A decision in words; `tone` is how a message about it looks: error, warning or success."""

    outcome: str
    says: Words
    tone: str
    parts: tuple[Part, ...]
    reasons: tuple[Why, ...]
    steps: tuple[tuple[str, Words], ...]
    exceptions: tuple[Words, ...]
    referrals: tuple[Words, ...]
    duties: tuple[Owed, ...]
    grounds: tuple[tuple[Words, Article], ...]


def account_of(decision: Decision, *, law: Mapping[str, Any], names: Mapping[str, str]) -> Account:
    """Return the account of a decision; `names` gives the name for a person's ref, a ref without one stays as it is."""
    return Account(
        outcome=decision.outcome,
        says=words.outcome_words(decision.outcome, parts=bool(decision.parts)),
        tone=_TONES.get(decision.outcome, "success"),
        parts=tuple(_part(part, names) for part in decision.parts),
        reasons=_reasons(decision, law, names),
        steps=tuple((step, words.words_for(words.STEPS, step)) for step in decision.todo),
        exceptions=tuple(words.words_for(words.EXCEPTIONS, code) for code in decision.exceptions),
        referrals=tuple(words.words_for(words.REFERRALS, code) for code in decision.referrals),
        duties=duties_of(decision.obligations, names),
        grounds=tuple(
            (words.words_for(words.GROUNDS, ground.code), _article(source_at(ground.source, law)))
            for ground in decision.grounds
        ),
    )


def duties_of(obligations: Sequence[Duty | Obligation], names: Mapping[str, str]) -> tuple[Owed, ...]:
    """Return the duties, the persons of one duty together, those with a date first."""
    together: dict[tuple[object, ...], list[Duty | Obligation]] = {}
    for duty in obligations:
        record = (duty.request, duty.done_at) if isinstance(duty, Obligation) else ()
        together.setdefault((duty.code, duty.on, duty.due, duty.person is None, *record), []).append(duty)
    owed = (_owed(alike, names) for alike in together.values())
    return tuple(sorted(owed, key=lambda one: (one.due is None, one.due.isoformat() if one.due else "", one.code)))


def changes_of(changes: Sequence[ChangedFact], names: Mapping[str, str]) -> tuple[Changed, ...]:
    """Return in words what changed in the case."""
    return tuple(
        Changed(
            fact=words.words_for(words.FACTS, change.fact),
            about=names.get(change.person, change.person) if change.person else None,
            before=words.fact_words(change.before, names),
            now=words.fact_words(change.now, names),
        )
        for change in changes
    )


def _owed(alike: Sequence[Duty | Obligation], names: Mapping[str, str]) -> Owed:
    first, kept = alike[0], [one for one in alike if isinstance(one, Obligation)]
    return Owed(
        code=first.code,
        on=first.on,
        party=words.words_for(words.PARTIES, first.on),
        says=words.duty_words(first.code, first.on, person=first.person),
        about=tuple(names.get(one.person, one.person) for one in alike if one.person),
        due=first.due,
        request=kept[0].request if kept else None,
        decision=kept[0].decision if kept else None,
        overdue=any(one.overdue_at and not one.done_at for one in kept),
        open=tuple(one.id for one in kept if one.due and not one.done_at),
        done_at=kept[0].done_at if kept else None,
    )


def _part(part: PartVerdict, names: Mapping[str, str]) -> Part:
    return Part(
        question=part.question,
        about=names.get(part.person, part.person),
        category=words.words_for(words.CATEGORIES, part.category),
        verdict=part.verdict,
        says=words.words_for(words.VERDICTS, part.verdict),
        ground=words.words_for(words.GROUNDS, part.ground) if part.ground else None,
    )


def _reasons(decision: Decision, law: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Why, ...]:
    places: dict[tuple[str, str | None, bool], list[str]] = {}
    for reason in decision.reasons:
        about = places.setdefault((reason.code, reason.remedy, reason.curable), [])
        person = names.get(reason.person, reason.person) if reason.person else None
        told = " ".join(filter(None, [reason.question, person]))
        if told and told not in about:
            about.append(told)
    return tuple(
        _why((code, remedy, curable), about, reason_on(code, law, decision.law_as_of), law)
        for (code, remedy, curable), about in places.items()
    )


def _why(reason: tuple[str, str | None, bool], about: list[str], row: Row, law: Mapping[str, Any]) -> Why:
    code, remedy, curable = reason
    explained = words.explain_reason(code, remedy)
    return Why(
        code=code,
        says=explained.what,
        advice=explained.advice,
        about=tuple(about),
        curable=curable,
        by=words.words_for(words.PARTIES, row["by"]) if row["by"] else None,
        article=_article(source_of(row, law)),
    )


def _article(source: Row) -> Article:
    return Article(name=article_of(source), link=link_of(source))

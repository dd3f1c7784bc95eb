"""The words people read: every code of the broker in Dutch, with English beside it.

Plain (B1), exact, and kind to somebody with ten minutes between two patients. A code is stable, its words may get
better. Tables of sentences end in a full stop; tables of labels are made to stand inside a sentence and do not.
"""

from __future__ import annotations

from collections.abc import Mapping

from broker.words.change import CHANGES, change_words
from broker.words.decision import (
    DUTIES,
    ENDINGS,
    EXCEPTIONS,
    GROUNDS,
    OBLIGATIONS,
    OUTCOMES,
    PARTIES,
    REFERRALS,
    STAGES,
    STEPS,
    VERDICTS,
)
from broker.words.error import ERRORS
from broker.words.matter import (
    CATEGORIES,
    CONSENTS,
    DECLINED,
    EVIDENCE,
    FACTS,
    KINDS,
    ORGANISATIONS,
    PURPOSES,
    RELATIONS,
    STATES,
    WEIGHINGS,
    fact_words,
)
from broker.words.reason import REASONS, REMEDIES, WITH_REMEDY
from broker.words.text import Explained, Words

__all__ = [
    "CATEGORIES",
    "CHANGES",
    "CONSENTS",
    "DECLINED",
    "DUTIES",
    "ENDINGS",
    "ERRORS",
    "EVIDENCE",
    "EXCEPTIONS",
    "FACTS",
    "GROUNDS",
    "KINDS",
    "OBLIGATIONS",
    "ORGANISATIONS",
    "OUTCOMES",
    "PARTIES",
    "PURPOSES",
    "REASONS",
    "REFERRALS",
    "RELATIONS",
    "REMEDIES",
    "STAGES",
    "STATES",
    "STEPS",
    "VERDICTS",
    "WEIGHINGS",
    "WITH_REMEDY",
    "Explained",
    "Words",
    "change_words",
    "duty_words",
    "error_words",
    "explain_error",
    "explain_reason",
    "fact_words",
    "outcome_words",
    "words_for",
]


def words_for(table: Mapping[str, Words], code: str) -> Words:
    """Return the words for a code; a code without words is shown as it is, because silence would hide it."""
    return table.get(code, Words(code, code))


def outcome_words(outcome: str, *, parts: bool) -> Words:
    """Return the sentence for an outcome; a permit that is about no parts, as that to wait with telling, names none."""
    return words_for(OUTCOMES, outcome) if parts or outcome != "permit" else Words("Dit mag.", "This is allowed.")


def duty_words(code: str, on: str) -> Words:
    """Return what an obligation asks of this party."""
    return DUTIES.get((code, on)) or words_for(OBLIGATIONS, code)


def explain_reason(code: str, remedy: str | None = None) -> Explained:
    """Return the sentence and the advice for a DN code, more exact where the decision names its remedy.

    An unknown code is named, with whom to ask.
    """
    unknown = Words(f"Reden {code}.", f"Reason {code}.")
    ask = Words("Vraag uw privacy officer wat dit betekent.", "Ask your privacy officer what this means.")
    return WITH_REMEDY.get((code, remedy or "")) or REASONS.get(code) or Explained(unknown, ask)


def explain_error(code: str, of_class: str = "broker.error") -> Explained:
    """Return the words for an error's code, else for `of_class`, the `code` of its class, else for any error."""
    return ERRORS.get(code) or ERRORS.get(of_class) or ERRORS["broker.error"]


def error_words(code: str, of_class: str = "broker.error") -> Words:
    """Return what is wrong and what to do as one text, for a problem's detail; falls back as `explain_error` does."""
    found = explain_error(code, of_class)
    return Words(f"{found.what.nl} {found.advice.nl}", f"{found.what.en} {found.advice.en}")

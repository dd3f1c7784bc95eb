"""What an AuthZEN answer says beside yes or no: why, by which article, what helps, by whom, and how to ask for it.

`access_request` is there only when the denial is on record under its `evaluation_id` and every thing in the way can be
put right (Access Request and Approval profile, draft); `obligations` have the shape of the Obligations profile (draft).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from broker import words
from broker.api.problems import STATUS
from broker.domain.decision import Decision, Reason, document_of
from broker.domain.inquiry import SUBMIT_WITHIN, is_requestable, narrowed
from broker.flows.evaluate import Evaluated
from broker.kernel.errors import BrokerError
from broker.kernel.values import format_moment
from broker.policy.law import article_of, link_of, reason_on, source_of
from broker.words.text import Words


def verdict_context(evaluated: Evaluated, *, law: Mapping[str, Any], endpoint: str) -> dict[str, Any]:
    """Return the context of a verdict; `endpoint` is where access requests go."""
    decided = evaluated.decided
    decision = narrowed(decided.decision, evaluated.part)
    shown = document_of(decision)
    context = {
        "evaluation_id": decided.id,
        "evaluated_at": format_moment(decided.at),
        "outcome": decision.outcome,
        "parts": shown["parts"],
        "grounds": shown["grounds"],
        "obligations": [_obligation(number, duty) for number, duty in enumerate(shown["obligations"], start=1)],
        "referrals": shown["referrals"],
        "todo": shown["todo"],
        "law_as_of": shown["law_as_of"],
        "policy": shown["policy"],
        "digest": decided.digest,
    }
    if not evaluated.permitted:
        context |= _denial(decision, law)
        if decided.request is not None and is_requestable(decision):
            context["access_request"] = {
                "endpoint": endpoint,
                "template": decision.reasons[0].remedy,
                "expires_at": format_moment(decided.at + SUBMIT_WITHIN),
                "display": _display(decision.reasons),
            }
    return context


def error_context(error: BrokerError) -> dict[str, Any]:
    """Return the context of a question that could not be decided: closed, with what to do about it."""
    said = words.error_words(error.code, type(error).code)
    found: dict[str, Any] = {"status": STATUS.get(type(error), 500), "message": said.en, "code": error.code}
    if error.errors:
        found["errors"] = list(error.errors)
    return {"reason": error.code, "reason_user": _both(said), "error": found}


def awaiting(decision: Decision, law: Mapping[str, Any]) -> list[str]:
    """Return the parties that have something to put right."""
    curable = (reason_on(reason.code, law, decision.law_as_of) for reason in decision.reasons if reason.curable)
    return sorted({row["by"] for row in curable} - {None})


def _denial(decision: Decision, law: Mapping[str, Any]) -> dict[str, Any]:
    reasons = [_reason(reason, law, decision.law_as_of) for reason in decision.reasons]
    said = [words.explain_reason(reason.code, reason.remedy) for reason in decision.reasons]
    if not reasons:
        said = [words.Explained(words.words_for(words.OUTCOMES, decision.outcome), Words("", ""))]
    remedies = {(reason["remedy"], reason["by"]): reason for reason in reasons if reason["curable"]}
    return {
        "reason": decision.reasons[0].code if decision.reasons else decision.outcome,
        "reason_user": {
            "nl": " ".join(dict.fromkeys(one.what.nl for one in said)),
            "en": " ".join(dict.fromkeys(one.what.en for one in said)),
        },
        "reasons": reasons,
        "remedies": [
            {"remedy": remedy, "by": by, "advice": reason["advice"]} for (remedy, by), reason in remedies.items()
        ],
    }


def _reason(reason: Reason, law: Mapping[str, Any], day: date) -> dict[str, Any]:
    explained, row = words.explain_reason(reason.code, reason.remedy), reason_on(reason.code, law, day)
    source = source_of(row, law)
    return {
        "code": reason.code,
        "stage": reason.gate,
        "person": reason.person,
        "question": reason.question,
        "curable": reason.curable,
        "remedy": reason.remedy,
        "by": row["by"],
        "says": _both(explained.what),
        "advice": _both(explained.advice),
        "article": article_of(source),
        "link": link_of(source),
    }


def _obligation(number: int, duty: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": f"{duty['code']}-{number}",
        "type": "custom",
        "properties": {**duty, "says": _both(words.duty_words(duty["code"], duty["on"], person=duty["person"]))},
    }


def _display(reasons: Sequence[Reason]) -> dict[str, str]:
    advice = (words.explain_reason(reason.code, reason.remedy).advice.nl for reason in reasons if reason.curable)
    return {"title": "Dit is te herstellen", "description": " ".join(dict.fromkeys(advice))}


def _both(said: Words) -> dict[str, str]:
    return {"nl": said.nl, "en": said.en}

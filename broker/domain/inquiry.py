"""From a question of access to what the policy is asked: one table, and the facts a caller may state.

Who acts, both organisations, ages, consents and orders come from the broker's records, whatever the question says of
them (decision.md). Only for a request that was not put yet may the caller state what it would ask.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from broker.domain.access import AccessQuestion
from broker.domain.decision import PERMITS, Decision, PartVerdict, Reason
from broker.domain.request import InformationRequest
from broker.kernel.errors import NotFoundError

WORKER = "worker"
OPERATIONS = (
    "enrol_key", "confirm_key", "register_case", "change_case", "read_worklist", "read_inbox", "weigh", "decline",
    "read_request", "record_consent", "withdraw_consent", "read_consents", "inspect", "erase", "confirm_erasure",
)  # fmt: skip
STAGES = ("ask", "answer", "open")
ACTIONS: Mapping[str, tuple[str, ...]] = {
    "case": ("ask",),
    "request": STAGES,
    "part": STAGES,
    "organisation": OPERATIONS,
}
"""What can be asked about each type of resource: a stage of a decision, or an operation around requests."""

SUBMIT_WITHIN = timedelta(hours=1)
"""How long a denial can be handed in as an access request; after that it is evaluated anew first."""

TASK_LASTS = timedelta(days=14)
"""How long a denial that was handed in is followed; after that its matter is asked anew."""

_GIVES = {"ask": {"allow", "needs_approval"}, "answer": {"allow"}, "open": {"allow"}, "operate": {"allow"}}
_PART = re.compile(r"(req_[0-9a-z]{26})/([A-Za-z][A-Za-z0-9_-]{0,63})/([a-z_]{1,40})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What the question is about: the resource's id, and for a part its question and category."""

    id: str
    part: tuple[str, str] | None = None


def target_of(question: AccessQuestion) -> Target:
    """Return what the question is about; NotFoundError for a resource or action that does not exist here."""
    resource, action = question.resource, question.action
    if action.name not in ACTIONS.get(resource.type, ()):
        raise NotFoundError("there is no such action on such a resource")
    if resource.type != "part":
        return Target(id=resource.id)
    named = _PART.fullmatch(resource.id)
    if named is None:
        raise NotFoundError("there is no such part")
    return Target(id=named[1], part=(named[2], named[3]))


def part_names(request: InformationRequest) -> list[str]:
    """Return the ids of a request's parts as resources: request/question/category."""
    return [f"{request.id}/{q.id}/{category}" for q in request.questions for category in q.categories]


def part_of(decision: Decision, target: Target) -> PartVerdict | None:
    """Return the verdict on the part that the question is about; NotFoundError for one that was not asked."""
    if target.part is None:
        return None
    for part in decision.parts:
        if (part.question, part.category) == target.part:
            return part
    raise NotFoundError("there is no such part")


def permits(decision: Decision, part: PartVerdict | None, stage: str) -> bool:
    """Tell whether the decision is a yes; a part needs its own yes beside that of the whole."""
    return decision.outcome in PERMITS and (part is None or part.verdict in _GIVES[stage])


def narrowed(decision: Decision, part: PartVerdict | None) -> Decision:
    """Return the decision with only what concerns this part; the whole decision where the question is about all."""
    if part is None:
        return decision
    whole = decision.outcome not in PERMITS
    return replace(
        decision,
        parts=(part,),
        grounds=tuple(ground for ground in decision.grounds if ground.code == part.ground),
        obligations=tuple(duty for duty in decision.obligations if duty.person in {part.person, None}),
        reasons=tuple(
            reason
            for reason in decision.reasons
            if (reason.code in part.reasons and reason.question in {part.question, None})
            or (whole and reason.question is None)
        ),
    )


def is_requestable(decision: Decision) -> bool:
    """Tell whether somebody can put right all that stands in the way of the whole, and of at least one question."""
    whole = [reason for reason in decision.reasons if reason.question is None]
    by_question: dict[str, list[Reason]] = {}
    for reason in decision.reasons:
        if reason.question is not None:
            by_question.setdefault(reason.question, []).append(reason)
    return (
        bool(decision.reasons)
        and all(reason.curable for reason in whole)
        and (not by_question or any(all(reason.curable for reason in of) for of in by_question.values()))
    )

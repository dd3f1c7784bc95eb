"""What the policy may know about a request, put together from the broker's own records (decision.md).

No name, number, address or free text comes in here: persons are refs, texts become true or false. A fact that the
document came to have later stands in it only when it is not as DEFAULTS says, so that a request without it makes the
document, and the digest, that it always made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Protocol

from broker.domain.case import Case, Person, PersonFacts, age_on
from broker.domain.consent import Consent, StepException
from broker.domain.directory import Actor, Organisation
from broker.domain.release import Release
from broker.domain.request import InformationRequest
from broker.domain.vocabulary import Side, Stage, Step
from broker.domain.weighing import STEPS, StepDone, StepRecord, Weighing, names_of
from broker.kernel.values import fields_of, format_moment, legal_day

_OF_A_PERSON = ("relation", "unborn", "capable", "authority", "source_protected", "informed_by_requester")
"""The facts of a person that stand in every document; each that came later has a default."""

DEFAULTS: dict[str, Any] = {
    "compelling_need": False,
    "directly_involved": False,
    "vir": None,
    "only_whether_known": False,
    "good_care": False,
    "acute": True,
    "police_article": "8",
    **{fact.name: fact.default for fact in fields(PersonFacts) if fact.name not in _OF_A_PERSON},
}
"""What the schema of the document takes each of these facts for when it is left out; a test holds the two equal."""

SIDE_OF_STAGE: dict[Stage, Side] = {"ask": "asking", "answer": "answering", "open": "asking"}
"""Whose act each stage is; the document names the actor's side only where he stands on the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is on record about one request, for the policy to decide on: the document's, and shown to nobody as it is.

    `consents` are those that either of the two organisations recorded, `exceptions` those that either side claims.
    `released_at`: of what was released, when; its terms run from then.
    """

    case: Case
    requester: Organisation
    responder: Organisation
    consents: Sequence[Consent] = ()
    exceptions: Sequence[StepException] = ()
    steps: Sequence[StepDone] = ()
    weighing: Weighing | None = None
    released_at: datetime | None = None


def decision_document(
    *, stage: Stage, now: datetime, actor: Actor, request: InformationRequest, facts: Facts
) -> dict[str, Any]:
    """Return the decision document of one request at one stage."""
    if stage == "ask":
        # Whether it may be asked does not hang on what was done since; who asks again is to learn nothing of it.
        facts = replace(facts, steps=(), weighing=None)
    case, requester, responder, weighing = facts.case, facts.requester, facts.responder, facts.weighing
    consents, exceptions = facts.consents, facts.exceptions
    side = request.side_of(actor, case)
    assigned = request.taken_by == actor.staff.id if stage == "answer" else actor.staff.id in case.staff
    claimed_by = "asking" if stage == "ask" else "answering"
    done = names_of(facts.steps)
    return {
        "version": 1,
        "stage": stage,
        "now": format_moment(now),
        "today": legal_day(now).isoformat(),
        **({"asked_at": format_moment(request.asked_at)} if request.asked_at != now else {}),
        **({"released_at": format_moment(facts.released_at)} if facts.released_at else {}),
        "actor": _actor(actor, assigned=assigned, side=None if side == SIDE_OF_STAGE[stage] else side),
        "requester": _organisation(requester),
        "responder": {
            **_organisation(responder),
            "profession": responder.profession,
            "holds_information_professionally": responder.holds_information_professionally,
        },
        "purpose": request.purpose,
        **case_facts(case, request, now),
        "concern": {
            "nature": bool(request.concern.nature.strip()),
            "seriousness": bool(request.concern.seriousness.strip()),
            "content": bool(request.concern.content.strip()),
            **_stated(compelling_need=bool(request.concern.compelling_need.strip())),
        },
        "danger": {
            "acute": request.danger.acute,
            "person_named": request.danger.person_named,
            "threat_named": request.danger.threat_named,
            "within_hours": request.danger.within_hours,
            "grave_to_adult": request.danger.grave_to_adult,
        },
        "questions": [
            {
                "id": question.id,
                "person": question.person,
                "categories": list(question.categories),
                "specific": question.specific,
                "period_months": question.period_months,
                **_stated(only_whether_known=question.only_whether_known),
            }
            for question in request.questions
        ],
        "consents": [_consent(consent, stage, request) for consent in consents if consent.about in request.persons],
        "exceptions": [_exception(exception) for exception in exceptions if exception.side == claimed_by],
        "steps": {name: name in done for name in STEPS.values()},
        "weighing": _weighing(weighing) if weighing else None,
        "payload": {
            # The broker has no field for a number: whose stand in the words, their writers say (law.md 3.10).
            "bsn_of": sorted(request.bsn_of | (weighing.bsn_of if weighing else frozenset())),
            "written": weighing.written if weighing else True,
            "report_approved": weighing.report_approved if weighing else True,
        },
    }


def case_facts(case: Case, request: InformationRequest, now: datetime) -> dict[str, Any]:
    """Return the part of a decision document that comes from the case: its framework and the persons asked about."""
    people = [person for person in case.persons if person.ref in request.persons]
    return {"framework": _framework(case, request), "persons": [_person(person, request, now) for person in people]}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFact:
    """A fact of the case that is not what it was: its name in the document, of whom if of a person, before and now."""

    fact: str
    person: str | None
    before: Any
    now: Any


def changed_facts(before: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[ChangedFact, ...]:
    """Return which facts of the case differ between two documents on one request, as `case_facts` gives them."""
    people = {person["ref"]: person for person in before["persons"]}
    pairs = [(None, before["framework"], now["framework"])]
    pairs += [(person["ref"], people.get(person["ref"], {}), person) for person in now["persons"]]
    return tuple(
        ChangedFact(fact=fact, person=person, before=old.get(fact), now=new.get(fact))
        for person, old, new in pairs
        for fact in [*new, *(fact for fact in old if fact not in new)]
        if old.get(fact) != new.get(fact)
    )


def operation_document(
    *,
    operation: str,
    now: datetime,
    actor: Actor,
    side: Side | None = None,
    own: bool = False,
    on: str | None = None,
    records: Mapping[Step, StepRecord] | None = None,
    reasons: str | None = None,
) -> dict[str, Any]:
    """Return the document that asks whether the actor may carry out an operation around requests.

    `side`: where he stands in the request that it is about, if it is about one. `own`: what it is about is his own.
    `on`: who owes the duty that it is about. `records`, `reasons`: what he records of each step, and why he decides so;
    of each text only how long it is.
    """
    return {
        "version": 1,
        "stage": "operate",
        "now": format_moment(now),
        "today": legal_day(now).isoformat(),
        "actor": _actor(actor, assigned=False, side=side),
        "organisation": {
            "id": actor.organisation.id,
            "type": actor.organisation.type,
            "active": actor.organisation.active,
        },
        "operation": operation,
        **({"own": True} if own else {}),
        **({"on": on} if on else {}),
        **({"records": {step: _record(record) for step, record in records.items()}} if records else {}),
        **({"reasons": _length(reasons)} if reasons is not None else {}),
    }


def _record(record: StepRecord) -> dict[str, Any]:
    return {
        "whom": _length(record.whom),
        "day": record.day.isoformat() if record.day else None,
        "channel": record.channel,
        "outcome": _length(record.outcome),
        "note": _length(record.note),
    }


def _length(text: str) -> int:
    """Return how many letters and digits are in a text: it could be a name, so the text itself goes nowhere."""
    return sum(map(str.isalnum, text))


def _actor(actor: Actor, *, assigned: bool, side: Side | None) -> dict[str, Any]:
    mandate = actor.mandate
    return {
        "role": actor.staff.role,
        "registration": actor.staff.registration,
        "supervised_by_registered": actor.staff.supervised_by_registered,
        "assurance": actor.assurance,
        "mandate": {"from": mandate.from_on.isoformat(), "until": mandate.until_on.isoformat()} if mandate else None,
        "assigned_to_case": assigned,
        **({"side": side} if side else {}),
    }


def _organisation(organisation: Organisation) -> dict[str, Any]:
    return {
        "id": organisation.id,
        "type": organisation.type,
        "active": organisation.active,
        "connected": organisation.connected,
    }


def _stated(**facts: Any) -> dict[str, Any]:
    """Return the facts that are not as the schema takes them to be anyhow."""
    return {name: value for name, value in facts.items() if value != DEFAULTS[name]}


def _framework(case: Case, request: InformationRequest) -> dict[str, Any]:
    determined, order, vir = case.investigation_determined_on, case.order, case.vir
    return {
        "case_reference": bool(case.reference),
        "vt_phase": case.vt_phase,
        "investigation_determined_on": determined.isoformat() if determined else None,
        "rvdk_task": case.rvdk_task,
        "gi_role": case.gi_role,
        "order": {
            "kind": order.kind,
            "from": order.from_on.isoformat(),
            "until": order.until_on.isoformat(),
            "executing_organisation": order.executing_organisation,
            "child": order.child,
        }
        if order
        else None,
        "zvh_case": case.zvh_case,
        "litigation_between_parents": case.litigation_between_parents,
        **_stated(
            directly_involved=request.directly_involved,
            vir={"authorised": vir.authorised, "risk": vir.risk} if vir else None,
        ),
    }


def _person(person: Person, request: InformationRequest, now: datetime) -> dict[str, Any]:
    facts = fields_of(PersonFacts, person)
    return {
        "ref": person.ref,
        "age": age_on(person.birth_on, legal_day(now)),
        "patient_of_responder": person.ref in request.patients,
        **{name: facts[name] for name in _OF_A_PERSON},
        "authority": list(person.authority),
        **_stated(**{name: value for name, value in facts.items() if name not in _OF_A_PERSON}),
    }


def _consent(consent: Consent, stage: Stage, request: InformationRequest) -> dict[str, Any]:
    """Return one consent as the discloser may count on it.

    What the requester recorded lets a question go out, so that the professional can ask the person himself; once he
    answers, it is no more than what the requester says (decision.md: nothing in `consents` is taken on a claim). A
    withdrawal counts from the day it was made, so that it overtakes every earlier consent of that person.
    """
    claimed = stage != "ask" and consent.organisation == request.requester
    since = legal_day(consent.changed_at) if consent.status == "withdrawn" else consent.on
    return {
        "about": consent.about,
        "given_by": list(consent.given_by),
        "status": consent.status,
        "recipient": consent.recipient,
        "purpose": consent.purpose,
        "categories": list(consent.categories),
        "on": since.isoformat(),
        "until": consent.until_on.isoformat() if consent.until_on else None,
        "free": consent.free,
        "explicit": consent.explicit,
        "evidence": "claimed_by_requester" if claimed else consent.evidence,
    }


def _exception(exception: StepException) -> dict[str, Any]:
    return {
        "person": exception.person,
        "code": exception.code,
        "recorded": exception.recorded,
        "reviewed_on": exception.reviewed_on.isoformat() if exception.reviewed_on else None,
        "attempts": exception.attempts,
        "channels": exception.channels,
        "days": exception.days,
    }


def _weighing(weighing: Weighing) -> dict[str, Any]:
    return {
        "by_profession": weighing.by_profession,
        "registration": weighing.registration,
        "outcome": weighing.outcome,
        # What counts is that reasons are on record, not what they say; the requester's side may not read them.
        "reasons_given": weighing.reasons_given,
        "relevant": weighing.relevant,
        "contributes": weighing.contributes,
        "no_lesser_means": weighing.no_lesser_means,
        "proportionate": weighing.proportionate,
        **_stated(good_care=weighing.good_care, acute=weighing.acute),
        "parts": [
            {
                "question": part.question,
                "category": part.category,
                "about": part.about,
                "give": part.give,
                "kind": part.kind,
                "approved_separately": part.approved_separately,
                "third_party_needed": part.third_party_needed,
                "necessary": part.necessary,
                **_stated(police_article=part.police_article),
            }
            for part in weighing.parts
        ],
    }


class FactsOnRecord(Protocol):
    """What the policy decides on. It has no reader, because it goes into the decision document and nowhere else."""

    def of(self, request: InformationRequest) -> Facts:
        """Return all that is on record about this request, which its reader was let to before.

        Of a request that is being put there is no more than the case and the consents. Raises NotFoundError for an
        organisation or a case that does not exist.
        """

    def of_released(self, request: InformationRequest, release: Release) -> Facts:
        """Return the same for the opening of what was released: weighed is only what left."""

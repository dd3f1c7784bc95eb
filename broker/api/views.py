"""What goes out: domain objects as JSON. Names and texts only where the reader was let to them by the flow."""

from __future__ import annotations

import dataclasses
from base64 import b64encode
from collections.abc import Sequence
from typing import Any

from broker.domain.bundle import Served
from broker.domain.case import Case
from broker.domain.consent import Consent, StepException
from broker.domain.decision import Decided, document_of
from broker.domain.directory import Organisation, StaffKey
from broker.domain.erasure import Erasure
from broker.domain.event import Proven, SignedCheckpoint
from broker.domain.obligation import Obligation
from broker.domain.request import InformationRequest
from broker.domain.weighing import WeighedPart
from broker.flows.answer import Previewed
from broker.flows.open import Opened
from broker.flows.read import Reading
from broker.keeper import Kept
from broker.kernel.values import format_moment


def decision_view(decided: Decided) -> dict[str, Any]:
    """Show a decision with its id, stage and moment around the document of decision.md."""
    return {
        "id": decided.id,
        "request": decided.request,
        "stage": decided.stage,
        "at": format_moment(decided.at),
        "digest": decided.digest,
        "salt": None if decided.salt is None else b64encode(decided.salt).decode(),
        **document_of(decided.decision),
    }


def request_line(request: InformationRequest) -> dict[str, Any]:
    """Show a request in a list, without texts."""
    return {
        "id": request.id,
        "case": request.case,
        "requester": request.requester,
        "responder": request.responder,
        "purpose": request.purpose,
        "state": request.state.value,
        "asked_at": format_moment(request.asked_at),
        "acute": request.danger.acute,
        "questions": len(request.questions),
    }


def request_view(request: InformationRequest) -> dict[str, Any]:
    """Show a request with its questions and the concern."""
    return {
        **request_line(request),
        "concern": {
            "nature": request.concern.nature,
            "seriousness": request.concern.seriousness,
            "content": request.concern.content,
            "compelling_need": request.concern.compelling_need,
        },
        "persons": list(request.persons),
        "questions": [
            {
                "id": question.id,
                "person": question.person,
                "text": question.text,
                "categories": list(question.categories),
                "specific": question.specific,
                "period_months": question.period_months,
                "only_whether_known": question.only_whether_known,
            }
            for question in request.questions
        ],
        "directly_involved": request.directly_involved,
        "bsn_of": sorted(request.bsn_of),
        "declination": {"because": request.declination.because, "message": request.declination.message}
        if request.declination
        else None,
    }


def case_view(case: Case) -> dict[str, Any]:
    """Show a case with its persons, for whoever sees the case or a request on it."""
    return {
        "id": case.id,
        "organisation": case.organisation,
        "vt_phase": case.vt_phase,
        "vir": {"authorised": case.vir.authorised, "risk": case.vir.risk} if case.vir else None,
        "persons": [
            {
                "ref": person.ref,
                "relation": person.relation,
                "name": person.name,
                "birth_on": person.birth_on.isoformat() if person.birth_on else None,
                "informed_by_requester": person.informed_by_requester,
            }
            for person in case.persons
        ],
    }


def reading_view(reading: Reading) -> dict[str, Any]:
    """Everything about one request that its reader may see; persons only as far as the request is about them."""
    request, weighing = reading.request, reading.weighing
    people = [person for person in case_view(reading.case)["persons"] if person["ref"] in request.persons]
    return {
        "request": request_view(request),
        "requester": organisation_view(reading.requester),
        "responder": organisation_view(reading.responder),
        "persons": people,
        "decisions": [decision_view(decided) for decided in reading.decisions],
        "steps": {step.step: {"at": format_moment(step.done_at), "note": step.note} for step in reading.steps},
        "weighing": {"outcome": weighing.outcome, "reasons": weighing.reasons} if weighing else None,
        "exceptions": [exception_view(exception) for exception in reading.exceptions],
        "side": reading.side,
        "obligations": [obligation_view(obligation) for obligation in reading.obligations],
        "changed": [dataclasses.asdict(change) for change in reading.changed],
    }


def exception_view(exception: StepException) -> dict[str, Any]:
    """Show why somebody was not asked or told, and which side says so."""
    return {
        "side": exception.side,
        "person": exception.person,
        "code": exception.code,
        "reviewed_on": exception.reviewed_on.isoformat() if exception.reviewed_on else None,
        "attempts": exception.attempts,
        "channels": exception.channels,
        "days": exception.days,
    }


def organisation_view(organisation: Organisation) -> dict[str, Any]:
    """Show an organisation as others may know it."""
    return {
        "id": organisation.id,
        "name": organisation.name,
        "type": organisation.type,
        "oin": str(organisation.oin),
        "connected": organisation.connected,
    }


def obligation_view(obligation: Obligation) -> dict[str, Any]:
    """Show a duty with its clock."""
    return {
        "id": obligation.id,
        "code": obligation.code,
        "on": obligation.on,
        "person": obligation.person,
        "due": format_moment(obligation.due) if obligation.due else None,
        "done_at": format_moment(obligation.done_at) if obligation.done_at else None,
        "overdue_at": format_moment(obligation.overdue_at) if obligation.overdue_at else None,
    }


def erasure_view(erasure: Erasure) -> dict[str, Any]:
    """Show what was asked to be erased, by whom, and when it was."""
    return {
        "id": erasure.id,
        "case": erasure.case,
        "person": erasure.person,
        "asked_by": erasure.asked_by,
        "asked_at": format_moment(erasure.asked_at),
        "confirmed_by": erasure.confirmed_by,
        "done_at": format_moment(erasure.done_at) if erasure.done_at else None,
    }


def weighed_view(part: WeighedPart) -> dict[str, Any]:
    """Show what the professional chose to give, so that his client seals nothing else."""
    return {"question": part.question, "category": part.category, "about": part.about, "kind": part.kind}


def key_view(key: StaffKey) -> dict[str, Any]:
    """Show a person's public keys, and whether they are in use or wait for a second person."""
    return {
        "key_id": key.key_id,
        "staff": key.staff,
        "status": "in_use" if key.is_confirmed else "waits",
        "opening": b64encode(key.opening).decode(),
        "signing": b64encode(key.signing).decode(),
    }


def recipient_view(key: StaffKey, proven: Proven) -> dict[str, Any]:
    """Show a key to seal to, and the event of the log that commits to whose it is, so that who seals checks it."""
    return {
        **key_view(key),
        "binding": key.binding(),
        "salt": b64encode(key.salt or b"").decode(),
        "event": event_view(proven),
    }


def previewed_view(previewed: Previewed) -> dict[str, Any]:
    """Show what would leave now, and the keys that each allowed part is to be sealed to."""
    return {
        "request": request_line(previewed.request),
        "decision": decision_view(previewed.decided),
        "recipients": [
            recipient_view(key, proven) for key, proven in zip(previewed.recipients, previewed.bindings, strict=True)
        ],
        "log": previewed.vkey,
        "weighed": [weighed_view(part) for part in previewed.weighed],
    }


def opening_view(opened: Opened) -> dict[str, Any]:
    """Show the sealed parts that may be opened now with all that they are bound to, and which stay closed."""
    return {
        "decision": decision_view(opened.decided),
        "sealed_under": opened.release.decision,
        "requester": opened.request.requester,
        "responder": opened.request.responder,
        "signing": b64encode(opened.release.signing).decode(),
        "manifest": opened.release.manifest(),
        "salt": b64encode(opened.release.salt or b"").decode(),
        "event": event_view(opened.proven),
        "log": opened.vkey,
        "parts": [
            {
                "question": part.question,
                "person": part.person,
                "category": part.category,
                "recipient": part.recipient,
                "sealed": b64encode(part.sealed).decode(),
            }
            for part in opened.parts
        ],
        "closed": [
            {"question": part.question, "person": part.person, "category": part.category, "reasons": list(part.reasons)}
            for part in opened.closed
        ],
        "to_earlier_key": opened.to_earlier_key,
    }


def consent_view(consent: Consent) -> dict[str, Any]:
    """Show a consent record."""
    return {
        "id": consent.id,
        "about": consent.about,
        "given_by": list(consent.given_by),
        "status": consent.status,
        "recipient": consent.recipient,
        "purpose": consent.purpose,
        "categories": list(consent.categories),
        "on": consent.on.isoformat(),
        "until_on": consent.until_on.isoformat() if consent.until_on else None,
        "evidence": consent.evidence,
    }


def event_view(proven: Proven) -> dict[str, Any]:
    """Show an event with its entry bytes and its proof, so that the reader verifies it himself."""
    recorded, published = proven.recorded, proven.checkpoint
    return {
        "id": recorded.id,
        "tag": recorded.tag,
        "index": recorded.index,
        "entry": b64encode(recorded.entry).decode(),
        "detail": dict(recorded.detail) if recorded.detail is not None else None,
        "salt": b64encode(recorded.salt).decode() if recorded.salt else None,
        "checkpoint": published.note if published and proven.proof is not None else None,
        "proof": [b64encode(node).decode() for node in proven.proof] if proven.proof is not None else None,
    }


def consistency_view(size: int, published: SignedCheckpoint, proof: Sequence[bytes]) -> dict[str, Any]:
    """Show the newest checkpoint with the proof that it continues the log of this size."""
    return {"size": size, "checkpoint": published.note, "proof": [b64encode(node).decode() for node in proof]}


def health_view(served: Served, log: Kept) -> dict[str, Any]:
    """Show whether anything can be decided, and by which bundle, and whether the log is kept."""
    return {
        "log": {"reason": log.trouble, "failures": log.failures},
        "policy": {
            "status": served.status,
            "revision": served.revision,
            "digest": served.digest,
            "signers": list(served.signers),
            "reason": served.reason,
        },
    }

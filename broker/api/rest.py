"""The broker's own API under /v1. Each endpoint parses, calls one flow and answers; nothing else happens here."""

from __future__ import annotations

from base64 import b64encode
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import PlainTextResponse

from broker.api import shapes, views
from broker.api.deps import W, Who
from broker.api.problems import PROBLEM
from broker.domain import vocabulary as v
from broker.domain.case import Order
from broker.domain.consent import StepException
from broker.domain.release import SealedPart
from broker.domain.request import Concern, Danger, Question
from broker.domain.weighing import WeighedPart, Weighing
from broker.flows import answer, ask, consent, enrol, open, oversee, publish, read, register, weigh  # noqa: A004
from broker.kernel.errors import BrokerError, NotFoundError

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {"application/problem+json": {"schema": PROBLEM}}}
    for status, said in (
        ("4XX", "Nothing was done, because of who calls, what was sent or how things stand."),
        ("5XX", "Nothing was done, because of a fault on this side; it may be tried again."),
    )
}

router = APIRouter(prefix="/v1", responses=_PROBLEMS)
Id = Annotated[str, Path(pattern=r"^[a-z]{3}_[0-9a-z]{26}$")]


@router.post("/keys", status_code=201, tags=["keys"])
def enrol_key(body: shapes.KeyIn, who: Who, w: W) -> dict[str, Any]:
    """Enrol the public halves of the caller's key file; earlier keys are revoked."""
    return views.key_view(enrol.enrol_key(enrol.EnrolKey(actor=who, opening=body.opening, signing=body.signing), w))


@router.post("/cases", status_code=201, tags=["cases"])
def register_case(body: shapes.CaseIn, who: Who, w: W) -> dict[str, Any]:
    """Register a case with its persons."""
    command = register.RegisterCase(
        actor=who,
        persons=tuple(
            register.PersonEntry(**{**person.model_dump(), "authority": tuple(person.authority)})
            for person in body.persons
        ),
        order=Order(**body.order.model_dump()) if body.order else None,
        **body.model_dump(exclude={"persons", "order"}),
    )
    return views.case_view(register.register_case(command, w))


@router.get("/cases", tags=["cases"])
def cases(who: Who, w: W) -> list[dict[str, Any]]:
    """Return the caller's cases."""
    return [views.case_view(case) for case in read.cases_of(who, w)]


@router.put("/cases/{case}/phase", tags=["cases"])
def change_phase(case: Id, body: shapes.PhaseIn, who: Who, w: W) -> dict[str, Any]:
    """Record the phase that a case has come to."""
    return views.case_view(register.change_case(register.ChangeCase(actor=who, case=case, **body.model_dump()), w))


@router.get("/cases/{case}/consents", tags=["consents"])
def consents(case: Id, who: Who, w: W) -> list[dict[str, Any]]:
    """Return the consents on record about the persons of a case."""
    return [views.consent_view(record) for record in read.consents_of(who, case, w)]


@router.post("/consents", status_code=201, tags=["consents"])
def record_consent(body: shapes.ConsentIn, who: Who, w: W) -> dict[str, Any]:
    """Record what a person said, in a case or on a request."""
    fields = {**body.model_dump(), "given_by": tuple(body.given_by), "categories": tuple(body.categories)}
    return views.consent_view(consent.record_consent(consent.RecordConsent(actor=who, **fields), w))


@router.post("/consents/{consent_id}/withdrawal", tags=["consents"])
def withdraw_consent(consent_id: Id, who: Who, w: W) -> dict[str, Any]:
    """Record that a consent was withdrawn; what it carried closes at the next opening."""
    return views.consent_view(consent.withdraw_consent(consent.WithdrawConsent(actor=who, consent=consent_id), w))


@router.post("/requests", status_code=201, tags=["requests"])
def ask_request(body: shapes.AskIn, who: Who, w: W) -> dict[str, Any]:
    """Put a request before the policy; the answer says whether it was delivered, and what is missing if not."""
    command = ask.Ask(
        actor=who,
        case=body.case,
        responder=body.responder,
        purpose=body.purpose,
        concern=Concern(**body.concern.model_dump()),
        danger=Danger(**body.danger.model_dump()),
        persons=tuple(body.persons),
        patients=frozenset(body.patients),
        questions=tuple(
            Question(**{**question.model_dump(), "categories": tuple(question.categories)})
            for question in body.questions
        ),
        exceptions=_exceptions(body.exceptions),
    )
    asked = ask.ask(command, w)
    return {"request": views.request_view(asked.request), "decision": views.decision_view(asked.decided)}


@router.get("/requests", tags=["requests"])
def worklist(who: Who, w: W) -> list[dict[str, Any]]:
    """Return the requests on the caller's cases, newest first."""
    return [views.request_line(request) for request in read.worklist(who, w)]


@router.get("/inbox", tags=["requests"])
def inbox(who: Who, w: W) -> list[dict[str, Any]]:
    """Return the requests that wait for the caller or that he took up."""
    return [views.request_line(request) for request in read.inbox(who, w)]


@router.get("/requests/{request}", tags=["requests"])
def one_request(request: Id, who: Who, w: W) -> dict[str, Any]:
    """Return one request as its reader may see it."""
    return views.reading_view(read.read_request(who, request, w))


@router.post("/requests/{request}/taking", tags=["weighing"])
def take(request: Id, who: Who, w: W) -> dict[str, Any]:
    """Take up a delivered request."""
    return views.request_view(weigh.take(weigh.Take(actor=who, request=request), w))


@router.patch("/requests/{request}/weighing", status_code=204, tags=["weighing"])
def record(request: Id, body: shapes.RecordIn, who: Who, w: W) -> Response:
    """Record steps, exceptions and the weighing so far; what is recorded again replaces what was."""
    weighing = body.weighing
    command = weigh.Record(
        actor=who,
        request=request,
        steps=tuple(body.steps.items()),
        exceptions=_exceptions(body.exceptions),
        weighing=Weighing(
            staff=who.staff.id,
            by_profession=who.staff.profession,
            registration=who.staff.registration,
            reasons_given=bool(weighing.reasons.strip()),
            parts=tuple(WeighedPart(**part.model_dump()) for part in weighing.parts),
            **weighing.model_dump(exclude={"parts"}),
        )
        if weighing
        else None,
    )
    weigh.record(command, w)
    return Response(status_code=204)


@router.post("/requests/{request}/preview", tags=["answers"])
def preview(request: Id, who: Who, w: W) -> dict[str, Any]:
    """Say exactly what would leave now, and to whose keys it is to be sealed."""
    previewed = answer.preview(answer.Preview(actor=who, request=request), w)
    return {
        "request": views.request_line(previewed.request),
        "decision": views.decision_view(previewed.decided),
        "recipients": [views.key_view(key) for key in previewed.recipients],
        "weighed": [views.weighed_view(part) for part in previewed.weighed],
    }


@router.post("/requests/{request}/release", status_code=201, tags=["answers"])
def release(request: Id, body: shapes.ReleaseIn, who: Who, w: W) -> dict[str, Any]:
    """Release the sealed parts under the decision that was previewed."""
    # Field by field: model_dump would turn the sealed bytes back into base64.
    parts = tuple(
        SealedPart(
            question=part.question,
            person=part.person,
            category=part.category,
            recipient=part.recipient,
            sealed=part.sealed,
        )
        for part in body.parts
    )
    released = answer.release(answer.ReleaseAnswer(actor=who, request=request, decision=body.decision, parts=parts), w)
    # The log catches up at once when it can; when it cannot, the release stands and waits for its checkpoint.
    with suppress(BrokerError):
        publish.publish(w)
    return {"id": released.id, "request": released.request, "event": released.event, "parts": len(released.parts)}


@router.post("/requests/{request}/declination", tags=["answers"])
def decline(request: Id, who: Who, w: W) -> dict[str, Any]:
    """Decline with the reasons of the weighing."""
    return views.decision_view(answer.decline(answer.Decline(actor=who, request=request), w))


@router.post("/requests/{request}/opening", tags=["answers"])
def open_request(request: Id, who: Who, w: W) -> dict[str, Any]:
    """Hand out the sealed parts that may be opened now, and say why the others stay closed."""
    opened = open.open_answer(open.Open(actor=who, request=request), w)
    return {
        "decision": views.decision_view(opened.decided),
        "sealed_under": opened.release.decision,
        "requester": opened.request.requester,
        "responder": opened.request.responder,
        "signing": b64encode(opened.release.signing).decode(),
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
    }


@router.get("/requests/{request}/events", tags=["oversight"])
def events(request: Id, who: Who, w: W) -> list[dict[str, Any]]:
    """Return the events of a request with their proofs."""
    return [views.event_view(proven) for proven in oversee.events_of(oversee.Inspect(actor=who, subject=request), w)]


@router.get("/decisions", tags=["oversight"])
def decisions(
    who: Who,
    w: W,
    outcome: v.Outcome | None = None,
    stage: v.Stage | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[dict[str, Any]]:
    """Return decisions on requests that the caller's organisation is a party to, newest first."""
    command = oversee.Search(actor=who, outcome=outcome, stage=stage, limit=limit)
    return [views.decision_view(decided) for decided in oversee.search_decisions(command, w)]


@router.post("/decisions/{decision}/replay", tags=["oversight"])
def replay(decision: Id, who: Who, w: W) -> dict[str, Any]:
    """Decide again on the document on record and compare."""
    replayed = oversee.replay(oversee.Inspect(actor=who, subject=decision), w)
    return {"decision": views.decision_view(replayed.recorded), "same": replayed.same}


@router.get("/log/checkpoint", tags=["log"], response_class=PlainTextResponse)
def checkpoint(w: W) -> PlainTextResponse:
    """Return the newest signed checkpoint of the log (C2SP tlog-checkpoint); open to everybody."""
    with w.store.transaction() as tx:
        published = tx.log.find_latest()
    if published is None:
        raise NotFoundError("the log has no checkpoint yet")
    return PlainTextResponse(published.note)


@router.get("/health", tags=["health"])
def health(w: W) -> dict[str, str]:
    """Say that the broker can reach its database, and which policy bundle it decides by."""
    with w.store.transaction() as tx:
        tx.log.find_latest()
    return {"status": "ok", "policy": w.gate.bundle_digest}


def _exceptions(entries: list[shapes.ExceptionIn]) -> tuple[StepException, ...]:
    return tuple(StepException(**entry.model_dump()) for entry in entries)

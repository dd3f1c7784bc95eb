"""The broker's own API under /v1. Each endpoint parses, calls one flow and answers; nothing else happens here."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from broker.api import commands, shapes, views
from broker.api.deps import Id, KeyId, W, Who
from broker.api.problems import MEDIA_TYPE, PROBLEMS, document_of
from broker.api.signed_in import SignedInRoute
from broker.domain import vocabulary as v
from broker.domain.decision import Wanted
from broker.domain.release import SealedPart
from broker.domain.request import Declination
from broker.flows import answer, ask, consent, enrol, erase, fulfil, open, oversee, publish, read, register, weigh  # noqa: A004
from broker.kernel.errors import BrokerError

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute)
everybody = APIRouter(prefix="/v1", responses=PROBLEMS)
"""What is open to who is not signed in: it costs little, and nobody waits for it."""


@router.post("/keys", status_code=201, tags=["keys"])
def enrol_key(body: shapes.KeyIn, who: Who, w: W) -> dict[str, Any]:
    """Enrol the public halves of the caller's key file; they wait for a second person of his organisation."""
    return views.key_view(enrol.enrol_key(enrol.EnrolKey(actor=who, **dict(body)), w))


@router.get("/keys", tags=["keys"])
def keys(who: Who, w: W) -> list[dict[str, Any]]:
    """Return the caller's keys, in use and waiting, and those of his colleagues that wait to be confirmed."""
    return [views.key_view(key) for key in enrol.keys_here(who, w)]


@router.post("/keys/{key}/confirmation", tags=["keys"])
def confirm_key(key: KeyId, who: Who, w: W) -> dict[str, Any]:
    """Confirm that a waiting key is a colleague's, who said its id himself; his earlier key is revoked."""
    return views.key_view(enrol.confirm_key(enrol.ConfirmKey(actor=who, key=key), w))


@router.post("/cases", status_code=201, tags=["cases"])
def register_case(body: shapes.CaseIn, who: Who, w: W) -> dict[str, Any]:
    """Register a case with its persons."""
    return views.case_view(register.register_case(commands.register_case_of(body, who), w))


@router.get("/cases", tags=["cases"])
def cases(who: Who, w: W) -> list[dict[str, Any]]:
    """Return the caller's cases."""
    return [views.case_view(case) for case in read.cases_of(who, w)]


@router.patch("/cases/{case}", tags=["cases"])
def change_case(case: Id, body: shapes.CaseChangeIn, who: Who, w: W) -> dict[str, Any]:
    """Record what changed in a case: its phase, an order, its persons, who works on it."""
    return views.case_view(register.change_case(commands.change_case_of(case, body, who), w))


@router.post("/erasures", status_code=201, tags=["erasures"])
def ask_erasure(body: shapes.ErasureIn, who: Who, w: W) -> dict[str, Any]:
    """Ask that somebody, or a whole case, is erased; it waits for a second person of the organisation."""
    return views.erasure_view(erase.ask_erasure(erase.Erase(actor=who, case=body.case, person=body.person), w))


@router.get("/erasures", tags=["erasures"])
def erasures(who: Who, w: W) -> list[dict[str, Any]]:
    """Return what waits to be erased at the caller's organisation."""
    return [views.erasure_view(each) for each in erase.erasures_here(who, w)]


@router.post("/erasures/{erasure}/confirmation", tags=["erasures"])
def confirm_erasure(erasure: Id, who: Who, w: W) -> dict[str, Any]:
    """Erase what a colleague asked for: its data keys are destroyed, and nobody can read it any more."""
    return views.erasure_view(erase.confirm_erasure(erase.ConfirmErasure(actor=who, erasure=erasure), w))


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
    asked = ask.ask(commands.ask_of(body, who), w)
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
    weigh.record(commands.record_of(request, body, who), w)
    return Response(status_code=204)


@router.post("/requests/{request}/preview", tags=["answers"])
def preview(request: Id, who: Who, w: W) -> dict[str, Any]:
    """Say exactly what would leave now, and to whose keys it is to be sealed."""
    return views.previewed_view(answer.preview(answer.Preview(actor=who, request=request), w))


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
def decline(
    request: Id, who: Who, w: W, body: Annotated[shapes.DeclineIn, Body(default_factory=shapes.DeclineIn)]
) -> dict[str, Any]:
    """Decline on a weighing with reasons; those stay with the professional, the asker is told what is sent here."""
    declination = Declination(body.because, body.message)
    declined = answer.decline(answer.Decline(actor=who, request=request, declination=declination), w)
    return views.decision_view(declined)


@router.post("/requests/{request}/opening", tags=["answers"])
def open_request(request: Id, who: Who, w: W) -> dict[str, Any]:
    """Hand out the sealed parts that may be opened now, and say why the others stay closed."""
    return views.opening_view(open.open_answer(open.Open(actor=who, request=request), w))


@router.get("/requests/{request}/events", tags=["oversight"])
def events(request: Id, who: Who, w: W) -> list[dict[str, Any]]:
    """Return the events of a request with their proofs."""
    return [views.event_view(proven) for proven in oversee.events_of(oversee.Inspect(actor=who, subject=request), w)]


@router.get("/obligations", tags=["oversight"])
def obligations(who: Who, w: W) -> list[dict[str, Any]]:
    """Return what waits for a privacy officer: his own duties, and those of his colleagues whose term passed."""
    return [views.obligation_view(duty) for duty in oversee.duties(who, w)]


@router.post("/obligations/{obligation}/done", tags=["obligations"])
def fulfil_obligation(obligation: Id, who: Who, w: W) -> dict[str, Any]:
    """Put on record that a duty of the caller was done; its clock stops."""
    return views.obligation_view(fulfil.fulfil(fulfil.Fulfil(actor=who, obligation=obligation), w))


@router.get("/decisions", tags=["oversight"])
def decisions(
    who: Who,
    w: W,
    outcome: v.Outcome | None = None,
    stage: v.Stage | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[dict[str, Any]]:
    """Return decisions on requests that the caller's organisation is a party to, newest first."""
    command = oversee.Search(actor=who, wanted=Wanted(outcome=outcome, stage=stage), limit=limit)
    return [views.decision_view(decided) for decided in oversee.search_decisions(command, w)]


@router.post("/decisions/{decision}/replay", tags=["oversight"])
def replay(decision: Id, who: Who, w: W) -> dict[str, Any]:
    """Decide again on the document on record and compare."""
    replayed = oversee.replay(oversee.Inspect(actor=who, subject=decision), w)
    return {"decision": views.decision_view(replayed.recorded), "same": replayed.same}


@everybody.get("/log/checkpoint", tags=["log"], response_class=PlainTextResponse)
def checkpoint(w: W) -> PlainTextResponse:
    """Return the newest signed checkpoint of the log (C2SP tlog-checkpoint); open to everybody."""
    return PlainTextResponse(publish.newest_checkpoint(w).note)


@everybody.get("/log/consistency", tags=["log"])
def consistency(w: W, size: Annotated[int, Query(ge=0, le=2**53)]) -> dict[str, Any]:
    """Return the newest checkpoint with the proof that it continues the log of this size; open to everybody."""
    published, proof = publish.consistency(size, w)
    return views.consistency_view(size, published, proof)


@everybody.get("/health", tags=["health"])
def health(request: Request, w: W) -> JSONResponse:
    """Say whether the broker is ready: it can decide, and it can put on record what it does. 503 when it is not.

    `policy.status` is LOADED, STALE (the edition on offer is not usable, an earlier one decides) or ERROR (there is
    none, so nothing is decided); `policy.reason` is the code of what is wrong. `log.reason` is the code of why the log
    cannot be kept (its key, the database), `log.failures` how often that was tried in vain since the start. It tells
    what the broker found by itself in the last seconds; asking costs nothing.
    """
    served, kept = w.gate.served, request.app.state.log_keeper.kept()
    shown = views.health_view(served, kept)
    trouble = kept.trouble or (served.reason or "policy.unavailable" if served.status == "ERROR" else None)
    if trouble is None:
        return JSONResponse({"status": "ok", **shown})
    return JSONResponse({**document_of(503, trouble), **shown}, status_code=503, media_type=MEDIA_TYPE)

"""The professional's pages: what waits, one request, the weighing that saves as it goes, the preview, and the release.

No text of an answer passes here. The page holds it until it is sealed; what comes back is sealed parts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import ValidationError

from broker import words
from broker.api.answers import PreviewedOut, ReleaseIn
from broker.api.deps import Before, Id, W
from broker.domain.request import Declination
from broker.domain.weighing import STEPS, StepDone, WeighedPart, is_recorded, names_of
from broker.domain.wiring import Wiring
from broker.flows import answer, publish, read, weigh
from broker.flows.read import Reading
from broker.kernel.errors import InputError, NotFoundError, ParseError
from broker.kernel.strict_json import read_json
from broker.kernel.values import legal_day
from broker.web import choices
from broker.web.account import account_of, changes_of, duties_of
from broker.web.duty import fulfil_chosen
from broker.web.filled import Filled
from broker.web.guard import Form, Visit, Visitor, take_kept
from broker.web.page import render
from broker.web.weighing_form import WeighingForm, completion_of, form_of
from broker.words.text import Words

router = APIRouter(prefix="/inbox")


@router.get("")
def inbox(request: Request, visit: Visitor, w: W, *, before: Before = None) -> HTMLResponse:
    """Show the requests that wait for the professional or that he took up."""
    return render(
        request,
        "inbox.html",
        **choices.paged("requests", read.inbox(visit.actor, w, before=before, limit=choices.PAGE + 1)),
        organisations=choices.names_of(read.organisations(w)),
        now=w.clock(),
    )


@router.get("/{request_id}")
def one_request(request_id: Id, request: Request, visit: Visitor, w: W) -> HTMLResponse:
    """Show the request as it stands: to take up, to weigh further, or as a note for the professional's own file."""
    reading = _reading(visit, request_id, w)
    if reading.request.is_in_hand(visit.actor.staff.id):
        kept = take_kept(request, visit)
        form = WeighingForm(kept or form_of(reading.weighing, reading.exceptions), reading.request, _taken(reading))
        return _weigh(request, reading, form, w, kept=bool(kept))
    return _answered(request, reading, visit, w)


def _answered(
    request: Request,
    reading: Reading,
    visit: Visit,
    w: Wiring,
    *,
    form: Filled | None = None,
    problems: Mapping[str, Words] | None = None,
) -> HTMLResponse:
    """Return the page of a request that is not being weighed here; `form` is what was typed to complete its record."""
    names = choices.persons_of(reading.case)
    decided = reading.newest("answer", "ask")
    return render(
        request,
        "inbox_request.html",
        reading=reading,
        form=form,
        problems=problems or {},
        names=names,
        ground=_ground(reading),
        decided=decided,
        account=account_of(decided.decision, law=w.gate.law, names=names),
        owed=duties_of(reading.obligations, names),
        changed=changes_of(reading.changed, names),
        to_complete=_to_complete(reading, visit),
        taken=_taken(reading),
        records=choices.records(w.gate.law, legal_day(w.clock())),
        must_complete=decided.decision.outcome == "break_glass" and not is_recorded(reading.weighing, reading.steps),
    )


@router.post("/{request_id}/duties")
def fulfil_duties(request_id: Id, visit: Visitor, typed: Form, w: W) -> RedirectResponse:
    """Put on record that duties of the reader were done."""
    fulfil_chosen(typed, visit, w)
    return RedirectResponse(f"/inbox/{request_id}", status_code=303)


@router.post("/{request_id}/completion")
def complete(request_id: Id, request: Request, visit: Visitor, typed: Form, w: W) -> Response:
    """Record what was left out when there was no time: what was done for each step, and the reasons."""
    form, reading = Filled(typed), _reading(visit, request_id, w)
    body, problems = completion_of(form, _taken(reading))
    if body is None:
        return _answered(request, reading, visit, w, form=form, problems=problems)
    command = replace(body.command(request_id, visit.actor), weighing=body.completed(reading.weighing))
    try:
        weigh.record(command, w)
    except InputError as error:
        if error.code != "weighing.no_reasons":
            raise
        problems = {"reasons": words.PROBLEMS["no_reasons"]}
        return _answered(request, reading, visit, w, form=form, problems=problems)
    return RedirectResponse(f"/inbox/{request_id}", status_code=303)


@router.post("/{request_id}/taking")
def take(request_id: Id, visit: Visitor, _: Form, w: W) -> RedirectResponse:
    """Take up the request."""
    weigh.take(weigh.Take(actor=visit.actor, request=request_id), w)
    return RedirectResponse(f"/inbox/{request_id}", status_code=303)


@router.post("/{request_id}")
def record(
    request_id: Id, request: Request, visit: Visitor, typed: Form, w: W, *, x_fragment: Annotated[str, Header()] = ""
) -> Response:
    """Record what was filled in, then go where the button says: on, to the preview, or decline.

    With `x-fragment` the page saves while it is being filled in, and nothing comes back but that it did.
    """
    reading = _reading(visit, request_id, w)
    form = WeighingForm(typed, reading.request, _taken(reading))
    body, problems = form.parse()
    if body is None:
        return _weigh(request, reading, form, w, problems=problems)
    told, problems = form.declination() if form.value("do") == "decline" else (None, {})
    if problems:
        return _weigh(request, reading, form, w, problems=problems)
    weigh.record(body.command(request_id, visit.actor), w)
    if x_fragment:
        return Response(status_code=204)
    match form.value("do"):
        case "preview":
            return _preview(request, reading, visit, w)
        case "decline" if told is not None:
            declination = Declination(told.because, told.message)
            answer.decline(answer.Decline(actor=visit.actor, request=request_id, declination=declination), w)
        case _ if form.value("add"):
            return _weigh(request, reading, form, w)
    return RedirectResponse(f"/inbox/{request_id}", status_code=303)


@router.post("/{request_id}/release")
def release(request_id: Id, visit: Visitor, typed: Form, w: W) -> RedirectResponse:
    """Release the parts that the page sealed under the decision that was previewed."""
    body = _sealed(typed.get("decision"), typed.get("parts"))
    answer.release(body.command(request_id, visit.actor), w)
    publish.catch_up(w)
    return RedirectResponse(f"/inbox/{request_id}", status_code=303)


def _reading(visit: Visit, request_id: str, w: W) -> Reading:
    reading = read.read_request(visit.actor, request_id, w)
    if reading.side != "answering":
        raise NotFoundError("this request was not put to the reader")
    return reading


def _taken(reading: Reading) -> dict[str, StepDone]:
    return {done.step: done for done in reading.steps}


def _to_complete(reading: Reading, visit: Visit) -> list[str]:
    """Return the steps that this reader can still record of his answer; none when it is complete."""
    if not reading.request.may_complete(visit.actor.staff.id):
        return []
    return [step for step in STEPS if STEPS[step] not in names_of(reading.steps)]


def _ground(reading: Reading) -> Words:
    """Return in one sentence whether it is a duty, a right or a matter of consent to answer."""
    return words.outcome_words(reading.newest("ask").decision.outcome, parts=True)


def _weigh(
    request: Request,
    reading: Reading,
    form: WeighingForm,
    w: Wiring,
    *,
    problems: Mapping[str, Words] | None = None,
    kept: bool = False,
) -> HTMLResponse:
    names = choices.persons_of(reading.case)
    return render(
        request,
        "weigh.html",
        reading=reading,
        names=names,
        changed=changes_of(reading.changed, names),
        about=[person for person in reading.case.persons if person.ref in reading.request.persons],
        ground=_ground(reading),
        steps=list(STEPS),
        taken=_taken(reading),
        records=choices.records(w.gate.law, legal_day(w.clock())),
        form=form,
        problems=problems or {},
        kept=kept,
    )


def _preview(request: Request, reading: Reading, visit: Visit, w: W) -> HTMLResponse:
    previewed = answer.preview(answer.Preview(actor=visit.actor, request=reading.request.id), w)
    names, decision = choices.persons_of(reading.case), previewed.decided.decision
    return render(
        request,
        "preview.html",
        asked=previewed.request,
        requester=reading.requester,
        decided=previewed.decided,
        account=account_of(decision, law=w.gate.law, names=names),
        names=names,
        changed=changes_of(reading.changed, names),
        leaves=_leaves(previewed),
        allowed=bool(decision.allowed),
        recipients=previewed.recipients,
        previewed=PreviewedOut.of(previewed).model_dump(mode="json"),
    )


def _leaves(previewed: answer.Previewed) -> list[dict[str, Any]]:
    """Return each weighed statement, with why it stays here when it does (the client is held to the same)."""
    decision = previewed.decided.decision
    allowed = {(part.question, part.category) for part in decision.allowed}
    verdicts = {(part.question, part.category): part for part in decision.parts}
    stripped: dict[tuple[str | None, str | None], list[Words]] = {}
    for reason in decision.reasons:
        stripped.setdefault((reason.question, reason.person), []).append(
            words.explain_reason(reason.code, reason.remedy).what
        )

    def stays(part: WeighedPart) -> list[Words]:
        verdict = verdicts[part.question, part.category]
        if (part.question, part.category) not in allowed:
            said = [words.explain_reason(code).what for code in verdict.reasons]
            return said or [words.words_for(words.VERDICTS, verdict.verdict)]
        return stripped.get((part.question, part.about), []) if part.about != verdict.person else []

    return [
        {
            "question": part.question,
            "category": part.category,
            "about": part.about,
            "kind": part.kind,
            "stays": stays(part),
        }
        for part in previewed.weighed
    ]


def _sealed(decision: object, parts: object) -> ReleaseIn:
    """Return the sealed parts that the page's script put in the form; InputError for anything else."""
    try:
        sealed = read_json(str(parts).encode())
        return ReleaseIn.model_validate({"decision": str(decision), "parts": sealed})
    except (ParseError, ValidationError) as error:
        raise InputError("the page sent no sealed parts", code="answer.not_the_allowed_parts") from error

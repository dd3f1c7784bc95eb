"""The worker's pages: what was asked and how it stands, a new request, and one request with its answer."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from broker import words
from broker.api.answers import OpeningOut
from broker.api.deps import Before, Id, W
from broker.domain.case import Case
from broker.flows import ask, read
from broker.flows.open import Open, open_answer
from broker.kernel.errors import NotFoundError
from broker.kernel.values import legal_day
from broker.web import choices
from broker.web.account import account_of, duties_of
from broker.web.duty import fulfil_chosen
from broker.web.guard import Form, Visit, Visitor, take_kept
from broker.web.page import render
from broker.web.request_form import RequestForm

router = APIRouter(prefix="/requests")


@router.get("")
def worklist(request: Request, visit: Visitor, w: W, *, before: Before = None) -> HTMLResponse:
    """Show the requests on the worker's cases, newest first."""
    return render(
        request,
        "requests.html",
        **choices.paged("requests", read.worklist(visit.actor, w, before=before, limit=choices.PAGE + 1)),
        organisations=choices.names_of(read.organisations(w)),
        now=w.clock(),
    )


@router.get("/new")
def choose_case(request: Request, visit: Visitor, w: W) -> HTMLResponse:
    """Ask which case the new request is about."""
    return render(request, "choose_case.html", cases=read.cases_of(visit.actor, w))


@router.get("/new/{case}")
def new_request(case: Id, request: Request, visit: Visitor, w: W) -> HTMLResponse:
    """Show the form of a new request, filled in with what a session that ran out kept."""
    kept = take_kept(request, visit)
    on = read.read_case(visit.actor, case, w)
    return _form(request, visit, w, RequestForm(kept or FormData(), case), on, kept=bool(kept))


@router.post("/new/{case}")
def send_request(
    case: Id, request: Request, visit: Visitor, typed: Form, w: W, *, x_fragment: Annotated[str, Header()] = ""
) -> Response:
    """Ask what was filled in, or show what the policy would answer to it; `x-fragment` wants that answer alone."""
    form = RequestForm(typed, case)
    body, problems = form.parse()
    if body is None or form.value("do") != "send":
        considered = ask.consider(body.command(visit.actor), w) if body else None
        on = read.read_case(visit.actor, case, w)
        account = account_of(considered, law=w.gate.law, names=choices.persons_of(on)) if considered else None
        facts: dict[str, Any] = {"account": account, "missing": problems, "naming": form.naming(on.persons)}
        if x_fragment:
            return render(request, "ask_answer.html", **facts)
        adding = form.value("do") == "add"
        return _form(request, visit, w, form, on, problems={} if adding else problems, **facts)
    asked = ask.ask(body.command(visit.actor), w)
    return RedirectResponse(f"/requests/{asked.request.id}", status_code=303)


@router.get("/{request_id}")
def one_request(request_id: Id, request: Request, visit: Visitor, w: W) -> HTMLResponse:
    """Show one request: how it stands and why, what was asked, and the duties that run."""
    reading = read.read_request(visit.actor, request_id, w)
    if reading.side != "asking":
        raise NotFoundError("this request was put to the reader, not by him")
    names = choices.persons_of(reading.case)
    # The newest decision of the asking: what opening decided stands on the page of the answer.
    decided = reading.newest("ask")
    return render(
        request,
        "request.html",
        reading=reading,
        names=names,
        account=account_of(decided.decision, law=w.gate.law, names=names),
        owed=duties_of(reading.obligations, names),
    )


@router.post("/{request_id}/duties")
def fulfil_duties(request_id: Id, visit: Visitor, typed: Form, w: W) -> RedirectResponse:
    """Put on record that duties of the reader were done."""
    fulfil_chosen(typed, visit, w)
    return RedirectResponse(f"/requests/{request_id}", status_code=303)


@router.post("/{request_id}/opening")
def open_request(request_id: Id, request: Request, visit: Visitor, _: Form, w: W) -> HTMLResponse:
    """Hand the sealed parts that may be opened now to the page, and say why the others stay closed."""
    opened = open_answer(Open(actor=visit.actor, request=request_id), w)
    reading = read.read_request(visit.actor, request_id, w)
    texts = {question.id: question.text for question in reading.request.questions}
    names = choices.persons_of(reading.case)
    grounds = {part.key: part.ground for part in opened.decided.decision.parts}
    shown = dict.fromkeys(part.key for part in opened.parts)
    return render(
        request,
        "open.html",
        asked=opened.request,
        responder=reading.responder,
        names=names,
        opened=[
            {
                "question": question,
                "person": person,
                "category": category,
                "text": texts[question],
                "ground": words.words_for(words.GROUNDS, grounds[question, person, category] or ""),
            }
            for question, person, category in shown
        ],
        closed=opened.closed,
        until=opened.release.expires_at,
        opening=OpeningOut.of(opened).model_dump(mode="json") | {"names": names},
        explain=words.explain_reason,
        account=account_of(opened.decided.decision, law=w.gate.law, names=names),
    )


def _form(request: Request, visit: Visit, w: W, form: RequestForm, case: Case, **facts: Any) -> HTMLResponse:
    actor, law = visit.actor, w.gate.law
    purposes = choices.purposes(actor.organisation.type, law)
    chosen = form.value("purpose") or (purposes[0] if purposes else "")
    usual, unusual = choices.categories(chosen, law, legal_day(w.clock()))
    return render(
        request,
        "ask.html",
        **{"account": None, "missing": {}, "naming": [], "problems": {}, "kept": False} | facts,
        form=form,
        case=case,
        responders=[(one.id, one.name) for one in read.organisations(w) if one.id != actor.organisation.id],
        purposes=purposes,
        usual=usual,
        unusual=unusual,
    )

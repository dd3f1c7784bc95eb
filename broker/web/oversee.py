"""The privacy officer's pages: decisions found, one decision as an account with its proof, refused calls, and figures.

Whoever looks is looked at: each of these pages is an event in the log (NEN 7513).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from broker import words
from broker.api.attempts import CODE
from broker.api.decisions import SearchIn
from broker.api.deps import W
from broker.api.events import EventOut
from broker.api.evidence import package_of
from broker.api.shapes import ORGANISATION_ID
from broker.crypto.base64text import encode_base64
from broker.domain import vocabulary as v
from broker.domain.decision import Wanted, document_of
from broker.domain.event import WantedAttempts
from broker.domain.figures import SMALL, Quarter
from broker.flows import oversee, read
from broker.kernel.errors import InputError
from broker.kernel.values import day_begins, legal_day
from broker.web import choices
from broker.web.account import account_of, duties_of
from broker.web.duty import fulfil_chosen
from broker.web.filled import Filled
from broker.web.guard import Form, Visit, Visitor
from broker.web.page import language_of, names_in, render

router = APIRouter(prefix="/decisions")
Id = Annotated[str, Path(pattern=r"^dec_[0-9a-z]{26}$")]
About = Annotated[str, Path(pattern=r"^req_[0-9a-z]{26}$")]
Before = Annotated[str | None, Query(pattern=r"^dec_[0-9a-z]{26}$")]
BeforeAttempt = Annotated[str | None, Query(pattern=r"^evt_[0-9a-z]{26}$")]
_ASKED = {
    "outcome": "outcome",
    "stage": "stage",
    "reason": "reason",
    "about": "request",
    "organisation": "organisation",
    "staff": "staff",
    "since": "since",
    "until": "until",
}
"""The fields of the search form, and what the API calls them."""

QUARTERS = 8
"""How many quarters back the page of figures offers."""


@router.get("")
def search(
    request: Request,
    visit: Visitor,
    w: W,
    *,
    outcome: v.Outcome | Literal[""] = "",
    stage: v.Stage | Literal[""] = "",
    reason: Annotated[str, Query(pattern=r"^(DN-\d\d)?$")] = "",
    about: Annotated[str, Query(pattern=r"^(req_[0-9a-z]{26})?$")] = "",
    organisation: Annotated[str, Query(pattern=rf"^({ORGANISATION_ID})?$")] = "",
    since: str = "",
    until: str = "",
    before: Before = None,
) -> HTMLResponse:
    """Show decisions on requests that the officer's organisation is a party to, newest first."""
    asked = {"outcome": outcome, "stage": stage, "reason": reason, "about": about, "since": since, "until": until}
    asked |= {"organisation": organisation, "staff": ""}
    wanted = Wanted(
        outcome=outcome or None,
        stage=stage or None,
        reason=reason or None,
        request=about or None,
        organisation=organisation or None,
        since=_beginning(since),
        until=_beginning(until, days=1),
    )
    return _decisions(request, visit, w, asked, oversee.Search(actor=visit.actor, wanted=wanted, before=before))


@router.post("")
def search_person(request: Request, visit: Visitor, typed: Form, w: W) -> Response:
    """Show what one colleague decided, who must not stand in an address; any other search goes on by its address."""
    filled = Filled(typed)
    asked = {name: filled.value(name) for name in _ASKED}
    if not asked["staff"]:
        query = urlencode({name: value for name, value in asked.items() if value})
        return RedirectResponse(f"/decisions?{query}" if query else "/decisions", status_code=303)
    said = {_ASKED[name]: value for name, value in asked.items() if value}
    try:
        search_in = SearchIn.model_validate(said | {"before": filled.value("before") or None})
    except ValidationError:
        raise InputError("the form does not fit") from None
    command = oversee.Search(actor=visit.actor, wanted=search_in.wanted(), before=search_in.before)
    return _decisions(request, visit, w, asked, command)


def _decisions(request: Request, visit: Visit, w: W, asked: dict[str, str], command: oversee.Search) -> HTMLResponse:
    found = oversee.search_decisions(replace(command, limit=choices.PAGE + 1), w)
    return render(
        request,
        "decisions.html",
        **choices.paged("decisions", found),
        asked=asked,
        waiting=[] if command.before else duties_of(oversee.duties(visit.actor, w), {}),
        reasons=sorted(words.REASONS),
        organisations=[(one.id, one.name) for one in read.organisations(w) if one.id != visit.actor.organisation.id],
        colleagues=[(one, one) for one in read.colleagues(visit.actor, w)],
    )


@router.post("/duties")
def fulfil_duties(visit: Visitor, typed: Form, w: W) -> RedirectResponse:
    """Put on record that the officer did what waited for him."""
    fulfil_chosen(typed, visit, w)
    return RedirectResponse("/decisions", status_code=303)


@router.get("/attempts")
def attempts(
    request: Request,
    visit: Visitor,
    w: W,
    *,
    code: Annotated[str, Query(pattern=f"^({CODE})?$", max_length=100)] = "",
    since: str = "",
    until: str = "",
    before: BeforeAttempt = None,
) -> HTMLResponse:
    """Show the calls of the officer's colleagues that were refused or failed, newest first."""
    wanted = WantedAttempts(code=code or None, since=_beginning(since), until=_beginning(until, days=1))
    command = oversee.SearchAttempts(actor=visit.actor, wanted=wanted, before=before, limit=choices.PAGE + 1)
    found = oversee.search_attempts(command, w)
    return render(
        request,
        "attempts.html",
        **choices.paged("attempts", found.attempts),
        asked={"code": code, "since": since, "until": until},
        codes=[(one, words.explain_error(one).what) for one in found.codes],
    )


@router.get("/figures")
def figures(
    request: Request, visit: Visitor, w: W, *, quarter: Annotated[str, Query(pattern=r"^(\d{4}-[1-4])?$")] = ""
) -> HTMLResponse:
    """Show the figures of one quarter, each chart with its table."""
    offered = [Quarter.of(legal_day(w.clock()))]
    while len(offered) < QUARTERS:
        offered.append(offered[-1].before())
    chosen = next((one for one in offered if f"{one.year}-{one.number}" == quarter), offered[0])
    counted = oversee.count(oversee.Count(actor=visit.actor, quarter=chosen), w)
    return render(request, "figures.html", figures=counted, quarters=offered, small=SMALL)


@router.get("/evidence/{about}")
def evidence(about: About, request: Request, visit: Visitor, w: W) -> Response:
    """Give the evidence package of a request as a file to keep."""
    return package_of(about, request, visit.actor, w)


@router.get("/{decision}")
def one_decision(decision: Id, request: Request, visit: Visitor, w: W) -> HTMLResponse:
    """Show one decision: the facts, the law, the outcome, who and when, and the proof that it is in the log."""
    return _page(decision, request, visit, w)


@router.post("/{decision}/replay")
def replay(decision: Id, request: Request, visit: Visitor, _: Form, w: W) -> HTMLResponse:
    """Decide again on the facts on record, and show whether the decision is the same."""
    replayed = oversee.replay(oversee.Inspect(actor=visit.actor, subject=decision), w)
    return _page(decision, request, visit, w, replayed=replayed)


def _page(
    decision: str, request: Request, visit: Visit, w: W, *, replayed: oversee.Replayed | None = None
) -> HTMLResponse:
    found = oversee.account(oversee.Inspect(actor=visit.actor, subject=decision), w)
    decided, names = found.decided, names_in(found.decided.document, language_of(request))
    return render(
        request,
        "one_decision.html",
        found=found,
        decided=decided,
        facts=decided.document,
        names=names,
        account=account_of(decided.decision, law=w.gate.law, names=names),
        replayed=replayed,
        shown={
            "event": EventOut.of(found.proven).model_dump(mode="json") if found.proven else None,
            "document": decided.document,
            "decision": document_of(decided.decision),
            "salt": encode_base64(decided.salt) if decided.salt else None,
        },
    )


def _beginning(day: str, *, days: int = 0) -> datetime | None:
    """Return the first moment of this day, or of one so many days later; None for what is no day."""
    try:
        return day_begins(date.fromisoformat(day) + timedelta(days=days))
    except (ValueError, OverflowError):
        return None

"""The page on which either side records what a person said about sharing, and takes a consent back."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from broker.api.consents import ConsentIn
from broker.api.deps import Id, W
from broker.flows import consent, read
from broker.kernel.values import legal_day
from broker.web import choices
from broker.web.filled import Filled, checked
from broker.web.guard import Form, Visit, Visitor, take_kept
from broker.web.page import render
from broker.words import PROBLEMS, Words

router = APIRouter(prefix="/consents")


@router.get("/{request_id}")
def consents(request_id: Id, request: Request, visit: Visitor, w: W) -> HTMLResponse:
    """Show what was said about the persons of this request."""
    return _page(request, request_id, visit, w, Filled(take_kept(request, visit) or FormData()))


@router.post("/{request_id}")
def record(request_id: Id, request: Request, visit: Visitor, typed: Form, w: W) -> Response:
    """Record what somebody said, for the purpose and the asker of this request."""
    form, reading = Filled(typed), read.read_request(visit.actor, request_id, w)
    missing = {} if form.chosen("categories") else {"categories": PROBLEMS["no_category"]}
    body, problems = checked(
        ConsentIn,
        {
            "request": request_id,
            "about": form.value("about"),
            "given_by": form.chosen("given_by"),
            "status": form.value("status"),
            "recipient": reading.request.requester,
            "purpose": reading.request.purpose,
            "categories": form.chosen("categories"),
            "on": form.value("on"),
            "until_on": form.value("until_on") or None,
            "free": form.ticked("free"),
            "explicit": form.ticked("explicit"),
            "evidence": form.value("evidence"),
        },
        lambda location: str(location[0]),
        missing,
    )
    if body is None:
        return _page(request, request_id, visit, w, form, problems)
    consent.record_consent(body.command(visit.actor), w)
    return RedirectResponse(f"/consents/{request_id}", status_code=303)


@router.post("/{request_id}/{consent_id}/withdrawal")
def withdraw(request_id: Id, consent_id: Id, visit: Visitor, _: Form, w: W) -> RedirectResponse:
    """Take a consent back; what it carried closes at the next opening."""
    consent.withdraw_consent(consent.WithdrawConsent(actor=visit.actor, consent=consent_id), w)
    return RedirectResponse(f"/consents/{request_id}", status_code=303)


def _page(
    request: Request, request_id: str, visit: Visit, w: W, form: Filled, problems: Mapping[str, Words] | None = None
) -> HTMLResponse:
    reading = read.read_request(visit.actor, request_id, w)
    asked = dict.fromkeys(category for question in reading.request.questions for category in question.categories)
    side = "requests" if reading.side == "asking" else "inbox"
    return render(
        request,
        "consents.html",
        reading=reading,
        consents=read.consents_of(visit.actor, reading.case.id, w),
        names=choices.persons_of(reading.case),
        about=[person for person in reading.case.persons if person.ref in reading.request.persons],
        asked=list(asked),
        back=f"/{side}/{request_id}",
        today=legal_day(w.clock()).isoformat(),
        form=form,
        problems=problems or {},
    )

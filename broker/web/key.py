"""The page of one's own key: made, backed up and restored in the browser; only its public halves come here."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from broker.api.deps import W
from broker.api.shapes import KeyIn
from broker.flows import enrol
from broker.kernel.errors import InputError
from broker.web.guard import Form, Visitor
from broker.web.page import render

router = APIRouter(prefix="/key")


@router.get("")
def key(request: Request, visit: Visitor, w: W) -> HTMLResponse:
    """Show whether a key is enrolled, and let the page make, back up or restore one."""
    return render(request, "key.html", enrolled=enrol.find_key(visit.actor, w))


@router.post("")
def enrol_key(visit: Visitor, typed: Form, w: W) -> RedirectResponse:
    """Enrol the public halves that the page made; earlier keys are revoked."""
    try:
        body = KeyIn.model_validate({"opening": typed.get("opening"), "signing": typed.get("signing")})
    except ValidationError as error:
        raise InputError("the page sent no keys", code="key.not_made") from error
    enrol.enrol_key(enrol.EnrolKey(actor=visit.actor, opening=body.opening, signing=body.signing), w)
    return RedirectResponse("/key", status_code=303)

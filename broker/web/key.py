"""The page of one's own key: made, backed up and restored in the browser; only its public halves come here."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from broker.api.deps import KeyId, W
from broker.api.keys import KeyIn
from broker.flows import enrol
from broker.kernel.errors import InputError
from broker.web.guard import Form, Visitor
from broker.web.page import render

router = APIRouter(prefix="/key")


@router.get("")
def key(request: Request, visit: Visitor, w: W) -> HTMLResponse:
    """Show which keys are in use and wait, and let the page make, back up or restore one's own."""
    here, me = enrol.keys_here(visit.actor, w), visit.actor.staff.id
    own = [one for one in here if one.staff == me]
    return render(
        request,
        "key.html",
        in_use=next((one for one in own if one.is_confirmed), None),
        waits=next((one for one in own if not one.is_confirmed), None),
        colleagues=[one for one in here if one.staff != me],
    )


@router.post("")
def enrol_key(visit: Visitor, typed: Form, w: W) -> RedirectResponse:
    """Enrol the public halves that the page made; they wait for a colleague."""
    try:
        body = KeyIn.model_validate({name: typed.get(name) for name in KeyIn.model_fields})
    except ValidationError as error:
        raise InputError("the page sent no keys", code="key.not_made") from error
    enrol.enrol_key(enrol.EnrolKey(actor=visit.actor, **dict(body)), w)
    return RedirectResponse("/key", status_code=303)


@router.post("/{key_id}/confirmation")
def confirm_key(key_id: KeyId, visit: Visitor, _: Form, w: W) -> RedirectResponse:
    """Confirm that a waiting key is a colleague's."""
    enrol.confirm_key(enrol.ConfirmKey(actor=visit.actor, key=key_id), w)
    return RedirectResponse("/key", status_code=303)

"""Erasures: what is to be erased, asked by one and confirmed by another."""

from __future__ import annotations

from fastapi import APIRouter

from broker.api import shapes
from broker.api.deps import Id, W, Who
from broker.api.problems import PROBLEMS
from broker.api.shapes import Moment, Out, Ref, Shape
from broker.api.signed_in import SignedInRoute
from broker.flows import erase

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute, tags=["erasures"])


class ErasureIn(Shape):
    """What is to be erased of a case: one person by his ref, or without one the whole case."""

    case: shapes.Id
    person: Ref | None = None


class ErasureOut(Out):
    """What was asked to be erased, by whom, and when it was."""

    id: str
    case: str
    person: str | None
    asked_by: str
    asked_at: Moment
    confirmed_by: str | None
    done_at: Moment | None


@router.post("/erasures", status_code=201)
def ask_erasure(body: ErasureIn, who: Who, w: W) -> ErasureOut:
    """Ask that somebody, or a whole case, is erased; it waits for a second person of the organisation."""
    return ErasureOut.of(erase.ask_erasure(erase.Erase(actor=who, case=body.case, person=body.person), w))


@router.get("/erasures")
def erasures(who: Who, w: W) -> list[ErasureOut]:
    """Return what waits to be erased at the caller's organisation."""
    return [ErasureOut.of(each) for each in erase.erasures_here(who, w)]


@router.post("/erasures/{erasure}/confirmation")
def confirm_erasure(erasure: Id, who: Who, w: W) -> ErasureOut:
    """Erase what a colleague asked for: its data keys are destroyed, and nobody can read it any more."""
    return ErasureOut.of(erase.confirm_erasure(erase.ConfirmErasure(actor=who, erasure=erasure), w))

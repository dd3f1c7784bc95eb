"""Obligations: the duties that came with decisions, their clocks, and saying that one was done."""

from __future__ import annotations

from fastapi import APIRouter

from broker.api.deps import Id, W, Who
from broker.api.problems import PROBLEMS
from broker.api.shapes import Moment, Out
from broker.api.signed_in import SignedInRoute
from broker.domain import vocabulary as v
from broker.flows import fulfil, oversee

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute)


class ObligationOut(Out):
    """A duty with its clock."""

    id: str
    code: v.DutyCode
    on: v.DutyOn
    person: str | None
    due: Moment | None
    done_at: Moment | None
    overdue_at: Moment | None


@router.get("/obligations", tags=["oversight"])
def obligations(who: Who, w: W) -> list[ObligationOut]:
    """Return what waits for a privacy officer: his own duties, and those of his colleagues whose term passed."""
    return [ObligationOut.of(duty) for duty in oversee.duties(who, w)]


@router.post("/obligations/{obligation}/done", tags=["obligations"])
def fulfil_obligation(obligation: Id, who: Who, w: W) -> ObligationOut:
    """Put on record that a duty of the caller was done; its clock stops."""
    return ObligationOut.of(fulfil.fulfil(fulfil.Fulfil(actor=who, obligation=obligation), w))

"""Calls that were refused or failed, for the privacy officers of those who made them."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from broker.api.deps import Before, W, Who
from broker.api.problems import PROBLEMS
from broker.api.shapes import Day, Moment, Out
from broker.api.signed_in import SignedInRoute
from broker.domain.event import WantedAttempts
from broker.flows import oversee
from broker.kernel.values import day_begins

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute, tags=["oversight"])

CODE = r"[a-z]+(\.[a-z_]+)+"
"""What the code of an error looks like."""


class AttemptOut(Out):
    """A call that was refused, or that failed otherwise: when, by whom of your staff, and the code he was told.

    `call` is the method and the pattern of the address. With `times` above 1 it stands for so many within an hour.
    """

    id: str
    at: Moment
    refused: bool
    code: str
    reasons: list[str]
    staff: str
    call: str
    times: int


@router.get("/attempts")
def attempts(
    who: Who,
    w: W,
    code: Annotated[str, StringConstraints(pattern=f"^{CODE}$", max_length=100)] | None = None,
    since: Day | None = None,
    until: Day | None = None,
    before: Before = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[AttemptOut]:
    """Return calls of the caller's organisation's people that were refused or failed, newest first.

    From the day `since` up to and with `until`, in the Netherlands. The next page is `before` the id of the last.
    """
    wanted = WantedAttempts(
        code=code,
        since=day_begins(since) if since else None,
        until=day_begins(until + timedelta(days=1)) if until else None,
    )
    found = oversee.search_attempts(oversee.SearchAttempts(actor=who, wanted=wanted, before=before, limit=limit), w)
    return [AttemptOut.model_validate(attempt, from_attributes=True) for attempt in found.attempts]

"""Decisions on record, in the words of decision.md, for the parties and their privacy officers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints

from broker.api.deps import Before, Id, W, Who
from broker.api.problems import PROBLEMS
from broker.api.shapes import ID, Day, Encoded, Moment, OrganisationId, Out, Shape, StaffId
from broker.api.signed_in import SignedInRoute
from broker.domain import vocabulary as v
from broker.domain.decision import Decided, Wanted, document_of
from broker.domain.directory import Actor
from broker.flows import oversee
from broker.kernel.values import day_begins

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute, tags=["oversight"])
RequestId = Annotated[str, StringConstraints(pattern=r"^req_[0-9a-z]{26}$")]


class VerdictOut(Out):
    """The verdict on one question, person and category."""

    question: str
    person: str
    category: v.Category
    verdict: v.Verdict
    ground: str | None
    reasons: list[v.ReasonCode]


class GroundOut(Out):
    """A legal ground that carries at least one part."""

    code: str
    kind: v.GroundKind
    source: str
    valid_from: date


class ReasonOut(Out):
    """Why something is refused or withheld; `stage` is the gate that says so."""

    code: v.ReasonCode
    stage: v.GateNumber
    curable: bool
    remedy: str | None
    person: str | None
    question: str | None


class DutyOut(Out):
    """What comes with the decision: on whom, towards whom, by when."""

    code: v.DutyCode
    on: v.DutyOn
    due: Moment | None
    person: str | None


class PolicyOut(Out):
    """The bundle that decided."""

    revision: str
    digest: str


class DecisionOut(Out):
    """A decision on record around the document of decision.md; with `salt`, base64, `digest` can be made again."""

    id: str
    request: str | None
    stage: v.Stage
    at: Moment
    digest: str
    salt: Encoded | None
    version: int
    outcome: v.Outcome
    parts: list[VerdictOut]
    grounds: list[GroundOut]
    reasons: list[ReasonOut]
    referrals: list[v.Escalation]
    obligations: list[DutyOut]
    todo: list[v.Step]
    exceptions: list[v.ExceptionCode]
    law_as_of: date
    policy: PolicyOut
    engine: str

    @classmethod
    def of(cls, decided: Decided) -> DecisionOut:
        """Return a decision as the flow let its reader see it."""
        return cls.model_validate(
            {
                "id": decided.id,
                "request": decided.request,
                "stage": decided.stage,
                "at": decided.at,
                "digest": decided.digest,
                "salt": decided.salt,
                **document_of(decided.decision),
            }
        )


class SearchIn(Shape):
    """Which decisions are wanted: all that is left out may be any."""

    outcome: v.Outcome | None = None
    stage: v.Stage | None = None
    reason: v.ReasonCode | None = None
    request: RequestId | None = None
    organisation: OrganisationId | None = None
    staff: StaffId | None = None
    since: Day | None = None
    until: Day | None = None
    before: Annotated[str, StringConstraints(pattern=ID)] | None = None
    limit: Annotated[int, Field(ge=1, le=500)] = 100

    def wanted(self) -> Wanted:
        """Return what is looked for, with its days as moments."""
        return Wanted(
            outcome=self.outcome,
            stage=self.stage,
            reason=self.reason,
            request=self.request,
            organisation=self.organisation,
            staff=self.staff,
            since=day_begins(self.since) if self.since else None,
            until=day_begins(self.until + timedelta(days=1)) if self.until else None,
        )


class ReplayOut(Out):
    """A decision on record, and whether the same document gives the same again with the bundle it was made with.

    `impossible` is null, or the code of why this version of the broker cannot decide it again; then `same` is false.
    """

    decision: DecisionOut
    same: bool
    impossible: str | None


@router.get("/decisions")
def decisions(
    who: Who,
    w: W,
    outcome: v.Outcome | None = None,
    stage: v.Stage | None = None,
    reason: v.ReasonCode | None = None,
    request: RequestId | None = None,
    organisation: OrganisationId | None = None,
    since: Day | None = None,
    until: Day | None = None,
    before: Before = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[DecisionOut]:
    """Return decisions on requests that the caller's organisation is a party to, newest first.

    From the day `since` up to and with `until`, in the Netherlands; `organisation` is the other one.
    The next page is `before` the id of the last.
    """
    asked = SearchIn(
        outcome=outcome,
        stage=stage,
        reason=reason,
        request=request,
        organisation=organisation,
        since=since,
        until=until,
        before=before,
        limit=limit,
    )
    return _found(asked, who, w)


@router.post("/decisions/search")
def search_decisions(asked: SearchIn, who: Who, w: W) -> list[DecisionOut]:
    """Return the decisions that `GET /v1/decisions` does, or those of one person: who must not stand in an address.

    `staff` is the id of somebody of the caller's own organisation; what somebody of another did is never found by it.
    """
    return _found(asked, who, w)


def _found(asked: SearchIn, who: Actor, w: W) -> list[DecisionOut]:
    command = oversee.Search(actor=who, wanted=asked.wanted(), before=asked.before, limit=asked.limit)
    return [DecisionOut.of(decided) for decided in oversee.search_decisions(command, w)]


@router.post("/decisions/{decision}/replay")
def replay(decision: Id, who: Who, w: W) -> ReplayOut:
    """Decide again on the document on record, with the bundle of that decision, and compare."""
    replayed = oversee.replay(oversee.Inspect(actor=who, subject=decision), w)
    decided = DecisionOut.of(replayed.recorded)
    return ReplayOut(decision=decided, same=replayed.same, impossible=replayed.impossible)

"""Consents: what a person said, recorded as it was given or refused, and withdrawn as easily."""

from __future__ import annotations

from datetime import date

from fastapi import APIRouter

from broker.api import shapes
from broker.api.deps import Id, W, Who
from broker.api.problems import PROBLEMS
from broker.api.shapes import Categories, Day, Holders, Out, Recipient, Ref, Shape
from broker.api.signed_in import SignedInRoute
from broker.domain import vocabulary as v
from broker.domain.directory import Actor
from broker.flows import consent, read

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute, tags=["consents"])


class ConsentIn(Shape):
    """What a person said, in a case or on a request."""

    case: shapes.Id | None = None
    request: shapes.Id | None = None
    about: Ref
    given_by: Holders = []
    status: v.ConsentStatus
    recipient: Recipient
    purpose: v.Purpose
    categories: Categories
    on: Day
    until_on: Day | None = None
    free: bool
    explicit: bool
    evidence: v.ConsentEvidence

    def command(self, who: Actor) -> consent.RecordConsent:
        """Return the command to record it."""
        fields = {**dict(self), "given_by": tuple(self.given_by), "categories": tuple(self.categories)}
        return consent.RecordConsent(actor=who, **fields)


class ConsentOut(Out):
    """A consent on record."""

    id: str
    case: str
    about: str
    given_by: list[str]
    status: v.ConsentStatus
    recipient: str
    purpose: v.Purpose
    categories: list[v.Category]
    on: date
    until_on: date | None
    evidence: v.ConsentEvidence


@router.get("/cases/{case}/consents")
def consents(case: Id, who: Who, w: W) -> list[ConsentOut]:
    """Return the consents on record about the persons of a case."""
    return [ConsentOut.of(record) for record in read.consents_of(who, case, w)]


@router.post("/consents", status_code=201)
def record_consent(body: ConsentIn, who: Who, w: W) -> ConsentOut:
    """Record what a person said, in a case or on a request."""
    return ConsentOut.of(consent.record_consent(body.command(who), w))


@router.post("/consents/{consent_id}/withdrawal")
def withdraw_consent(consent_id: Id, who: Who, w: W) -> ConsentOut:
    """Record that a consent was withdrawn; what it carried closes at the next opening."""
    return ConsentOut.of(consent.withdraw_consent(consent.WithdrawConsent(actor=who, consent=consent_id), w))

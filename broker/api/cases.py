"""Cases: the family matter of the requester, and the facts that decisions rest on."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import Field

from broker.api.deps import Id, W, Who
from broker.api.problems import PROBLEMS
from broker.api.shapes import Day, Holders, Line, NewRef, OrganisationId, Out, Ref, Shape, StaffId
from broker.api.signed_in import SignedInRoute
from broker.domain import vocabulary as v
from broker.domain.case import CaseFacts, IndexMatch, Order, PersonEntry
from broker.domain.directory import Actor
from broker.flows import read, register

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute, tags=["cases"])


class PersonIn(Shape):
    """A person of a case."""

    ref: NewRef
    relation: v.Relation
    name: Line
    birth_on: Day | None = None
    unborn: bool = False
    capable: bool = False
    authority: Holders = []
    source_protected: bool = False
    informed_by_requester: bool = False


class OrderIn(Shape):
    """A child-protection order; `until_on` is exclusive."""

    kind: v.OrderKind
    from_on: Day
    until_on: Day
    executing_organisation: OrganisationId
    child: Ref


class IndexMatchIn(Shape):
    """A match in the reference index (Jeugdwet 7.1.1.2): may the reporter report, and for which risk of 7.1.4.1."""

    authorised: bool
    risk: v.VirRisk


class _CaseFactsIn(Shape):
    """What is known of a case apart from its people."""

    reference: Line = ""
    vt_phase: v.VtPhase | None = None
    investigation_determined_on: Day | None = None
    rvdk_task: v.RvdkTask | None = None
    gi_role: v.GiRole | None = None
    order: OrderIn | None = None
    zvh_case: bool = False
    litigation_between_parents: bool = False
    vir: IndexMatchIn | None = None


class CaseIn(_CaseFactsIn):
    """A new case."""

    persons: Annotated[list[PersonIn], Field(min_length=1, max_length=50)]

    def command(self, who: Actor) -> register.RegisterCase:
        """Return the command to register this case."""
        facts = _facts_of(self)
        return register.RegisterCase(actor=who, persons=facts.pop("persons"), facts=CaseFacts(**facts))


class CaseChangeIn(_CaseFactsIn):
    """What changed in a case; what is not named stays. Persons take the place of those with their ref, or are added."""

    persons: Annotated[list[PersonIn], Field(max_length=50)] = []
    staff: Annotated[list[StaffId], Field(min_length=1, max_length=100)] = []

    def command(self, case: str, who: Actor) -> register.ChangeCase:
        """Return the command to change what is named."""
        facts = _facts_of(self) | {"staff": frozenset(self.staff)}
        return register.ChangeCase(actor=who, case=case, changed={name: facts[name] for name in self.model_fields_set})


class IndexMatchOut(Out):
    """A match in the reference index."""

    authorised: bool
    risk: v.VirRisk


class PersonOut(Out):
    """A person of a case; the name is empty once it was erased."""

    ref: str
    relation: v.Relation
    name: str
    birth_on: date | None
    informed_by_requester: bool


class CaseOut(Out):
    """A case with its persons."""

    id: str
    organisation: str
    vt_phase: v.VtPhase | None
    vir: IndexMatchOut | None
    persons: list[PersonOut]


@router.post("/cases", status_code=201)
def register_case(body: CaseIn, who: Who, w: W) -> CaseOut:
    """Register a case with its persons."""
    return CaseOut.of(register.register_case(body.command(who), w))


@router.get("/cases")
def cases(who: Who, w: W) -> list[CaseOut]:
    """Return the caller's cases."""
    return [CaseOut.of(case) for case in read.cases_of(who, w)]


@router.patch("/cases/{case}")
def change_case(case: Id, body: CaseChangeIn, who: Who, w: W) -> CaseOut:
    """Record what changed in a case: its phase, an order, its persons, who works on it."""
    return CaseOut.of(register.change_case(body.command(case, who), w))


def _facts_of(body: CaseIn | CaseChangeIn) -> dict[str, Any]:
    """Return the facts of a case by their names, as the flows take them."""
    return {
        **dict(body),
        "persons": tuple(
            PersonEntry(**{**person.model_dump(), "authority": tuple(person.authority)}) for person in body.persons
        ),
        "order": Order(**body.order.model_dump()) if body.order else None,
        "vir": IndexMatch(**body.vir.model_dump()) if body.vir else None,
    }

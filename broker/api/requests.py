"""Requests for information: asking, the two lists of them, and one as its reader may see it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BeforeValidator, Field

from broker.api import shapes
from broker.api.cases import PersonOut
from broker.api.decisions import DecisionOut
from broker.api.deps import Before, Id, W, Who
from broker.api.obligations import ObligationOut
from broker.api.problems import PROBLEMS
from broker.api.shapes import (
    Categories,
    Count,
    Day,
    Moment,
    NewQuestionId,
    OrganisationId,
    Out,
    Persons,
    Ref,
    Shape,
    Text,
)
from broker.api.signed_in import SignedInRoute
from broker.domain import vocabulary as v
from broker.domain.consent import StepException
from broker.domain.directory import Actor
from broker.domain.request import Concern, Danger, DeclinedBecause, InformationRequest, Question, State
from broker.domain.weighing import StepDone
from broker.flows import ask, read
from broker.kernel.values import format_moment

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute, tags=["requests"])

Page = Annotated[int | None, Query(ge=1, le=500)]
"""How many of a list are wanted; without it all. The next page is `before` the id of the last."""


class ConcernIn(Shape):
    """Why the question is asked; `compelling_need` is why the Raad cannot do without outside abuse (BW 1:240)."""

    nature: Text = ""
    seriousness: Text = ""
    content: Text = ""
    compelling_need: Text = ""


class DangerIn(Shape):
    """What is known of acute danger."""

    acute: bool = False
    person_named: bool = False
    threat_named: bool = False
    within_hours: Annotated[int, Field(ge=0, le=100_000)] | None = None
    grave_to_adult: bool = False


class QuestionIn(Shape):
    """One question about one person; `only_whether_known` asks no more than whether he is a patient or client."""

    id: NewQuestionId
    person: Ref
    text: Text
    categories: Categories
    specific: bool
    period_months: Annotated[int, Field(ge=0, le=1200)] | None = None
    only_whether_known: bool = False


class ExceptionIn(Shape):
    """Why asking or telling somebody was left out."""

    person: Ref
    code: v.ExceptionCode
    reviewed_on: Day | None = None
    attempts: Count = 0
    channels: Count = 0
    days: Count = 0


class AskIn(Shape):
    """A request for information.

    `directly_involved`: both organisations carry out the same treatment or help (BW 7:457 lid 2). `bsn_of`: whose
    citizen service number stands in the texts.
    """

    most_bytes = 512 * 1024

    case: shapes.Id
    responder: OrganisationId
    purpose: v.Purpose
    concern: ConcernIn = ConcernIn()
    danger: DangerIn = DangerIn()
    persons: Annotated[Persons, Field(min_length=1)]
    patients: Persons = []
    questions: Annotated[list[QuestionIn], Field(max_length=200)]
    exceptions: Annotated[list[ExceptionIn], Field(max_length=100)] = []
    directly_involved: bool = False
    bsn_of: Persons = []

    def command(self, who: Actor) -> ask.Ask:
        """Return the command to ask this."""
        return ask.Ask(
            actor=who,
            case=self.case,
            responder=self.responder,
            purpose=self.purpose,
            concern=Concern(**self.concern.model_dump()),
            danger=Danger(**self.danger.model_dump()),
            persons=tuple(self.persons),
            patients=frozenset(self.patients),
            questions=tuple(
                Question(**{**question.model_dump(), "categories": tuple(question.categories)})
                for question in self.questions
            ),
            exceptions=exceptions_of(self.exceptions, "asking"),
            directly_involved=self.directly_involved,
            bsn_of=frozenset(self.bsn_of),
        )


def exceptions_of(entries: list[ExceptionIn], side: v.Side) -> tuple[StepException, ...]:
    """Return the exceptions to asking or telling somebody, as this side claims them."""
    return tuple(StepException(side=side, **entry.model_dump()) for entry in entries)


class RequestFacts(Out):
    """What is shown of a request wherever it is shown."""

    id: str
    case: str
    requester: str
    responder: str
    purpose: v.Purpose
    state: State
    asked_at: Moment
    acute: bool


class RequestLineOut(RequestFacts):
    """A request in a list, without texts; `questions` is how many."""

    questions: int

    @classmethod
    def of(cls, request: InformationRequest) -> RequestLineOut:
        """Return a request as either side reads it in a list."""
        return cls(**_facts_of(request), questions=len(request.questions))


class ConcernOut(Out):
    """Why the question was asked."""

    nature: str
    seriousness: str
    content: str
    compelling_need: str


class QuestionOut(Out):
    """One question about one person."""

    id: str
    person: str
    text: str
    categories: list[v.Category]
    specific: bool
    period_months: int | None
    only_whether_known: bool


class DeclinationOut(Out):
    """What the asker was told of why he got no answer."""

    because: DeclinedBecause
    message: str


class RequestOut(RequestFacts):
    """A request with its questions and the concern."""

    concern: ConcernOut
    persons: list[str]
    questions: list[QuestionOut]
    directly_involved: bool
    bsn_of: list[str]
    declination: DeclinationOut | None

    @classmethod
    def of(cls, request: InformationRequest) -> RequestOut:
        """Return a request as either side reads it."""
        return cls(
            **_facts_of(request),
            concern=ConcernOut.of(request.concern),
            persons=list(request.persons),
            questions=[QuestionOut.of(question) for question in request.questions],
            directly_involved=request.directly_involved,
            bsn_of=sorted(request.bsn_of),
            declination=DeclinationOut.of(request.declination) if request.declination else None,
        )


class AskedOut(Out):
    """The request that was put before the policy, and what it said."""

    request: RequestOut
    decision: DecisionOut


class OrganisationOut(Out):
    """An organisation as others may know it."""

    id: str
    name: str
    type: v.OrganisationType
    oin: Annotated[str, BeforeValidator(str)]
    connected: bool


class StepOut(Out):
    """What was recorded of a step, and when; one that is not `complete` does not count."""

    at: Moment
    complete: bool
    whom: str
    day: date | None
    channel: v.Channel | None
    outcome: str
    note: str

    @classmethod
    def of(cls, done: StepDone) -> StepOut:
        """Return a step as the answering side reads it."""
        return cls(at=format_moment(done.done_at), complete=done.complete, **asdict(done.record))


class WeighingOut(Out):
    """The professional's weighing as his own side reads it."""

    outcome: v.WeighingOutcome
    reasons: str


class ExceptionOut(Out):
    """Why somebody was not asked or told, and which side says so."""

    side: v.Side
    person: str
    code: v.ExceptionCode
    reviewed_on: date | None
    attempts: int
    channels: int
    days: int


class ChangedOut(Out):
    """A fact of the case that is not what it was when the question was asked, of whom if of a person."""

    fact: str
    person: str | None
    before: Any
    now: Any


class ReadingOut(Out):
    """All of one request that its reader may see; persons only as far as the request is about them.

    `steps`, `weighing` and what has to do with them are the answering side's alone.
    """

    request: RequestOut
    requester: OrganisationOut
    responder: OrganisationOut
    persons: list[PersonOut]
    decisions: list[DecisionOut]
    steps: dict[v.Step, StepOut]
    weighing: WeighingOut | None
    exceptions: list[ExceptionOut]
    side: v.Side
    obligations: list[ObligationOut]
    changed: list[ChangedOut]

    @classmethod
    def of(cls, reading: read.Reading) -> ReadingOut:
        """Return a request as the flow let its reader see it."""
        weighing, about = reading.weighing, reading.request.persons
        return cls(
            request=RequestOut.of(reading.request),
            requester=OrganisationOut.of(reading.requester),
            responder=OrganisationOut.of(reading.responder),
            persons=[PersonOut.of(person) for person in reading.case.persons if person.ref in about],
            decisions=[DecisionOut.of(decided) for decided in reading.decisions],
            steps={step.step: StepOut.of(step) for step in reading.steps},
            weighing=WeighingOut.of(weighing) if weighing else None,
            exceptions=[ExceptionOut.of(exception) for exception in reading.exceptions],
            side=reading.side,
            obligations=[ObligationOut.of(obligation) for obligation in reading.obligations],
            changed=[ChangedOut.of(each) for each in reading.changed],
        )


@router.get("/organisations")
def organisations(who: Who, w: W) -> list[OrganisationOut]:
    """Return everybody who takes part, by name: whom can be asked, and who asks."""
    return [OrganisationOut.of(organisation) for organisation in read.parties(who, w)]


@router.post("/requests", status_code=201)
def ask_request(body: AskIn, who: Who, w: W) -> AskedOut:
    """Put a request before the policy; the answer says whether it was delivered, and what is missing if not."""
    asked = ask.ask(body.command(who), w)
    return AskedOut(request=RequestOut.of(asked.request), decision=DecisionOut.of(asked.decided))


@router.get("/requests")
def worklist(who: Who, w: W, before: Before = None, limit: Page = None) -> list[RequestLineOut]:
    """Return the requests on the caller's cases, newest first."""
    return [RequestLineOut.of(request) for request in read.worklist(who, w, before=before, limit=limit)]


@router.get("/inbox")
def inbox(who: Who, w: W, before: Before = None, limit: Page = None) -> list[RequestLineOut]:
    """Return the requests that wait for the caller or that he took up, newest first."""
    return [RequestLineOut.of(request) for request in read.inbox(who, w, before=before, limit=limit)]


@router.get("/requests/{request}")
def one_request(request: Id, who: Who, w: W) -> ReadingOut:
    """Return one request as its reader may see it."""
    return ReadingOut.of(read.read_request(who, request, w))


def _facts_of(request: InformationRequest) -> dict[str, Any]:
    return {
        "id": request.id,
        "case": request.case,
        "requester": request.requester,
        "responder": request.responder,
        "purpose": request.purpose,
        "state": request.state,
        "asked_at": request.asked_at,
        "acute": request.danger.acute,
    }

"""Weighing: a professional takes up a request and records the steps and his choices."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from broker.api.deps import Id, W, Who
from broker.api.problems import PROBLEMS
from broker.api.requests import ExceptionIn, RequestOut, exceptions_of
from broker.api.shapes import Day, Out, Persons, Ref, Shape, Text
from broker.api.signed_in import SignedInRoute
from broker.domain import vocabulary as v
from broker.domain.directory import Actor
from broker.domain.weighing import StepRecord, WeighedPart, Weighing
from broker.flows import weigh

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute, tags=["weighing"])


class WeighedPartIn(Shape):
    """The professional's choice for one part; `police_article` is the one of the Wpg it is processed under."""

    question: Ref
    category: v.Category
    about: Ref
    give: bool
    kind: v.Kind
    approved_separately: bool = False
    third_party_needed: bool = False
    necessary: bool = True
    police_article: v.PoliceArticle = "8"


class WeighingIn(Shape):
    """The professional's weighing.

    `good_care`: it asks for speaking at the Zorg- en Veiligheidshuis (WGS 2.29 lid 2). `acute`: false says that the
    danger which the asker stated is not acute. `bsn_of`: whose citizen service number stands in the answer.
    """

    outcome: v.WeighingOutcome
    reasons: Text
    relevant: bool
    contributes: bool
    no_lesser_means: bool
    proportionate: bool
    written: bool = True
    report_approved: bool = True
    good_care: bool = False
    acute: bool = True
    bsn_of: Persons = []
    parts: Annotated[list[WeighedPartIn], Field(max_length=2000)] = []

    def by(self, who: Actor) -> Weighing:
        """Return it as this professional's."""
        return Weighing.by(
            who.staff,
            **self.model_dump(exclude={"parts", "bsn_of"}),
            parts=tuple(WeighedPart(**part.model_dump()) for part in self.parts),
            bsn_of=frozenset(self.bsn_of),
        )


class StepIn(Shape):
    """What the professional did for a step: with whom, on which day, through which channel, what came of it, a note.

    What must be there differs by step; what lacks it is kept, and does not count.
    """

    whom: Text = ""
    day: Day | None = None
    channel: v.Channel | None = None
    outcome: Text = ""
    note: Text = ""

    def record(self) -> StepRecord:
        """Return it as the record of a step."""
        return StepRecord(**self.model_dump())


class RecordIn(Shape):
    """Steps with what was done for each, exceptions, and the weighing so far."""

    most_bytes = 1024 * 1024

    steps: dict[v.Step, StepIn] = {}
    exceptions: Annotated[list[ExceptionIn], Field(max_length=100)] = []
    weighing: WeighingIn | None = None

    def command(self, request: str, who: Actor) -> weigh.Record:
        """Return the command to record these."""
        return weigh.Record(
            actor=who,
            request=request,
            steps=tuple((step, said.record()) for step, said in self.steps.items()),
            exceptions=exceptions_of(self.exceptions, "answering"),
            weighing=self.weighing.by(who) if self.weighing else None,
        )


class RecordedOut(Out):
    """What was recorded but lacks something, so that it does not count: the steps by their codes."""

    incomplete: list[v.Step]


@router.post("/requests/{request}/taking")
def take(request: Id, who: Who, w: W) -> RequestOut:
    """Take up a delivered request."""
    return RequestOut.of(weigh.take(weigh.Take(actor=who, request=request), w))


@router.patch("/requests/{request}/weighing")
def record(request: Id, body: RecordIn, who: Who, w: W) -> RecordedOut:
    """Record steps, exceptions and the weighing so far; what is recorded again replaces what was."""
    return RecordedOut(incomplete=list(weigh.record(body.command(request, who), w)))

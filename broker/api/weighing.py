"""Weighing: a professional takes up a request and records the steps and his choices."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import Field

from broker.api.deps import Id, W, Who
from broker.api.problems import PROBLEMS
from broker.api.requests import ExceptionIn, RequestOut, exceptions_of
from broker.api.shapes import Persons, Ref, Shape, Text
from broker.api.signed_in import SignedInRoute
from broker.domain import vocabulary as v
from broker.domain.directory import Actor
from broker.domain.weighing import WeighedPart, Weighing
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


class RecordIn(Shape):
    """Steps with a note each, exceptions, and the weighing so far."""

    most_bytes = 1024 * 1024

    steps: dict[v.Step, Text] = {}
    exceptions: Annotated[list[ExceptionIn], Field(max_length=100)] = []
    weighing: WeighingIn | None = None

    def command(self, request: str, who: Actor) -> weigh.Record:
        """Return the command to record these."""
        return weigh.Record(
            actor=who,
            request=request,
            steps=tuple(self.steps.items()),
            exceptions=exceptions_of(self.exceptions, "answering"),
            weighing=self.weighing.by(who) if self.weighing else None,
        )


@router.post("/requests/{request}/taking")
def take(request: Id, who: Who, w: W) -> RequestOut:
    """Take up a delivered request."""
    return RequestOut.of(weigh.take(weigh.Take(actor=who, request=request), w))


@router.patch("/requests/{request}/weighing", status_code=204)
def record(request: Id, body: RecordIn, who: Who, w: W) -> Response:
    """Record steps, exceptions and the weighing so far; what is recorded again replaces what was."""
    weigh.record(body.command(request, who), w)
    return Response(status_code=204)

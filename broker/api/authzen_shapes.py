"""The bodies of AuthZEN calls: what is known is typed and capped, what is unknown is passed over (API 1.0, 4 and 10).

The members of an evaluation that a batch shares are defaults: an item's own entity takes the place of the whole entity,
and only a required member that the item leaves out falls back to the default (certification 3.2.7).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, ValidationError

from broker.api import shapes
from broker.api.requests import DangerIn, ExceptionIn, exceptions_of
from broker.domain import vocabulary as v
from broker.domain.access import AccessQuestion, Action, Entity
from broker.domain.request import Concern, Danger, Question, Stated
from broker.kernel.errors import InputError

MOST_EVALUATIONS = 50
MOST_RESULTS = 50

Name = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Free = dict[str, Any]
_REQUIRED = {"subject": ("type", "id"), "action": ("name",), "resource": ("type", "id"), "context": ()}


class Open(shapes.Body):
    """A body that may hold more than we know of."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class EntityIn(Open):
    """A subject or resource."""

    type: Name
    id: Name
    properties: Free = {}


class SoughtIn(Open):
    """A subject or resource to be found; an id is passed over."""

    type: Name
    properties: Free = {}


class ActionIn(Open):
    """An action."""

    name: Name
    properties: Free = {}


class EvaluationIn(Open):
    """One question."""

    subject: EntityIn
    action: ActionIn
    resource: EntityIn
    context: Free = {}

    def question(self) -> AccessQuestion:
        """Return the question that was asked."""
        return AccessQuestion(
            subject=Entity(**self.subject.model_dump()),
            action=Action(**self.action.model_dump()),
            resource=Entity(**self.resource.model_dump()),
            context=self.context,
        )


class OptionsIn(Open):
    """How a batch is carried out."""

    evaluations_semantic: Literal["execute_all", "deny_on_first_deny", "permit_on_first_permit"] = "execute_all"


class EvaluationsIn(Open):
    """A batch; without evaluations it is one question. Each item is read on its own, so that one can fail alone."""

    most_bytes = 512 * 1024

    subject: Free | None = None
    action: Free | None = None
    resource: Free | None = None
    context: Free | None = None
    evaluations: list[Free] = []
    options: OptionsIn = OptionsIn()


class PageIn(Open):
    """Which page of a search."""

    limit: Annotated[int, Field(ge=1)] = MOST_RESULTS
    token: Annotated[str, StringConstraints(max_length=2000)] = ""


class SearchIn(Open):
    """A search: what is sought stands without its id, a sought action not at all."""

    subject: EntityIn | SoughtIn
    resource: EntityIn | SoughtIn
    context: Free = {}
    page: PageIn = PageIn()

    def question(self) -> AccessQuestion:
        """Return the question with an empty name where the results will stand."""
        action = getattr(self, "action", None)
        return AccessQuestion(
            subject=Entity(**self.subject.model_dump()),
            action=Action(**action.model_dump()) if action else Action(),
            resource=Entity(**self.resource.model_dump()),
            context=self.context,
        )


class SubjectSearchIn(SearchIn):
    """Who may do this."""

    subject: SoughtIn
    action: ActionIn
    resource: EntityIn


class ResourceSearchIn(SearchIn):
    """To what may he do this."""

    subject: EntityIn
    action: ActionIn
    resource: SoughtIn


class ActionSearchIn(SearchIn):
    """What may he do to this."""

    subject: EntityIn
    resource: EntityIn


class DenialIn(Open):
    """The denial that an access request is about, as the evaluation gave it."""

    evaluation_id: shapes.Id
    expires_at: Annotated[str, StringConstraints(max_length=40)]


class AccessRequestIn(EvaluationIn):
    """A request to have a denial resolved (Access Request and Approval profile)."""

    denial: DenialIn


class ConcernFacts(shapes.Shape):
    """Whether the concern is explained; the text itself is for the request."""

    nature: bool = False
    seriousness: bool = False
    content: bool = False
    compelling_need: bool = False


class QuestionFacts(shapes.Shape):
    """A question without its text."""

    id: shapes.NewQuestionId
    person: shapes.Ref
    categories: shapes.Categories
    specific: bool
    period_months: Annotated[int, Field(ge=0, le=1200)] | None = None
    only_whether_known: bool = False


class AskFacts(Open):
    """The context of the action `ask` on a case: what would be asked. Whatever else is said here is passed over."""

    responder: shapes.OrganisationId
    purpose: v.Purpose
    concern: ConcernFacts = ConcernFacts()
    danger: DangerIn = DangerIn()
    persons: Annotated[shapes.Persons, Field(min_length=1)]
    patients: shapes.Persons = []
    questions: Annotated[list[QuestionFacts], Field(max_length=200)]
    exceptions: Annotated[list[ExceptionIn], Field(max_length=100)] = []
    directly_involved: bool = False
    bsn_of: shapes.Persons = []


def merged(item: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of a batch with the defaults where it is silent."""
    whole = {}
    for name, required in _REQUIRED.items():
        own, default = item.get(name), defaults.get(name)
        if own is None:
            whole[name] = default
        elif isinstance(own, dict) and isinstance(default, dict):
            whole[name] = {**{member: default[member] for member in required if member in default}, **own}
        else:
            whole[name] = own
    return {name: value for name, value in whole.items() if value is not None}


def parse_body(body: Mapping[str, Any]) -> EvaluationIn:
    """Return the evaluation in a body; InputError with every finding when it is none."""
    try:
        return EvaluationIn.model_validate(body)
    except ValidationError as error:
        raise InputError("this is no evaluation", code="input.invalid", errors=shapes.findings(error)) from error


def parse_stated(context: Mapping[str, Any]) -> Stated:
    """Return what a caller says it would ask; InputError with every finding when something is missing or wrong."""
    try:
        facts = AskFacts.model_validate(context)
    except ValidationError as error:
        found = shapes.findings(error, "/context")
        raise InputError("the context does not say what would be asked", code="access.context", errors=found) from error
    return Stated(
        responder=facts.responder,
        purpose=facts.purpose,
        # The policy is told only that a thing was explained; any text stands for that here.
        concern=Concern(**{name: "stated" if said else "" for name, said in facts.concern.model_dump().items()}),
        danger=Danger(**facts.danger.model_dump()),
        persons=tuple(facts.persons),
        patients=frozenset(facts.patients),
        questions=tuple(
            Question(**{**question.model_dump(), "categories": tuple(question.categories), "text": ""})
            for question in facts.questions
        ),
        exceptions=exceptions_of(facts.exceptions, "asking"),
        directly_involved=facts.directly_involved,
        bsn_of=frozenset(facts.bsn_of),
    )

"""What a case file is made of: who takes part, what is asked, what is done, and what is expected after each act.

Requests, weighings and consents are written as the API takes them, except that organisations, staff, requests and
consents go by the file's own names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from broker.api import cases, requests, shapes, weighing
from broker.api.directory_file import Role
from broker.api.shapes import Shape
from broker.domain import vocabulary as v
from broker.domain.request import DeclinedBecause

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
PartName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*/[a-z_]+$")]
"""A part in short: question/category."""
DutyName = Annotated[str, StringConstraints(pattern=r"^OB-[0-9]{2}b?/[A-Za-z][A-Za-z0-9_-]*$")]
"""A duty in short: code/person, or code/party for one that is about nobody."""


def _listed(key: str) -> Callable[[object], object]:
    """Turn a mapping of entries into the list the API takes; the key an entry stands under becomes a field of it."""

    def listed(content: object) -> object:
        if not isinstance(content, Mapping):
            raise ValueError("is written as a mapping")  # noqa: TRY004  the one that becomes a finding
        return [{key: name, **entry} if isinstance(entry, Mapping) else entry for name, entry in content.items()]

    return listed


class MandateEntry(Shape):
    """From a date until (exclusive) another."""

    from_on: shapes.Day = Field(alias="from")
    until_on: shapes.Day = Field(alias="until")


class StaffEntry(Shape):
    """A member of staff as the operator enrols it, and how surely the identity provider knows him."""

    organisation: Name
    name: shapes.Line
    role: Role
    profession: v.Profession
    registration: v.Registration = "none"
    supervised_by_registered: bool = False
    assurance: Literal["low", "substantial", "high"] = "high"
    mandate: MandateEntry | None


class CaseEntry(cases.CaseIn):
    """The case as its worker registers it; in the file each person stands under its ref."""

    persons: Annotated[list[cases.PersonIn], BeforeValidator(_listed("ref")), Field(min_length=1)]


class RequestEntry(Shape):
    """A request to be made, on the file's case; in the file each question stands under its id."""

    responder: Name
    purpose: v.Purpose
    concern: requests.ConcernIn = requests.ConcernIn()
    danger: requests.DangerIn = requests.DangerIn()
    persons: list[shapes.Ref]
    patients: list[shapes.Ref] = Field(default_factory=list)
    questions: Annotated[list[requests.QuestionIn], BeforeValidator(_listed("id"))]
    exceptions: list[requests.ExceptionIn] = Field(default_factory=list)
    directly_involved: bool = False
    bsn_of: list[shapes.Ref] = Field(default_factory=list)


class By(Shape):
    """Who acts."""

    by: Name


class OnRequest(By):
    """Who acts on which request."""

    request: Name


class Recording(OnRequest, weighing.RecordIn):
    """What the professional records."""


class Statement(Shape):
    """One thing said in the answer; `about` is mostly the person asked about."""

    question: shapes.Ref
    category: v.Category
    about: shapes.Ref
    kind: v.Kind
    text: shapes.Text


class Releasing(OnRequest):
    """The answer in words, sealed by the professional's client."""

    answers: list[Statement]


class Consenting(By):
    """What a person said, under a name of its own; on a request, or in the case when no request is named."""

    name: Name
    request: Name | None = None
    about: shapes.Ref
    given_by: list[shapes.Ref] = Field(default_factory=list)
    status: v.ConsentStatus
    recipient: shapes.Recipient
    purpose: v.Purpose
    categories: list[v.Category]
    on: shapes.Day
    until_on: shapes.Day | None = Field(default=None, alias="until")
    free: bool
    explicit: bool
    evidence: v.ConsentEvidence


class Withdrawing(By):
    """Which consent is taken back."""

    consent: Name


class Waiting(Shape):
    """How much time goes by."""

    hours: int = Field(default=0, ge=0)
    days: int = Field(default=0, ge=0)


class Replaying(OnRequest):
    """Which of a request's decisions is made again: the newest of this stage."""

    stage: v.Stage = "answer"


class Deciding(By):
    """What is put straight to the running gate, because no call carries it: a stage, and facts.

    With a request the facts stand in for those of its newest decision of that stage; without one they are all there is
    besides who asks and when.
    """

    stage: Literal["ask", "answer", "open", "postpone", "escalate"]
    request: Name | None = None
    facts: dict[str, Any]


class Declining(OnRequest):
    """Decline: what the asker is told of why."""

    because: DeclinedBecause
    message: str = ""


VERBS: Mapping[str, type[Shape]] = {
    "register": By,
    "ask": OnRequest,
    "take": OnRequest,
    "record": Recording,
    "preview": OnRequest,
    "release": Releasing,
    "decline": Declining,
    "open": OnRequest,
    "consent": Consenting,
    "withdraw": Withdrawing,
    "wait": Waiting,
    "replay": Replaying,
    "decide": Deciding,
    "verify": By,
}


class Expect(Shape):
    """What must be true after an act; what is not named is not looked at. Lists of codes are complete, in any order.

    `due` says of the duties that it names on which day each must be done.
    """

    fails: str | None = None
    outcome: v.Outcome | None = None
    reasons: list[str] | None = None
    parts: dict[PartName, Literal["allow", "withhold", "needs_approval"]] | None = None
    grounds: dict[PartName, str] | None = None
    obligations: list[str] | None = None
    due: dict[DutyName, shapes.Day] | None = None
    referrals: list[str] | None = None
    todo: list[str] | None = None
    exceptions: list[str] | None = None
    state: str | None = None
    texts: list[PartName] | None = None
    closed: dict[PartName, list[str]] | None = None
    same: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act: its verb, what belongs to it, what is expected, and a Dutch sentence for the listener."""

    verb: str
    body: Any
    expect: Expect
    tell: str = ""

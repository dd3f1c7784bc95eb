"""A case file: one story as data, with what is expected after each act, read strictly from the package.

A file names invented organisations and staff, one case, the requests that will be made, and the acts in their order.
Requests, weighings and consents are written as the API takes them, except that organisations, staff, requests and
consents go by the file's own names. Whatever does not fit is a ParseError that says where; the broker that plays the
story checks everything again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib.resources import files
from typing import Annotated, Any, Literal

import yaml
from pydantic import AwareDatetime, Field, StringConstraints, ValidationError

from broker.api import shapes
from broker.domain import vocabulary as v
from broker.kernel.errors import NotFoundError, ParseError

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
PartName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*/[a-z_]+$")]
"""A part in short: question/category."""


class OrganisationEntry(shapes.Shape):
    """An organisation as the operator enrols it."""

    id: shapes.OrganisationId
    oin: Annotated[str, StringConstraints(pattern=r"^\d{20}$")]
    name: shapes.Line
    type: v.OrganisationType
    active: bool = True
    connected: bool = True
    profession: v.Profession = "overig"
    holds_information_professionally: bool = False


class MandateEntry(shapes.Shape):
    """From a date until (exclusive) another."""

    from_on: date = Field(alias="from")
    until_on: date = Field(alias="until")


class StaffEntry(shapes.Shape):
    """A member of staff as the operator enrols it, and how surely the identity provider knows him."""

    organisation: Name
    name: shapes.Line
    role: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    profession: v.Profession
    registration: v.Registration = "none"
    supervised_by_registered: bool = False
    assurance: Literal["low", "substantial", "high"] = "high"
    mandate: MandateEntry | None


class PersonEntry(shapes.PersonIn):
    """A person of the case; the ref is the key it stands under."""

    ref: shapes.Ref = ""


class CaseEntry(shapes.CaseIn):
    """The case as its worker registers it, persons by ref."""

    persons: dict[shapes.Ref, PersonEntry] = Field(min_length=1)  # type: ignore[assignment]  a mapping in the file


class QuestionEntry(shapes.QuestionIn):
    """A question; the id is the key it stands under."""

    id: shapes.Ref = ""


class RequestEntry(shapes.AskIn):
    """A request to be made; the case is the file's own."""

    case: Literal[""] = ""  # type: ignore[assignment]  filled in when the case is registered
    responder: Name
    questions: dict[shapes.Ref, QuestionEntry]  # type: ignore[assignment]  a mapping in the file


class By(shapes.Shape):
    """Who acts."""

    by: Name


class OnRequest(By):
    """Who acts on which request."""

    request: Name


class Recording(OnRequest, shapes.RecordIn):
    """What the professional records."""


class Statement(shapes.Shape):
    """One thing said in the answer; `about` is mostly the person asked about."""

    question: shapes.Ref
    category: v.Category
    about: shapes.Ref
    kind: v.Kind
    text: shapes.Text


class Releasing(OnRequest):
    """The answer in words, sealed by the professional's client."""

    answers: list[Statement]


class Consenting(By, shapes.ConsentIn):
    """What a person said; recorded on a request, or in the case when no request is named."""

    name: Name
    case: None = None
    request: Name | None = None  # type: ignore[assignment]  the file's name for it


class Withdrawing(By):
    """Which consent is taken back."""

    consent: Name


class Waiting(shapes.Shape):
    """How much time goes by."""

    hours: int = Field(default=0, ge=0)
    days: int = Field(default=0, ge=0)


class Replaying(OnRequest):
    """Which of a request's decisions is made again: the newest of this stage."""

    stage: v.Stage = "answer"


VERBS: Mapping[str, type[shapes.Shape]] = {
    "register": By,
    "ask": OnRequest,
    "take": OnRequest,
    "record": Recording,
    "preview": OnRequest,
    "release": Releasing,
    "decline": OnRequest,
    "open": OnRequest,
    "consent": Consenting,
    "withdraw": Withdrawing,
    "wait": Waiting,
    "replay": Replaying,
    "verify": By,
}


class Expect(shapes.Shape):
    """What must be true after an act; what is not named is not looked at. Lists of codes are complete, in any order."""

    fails: str | None = None
    outcome: v.Outcome | None = None
    reasons: list[str] | None = None
    parts: dict[PartName, Literal["allow", "withhold", "needs_approval"]] | None = None
    grounds: dict[PartName, str] | None = None
    obligations: list[str] | None = None
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


class _Head(shapes.Shape):
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}$")]
    title: shapes.Line
    source: shapes.Line
    now: AwareDatetime
    organisations: dict[Name, OrganisationEntry]
    staff: dict[Name, StaffEntry]
    case: CaseEntry
    requests: dict[Name, RequestEntry]
    acts: list[dict[str, Any]] = Field(min_length=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile:
    """A story that was read: who takes part, the case, the requests, and what is done in which order."""

    name: str
    title: str
    source: str
    now: datetime
    organisations: Mapping[str, OrganisationEntry]
    staff: Mapping[str, StaffEntry]
    case: CaseEntry = field(repr=False)
    requests: Mapping[str, RequestEntry] = field(repr=False)
    acts: tuple[Act, ...] = field(repr=False)


def case_names() -> tuple[str, ...]:
    """Return the names of the cases in the package, in order."""
    entries = (files("broker.demo") / "cases").iterdir()
    return tuple(sorted(entry.name.removesuffix(".yaml") for entry in entries if entry.name.endswith(".yaml")))


def load_case(name: str) -> CaseFile:
    """Return the case of this name; raise NotFoundError when there is none, ParseError when it does not fit."""
    if name not in case_names():
        raise NotFoundError(f"there is no such case; there are {', '.join(case_names())}", code="demo.no_case")
    return parse_case((files("broker.demo") / "cases" / f"{name}.yaml").read_text(encoding="utf-8"))


def parse_case(text: str) -> CaseFile:
    """Read a case file; raises ParseError with every finding and its place, never with the value that stood there."""
    try:
        document = yaml.load(text, Loader=_StrictLoader)  # noqa: S506  a SafeLoader that refuses a key twice
    except yaml.YAMLError as error:
        raise ParseError("a case file is YAML in which every key stands once") from error
    if not isinstance(document, dict):
        raise ParseError("a case file is a mapping")
    head = _read(_Head, document, place="")
    case = CaseFile(
        **{name: getattr(head, name) for name in ("name", "title", "source", "now", "organisations", "staff", "case")},
        requests=head.requests,
        acts=tuple(_act(entry, place=f"/acts/{number}") for number, entry in enumerate(head.acts)),
    )
    findings = tuple(_dangling(case))
    if findings:
        raise ParseError(f"the case names what is not in it: {'; '.join(findings)}", errors=findings)
    return case


def _act(entry: dict[str, Any], *, place: str) -> Act:
    verbs = [key for key in entry if key in VERBS]
    if len(verbs) != 1 or set(entry) - {*verbs, "expect", "tell"}:
        raise ParseError(f"{place}: an act is one of {', '.join(VERBS)}, with expect and tell")
    verb = verbs[0]
    tell = entry.get("tell", "")
    if not isinstance(tell, str):
        raise ParseError(f"{place}/tell: is a sentence")
    return Act(
        verb=verb,
        body=_read(VERBS[verb], entry[verb], place=f"{place}/{verb}"),
        expect=_read(Expect, entry.get("expect", {}), place=f"{place}/expect"),
        tell=tell,
    )


def _read[T: shapes.Shape](shape: type[T], content: object, *, place: str) -> T:
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        findings = tuple(
            f"{place}/{'/'.join(str(step) for step in finding['loc'])}: {finding['msg']}"
            for finding in error.errors(include_input=False, include_url=False)
        )
        raise ParseError(f"the case file does not fit: {'; '.join(findings)}", errors=findings) from None

"""A case file: one story as data, read strictly from the package (what it is made of is in `entries`).

Whatever does not fit is a ParseError that says where; the broker that plays the story checks everything again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources import files
from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, Field, StringConstraints, ValidationError

from broker.api.directory_file import OrganisationIn
from broker.api.shapes import Line, Shape, findings
from broker.demo.entries import (
    VERBS,
    Act,
    CaseEntry,
    Consenting,
    Expect,
    Name,
    RequestEntry,
    StaffEntry,
)
from broker.kernel.errors import NotFoundError, ParseError
from broker.kernel.strict_yaml import read_yaml

_S = TypeVar("_S", bound=Shape)


class _Head(Shape):
    name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,39}$")]
    title: Line
    source: Line
    now: Annotated[AwareDatetime, Field(strict=False)]
    organisations: dict[Name, OrganisationIn]
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
    organisations: Mapping[str, OrganisationIn]
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
        document = read_yaml(text.encode(), references=True)
    except ParseError as error:
        raise ParseError(f"the case file is not well formed: {error}") from None
    if not isinstance(document, dict):
        raise ParseError("a case file is a mapping")
    head = _read(_Head, document, place="")
    case = CaseFile(
        **{name: getattr(head, name) for name in ("name", "title", "source", "now", "organisations", "staff", "case")},
        requests=head.requests,
        acts=tuple(_act(entry, place=f"/acts/{number}") for number, entry in enumerate(head.acts)),
    )
    dangling = tuple(_dangling(case))
    if dangling:
        raise ParseError(f"the case names what is not in it: {'; '.join(dangling)}", errors=dangling)
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


def _read(shape: type[_S], content: object, *, place: str) -> _S:
    try:
        return shape.model_validate(content)
    except ValidationError as error:
        found = findings(error, place)
        raise ParseError(f"the case file does not fit: {'; '.join(found)}", errors=found) from None


def _dangling(case: CaseFile) -> Iterator[str]:
    """Yield the place of each name that is used and stands for nothing."""
    for name, staff in case.staff.items():
        if staff.organisation not in case.organisations:
            yield f"/staff/{name}/organisation"
    refs = {person.ref for person in case.case.persons}
    for name, request in case.requests.items():
        if request.responder not in case.organisations:
            yield f"/requests/{name}/responder"
        asked = {question.person for question in request.questions}
        if {*request.persons, *request.patients, *request.bsn_of, *asked} - refs:
            yield f"/requests/{name}/persons"
    consents = {act.body.name for act in case.acts if isinstance(act.body, Consenting)}
    known = {"by": set(case.staff), "request": set(case.requests), "consent": consents}
    for number, act in enumerate(case.acts):
        for field_name, names in known.items():
            named = getattr(act.body, field_name, None)
            if named is not None and named not in names:
                yield f"/acts/{number}/{act.verb}/{field_name}"

"""What bodies and answers are made of: closed, typed, capped. Each noun's module has its own.

The policy's schema checks once more what reaches a decision.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any, ClassVar, Self

from fastapi.exceptions import RequestValidationError
from pydantic import (
    AfterValidator,
    Base64Encoder,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    EncodedBytes,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import PydanticCustomError

from broker.crypto.base64text import decode_base64, encode_base64
from broker.domain import vocabulary as v
from broker.kernel.errors import ParseError
from broker.kernel.values import format_moment

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def _readable(text: str) -> str:
    """Return the text with its lines ended as everywhere here.

    Refuse what no person types and no database keeps: control characters and halves of surrogate pairs.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _UNREADABLE.search(text):
        raise ValueError("holds a control character other than a tab or the end of a line, which cannot be kept")
    return text


def _day(value: object) -> object:
    """Take a date in its one form; a number, a moment and an unknown day (00000000) are none."""
    if type(value) is date:
        return value
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise PydanticCustomError("day", "is written as 2026-11-22, and left out when it is not wholly known")


class _Strict(Base64Encoder):
    """Takes base64 in its one form only; pydantic's own skips what is not in the alphabet."""

    @classmethod
    def decode(cls, data: bytes) -> bytes:
        try:
            return decode_base64(data.decode("ascii"))
        except (ParseError, UnicodeDecodeError):
            raise PydanticCustomError("base64", "is not base64") from None


def _once(names: list[str]) -> list[str]:
    """Refuse a list that names something twice: no decision document may hold one, so later decisions would fail."""
    if len(set(names)) != len(names):
        raise ValueError("names something twice")
    return names


Base64 = Annotated[bytes, Field(strict=False), EncodedBytes(encoder=_Strict)]
Ref = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
_WHO = (
    "child|baby|unborn|sibling|brother|sister|mother|father|parent|stepmother|stepfather|guardian|partner|grandmother"
    "|grandfather|relative|neighbour|victim|suspect|patient|man|woman|adult|reporter|person|p"
)
NewRef = Annotated[
    str,
    StringConstraints(pattern=rf"^({_WHO})([0-9]{{1,2}})?$"),
    Field(description="who this is within the case, from this list, with a number where there are several: child2"),
]
"""Refs and question ids stand in the open in decisions: where they are given, nothing else can be written in them."""
NewQuestionId = Annotated[
    str, StringConstraints(pattern=r"^q[0-9]{1,3}$"), Field(description="q1, q2 and so on within the request")
]
StaffId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9:._-]{0,99}$")]
ORGANISATION_ID = "org:[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
OrganisationId = Annotated[str, StringConstraints(pattern=f"^{ORGANISATION_ID}$")]
Recipient = Annotated[str, StringConstraints(pattern=r"^(org:[A-Za-z0-9][A-Za-z0-9._-]{0,99}|type:[a-z_]{1,40})$")]
KEY_ID = r"^[0-9a-f]{32}$"
ID = r"^[a-z]{3}_[0-9a-z]{26}$"
Id = Annotated[str, StringConstraints(pattern=ID)]
Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_readable)]
Text = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_readable)]
Day = Annotated[date, BeforeValidator(_day), Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
Count = Annotated[int, Field(ge=0, le=10_000)]
_Once = AfterValidator(_once), Field(json_schema_extra={"uniqueItems": True})
Holders = Annotated[list[Ref], Field(max_length=10), *_Once]
Persons = Annotated[list[Ref], Field(max_length=50), *_Once]
Categories = Annotated[list[v.Category], Field(min_length=1, max_length=20), *_Once]


class Body(BaseModel):
    """A body of `most_bytes` at most; None is as many as the installation takes."""

    most_bytes: ClassVar[int | None] = 64 * 1024


class Shape(Body):
    """A body with no room for anything unnamed."""

    # Strict: `"yes"`, `1` and `"true"` are no truth value, and `"3"` is no number.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Out(BaseModel):
    """What goes out: names and texts only where the reader was let to them by the flow."""

    model_config = ConfigDict(extra="forbid", frozen=True, from_attributes=True)

    @classmethod
    def of(cls, noun: Any) -> Self:
        """Return of a noun of ours what this answer names, by the same names, and nothing else."""
        return cls.model_validate(noun)


def _moment(at: object) -> object:
    return format_moment(at) if isinstance(at, datetime) else at


def _base64(data: object) -> object:
    return encode_base64(data) if isinstance(data, bytes) else data


Moment = Annotated[str, BeforeValidator(_moment), Field(json_schema_extra={"format": "date-time"})]
Encoded = Annotated[str, BeforeValidator(_base64)]
"""Bytes as base64 in an answer."""


def findings(error: ValidationError | RequestValidationError, within: str = "") -> tuple[str, ...]:
    """Return each finding with its place, never with what was sent."""
    return tuple(
        f"{within}/{'/'.join(str(step) for step in finding['loc'])}: {finding['msg']}" for finding in error.errors()
    )

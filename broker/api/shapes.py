"""The bodies of calls: closed, typed, capped. The policy's schema checks once more what reaches a decision."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Base64Encoder, BaseModel, ConfigDict, EncodedBytes, Field, StringConstraints
from pydantic_core import PydanticCustomError

from broker.crypto.base64text import decode_base64
from broker.domain import vocabulary as v
from broker.kernel.errors import ParseError

_UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def _readable(text: str) -> str:
    """Refuse what no person types and no database keeps: control characters and halves of surrogate pairs."""
    if _UNREADABLE.search(text):
        raise ValueError("holds characters that cannot be kept")
    return text


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


Base64 = Annotated[bytes, EncodedBytes(encoder=_Strict)]
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
OrganisationId = Annotated[str, StringConstraints(pattern=r"^org:[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
Recipient = Annotated[str, StringConstraints(pattern=r"^(org:[A-Za-z0-9][A-Za-z0-9._-]{0,99}|type:[a-z_]{1,40})$")]
KEY_ID = r"^[0-9a-f]{32}$"
ID = r"^[a-z]{3}_[0-9a-z]{26}$"
Id = Annotated[str, StringConstraints(pattern=ID)]
Line = Annotated[str, StringConstraints(max_length=200), AfterValidator(_readable)]
Text = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_readable)]
Day = Annotated[date, Field(ge=date(1900, 1, 1), le=date(2199, 12, 31))]
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

    model_config = ConfigDict(extra="forbid", frozen=True)


class KeyIn(Shape):
    """The public halves of a key file, base64; `proof` is the signature over both with that key."""

    opening: Base64 = Field(max_length=4096)
    signing: Base64 = Field(max_length=64)
    proof: Base64 = Field(max_length=128)


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


class CaseFacts(Shape):
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


class CaseIn(CaseFacts):
    """A new case."""

    persons: Annotated[list[PersonIn], Field(min_length=1, max_length=50)]


class CaseChangeIn(CaseFacts):
    """What changed in a case; what is not named stays. Persons take the place of those with their ref, or are added."""

    persons: Annotated[list[PersonIn], Field(max_length=50)] = []
    staff: Annotated[list[StaffId], Field(min_length=1, max_length=100)] = []


class ErasureIn(Shape):
    """What is to be erased of a case: one person by his ref, or without one the whole case."""

    case: Id
    person: Ref | None = None


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

    case: Id
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


class RecordIn(Shape):
    """Steps with a note each, exceptions, and the weighing so far."""

    most_bytes = 1024 * 1024

    steps: dict[v.Step, Text] = {}
    exceptions: Annotated[list[ExceptionIn], Field(max_length=100)] = []
    weighing: WeighingIn | None = None


class SealedPartIn(Shape):
    """One sealed part, base64."""

    question: Ref
    person: Ref
    category: v.Category
    recipient: Annotated[str, StringConstraints(pattern=KEY_ID)]
    sealed: Base64 = Field(max_length=2 * 1024 * 1024)


class ReleaseIn(Shape):
    """The sealed answer, under the decision that was previewed."""

    most_bytes = None

    decision: Id
    parts: Annotated[list[SealedPartIn], Field(min_length=1, max_length=5000)]


class DeclineIn(Shape):
    """What the asker is told of why he gets no answer: a reason from the list, and a sentence for him if any."""

    because: v.DeclinedBecause = "other"
    message: Text = ""


class ConsentIn(Shape):
    """What a person said, in a case or on a request."""

    case: Id | None = None
    request: Id | None = None
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

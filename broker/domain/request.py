"""One information request: its questions, and the states it goes through.

ASKED is the moment of asking only; the decision at once makes it REFUSED, REFERRED or DELIVERED, so that a request is
never seen without its decision. WEIGHING begins when a professional of the responder takes it up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal, Protocol

from broker.domain.case import Case
from broker.domain.consent import StepException
from broker.domain.directory import Actor
from broker.domain.vocabulary import Category, Outcome, Purpose, Side
from broker.domain.weighing import StepDone, Weighing
from broker.kernel.errors import ConflictError, InputError
from broker.kernel.values import fields_of


class State(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    REFUSED = "refused"
    REFERRED = "referred"
    DELIVERED = "delivered"
    WEIGHING = "weighing"
    RELEASED = "released"
    DECLINED = "declined"


DeclinedBecause = Literal["patient_interest", "nothing_known", "not_needed", "other"]
"""What the asker is told of why nothing was answered."""

ALLOWED: dict[State, frozenset[State]] = {
    State.ASKED: frozenset({State.REFUSED, State.REFERRED, State.DELIVERED}),
    State.REFUSED: frozenset(),
    State.REFERRED: frozenset(),
    State.DELIVERED: frozenset({State.WEIGHING}),
    State.WEIGHING: frozenset({State.RELEASED, State.DECLINED}),
    State.RELEASED: frozenset(),
    State.DECLINED: frozenset(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One concrete question about one person; `text` is what the professional reads and is sealed at rest.

    `only_whether_known`: it asks no more than whether the person is known as a patient or client (law.md V11).
    """

    id: str
    person: str
    text: str = field(repr=False)
    categories: tuple[Category, ...]
    specific: bool
    period_months: int | None
    only_whether_known: bool = False


MOST_PARTS = 400
"""[POLICY] Parts of one request: whoever asks more than this at once does not ask what is needed (GDPR 5(1)(c)).

A family of twelve with forty questions is some eighty.
"""


def check_size(questions: Sequence[Question]) -> None:
    """Raise InputError when these questions have more than `MOST_PARTS` parts."""
    if sum(len(question.categories) for question in questions) > MOST_PARTS:
        raise InputError("the request has too many parts", code="request.too_many_parts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """What the requester explained: the nature, the seriousness and the content of the concern (KN-TR1).

    `compelling_need`: outside abuse, why the Raad cannot do without (BW 1:240; law.md R2, R3).
    """

    nature: str = field(default="", repr=False)
    seriousness: str = field(default="", repr=False)
    content: str = field(default="", repr=False)
    compelling_need: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """What is known of acute danger (G0 and 4.3 of law.md)."""

    acute: bool = False
    person_named: bool = False
    threat_named: bool = False
    within_hours: int | None = None
    grave_to_adult: bool = False


@dataclass(frozen=True, slots=True)
class Declination:
    """What the asker is told of why he gets no answer (KN-2018-6.4): a reason from a list, and a sentence if any.

    It is all that he is told: notes and weighing stay with the professional. `message` is sealed at rest.
    """

    because: DeclinedBecause
    message: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFacts:
    """What who asks says. `persons` are refs of the case; `patients` those said to be in the responder's care.

    `directly_involved`: both carry out the same treatment or help (BW 7:457 lid 2, Jeugdwet 7.3.11 lid 2 a).
    `bsn_of` are the refs of those whose citizen service number stands in the words of the request.
    """

    responder: str
    purpose: Purpose
    concern: Concern = field(repr=False)
    danger: Danger
    persons: tuple[str, ...]
    patients: frozenset[str]
    questions: tuple[Question, ...]
    directly_involved: bool = False
    bsn_of: frozenset[str] = frozenset()

    def texts(self) -> dict[str, str]:
        """Return everything that is written in it, by its place in the body of the call."""
        concern = {f"/concern/{each.name}": getattr(self.concern, each.name) for each in fields(Concern)}
        return concern | {f"/questions/{number}/text": one.text for number, one in enumerate(self.questions)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated(RequestFacts):
    """What somebody asks or would ask, with his reasons for not having asked or told a person of the case."""

    exceptions: tuple[StepException, ...] = ()

    def request(self, id_: str, *, case: Case, actor: Actor, now: datetime) -> InformationRequest:
        """Return the request by this actor on this case; InputError for somebody not in it and for too many parts."""
        named = {*self.persons, *self.patients, *self.bsn_of, *(question.person for question in self.questions)}
        named |= {exception.person for exception in self.exceptions}
        if named - {person.ref for person in case.persons}:
            raise InputError("the request names somebody who is not in the case", code="request.unknown_person")
        check_size(self.questions)
        return InformationRequest(
            id=id_,
            case=case.id,
            requester=actor.organisation.id,
            asker=actor.staff.id,
            asked_at=now,
            **fields_of(RequestFacts, self),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequest(RequestFacts):
    """One request by one actor to one responder. `answered_in`: the seconds from asking to release or declining."""

    id: str
    case: str
    requester: str
    asker: str
    asked_at: datetime
    state: State = State.ASKED
    taken_by: str | None = None
    version: int = 1
    answered_in: int | None = None
    declination: Declination | None = None

    def to(self, state: State) -> InformationRequest:
        """Return the request in its next state; raise ConflictError when the table does not allow the step."""
        if state not in ALLOWED[self.state]:
            raise ConflictError(
                f"a request that is {self.state} cannot become {state}", code="request.illegal_transition"
            )
        return replace(self, state=state, version=self.version + 1)

    def answered(self, state: State, now: datetime) -> InformationRequest:
        """Return the request as released or declined at this moment."""
        return replace(self.to(state), answered_in=int((now - self.asked_at).total_seconds()))

    def declined(self, declination: Declination, now: datetime) -> InformationRequest:
        """Return the request as declined at this moment, with what the asker is told."""
        return replace(self.answered(State.DECLINED, now), declination=declination)

    def is_in_hand(self, staff: str) -> bool:
        """Tell whether this member of staff took the request up and is weighing it."""
        return self.state is State.WEIGHING and self.taken_by == staff

    def check_in_hand(self, staff: str) -> None:
        """Raise ConflictError unless this member of staff took the request up and is weighing it."""
        if not self.is_in_hand(staff):
            raise ConflictError("only who took up the request can weigh and answer it", code="request.not_in_weighing")

    def may_complete(self, staff: str) -> bool:
        """Tell whether this member of staff gave the answer: his record of it may follow (law.md 4.3 item 6, ST-11)."""
        return self.state is State.RELEASED and self.taken_by == staff

    def side_of(self, actor: Actor, case: Case) -> Side:
        """Return the side of this request on which somebody of one of the two organisations stands.

        Who took it up answers, who put it or works on its case asks, wherever he is employed by now; anybody else
        stands where his organisation does.
        """
        staff = actor.staff.id
        if staff == self.taken_by:
            return "answering"
        if staff == self.asker or staff in case.staff or actor.organisation.id == self.requester:
            return "asking"
        return "answering"

    def taken(self, staff: str) -> InformationRequest:
        """Return the request as taken up by a professional of the responder; taking it twice oneself is no change."""
        if self.is_in_hand(staff):
            return self
        return replace(self.to(State.WEIGHING), taken_by=staff)


def state_after_ask(outcome: Outcome) -> State:
    """Return the state that the outcome of decide(ask) puts a request in; anything but a permit is never delivered."""
    return {
        "deny": State.REFUSED,
        "refer": State.REFERRED,
        "permit_pending": State.DELIVERED,
        "permit_duty": State.DELIVERED,
        "break_glass": State.DELIVERED,
    }[outcome]


class Requests(Protocol):
    """Requests with everything the professional adds to them."""

    def add(self, request: InformationRequest) -> None:
        """Keep a new request; one with the same id is ConflictError."""

    def save(self, request: InformationRequest) -> None:
        """Keep a request's new state, who took it, its wait, its declination and its version; nothing else changes.

        Its version must follow the stored one, else ConflictError `request.stale`: somebody was first.
        """

    def get(self, request: str, *, reader: Actor) -> InformationRequest:
        """Return the request for this reader or raise NotFoundError."""

    def asked_by(
        self, *, reader: Actor, before: str | None = None, limit: int | None = None
    ) -> tuple[InformationRequest, ...]:
        """Return the requests on the reader's cases, newest first: the worklist; those asked before this one if any."""

    def inbox(
        self, *, reader: Actor, before: str | None = None, limit: int | None = None
    ) -> tuple[InformationRequest, ...]:
        """Return the requests delivered to the reader's organisation that are his to take or taken by him."""

    def waits(self, since: datetime, until: datetime, *, reader: Actor) -> tuple[tuple[State, str | None, int], ...]:
        """Return how many requests of this period the reader's organisation is a party to, by state and wait."""

    def put_step(self, request: str, step: StepDone) -> None:
        """Record a step as done; doing it again replaces the note."""

    def steps(self, request: str, *, reader: Actor) -> tuple[StepDone, ...]:
        """Return the steps done, in their order; none for the asking side."""

    def put_exception(self, request: str, exception: StepException) -> None:
        """Record a consent-step exception; one per side, person and code; recording it again replaces its evidence."""

    def exceptions(self, request: str, *, reader: Actor) -> tuple[StepException, ...]:
        """Return the exceptions that either side claims, by side, person and code; for the asking side its own."""

    def put_weighing(self, request: str, weighing: Weighing) -> None:
        """Record or replace the weighing."""

    def find_weighing(self, request: str, *, reader: Actor) -> Weighing | None:
        """Return the weighing so far; None for the asking side."""

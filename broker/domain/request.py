"""One information request: its questions, and the states it goes through.

ASKED is the moment of asking only; the decision at once makes it REFUSED, REFERRED or DELIVERED, so that a request is
never seen without its decision. WEIGHING begins when a professional of the responder takes it up.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from broker.kernel.errors import ConflictError


class State(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    REFUSED = "refused"
    REFERRED = "referred"
    DELIVERED = "delivered"
    WEIGHING = "weighing"
    RELEASED = "released"
    DECLINED = "declined"


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
    """One concrete question about one person; `text` is what the professional reads and is sealed at rest."""

    id: str
    person: str
    text: str = field(repr=False)
    categories: tuple[str, ...]
    specific: bool
    period_months: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """What the requester explained: the nature, the seriousness and the content of the concern (KN-TR1)."""

    nature: str = field(default="", repr=False)
    seriousness: str = field(default="", repr=False)
    content: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """What is known of acute danger (G0 and 4.3 of law.md)."""

    acute: bool = False
    person_named: bool = False
    threat_named: bool = False
    within_hours: int | None = None
    grave_to_adult: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRequest:
    """One request by one actor to one responder. `patients` are the refs known to be in the responder's care."""

    id: str
    case: str
    requester: str
    asker: str
    responder: str
    purpose: str
    concern: Concern
    danger: Danger
    persons: tuple[str, ...]
    patients: frozenset[str]
    questions: tuple[Question, ...]
    asked_at: datetime
    state: State = State.ASKED
    taken_by: str | None = None
    version: int = 1

    def to(self, state: State) -> InformationRequest:
        """Return the request in its next state; raise ConflictError when the table does not allow the step."""
        if state not in ALLOWED[self.state]:
            raise ConflictError(
                f"a request that is {self.state} cannot become {state}", code="request.illegal_transition"
            )
        return replace(self, state=state, version=self.version + 1)

    def taken(self, staff: str) -> InformationRequest:
        """Return the request as taken up by a professional of the responder; taking it twice oneself is no change."""
        if self.state is State.WEIGHING and self.taken_by == staff:
            return self
        return replace(self.to(State.WEIGHING), taken_by=staff)


def state_after_ask(outcome: str) -> State:
    """Return the state that the outcome of decide(ask) puts a request in; anything but a permit is never delivered."""
    return {
        "deny": State.REFUSED,
        "refer": State.REFERRED,
        "permit_pending": State.DELIVERED,
        "permit_duty": State.DELIVERED,
        "break_glass": State.DELIVERED,
    }[outcome]

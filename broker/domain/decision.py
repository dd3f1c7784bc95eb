"""What the policy answered: an outcome, a verdict per part, reasons, and the duties that come with it.

The shape is decision.md's. A decision is a value; only the gate makes one, from an answer it has checked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Protocol

from broker.crypto.canonical import digest
from broker.crypto.commitment import commit
from broker.domain.directory import Actor
from broker.domain.vocabulary import (
    Category,
    DutyCode,
    DutyOn,
    Escalation,
    ExceptionCode,
    GateNumber,
    GroundKind,
    Outcome,
    ReasonCode,
    Stage,
    Step,
    Verdict,
)
from broker.kernel.values import format_moment, parse_moment

PERMITS = frozenset({"permit", "permit_pending", "permit_duty", "break_glass"})


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Reason:
    """Why something is refused or withheld: a DN code, the gate that said so, and what would cure it."""

    code: ReasonCode
    gate: GateNumber
    curable: bool
    remedy: str | None
    person: str | None
    question: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PartVerdict:
    """The verdict on one question x person x category; withheld exactly when it has reasons."""

    question: str
    person: str
    category: Category
    verdict: Verdict
    ground: str | None
    reasons: tuple[ReasonCode, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """Which part of the request this is about."""
        return self.question, self.person, self.category


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A legal ground that carries at least one part, with its source and the day it came into force."""

    code: str
    kind: GroundKind
    source: str
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """An obligation that comes with the decision: on whom, towards whom, by when."""

    code: DutyCode
    on: DutyOn
    due: datetime | None
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One complete answer of the policy."""

    outcome: Outcome
    parts: tuple[PartVerdict, ...]
    grounds: tuple[Ground, ...]
    reasons: tuple[Reason, ...]
    referrals: tuple[Escalation, ...]
    obligations: tuple[Duty, ...]
    todo: tuple[Step, ...]
    exceptions: tuple[ExceptionCode, ...]
    law_as_of: date
    revision: str
    bundle_digest: str
    engine: str

    @property
    def permits(self) -> bool:
        """True when the outcome lets the request go on; a referral does not."""
        return self.outcome in PERMITS

    @property
    def allowed(self) -> tuple[PartVerdict, ...]:
        """The parts that may be released or opened now; empty unless the outcome permits."""
        return tuple(part for part in self.parts if part.verdict == "allow") if self.permits else ()


def decision_of(document: Mapping[str, Any]) -> Decision:
    """Read a decision document that the gate has checked against its schema."""
    return Decision(
        outcome=document["outcome"],
        parts=tuple(PartVerdict(**{**part, "reasons": tuple(part["reasons"])}) for part in document["parts"]),
        grounds=tuple(
            Ground(**{**ground, "valid_from": date.fromisoformat(ground["valid_from"])})
            for ground in document["grounds"]
        ),
        reasons=tuple(_reason(reason) for reason in document["reasons"]),
        referrals=tuple(document["referrals"]),
        obligations=tuple(
            Duty(**{**duty, "due": parse_moment(duty["due"]) if duty["due"] else None})
            for duty in document["obligations"]
        ),
        todo=tuple(document["todo"]),
        exceptions=tuple(document["exceptions"]),
        law_as_of=date.fromisoformat(document["law_as_of"]),
        revision=document["policy"]["revision"],
        bundle_digest=document["policy"]["digest"],
        engine=document["engine"],
    )


def _reason(document: Mapping[str, Any]) -> Reason:
    # The document says `stage` where the law says gate; it keeps its word, since no field of it is ever renamed.
    return Reason(gate=document["stage"], **{name: said for name, said in document.items() if name != "stage"})


def document_of(decision: Decision) -> dict[str, Any]:
    """Write a decision as its document; `decision_of` reads it back unchanged."""
    return {
        "version": 1,
        "outcome": decision.outcome,
        "parts": [
            {"question": p.question, "person": p.person, "category": p.category, "verdict": p.verdict,
             "ground": p.ground, "reasons": list(p.reasons)}
            for p in decision.parts
        ],
        "grounds": [
            {"code": g.code, "kind": g.kind, "source": g.source, "valid_from": g.valid_from.isoformat()}
            for g in decision.grounds
        ],
        "reasons": [
            {"code": r.code, "stage": r.gate, "curable": r.curable, "remedy": r.remedy, "person": r.person,
             "question": r.question}
            for r in decision.reasons
        ],
        "referrals": list(decision.referrals),
        "obligations": [
            {"code": o.code, "on": o.on, "due": format_moment(o.due) if o.due else None, "person": o.person}
            for o in decision.obligations
        ],
        "todo": list(decision.todo),
        "exceptions": list(decision.exceptions),
        "law_as_of": decision.law_as_of.isoformat(),
        "policy": {"revision": decision.revision, "digest": decision.bundle_digest},
        "engine": decision.engine,
    }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which decisions somebody looks for; None is any. `reason` is a DN code; from `since` up to, not with, `until`.

    `organisation` is the other one, `staff` a member of the searcher's own who asked, answered or opened.
    """

    outcome: Outcome | None = None
    stage: Stage | None = None
    reason: str | None = None
    request: str | None = None
    organisation: str | None = None
    staff: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def decision_digest(document: Mapping[str, Any], decision: Decision, salt: bytes | None) -> str:
    """Return the commitment to a decision and the document it was made on, as it stands in the log.

    Without a salt it is the plain digest that decisions had before there were salts.
    """
    both = {"document": document, "decision": document_of(decision)}
    return digest(both) if salt is None else commit(both, salt=salt)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision on record: what was asked of the policy, what it answered, for whom and when.

    `document` is the decision document put in; with the bundle of `decision.bundle_digest` it can be replayed.
    `digest` is the commitment to both under `salt`, as it stands in the log; without the salt it says nothing.
    """

    id: str
    request: str | None
    stage: str
    staff: str
    at: datetime
    document: Mapping[str, Any]
    decision: Decision
    digest: str
    salt: bytes | None = field(default=None, repr=False)

    def seen_by_asker(self) -> Decided:
        """Return the decision as the asking side may read it.

        An opening decides on everything that was asked, though in its document only what left is weighed. Of what
        stayed with the professional it says nothing, and neither of what he claims about who was not told.
        """
        if self.stage != "open":
            return self
        weighing = self.document["weighing"] or {"parts": ()}
        released = {(part["question"], part["category"]) for part in weighing["parts"]}
        parts = tuple(part for part in self.decision.parts if (part.question, part.category) in released)
        said = {(part.question, code) for part in parts for code in part.reasons}
        reasons = tuple(
            reason
            for reason in self.decision.reasons
            if reason.question is None or (reason.question, reason.code) in said
        )
        # Without the salt: what is left out could be guessed with it.
        return replace(self, decision=replace(self.decision, parts=parts, reasons=reasons, exceptions=()), salt=None)


class Decisions(Protocol):
    """Decisions on record."""

    def add(self, decided: Decided, *, case: str | None = None) -> None:
        """Keep a decision with the document that was decided on; one with the same id is ConflictError.

        `case` is what a decision without a request is about, if it is about one.
        """

    def get(self, decision: str, *, reader: Actor) -> Decided:
        """Return a decision that the reader's organisation sees from its side, else NotFoundError."""

    def of_request(self, request: str, *, reader: Actor) -> tuple[Decided, ...]:
        """Return the decisions on a request that the reader's organisation sees from its side, oldest first."""

    def is_decided(self, request: str, *, reader: Actor) -> bool:
        """Tell whether the reader's organisation sees from its side that this request was decided on, erased or not."""

    def latest_at(self, request: str) -> datetime:
        """Return when the newest decision on a request was made; each has one from the start."""

    def search(
        self, wanted: Wanted, *, reader: Actor, before: str | None = None, limit: int = 100
    ) -> tuple[Decided, ...]:
        """Return at most `limit` decisions that the reader's organisation sees from its side, newest first."""

    def refusals(self, codes: Sequence[str], since: datetime, until: datetime, *, reader: Actor) -> dict[str, int]:
        """Return how many requests of this period were refused or referred when asked, by reason."""

"""What happened, as it goes into the log.

An event has a public entry, whose bytes are the leaf of the log, and a personal detail beside it, bound by a salted
commitment, which can be destroyed without breaking a proof. Tags are never reused; the fields of an entry may only be
added, with a default, otherwise it is a new tag. A second commitment covers the rows that the event changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from broker.domain.decision import Decided
from broker.domain.directory import Actor
from broker.kernel.values import new_id

TAGS: Mapping[str, int] = MappingProxyType(
    {
        "directory:entry:enrolled": 1,
        "directory:key:enrolled": 2,
        "case:file:registered": 3,
        "case:file:changed": 4,
        "consent:record:given": 5,
        "consent:record:withdrawn": 6,
        "request:question:asked": 7,
        "request:question:taken": 8,
        "request:weighing:recorded": 9,
        "request:answer:previewed": 10,
        "request:answer:released": 11,
        "request:answer:declined": 12,
        "release:part:opened": 13,
        "release:part:withheld": 14,
        "log:record:inspected": 15,
        "attempt:call:failed": 16,
        "attempt:call:refused": 17,
        "request:access:evaluated": 18,
        "request:access:searched": 19,
        "request:access:requested": 20,
        "policy:bundle:loaded": 21,
        "session:person:signed_in": 22,
        "session:person:signed_out": 23,
        "pages:program:served": 24,
        "log:rows:adopted": 25,
        "log:checkpoint:kept": 26,
        "case:file:read": 27,
        "request:file:read": 28,
        "directory:key:confirmed": 29,
        "release:part:erased": 30,
        "obligation:duty:overdue": 31,
        "obligation:duty:done": 32,
        "key:storage:rewrapped": 33,
        "erasure:subject:asked": 34,
        "erasure:subject:done": 35,
    }
)

ATTEMPTS = frozenset({"attempt:call:failed", "attempt:call:refused"})
RELEASED = "request:answer:released"
CONFIRMED = "directory:key:confirmed"

INTERNAL = frozenset({"request:weighing:recorded", "request:answer:previewed", "request:file:read"})
"""What a side does by itself: reading, and what the answering side does before it answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened. `decision` is the digest of the decision behind it; `detail` is the personal side.

    What it changed it commits to: the store knows what was written since the event before it. `manifest` is the
    commitment to what was released, which who opens it checks himself, or to whose key was confirmed, which who seals
    to it does.

    The detail of an act on a request names the `organisation` whose act it was.
    """

    id: str
    tag: str
    at: datetime
    request: str | None = None
    decision: str | None = None
    outcome: str | None = None
    manifest: str | None = None
    detail: Mapping[str, Any] = field(default_factory=dict, repr=False)


def act(
    tag: str,
    actor: Actor,
    at: datetime,
    *,
    request: str | None = None,
    decided: Decided | None = None,
    outcome: str | None = None,
    **said: Any,
) -> Event:
    """Return the event of what somebody did: by whom, for which organisation, on which decision, and what else is said.

    A decision brings its request and its outcome.
    """
    detail = {"staff": actor.staff.id, "organisation": actor.organisation.id, **said}
    if decided is None:
        return Event(id=new_id("evt", at), tag=tag, at=at, request=request, outcome=outcome, detail=detail)
    return Event(
        id=new_id("evt", at),
        tag=tag,
        at=at,
        request=decided.request,
        decision=decided.digest,
        outcome=decided.decision.outcome,
        detail={"decision": decided.id, **detail},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event as the log keeps it: its entry bytes, its place once sequenced, its detail unless destroyed."""

    id: str
    tag: str
    index: int | None
    entry: bytes
    salt: bytes | None = field(repr=False)
    detail: Mapping[str, Any] | None = field(repr=False)


def seen_by(event: Recorded, organisation: str) -> Recorded | None:
    """Return an event as the people of this organisation may read it, or None when it is not for them.

    The detail of an act is for the organisation that acted. What it does by itself is nobody else's.
    """
    if event.detail is not None and event.detail.get("organisation") == organisation:
        return event
    return None if event.tag in INTERNAL else replace(event, salt=None, detail=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAttempts:
    """Which refused and failed calls somebody looks for; None is any. From `since` up to, not with, `until`."""

    code: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCheckpoint:
    """A signed checkpoint: the log's size and root at a moment, and the signed note as published."""

    size: int
    root: bytes
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """An event of the log with its proof in the newest signed checkpoint; `proof` is None before it is in one."""

    recorded: Recorded
    checkpoint: SignedCheckpoint | None
    proof: tuple[bytes, ...] | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the log stands: how many events have an index, whether others wait for one, and the newest checkpoint."""

    size: int
    has_waiting: bool
    latest: SignedCheckpoint | None


class Log(Protocol):
    """The event log inside one transaction: append here; sequencing and publishing are the sequencer's."""

    def append(self, event: Event) -> None:
        """Write the event's entry and its encrypted detail; it gets its index when the sequencer runs after the commit.

        It commits to every row that was written in this transaction since the event before it.
        """

    def get(self, event: str) -> Recorded:
        """Return an event, or raise NotFoundError."""

    def of_request(self, request: str, *, reader: Actor) -> tuple[Recorded, ...]:
        """Return the events of a request in the order of the log, those not yet sequenced last.

        Each side gets the details of its own acts only, and the asking side no event of what is still weighed.
        """

    def attempts(
        self, wanted: WantedAttempts, *, reader: Actor, before: str | None = None, limit: int = 100
    ) -> tuple[Recorded, ...]:
        """Return the calls of the people of the reader's organisation that were refused or failed, newest first.

        Those whose detail was destroyed are not among them. `before` is the id of an event.
        """

    def attempt_codes(self, *, reader: Actor) -> tuple[str, ...]:
        """Return how the calls that the reader can find ended, in the order of the alphabet."""

    def recorded(self, start: int, end: int) -> tuple[Recorded, ...]:
        """Return the sequenced events with start <= index < end."""

    def find_latest(self) -> SignedCheckpoint | None:
        """Return the newest signed checkpoint."""

    def checkpoints(self) -> tuple[SignedCheckpoint, ...]:
        """Return all signed checkpoints, oldest first."""

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the inclusion proof of a sequenced event in the tree of `size` entries (RFC 9162 2.1.3)."""

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the consistency proof between two tree sizes (RFC 9162 2.1.4)."""

    def destroy_detail(self, event: str) -> None:
        """Destroy an event's detail and salt for good; entry, index and every proof stay as they are.

        A second time is no change; raises NotFoundError for an event that never was.
        """

    def sequence(self, limit: int) -> int:
        """Give the next indexes to at most `limit` committed events and extend the tree; return how many."""

    def size(self) -> int:
        """Return the number of sequenced events."""

    def root(self, size: int | None = None) -> bytes:
        """Return the root of the tree over the first `size` sequenced events, or over all of them."""

    def standing(self) -> Standing:
        """Return where the log stands, all of it at one moment: what the sequencer has to do."""

    def publish(self, published: SignedCheckpoint) -> None:
        """Keep a signed checkpoint; the same size and root again replaces the note (another key, more signatures).

        Raises LogForkError for one that is smaller than the newest, or as large with another root.
        """

    def keep(self, published: SignedCheckpoint, event: Event) -> None:
        """Append an event that commits to a signed checkpoint, so that it cannot be taken away later."""

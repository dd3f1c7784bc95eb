"""What the verifier compares: the database as it lies there, one thing at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from broker.domain.event import SignedCheckpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """What the database holds of one event: the entry, and what stands beside it and must agree with it.

    `leaf` is the tree's leaf hash at the event's index; `commitment` is made anew from detail and salt, None when those
    were destroyed; `changes` is the hash over what it says of rows, made anew, None when it changed none.
    """

    id: str
    index: int | None
    waits: bool
    tag: str
    request: str | None
    decision: str | None
    entry: bytes
    leaf: bytes | None
    commitment: str | None
    changes: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDecision:
    """A decision's digest as recorded, as made anew from its documents, and whether an event carries it.

    `found` is None for a decision that was erased.
    """

    digest: str
    found: str | None
    has_event: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRelease:
    """A release's request, and tag and request of the event it names; both None when there is no such event."""

    request: str
    event_tag: str | None
    event_request: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row that is not as the log says: changed, missing, or one that no event speaks of (`unknown`)."""

    table: str
    key: tuple[str | int, ...]
    found: Literal["changed", "missing", "unknown"]


class Evidence(Protocol):
    """All that must add up, read in one snapshot and one by one. It has no reader: digests and ids, no case data."""

    def events(self) -> Iterator[LoggedEvent]:
        """Yield all events in log order, unsequenced ones last; SealError for a detail that does not open.

        What each says of the rows that it changed is remembered for `differences`.
        """

    def checkpoints(self) -> Iterator[SignedCheckpoint]:
        """Yield all signed checkpoints, oldest first."""

    def expect_node(self, level: int, position: int, subtree: bytes) -> None:
        """Remember a node that the tree must hold."""

    def differences(self) -> Iterator[Difference]:
        """Yield every row that is not what the events and the nodes so far say, and every one of which none does.

        Raises KeyUnavailable at the end when a detail could not be read although its data key is as it was.
        """

    def rows(self) -> int:
        """Return how many rows were compared."""

    def decisions(self) -> Iterator[LoggedDecision]:
        """Yield all decisions, their digests made anew as they were when they went on record."""

    def releases(self) -> Iterator[LoggedRelease]:
        """Yield all releases with what their event says of itself."""

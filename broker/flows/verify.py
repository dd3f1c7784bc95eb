"""Verify the log: everything the database says is derived again, from the entries up, and must agree.

1. Indexes are dense, from 0.
2. Each entry is canonical JSON, says what the columns beside it say, and has the leaf that the tree was built from.
3. Each detail that is still there is what its entry committed to.
4. Each checkpoint is signed by the log's own key and has the root of exactly the first `size` entries: so each is
   consistent with the next, and with what is there now.
5. Each decision's digest is that of its documents, and an event carries it.
6. Each release names an event that says so of the same request.

Not looked at: the tree's inner nodes. They are only a way to calculate fast, and a wrong one gives a wrong root, which
4 finds at the next checkpoint, or a proof that does not verify. A deleted checkpoint does no harm to the others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from broker.crypto.canonical import parse_canonical
from broker.crypto.checkpoint import parse_checkpoint
from broker.crypto.merkle import Coordinate, append, leaf_hash, tree_root
from broker.crypto.note import VerifierKey, parse_note, verify_note
from broker.domain.event import TAGS, Published
from broker.domain.ports import Evidence, LoggedEvent, Store
from broker.kernel.errors import IntegrityError, LogForkError, ParseError, ProofError, SignatureError

_RELEASED = "request:answer:released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was verified, in numbers. `events` are those in the tree, `unpublished` those no checkpoint covers yet."""

    events: int
    waiting: int
    unpublished: int
    checkpoints: int
    details_kept: int
    details_destroyed: int
    decisions: int
    releases: int


def verify_log(store: Store, *, vkeys: Sequence[VerifierKey]) -> Report:
    """Return the numbers when all adds up; memory does not grow with the log.

    Raises IntegrityError, naming index or size: LogForkError for a checkpoint that is not of these entries, ProofError
    for an entry that is not the one in the tree, SignatureError, SealError for a detail that does not open.
    """
    with store.evidence() as evidence:
        log = _Log(evidence.checkpoints(), vkeys)
        for event in evidence.events():
            log.take(event)
        log.finish()
        return Report(
            events=log.size,
            waiting=log.waiting,
            unpublished=log.size - log.published + log.waiting,
            checkpoints=log.checkpoints,
            details_kept=log.kept,
            details_destroyed=log.size + log.waiting - log.kept,
            decisions=_verify_decisions(evidence),
            releases=_verify_releases(evidence),
        )


class _Log:
    """The log as far as it was read: its size, the right edge of its tree, and the next checkpoint to come by."""

    def __init__(self, checkpoints: Iterator[Published], vkeys: Sequence[VerifierKey]) -> None:
        self.size = self.waiting = self.published = self.checkpoints = self.kept = 0
        self._edge: dict[Coordinate, bytes] = {}
        self._ahead = checkpoints
        self._vkeys = vkeys
        self._next = next(self._ahead, None)

    def take(self, event: LoggedEvent) -> None:
        """Verify the next event, and the checkpoint that ends with it."""
        where = "of an event not yet sequenced" if event.index is None else f"at index {event.index}"
        entry = _parse_entry(event, where)
        if event.commitment is not None:
            self.kept += 1
            if event.commitment != entry["commitment"]:
                raise IntegrityError(f"the detail {where} is not what was committed to", code="integrity.commitment")
        if event.index is None:
            self.waiting += 1
            return
        if event.index != self.size:
            raise IntegrityError(f"the entry at index {self.size} is missing", code="integrity.index")
        leaf = leaf_hash(event.entry)
        if leaf != event.leaf:
            raise ProofError(f"the entry at index {event.index} is not the one in the tree", code="integrity.entry")
        self._append(leaf)
        if self._next is not None and self._next.size <= self.size:
            self._verify_checkpoint(self._next)

    def finish(self) -> None:
        """Verify that no checkpoint speaks of more entries than there are."""
        if self._next is not None:
            raise LogForkError(f"a checkpoint of size {self._next.size} covers entries that are missing")

    def _append(self, leaf: bytes) -> None:
        *merged, (level, position, subtree) = append(self.size, leaf, self._node)
        for low, right, _ in merged:
            self._edge.pop((low, right - 1))
        self._edge[level, position] = subtree
        self.size += 1

    def _node(self, level: int, position: int) -> bytes:
        return self._edge[level, position]

    def _verify_checkpoint(self, published: Published) -> None:
        try:
            note = parse_note(published.note)
            checkpoint = parse_checkpoint(note.text)
        except ParseError as error:
            raise IntegrityError(f"the checkpoint of size {published.size} cannot be read") from error
        try:
            names = verify_note(note, self._vkeys)
        except SignatureError as error:
            raise SignatureError(f"the checkpoint of size {published.size} is not signed", code=error.code) from error
        if checkpoint.origin not in names:
            raise SignatureError(f"the checkpoint of size {published.size} is not signed by the log itself")
        if (checkpoint.size, checkpoint.root) != (published.size, published.root):
            raise IntegrityError(f"the checkpoint of size {published.size} is not what its note says")
        if checkpoint.size != self.size or checkpoint.root != tree_root(self.size, self._node):
            raise LogForkError(f"the checkpoint of size {published.size} is not over these entries")
        self.checkpoints += 1
        self.published = self.size
        self._next = next(self._ahead, None)


def _parse_entry(event: LoggedEvent, where: str) -> dict[str, Any]:
    try:
        entry = parse_canonical(event.entry)
    except ParseError as error:
        raise IntegrityError(f"the entry {where} cannot be read", code="integrity.entry") from error
    beside = {
        "v": 1,
        "id": event.id,
        "tag": event.tag,
        "tag_id": TAGS.get(event.tag),
        "request": event.request,
        "decision": event.decision,
    }
    if not isinstance(entry, dict) or "commitment" not in entry or not beside.items() <= entry.items():
        raise IntegrityError(f"the entry {where} differs from the columns beside it", code="integrity.entry")
    return entry


def _verify_decisions(evidence: Evidence) -> int:
    number = 0
    for number, decision in enumerate(evidence.decisions(), start=1):
        if decision.found != decision.digest:
            raise IntegrityError(
                f"decision {number} has other documents than it was made on", code="integrity.decision"
            )
        if not decision.has_event:
            raise IntegrityError(f"decision {number} is not in the log", code="integrity.decision")
    return number


def _verify_releases(evidence: Evidence) -> int:
    number = 0
    for number, release in enumerate(evidence.releases(), start=1):
        if (release.event_tag, release.event_request) != (_RELEASED, release.request):
            raise IntegrityError(f"release {number} is not in the log", code="integrity.release")
    return number

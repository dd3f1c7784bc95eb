"""Verify the log: everything the database says is derived again, from the entries up, and must agree.

1. Indexes are dense, from 0, and an event that has none waits for one.
2. Each entry is canonical JSON, says what the columns beside it say, and has the leaf that the tree was built from.
3. Each detail that is still there is what its entry committed to.
4. What a checkpoint says that was kept outside the database, by the broker beside its key or by an auditor, is what
   is there now: the log was not cut, emptied or written again.
5. Each checkpoint is signed by the log's own key and has the root of exactly the first `size` entries: so each is
   consistent with the next, and with what is there now.
6. The newest checkpoint covers everything that has an index: both are written in one transaction.
7. Every row is what the last event about it says: none was changed, none is missing, none is there that no event made.
   The tree's nodes and what decisions and attempts are found by are derived again and compared in the same way.
8. Each decision's digest is that of its documents, and an event carries it.
9. Each release names an event that says so of the same request.

Sessions and the like come and go without events; `store/changes.py` says which, and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from broker.crypto.canonical import parse_canonical
from broker.crypto.checkpoint import Checkpoint, read_checkpoint, verify_checkpoint
from broker.crypto.merkle import Coordinate, append, leaf_hash, tree_root
from broker.crypto.note import VerifierKey
from broker.domain.event import RELEASED, TAGS, SignedCheckpoint
from broker.domain.evidence import Evidence, LoggedEvent
from broker.domain.store import Store
from broker.kernel.errors import IntegrityError, LogForkError, ParseError, ProofError, SignatureError

MOST_NAMED = 20
"""How many rows a finding names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was verified, in numbers. `events` are those in the tree, `waiting` those that no checkpoint covers yet."""

    events: int
    waiting: int
    checkpoints: int
    details_kept: int
    details_destroyed: int
    decisions: int
    releases: int
    rows: int


def verify_log(store: Store, *, vkeys: Sequence[VerifierKey], held: Sequence[str | None] = ()) -> Report:
    """Return the numbers when all adds up; memory does not grow with the log.

    `held` are notes of checkpoints that were kept outside the database, in any order, None for none: the log must
    contain what they say.

    Raises IntegrityError, naming index or size: LogForkError for a checkpoint that is not of these entries, ProofError
    for an entry that is not the one in the tree, SignatureError, SealError for a detail that does not open. For rows
    that are not what the log says `integrity.rows`, with up to MOST_NAMED of them in `errors`.
    """
    with store.evidence() as evidence:
        log = _Log(evidence, vkeys, held)
        for event in evidence.events():
            log.take(event)
        log.finish()
        _verify_rows(evidence)
        return Report(
            events=log.size,
            waiting=log.waiting,
            checkpoints=log.checkpoints,
            details_kept=log.kept,
            details_destroyed=log.destroyed,
            decisions=_verify_decisions(evidence),
            releases=_verify_releases(evidence),
            rows=evidence.rows(),
        )


class _Log:
    """The log as far as it was read: its size, the right edge of its tree, and the next checkpoint to come by."""

    def __init__(self, evidence: Evidence, vkeys: Sequence[VerifierKey], held: Sequence[str | None]) -> None:
        self.size = self.waiting = self.published = self.checkpoints = self.kept = self.destroyed = 0
        self._edge: dict[Coordinate, bytes] = {}
        self._evidence, self._ahead = evidence, evidence.checkpoints()
        self._vkeys = vkeys
        self._next = next(self._ahead, None)
        said = (read_checkpoint(note) for note in held if note is not None)
        self._held = sorted(said, key=lambda checkpoint: checkpoint.size)

    def take(self, event: LoggedEvent) -> None:
        """Verify the next event, and the checkpoint that ends with it."""
        where = "of an event not yet sequenced" if event.index is None else f"at index {event.index}"
        self._verify_entry(event, _parse_entry(event, where), where)
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
        while self._held and self._held[0].size <= self.size:
            self._verify_held(self._held.pop(0))

    def _verify_entry(self, event: LoggedEvent, entry: Mapping[str, Any], where: str) -> None:
        if event.commitment is not None:
            self.kept += 1
            if event.commitment != entry["commitment"]:
                raise IntegrityError(f"the detail {where} is not what was committed to", code="integrity.commitment")
        elif entry["commitment"] is not None:
            self.destroyed += 1
        if event.changes != entry.get("changes"):
            raise IntegrityError(f"what the event {where} says of rows is not what was committed to")
        if event.waits != (event.index is None):
            raise IntegrityError(f"the event {where} has a place in the queue that it cannot have")

    def finish(self) -> None:
        """Verify that no checkpoint speaks of more entries than there are, and the newest of no fewer."""
        if self._held:
            size = self._held[-1].size
            raise LogForkError(f"the checkpoint of size {size} that was kept covers entries that are missing")
        if self._next is not None:
            raise LogForkError(f"a checkpoint of size {self._next.size} covers entries that are missing")
        if self.published != self.size:
            raise LogForkError(f"there are {self.size} entries, and no checkpoint of this size: it was taken away")

    def _append(self, leaf: bytes) -> None:
        *merged, (level, position, subtree) = append(self.size, leaf, self._node)
        for low, right, _ in merged:
            self._edge.pop((low, right - 1))
        self._edge[level, position] = subtree
        for node in (*merged, (level, position, subtree)):
            self._evidence.expect_node(*node)
        self.size += 1

    def _node(self, level: int, position: int) -> bytes:
        return self._edge[level, position]

    def _verify_held(self, held: Checkpoint) -> None:
        if held.size and held.root != tree_root(self.size, self._node):
            raise LogForkError(f"the checkpoint of size {held.size} that was kept is not over these entries")

    def _verify_checkpoint(self, published: SignedCheckpoint) -> None:
        try:
            checkpoint = verify_checkpoint(published.note, self._vkeys)
        except ParseError as error:
            raise IntegrityError(f"the checkpoint of size {published.size} cannot be read") from error
        except SignatureError as error:
            said = f"the checkpoint of size {published.size} is not signed by the log"
            raise SignatureError(said, code=error.code) from error
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
        if decision.found is not None and decision.found != decision.digest:
            raise IntegrityError(
                f"decision {number} has other documents than it was made on", code="integrity.decision"
            )
        if not decision.has_event:
            raise IntegrityError(f"decision {number} is not in the log", code="integrity.decision")
    return number


def _verify_releases(evidence: Evidence) -> int:
    number = 0
    for number, release in enumerate(evidence.releases(), start=1):
        if (release.event_tag, release.event_request) != (RELEASED, release.request):
            raise IntegrityError(f"release {number} is not in the log", code="integrity.release")
    return number


def _verify_rows(evidence: Evidence) -> None:
    found = list(islice(evidence.differences(), MOST_NAMED))
    if found:
        named = tuple(f"{one.table} {' '.join(map(str, one.key))}: {_FOUND[one.found]}" for one in found)
        raise IntegrityError(f"a row is not what the log says: {named[0]}", code="integrity.rows", errors=named)


_FOUND = {
    "changed": "it was changed past the broker",
    "missing": "it was taken away past the broker",
    "unknown": "no event made it",
}

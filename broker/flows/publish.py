"""Sequence, integrate, publish: how what was recorded becomes evidence that others can check.

1. Sequence: every event committed since the last time gets the next index, dense and for ever. With them goes one more,
   that commits to the checkpoint before, so that none can be taken away unnoticed.
2. Integrate: its leaf goes into the Merkle tree.
3. Publish: the new size and root are signed as a checkpoint, and kept.

All three are one transaction under the sequencer's lock, so what is lost when the process dies is work, never evidence:

* before 1, or in 1 or 2: the events stay without an index, and the next run takes them;
* in 3, before the commit: the signature is lost with the rest. The next run may order the events otherwise and sign
  another root for the same size. That is no fork, because a note leaves this process only after its commit; so nothing
  may be handed out, to a witness either, from inside the transaction;
* after the commit: nothing; the answer to the caller is lost, the checkpoint is there. If it was not remembered yet
  (`domain/published.py`), whoever looks next remembers it before he tells anybody.

Until its event is covered by a checkpoint no part of an answer is handed out (G12 of law.md).
"""

from __future__ import annotations

from contextlib import suppress

from broker.crypto.checkpoint import Checkpoint, format_checkpoint
from broker.crypto.note import format_note, sign_note
from broker.domain.event import Event, SignedCheckpoint
from broker.domain.keys import Keys
from broker.domain.published import believe, newest_published, verify_extends
from broker.domain.store import Transaction
from broker.domain.wiring import Wiring
from broker.kernel.errors import BrokerError, NotFoundError
from broker.kernel.values import new_id

# One statement's worth: large enough that its cost is spread, small enough to hold in memory.
BATCH = 1000


def publish(w: Wiring) -> SignedCheckpoint | None:
    """Publish a checkpoint over all that was committed before; None when there is nothing new or another one is at it.

    The log's origin is the signer's name. Raises KeyUnavailable when nothing can be signed or remembered,
    StoreUnavailable, and LogForkError when the log does not continue what was published before; then nothing is signed
    and nothing changed.
    """
    with w.store.sequencing() as tx:
        if tx is None:
            return None
        remembered, standing = w.keys.recall_checkpoint(), tx.log.standing()
        latest, size = believe(standing.latest, remembered, tx, w.keys), standing.size
        if standing.has_waiting:
            if latest is not None:
                now = w.clock()
                tx.log.keep(latest, Event(id=new_id("evt", now), tag="log:checkpoint:kept", at=now))
            size += _sequence(tx)
        published = _sign(tx, latest, size, w.keys)
        if published is not None:
            tx.log.publish(published)
    if published is not None:
        w.keys.remember_checkpoint(published.note)
    return published


def catch_up(w: Wiring) -> None:
    """Publish at once if that can be; if not, what was done stands, and waits for the keeper's next round."""
    with suppress(BrokerError):
        publish(w)


def newest_checkpoint(w: Wiring) -> SignedCheckpoint:
    """Return the newest checkpoint as it may be told to anybody; NotFoundError before there is one."""
    with w.store.reading() as tx:
        return _newest(tx, w.keys)


def consistency(size: int, w: Wiring) -> tuple[SignedCheckpoint, tuple[bytes, ...]]:
    """Return the newest checkpoint and the proof that it continues the log as it was at `size` (RFC 9162 2.1.4).

    Raises NotFoundError before there is a checkpoint, InputError for a size beyond it.
    """
    with w.store.reading() as tx:
        published = _newest(tx, w.keys)
        return published, tx.log.consistency(size, published.size)


def _newest(tx: Transaction, keys: Keys) -> SignedCheckpoint:
    published = newest_published(tx, keys)
    if published is None:
        raise NotFoundError("the log has no checkpoint yet")
    return published


def _sequence(tx: Transaction) -> int:
    """Give every waiting event its index; return how many."""
    total = done = tx.log.sequence(BATCH)
    while done == BATCH:
        done = tx.log.sequence(BATCH)
        total += done
    return total


def _sign(tx: Transaction, latest: SignedCheckpoint | None, size: int, keys: Keys) -> SignedCheckpoint | None:
    if size == (latest.size if latest else 0):
        return None
    signer = keys.log_signer()
    checkpoint = Checkpoint(signer.name, size, tx.log.root(size))
    if latest is not None:
        verify_extends(tx, Checkpoint(signer.name, latest.size, latest.root), checkpoint)
    text = format_checkpoint(checkpoint)
    note = sign_note(text, name=signer.name, public=signer.public, sign=signer.sign)
    return SignedCheckpoint(size=size, root=checkpoint.root, note=format_note(note))

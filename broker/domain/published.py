"""Which checkpoint is believed, and what stands in the log under it.

The database alone is not believed: who can write to it could cut the log, or put a checkpoint there that nobody signed.
So the newest checkpoint is also remembered outside, beside the log key, before anybody is told of it. One that is found
in the database counts when the log's own key signed it and the tree leads from what is remembered to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from broker.crypto.canonical import parse_canonical
from broker.crypto.checkpoint import Checkpoint, read_checkpoint, verify_checkpoint
from broker.crypto.merkle import leaf_hash, verify_consistency, verify_inclusion
from broker.crypto.note import parse_verifier_key
from broker.domain.directory import StaffKey
from broker.domain.event import CONFIRMED, RELEASED, Proven, Recorded, SignedCheckpoint
from broker.domain.keys import Keys
from broker.domain.release import Release
from broker.domain.store import Transaction
from broker.kernel.errors import (
    ConflictError,
    InputError,
    IntegrityError,
    LogForkError,
    NotFoundError,
    ProofError,
)


def newest_published(tx: Transaction, keys: Keys) -> SignedCheckpoint | None:
    """Return the newest checkpoint, after it was remembered; None before there was any.

    For a transaction that sees each commit before its next statement, or that has read nothing yet: in an older
    snapshot the newest would seem to be gone.

    Raises LogForkError when it does not extend the one that is remembered, SignatureError when the log's key did not
    sign it, IntegrityError when it is not what stands beside it, KeyUnavailable when it cannot be remembered.
    """
    remembered = keys.recall_checkpoint()  # first: what is found after it is as new at least
    return believe(tx.log.find_latest(), remembered, tx, keys)


def believe(
    found: SignedCheckpoint | None, remembered: str | None, tx: Transaction, keys: Keys
) -> SignedCheckpoint | None:
    """Return the newest checkpoint that was found after `remembered` was recalled, once it is remembered too.

    Raises what `newest_published` raises.
    """
    before = None if remembered is None else read_checkpoint(remembered)
    if found is None:
        if before is not None:
            raise LogForkError(f"the log is gone: it had {before.size} entries when a checkpoint was signed last")
        return None
    is_known = found.note == remembered
    said = before if is_known and before else verify_checkpoint(found.note, [parse_verifier_key(keys.vkey)])
    if (said.size, said.root) != (found.size, found.root):
        raise IntegrityError(f"the checkpoint of size {found.size} is not what its note says")
    if not is_known:
        if before is not None:
            verify_extends(tx, before, said)
        keys.remember_checkpoint(found.note)
    return found


def verify_extends(tx: Transaction, before: Checkpoint, after: Checkpoint) -> None:
    """Raise LogForkError unless the tree leads from the one to the other: a signature cannot be taken back."""
    try:
        verify_consistency(
            old_size=before.size,
            new_size=after.size,
            old_root=before.root,
            new_root=after.root,
            proof=tx.log.consistency(before.size, after.size) if after.size > before.size else (),
        )
    except (ProofError, InputError) as error:
        raise LogForkError(f"the log does not continue its checkpoint of size {before.size}") from error


def prove(event: Recorded, published: SignedCheckpoint | None, tx: Transaction) -> Proven:
    """Return the event with its proof under this checkpoint, checked here too; without one if it is not covered."""
    if published is None or event.index is None or event.index >= published.size:
        return Proven(recorded=event, checkpoint=published, proof=None)
    proof = tx.log.inclusion(event.index, published.size)
    verify_inclusion(
        index=event.index,
        size=published.size,
        leaf_hash=leaf_hash(event.entry),
        proof=proof,
        root=published.root,
    )
    return Proven(recorded=event, checkpoint=published, proof=proof)


def proven_release(tx: Transaction, release: Release, keys: Keys) -> Proven:
    """Return the event of a release with its proof: a signed checkpoint covers it, and it commits to this very answer.

    Without its detail, which is for the side that released.
    Raises ConflictError `release.not_logged_yet` before a checkpoint covers it (try again when the log has caught up),
    IntegrityError `integrity.release` when the log speaks of another answer, and what `newest_published` raises.
    """
    said, published = (RELEASED, release.request, release.commitment()), newest_published(tx, keys)
    return _committed(tx, release.event, said, published, noun="release")


def proven_bindings(tx: Transaction, found: Sequence[StaffKey], keys: Keys) -> tuple[Proven, ...]:
    """Return for each confirmed key the event that says whose it is, with its proof, and without its detail.

    Raises ConflictError `key.not_logged_yet` before a signed checkpoint covers each, IntegrityError `integrity.key`
    when the log speaks of another key, and what `newest_published` raises.
    """
    published = newest_published(tx, keys)
    return tuple(
        _committed(tx, key.event or "", (CONFIRMED, None, key.commitment()), published, noun="key") for key in found
    )


def _committed(
    tx: Transaction,
    event: str,
    said: tuple[str, str | None, str | None],
    published: SignedCheckpoint | None,
    *,
    noun: Literal["release", "key"],
) -> Proven:
    """Return an event with its proof, when its entry says just this: the tag, the request, and a commitment."""
    try:
        recorded = replace(tx.log.get(event), salt=None, detail=None)
    except NotFoundError:
        raise IntegrityError(f"the {noun} is not in the log", code=f"integrity.{noun}") from None
    proven = prove(recorded, published, tx)
    if proven.proof is None:
        raise ConflictError(f"no signed checkpoint covers the {noun} yet", code=f"{noun}.not_logged_yet")
    entry = parse_canonical(recorded.entry)
    if said[-1] is None or (entry["tag"], entry["request"], entry.get("manifest")) != said:
        raise IntegrityError(f"the log speaks of another {noun} than this one", code=f"integrity.{noun}")
    return proven

"""Adopt: a signed bundle, checked in every other way, is about to decide.

1. It must not be older than one that was loaded here before, nor share a revision with another.
2. It is remembered, so that this holds for the next one, and its files are kept, so that what it decides can be decided
   again when it was followed by another.
3. That it decides from now on, and who signed it, is an event: the public entry carries its digest.

Each process that begins to decide by it adopts it, so that the log says by which bundle was decided, and since when.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from broker.domain.bundle import LoadedBundle, verify_follows
from broker.domain.event import Event
from broker.domain.wiring import Wiring
from broker.kernel.values import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """The bundle: its revision and digest, the ids of the known keys that signed it, and its files by name."""

    revision: str
    digest: str
    signers: tuple[str, ...]
    files: Mapping[str, bytes] = field(repr=False)


def adopt(command: Adopt, w: Wiring) -> None:
    """Remember the bundle and log that it decides.

    Raises ConflictError when a higher revision, or this one with another digest, was loaded before.
    """
    now = w.clock()
    with w.store.transaction() as tx:
        earlier = tx.bundles.loaded()
        verify_follows(command.revision, command.digest, earlier)
        if command.revision not in {one.revision for one in earlier}:
            tx.bundles.add(
                LoadedBundle(revision=command.revision, digest=command.digest, signers=command.signers, loaded_at=now)
            )
        if command.digest not in tx.bundles.archived():
            tx.bundles.archive(command.digest, command.files)
        tx.log.append(
            Event(
                id=new_id("evt", now),
                tag="policy:bundle:loaded",
                at=now,
                outcome=command.digest,
                detail={"revision": command.revision, "digest": command.digest, "signers": list(command.signers)},
            )
        )

"""Open: the worker who asked gets the sealed parts that may still be opened, to open on his own machine.

1. There is a release, it has not run out (OB-05), and a signed checkpoint covers its event (G12); otherwise nothing.
   Time does not run back: a clock that was set back opens nothing that was closed before.
2. The policy decides at every opening (stage `open`): a consent that was withdrawn closes what it carried.
3. Only parts sealed to this worker's own keys are handed out. Each opening is an event, and so is each refusal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from broker.domain.deciding import decide
from broker.domain.decision import Decided, PartVerdict
from broker.domain.directory import Actor
from broker.domain.event import Proven, act
from broker.domain.foresight import foreseen
from broker.domain.gate import Deciding
from broker.domain.published import proven_release
from broker.domain.release import Release, SealedPart, check_kept
from broker.domain.request import InformationRequest
from broker.domain.store import Transaction
from broker.domain.wiring import Wiring
from broker.kernel.errors import NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Open what was released on this request."""

    actor: Actor
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """The decision at this opening, the sealed parts it lets go, and the released parts that stay closed.

    `to_earlier_key`: how many parts may be opened but were sealed to a key that this worker had before his present one.
    `proven` is the event of the release, which commits to what was released; `vkey` the log's verifier key, for a
    client that has none from elsewhere.
    """

    request: InformationRequest
    release: Release
    decided: Decided
    proven: Proven
    vkey: str
    parts: tuple[SealedPart, ...]
    closed: tuple[PartVerdict, ...]
    to_earlier_key: int


def open_answer(command: Open, w: Wiring) -> Opened:
    """Hand out the parts that may be opened now.

    Raises ConflictError: `release.none_yet`, `release.expired`, or `release.not_logged_yet` when no signed checkpoint
    covers the release (try again when the log has caught up).
    """
    clock = w.clock()
    gate = foreseen(lambda tx, gate: _gather(command, tx, gate, clock), w)
    with w.store.acting(command.actor, clock, on=("release", command.request)) as tx:
        now, request, release, decided = _gather(command, tx, gate, clock)
        proven = proven_release(tx, release, w.keys)
        own = {key.key_id for key in tx.directory.current_keys([command.actor.staff.id])}
        allowed = {part.key for part in decided.decision.allowed}
        may_open = [part for part in release.parts if part.key in allowed]
        parts = tuple(part for part in may_open if part.recipient in own)
        # A release is to one key of each: who has parts for his present one has none for an earlier.
        earlier = set() if parts else _own_keys(tx, command.actor, {part.recipient for part in may_open})
        released = {part.key for part in release.parts}
        closed = tuple(part for part in decided.decision.parts if part.key in released - allowed)
        tx.decisions.add(decided)
        tx.log.append(
            act(
                "release:part:opened" if parts else "release:part:withheld",
                command.actor,
                now,
                decided=decided,
                opened=[f"{part.question}/{part.category}" for part in parts],
                closed=[f"{part.question}/{part.category}" for part in closed],
            )
        )
    seen = decided.seen_by_asker()
    return Opened(
        request=request,
        release=release,
        decided=seen,
        proven=proven,
        vkey=w.keys.vkey,
        parts=parts,
        closed=closed,
        to_earlier_key=sum(part.recipient in earlier for part in may_open),
    )


def _gather(
    command: Open, tx: Transaction, gate: Deciding, now: datetime
) -> tuple[datetime, InformationRequest, Release, Decided]:
    """Return the moment, the request, what was released, and what the policy says to opening it."""
    request = tx.requests.get(command.request, reader=command.actor)
    now = max(now, tx.decisions.latest_at(request.id))
    if request.requester != command.actor.organisation.id:
        raise NotFoundError("there is no answer here for this reader")
    release = check_kept(tx.releases.find_of(request.id, reader=command.actor), now)
    facts = tx.facts.of_released(request, release)
    return now, request, release, decide("open", command.actor, now, gate, request=request, facts=facts)


def _own_keys(tx: Transaction, actor: Actor, recipients: set[str]) -> set[str]:
    """Return which of these keys are or were this worker's own."""
    found = [tx.directory.find_key(recipient) for recipient in recipients]
    return {key.key_id for key in found if key is not None and key.staff == actor.staff.id}

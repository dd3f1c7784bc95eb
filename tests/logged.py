"""What the log of a broker holds, and having all of it published."""

from __future__ import annotations

from typing import Any

from waiting import wait_until

from broker.crypto.canonical import parse_canonical
from broker.domain.event import Recorded
from broker.domain.wiring import Wiring
from broker.flows.publish import publish


def events_of(store: Any) -> list[Recorded]:
    """Return the events in the log of a store so far, in its order."""
    with store.transaction() as tx:
        return list(tx.log.recorded(0, tx.log.size()))


def outcome_of(event: Recorded) -> str:
    """Return the outcome in an event's entry."""
    return str(parse_canonical(event.entry)["outcome"])


def publish_all(w: Wiring) -> None:
    """Publish until no event waits for its index: the keeper of a running broker may be at it already."""

    def is_done() -> bool:
        publish(w)
        with w.store.evidence() as evidence:
            return all(event.index is not None for event in evidence.events())

    wait_until(is_done)

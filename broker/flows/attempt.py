"""Attempt: a call that failed or was refused is remembered, and written to the log once the log can be written.

An outcome is written by its own flow, in its own transaction. What ends in an error leaves no transaction behind, and
the error may be that the log itself cannot be written; so attempts wait here. A process killed while the database is
down loses the attempts it had not written; nothing that was acknowledged is among them.
"""

from __future__ import annotations

import threading
from collections import deque

from broker.domain.event import Event
from broker.domain.ports import Store

CAPACITY = 10_000
"""Attempts kept while the log cannot be written; after that the oldest go, so that a flood cannot fill the memory."""


class PendingAttempts:
    """The attempts that are not in the log yet; safe to share between threads."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque(maxlen=CAPACITY)
        self._writing = threading.Lock()

    def note(self, event: Event) -> None:
        """Remember one attempt."""
        self._events.append(event)

    def __len__(self) -> int:
        return len(self._events)

    def write(self, store: Store) -> int:
        """Write what is remembered to the log and return how many; on failure everything stays remembered."""
        with self._writing:
            waiting = tuple(self._events)
            if waiting:
                with store.transaction() as tx:
                    for event in waiting:
                        tx.log.append(event)
                written = {event.id for event in waiting}
                while self._events and self._events[0].id in written:
                    self._events.popleft()
            return len(waiting)

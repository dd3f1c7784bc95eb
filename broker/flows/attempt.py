"""Attempt: a call that failed or was refused is on record before its caller is told.

An outcome is written by its own flow, in its own transaction. What ends in an error leaves no transaction behind, so
its attempt gets one of its own; those that come together share it. A fault of ours (the database, a key) may be that
nothing can be written: its attempt waits here until the log's keeper can, and is lost if the process dies before.

A flood neither fills the disk nor hides what came before it: the same answer to the same caller is written twenty times
an hour, and after that each time their number has doubled.
"""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace
from datetime import datetime, timedelta

from typing_extensions import override

from broker.domain.event import Event
from broker.domain.store import Store
from broker.domain.wiring import Attempts as AttemptsPort
from broker.domain.wiring import Wiring

CAPACITY = 10_000
"""Attempts kept while the log cannot be written; after that the oldest go, so that a flood cannot fill the memory."""

EACH_OF = 20
"""How many attempts of one caller with one outcome are written one by one within `WITHIN`."""

WITHIN = timedelta(hours=1)


def record(attempt: Event, w: Wiring) -> None:
    """Put this attempt on record now; when that fails, as `Store.transaction` says, it is still remembered."""
    w.attempts.note(attempt)
    w.attempts.write(w.store)


class PendingAttempts(AttemptsPort):
    """The attempts that are not in the log yet; safe to share between threads."""

    def __init__(self) -> None:
        self._events: deque[Event] = deque(maxlen=CAPACITY)
        self._counts: dict[tuple[object, ...], tuple[datetime, int]] = {}
        self._noting = threading.Lock()
        self._writing = threading.Lock()

    @override
    def note(self, attempt: Event) -> None:
        with self._noting:
            times = self._count(attempt)
            if times <= EACH_OF:
                self._events.append(attempt)
            elif times % EACH_OF == 0 and (times // EACH_OF).bit_count() == 1:
                self._events.append(replace(attempt, detail={**(attempt.detail or {}), "times": times}))

    def __len__(self) -> int:
        return len(self._events)

    @override
    def write(self, store: Store) -> int:
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

    def _count(self, attempt: Event) -> int:
        """Count this attempt and return how many there were of its caller with its outcome within the hour."""
        detail = attempt.detail or {}
        alike = (attempt.outcome, *(detail.get(name) for name in ("staff", "issuer", "subject")))
        since, times = self._counts.get(alike, (attempt.at, 0))
        if not timedelta(0) <= attempt.at - since < WITHIN:
            since, times = attempt.at, 0
        self._counts[alike] = since, times + 1
        if len(self._counts) > CAPACITY:
            self._counts = {one: count for one, count in self._counts.items() if attempt.at - count[0] < WITHIN}
        return times + 1

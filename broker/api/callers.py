"""How much one caller gets: so many calls at once, and so many in a while, so that nobody stops the others.

It is counted in each process for itself, in memory: a process that starts again begins anew.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from broker.kernel.errors import CrowdedError

AT_ONCE = 6
"""Calls of one caller that may be under way: what a browser keeps open to one address."""

PER_SECOND = 20.0
"""Calls a second that one caller may go on making; `broker serve` takes it from the settings."""

SAVED_UP = 200
"""Calls that somebody may make on top of that who was quiet before."""


class Callers:
    """Who is calling, and who has called too much; for one event loop."""

    def __init__(
        self,
        *,
        at_once: int = AT_ONCE,
        per_second: float = PER_SECOND,
        saved_up: int = SAVED_UP,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the limits and a clock that never goes back."""
        self._at_once, self._per_second, self._saved_up, self._seconds = at_once, per_second, saved_up, seconds
        self._under_way: Counter[str] = Counter()
        self._due: dict[str, float] = {}

    @contextmanager
    def turn(self, who: str) -> Iterator[None]:
        """Have this member of staff make one call; CrowdedError when he is at more than he may be."""
        self._count(who)
        if self._under_way[who] >= self._at_once:
            raise CrowdedError("the caller has too many calls under way", code="caller.at_once", retry_after=1)
        self._under_way[who] += 1
        try:
            yield
        finally:
            self._under_way[who] -= 1
            if not self._under_way[who]:
                del self._under_way[who]

    def _count(self, who: str) -> None:
        """Count one call; `_due` is the moment at which all his calls so far are paid for (a leaky bucket)."""
        now = self._seconds()
        due = max(self._due.get(who, now), now)
        wait = due - now - self._saved_up / self._per_second
        if wait > 0:
            raise CrowdedError("the caller calls too often", code="caller.too_often", retry_after=int(wait) + 1)
        self._due[who] = due + 1 / self._per_second
        if len(self._due) > 10_000:
            self._due = {one: until for one, until in self._due.items() if until > now}

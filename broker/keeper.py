"""Keeper: work that a thread does over and over while the broker serves, whatever goes wrong with it.

The work returns the code of what failed, or raises. Either is counted, said in the server's log when it begins and when
it is over (a missing key is not news four times a second), and told to whoever asks.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

log = logging.getLogger(__name__)

STUCK_AFTER = 30.0
"""Seconds that a round may take: what waits for a lock, a server or a disk gives up long before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """How the work goes: the code of what is wrong with it now, if anything, and how many rounds failed so far."""

    trouble: str | None
    failures: int


class Keeper:
    """Does its work once on entering, unless it is work that may wait, and then every so many seconds in a thread."""

    def __init__(
        self,
        work: Callable[[], str | None],
        *,
        every: float,
        event: str,
        may_wait: bool = False,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the work, the seconds between two rounds, its name in the server's log, and a clock that never stops."""
        self._work, self._every, self._event, self._seconds = work, every, event, seconds
        self._may_wait = may_wait
        self._trouble: str | None = None
        self._failures = 0
        self._began_at: float | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._rounds, name=event, daemon=True)

    def __enter__(self) -> Keeper:
        if not self._may_wait:
            self._round()
        self._thread.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._stopping.set()
        self._thread.join(timeout=10)

    def kept(self) -> Kept:
        """Return how the work goes; `keeper.stuck` when a round does not end, `keeper.stopped` when there is none."""
        began_at = self._began_at
        stuck = began_at is not None and self._seconds() - began_at > STUCK_AFTER
        stopped = not self._thread.is_alive()
        trouble = "keeper.stopped" if stopped else "keeper.stuck" if stuck else self._trouble
        return Kept(trouble=trouble, failures=self._failures)

    def _rounds(self) -> None:
        while not self._stopping.wait(self._every):
            self._round()

    def _round(self) -> None:
        self._began_at = self._seconds()
        try:
            trouble = self._work()
        except Exception as error:
            trouble = "keeper.broke"
            if trouble != self._trouble:
                log.exception(self._event, extra={"code": trouble, "error": type(error).__name__})
        else:
            if trouble != self._trouble:
                log.warning(self._event, extra={"code": trouble or "ok"})
        self._failures += trouble is not None
        self._trouble, self._began_at = trouble, None

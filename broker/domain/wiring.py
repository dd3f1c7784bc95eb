"""Everything a flow may use; `app.build_wiring` chooses it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from broker.domain.event import Event
from broker.domain.gate import Gate
from broker.domain.keys import Keys
from broker.domain.store import Store

Clock = Callable[[], datetime]
"""Returns the present moment, aware, in UTC. Taken once per flow, so that one act sees one clock."""


class Attempts(Protocol):
    """Remembers failed and refused calls until the log can be written."""

    def note(self, attempt: Event) -> None:
        """Remember one attempt; `times` in its detail says how many like it there were when it stands for several."""

    def write(self, store: Store) -> int:
        """Write what is remembered to the log and return how many; on failure everything stays remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Everything a flow may use, chosen once by the composition root."""

    store: Store
    gate: Gate
    keys: Keys
    clock: Clock
    attempts: Attempts

"""Tick: what time brings about, whether or not anybody calls.

1. A release that ran out (OB-05) loses its sealed parts, and what the broker owed on it is done (OB-07).
2. A duty of people whose term passed is put on record, once, and waits for their privacy officer: an informing that was
   forgotten, or the record that must follow an answer in acute danger (law.md 4.3 item 6).

Each is an event. Nobody's opening waits for this: what ran out opens no more, erased or not.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from broker.domain.event import Event
from broker.domain.release import RunOut
from broker.domain.store import Transaction
from broker.domain.wiring import Wiring
from broker.kernel.values import new_id

AT_A_TIME = 100
"""How many of each kind one round takes: what is left waits for the next, and the log is not held up for long."""


def tick(w: Wiring) -> int:
    """Bring about what it is time for and return how many; 0 too when another process is at the log."""
    now = w.clock()
    with w.store.reading() as tx:
        if not tx.releases.run_out(now, limit=1) and not tx.obligations.passed(now, limit=1):
            return 0
    with w.store.sequencing() as tx:
        if tx is None:
            return 0
        run_out = tx.releases.run_out(now, limit=AT_A_TIME)
        for release in run_out:
            _erase(tx, release, now)
        return len(run_out) + _report(tx, now)


def _erase(tx: Transaction, release: RunOut, now: datetime) -> None:
    tx.releases.erase(release.id, now)
    own = tx.obligations.due(release.request, on="broker")
    tx.obligations.save([duty.done(now) for duty in own if duty.due and duty.due <= now])
    tx.log.append(Event(id=new_id("evt", now), tag="release:part:erased", at=now, request=release.request))


def _report(tx: Transaction, now: datetime) -> int:
    passed = tx.obligations.passed(now, limit=AT_A_TIME)
    for duty, organisation in passed:
        tx.obligations.save([replace(duty, overdue_at=now)])
        tx.log.append(
            Event(
                id=new_id("evt", now),
                tag="obligation:duty:overdue",
                at=now,
                request=duty.request,
                outcome=duty.code,
                detail={"organisation": organisation, "obligation": duty.id, "on": duty.on},
            )
        )
    return len(passed)

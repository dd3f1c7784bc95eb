"""Rewrap: every data key under the newest storage key, so that an older one can be destroyed.

What was erased is gone from the database at once, and from the backups when no storage key exists any more that opens
the data keys in them. That is what a rotation is for.
"""

from __future__ import annotations

from broker.domain.event import Event
from broker.domain.wiring import Wiring
from broker.kernel.values import new_id

AT_A_TIME = 500
"""How many data keys one transaction and one event take: nobody waits for long."""


def rewrap(w: Wiring) -> int:
    """Wrap what is under an older storage key and return how many; run again after an error, it goes on.

    Raises KeyUnavailable when an older key that is still needed is not on the ring, ConflictError `store.race` when
    somebody was erased at the same moment.
    """
    total, after = 0, ""
    while True:
        now = w.clock()
        with w.store.transaction() as tx:
            last, number = tx.data_keys.rewrap(after, limit=AT_A_TIME)
            if number:
                tx.log.append(
                    Event(id=new_id("evt", now), tag="key:storage:rewrapped", at=now, detail={"number": number})
                )
        total += number
        if last is None:
            return total
        after = last

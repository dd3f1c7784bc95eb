"""Fulfil: somebody who owes a duty puts on record that it was done, and so its clock stops.

What is to be done (tell the person, complete the record, review an answer in acute danger) happens outside the broker.
"""

from __future__ import annotations

from dataclasses import dataclass

from broker.domain.deciding import authorise
from broker.domain.directory import Actor
from broker.domain.event import act
from broker.domain.obligation import Obligation
from broker.domain.wiring import Wiring


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulfil:
    """The report that a duty was done."""

    actor: Actor
    obligation: str


def fulfil(command: Fulfil, w: Wiring) -> Obligation:
    """Keep that the duty was done, and by whom.

    Raises NotFoundError for one of another side, ConflictError `duty.done` when it was done before, `duty.goes_on` for
    one that has no end.
    """
    now = w.clock()
    with w.store.acting(command.actor, now) as tx:
        duty = tx.obligations.get(command.obligation, reader=command.actor)
        authorise("fulfil", command.actor, now, w.gate, on=duty.on)
        done = duty.done(now)
        tx.obligations.save([done])
        tx.log.append(
            act("obligation:duty:done", command.actor, now, request=duty.request, outcome=duty.code, obligation=duty.id)
        )
    return done

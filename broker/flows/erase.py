"""Erase: the personal detail of somebody, or of a whole case, by two people of the organisation that keeps it.

What is destroyed is the data key: names, birth dates, question texts, concerns, notes, reasons and, with a whole case,
its decisions can be read by nobody any more, here or in a copy of these rows. What the log says stays provable, since
it holds commitments only. The copies of the data keys in backups end with the next rotation of the storage key
(`keys/README.md`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from broker.domain.deciding import authorise
from broker.domain.directory import Actor
from broker.domain.erasure import Erasure
from broker.domain.event import Event, act
from broker.domain.wiring import Wiring
from broker.kernel.values import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """The wish to erase a person of a case, by his ref, or the whole case."""

    actor: Actor
    case: str
    person: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmErasure:
    """A second person's yes."""

    actor: Actor
    erasure: str


def ask_erasure(command: Erase, w: Wiring) -> Erasure:
    """Keep what is asked for; nothing is erased yet.

    Raises NotFoundError for a case that is not the actor's or a person who is not in it, ConflictError `erasure.in_use`
    while a question on the case is open or an answer is kept.
    """
    now, actor = w.clock(), command.actor
    authorise("erase", actor, now, w.gate)
    with w.store.acting(actor, now, on=("case", command.case)) as tx:
        case = tx.cases.get(command.case, reader=actor)
        tx.erasures.subjects(case.id, command.person)
        erasure = Erasure(
            id=new_id("era", now),
            case=case.id,
            person=command.person,
            organisation=actor.organisation.id,
            asked_by=actor.staff.id,
            asked_at=now,
        )
        tx.erasures.add(erasure)
        tx.log.append(_event("erasure:subject:asked", erasure, actor, now))
    return erasure


def confirm_erasure(command: ConfirmErasure, w: Wiring) -> Erasure:
    """Erase what a colleague asked for; raises RefusedError for one's own wish, and as `ask_erasure` does."""
    now, actor = w.clock(), command.actor
    with w.store.acting(actor, now, on=("erasure", command.erasure)) as tx:
        asked = tx.erasures.get(command.erasure, reader=actor)
        own = asked.asked_by == actor.staff.id
        authorise("confirm_erasure", actor, now, w.gate, own=own)
        erasure = asked.confirmed(actor.staff.id, now)
        for subject in tx.erasures.subjects(erasure.case, erasure.person):
            tx.data_keys.destroy(subject)
        tx.erasures.save(erasure)
        tx.log.append(_event("erasure:subject:done", erasure, actor, now))
    return erasure


def erasures_here(actor: Actor, w: Wiring) -> tuple[Erasure, ...]:
    """Return what waits for a second person of the actor's organisation."""
    authorise("confirm_erasure", actor, w.clock(), w.gate)
    with w.store.reading() as tx:
        return tx.erasures.waiting(reader=actor)


def _event(tag: str, erasure: Erasure, actor: Actor, now: datetime) -> Event:
    return act(tag, actor, now, erasure=erasure.id, case=erasure.case, person=erasure.person)

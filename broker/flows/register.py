"""Register: the requester opens a case with its persons, and keeps its facts up to date.

Phase, order and parental authority come from this file of the requester, not from what a single request says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from broker.domain.case import Case, CaseFacts, Person, PersonEntry
from broker.domain.deciding import authorise
from broker.domain.directory import Actor
from broker.domain.event import Event, act
from broker.domain.wiring import Wiring
from broker.kernel.errors import InputError
from broker.kernel.values import fields_of, legal_day, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterCase:
    """A new case of the actor's organisation; the actor is on it."""

    actor: Actor
    facts: CaseFacts
    persons: tuple[PersonEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCase:
    """New values for some of a case's facts, by their names.

    `persons` are entries: one whose ref is in the case takes that person's place, another is added; nobody is taken
    away, since questions are about them. `staff` is everybody who works on the case from now on.
    """

    actor: Actor
    case: str
    changed: Mapping[str, Any] = field(repr=False)


def register_case(command: RegisterCase, w: Wiring) -> Case:
    """Keep the case; raises InputError as `_check` and `_merged` do."""
    now = w.clock()
    authorise("register_case", command.actor, now, w.gate)
    case = Case(
        id=new_id("cas", now),
        organisation=command.actor.organisation.id,
        persons=_merged((), command.persons, now),
        staff=frozenset({command.actor.staff.id}),
        **fields_of(CaseFacts, command.facts),
    )
    _check(case)
    with w.store.acting(command.actor, now) as tx:
        tx.cases.add(case)
        tx.log.append(_event("case:file:registered", case, command.actor, now))
    return case


def change_case(command: ChangeCase, w: Wiring) -> Case:
    """Keep what changed; every later decision is on these facts, and the other side is shown what changed.

    Raises InputError as `_check` and `_merged` do, and for staff who are not of the organisation.
    """
    now = w.clock()
    authorise("change_case", command.actor, now, w.gate)
    with w.store.acting(command.actor, now, on=("case", command.case)) as tx:
        before = tx.cases.get(command.case, reader=command.actor)
        changed = dict(command.changed)
        if "persons" in changed:
            changed["persons"] = _merged(before.persons, changed["persons"], now)
        case = replace(before, **changed)
        _check(case)
        new = case.staff - before.staff
        if new and new - {each.staff.id for each in tx.directory.colleagues(case.organisation, "high", legal_day(now))}:
            raise InputError("somebody who is to work on the case is no colleague", code="case.unknown_colleague")
        names = [name for name in sorted(changed) if getattr(case, name) != getattr(before, name)]
        if names:
            tx.cases.save(case)
            tx.log.append(_event("case:file:changed", case, command.actor, now, changed=names))
    return case


def _check(case: Case) -> None:
    """Raise InputError when authority or an order names somebody who is not there, or nobody works on the case."""
    refs, order = {person.ref for person in case.persons}, case.order
    if {ref for person in case.persons for ref in person.authority} - refs:
        raise InputError("authority names somebody who is not in the case", code="case.unknown_authority")
    if order and (order.until_on <= order.from_on or order.child not in refs):
        raise InputError("an order ends after it begins, and is about a child in the case", code="case.order")
    if not case.staff:
        raise InputError("somebody works on the case", code="case.nobody")


def _merged(persons: tuple[Person, ...], entries: Sequence[PersonEntry], now: datetime) -> tuple[Person, ...]:
    """Return the persons with these entries in their places, and who is new after them.

    Raises InputError when a ref is used twice.
    """
    entered = {entry.ref: Person(id=new_id("per", now), **fields_of(PersonEntry, entry)) for entry in entries}
    if len(entered) != len(entries):
        raise InputError("a ref stands for one person only", code="case.ref_twice")
    kept = [replace(entered.pop(each.ref), id=each.id) if each.ref in entered else each for each in persons]
    return (*kept, *entered.values())


def _event(tag: str, case: Case, actor: Actor, now: datetime, **said: Any) -> Event:
    return act(tag, actor, now, case=case.id, phase=case.vt_phase, **said)

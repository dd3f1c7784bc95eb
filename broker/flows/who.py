"""Who may do what today: the directory as the policy reads it, for the operator to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from broker.domain.deciding import authorise
from broker.domain.directory import Actor, Mandate, Organisation, Staff
from broker.domain.gate import Gate
from broker.domain.vocabulary import Operation
from broker.domain.wiring import Wiring
from broker.kernel.errors import RefusedError
from broker.kernel.values import legal_day

# Some operations are of one side of a request, or of who owes a duty; what somebody may do somewhere, he may do.
_STANDING: tuple[Mapping[str, Any], ...] = (
    {},
    {"side": "asking"},
    {"side": "answering"},
    {"on": "requester"},
    {"on": "responder"},
    {"on": "privacy_officer"},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member of staff with the mandate of today and what the policy lets him do today, signed in most surely."""

    staff: Staff
    mandate: Mandate | None
    may: tuple[Operation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """An organisation and everybody in it, active or not, by id."""

    organisation: Organisation
    members: tuple[Member, ...]


def who(w: Wiring) -> tuple[Members, ...]:
    """Return every organisation by name, with what each of its staff may do today; raises PolicyError as the gate."""
    now = w.clock()
    today = legal_day(now)
    with w.store.reading() as tx:
        organisations, staff = tx.directory.organisations(), tx.directory.staff()
        running = {one.staff: one for one in tx.directory.mandates() if one.from_on <= today < one.until_on}
        acting = {
            actor.staff.id: actor for one in organisations for actor in tx.directory.colleagues(one.id, "high", today)
        }
    may = {name: tuple(_may(actor, now, w.gate)) for name, actor in acting.items()}
    return tuple(
        Members(
            organisation=organisation,
            members=tuple(
                Member(staff=one, mandate=running.get(one.id), may=may.get(one.id, ()))
                for one in staff
                if one.organisation == organisation.id
            ),
        )
        for organisation in organisations
    )


def _may(actor: Actor, now: datetime, gate: Gate) -> Iterator[Operation]:
    for operation in get_args(Operation):
        if any(_is_let(operation, actor, now, gate, standing) for standing in _STANDING):
            yield operation


def _is_let(operation: Operation, actor: Actor, now: datetime, gate: Gate, standing: Mapping[str, Any]) -> bool:
    try:
        authorise(operation, actor, now, gate, **standing)
    except RefusedError:
        return False
    return True

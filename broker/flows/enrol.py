"""Enrol: organisations, staff and mandates by the operator; keys by each member of staff.

The directory is what every decision believes about an actor, so each entry is an event too.
"""

from __future__ import annotations

from dataclasses import dataclass

from broker.crypto.seal import RecipientKey
from broker.crypto.signature import check_public_key
from broker.domain.directory import Actor, Mandate, Organisation, Staff, StaffKey
from broker.domain.document import operation_document
from broker.domain.event import Event
from broker.domain.ports import Wiring
from broker.kernel.values import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolDirectory:
    """Entries that the operator adds or replaces."""

    organisations: tuple[Organisation, ...] = ()
    staff: tuple[Staff, ...] = ()
    mandates: tuple[Mandate, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolKey:
    """The public halves of the actor's key file."""

    actor: Actor
    opening: bytes
    signing: bytes


def enrol_directory(command: EnrolDirectory, w: Wiring) -> None:
    """Keep the entries, organisations first; called by the operator's command only, never over HTTP."""
    now = w.clock()
    with w.store.changing_directory() as tx:
        for organisation in command.organisations:
            tx.directory.put_organisation(organisation)
        for staff in command.staff:
            tx.directory.put_staff(staff)
        for mandate in command.mandates:
            tx.directory.put_mandate(mandate)
        tx.log.append(
            Event(
                id=new_id("evt", now),
                tag="directory:entry:enrolled",
                at=now,
                detail={
                    "organisations": [organisation.id for organisation in command.organisations],
                    "staff": [staff.id for staff in command.staff],
                },
            )
        )


def enrol_key(command: EnrolKey, w: Wiring) -> StaffKey:
    """Keep the actor's public keys; earlier ones are revoked. Raises ParseError when they are not keys."""
    now = w.clock()
    w.gate.authorise(operation_document(operation="enrol_key", now=now, actor=command.actor))
    recipient = RecipientKey(command.opening)
    check_public_key(command.signing)
    key = StaffKey(
        key_id=recipient.key_id,
        staff=command.actor.staff.id,
        opening=command.opening,
        signing=command.signing,
        enrolled_at=now,
    )
    with w.store.changing_directory() as tx:
        tx.directory.put_key(key)
        tx.log.append(
            Event(
                id=new_id("evt", now),
                tag="directory:key:enrolled",
                at=now,
                detail={"staff": command.actor.staff.id, "key": key.key_id},
            )
        )
    return key


def find_key(actor: Actor, w: Wiring) -> StaffKey | None:
    """Return the actor's own key in use, if any."""
    with w.store.transaction() as tx:
        found = tx.directory.current_keys([actor.staff.id])
    return found[0] if found else None

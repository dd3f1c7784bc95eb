"""Consent: it is recorded as it was given or refused, and withdrawn as easily (AVG 7 lid 3).

Withdrawing touches nothing that was lawfully opened before. The next decide(open) finds the consent withdrawn and
closes what it carried.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from broker.domain.case import Case
from broker.domain.consent import Consent, ConsentFacts
from broker.domain.deciding import authorise
from broker.domain.directory import Actor
from broker.domain.event import act
from broker.domain.store import Transaction
from broker.domain.wiring import Wiring
from broker.kernel.errors import ConflictError, InputError
from broker.kernel.values import fields_of, legal_day, new_id

MOST = 250
"""Consents that one organisation can record of one case: the decision document holds those of two, and 500 at most.

Each side has its own share, so that neither can keep the other from recording.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordConsent(ConsentFacts):
    """What a person said, in the case or, at the responder's, on the request through which he knows the case."""

    actor: Actor
    case: str | None
    request: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawConsent:
    """The person takes it back."""

    actor: Actor
    consent: str


def record_consent(command: RecordConsent, w: Wiring) -> Consent:
    """Keep what was said and write its event; raises InputError for somebody who is not in the case."""
    now, organisation = w.clock(), command.actor.organisation.id
    authorise("record_consent", command.actor, now, w.gate)
    if command.on > legal_day(now):
        raise InputError("a consent is recorded on the day it was given, or later", code="consent.in_the_future")
    if command.until_on and command.until_on <= command.on:
        raise InputError("a consent ends after it was given", code="consent.ends_first")
    with w.store.acting(command.actor, now, on=_place(command)) as tx:
        case, about = _file(command, tx)
        if command.about not in about or set(command.given_by) - {person.ref for person in case.persons}:
            raise InputError("the consent names somebody who is not in the case", code="consent.unknown_person")
        own = [one for one in tx.consents.of_case(case.id, reader=command.actor) if one.organisation == organisation]
        if len(own) >= MOST:
            raise ConflictError("the case holds as many consents as a decision can look at", code="consent.too_many")
        consent = Consent(
            id=new_id("con", now),
            case=case.id,
            recorded_by=command.actor.staff.id,
            organisation=organisation,
            changed_at=now,
            **fields_of(ConsentFacts, command),
        )
        tx.consents.add(consent)
        tx.log.append(
            act(
                "consent:record:given",
                command.actor,
                now,
                request=command.request,
                outcome=consent.status,
                consent=consent.id,
                evidence=consent.evidence,
            )
        )
    return consent


def _place(command: RecordConsent) -> tuple[Literal["case", "request"], str]:
    return ("request", command.request) if command.request else ("case", command.case or "")


def _file(command: RecordConsent, tx: Transaction) -> tuple[Case, Collection[str]]:
    """Return the case, and about whom of it a consent can be recorded here: on a request, those whom it is about."""
    if command.request:
        case = tx.cases.of_request(command.request, reader=command.actor)
        return case, tx.requests.get(command.request, reader=command.actor).persons
    if command.case:
        case = tx.cases.get(command.case, reader=command.actor)
        return case, [person.ref for person in case.persons]
    raise InputError("name the case or the request", code="consent.no_case")


def withdraw_consent(command: WithdrawConsent, w: Wiring) -> Consent:
    """Keep that the consent was withdrawn and write its event; ConflictError when there is nothing to withdraw."""
    now = w.clock()
    authorise("withdraw_consent", command.actor, now, w.gate)
    with w.store.acting(command.actor, now, on=("consent", command.consent)) as tx:
        consent = tx.consents.get(command.consent, reader=command.actor).withdrawn(now)
        tx.consents.save(consent)
        tx.log.append(act("consent:record:withdrawn", command.actor, now, outcome=consent.status, consent=consent.id))
    return consent

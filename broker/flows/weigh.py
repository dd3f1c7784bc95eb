"""Weigh: a professional of the responder takes up a request and works through the steps.

Nothing leaves here. What is recorded - steps, exceptions, the weighing per part - is what decide(answer) will look at.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from broker.domain.consent import StepException
from broker.domain.deciding import answering, authorise
from broker.domain.directory import Actor
from broker.domain.event import act
from broker.domain.obligation import RECORD
from broker.domain.request import InformationRequest
from broker.domain.vocabulary import Step
from broker.domain.weighing import STEPS, StepDone, StepRecord, Weighing, is_recorded
from broker.domain.wiring import Wiring
from broker.kernel.errors import ConflictError, InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A professional takes up a delivered request."""

    actor: Actor
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What the professional records: of each step what he did, exceptions, and his weighing so far."""

    actor: Actor
    request: str
    steps: tuple[tuple[Step, StepRecord], ...] = ()
    exceptions: tuple[StepException, ...] = ()
    weighing: Weighing | None = None


def take(command: Take, w: Wiring) -> InformationRequest:
    """Take up the request, which is this professional's from now on; a second taker gets an error."""
    now = w.clock()
    authorise("weigh", command.actor, now, w.gate)
    with w.store.acting(command.actor, now, on=("request", command.request)) as tx:
        before, _ = answering("weigh", command.request, command.actor, now, w.gate, tx)
        request = before.taken(command.actor.staff.id)
        if request is not before:
            tx.requests.save(request)
            tx.log.append(act("request:question:taken", command.actor, now, request=request.id))
    return request


def record(command: Record, w: Wiring) -> tuple[Step, ...]:
    """Record steps, exceptions and weighing of a request that this professional took up; later replaces earlier.

    Returns the steps whose record is kept but lacks something that the policy wants of it, so that they do not count.
    After his answer only what completes its record: steps, exceptions, and reasons that were not given yet, as in acute
    danger (law.md 4.3). Raises InputError `weighing.no_reasons` for reasons without words then, and ConflictError
    `weighing.released` for any other weighing.
    """
    now = w.clock()
    unknown = {step for step, _ in command.steps} - set(STEPS)
    if unknown:
        raise InputError("there is no such step", code="weighing.unknown_step", errors=tuple(sorted(unknown)))
    lacking = authorise("weigh", command.actor, now, w.gate, records=dict(command.steps))
    weighing = _judged(command, now, w)
    with w.store.acting(command.actor, now, on=("request", command.request)) as tx:
        request, _ = answering("weigh", command.request, command.actor, now, w.gate, tx)
        if not request.may_complete(command.actor.staff.id):
            request.check_in_hand(command.actor.staff.id)
        elif weighing and not weighing.reasons_given:
            raise InputError("the reasons that complete the record hold no words", code="weighing.no_reasons")
        elif weighing and not weighing.completes(tx.requests.find_weighing(request.id, reader=command.actor)):
            raise ConflictError("what was weighed was released", code="weighing.released")
        if {exception.person for exception in command.exceptions} - set(request.persons):
            raise InputError("an exception names somebody the request is not about", code="request.unknown_person")
        for step, said in command.steps:
            done = StepDone(
                step=step, staff=command.actor.staff.id, done_at=now, record=said, complete=step not in lacking
            )
            tx.requests.put_step(request.id, done)
        for exception in command.exceptions:
            tx.requests.put_exception(request.id, exception)
        if weighing:
            _check_weighing(weighing, request)
            tx.requests.put_weighing(request.id, weighing)
        facts = tx.facts.of(request)
        if is_recorded(facts.weighing, facts.steps):
            code, on = RECORD
            tx.obligations.save([duty.done(now) for duty in tx.obligations.due(request.id, on=on, code=code)])
        tx.log.append(
            act(
                "request:weighing:recorded",
                command.actor,
                now,
                request=request.id,
                steps=[step for step, _ in command.steps],
                exceptions=[exception.code for exception in command.exceptions],
                weighing=weighing.outcome if weighing else None,
            )
        )
    return tuple(step for step, _ in command.steps if step in lacking)


def _judged(command: Record, now: datetime, w: Wiring) -> Weighing | None:
    """Return the weighing with whether its reasons say something, as the policy sees it."""
    if command.weighing is None:
        return None
    lacking = authorise("weigh", command.actor, now, w.gate, reasons=command.weighing.reasons)
    return replace(command.weighing, reasons_given=not lacking)


def _check_weighing(weighing: Weighing, request: InformationRequest) -> None:
    """Refuse a weighing about what was not asked, or about somebody the request is not about: nobody could see it."""
    if weighing.bsn_of - set(request.persons):
        raise InputError("a number is of somebody the request is not about", code="request.unknown_person")
    asked = {(question.id, category) for question in request.questions for category in question.categories}
    strange = {(part.question, part.category) for part in weighing.parts} - asked
    if strange:
        findings = tuple(f"{question}/{category}: was not asked" for question, category in sorted(strange))
        raise InputError("the weighing names parts that were not asked", code="weighing.not_asked", errors=findings)

"""Resolve: a denial is handed in as an access request, and followed until the same question gets a yes.

The broker keeps no workflow beside the real one. What stands in the way is put right by acts that exist already -
explain, record a consent, take a step, renew a mandate - by whoever the reasons name; the request for it is an event of
its own on the record of the denial. How it stands is found by asking the question again.
"""

from __future__ import annotations

from dataclasses import dataclass

from broker.domain.access import AccessQuestion, Action, Entity
from broker.domain.deciding import authorise
from broker.domain.decision import Decided
from broker.domain.directory import Actor
from broker.domain.event import act
from broker.domain.inquiry import SUBMIT_WITHIN, WORKER, is_requestable, narrowed, part_of, permits, target_of
from broker.domain.store import Transaction
from broker.domain.wiring import Wiring
from broker.kernel.errors import ConflictError, InputError, NotFoundError
from broker.kernel.values import format_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """A denial handed in: the question as it was asked, and what the evaluation gave with its no."""

    actor: Actor
    question: AccessQuestion
    evaluation: str
    expires_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow:
    """How does this denial stand."""

    actor: Actor
    evaluation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A denial on record, the question it answered, and whether it was handed in."""

    decided: Decided
    question: AccessQuestion
    submitted: bool


def submit(command: Submit, w: Wiring) -> Denial:
    """Hand in a denial; doing it again is no change.

    Raises InputError `access.invalid_denial_binding` for a denial that is not the caller's or is of another question,
    `access.not_requestable` when nobody can put right what stands in the way; ConflictError `access.expired_denial`.
    """
    now, asked = w.clock(), command.question
    authorise("evaluate", command.actor, now, w.gate)
    with w.store.transaction() as tx:
        try:
            denial = _denial(command.evaluation, command.actor, tx)
        except NotFoundError as error:
            raise InputError("there is no such denial here", code="access.invalid_denial_binding") from error
        decided, question = denial.decided, denial.question
        ends = decided.at + SUBMIT_WITHIN
        if _plain(asked) != _plain(question) or command.expires_at != format_moment(ends):
            raise InputError("the request is not of this denial", code="access.invalid_denial_binding")
        if now >= ends:
            raise ConflictError("the denial is too old to be handed in", code="access.expired_denial")
        part = part_of(decided.decision, target_of(question))
        if permits(decided.decision, part, decided.stage) or not is_requestable(narrowed(decided.decision, part)):
            raise InputError("the decision cannot be requested", code="access.not_requestable")
        if not denial.submitted:
            tx.log.append(
                act("request:access:requested", command.actor, now, decided=decided, caller=command.actor.staff.id)
            )
    return denial


def follow(command: Follow, w: Wiring) -> Denial:
    """Return a denial that was handed in; NotFoundError `access.unknown_task` for any other."""
    authorise("evaluate", command.actor, w.clock(), w.gate)
    with w.store.reading() as tx:
        try:
            denial = _denial(command.evaluation, command.actor, tx)
        except NotFoundError as error:
            raise NotFoundError("there is no such request here", code="access.unknown_task") from error
    if not denial.submitted:
        raise NotFoundError("this denial was not handed in", code="access.unknown_task")
    return denial


def _denial(evaluation: str, actor: Actor, tx: Transaction) -> Denial:
    """Return the decision with the question that its event tells, for who asked it or whom it was about."""
    decided = tx.decisions.get(evaluation, reader=actor)
    events = tx.log.of_request(decided.request, reader=actor) if decided.request else ()
    of_this = [event for event in events if event.detail is not None and event.detail.get("decision") == evaluation]
    for event in of_this:
        detail = event.detail or {}
        if event.tag == "request:access:evaluated" and actor.staff.id in {detail["caller"], detail["staff"]}:
            question = AccessQuestion(
                subject=Entity(type=WORKER, id=detail["staff"]),
                action=Action(name=detail["action"]),
                resource=Entity(type=detail["type"], id=detail["resource"]),
            )
            submitted = any(other.tag == "request:access:requested" for other in of_this)
            return Denial(decided=decided, question=question, submitted=submitted)
    raise NotFoundError("there is no such evaluation for this caller")


def _plain(question: AccessQuestion) -> tuple[str, ...]:
    """Return what a question is about; properties and context are not believed, so they bind nothing."""
    subject, resource = question.subject, question.resource
    return subject.type, subject.id, question.action.name, resource.type, resource.id

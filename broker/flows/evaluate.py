"""Evaluate: may this worker do this, asked without doing it.

1. The policy says whether the caller may ask: about himself everybody may, about a colleague of the same organisation
   its own system and who oversees it.
2. The subject is looked up in the directory. A worker of another organisation is not there.
3. The document is put together from the broker's own records as the act itself would, for this worker as the reader;
   what he does not see is not there. Only for a request that was not put yet the caller states what it would ask.
4. The policy decides. Nothing is delivered, released or opened; the decision and its event are kept, one per question,
   one event per search.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal, cast

from broker.domain.access import AccessQuestion, Action, Found, Page, Sought, select
from broker.domain.deciding import authorise
from broker.domain.decision import Decided, PartVerdict
from broker.domain.directory import Actor
from broker.domain.document import decision_document, operation_document
from broker.domain.event import Event, act
from broker.domain.foresight import foreseen
from broker.domain.gate import Deciding
from broker.domain.inquiry import ACTIONS, WORKER, part_names, part_of, permits, target_of
from broker.domain.keys import Keys
from broker.domain.published import proven_release
from broker.domain.release import check_kept
from broker.domain.request import Stated
from broker.domain.store import Transaction
from broker.domain.vocabulary import Stage
from broker.domain.wiring import Wiring
from broker.kernel.errors import ConflictError, NotFoundError
from broker.kernel.values import legal_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluate:
    """The caller's question; `stated` is what would be asked, for a case on which nothing was asked yet."""

    caller: Actor
    question: AccessQuestion
    stated: Stated | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """The decision on record, the part that the question was about, and whether it is a yes."""

    decided: Decided
    part: PartVerdict | None
    permitted: bool


def evaluate(command: Evaluate, w: Wiring) -> Evaluated:
    """Decide one question and keep the decision; raises as `DecisionPoint` says."""
    now, question = w.clock(), command.question
    gate = foreseen(lambda tx, gate: _gather(command, tx, gate, None, now), w)
    with w.store.acting(command.caller, now, on=_place(question)) as tx:
        decided = _gather(command, tx, gate, w.keys, now)
        tx.decisions.add(decided, case=question.resource.id if question.resource.type == "case" else None)
        tx.log.append(_event("request:access:evaluated", command, now, decided, resource=question.resource.id))
    return _evaluated(question, decided)


def search(command: Evaluate, sought: Sought, page: Page, w: Wiring) -> Found:
    """Return the ids, or names of actions, of what would get a yes, on one page; the search is one event."""
    now, question = w.clock(), command.question
    with w.store.acting(command.caller, now) as tx:
        colleagues: dict[str, Actor] = {}
        try:
            if sought == "subject":
                authorise("evaluate_colleague", command.caller, now, w.gate)
                colleagues = {actor.staff.id: actor for actor in _colleagues(command, tx, now)}
            else:
                colleagues = {question.subject.id: _subject(command, tx, w.gate, now)}
            candidates = _candidates(sought, question, colleagues, tx)
        except NotFoundError:
            candidates = ()  # what is not there has no results, and that is no error (certification 4.6)

        def permitted(name: str) -> bool:
            asked = _with(question, sought, name)
            try:
                _, document = _document(asked, command.stated, colleagues[asked.subject.id], tx, w.keys, now)
                decision = w.gate.decide(document).decision
                return permits(decision, part_of(decision, target_of(asked)), document["stage"])
            except (NotFoundError, ConflictError):
                return False

        found = select(candidates, page, permitted)
        tx.log.append(_event("request:access:searched", command, now, None, found=len(found.names)))
    return found


def still_permitted(command: Evaluate, w: Wiring) -> Evaluated:
    """Decide a question again without keeping it: how a denial on record stands now."""
    now = w.clock()
    with w.store.acting(command.caller, now) as tx:
        decided = _gather(command, tx, w.gate, w.keys, now)
    return _evaluated(command.question, decided)


def _evaluated(question: AccessQuestion, decided: Decided) -> Evaluated:
    """Return what the caller is told: judged on the whole decision, shown as the asking side may read it."""
    part = part_of(decided.decision, target_of(question))
    permitted = permits(decided.decision, part, decided.stage)
    return Evaluated(decided=decided.seen_by_asker(), part=part, permitted=permitted)


def _place(question: AccessQuestion) -> tuple[Literal["case", "request"], str] | None:
    resource = question.resource
    if resource.type in ("request", "part"):
        return "request", resource.id.partition("/")[0]
    return ("case", resource.id) if resource.type == "case" else None


def _gather(command: Evaluate, tx: Transaction, gate: Deciding, keys: Keys | None, now: datetime) -> Decided:
    """Return what the policy says to the question, as it would go on record; as `_document`."""
    actor = _subject(command, tx, gate, now)
    request, document = _document(command.question, command.stated, actor, tx, keys, now)
    return gate.decide(document).on_record(request=request, actor=actor, at=now, document=document)


def _colleagues(command: Evaluate, tx: Transaction, now: datetime) -> tuple[Actor, ...]:
    """Return who can be asked about: a colleague is taken to sign in as surely as the caller did."""
    if command.question.subject.type != WORKER:
        raise NotFoundError("there is no such subject")
    return tx.directory.colleagues(command.caller.organisation.id, command.caller.assurance, legal_day(now))


def _subject(command: Evaluate, tx: Transaction, gate: Deciding, now: datetime) -> Actor:
    caller, subject = command.caller, command.question.subject
    is_caller = (subject.type, subject.id) == (WORKER, caller.staff.id)
    authorise("evaluate" if is_caller else "evaluate_colleague", caller, now, gate)
    if is_caller:
        return caller
    for actor in _colleagues(command, tx, now):
        if actor.staff.id == subject.id:
            return actor
    raise NotFoundError("there is no such worker for this caller")


def _document(
    question: AccessQuestion, stated: Stated | None, actor: Actor, tx: Transaction, keys: Keys | None, now: datetime
) -> tuple[str | None, dict[str, Any]]:
    """Return the request that the question is about, if any, and the document to decide on.

    With the keys, what was released must be in the log; that can be told only by who acts.
    """
    target, action = target_of(question), question.action.name
    if question.resource.type == "organisation":
        if target.id != actor.organisation.id:
            raise NotFoundError("there is no such organisation for this worker")
        return None, operation_document(operation=action, now=now, actor=actor)
    if question.resource.type == "case":
        case = tx.cases.get(target.id, reader=actor)
        if stated is None:
            raise NotFoundError("nothing was stated to be asked")
        request = stated.request("", case=case, actor=actor, now=now)  # never kept
        facts = replace(tx.facts.of(request), exceptions=stated.exceptions)
        return None, decision_document(stage="ask", now=now, actor=actor, request=request, facts=facts)
    request = tx.requests.get(target.id, reader=actor)
    acts = request.responder if action == "answer" else request.requester
    if actor.organisation.id != acts:
        raise NotFoundError("there is nothing here to do for this worker")
    if action == "open":
        release = check_kept(tx.releases.find_of(request.id, reader=actor), now)
        if keys is not None:
            proven_release(tx, release, keys)
        facts = tx.facts.of_released(request, release)
    else:
        facts = tx.facts.of(request)
    if action == "answer":
        request.check_in_hand(actor.staff.id)
    stage = cast("Stage", action)  # of a request nothing else can be asked
    return request.id, decision_document(stage=stage, now=now, actor=actor, request=request, facts=facts)


def _candidates(
    sought: Sought, question: AccessQuestion, actors: Mapping[str, Actor], tx: Transaction
) -> Sequence[str]:
    if sought == "subject":
        return tuple(actors)
    if sought == "action":
        return ACTIONS.get(question.resource.type, ())
    (actor,) = actors.values()
    if question.resource.type == "organisation":
        return (actor.organisation.id,)
    if question.resource.type == "case":
        return [case.id for case in tx.cases.all_of(reader=actor)]
    requests = [*tx.requests.asked_by(reader=actor), *tx.requests.inbox(reader=actor)]
    if question.resource.type == "part":
        return [name for request in requests for name in part_names(request)]
    return [request.id for request in requests] if question.resource.type == "request" else ()


def _with(question: AccessQuestion, sought: Sought, name: str) -> AccessQuestion:
    if sought == "action":
        return replace(question, action=Action(name=name))
    if sought == "subject":
        return replace(question, subject=replace(question.subject, id=name))
    return replace(question, resource=replace(question.resource, id=name))


def _event(tag: str, command: Evaluate, now: datetime, decided: Decided | None, **said: Any) -> Event:
    """Return the event of what a caller asked about somebody, who need not be himself."""
    return act(
        tag,
        command.caller,
        now,
        decided=decided,
        caller=command.caller.staff.id,
        staff=decided.staff if decided else None,
        type=command.question.resource.type,
        action=command.question.action.name,
        **said,
    )

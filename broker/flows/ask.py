"""Ask: a worker puts concrete questions before a responder.

1. The case is read for this worker; a case that is not his is not there.
2. The decision document is put together from the broker's own records.
3. The policy decides (stage `ask`).
4. The request becomes delivered, refused or referred; it is never seen without its decision.
5. Decision and event are written in the same transaction; leaving the block commits.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from broker.domain.case import Case
from broker.domain.deciding import decide
from broker.domain.decision import Decided, Decision
from broker.domain.directory import Actor
from broker.domain.event import act
from broker.domain.foresight import foreseen
from broker.domain.free_text import numbered
from broker.domain.gate import Deciding
from broker.domain.request import InformationRequest, Stated, state_after_ask
from broker.domain.store import Transaction
from broker.domain.wiring import Wiring
from broker.kernel.errors import InputError
from broker.kernel.values import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask(Stated):
    """The worker's request on a case."""

    actor: Actor
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The request in the state that the decision put it in."""

    request: InformationRequest
    decided: Decided


def ask(command: Ask, w: Wiring) -> Asked:
    """Put the request before the policy and, if it permits, before the responder; refused requests are kept too.

    Raises InputError `request.number` for words that hold a citizen service number which may not go along: nobody says
    whose it is, or the policy strips it, and words are passed on as they are written.
    """
    now = w.clock()
    gate = foreseen(lambda tx, gate: _gather(command, tx, gate, now), w)
    with w.store.acting(command.actor, now, on=("case", command.case)) as tx:
        case, request, decided = _gather(command, tx, gate, now)
        _check_numbers(request, decided.decision)
        request = request.to(state_after_ask(decided.decision.outcome))
        tx.requests.add(request)
        for exception in command.exceptions:
            tx.requests.put_exception(request.id, exception)
        tx.decisions.add(decided)
        tx.log.append(
            act(
                "request:question:asked",
                command.actor,
                now,
                decided=decided,
                requester=request.requester,
                responder=request.responder,
                purpose=request.purpose,
                persons=[
                    w.keys.pseudonym(
                        purpose=request.purpose, organisation=request.requester, identifier=person.identity
                    )
                    for person in case.persons
                    if person.ref in request.persons
                ],
            )
        )
    return Asked(request=request, decided=decided)


def consider(command: Ask, w: Wiring) -> Decision:
    """Return what the policy would answer if this were asked now.

    For a form that is being filled in: nothing is asked, delivered or kept. It says nothing about a person that the
    worker did not put in himself, and what he then asks is decided anew and recorded.
    """
    now = w.clock()
    with w.store.reading() as tx:
        _, _, decided = _gather(command, tx, w.gate, now)
    return decided.decision


def _check_numbers(request: InformationRequest, decision: Decision) -> None:
    places = numbered(request.texts())
    # What the policy strips of somebody without a question is his number.
    stripped = {reason.person for reason in decision.reasons if reason.remedy == "strip" and reason.question is None}
    if places and (not request.bsn_of or request.bsn_of & stripped):
        raise InputError("the words hold a citizen service number", code="request.number", errors=places)


def _gather(command: Ask, tx: Transaction, gate: Deciding, now: datetime) -> tuple[Case, InformationRequest, Decided]:
    """Return the case, the request as it would be, and what the policy says to it."""
    case = tx.cases.get(command.case, reader=command.actor)
    request = command.request(new_id("req", now), case=case, actor=command.actor, now=now)
    facts = replace(tx.facts.of(request), exceptions=command.exceptions)
    return case, request, decide("ask", command.actor, now, gate, request=request, facts=facts)

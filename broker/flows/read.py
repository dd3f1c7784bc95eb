"""Read: worklist, inbox and one request, each for its reader.

Whoever reads names, concerns, answers or consents does so on record: once for each person, case or request, and hour of
the clock. The event is written in the transaction that reads; when it cannot be written, nothing is read. Worklist and
inbox hold none of these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.domain.case import Case
from broker.domain.consent import Consent, StepException
from broker.domain.deciding import authorise
from broker.domain.decision import Decided
from broker.domain.directory import Actor, Organisation
from broker.domain.document import ChangedFact, case_facts, changed_facts
from broker.domain.event import act
from broker.domain.obligation import Obligation
from broker.domain.request import InformationRequest
from broker.domain.store import Transaction
from broker.domain.vocabulary import Side, Stage
from broker.domain.weighing import StepDone, Weighing
from broker.domain.wiring import Wiring
from broker.kernel.errors import NotFoundError


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One request as its reader may see it, from the side on which he stands.

    `changed` is what became of the facts of the case since the question was asked.
    """

    request: InformationRequest
    side: Side
    case: Case
    requester: Organisation
    responder: Organisation
    decisions: tuple[Decided, ...]
    steps: tuple[StepDone, ...]
    exceptions: tuple[StepException, ...]
    weighing: Weighing | None
    obligations: tuple[Obligation, ...]
    changed: tuple[ChangedFact, ...]

    def newest(self, *stages: Stage) -> Decided:
        """Return the newest decision of the first of these stages that has one.

        Raises NotFoundError `request.erased` when there is none: each request has its decision until it is erased.
        """
        for stage in stages:
            for decided in reversed(self.decisions):
                if decided.stage == stage:
                    return decided
        raise NotFoundError("the decisions on this request were erased", code="request.erased")


def worklist(
    actor: Actor, w: Wiring, *, before: str | None = None, limit: int | None = None
) -> tuple[InformationRequest, ...]:
    """Return the requests on the actor's cases, newest first; with `before`, those older than that one."""
    authorise("read_worklist", actor, w.clock(), w.gate)
    with w.store.reading() as tx:
        return tx.requests.asked_by(reader=actor, before=before, limit=limit)


def inbox(
    actor: Actor, w: Wiring, *, before: str | None = None, limit: int | None = None
) -> tuple[InformationRequest, ...]:
    """Return the requests that wait for the actor or that he took up, newest first; `before` as above."""
    authorise("read_inbox", actor, w.clock(), w.gate)
    with w.store.reading() as tx:
        return tx.requests.inbox(reader=actor, before=before, limit=limit)


def organisations(w: Wiring) -> tuple[Organisation, ...]:
    """Return everybody who takes part, by name; the directory is known to all of them."""
    with w.store.reading() as tx:
        return tx.directory.organisations()


def colleagues(actor: Actor, w: Wiring) -> tuple[str, ...]:
    """Return the ids of everybody who works or worked for the actor's organisation."""
    with w.store.reading() as tx:
        return tuple(one.id for one in tx.directory.staff() if one.organisation == actor.organisation.id)


def parties(actor: Actor, w: Wiring) -> tuple[Organisation, ...]:
    """Return everybody who takes part, by name, for who works with requests."""
    authorise("read_worklist", actor, w.clock(), w.gate)
    return organisations(w)


def read_request(actor: Actor, request_id: str, w: Wiring) -> Reading:
    """Return one request with its decisions and duties; steps and weighing are for the answering side only.

    Of one that was erased words and decisions are gone.
    """
    now = w.clock()
    authorise("read_request", actor, now, w.gate)
    with w.store.acting(actor, now) as tx:
        request = tx.requests.get(request_id, reader=actor)
        _note(tx, actor, now, request=request_id)
        case = tx.cases.of_request(request_id, reader=actor)
        side = request.side_of(actor, case)
        decisions = tx.decisions.of_request(request_id, reader=actor)
        asked = next((decided.document for decided in decisions if decided.stage == "ask"), None)
        if side == "asking":
            decisions = tuple(decided.seen_by_asker() for decided in decisions)
        return Reading(
            request=request,
            side=side,
            case=case,
            requester=tx.directory.get_organisation(request.requester),
            responder=tx.directory.get_organisation(request.responder),
            decisions=decisions,
            steps=tx.requests.steps(request_id, reader=actor),
            exceptions=tx.requests.exceptions(request_id, reader=actor),
            weighing=tx.requests.find_weighing(request_id, reader=actor),
            obligations=tx.obligations.of_request(request_id, reader=actor),
            changed=changed_facts(asked, case_facts(case, request, now)) if asked else (),
        )


def consents_of(actor: Actor, case_id: str, w: Wiring) -> tuple[Consent, ...]:
    """Return the consents on record about the persons of a case."""
    now = w.clock()
    authorise("read_consents", actor, now, w.gate)
    with w.store.acting(actor, now) as tx:
        found = tx.consents.of_case(case_id, reader=actor)
        if found:
            _note(tx, actor, now, cases=[case_id])
        return found


def cases_of(actor: Actor, w: Wiring) -> tuple[Case, ...]:
    """Return the actor's cases, newest first."""
    now = w.clock()
    authorise("read_worklist", actor, now, w.gate)
    with w.store.acting(actor, now) as tx:
        found = tx.cases.all_of(reader=actor)
        _note(tx, actor, now, cases=[case.id for case in found])
        return found


def read_case(actor: Actor, case_id: str, w: Wiring) -> Case:
    """Return one of the actor's cases, or raise NotFoundError."""
    now = w.clock()
    authorise("read_worklist", actor, now, w.gate)
    with w.store.acting(actor, now) as tx:
        found = tx.cases.get(case_id, reader=actor)
        _note(tx, actor, now, cases=[case_id])
        return found


def _note(
    tx: Transaction, actor: Actor, now: datetime, *, request: str | None = None, cases: Sequence[str] = ()
) -> None:
    subjects = [request] if request else list(cases)
    fresh = tx.reads.note(actor.staff.id, subjects, now.replace(minute=0, second=0, microsecond=0))
    if fresh and request:
        tx.log.append(act("request:file:read", actor, now, request=request))
    elif fresh:
        tx.log.append(act("case:file:read", actor, now, cases=list(fresh)))

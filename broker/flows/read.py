"""Read: worklist, inbox and one request, each for its reader."""

from __future__ import annotations

from dataclasses import dataclass

from broker.domain.case import Case
from broker.domain.consent import Consent, StepException
from broker.domain.decision import Decided
from broker.domain.directory import Actor, Organisation
from broker.domain.document import operation_document
from broker.domain.obligation import Obligation
from broker.domain.ports import Wiring
from broker.domain.request import InformationRequest
from broker.domain.vocabulary import Side
from broker.domain.weighing import StepDone, Weighing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One request as its reader may see it, from the side on which he stands."""

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


def worklist(
    actor: Actor, w: Wiring, *, before: str | None = None, limit: int | None = None
) -> tuple[InformationRequest, ...]:
    """Return the requests on the actor's cases, newest first; with `before`, those older than that one."""
    w.gate.authorise(operation_document(operation="read_worklist", now=w.clock(), actor=actor))
    with w.store.transaction() as tx:
        return tx.requests.asked_by(reader=actor, before=before, limit=limit)


def inbox(
    actor: Actor, w: Wiring, *, before: str | None = None, limit: int | None = None
) -> tuple[InformationRequest, ...]:
    """Return the requests that wait for the actor or that he took up, newest first; `before` as above."""
    w.gate.authorise(operation_document(operation="read_inbox", now=w.clock(), actor=actor))
    with w.store.transaction() as tx:
        return tx.requests.inbox(reader=actor, before=before, limit=limit)


def organisations(w: Wiring) -> tuple[Organisation, ...]:
    """Return everybody who takes part, by name; the directory is known to all of them."""
    with w.store.transaction() as tx:
        return tx.directory.organisations()


def read_request(actor: Actor, request_id: str, w: Wiring) -> Reading:
    """Return one request with its decisions and duties; steps and weighing are for the answering side only."""
    w.gate.authorise(operation_document(operation="read_request", now=w.clock(), actor=actor))
    with w.store.transaction() as tx:
        request = tx.requests.get(request_id, reader=actor)
        case = tx.cases.behind(request_id, reader=actor)
        side = request.side_of(actor, case)
        decisions = tx.decisions.of_request(request_id, reader=actor)
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
        )


def consents_of(actor: Actor, case_id: str, w: Wiring) -> tuple[Consent, ...]:
    """Return the consents on record about the persons of a case."""
    w.gate.authorise(operation_document(operation="read_consents", now=w.clock(), actor=actor))
    with w.store.transaction() as tx:
        return tx.consents.of_case(case_id, reader=actor)


def cases_of(actor: Actor, w: Wiring) -> tuple[Case, ...]:
    """Return the actor's cases, newest first."""
    w.gate.authorise(operation_document(operation="read_worklist", now=w.clock(), actor=actor))
    with w.store.transaction() as tx:
        return tx.cases.all_of(reader=actor)

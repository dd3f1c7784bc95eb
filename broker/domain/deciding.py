"""Asking the gate: whether somebody may do something in the broker, and what is decided on a request."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from broker.domain.decision import Decided
from broker.domain.directory import Actor
from broker.domain.document import Facts, decision_document, operation_document
from broker.domain.gate import Deciding
from broker.domain.request import InformationRequest
from broker.domain.store import Transaction
from broker.domain.vocabulary import Operation, Side, Stage, Step
from broker.domain.weighing import StepRecord


def authorise(
    operation: Operation,
    actor: Actor,
    now: datetime,
    gate: Deciding,
    *,
    side: Side | None = None,
    own: bool = False,
    on: str | None = None,
    records: Mapping[Step, StepRecord] | None = None,
    reasons: str | None = None,
) -> frozenset[str]:
    """Return when the actor may carry out this operation around requests; RefusedError with the reasons when not.

    What it returns are the steps that stay open by what he records. The rest is as in `operation_document`.
    """
    return gate.authorise(
        operation_document(
            operation=operation, now=now, actor=actor, side=side, own=own, on=on, records=records, reasons=reasons
        )
    )


def decide(
    stage: Stage, actor: Actor, now: datetime, gate: Deciding, *, request: InformationRequest, facts: Facts
) -> Decided:
    """Return what the gate decides on a request at this stage, as it goes on record."""
    document = decision_document(stage=stage, now=now, actor=actor, request=request, facts=facts)
    return gate.decide(document).on_record(request=request.id, actor=actor, at=now, document=document)


def answering(
    operation: Operation, request: str, actor: Actor, now: datetime, gate: Deciding, tx: Transaction
) -> tuple[InformationRequest, Facts]:
    """Return a request with its facts, for who may carry out this operation on it for the answering side.

    Raises NotFoundError for who does not see it, RefusedError for who stands on the other side.
    """
    found = tx.requests.get(request, reader=actor)
    facts = tx.facts.of(found)
    authorise(operation, actor, now, gate, side=found.side_of(actor, facts.case))
    return found, facts

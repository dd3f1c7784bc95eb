"""A question put straight to the running gate: what the law has a stage for and no call carries yet.

Who asks, and what is on record of a request, come from the broker's own records, as for every decision; only the facts
that no call carries come from the case file. Nothing is released or kept: the answer is for whoever watches the story.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from broker.demo.entries import Deciding
from broker.domain.decision import document_of
from broker.domain.directory import Account, Actor
from broker.domain.document import operation_document
from broker.domain.vocabulary import Assurance
from broker.domain.wiring import Wiring
from broker.kernel.errors import ConflictError, NotFoundError
from broker.kernel.values import format_moment, legal_day

Decide = Callable[[Deciding, str | None], Mapping[str, Any]]
"""Takes what is asked and the identifier of the request it is about, if any; returns the decision document."""


def decide_for(w: Wiring, *, issuer: str, assurance: Mapping[str, Assurance]) -> Decide:
    """Return how to put a question to this broker's gate; `assurance` says how surely each person is known.

    What it returns raises InputError when facts and stage do not make a decision document, ConflictError when there
    is no decision of the stage to start from.
    """

    def decide(asked: Deciding, request: str | None) -> Mapping[str, Any]:
        now = w.clock()
        with w.store.transaction() as tx:
            account = Account(issuer=issuer, subject=asked.by)
            actor = tx.directory.find_actor(account, assurance[asked.by], legal_day(now))
            if actor is None:
                raise NotFoundError("nobody of this name is enrolled")
            on_record = tx.decisions.of_request(request, reader=actor) if request else ()
        if request is None:
            base = _who_and_when(actor, w)
        else:
            of_stage = [decided.document for decided in on_record if decided.stage == asked.stage]
            if not of_stage:
                raise ConflictError("there is no decision of this stage to start from", code="demo.no_decision")
            base = {**of_stage[-1], "now": format_moment(now), "today": legal_day(now).isoformat()}
        return document_of(w.gate.decide(_with(base, {"stage": asked.stage, **asked.facts})).decision)

    return decide


def _who_and_when(actor: Actor, w: Wiring) -> dict[str, Any]:
    base = operation_document(operation="", now=w.clock(), actor=actor)
    return {name: fact for name, fact in base.items() if name != "operation"}


def _with(base: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the base with these facts; of a fact that is a mapping in both, only what is named changes."""
    return {
        **base,
        **{
            name: {**base[name], **fact} if isinstance(fact, dict) and isinstance(base.get(name), dict) else fact
            for name, fact in facts.items()
        },
    }

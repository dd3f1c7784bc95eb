"""Two engines, one law: whatever document fits the schema, both give the same answer, and it is a decision."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from drawn_documents import documents
from effort import times
from hypothesis import HealthCheck, given, settings

from broker.crypto.canonical import canonical
from broker.policy.agree import AgreeingEngines
from broker.policy.answer import ordered
from broker.policy.bundle import Bundle
from broker.policy.cases import Document
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate, with_legal_days
from broker.policy.opa import OpaEngine

EXAMPLES = times(1000, in_full=30_000)


@pytest.mark.torture
def test_engines_agree_on_any_document(
    embedded: EmbeddedEngine, opa_engine: OpaEngine, gate: PolicyGate, bundle: Bundle
) -> None:
    """Count the outcomes too: agreement on refusals alone would say little."""
    seen: Counter[str] = Counter()

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
    @given(documents())
    def agree(document: Document) -> None:
        ours, theirs = embedded.evaluate(with_legal_days(document)), opa_engine.evaluate(with_legal_days(document))
        assert canonical(ordered(ours)) == canonical(ordered(theirs))
        # The gate takes it: no refusal without a reason, no code that is unknown.
        seen[gate.document(document)["outcome"]] += 1

    agree()

    rows = bundle.data["law"]["pairs"]["rows"]
    kinds = {bundle.data["law"]["grounds"][ground]["kind"] for row in rows for ground in row["grounds"]}
    outcomes = {"deny", "refer", "permit_pending", "permit", "break_glass"} | (
        {"permit_duty"} if "duty" in kinds else set()
    )
    assert set(seen) == outcomes
    assert min(seen.values()) >= EXAMPLES // 500, f"too few of one outcome to say something: {seen}"


def test_both_answers_like_one(embedded: EmbeddedEngine, opa_engine: OpaEngine) -> None:
    both = AgreeingEngines(embedded, opa_engine)

    @settings(max_examples=100, suppress_health_check=list(HealthCheck))
    @given(documents())
    def agree(document: Document) -> None:
        one: Any = embedded.evaluate(with_legal_days(document))
        assert ordered(both.evaluate(with_legal_days(document))) == ordered(one)

    agree()

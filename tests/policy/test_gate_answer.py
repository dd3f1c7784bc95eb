"""What an engine says is a decision only when it is whole, in order, of this bundle and about this document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from drawn_documents import documents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broker.domain.decision import PERMITS
from broker.kernel.errors import PolicyMalformed
from broker.kernel.values import legal_day, parse_moment
from broker.policy.agree import AgreeingEngines
from broker.policy.bundle import Bundle, open_schema
from broker.policy.cases import ANSWER, OPEN, Document
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate, with_legal_days


@dataclass(frozen=True)
class Saying:
    """An engine that says one thing to everything; it implements the port, it mocks no code of ours."""

    answer: object
    name: str = "embedded"

    def evaluate(self, document: Mapping[str, Any]) -> object:
        return deepcopy(self.answer) if isinstance(self.answer, dict) else self.answer


@pytest.fixture
def gate_over(bundle: Bundle, policies: Path) -> Callable[[object], PolicyGate]:
    """Return a maker of gates over an engine that says what it is told."""
    return lambda answer: PolicyGate(engine=Saying(answer), bundle=bundle, policies=policies)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("both", [False, True], ids=["one engine", "both"])
def test_arbitrary_answer_is_never_a_decision(
    bundle: Bundle, policies: Path, embedded: EmbeddedEngine, both: bool
) -> None:
    good: Any = embedded.evaluate(with_legal_days(ANSWER))

    @settings(max_examples=150, suppress_health_check=list(HealthCheck))
    @given(JSON | st.builds(lambda key, value: {**good, key: value}, st.sampled_from([*good, "extra"]), JSON))
    def refused(answer: Any) -> None:
        # A set that is valid by accident, such as no obligations at all, is not arbitrary any more.
        if isinstance(answer, dict) and any(good.get(key) != answer[key] and answer[key] == [] for key in answer):
            return
        engine = AgreeingEngines(Saying(answer), Saying(answer)) if both else Saying(answer)
        if answer != good:
            with pytest.raises(PolicyMalformed):
                PolicyGate(engine=engine, bundle=bundle, policies=policies).document(ANSWER)

    refused()


@pytest.mark.parametrize("answer", [None, {}, [], "", 0, False, "permit", {"outcome": "permit"}], ids=repr)
def test_nothing_is_no_decision(gate_over: Callable[[object], PolicyGate], answer: object) -> None:
    with pytest.raises(PolicyMalformed):
        gate_over(answer).document(ANSWER)


GIVEN = {
    "question": "q1",
    "person": "child1",
    "category": "veiligheid",
    "verdict": "allow",
    "ground": "WMO-5.2.6",
    "reasons": [],
}
KEPT = {**GIVEN, "verdict": "withhold", "ground": None, "reasons": ["DN-17"]}
REASON = {"code": "DN-17", "stage": "G10", "curable": True, "remedy": "strip", "person": "child1", "question": "q1"}
DUTY = {"code": "OB-01", "on": "requester", "term": None, "person": None}
BREACHES: dict[str, Document] = {
    "another bundle": {"bundle": {"revision": "1999.1.1", "digest": "sha256:00"}},
    "no bundle": {"bundle": None},
    "an outcome that does not exist": {"outcome": "allow"},
    "a reason that does not exist": {"reasons": [{**REASON, "code": "DN-99"}]},
    "a duty that does not exist": {"obligations": [{**DUTY, "code": "OB-99"}]},
    "a referral that does not exist": {"referrals": ["ES-99"]},
    "a step that does not exist": {"todo": ["ST-99"]},
    "a duty on nobody known": {"obligations": [{**DUTY, "on": "everyone"}]},
    "a term that is none": {"obligations": [{**DUTY, "term": "P"}]},
    "a term beyond the calendar": {"obligations": [{**DUTY, "term": "P99999Y"}]},
    "a refusal without a reason": {"outcome": "deny", "parts": [KEPT], "reasons": []},
    "a refusal that gives a part": {"outcome": "deny", "reasons": [REASON]},
    "a referral to nobody": {"outcome": "refer", "parts": [{**GIVEN, "verdict": "needs_approval"}], "referrals": []},
    "a referral that gives a part": {"outcome": "refer", "referrals": ["ES-02"]},
    "a part kept without a reason": {"parts": [{**KEPT, "reasons": []}]},
    "a part kept on a ground": {"parts": [{**KEPT, "ground": "WMO-5.2.6"}]},
    "a part given with a reason": {"parts": [{**GIVEN, "reasons": ["DN-17"]}]},
    "a part given without a ground": {"parts": [{**GIVEN, "ground": None}]},
    "a part given on a ground that is not named": {"grounds": []},
    "no part at all": {"parts": []},
    "a part that was not asked": {"parts": [GIVEN, {**GIVEN, "category": "gez_detail"}]},
    "a part about another": {"parts": [{**GIVEN, "person": "mother"}]},
    "a part of another question": {"parts": [{**GIVEN, "question": "q2"}]},
    "a part twice": {"parts": [GIVEN, GIVEN]},
    "a permit that gives nothing": {"parts": [KEPT], "reasons": [REASON], "grounds": []},
    "an outcome of another stage": {"outcome": "permit_pending"},
}


@pytest.mark.parametrize("breach", BREACHES)
def test_answer_that_is_not_a_decision_is_malformed(
    gate_over: Callable[[object], PolicyGate], embedded: EmbeddedEngine, breach: str
) -> None:
    good: Any = embedded.evaluate(with_legal_days(ANSWER))
    assert gate_over(good).document(ANSWER)["outcome"] == "permit"

    with pytest.raises(PolicyMalformed):
        gate_over({**good, **BREACHES[breach]}).document(ANSWER)


@pytest.mark.parametrize(
    "missing", ["outcome", "parts", "reasons", "referrals", "todo", "grounds", "obligations", "bundle"]
)
def test_answer_without_a_field_is_malformed(
    gate_over: Callable[[object], PolicyGate], embedded: EmbeddedEngine, missing: str
) -> None:
    good: Any = embedded.evaluate(with_legal_days(ANSWER))

    with pytest.raises(PolicyMalformed):
        gate_over({key: value for key, value in good.items() if key != missing}).document(ANSWER)


def test_break_glass_is_no_way_to_open(gate_over: Callable[[object], PolicyGate], embedded: EmbeddedEngine) -> None:
    good: Any = embedded.evaluate(with_legal_days(OPEN))

    with pytest.raises(PolicyMalformed):
        gate_over({**good, "outcome": "break_glass"}).document(OPEN)


def test_engines_that_disagree_give_no_decision(bundle: Bundle, policies: Path, embedded: EmbeddedEngine) -> None:
    good: Any = embedded.evaluate(with_legal_days(ANSWER))
    for other in ({**good, "todo": ["ST-01"]}, {**good, "outcome": "deny"}, {}, None):
        for pair in ((Saying(good), Saying(other, "opa")), (Saying(other), Saying(good, "opa"))):
            with pytest.raises(PolicyMalformed):
                PolicyGate(engine=AgreeingEngines(*pair), bundle=bundle, policies=policies).document(ANSWER)


def test_every_decision_is_whole_and_in_order(gate: PolicyGate, policies: Path) -> None:
    schema = jsonschema_rs.Draft202012Validator(open_schema(policies, "decision"), validate_formats=True)

    @settings(max_examples=300, suppress_health_check=list(HealthCheck))
    @given(documents())
    def whole(document: Document) -> None:
        decision = gate.document(document)
        schema.validate(decision)
        asked = [(q["id"], q["person"], category) for q in document["questions"] for category in q["categories"]]
        assert [(part["question"], part["person"], part["category"]) for part in decision["parts"]] == asked
        for part in decision["parts"]:
            assert (part["verdict"] == "withhold") == (part["ground"] is None)
            assert part["verdict"] != "allow" or not part["reasons"]
            assert part["verdict"] != "withhold" or part["reasons"]
            assert part["reasons"] == sorted(set(part["reasons"]))
        permits = decision["outcome"] in PERMITS
        assert permits or not any(part["verdict"] == "allow" for part in decision["parts"])
        assert decision["reasons"] or decision["outcome"] != "deny"
        assert bool(decision["referrals"]) or decision["outcome"] != "refer"
        _in_order(decision)
        assert decision["law_as_of"] == legal_day(parse_moment(document["now"])).isoformat()

    whole()


def _in_order(decision: Document) -> None:
    for name in ("referrals", "todo", "exceptions"):
        assert decision[name] == sorted(set(decision[name]))
    keys = {
        "grounds": ("code",),
        "reasons": ("code", "stage", "person", "question", "remedy"),
        "obligations": ("code", "on", "person", "due"),
    }
    for name, fields in keys.items():
        order = [tuple(entry[key] or "" for key in fields) for entry in decision[name]]
        assert order == sorted(set(order))


def test_same_question_gets_the_same_answer(gate: PolicyGate) -> None:
    first, again = gate.decide(ANSWER), gate.decide(deepcopy(ANSWER))

    assert first == again
    assert first.decision.permits
    assert [part.category for part in first.decision.allowed] == ["veiligheid"]

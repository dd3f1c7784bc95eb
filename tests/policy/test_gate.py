"""The gate is closed in doubt: a document that does not fit reaches no engine, and an answer that does not is none."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from conftest import opa_server
from documents import ANSWER, ASK, BASES, OPEN, Document, a, changed
from drawn_documents import documents
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opapywasm import UNDEFINED

from broker.domain.decision import PERMITS
from broker.kernel.errors import InputError, PolicyError, PolicyMalformed, PolicyUnavailable, SettingsError
from broker.policy.agree import AgreeingEngines
from broker.policy.bundle import SERVER, Bundle, open_schema
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate
from broker.policy.opa import OpaEngine

# Everything that a document can hold, so that every field of the schema is under test.
FULL = changed(
    "answer",
    {
        "framework.order": BASES["supervision_ask"]["framework"]["order"],
        "consents": [{}],
        "exceptions": [{}],
        "payload.bsn_of": ["child1"],
    },
)


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


def _nodes(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every object in a document."""
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from _nodes(inner, (*path, key))
    if isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _nodes(inner, (*path, place))


def _at(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


FIELDS = [(path, key) for path in _nodes(FULL) for key in _at(FULL, path)]


def _refused(gate: PolicyGate, document: object) -> InputError:
    with pytest.raises(InputError) as caught:
        gate.document(document)  # type: ignore[arg-type]
    assert caught.value.errors, "a finding says where"
    return caught.value


def test_full_document_fits(gate: PolicyGate) -> None:
    assert gate.document(FULL)["outcome"] == "permit"


@pytest.mark.parametrize(("path", "key"), FIELDS, ids=lambda part: str(part))
def test_document_without_a_field_is_refused(gate: PolicyGate, path: tuple[str | int, ...], key: str) -> None:
    document = deepcopy(FULL)
    del _at(document, path)[key]

    _refused(gate, document)


@pytest.mark.parametrize("path", list(_nodes(FULL)), ids=str)
def test_document_with_a_field_too_many_is_refused(gate: PolicyGate, path: tuple[str | int, ...]) -> None:
    document = deepcopy(FULL)
    _at(document, path)["name"] = "Jansen"

    assert "Jansen" not in str(_refused(gate, document).errors)


@pytest.mark.parametrize("value", ["Jan de Vries", "jan@example.nl", "123456782", "", "a" * 65, "Renée", "kind 1", None, 7])
@pytest.mark.parametrize(
    "path",
    [
        "persons.0.ref", "persons.0.authority.0", "questions.0.id", "questions.0.person", "consents.0.about",
        "consents.0.given_by.0", "exceptions.0.person", "weighing.parts.0.question", "weighing.parts.0.about",
        "payload.bsn_of.0", "framework.order.child", "requester.id", "consents.0.recipient",
        "framework.order.executing_organisation", "actor.role", "purpose", "questions.0.categories.0",
    ],
)  # fmt: skip
def test_name_number_or_free_text_is_refused_and_not_repeated(gate: PolicyGate, path: str, value: object) -> None:
    document = deepcopy(FULL)
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    _at(document, tuple(steps))[last] = value

    refusal = _refused(gate, document)

    assert not (isinstance(value, str) and len(value) > 1 and value in f"{refusal}{refusal.errors}")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("now", "2026-11-22"), ("now", "2026-11-22T10:00:00+01:00"), ("now", "2026-02-30T10:00:00Z"),
        ("now", "2026-11-22T24:00:00Z"), ("consents.0.on", "2026-02-29"), ("consents.0.on", "22-11-2026"),
        ("actor.mandate.until", None), ("version", 2), ("version", "1"), ("version", True), ("stage", "operate"),
        ("stage", "inspect"), ("persons", []), ("persons.0.age", -1), ("persons.0.age", 7.5), ("persons.0.age", "7"),
        ("actor.assigned_to_case", 1), ("actor.assigned_to_case", "true"), ("danger.within_hours", -1),
        ("questions.0.categories", []), ("weighing", {}), ("steps", {}), ("framework", None),
    ],
)  # fmt: skip
def test_value_outside_the_closed_space_is_refused(gate: PolicyGate, path: str, value: object) -> None:
    document = deepcopy(FULL)
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    _at(document, tuple(steps))[last] = value

    _refused(gate, document)


@pytest.mark.parametrize("document", [{}, [], None, "{}", 1, [ASK]], ids=repr)
def test_thing_that_is_no_document_is_refused(gate: PolicyGate, document: object) -> None:
    _refused(gate, document)


@pytest.mark.parametrize(
    ("field", "entries"),
    [
        ("persons", [a("persons", age=7), a("persons", age=40)]),
        ("questions", [a("questions"), a("questions", categories=["gez_detail"])]),
    ],
)
def test_name_that_stands_for_two_things_is_refused(gate: PolicyGate, field: str, entries: list[Document]) -> None:
    _refused(gate, {**ASK, field: entries})


@pytest.mark.parametrize("path", ["persons.0.authority", "questions.0.categories", "payload.bsn_of", "consents.0.given_by"])
def test_list_with_something_twice_is_refused(gate: PolicyGate, path: str) -> None:
    document = deepcopy(FULL)
    entries = _at(document, tuple(int(step) if step.isdigit() else step for step in path.split(".")))
    entries.append(entries[0])

    _refused(gate, document)


# What an engine says.

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize("both", [False, True], ids=["one engine", "both"])
def test_arbitrary_answer_is_never_a_decision(bundle: Bundle, policies: Path, embedded: EmbeddedEngine, both: bool) -> None:
    good: Any = embedded.evaluate(ANSWER)

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


@pytest.mark.parametrize("answer", [None, {}, [], "", 0, False, "permit", UNDEFINED, {"outcome": "permit"}], ids=repr)
def test_nothing_is_no_decision(gate_over: Callable[[object], PolicyGate], answer: object) -> None:
    with pytest.raises(PolicyMalformed):
        gate_over(answer).document(ANSWER)


GIVEN = {"question": "q1", "person": "child1", "category": "veiligheid", "verdict": "allow", "ground": "WMO-5.2.6", "reasons": []}
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
    good: Any = embedded.evaluate(ANSWER)
    assert gate_over(good).document(ANSWER)["outcome"] == "permit"

    with pytest.raises(PolicyMalformed):
        gate_over({**good, **BREACHES[breach]}).document(ANSWER)


@pytest.mark.parametrize("missing", ["outcome", "parts", "reasons", "referrals", "todo", "grounds", "obligations", "bundle"])
def test_answer_without_a_field_is_malformed(
    gate_over: Callable[[object], PolicyGate], embedded: EmbeddedEngine, missing: str
) -> None:
    good: Any = embedded.evaluate(ANSWER)

    with pytest.raises(PolicyMalformed):
        gate_over({key: value for key, value in good.items() if key != missing}).document(ANSWER)


def test_break_glass_is_no_way_to_open(gate_over: Callable[[object], PolicyGate], embedded: EmbeddedEngine) -> None:
    good: Any = embedded.evaluate(OPEN)

    with pytest.raises(PolicyMalformed):
        gate_over({**good, "outcome": "break_glass"}).document(OPEN)


def test_engines_that_disagree_give_no_decision(bundle: Bundle, policies: Path, embedded: EmbeddedEngine) -> None:
    good: Any = embedded.evaluate(ANSWER)
    for other in ({**good, "todo": ["ST-01"]}, {**good, "outcome": "deny"}, {}, None):
        for pair in ((Saying(good), Saying(other, "opa")), (Saying(other), Saying(good, "opa"))):
            with pytest.raises(PolicyMalformed):
                PolicyGate(engine=AgreeingEngines(*pair), bundle=bundle, policies=policies).document(ANSWER)


# An OPA server that is not what it should be.


def _gate(address: str, bundle: Bundle, policies: Path, timeout: float = 1.0) -> PolicyGate:
    return PolicyGate(engine=OpaEngine(address, timeout=timeout), bundle=bundle, policies=policies)


def test_stopped_server_is_unavailable(opa_program: str, bundle: Bundle, policies: Path) -> None:
    with opa_server(opa_program, policies / "bundle" / SERVER) as address:
        gate = _gate(address, bundle, policies, timeout=10)
        assert gate.document(ANSWER)["outcome"] == "permit"
    with pytest.raises(PolicyUnavailable):
        gate.document(ANSWER)


def test_server_without_the_bundle_is_unavailable(opa_program: str, bundle: Bundle, policies: Path) -> None:
    with opa_server(opa_program) as address, pytest.raises(PolicyUnavailable):
        _gate(address, bundle, policies, timeout=10).document(ANSWER)


def _serve(answer: bytes, *, then: Callable[[], None] = lambda: None) -> tuple[str, threading.Event]:
    """Answer every connection on a free loopback port with these bytes; the event ends it."""
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()
    listener.settimeout(0.1)

    def run() -> None:
        with listener:
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)
                    then()

    threading.Thread(target=run, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}", over


def _http(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"nonsense\r\n\r\n", _http(b""), _http(b"{}"), _http(b"null"), _http(b"[]"), _http(b'{"result": '),
        _http(b'{"result": {}, "warning": {"code": "api_usage_warning"}}'), _http(b"{}", b"500 Oops"),
        _http(b'{"result": {"outcome": "permit"}}', b"404 Not Found"),
    ],
)  # fmt: skip
def test_server_that_speaks_something_else_is_unavailable(bundle: Bundle, policies: Path, answer: bytes) -> None:
    address, over = _serve(answer)
    try:
        with pytest.raises(PolicyUnavailable):
            _gate(address, bundle, policies).document(ANSWER)
    finally:
        over.set()


@pytest.mark.parametrize("body", [b'{"result": {}}', b'{"result": null}', b'{"result": NaN}', b'{"result": true}'])
def test_server_with_another_answer_gives_no_decision(bundle: Bundle, policies: Path, body: bytes) -> None:
    address, over = _serve(_http(body))
    try:
        with pytest.raises(PolicyError):
            _gate(address, bundle, policies).document(ANSWER)
    finally:
        over.set()


def test_server_that_hangs_is_unavailable_within_the_limit(bundle: Bundle, policies: Path) -> None:
    hang = threading.Event()
    address, over = _serve(b"", then=lambda: hang.wait(20) and None)
    started = time.monotonic()
    try:
        with pytest.raises(PolicyUnavailable):
            _gate(address, bundle, policies, timeout=0.3).document(ANSWER)
        assert time.monotonic() - started < 3
    finally:
        hang.set()
        over.set()


@pytest.mark.parametrize("address", ["", "opa:8181", "ftp://127.0.0.1", "http://", "http://127.0.0.1:8181/v1", "127.0.0.1"])
def test_address_that_is_none_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(SettingsError):
        OpaEngine(address)


# What comes out.


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
        assert decision["law_as_of"] == document["now"][:10]

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


def test_decided_carries_the_digest_of_question_and_answer(gate: PolicyGate) -> None:
    first, again, other = gate.decide(ANSWER), gate.decide(deepcopy(ANSWER)), gate.decide(OPEN)

    assert first == again
    assert first.digest != other.digest
    assert first.decision.permits
    assert [part.category for part in first.decision.allowed] == ["veiligheid"]

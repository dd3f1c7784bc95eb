"""The optional facts over HTTP: each comes back as it was sent, is checked, and stands in the decision's document."""

from __future__ import annotations

from typing import Any

import pytest
from matter import WEIGHED
from running import Broker
from test_authzen_evaluation import EVALUATION, access, evaluated, facts
from test_bad_input import changed, is_refused

FACTS: dict[str, Any] = {
    "concern/compelling_need": "Alleen hier is het letsel gezien.",
    "questions/0/only_whether_known": True,
    "directly_involved": True,
    "bsn_of": ["mother", "child1"],
}
MATCH = {"authorised": True, "risk": "b"}


def asked_with_facts(broker: Broker) -> str:
    """Return the id of a delivered request that carries every fact of a case and a request."""
    worker = broker.people.client("worker")
    case = worker.register_case({**broker.matter.case_body(), "vir": MATCH})
    assert case["vir"] == MATCH
    body = broker.matter.ask_body(case["id"])
    for path, value in FACTS.items():
        body = changed(body, path, value)
    asked = worker.ask(body)
    assert asked["request"]["state"] == "delivered", asked["decision"]
    return str(asked["request"]["id"])


def weighed_with_facts(broker: Broker) -> str:
    """Return the id of such a request that was weighed and previewed with every fact of a weighing."""
    request, doctor = asked_with_facts(broker), broker.people.client("doctor")
    doctor.take(request)
    weighing = changed(changed(WEIGHED, "weighing/good_care", True), "weighing/bsn_of", ["father"])
    doctor.record(request, changed(weighing, "weighing/parts/1/police_article", "13-1"))
    doctor.preview(request)
    return request


def documents(broker: Broker, request: str) -> dict[str, dict[str, Any]]:
    """Return the documents that were decided on about a request, by stage."""
    reader = broker.actor("answering_officer")
    with broker.w.store.transaction() as tx:
        return {decided.stage: dict(decided.document) for decided in tx.decisions.of_request(request, reader=reader)}


def test_facts_come_back_to_both_sides_as_they_were_sent(either: Broker) -> None:
    request = asked_with_facts(either)

    for name in ("worker", "doctor"):
        shown = either.people.client(name).request(request)["request"]
        assert shown["concern"]["compelling_need"] == FACTS["concern/compelling_need"]
        assert [question["only_whether_known"] for question in shown["questions"]] == [True, False]
        assert shown["directly_involved"] is True
        assert shown["bsn_of"] == ["child1", "mother"]


def test_facts_reach_the_document_at_each_stage(either: Broker) -> None:
    found = documents(either, weighed_with_facts(either))

    for document in (found["ask"], found["answer"]):
        assert document["concern"]["compelling_need"] is True
        assert document["framework"]["directly_involved"] is True
        assert document["framework"]["vir"] == MATCH
        assert document["questions"][0]["only_whether_known"] is True
        assert "only_whether_known" not in document["questions"][1]
    assert found["ask"]["payload"]["bsn_of"] == ["child1", "mother"]
    assert found["answer"]["payload"]["bsn_of"] == ["child1", "father", "mother"]
    assert found["answer"]["weighing"]["good_care"] is True
    assert [part.get("police_article") for part in found["answer"]["weighing"]["parts"]] == [None, "13-1"]


def test_request_without_them_says_nothing_of_them(either: Broker) -> None:
    request, _ = either.matter.weighed()
    either.people.client("doctor").preview(request)

    found = documents(either, request)
    for document in found.values():
        assert set(document["concern"]) == {"nature", "seriousness", "content"}
        assert not {"directly_involved", "vir"} & set(document["framework"])
        assert not any("only_whether_known" in question for question in document["questions"])
        assert document["payload"]["bsn_of"] == []
    assert "good_care" not in found["answer"]["weighing"]
    assert not any("police_article" in part for part in found["answer"]["weighing"]["parts"])


def test_decision_with_facts_is_replayed_to_the_same(either: Broker) -> None:
    request, officer = weighed_with_facts(either), either.people.client("answering_officer")
    decided = [decision["id"] for decision in officer.decisions() if decision["request"] == request]

    assert len(decided) == 2
    assert all(officer.replay(decision)["same"] for decision in decided)


@pytest.mark.parametrize(
    ("path", "value", "code", "finding"),
    [
        ("concern/compelling_need", "x" * 10_001, "input.invalid", "/body/concern/compelling_need:"),
        ("concern/compelling_need", "a\x00b", "input.invalid", "/body/concern/compelling_need:"),
        ("questions/0/only_whether_known", "perhaps", "input.invalid", "/body/questions/0/only_whether_known:"),
        ("directly_involved", None, "input.invalid", "/body/directly_involved:"),
        ("bsn_of", ["123456782"], "input.invalid", "/body/bsn_of/0:"),
        ("bsn_of", ["child1", "child1"], "input.invalid", "/body/bsn_of:"),
        ("bsn_of", ["ghost"], "request.unknown_person", ""),
    ],
)
def test_bad_fact_of_a_request_is_refused(broker: Broker, path: str, value: object, code: str, finding: str) -> None:
    body = changed(broker.matter.ask_body(broker.matter.case()), path, value)

    is_refused(broker, "worker", ("POST", "/v1/requests", body), 400, code, finding)


@pytest.mark.parametrize(
    ("vir", "finding"),
    [
        ({"authorised": True}, "/body/vir/risk:"),
        ({"risk": "a"}, "/body/vir/authorised:"),
        ({"authorised": True, "risk": "m"}, "/body/vir/risk:"),
        ({"authorised": True, "risk": "a", "reason": "x"}, "/body/vir/reason:"),
    ],
)
def test_bad_match_of_a_case_is_refused(broker: Broker, vir: object, finding: str) -> None:
    body = {**broker.matter.case_body(), "vir": vir}

    is_refused(broker, "worker", ("POST", "/v1/cases", body), 400, "input.invalid", finding)


@pytest.mark.parametrize(
    ("path", "value", "code", "finding"),
    [
        ("weighing/good_care", "perhaps", "input.invalid", "/body/weighing/good_care:"),
        ("weighing/parts/0/police_article", "12", "input.invalid", "/body/weighing/parts/0/police_article:"),
        ("weighing/bsn_of", ["father", "father"], "input.invalid", "/body/weighing/bsn_of:"),
        ("weighing/bsn_of", ["ghost"], "request.unknown_person", ""),
    ],
)
def test_bad_fact_of_a_weighing_is_refused(broker: Broker, path: str, value: object, code: str, finding: str) -> None:
    call = ("PATCH", f"/v1/requests/{broker.matter.taken()}/weighing", changed(WEIGHED, path, value))

    is_refused(broker, "doctor", call, 400, code, finding)


def test_facts_can_be_stated_of_what_would_be_asked(broker: Broker) -> None:
    question = {**access("worker", "ask", "case", broker.matter.case()), "context": facts(broker)}
    known = {
        f"questions/{number}/{name}": value
        for number in (0, 1)
        for name, value in {"only_whether_known": True, "categories": ["zorg_betrokkenheid"]}.items()
    }

    assert len(evaluated(broker, question)["context"]["todo"]) == 10
    for path, value in {**FACTS, **known, "concern/compelling_need": True}.items():
        question = changed(question, f"context/{path}", value)
    assert evaluated(broker, question)["context"]["todo"] == ["ST-01", "ST-02", "ST-03"]
    # Only a no is explained with its reasons; the numbers are among them, beside the concern that is missing.
    unexplained = evaluated(broker, changed(question, "context/concern", {}))["context"]["reasons"]
    assert {(reason["code"], reason["person"]) for reason in unexplained} == {
        ("DN-07", None),
        ("DN-30", "child1"),
        ("DN-30", "mother"),
    }


def test_number_of_nobody_in_the_case_cannot_be_stated(broker: Broker) -> None:
    question = {**access("worker", "ask", "case", broker.matter.case()), "context": facts(broker)}
    wrong = changed(question, "context/bsn_of", ["ghost"])

    is_refused(broker, "worker", ("POST", EVALUATION, wrong), 400, "request.unknown_person")

"""AuthZEN evaluation over the broker's own policies: the same gate as the act, on the broker's own records."""

from __future__ import annotations

from typing import Any

import pytest
from broker_keys import moved_away
from http_answers import codes_of, findings_of
from running import Broker
from test_routes import access

EVALUATION, EVALUATIONS = "/access/v1/evaluation", "/access/v1/evaluations"


def evaluated(broker: Broker, question: dict[str, Any], name: str = "worker") -> dict[str, Any]:
    """Return the answer to one question."""
    answer = broker.people.send(name, "POST", EVALUATION, question)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return dict(answer.json())


def several(broker: Broker, body: dict[str, Any], name: str = "worker") -> list[bool]:
    """Return the decisions of a batch."""
    answer = broker.people.send(name, "POST", EVALUATIONS, body)
    assert answer.status_code == 200, answer.text
    return [one["decision"] for one in answer.json()["evaluations"]]


def facts(broker: Broker) -> dict[str, Any]:
    """Return what would be asked, as the context of a question about a case."""
    body = broker.matter.ask_body("")
    del body["case"]
    body["concern"] = dict.fromkeys(body["concern"], True)
    body["questions"] = [{k: v for k, v in question.items() if k != "text"} for question in body["questions"]]
    return body


def test_metadata_names_every_endpoint_and_is_open(broker: Broker) -> None:
    answer = broker.people.send(None, "GET", "/.well-known/authzen-configuration")

    base = broker.people.address
    assert answer.json() == {
        "policy_decision_point": base,
        "access_evaluation_endpoint": base + EVALUATION,
        "access_evaluations_endpoint": base + EVALUATIONS,
        "search_subject_endpoint": base + "/access/v1/search/subject",
        "search_resource_endpoint": base + "/access/v1/search/resource",
        "search_action_endpoint": base + "/access/v1/search/action",
        "access_request_endpoint": base + "/access/v1/requests",
        "capabilities": ["urn:openid:authzen:capability:access-request"],
    }


def test_answer_is_the_decision_of_the_act_itself(own_broker: Broker) -> None:
    request = own_broker.matter.delivered()
    asked = own_broker.people.client("worker").request(request)["decisions"][0]

    context = evaluated(own_broker, access("worker", "ask", "request", request))["context"]
    assert context["outcome"] == asked["outcome"] == "permit_pending"
    assert (context["parts"], context["grounds"]) == (asked["parts"], asked["grounds"])
    assert context["policy"] == asked["policy"]
    assert [one["properties"]["code"] for one in context["obligations"]] == [
        one["code"] for one in asked["obligations"]
    ]
    assert {one["type"] for one in context["obligations"]} == {"custom"}


def test_each_stage_can_be_asked_and_nothing_moves(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    own_broker.matter.opened(request)
    record = {"decisions", "decision_marks", "events", "event_details", "data_keys"}
    before = {name: rows for name, rows in own_broker.contents().items() if name not in record}

    assert evaluated(own_broker, access("worker", "open", "request", request))["decision"] is True
    assert evaluated(own_broker, access("worker", "open", "part", f"{request}/q2/gez_kern"))["decision"] is True
    no_more = evaluated(own_broker, access("doctor", "answer", "request", request), "doctor")
    assert (no_more["decision"], no_more["context"]["error"]["status"]) == (False, 409)
    assert no_more["context"]["reason"] == "request.not_in_weighing"
    assert before == {name: rows for name, rows in own_broker.contents().items() if name in before}
    own_broker.verify()


def test_part_has_its_own_answer(own_broker: Broker) -> None:
    request, consent = own_broker.matter.weighed()
    parts = [access("doctor", "answer", "part", f"{request}/{part}") for part in ("q1/veiligheid", "q2/gez_kern")]

    assert several(own_broker, {"evaluations": parts}, "doctor") == [True, True]
    own_broker.people.client("doctor").withdraw_consent(consent)
    assert several(own_broker, {"evaluations": parts}, "doctor") == [True, False]
    closed = evaluated(own_broker, parts[1], "doctor")["context"]
    assert closed["parts"][0]["verdict"] == "withhold"
    assert {reason["question"] for reason in closed["reasons"]} <= {"q2", None}
    assert {one["properties"]["person"] for one in closed["obligations"]} <= {"father", None}


def test_evaluation_is_on_record_with_its_event(own_broker: Broker) -> None:
    request = own_broker.matter.delivered()
    context = evaluated(own_broker, access("worker", "ask", "request", request))["context"]

    on_record = {one["id"]: one for one in own_broker.people.client("officer").decisions()}
    decided = on_record[context["evaluation_id"]]
    assert decided["digest"] == context["digest"]
    assert own_broker.people.client("officer").replay(decided["id"])["same"] is True
    tags = [one["tag"] for one in own_broker.people.client("officer").call("GET", f"/v1/requests/{request}/events")]
    assert tags == ["request:question:asked", "request:access:evaluated"]


def test_what_would_be_asked_on_a_case_can_be_tried_first(own_broker: Broker) -> None:
    case, context = own_broker.matter.case(), facts(own_broker)
    question = {**access("worker", "ask", "case", case), "context": context}

    assert evaluated(own_broker, question)["decision"] is True
    unexplained = evaluated(own_broker, {**question, "context": {**context, "concern": {}}})
    assert (unexplained["decision"], unexplained["context"]["reason"]) == (False, "DN-07")
    assert unexplained["context"]["remedies"][0]["remedy"] == "explain_concern"
    # It is on nobody's request, so there is no record that an access request could be bound to.
    assert "access_request" not in unexplained["context"]
    assert own_broker.people.client("worker").worklist() == []
    own_broker.verify()


def test_context_that_does_not_say_what_would_be_asked_is_told_so(broker: Broker) -> None:
    question = access("worker", "ask", "case", broker.matter.case())

    answer = broker.people.send("worker", "POST", EVALUATION, {**question, "context": {"time": "2026-11-22T10:00:00Z"}})
    assert codes_of(answer) == (400, "access.context")
    assert {finding.partition(":")[0] for finding in findings_of(answer)} >= {"/context/responder", "/context/purpose"}
    stranger = {**facts(broker), "persons": ["child1", "mother", "father", "neighbour"]}
    unknown = broker.people.send("worker", "POST", EVALUATION, {**question, "context": stranger})
    assert codes_of(unknown) == (400, "request.unknown_person")


@pytest.mark.parametrize(
    "claim",
    [
        {"actor": {"role": "onderzoeker", "assurance": "high"}},
        {"requester": {"id": "org:vt2"}, "responder_record": {"active": True}},
        {"consents": [{"about": "father", "status": "given"}]},
        {"framework": {"order": {"kind": "ots"}}, "now": "2020-01-01T00:00:00Z", "stage": "open"},
    ],
)
def test_claims_of_the_caller_are_not_believed(broker: Broker, claim: dict[str, Any]) -> None:
    question = access("worker", "ask", "request", broker.matter.refused())
    subject = {**question["subject"], "properties": {"role": "vertrouwensarts", "organization": "org:gp", **claim}}
    resource = {**question["resource"], "properties": claim}

    plain = evaluated(broker, question)
    claimed = evaluated(broker, {**question, "subject": subject, "resource": resource, "context": claim})
    assert plain["decision"] is claimed["decision"] is False
    assert plain["context"]["reasons"] == claimed["context"]["reasons"]


def test_unknown_members_are_passed_over(broker: Broker) -> None:
    question = access("worker", "ask", "request", broker.matter.delivered())
    more = {
        **question,
        "subject": {**question["subject"], "futureField": 1},
        "action": {**question["action"], "properties": {"processing_activity_id": "https://register.example/1"}},
        "context": {"time": "2026-11-22T10:00:00Z", "traceparent": "00-" + "a" * 32 + "-" + "b" * 16 + "-01"},
        "foo": {"nested": [True]},
    }

    assert evaluated(broker, more)["decision"] is True


def test_other_organisation_cannot_tell_what_is_from_what_is_not(either: Broker) -> None:
    broker = either
    request, case = broker.matter.delivered(), broker.matter.case()
    for kind, there, nowhere in [
        ("request", request, "req_" + "0" * 26),
        ("part", f"{request}/q1/veiligheid", f"{request}/q9/veiligheid"),
        ("case", case, "cas_" + "0" * 26),
        ("organisation", "org:vt", "org:nowhere"),
    ]:
        context = facts(broker) if kind == "case" else {}
        for action in ("ask", "read_worklist"):
            found = evaluated(broker, {**access("outsider", action, kind, there), "context": context}, "outsider")
            nothing = evaluated(broker, {**access("outsider", action, kind, nowhere), "context": context}, "outsider")
            assert found == nothing, kind
            assert (found["decision"], found["context"]["error"]["status"]) == (False, 404)


def test_system_asks_for_its_own_workers_only(broker: Broker) -> None:
    request = broker.matter.delivered()

    assert evaluated(broker, access("worker", "ask", "request", request), "system")["decision"] is True
    # A colleague who is not on the case does not see it.
    assert evaluated(broker, access("colleague", "ask", "request", request), "system")["decision"] is False
    foreign = evaluated(broker, access("doctor", "answer", "request", request), "system")
    nobody = evaluated(broker, access("nobody", "answer", "request", request), "system")
    assert foreign == nobody
    assert foreign["context"]["error"]["status"] == 404


def test_worker_does_not_ask_about_a_colleague(broker: Broker) -> None:
    answer = broker.people.send(
        "colleague", "POST", EVALUATION, access("worker", "ask", "request", broker.matter.delivered())
    )

    assert codes_of(answer) == (403, "policy.refused")
    assert findings_of(answer) == ["DN-03"]


def test_operation_around_requests_is_asked_of_the_organisation(broker: Broker) -> None:
    def may(name: str, operation: str) -> bool:
        question = access(name, operation, "organisation", "org:vt")
        return bool(evaluated(broker, question, name)["decision"])

    assert may("worker", "register_case")
    assert not may("planner", "register_case")
    assert may("officer", "inspect")
    assert not may("worker", "inspect")


def test_batch_answers_in_order_and_one_that_fails_fails_alone(broker: Broker) -> None:
    request, refused = broker.matter.delivered(), broker.matter.refused()
    question = access("worker", "ask", "request", request)
    body = {
        "subject": question["subject"],
        "action": question["action"],
        "evaluations": [
            {"resource": question["resource"]},
            {},
            {"resource": {"type": "request", "id": refused}},
            {"resource": "request"},
            {"resource": question["resource"], "action": {"name": "fly"}},
        ],
    }

    answers = broker.people.send("worker", "POST", EVALUATIONS, body).json()["evaluations"]
    assert [one["decision"] for one in answers] == [True, False, False, False, False]
    assert [one["context"].get("error", {}).get("status") for one in answers] == [None, 400, None, 400, 404]
    assert answers[1]["context"]["error"]["errors"] == ["/resource: Field required"]


@pytest.mark.parametrize(
    ("semantic", "decisions"),
    [
        (None, [True, False, True]),
        ("execute_all", [True, False, True]),
        ("deny_on_first_deny", [True, False]),
        ("permit_on_first_permit", [True]),
    ],
)
def test_batch_stops_when_it_is_asked_to(own_broker: Broker, semantic: str | None, decisions: list[bool]) -> None:
    request, refused = own_broker.matter.delivered(), own_broker.matter.refused()
    body = {
        **access("worker", "ask", "request", request),
        "evaluations": [{}, {"resource": {"type": "request", "id": refused}}, {}],
        "options": {"evaluations_semantic": semantic, "another_option": 1} if semantic else {},
    }

    assert several(own_broker, body) == decisions
    on_record = [one for one in own_broker.people.client("officer").decisions() if one["stage"] == "ask"]
    assert len(on_record) == 2 + len(decisions), "what came after the stop was not evaluated"


def test_item_replaces_a_whole_default_and_lends_only_what_it_must_have(broker: Broker) -> None:
    request = broker.matter.delivered()
    defaults = access("worker", "ask", "request", "req_" + "0" * 26)

    assert several(broker, {**defaults, "evaluations": [{"resource": {"id": request}}, {}]}) == [True, False]
    case_context = {"context": facts(broker), "resource": {"type": "case", "id": broker.matter.case()}}
    replaced = {**defaults, "context": {"responder": "org:gp"}, "evaluations": [case_context]}
    assert several(broker, replaced) == [True]
    not_merged = {**case_context, "context": {"purpose": "vt_onderzoek"}}
    assert several(broker, {**defaults, "context": facts(broker), "evaluations": [not_merged]}) == [False]


@pytest.mark.parametrize("more", [{}, {"evaluations": []}])
def test_batch_without_items_is_one_question(broker: Broker, more: dict[str, Any]) -> None:
    question = access("worker", "ask", "request", broker.matter.delivered())

    answer = broker.people.send("worker", "POST", EVALUATIONS, {**question, **more}).json()
    assert answer["decision"] is True
    assert "evaluations" not in answer
    missing = broker.people.send("worker", "POST", EVALUATIONS, {"subject": question["subject"], **more})
    assert codes_of(missing) == (400, "input.invalid")


def test_batch_has_a_limit(broker: Broker) -> None:
    question = access("worker", "register_case", "organisation", "org:vt")

    assert several(broker, {**question, "evaluations": [{}] * 50}) == [True] * 50
    before = broker.contents()
    answer = broker.people.send("worker", "POST", EVALUATIONS, {**question, "evaluations": [{}] * 51})
    assert codes_of(answer) == (413, "access.too_many")
    assert broker.contents() == before


def test_batch_under_a_fault_is_closed_item_by_item(own_broker: Broker) -> None:
    question = access("worker", "ask", "request", own_broker.matter.delivered())
    with moved_away(own_broker.key_file("storage")):
        whole = own_broker.people.send("worker", "POST", EVALUATION, question)
        answer = own_broker.people.send("worker", "POST", EVALUATIONS, {"evaluations": [question, question]})

    assert codes_of(whole) == (503, "key.missing")
    errors = [(one["decision"], one["context"]["error"]["status"]) for one in answer.json()["evaluations"]]
    assert errors == [(False, 503), (False, 503)]


def test_unknown_semantic_is_an_error(broker: Broker) -> None:
    body = {"evaluations": [{}], "options": {"evaluations_semantic": "maybe"}}

    assert codes_of(broker.people.send("worker", "POST", EVALUATIONS, body)) == (400, "input.invalid")


@pytest.mark.parametrize("path", [EVALUATION, EVALUATIONS, "/access/v1/search/action", "/access/v1/requests"])
@pytest.mark.parametrize(
    ("content", "media"),
    [(b"", "application/json"), (b"{", "application/json"), (b"[]", "application/json"), (b"{}", "text/plain")],
)
def test_body_that_is_no_question_is_400(broker: Broker, path: str, content: bytes, media: str) -> None:
    before = broker.contents()
    answer = broker.people.send("worker", "POST", path, content=content, headers={"Content-Type": media})

    assert answer.status_code == 400
    assert broker.contents() == before


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("subject", "alice"),
        ("action", {"name": 123}),
        ("action", {}),
        ("resource", {"type": "request"}),
        ("subject", {"id": "x"}),
        ("subject", {"type": "worker", "id": "x" * 257}),
        ("subject", None),
        ("context", "late"),
    ],
)
def test_wrong_member_is_400(broker: Broker, path: str, value: object) -> None:
    body = {**access("worker", "ask", "request", "req_" + "0" * 26), path: value}

    answer = broker.people.send("worker", "POST", EVALUATION, body)
    assert codes_of(answer) == (400, "input.invalid")
    assert findings_of(answer)[0].startswith(f"/body/{path}")


@pytest.mark.parametrize(
    ("kind", "found"),
    [
        ("request", "123456782"),
        ("request", "req_%' OR 1=1 --"),
        ("part", "req_" + "0" * 26),
        ("part", "../../etc"),
        ("part", "\u0000"),
        ("spaceship", "1"),
    ],
)
def test_resource_of_nothing_is_a_no(broker: Broker, kind: str, found: str) -> None:
    answer = evaluated(broker, access("worker", "ask", kind, found))

    assert (answer["decision"], answer["context"]["error"]["status"]) == (False, 404)
    assert "123456782" not in str(answer)


def test_request_id_comes_back(broker: Broker) -> None:
    question = access("worker", "ask", "request", broker.matter.delivered())
    for body in (question, {}):
        answer = broker.people.send("worker", "POST", EVALUATION, body, headers={"X-Request-ID": "bfe9eb29-ab87"})
        assert answer.headers["x-request-id"] == "bfe9eb29-ab87"
    assert "x-request-id" not in broker.people.send("worker", "POST", EVALUATION, question).headers
    long = broker.people.send("worker", "POST", EVALUATION, question, headers={"X-Request-ID": "x" * 201})
    assert "x-request-id" not in long.headers


def test_attempt_that_could_not_be_decided_is_in_the_log(own_broker: Broker) -> None:
    evaluated(own_broker, access("outsider", "ask", "request", own_broker.matter.delivered()), "outsider")

    noted = own_broker.attempt("attempt:call:failed", "store.not_found")
    assert dict(noted.detail or {})["call"] == f"POST {EVALUATION}"

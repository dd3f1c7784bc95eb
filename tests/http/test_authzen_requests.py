"""A denial that can be put right: what must be done and by whom, handed in, followed, and a yes after the cure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from http_answers import codes_of
from logged import outcome_of
from running import Broker
from test_routes import access, denied

EVALUATION, REQUESTS = "/access/v1/evaluation", "/access/v1/requests"


def evaluated(broker: Broker, question: dict[str, Any], name: str = "worker") -> dict[str, Any]:
    """Return the answer to one question."""
    answer = broker.people.send(name, "POST", EVALUATION, question)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_denial_says_what_to_do_and_by_whom_and_turns_after_the_cure(own_broker: Broker) -> None:
    case = own_broker.matter.victim_case()
    question = access("worker", "ask", "request", own_broker.matter.refused(case))

    before = evaluated(own_broker, question)
    assert before["decision"] is False
    assert before["context"]["reason"] == "DN-14"
    (reason,) = before["context"]["reasons"]
    assert (reason["remedy"], reason["by"], reason["curable"]) == ("ask_consent", "responder", True)
    assert reason["article"]
    assert reason["says"]["nl"] != reason["says"]["en"]
    assert [one["remedy"] for one in before["context"]["remedies"]] == ["ask_consent"]
    requestable = before["context"]["access_request"]
    assert requestable["endpoint"] == own_broker.people.address + REQUESTS
    assert requestable["template"] == "ask_consent"
    assert requestable["expires_at"] > before["context"]["evaluated_at"]

    own_broker.matter.victim_consents(case)
    after = evaluated(own_broker, question)
    assert after["decision"] is True
    assert "access_request" not in after["context"]
    assert "reasons" not in after["context"]
    own_broker.verify()


def test_denial_that_was_handed_in_is_followed_to_its_yes(own_broker: Broker) -> None:
    case = own_broker.matter.victim_case()
    question = access("worker", "ask", "request", own_broker.matter.refused(case))
    context = evaluated(own_broker, question)["context"]
    denial = {"evaluation_id": context["evaluation_id"], "expires_at": context["access_request"]["expires_at"]}
    body = {**question, "context": {"business_justification": "nodig"}, "denial": {**denial, "reason": "DN-14"}}

    handed = own_broker.people.send("worker", "POST", REQUESTS, body, headers={"Idempotency-Key": "1"})
    assert handed.status_code == 202
    task = handed.json()["task"]
    assert handed.headers["location"] == task["status_endpoint"]
    assert (task["status"], task["progress"]) == ("pending", {"awaiting": ["responder"]})
    again = own_broker.people.send("worker", "POST", REQUESTS, body, headers={"Idempotency-Key": "1"})
    assert again.json()["task"]["id"] == task["id"]
    assert [event.tag for event in own_broker.events()].count("request:access:requested") <= 1

    own_broker.matter.victim_consents(case)
    followed = own_broker.people.send("worker", "GET", f"{REQUESTS}/{task['id']}").json()
    assert followed["task"]["status"] == "approved"
    assert followed["result"]["mode"] == "reevaluate"
    assert evaluated(own_broker, {**question, "context": {"approval": followed["result"]["approval"]}})["decision"]
    assert own_broker.people.send("worker", "POST", REQUESTS, body).status_code == 201
    own_broker.verify()


def test_approval_that_a_caller_makes_up_changes_nothing(broker: Broker) -> None:
    question = access("worker", "ask", "request", broker.matter.refused())
    forged = {"approval": {"id": "apr_1", "approved_at": "2026-11-01T00:00:00Z"}, "consents": [], "outcome": "permit"}

    assert evaluated(broker, {**question, "context": forged})["decision"] is False


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("subject", {"type": "worker", "id": "st:colleague"}),
        ("action", {"name": "open"}),
        ("resource", {"type": "request", "id": "req_" + "0" * 26}),
        ("denial", {"evaluation_id": "dec_" + "0" * 26, "expires_at": "2026-11-22T11:00:00Z"}),
    ],
)
def test_request_of_another_denial_is_refused(broker: Broker, member: str, value: object) -> None:
    body = denied(broker)
    before = broker.contents()

    answer = broker.people.send("worker", "POST", REQUESTS, {**body, member: value})
    assert codes_of(answer) == (400, "access.invalid_denial_binding")
    assert answer.json()["type"] == "urn:openid:authzen:access-request:error:invalid_denial_binding"
    assert broker.contents() == before


def test_expiry_cannot_be_stretched_by_the_caller(broker: Broker) -> None:
    body = denied(broker)
    stretched = {**body["denial"], "expires_at": "2027-11-22T11:00:00Z"}

    answer = broker.people.send("worker", "POST", REQUESTS, {**body, "denial": stretched})
    assert codes_of(answer) == (400, "access.invalid_denial_binding")


@pytest.mark.parametrize("name", ["outsider", "doctor", "colleague"])
def test_denial_of_somebody_else_is_no_denial(broker: Broker, name: str) -> None:
    body = denied(broker)
    handed = broker.people.send("worker", "POST", REQUESTS, body).json()["task"]

    assert codes_of(broker.people.send(name, "POST", REQUESTS, body)) == (400, "access.invalid_denial_binding")
    foreign = broker.people.send(name, "GET", f"{REQUESTS}/{handed['id']}")
    nothing = broker.people.send(name, "GET", f"{REQUESTS}/arq_{'0' * 26}")
    assert codes_of(foreign) == codes_of(nothing) == (404, "access.unknown_task")
    assert foreign.content == nothing.content


def test_denial_is_too_old_after_its_hour_and_its_task_after_two_weeks(own_broker: Broker) -> None:
    old, body = denied(own_broker), denied(own_broker)
    task = own_broker.people.send("worker", "POST", REQUESTS, body).json()["task"]["id"]

    own_broker.clock.move(timedelta(hours=1))
    assert codes_of(own_broker.people.send("worker", "POST", REQUESTS, old)) == (410, "access.expired_denial")
    own_broker.clock.move(timedelta(days=14))
    followed = own_broker.people.send("worker", "GET", f"{REQUESTS}/{task}").json()
    assert followed["task"]["status"] == "expired"


def test_denial_that_was_not_handed_in_has_no_task(broker: Broker) -> None:
    evaluation = denied(broker)["denial"]["evaluation_id"]

    answer = broker.people.send("worker", "GET", f"{REQUESTS}/arq_{evaluation[4:]}")
    assert codes_of(answer) == (404, "access.unknown_task")


def test_what_nobody_can_put_right_cannot_be_requested(own_broker: Broker) -> None:
    case = own_broker.matter.case()
    question = access("worker", "ask", "request", own_broker.matter.delivered(case))
    own_broker.people.client("worker").change_case(case, {"vt_phase": "advies", "investigation_determined_on": None})

    context = evaluated(own_broker, question)["context"]
    assert context["reason"] == "DN-08"
    assert context["remedies"] == []
    assert "access_request" not in context
    denial = {"evaluation_id": context["evaluation_id"], "expires_at": "2026-11-22T11:00:00Z"}
    forced = own_broker.people.send("worker", "POST", REQUESTS, {**question, "denial": denial})
    assert codes_of(forced)[0] == 400


def test_yes_cannot_be_requested(own_broker: Broker) -> None:
    question = access("worker", "ask", "request", own_broker.matter.delivered())
    context = evaluated(own_broker, question)["context"]

    ends = context["evaluated_at"].replace("T10:", "T11:")

    answer = own_broker.people.send(
        "worker",
        "POST",
        REQUESTS,
        {**question, "denial": {"evaluation_id": context["evaluation_id"], "expires_at": ends}},
    )
    assert codes_of(answer) == (400, "access.not_requestable")


def test_task_whose_matter_went_wrong_for_good_is_denied(own_broker: Broker) -> None:
    case = own_broker.matter.victim_case()
    question = access("worker", "ask", "request", own_broker.matter.refused(case))
    context = evaluated(own_broker, question)["context"]
    denial = {"evaluation_id": context["evaluation_id"], "expires_at": context["access_request"]["expires_at"]}
    task = own_broker.people.send("worker", "POST", REQUESTS, {**question, "denial": denial}).json()["task"]["id"]
    own_broker.people.client("worker").change_case(case, {"vt_phase": "advies", "investigation_determined_on": None})

    assert own_broker.people.send("worker", "GET", f"{REQUESTS}/{task}").json()["task"]["status"] == "denied"


def test_request_stands_in_the_log_beside_its_denial(own_broker: Broker) -> None:
    body = denied(own_broker)
    own_broker.people.send("worker", "POST", REQUESTS, body)
    recorded = own_broker.people.client("officer").call("GET", f"/v1/requests/{body['resource']['id']}/events")

    tags = [event["tag"] for event in recorded]
    assert tags == ["request:question:asked", "request:access:evaluated", "request:access:requested"]
    assert [outcome_of(event) for event in own_broker.events() if event.tag.startswith("request:access")].count(
        "permit"
    ) == 0
    own_broker.verify()

"""AuthZEN search over the broker's own policies: what is found would get a yes, page by page, and no more is said."""

from __future__ import annotations

from typing import Any

import pytest
from http_answers import codes_of
from running import Broker
from test_routes import access

from broker.domain.access import MOST_CANDIDATES, Page, select
from broker.domain.inquiry import ACTIONS, OPERATIONS
from broker.policy.bundle import open_schema, policies_path


def found(broker: Broker, sought: str, body: dict[str, Any], name: str = "worker") -> list[str]:
    """Return the ids or names that a search finds on its first page."""
    answer = broker.people.send(name, "POST", f"/access/v1/search/{sought}", body)
    assert answer.status_code == 200, answer.text
    return [one.get("id") or one["name"] for one in answer.json()["results"]]


def test_actions_that_can_be_asked_are_those_the_policy_knows() -> None:
    known = open_schema(policies_path(), "operation")["properties"]["operation"]["enum"]
    stages = open_schema(policies_path(), "document")["properties"]["stage"]["enum"]

    assert set(OPERATIONS) == set(known) - {"evaluate", "evaluate_colleague", "receive", "fulfil"}
    assert set(ACTIONS["request"]) == set(ACTIONS["part"]) == set(stages)


def test_search_finds_exactly_what_gets_a_yes(own_broker: Broker) -> None:
    requests = [own_broker.matter.delivered(), own_broker.matter.refused(), own_broker.matter.delivered()]
    question = access("worker", "ask", "request", "")
    results = found(own_broker, "resource", question)

    assert set(results) == {requests[0], requests[2]}
    for request in requests:
        answer = own_broker.people.send(
            "worker", "POST", "/access/v1/evaluation", access("worker", "ask", "request", request)
        )
        assert answer.json()["decision"] is (request in results)


def test_search_for_parts_cases_and_own_organisation(own_broker: Broker) -> None:
    request, _ = own_broker.matter.weighed()

    assert found(own_broker, "resource", access("doctor", "answer", "part", ""), "doctor") == [
        f"{request}/q1/veiligheid",
        f"{request}/q2/gez_kern",
    ]
    assert found(own_broker, "resource", access("doctor", "answer", "request", ""), "doctor") == [request]
    body = own_broker.matter.ask_body("")
    facts = {
        **{name: value for name, value in body.items() if name != "case"},
        "concern": dict.fromkeys(body["concern"], True),
        "questions": [{k: v for k, v in one.items() if k != "text"} for one in body["questions"]],
    }
    cases = [case["id"] for case in own_broker.people.client("worker").call("GET", "/v1/cases")]
    assert found(own_broker, "resource", {**access("worker", "ask", "case", ""), "context": facts}) == cases
    assert found(own_broker, "resource", access("worker", "read_worklist", "organisation", "")) == ["org:vt"]


def test_search_for_actions(broker: Broker) -> None:
    request = broker.matter.delivered()

    assert found(broker, "action", access("worker", "", "request", request)) == ["ask"]
    assert "register_case" in found(broker, "action", access("worker", "", "organisation", "org:vt"))
    of_planner = found(broker, "action", access("planner", "", "organisation", "org:vt"), "planner")
    assert of_planner == ["confirm_key", "enrol_key"]


def test_search_for_subjects_is_for_who_may_ask_about_colleagues(either: Broker) -> None:
    broker = either
    request = broker.matter.delivered()
    question = access("", "ask", "request", request)

    assert found(broker, "subject", question, "system") == ["st:worker"]
    everybody = found(broker, "subject", access("", "register_case", "organisation", "org:vt"), "officer")
    assert everybody == ["st:colleague", "st:struck_off", "st:worker"]
    refused = broker.people.send("worker", "POST", "/access/v1/search/subject", question)
    assert codes_of(refused) == (403, "policy.refused")


def test_other_organisation_finds_nothing(broker: Broker) -> None:
    request = broker.matter.delivered()

    assert found(broker, "resource", access("outsider", "ask", "request", ""), "outsider") == []
    assert found(broker, "action", access("outsider", "", "request", request), "outsider") == []
    assert found(broker, "subject", access("", "ask", "request", request), "outside_officer") == []


@pytest.mark.parametrize(
    ("sought", "body"),
    [
        ("action", access("nobody", "", "organisation", "org:vt")),
        ("subject", {**access("", "ask", "organisation", "org:vt"), "subject": {"type": "spaceship"}}),
        ("resource", access("system", "ask", "spaceship", "")),
        ("resource", access("nobody", "ask", "request", "")),
    ],
)
def test_what_is_not_known_has_no_results(broker: Broker, sought: str, body: dict[str, Any]) -> None:
    answer = broker.people.send("system", "POST", f"/access/v1/search/{sought}", body)

    assert answer.json() == {"results": [], "page": {"next_token": "", "count": 0}}


def test_pages_together_are_the_whole_search(own_broker: Broker) -> None:
    for _ in range(3):
        own_broker.matter.delivered()
    question = access("worker", "ask", "request", "")
    whole = found(own_broker, "resource", question)

    pages, page = [], {"limit": 2}
    while True:
        answer = own_broker.people.send(
            "worker", "POST", "/access/v1/search/resource", {**question, "page": page}
        ).json()
        pages.append([one["id"] for one in answer["results"]])
        assert answer["page"]["count"] == len(pages[-1])
        if not answer["page"]["next_token"]:
            break
        page = {"token": answer["page"]["next_token"]}
    assert [len(one) for one in pages] == [2, 1]
    assert [name for one in pages for name in one] == whole == sorted(whole)


def test_page_of_another_search_is_an_error(broker: Broker) -> None:
    question = access("worker", "", "organisation", "org:vt")
    first = broker.people.send("worker", "POST", "/access/v1/search/action", {**question, "page": {"limit": 1}})
    token = first.json()["page"]["next_token"]
    assert token

    for changed, name in [
        ({**question, "context": {"time": "later"}}, "worker"),
        (access("worker", "", "organisation", "org:vt2"), "worker"),
        (question, "system"),
    ]:
        answer = broker.people.send(name, "POST", "/access/v1/search/action", {**changed, "page": {"token": token}})
        assert codes_of(answer) == (400, "access.page")


@pytest.mark.parametrize("token", ["x", "bnVsbA==", "WzEsMl0=", "é", "W1tbW1tb" * 200, "WyJhIiwgMCwgIngiXQ=="])
def test_token_that_is_none_is_an_error(broker: Broker, token: str) -> None:
    body = {**access("worker", "", "organisation", "org:vt"), "page": {"token": token}}

    assert codes_of(broker.people.send("worker", "POST", "/access/v1/search/action", body)) == (400, "access.page")


def test_search_is_one_event_and_no_decision(own_broker: Broker) -> None:
    own_broker.matter.delivered()
    before = len(own_broker.contents()["decisions"])
    found(own_broker, "resource", access("worker", "ask", "request", ""))

    assert len(own_broker.contents()["decisions"]) == before
    assert sum("request:access:searched" in row for row in own_broker.contents()["events"]) == 1
    own_broker.verify()


def test_page_weighs_no_more_than_its_share_and_says_where_it_stopped() -> None:
    names = [f"{number:04}" for number in range(2 * MOST_CANDIDATES + 5)]
    weighed: list[str] = []

    def permitted(name: str) -> bool:
        weighed.append(name)
        return name == names[-1]

    page, results = Page(limit=10), []
    for _ in range(3):
        part = select(names, page, permitted)
        results += part.names
        page = Page(limit=10, after=part.after)
    assert (results, part.after) == ([names[-1]], "")
    assert weighed == names


def test_page_that_ends_with_the_last_candidate_is_the_last() -> None:
    assert select(["b", "a"], Page(limit=2), lambda _: True).after == ""
    assert select(["c", "b", "a"], Page(limit=2), lambda _: True).after == "b"
    assert select([], Page(limit=2), lambda _: True).names == ()

"""The public AuthZEN scenarios, through our endpoints and before policies that are not ours, run by a real OPA.

The Todo scenario of the interoperability events (five users, five permissions, forty decisions and three batches) and
the certification scenario of 2026 (Basic, Batch, Search, Discovery). Who calls is signed in as anybody else who calls;
everything after that is the endpoint code as it serves the broker, with another decision point behind it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import requests
from running import Broker, running

from broker.domain.access import AccessQuestion, Action, Found, Page, Sought, Verdict, select
from broker.domain.directory import Actor
from broker.policy.local import local_opa

pytestmark = pytest.mark.opa

POLICIES = Path(__file__).parent / "interop"
PIDS = {
    name: f"CiRmZD{digit}2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs"
    for name, digit in {"rick": "A", "morty": "E", "summer": "I", "beth": "M", "jerry": "Q"}.items()
}
EMAILS = {
    "rick": "rick@the-citadel.com",
    "morty": "morty@the-citadel.com",
    "summer": "summer@the-smiths.com",
    "beth": "beth@the-smiths.com",
    "jerry": "jerry@the-smiths.com",
}


class RegoPoint:
    """A decision point over one package of an OPA server: `decision`, and `known` for what can be searched."""

    def __init__(self, address: str, package: str) -> None:
        self._data = f"{address}/v1/data/interop/{package}"

    def evaluate(self, question: AccessQuestion, *, caller: Actor) -> Verdict:
        """Decide by the package."""
        return Verdict(decision=self._is_permitted(question))

    def search(self, sought: Sought, question: AccessQuestion, page: Page, *, caller: Actor) -> Found:
        """Search among what the package knows."""
        known = requests.get(f"{self._data}/known", timeout=10).json()["result"][sought]
        kind = {"subject": question.subject.type, "resource": question.resource.type}.get(sought)
        return select(
            known.get(kind, []) if kind else known,
            page,
            lambda name: self._is_permitted(_named(question, sought, name)),
        )

    def _is_permitted(self, question: AccessQuestion) -> bool:
        answer = requests.post(f"{self._data}/decision", json={"input": asdict(question)}, timeout=10).json()
        return answer["result"] is True


def _named(question: AccessQuestion, sought: Sought, name: str) -> AccessQuestion:
    if sought == "action":
        return replace(question, action=Action(name=name))
    return replace(question, **{sought: replace(getattr(question, sought), id=name)})


@pytest.fixture(scope="module")
def served() -> Iterator[Broker]:
    """Yield a broker whose policies the tests of this module replace."""
    with running() as broker:
        yield broker


@pytest.fixture(scope="module")
def opa(opa_program: str) -> Iterator[str]:
    """Yield the address of an OPA server with both fixtures."""
    with local_opa(opa_program, bundle=POLICIES) as address:
        yield address


@pytest.fixture
def todo(served: Broker, opa: str) -> Broker:
    """Return the broker with the Todo policy behind its endpoints."""
    served.app.state.decision_point = RegoPoint(opa, "todo")
    return served


@pytest.fixture
def record(served: Broker, opa: str) -> Broker:
    """Return the broker with the certification policy behind its endpoints."""
    served.app.state.decision_point = RegoPoint(opa, "record")
    return served


def send(broker: Broker, path: str, body: object, **more: Any) -> Any:
    """Make a call under /access/v1 that must succeed, and return its JSON."""
    answer = broker.people.send("worker", "POST", f"/access/v1/{path}", body, **more)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def todo_questions(name: str) -> list[dict[str, Any]]:
    """Return the eight questions of the scenario's table about one user, in its order."""
    other, own = ("rick", name) if name != "rick" else ("rick", "morty")
    owned = [
        {"type": "todo", "id": "7240d0db-8ff0-41ec-98b2-34a096273b92", "properties": {"ownerID": EMAILS[other]}},
        {"type": "todo", "id": "7240d0db-8ff0-41ec-98b2-34a096273b91", "properties": {"ownerID": EMAILS[own]}},
    ]
    asked = [
        ("can_read_user", {"type": "user", "id": EMAILS["beth"]}),
        ("can_read_user", {"type": "user", "id": PIDS[name]}),
        ("can_read_todos", {"type": "todo", "id": "todo-1"}),
        ("can_create_todo", {"type": "todo", "id": "todo-1"}),
        ("can_update_todo", owned[0]),
        ("can_update_todo", owned[1]),
        ("can_delete_todo", owned[0]),
        ("can_delete_todo", owned[1]),
    ]
    return [
        {"subject": {"type": "user", "id": PIDS[name]}, "action": {"name": action}, "resource": resource}
        for action, resource in asked
    ]


TODO = {
    "rick": "yes yes yes yes yes yes yes yes",
    "morty": "yes yes yes yes no yes no yes",
    "summer": "yes yes yes yes no yes no yes",
    "beth": "yes yes yes no no no no no",
    "jerry": "yes yes yes no no no no no",
}
"""The expected decisions of the scenario, as its test data gives them."""


@pytest.mark.parametrize("name", TODO)
def test_todo_decisions(todo: Broker, name: str) -> None:
    expected = [word == "yes" for word in TODO[name].split()]

    assert [send(todo, "evaluation", one)["decision"] for one in todo_questions(name)] == expected
    batch = send(todo, "evaluations", {"evaluations": todo_questions(name)})
    assert [one["decision"] for one in batch["evaluations"]] == expected


@pytest.mark.parametrize(
    ("name", "owners", "expected"),
    [
        ("rick", ["rick", "jerry"], [True, True]),
        ("morty", ["rick", "morty"], [False, True]),
        ("jerry", ["rick", "jerry"], [False, False]),
    ],
)
def test_todo_batches(todo: Broker, name: str, owners: list[str], expected: list[bool]) -> None:
    todos = [{"type": "todo", "id": f"todo-of-{one}", "properties": {"ownerID": EMAILS[one]}} for one in owners]
    body = {
        "subject": {"type": "user", "id": PIDS[name]},
        "action": {"name": "can_update_todo"},
        "resource": {},
        "context": {},
        "evaluations": [{"resource": one} for one in todos],
    }

    assert [one["decision"] for one in send(todo, "evaluations", body)["evaluations"]] == expected


def test_todo_searches(todo: Broker) -> None:
    own = {"type": "todo", "id": "t", "properties": {"ownerID": EMAILS["morty"]}}
    who = {"subject": {"type": "user"}, "action": {"name": "can_delete_todo"}, "resource": own}
    what = {"subject": {"type": "user", "id": PIDS["beth"]}, "resource": own}

    assert {one["id"] for one in send(todo, "search/subject", who)["results"]} == {PIDS["rick"], PIDS["morty"]}
    assert {one["name"] for one in send(todo, "search/action", what)["results"]} == {"can_read_user", "can_read_todos"}


def asked(subject: str, action: str, resource: str, /, **properties: dict[str, Any]) -> dict[str, Any]:
    """Return a question of the certification scenario; `properties` by the member they stand in."""
    return {
        "subject": {"type": "user", "id": subject, **_with(properties, "subject")},
        "action": {"name": action, **_with(properties, "action")},
        "resource": {"type": "record", "id": resource, **_with(properties, "resource")},
    }


def _with(properties: dict[str, dict[str, Any]], member: str) -> dict[str, Any]:
    return {"properties": properties[member]} if member in properties else {}


ARCHIVED, ADMIN = {"status": "archived"}, {"role": "admin"}
RULES = [
    (asked("alice", "read", "record-1"), True),
    (asked("alice", "write", "record-1"), True),
    (asked("bob", "read", "record-1"), True),
    (asked("bob", "write", "record-1"), False),
    (asked("alice", "write", "record-2", resource=ARCHIVED), False),
    (asked("bob", "write", "record-2", subject=ADMIN, resource=ARCHIVED), True),
    (asked("alice", "delete", "record-1", action={"soft": True}), True),
    (asked("alice", "delete", "record-1", action={"soft": False}), False),
]
"""The eight decisions of the certification scenario (1.4)."""


@pytest.mark.parametrize(("question", "expected"), RULES)
def test_certification_basic(record: Broker, question: dict[str, Any], expected: bool) -> None:
    more = {**question, "context": {"time": "2025-06-27T18:03-07:00"}, "foo": "bar", "futureField": {"nested": True}}

    for body in (question, more, question):
        assert send(record, "evaluation", body) == {"decision": expected}
    for unheard in ({}, {"evaluations": []}):
        assert send(record, "evaluations", {**question, **unheard}) == {"decision": expected}


def test_certification_additional_properties_and_request_id(record: Broker) -> None:
    extra = {"subject": {"department": "Sales", "role": "manager"}, "action": {"method": "GET"}}
    body = asked("alice", "read", "record-1", **extra, resource={"status": "active", "owner": "bob"})

    answer = record.people.send("worker", "POST", "/access/v1/evaluation", body, headers={"X-Request-ID": "abc-123"})
    assert answer.json()["decision"] is True
    assert answer.headers["x-request-id"] == "abc-123"


@pytest.mark.parametrize("member", ["subject", "action", "resource", "subject/type", "subject/id", "action/name",
                                    "resource/type", "resource/id"])  # fmt: skip
def test_certification_missing_members(record: Broker, member: str) -> None:
    body = asked("alice", "read", "record-1")
    whole, _, part = member.partition("/")
    del (body[whole] if part else body)[part or whole]

    assert record.people.send("worker", "POST", "/access/v1/evaluation", body).status_code == 400


def test_certification_batch(record: Broker) -> None:
    def decisions(body: dict[str, Any]) -> list[bool]:
        return [one["decision"] for one in send(record, "evaluations", body)["evaluations"]]

    alice, bob = ({"type": "user", "id": name} for name in ("alice", "bob"))
    one, two = ({"type": "record", "id": f"record-{number}"} for number in (1, 2))
    read, write = {"name": "read"}, {"name": "write"}
    active = {**one, "properties": {"status": "active"}}
    archived = {**two, "properties": ARCHIVED}
    full = [{"subject": alice, "action": read, "resource": one}, {"subject": bob, "action": write, "resource": one}]

    assert decisions({"subject": bob, "resource": one, "evaluations": [{"action": read}, {"action": write}]}) == [
        True,
        False,
    ]
    assert decisions(
        {"subject": alice, "action": write, "evaluations": [{"resource": active}, {"resource": archived}]}
    ) == [
        True,
        False,
    ]
    admin = {**bob, "properties": ADMIN}
    assert decisions(
        {"action": write, "resource": archived, "evaluations": [{"subject": alice}, {"subject": admin}]}
    ) == [
        False,
        True,
    ]
    assert decisions({"evaluations": full}) == [True, False]
    lent = {"id": "record-1", "properties": {"status": "active"}}
    merging = {"subject": alice, "action": write, "resource": {"type": "record"}}
    assert decisions({**merging, "evaluations": [{"resource": lent}, {"resource": archived}]}) == [True, False]
    failing = {"subject": alice, "action": read, "evaluations": [{"resource": one}, {}]}
    assert decisions(failing) == [True, False]
    inherited = {"subject": alice, "action": read, "context": {"time": "2025-06-27T18:03-07:00"}}
    overriding = {"resource": two, "context": {"time": "2025-06-27T19:00-07:00", "source": "batch-override"}}
    assert decisions({**inherited, "evaluations": [{"resource": one}, overriding]}) == [True, True]
    for semantic, expected in [("deny_on_first_deny", [True, False]), ("permit_on_first_permit", [True])]:
        options = {"options": {"evaluations_semantic": semantic}}
        assert decisions({"evaluations": [*full, full[0]], **options}) == expected


@pytest.mark.parametrize(
    ("sought", "body", "at_least"),
    [
        (
            "subject",
            {"subject": {"type": "user"}, "action": {"name": "read"}, "resource": "record-1"},
            {"alice", "bob"},
        ),
        ("resource", {"subject": "alice", "action": {"name": "read"}, "resource": {"type": "record"}}, {"record-1"}),
        ("action", {"subject": "alice", "resource": "record-1"}, {"read", "write"}),
        (
            "subject",
            {"subject": {"type": "user"}, "action": {"name": "write"}, "resource": "record-2"},
            {"bob"},
        ),
        ("resource", {"subject": "bob", "action": {"name": "write"}, "resource": {"type": "record"}}, {"record-2"}),
        ("action", {"subject": "bob", "resource": "record-2"}, {"write"}),
        ("action", {"subject": "nonexistent-user", "resource": "record-1"}, set()),
        ("subject", {"subject": {"type": "spaceship"}, "action": {"name": "read"}, "resource": "record-1"}, set()),
    ],
)
def test_certification_search(record: Broker, sought: str, body: dict[str, Any], at_least: set[str]) -> None:
    given = {"alice": {}, "bob": ADMIN, "record-1": {}, "record-2": ARCHIVED}
    whole = {
        member: {"type": {"subject": "user"}.get(member, "record"), "id": value, "properties": given.get(value, {})}
        if isinstance(value, str)
        else value
        for member, value in body.items()
    }
    for more in ({}, {"context": {"time": "2025-06-27T18:03-07:00"}}):
        results = send(record, f"search/{sought}", {**whole, **more})["results"]
        names = {one["name"] if sought == "action" else one["id"] for one in results}
        assert at_least <= names
        assert bool(at_least) == bool(names)
        if sought != "action":
            assert {one["type"] for one in results} <= {whole[sought]["type"]}


def test_certification_pages(record: Broker) -> None:
    body = {
        "subject": {"type": "user"},
        "action": {"name": "read"},
        "resource": {"type": "record", "id": "record-1"},
    }
    first = send(record, "search/subject", {**body, "page": {"limit": 1}})
    second = send(record, "search/subject", {**body, "page": {"token": first["page"]["next_token"]}})

    assert [one["id"] for one in first["results"] + second["results"]] == ["alice", "bob"]
    assert first["page"]["next_token"]
    assert second["page"]["next_token"] == ""


@pytest.mark.parametrize(
    ("sought", "body"),
    [
        ("subject", {"subject": {"type": "user"}, "resource": {"type": "record", "id": "record-1"}}),
        ("resource", {"action": {"name": "read"}, "resource": {"type": "record"}}),
        ("action", {"subject": {"type": "user", "id": "alice"}}),
        ("subject", {"subject": {"type": "user"}, "action": {"name": "read"}, "resource": {"type": "record"}}),
        ("resource", {"subject": {"type": "user"}, "action": {"name": "read"}, "resource": {"type": "record"}}),
    ],
)
def test_certification_search_with_missing_members(record: Broker, sought: str, body: dict[str, Any]) -> None:
    assert record.people.send("worker", "POST", f"/access/v1/search/{sought}", body).status_code == 400

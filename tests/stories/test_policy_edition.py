"""The law changes while the broker serves: what is good is taken up, what is bad is not, and health says which."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from databases import fresh_sqlite
from editions import CURRENT, Desk
from http_answers import codes_of
from logged import events_of
from running import Broker, running
from serving import Server
from waiting import wait_until

from broker.demo.issuer import DemoIssuer
from broker.settings import Policy

NEXT = "9000.12.1"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


@pytest.fixture
def broker(desk: Desk) -> Iterator[Broker]:
    """Yield a broker that serves whatever is on this desk; nothing is, yet."""
    with running(policy=Policy(edition=desk.edition, signers=desk.signers)) as served:
        yield served


def health(broker: Broker) -> dict[str, Any]:
    return dict(broker.people.send(None, "GET", "/v1/health").json())


def becomes(broker: Broker, status: str, revision: str | None, reason: str | None) -> None:
    def is_so() -> bool:
        policy = health(broker)["policy"]
        return (policy["status"], policy["revision"], policy["reason"]) == (status, revision, reason)

    wait_until(is_so)


def asked_under(broker: Broker, case: str) -> str:
    """Ask, and return the revision that decided."""
    asked = broker.people.client("worker").ask(broker.matter.ask_body(case))
    assert asked["request"]["state"] == "delivered"
    return str(asked["decision"]["policy"]["revision"])


def test_law_changes_while_the_broker_serves(desk: Desk, broker: Broker) -> None:
    # Nothing is signed yet: the broker is there and says so, and decides nothing.
    becomes(broker, "ERROR", None, "policy.no_edition")
    assert codes_of(broker.people.send(None, "GET", "/v1/health")) == (503, "policy.no_edition")
    worker = ("worker", "POST", "/v1/cases", broker.matter.case_body())
    assert codes_of(broker.people.send(*worker)) == (503, "policy.unavailable")

    # The operator signs what he reviewed.
    desk.offer()
    becomes(broker, "LOADED", CURRENT, None)
    assert health(broker)["status"] == "ok"
    assert health(broker)["policy"]["signers"] == [desk.signer.id]
    case = broker.matter.case()
    assert asked_under(broker, case) == CURRENT

    # A parameter that no law allows comes in; what was there goes on deciding.
    desk.offer_anyway(NEXT, lambda data: data["parameters"]["inform"].update(longstop_days=365))
    becomes(broker, "STALE", CURRENT, "policy.parameters")
    assert health(broker)["status"] == "ok"
    assert asked_under(broker, case) == CURRENT

    # Put right, it is taken up without a restart.
    desk.offer(NEXT)
    becomes(broker, "LOADED", NEXT, None)
    assert asked_under(broker, case) == NEXT

    # An older edition, signed in its day, does not come back.
    desk.offer()
    becomes(broker, "STALE", NEXT, "policy.downgrade")
    assert asked_under(broker, case) == NEXT

    broker.verify()
    loads = [
        dict(event.detail or {})["revision"]
        for event in events_of(broker.w.store)
        if event.tag == "policy:bundle:loaded"
    ]
    assert loads == [CURRENT, NEXT]


def test_decision_made_under_an_earlier_edition_is_replayed_under_that_one(desk: Desk, broker: Broker) -> None:
    desk.offer()
    becomes(broker, "LOADED", CURRENT, None)
    request = broker.matter.delivered()
    officer = broker.people.client("officer")
    decision = next(one["id"] for one in officer.decisions(stage="ask") if one["request"] == request)
    assert officer.replay(decision)["same"]

    desk.offer(NEXT)
    becomes(broker, "LOADED", NEXT, None)
    again = officer.replay(decision)
    assert (again["same"], again["impossible"], again["decision"]["policy"]["revision"]) == (True, None, CURRENT)


@pytest.fixture
def issuer() -> Iterator[DemoIssuer]:
    with DemoIssuer() as serving:
        yield serving


def test_process_starts_closed_without_an_edition_and_opens_with_one(
    desk: Desk, issuer: DemoIssuer, tmp_path: Path
) -> None:
    more = {"BROKER_POLICY__EDITION": str(desk.edition), "BROKER_POLICY__SIGNERS": str(desk.signers)}
    server = Server(tmp_path, url=fresh_sqlite(tmp_path), issuer=issuer, more=more)

    def policy() -> dict[str, Any]:
        return dict(httpx.get(server.people.address + "/v1/health").json()["policy"])

    try:
        server.start()
        assert (policy()["status"], policy()["reason"]) == ("ERROR", "policy.no_edition")
        asked = server.people.send("worker", "POST", "/v1/cases", server.matter.case_body())
        assert codes_of(asked) == (503, "policy.unavailable")

        desk.offer(NEXT)
        wait_until(lambda: policy()["status"] == "LOADED")
        server.matter.delivered()
        server.kill()

        # What was loaded is remembered: an older edition that is put there while nobody looks is not believed.
        desk.offer()
        server.start()
        assert (policy()["status"], policy()["reason"]) == ("ERROR", "policy.downgrade")
    finally:
        server.stop()
    lines = server.log.read_text()
    logged = [json.loads(line) for line in lines.splitlines() if line.startswith("{")]
    assert "policy.no_edition" in {line["code"] for line in logged if line["event"] == "policy.round"}
    assert str(desk.edition) not in lines

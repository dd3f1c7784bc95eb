"""What was acknowledged first holds first: acts on one case take turns, and so does a change of the directory.

On PostgreSQL who comes second waits while the policy decides. On SQLite that would hold up everybody, so nobody waits
for the policy there, and what changed while it thought is decided anew.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from databases import fresh_postgres
from http_answers import codes_of
from logged import publish_all
from running import Broker, running

from broker.domain.event import Recorded
from broker.flows import consent as consent_flow
from broker.flows.enrol import EnrolDirectory, enrol_directory

Hold = tuple[threading.Event, threading.Event]

SHORTLY = 0.4
"""Seconds in which what does not wait would have been answered."""


@contextmanager
def held(broker: Broker, stage: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hold]:
    """Hold the next decision of this stage in the policy; yields (it is there, let it go)."""
    there, go = threading.Event(), threading.Event()
    kind = type(broker.w.gate)
    decide = kind.decide

    def slow(gate: Any, document: Any) -> Any:
        decided = decide(gate, document)
        if document["stage"] == stage and not there.is_set():
            there.set()
            assert go.wait(30)
        return decided

    with monkeypatch.context() as patched:
        patched.setattr(kind, "decide", slow)
        yield there, go
        go.set()


def in_turn(first: Callable[[], Any], second: Callable[[], Any], hold: Hold) -> tuple[Any, Any]:
    """Begin the second act while the first is in the policy, and return both answers; the second must have waited."""
    there, go = hold
    with ThreadPoolExecutor(2) as pool:
        one: Future[Any] = pool.submit(first)
        assert there.wait(30)
        other: Future[Any] = pool.submit(second)
        with pytest.raises(TimeoutError):
            other.result(timeout=SHORTLY)
        go.set()
        return one.result(timeout=30), other.result(timeout=30)


def indexes(broker: Broker, *tags: str) -> list[int]:
    """Return where the last event of each tag stands in the log."""
    publish_all(broker.w)
    events: list[Recorded] = broker.events()
    return [max(number for number, one in enumerate(events) if one.tag == tag) for tag in tags]


@pytest.fixture(scope="module")
def on_postgres(postgres_url: str) -> Iterator[Broker]:
    """Yield a broker on PostgreSQL that the tests of this module share."""
    with fresh_postgres(postgres_url) as url, running(url) as served:
        yield served


@pytest.mark.postgres
def test_withdrawal_waits_for_an_opening_under_way(on_postgres: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    either, people = on_postgres, on_postgres.people
    request, consent = either.matter.released()
    either.matter.opened(request)
    with held(either, "open", monkeypatch) as hold:
        opened, withdrawn = in_turn(
            lambda: people.send("worker", "POST", f"/v1/requests/{request}/opening"),
            lambda: people.send("doctor", "POST", f"/v1/consents/{consent}/withdrawal"),
            hold,
        )
    assert (opened.status_code, withdrawn.status_code) == (200, 200)
    assert len(opened.json()["parts"]) == 2
    assert len(people.send("worker", "POST", f"/v1/requests/{request}/opening").json()["parts"]) == 1
    first, second = indexes(either, "consent:record:withdrawn", "release:part:opened")
    assert first < second  # the last opening is the one after the withdrawal


@pytest.mark.postgres
def test_who_is_dismissed_while_he_releases_was_let_go_afterwards(
    on_postgres: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, _ = on_postgres.matter.weighed()
    doctor = on_postgres.people.client("doctor")
    staff = on_postgres.actor("doctor").staff
    gone = EnrolDirectory(staff=(replace(staff, active=False),))
    with held(on_postgres, "answer", monkeypatch) as hold:
        previewed, _ = in_turn(lambda: doctor.preview(request), lambda: enrol_directory(gone, on_postgres.w), hold)
    assert previewed["decision"]["outcome"] == "permit"
    refused = on_postgres.people.send("doctor", "POST", f"/v1/requests/{request}/preview")
    assert codes_of(refused) == (401, "identity.not_enrolled")
    enrol_directory(EnrolDirectory(staff=(staff,)), on_postgres.w)


def meanwhile(first: Callable[[], Any], others: Sequence[Callable[[], Any]], hold: Hold) -> tuple[Any, list[Any]]:
    """Begin the first act, do the others while the policy thinks about it, and return all answers; nobody waits."""
    there, go = hold
    with ThreadPoolExecutor(1) as pool:
        one: Future[Any] = pool.submit(first)
        assert there.wait(30)
        answers = [other() for other in others]
        go.set()
        return one.result(timeout=30), answers


def test_nobody_waits_for_the_policy_on_sqlite(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the others do, also on the same case: only what the held act is about is decided anew for it."""
    people, (request, _) = broker.people, broker.matter.weighed()
    case = broker.matter.case_of(request)
    others = [
        lambda: people.send("worker", "POST", "/v1/cases", broker.matter.case_body()),
        lambda: people.send("worker", "PATCH", f"/v1/cases/{case}", {"reference": "VT-2"}),
        lambda: people.send("worker", "POST", "/v1/requests", broker.matter.ask_body(case)),
    ]
    with held(broker, "answer", monkeypatch) as hold:
        previewed, answers = meanwhile(lambda: people.client("doctor").preview(request), others, hold)
    assert [answer.status_code for answer in answers] == [201, 200, 201]
    assert previewed["decision"]["outcome"] == "permit"


def test_what_changed_while_the_policy_thought_is_decided_anew(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    people, (request, consent) = broker.people, broker.matter.released()
    broker.matter.opened(request)
    with held(broker, "open", monkeypatch) as hold:
        opened, (withdrawn,) = meanwhile(
            lambda: people.send("worker", "POST", f"/v1/requests/{request}/opening"),
            [lambda: people.send("doctor", "POST", f"/v1/consents/{consent}/withdrawal")],
            hold,
        )
    assert (opened.status_code, withdrawn.status_code) == (200, 200)
    assert len(opened.json()["parts"]) == 1
    first, second = indexes(broker, "consent:record:withdrawn", "release:part:opened")
    assert first < second


def test_who_was_dismissed_while_the_policy_thought_does_not_act(
    own_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, _ = own_broker.matter.weighed()
    own_broker.people.client("doctor")
    gone = EnrolDirectory(staff=(replace(own_broker.actor("doctor").staff, active=False),))
    with held(own_broker, "answer", monkeypatch) as hold:
        refused, _ = meanwhile(
            lambda: own_broker.people.send("doctor", "POST", f"/v1/requests/{request}/preview"),
            [lambda: enrol_directory(gone, own_broker.w)],
            hold,
        )
    assert codes_of(refused) == (409, "store.race")


def test_who_was_changed_since_he_signed_in_does_not_act(own_broker: Broker) -> None:
    actor = own_broker.actor("worker")
    changed = EnrolDirectory(staff=(replace(actor.staff, role="planner"),))
    enrol_directory(changed, own_broker.w)
    with (
        pytest.raises(Exception, match="changed in the meantime") as caught,
        own_broker.w.store.acting(actor, own_broker.clock()),
    ):
        pass
    assert caught.value.code == "store.race"  # type: ignore[attr-defined]


def test_limit_on_consents_holds_for_many_at_once(either: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent_flow, "MOST", 3)
    people, case = either.people, either.matter.case()
    body = either.matter.consent_body(case=case)
    people.client("worker")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: people.send("worker", "POST", "/v1/consents", body), range(6)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] * 3 + [409] * 3

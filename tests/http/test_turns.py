"""What was acknowledged first holds first: acts on one case take turns, and so does a change of the directory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from running import Broker, codes_of, publish_all

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


def test_withdrawal_waits_for_an_opening_under_way(either: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    people = either.people
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


def test_who_is_dismissed_while_he_releases_was_let_go_afterwards(
    own_either: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    request, _ = own_either.matter.weighed()
    doctor = own_either.people.client("doctor")
    staff = own_either.actor("doctor").staff
    gone = EnrolDirectory(staff=(replace(staff, active=False),))
    with held(own_either, "answer", monkeypatch) as hold:
        previewed, _ = in_turn(lambda: doctor.preview(request), lambda: enrol_directory(gone, own_either.w), hold)
    assert previewed["decision"]["outcome"] == "permit"
    refused = own_either.people.send("doctor", "POST", f"/v1/requests/{request}/preview")
    assert codes_of(refused) == (401, "identity.not_enrolled")


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

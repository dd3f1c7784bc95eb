"""The browser's client against a running broker: an answer goes through it sealed, and its log is verified."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from browsing import BrowserClient, Refusal
from matter import ANSWERS
from running import Broker, running
from waiting import eventually

from broker.client.evidence import verify_event
from broker.client.http import Client, ClientError
from broker.crypto.keyfile import PersonalKeys
from broker.kernel.errors import BrokerError

SEEDS = {"doctor": b"doctor, no secret" + bytes(47), "worker": b"worker, no secret" + bytes(47)}


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """Yield a broker that knows the keys these people have in their browsers."""
    with running() as served:
        for name, seeds in SEEDS.items():
            keys = PersonalKeys.from_seeds(seeds)
            enrolled = served.people.client(name).call("POST", "/v1/keys", keys.enrolment())
            served.people.confirm(enrolled["key_id"])
        yield served


def text(data: bytes) -> str:
    return b64encode(data).decode()


def opened_by_browser(browser: BrowserClient, worker: Client, request: str) -> list[dict[str, Any]]:
    told = eventually(lambda: worker.call("POST", f"/v1/requests/{request}/opening"), unless="release.not_logged_yet")
    return list(browser("openAnswer", request, told, SEEDS["worker"], told["log"]))


def test_answer_sealed_in_a_browser_is_released_and_opened_in_a_browser(browser: BrowserClient, broker: Broker) -> None:
    doctor, worker = broker.people.client("doctor"), broker.people.client("worker")
    request, _ = broker.matter.weighed()
    previewed = doctor.preview(request)
    told = {**ANSWERS[0], "about": "neighbour", "text": "De buurvrouw is ziek."}
    parts = browser("sealAnswers", previewed, [*ANSWERS, told], SEEDS["doctor"], broker.vkey)
    body = {"decision": previewed["decision"]["id"], "parts": parts}
    released = doctor.call("POST", f"/v1/requests/{request}/release", body)
    assert released["parts"] == len(parts)

    opened = opened_by_browser(browser, worker, request)
    said = {statement["text"] for part in opened for statement in part["statements"]}
    assert said == {answer["text"] for answer in ANSWERS}


def test_broker_refuses_parts_that_were_changed_after_the_browser_sealed_them(
    browser: BrowserClient, broker: Broker
) -> None:
    doctor = broker.people.client("doctor")
    request, _ = broker.matter.weighed()
    previewed = doctor.preview(request)
    parts = browser("sealAnswers", previewed, ANSWERS, SEEDS["doctor"], broker.vkey)
    sealed = bytearray(b64decode(parts[0]["sealed"]))
    sealed[1500] ^= 1
    body = {"decision": previewed["decision"]["id"], "parts": [{**parts[0], "sealed": text(bytes(sealed))}, *parts[1:]]}
    with pytest.raises(ClientError):
        doctor.call("POST", f"/v1/requests/{request}/release", body)


def events_of(broker: Broker) -> list[dict[str, Any]]:
    """Return the events of a request once all are covered by a checkpoint."""
    request, _ = broker.matter.weighed()
    worker = broker.people.client("answering_officer")

    def covered() -> dict[str, Any]:
        found = worker.events(request)
        if any(event["proof"] is None for event in found):
            raise ClientError(409, {"code": "release.not_logged_yet"})
        return {"events": found}

    return list(eventually(covered, unless="release.not_logged_yet")["events"])


def without_proof(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "proof": None, "checkpoint": None}


def at_another_place(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "index": event["index"] + 1}


def beyond_the_tree(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "index": 2**40}


def of_another_kind(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "tag": "request:release:picked_up"}


def with_another_entry(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "entry": text(b"{}")}


def with_another_detail(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "detail": {**event["detail"], "more": 1}}


def with_a_shorter_proof(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "proof": event["proof"][:-1]}


def with_a_larger_checkpoint(event: dict[str, Any]) -> dict[str, Any]:
    origin, size, rest = event["checkpoint"].split("\n", 2)
    return {**event, "checkpoint": f"{origin}\n{int(size) + 1}\n{rest}"}


def without_signatures(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "checkpoint": event["checkpoint"].partition("\n\n")[0]}


def test_browser_verifies_every_event_of_a_request(browser: BrowserClient, broker: Broker) -> None:
    events = events_of(broker)
    assert len(events) > 3
    assert any(event["detail"] is not None for event in events)
    for event in events:
        verify_event(event, broker.vkey)
        browser("verifyEvent", event, broker.vkey)
        browser("verifyEvent", {**event, "detail": None, "salt": None}, broker.vkey)


@pytest.mark.parametrize(
    "change",
    [
        without_proof,
        at_another_place,
        beyond_the_tree,
        of_another_kind,
        with_another_entry,
        with_another_detail,
        with_a_shorter_proof,
        with_a_larger_checkpoint,
        without_signatures,
    ],
)
def test_browser_refuses_an_event_as_python_does(
    browser: BrowserClient, broker: Broker, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    event = change(next(event for event in events_of(broker) if event["detail"] is not None))
    with pytest.raises(BrokerError) as expected:
        verify_event(event, broker.vkey)
    with pytest.raises(Refusal) as refused:
        browser("verifyEvent", event, broker.vkey)
    assert (refused.value.name, refused.value.code) == (type(expected.value).__name__, expected.value.code)


def test_browser_believes_no_other_log(browser: BrowserClient, broker: Broker) -> None:
    event = events_of(broker)[0]
    other = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    with pytest.raises(Refusal) as refused:
        browser("verifyEvent", event, other)
    assert (refused.value.name, refused.value.code) == ("SignatureError", "integrity.signature.untrusted")

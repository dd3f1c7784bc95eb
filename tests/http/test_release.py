"""Releasing and opening: only what was allowed, sealed and logged goes out, to whom it was meant for, once, in time."""

from __future__ import annotations

import threading
from base64 import b64decode, b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import httpx
import pytest
from broker_keys import moved_away
from http_answers import codes_of
from logged import publish_all
from matter import ANSWERS, WEIGHED
from people import keys_of
from running import Broker
from waiting import eventually, wait_until

from broker.client.evidence import verify_growth
from broker.client.parts import seal_parts
from broker.flows.publish import publish
from broker.kernel.errors import IntegrityError, LogForkError, ProofError

Body = dict[str, Any]


class Prepared:
    """A request that was weighed and previewed, and the release of it that the doctor's client would send."""

    def __init__(self, broker: Broker, *, case: str | None = None, consent: bool = True) -> None:
        self.broker = broker
        self.request, self.consent = broker.matter.weighed(case)
        if not consent:
            broker.people.client("doctor").withdraw_consent(self.consent)
        self.previewed = broker.people.client("doctor").preview(self.request)
        self.body = self.sealed_by("doctor")

    def sealed_by(self, name: str) -> Body:
        """Return the release as sealed and signed with this person's keys."""
        parts = seal_parts(self.previewed, ANSWERS, keys_of(name), self.previewed["log"])
        return {"decision": self.previewed["decision"]["id"], "parts": parts}

    def send(self, body: Body) -> httpx.Response:
        """Release."""
        return self.broker.people.send("doctor", "POST", f"/v1/requests/{self.request}/release", body)

    def is_refused(self, body: Body, status: int, code: str) -> None:
        """Release what must be refused with this code, and see that nothing changed."""
        before = self.broker.contents()
        assert codes_of(self.send(body)) == (status, code)
        assert self.broker.contents() == before


def with_part(body: Body, number: int, **changes: str) -> Body:
    """Return a release with one part changed."""
    parts = [{**part} for part in body["parts"]]
    parts[number].update(changes)
    return {**body, "parts": parts}


def flipped(sealed: str, at: int) -> str:
    """Return sealed bytes with one bit of one byte flipped."""
    data = bytearray(b64decode(sealed))
    data[at] ^= 1
    return b64encode(data).decode()


@pytest.fixture(scope="module")
def prepared(broker: Broker) -> Prepared:
    """Return a release that all tests here may try to spoil, and none may carry out."""
    return Prepared(broker)


@pytest.mark.parametrize("at", [1, 600, 1121, 1500, -65, -64, -1])
def test_flipped_byte_is_refused(prepared: Prepared, at: int) -> None:
    sealed = prepared.body["parts"][0]["sealed"]

    prepared.is_refused(with_part(prepared.body, 0, sealed=flipped(sealed, at)), 400, "integrity.signature")


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda sealed: flipped(sealed, 0), "seal.version"),
        (lambda sealed: b64encode(b64decode(sealed)[:-1]).decode(), "seal.length"),
        (lambda sealed: b64encode(b64decode(sealed) + b"\x00").decode(), "seal.length"),
        (lambda _: "", "seal.version"),
        (lambda sealed: sealed[:-4] + "!!!!", "input.invalid"),
        (lambda sealed: "\n" + sealed, "input.invalid"),
        (lambda _: b64encode(bytes(1)).decode(), "seal.version"),
        (lambda _: b64encode(b"\x01" * 200).decode(), "seal.length"),
    ],
)
def test_bytes_that_are_no_sealed_part_are_refused(prepared: Prepared, damage: Callable[[str], str], code: str) -> None:
    sealed = prepared.body["parts"][0]["sealed"]

    prepared.is_refused(with_part(prepared.body, 0, sealed=damage(sealed)), 400, code)


def test_parts_swapped_within_an_answer_are_refused(prepared: Prepared) -> None:
    first, second = (part["sealed"] for part in prepared.body["parts"])

    prepared.is_refused(
        with_part(with_part(prepared.body, 0, sealed=second), 1, sealed=first), 400, "integrity.signature"
    )


def test_parts_of_another_request_are_refused(prepared: Prepared) -> None:
    other = Prepared(prepared.broker)

    prepared.is_refused({**prepared.body, "parts": other.body["parts"]}, 400, "integrity.signature")
    prepared.is_refused(other.body, 409, "answer.changed")


def test_parts_signed_by_somebody_else_are_refused(prepared: Prepared) -> None:
    prepared.broker.people.client("partner")

    prepared.is_refused(prepared.sealed_by("partner"), 400, "integrity.signature")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda parts: parts[:1],
        lambda parts: [*parts, parts[0]],
        lambda parts: [*parts, {**parts[0], "category": "opvoeding"}],
        lambda parts: [{**parts[0], "category": "gez_kern"}, parts[1]],
        lambda parts: [{**parts[0], "person": "mother"}, parts[1]],
        lambda parts: [{**parts[0], "question": "q9"}, parts[1]],
        lambda parts: [{**parts[0], "recipient": "00" * 16}, parts[1]],
    ],
)
def test_parts_that_are_not_exactly_the_allowed_ones_are_refused(
    prepared: Prepared, spoil: Callable[[list[Body]], list[Body]]
) -> None:
    spoiled = {**prepared.body, "parts": spoil(prepared.body["parts"])}

    prepared.is_refused(spoiled, 400, "answer.not_the_allowed_parts")


def test_part_that_is_not_allowed_is_refused(broker: Broker) -> None:
    prepared = Prepared(broker, consent=False)
    body = prepared.body
    assert [part["verdict"] for part in prepared.previewed["decision"]["parts"]] == ["allow", "withhold"]
    assert len(body["parts"]) == 1

    smuggled = {**body["parts"][0], "question": "q2", "person": "father", "category": "gez_kern"}
    prepared.is_refused({**body, "parts": [*body["parts"], smuggled]}, 400, "answer.not_the_allowed_parts")


def test_parts_without_any_are_refused(prepared: Prepared) -> None:
    prepared.is_refused({**prepared.body, "parts": []}, 400, "input.invalid")


def test_release_under_another_decision_is_refused(prepared: Prepared) -> None:
    broker = prepared.broker
    decisions = broker.people.client("doctor").request(prepared.request)["decisions"]
    asked = next(decision for decision in decisions if decision["stage"] == "ask")
    elsewhere = Prepared(broker).body["decision"]

    prepared.is_refused({**prepared.body, "decision": asked["id"]}, 409, "answer.changed")
    prepared.is_refused({**prepared.body, "decision": elsewhere}, 409, "answer.changed")
    prepared.is_refused({**prepared.body, "decision": "dec_" + "0" * 26}, 404, "store.not_found")


def test_release_under_an_older_preview_of_the_same_is_bound_to_that_one(broker: Broker) -> None:
    prepared = Prepared(broker)
    newer = broker.people.client("doctor").preview(prepared.request)["decision"]["id"]

    prepared.is_refused({**prepared.body, "decision": newer}, 400, "integrity.signature")
    assert prepared.send(prepared.body).status_code == 201


def shared_case(broker: Broker) -> str:
    """Return a case that two workers with keys are on."""
    case, worker = broker.matter.case(), broker.actor("worker")
    broker.people.client("colleague")
    with broker.w.store.transaction() as tx:
        stored = tx.cases.get(case, reader=worker)
        tx.cases.save(replace(stored, staff=stored.staff | {"st:colleague"}))
    return case


def test_swapped_recipients_are_refused(either: Broker) -> None:
    prepared = Prepared(either, case=shared_case(either))
    first, second = (part for part in prepared.body["parts"] if part["question"] == "q1")
    others = [part for part in prepared.body["parts"] if part["question"] != "q1"]
    assert first["recipient"] != second["recipient"]

    swapped = [{**first, "sealed": second["sealed"]}, {**second, "sealed": first["sealed"]}, *others]
    prepared.is_refused({**prepared.body, "parts": swapped}, 400, "integrity.signature")
    prepared.is_refused({**prepared.body, "parts": [first, *others]}, 400, "answer.not_the_allowed_parts")


def test_each_recipient_gets_the_parts_sealed_to_him_only(either: Broker) -> None:
    prepared = Prepared(either, case=shared_case(either))
    assert prepared.send(prepared.body).json()["parts"] == 4
    either.matter.opened(prepared.request)

    for name in ("worker", "colleague"):
        handed_out = either.people.send(name, "POST", f"/v1/requests/{prepared.request}/opening").json()["parts"]
        assert [part["recipient"] for part in handed_out] == [keys_of(name).key_id] * 2
        assert len(either.people.client(name).open(prepared.request)["parts"]) == 2


def withdrawing(prepared: Prepared) -> None:
    """Withdraw the consent that carries the second question."""
    prepared.broker.people.client("doctor").withdraw_consent(prepared.consent)


def weighing_otherwise(prepared: Prepared) -> None:
    """Weigh so that one part is kept."""
    weighing = WEIGHED["weighing"]
    parts = [weighing["parts"][0], {**weighing["parts"][1], "give": False}]
    prepared.broker.people.client("doctor").record(
        prepared.request, {"weighing": {**weighing, "outcome": "partly", "parts": parts}}
    )


def closing_the_case(prepared: Prepared) -> None:
    """Have the requester close his investigation."""
    case = prepared.previewed["request"]["case"]
    body = {"vt_phase": "afgesloten", "investigation_determined_on": None}
    prepared.broker.people.client("worker").change_case(case, body)


@pytest.mark.parametrize("change", [withdrawing, weighing_otherwise, closing_the_case])
def test_release_after_the_facts_changed_is_refused(either: Broker, change: Callable[[Prepared], None]) -> None:
    prepared = Prepared(either)
    change(prepared)

    prepared.is_refused(prepared.body, 409, "answer.changed")


def test_new_preview_after_a_change_can_be_released(broker: Broker) -> None:
    prepared = Prepared(broker)
    withdrawing(prepared)
    prepared.is_refused(prepared.body, 409, "answer.changed")

    prepared.previewed = broker.people.client("doctor").preview(prepared.request)
    assert prepared.send(prepared.sealed_by("doctor")).json()["parts"] == 1


def test_time_passing_alone_does_not_undo_a_preview(own_broker: Broker) -> None:
    prepared = Prepared(own_broker)
    own_broker.clock.move(timedelta(minutes=20))

    assert prepared.send(prepared.body).status_code == 201


def test_release_is_for_once(either: Broker) -> None:
    prepared = Prepared(either)
    assert prepared.send(prepared.body).status_code == 201

    prepared.is_refused(prepared.body, 409, "request.not_in_weighing")


def at_once(calls: list[Callable[[], httpx.Response]]) -> list[httpx.Response]:
    """Make the calls at the same moment."""
    together = threading.Barrier(len(calls))

    def start(call: Callable[[], httpx.Response]) -> httpx.Response:
        together.wait(timeout=20)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(start, calls))


def test_of_two_who_take_at_once_one_has_it(either: Broker) -> None:
    requests = [either.matter.delivered() for _ in range(5)]
    for request in requests:
        take = partial(either.people.send, method="POST", path=f"/v1/requests/{request}/taking")
        doctor, partner = at_once([partial(take, "doctor"), partial(take, "partner")])

        assert sorted([doctor.is_success, partner.is_success]) == [False, True]
        late = partner if doctor.is_success else doctor
        assert codes_of(late) in {(404, "store.not_found"), (409, "request.stale"), (409, "store.race")}
    publish_all(either.w)
    reader = either.actor("doctor")
    with either.w.store.transaction() as tx:
        tags = [[event.tag for event in tx.log.of_request(request, reader=reader)] for request in requests]
    assert [each.count("request:question:taken") for each in tags] == [1] * len(requests)


def test_of_several_releases_at_once_one_stands(either: Broker) -> None:
    prepared = Prepared(either)
    answers = at_once([partial(prepared.send, prepared.body)] * 4)

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses[0] == 201
    assert set(statuses[1:]) == {409}
    assert len([row for row in either.contents()["releases"] if prepared.request in row]) == 1
    either.verify()


def test_answer_is_opened_by_whom_it_was_sealed_to(either: Broker) -> None:
    request, _ = either.matter.released()
    opened = either.matter.opened(request)

    assert [part["statements"][0]["text"] for part in opened["parts"]] == ["blauwe plek", "onder behandeling"]
    assert opened["closed"] == []


def test_withdrawn_consent_closes_what_it_carried(either: Broker) -> None:
    request, consent = either.matter.released()
    assert len(either.matter.opened(request)["parts"]) == 2
    either.people.client("doctor").withdraw_consent(consent)
    opened = either.matter.opened(request)

    assert [part["question"] for part in opened["parts"]] == ["q1"]
    assert [(part["question"], part["reasons"]) for part in opened["closed"]] == [("q2", ["DN-29"])]


def test_nothing_is_handed_out_before_the_log_covers_it(either: Broker) -> None:
    prepared = Prepared(either)
    open_path = f"/v1/requests/{prepared.request}/opening"
    with moved_away(either.key_file("log")):
        assert prepared.send(prepared.body).status_code == 201
        for _ in range(3):
            answer = either.people.send("worker", "POST", open_path)
            assert codes_of(answer) == (409, "release.not_logged_yet")
            assert set(answer.json()) == {"type", "title", "status", "detail", "code"}
    opened = eventually(lambda: either.people.client("worker").open(prepared.request), unless="release.not_logged_yet")

    assert len(opened["parts"]) == 2
    either.attempt("attempt:call:failed", "release.not_logged_yet")
    either.verify()


def test_nothing_is_handed_out_after_it_ran_out(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    assert own_broker.matter.opened(request)["parts"]
    reader = own_broker.actor("worker")
    with own_broker.w.store.transaction() as tx:
        released = tx.releases.find_of(request, reader=reader)
    assert released is not None
    own_broker.clock.move(released.expires_at - own_broker.clock() - timedelta(seconds=60))
    assert own_broker.matter.opened(request)["parts"]
    own_broker.clock.move(timedelta(seconds=61))
    answer = own_broker.people.send("worker", "POST", f"/v1/requests/{request}/opening")

    assert codes_of(answer) == (409, "release.expired")


def test_release_needs_a_key_at_both_ends(own_broker: Broker) -> None:
    people, matter = own_broker.people, own_broker.matter
    people.enrolling = False
    request, _ = matter.weighed()
    previewed = people.client("doctor").preview(request)
    assert previewed["recipients"] == []
    part = {"question": "q1", "person": "child1", "category": "veiligheid", "recipient": "0" * 32, "sealed": "AA=="}
    body = {"decision": previewed["decision"]["id"], "parts": [part]}
    path = f"/v1/requests/{request}/release"

    assert codes_of(people.send("doctor", "POST", path, body)) == (409, "answer.no_own_key")
    own = people.client("doctor").enrol_key()["key_id"]
    assert codes_of(people.send("doctor", "POST", path, body)) == (409, "answer.no_own_key")
    people.confirm(own)
    assert codes_of(people.send("doctor", "POST", path, body)) == (409, "answer.no_recipient")
    people.confirm(people.client("worker").enrol_key()["key_id"])
    assert codes_of(people.send("doctor", "POST", path, body)) == (400, "answer.not_the_allowed_parts")
    assert own_broker.contents()["releases"] == []


_FORGED = {
    "other bytes": "UPDATE release_parts SET sealed = CAST(substr(sealed, 1, length(sealed) - 1) AS BLOB)",
    "exchanged": "UPDATE release_parts SET sealed = (SELECT sealed FROM release_parts p WHERE p.position = 1)",
    "another signer": "UPDATE releases SET responder_public = "
    "(SELECT public_signing FROM staff_keys WHERE staff = 'st:worker')",
    "a longer life": "UPDATE releases SET expires_at = '2099-01-01 00:00:00.000000'",
    "another decision": "UPDATE releases SET decision = (SELECT min(id) FROM decisions)",
    "a part less": "DELETE FROM release_parts WHERE position = 1",
    "another person": "UPDATE release_parts SET person = 'father'",
    "another event": "UPDATE releases SET event = (SELECT id FROM events WHERE tag = 'request:question:asked')",
    "no event": "UPDATE releases SET event = 'evt_none'",
    "no salt": "UPDATE releases SET salt = NULL",
}


@pytest.mark.parametrize("how", _FORGED)
def test_answer_changed_in_the_database_is_not_handed_out(own_broker: Broker, how: str) -> None:
    request, _ = own_broker.matter.released()
    assert own_broker.matter.opened(request)["parts"]
    own_broker.tamper(_FORGED[how])

    opened = own_broker.people.send("worker", "POST", f"/v1/requests/{request}/opening")
    assert codes_of(opened) == (500, "integrity.release")
    with pytest.raises(IntegrityError):
        own_broker.verify()


def test_checkpoint_and_its_growth_are_proven_to_everybody(own_broker: Broker) -> None:
    client = own_broker.people.client("worker")
    own_broker.matter.case()
    publish_all(own_broker.w)
    held = client.checkpoint()
    own_broker.matter.case()
    publish_all(own_broker.w)
    size = int(held.splitlines()[1])
    grown = verify_growth(held, client.consistency(size), own_broker.vkey)
    assert int(grown.splitlines()[1]) > size
    with pytest.raises(ProofError):
        verify_growth(held, {**client.consistency(size), "proof": []}, own_broker.vkey)
    assert codes_of(httpx.get(f"{own_broker.people.address}/v1/log/consistency?size=999999"))[0] == 400


def test_log_that_was_emptied_releases_nothing(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    assert own_broker.matter.opened(request)["parts"]
    tables = ("checkpoints", "log_nodes", "event_details", "events")
    own_broker.tamper(*(f"DELETE FROM {table}" for table in tables))  # noqa: S608  our own names

    with pytest.raises(LogForkError):
        wait_until(lambda: publish(own_broker.w) is not None)
    for path in ("/v1/log/checkpoint", "/v1/log/consistency?size=1"):
        assert codes_of(httpx.get(own_broker.people.address + path)) == (500, "integrity.fork")
    opened = own_broker.people.send("worker", "POST", f"/v1/requests/{request}/opening")
    assert codes_of(opened) == (500, "integrity.fork")
    with pytest.raises(LogForkError, match="that was kept"):
        own_broker.verify()


def test_release_has_one_answer_decision_and_its_duties_keep_their_date(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    read = own_broker.people.client("doctor").request(request)
    assert [decision["stage"] for decision in read["decisions"]].count("answer") == 1
    released = {(duty["code"], duty["on"], duty["person"]): duty["due"] for duty in read["obligations"]}

    own_broker.clock.move(timedelta(days=3))
    for _ in range(2):
        opened = own_broker.matter.opened(request)["decision"]
        own_broker.clock.move(timedelta(days=1))
        dues = {(duty["code"], duty["on"], duty["person"]): duty["due"] for duty in opened["obligations"]}
        assert {key: due for key, due in released.items() if key in dues} == dues
        assert any(dues.values())


def test_officer_sees_one_answer_decision_of_an_answer(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    found = own_broker.people.client("answering_officer").decisions(stage="answer")
    assert [decision["request"] for decision in found] == [request]

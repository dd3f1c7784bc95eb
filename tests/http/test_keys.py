"""Whose key it is: a second person says so, the log commits to it, and nothing is sealed to any other."""

from __future__ import annotations

from typing import Any

import pytest
from http_answers import codes_of, findings_of
from logged import publish_all
from matter import ANSWERS
from people import keys_of
from running import Broker
from waiting import eventually

from broker.client.http import Client
from broker.crypto.base64text import encode_base64
from broker.crypto.keyfile import PersonalKeys
from broker.domain.directory import Staff
from broker.flows.enrol import EnrolDirectory, enrol_directory
from broker.kernel.errors import IntegrityError, SealError

NEW = PersonalKeys.from_seeds(b"n" * 64)


def enrolled(broker: Broker, name: str) -> str:
    """Enrol a new key of this person with nothing but a token, and return its id."""
    answer = broker.people.send(name, "POST", "/v1/keys", NEW.enrolment())
    assert (answer.status_code, answer.json()["status"]) == (201, "waits")
    return str(answer.json()["key_id"])


def confirms(broker: Broker, name: str, key: str) -> Any:
    return broker.people.send(name, "POST", f"/v1/keys/{key}/confirmation")


def recipients(broker: Broker, request: str) -> set[str]:
    """Return to which of the worker's keys an answer would be sealed now, once the log has caught up."""
    publish_all(broker.w)
    previewed = broker.people.client("doctor").preview(request)
    return {one["key_id"] for one in previewed["recipients"] if one["staff"] == "st:worker"}


def test_key_waits_for_a_colleague(own_broker: Broker) -> None:
    request, _ = own_broker.matter.weighed()
    before = recipients(own_broker, request)
    key = enrolled(own_broker, "worker")
    assert recipients(own_broker, request) == before

    shown = {one["key_id"]: one for one in own_broker.people.client("colleague").keys_here()}
    assert (shown[key]["staff"], shown[key]["status"]) == ("st:worker", "waits")
    assert key not in {one["key_id"] for one in own_broker.people.client("doctor").keys_here()}

    assert own_broker.people.client("colleague").confirm_key(key)["status"] == "in_use"
    assert recipients(own_broker, request) == {key}
    assert key not in {one["key_id"] for one in own_broker.people.client("colleague").keys_here()}
    own_broker.verify()


def test_nobody_else_confirms_it(own_broker: Broker) -> None:
    key = enrolled(own_broker, "worker")
    before = own_broker.contents()
    own = confirms(own_broker, "worker", key)
    assert codes_of(own) == (403, "policy.refused")
    assert findings_of(own) == ["DN-03"]
    for name, status in (("outsider", 404), ("doctor", 404), ("lapsed", 403), ("unknown", 401)):
        assert confirms(own_broker, name, key).status_code == status, name
    for name in ("0" * 32, keys_of("worker").key_id):
        assert codes_of(confirms(own_broker, "colleague", name)) == (404, "store.not_found")
    answer = own_broker.people.send("colleague", "POST", f"/v1/keys/{key}/confirmation", acr="low")
    assert codes_of(answer) == (403, "policy.refused")
    assert own_broker.contents() == before
    assert confirms(own_broker, "colleague", key).is_success
    assert codes_of(confirms(own_broker, "colleague", key)) == (404, "store.not_found")


def test_stolen_token_replaces_no_key(own_broker: Broker) -> None:
    request, _ = own_broker.matter.weighed()
    stolen = enrolled(own_broker, "worker")
    own_broker.people.client("doctor").release(request, ANSWERS)
    opened = own_broker.matter.opened(request)
    assert {said["text"] for part in opened["parts"] for said in part["statements"]} == {a["text"] for a in ANSWERS}
    own_broker.people.client("worker").enrol_key()  # the right one again is no change
    assert stolen in {one["key_id"] for one in own_broker.people.client("worker").keys_here()}


def test_answer_to_an_earlier_key_says_so(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    assert own_broker.matter.opened(request)["to_earlier_key"] == 0
    own_broker.people.client("colleague").confirm_key(enrolled(own_broker, "worker"))
    opened = own_broker.people.client("worker").open(request)
    assert (opened["parts"], opened["closed"], opened["to_earlier_key"]) == ([], [], 2)
    people = own_broker.people
    locked = Client(
        address=people.address,
        access=lambda: people.token("worker"),
        proofs=people._proofs["worker"],
        now=people.now,
    )
    with locked:
        assert locked.open(request)["to_earlier_key"] == 2, "that nothing is handed out is told without a key"


def test_key_of_who_moved_to_another_organisation_is_no_recipient(own_broker: Broker) -> None:
    request, _ = own_broker.matter.weighed()
    assert recipients(own_broker, request)
    with own_broker.w.store.reading() as tx:
        worker = tx.directory.get_staff("st:worker")
    for organisation in ("org:vt2", "org:vt"):
        fields = {name: getattr(worker, name) for name in worker.__dataclass_fields__}
        enrol_directory(EnrolDirectory(staff=(Staff(**{**fields, "organisation": organisation}),)), own_broker.w)
        key = next(iter(own_broker.people.client("doctor").preview(request)["recipients"]), None)
        assert (key is None) == (organisation == "org:vt2")


def test_key_that_the_log_does_not_cover_yet_is_waited_for(own_broker: Broker) -> None:
    request, _ = own_broker.matter.weighed()
    own_broker.people.client("colleague").confirm_key(enrolled(own_broker, "worker"))
    path = f"/v1/requests/{request}/preview"
    while (answer := own_broker.people.send("doctor", "POST", path)).is_error:
        assert codes_of(answer) == (409, "key.not_logged_yet")
    assert answer.json()["recipients"]


def test_release_goes_to_the_keys_that_were_approved_or_nowhere(own_broker: Broker) -> None:
    request, _ = own_broker.matter.weighed()
    doctor = own_broker.people.client("doctor")
    approved = [one["key_id"] for one in doctor.preview(request)["recipients"]]
    own_broker.people.client("colleague").confirm_key(enrolled(own_broker, "worker"))
    publish_all(own_broker.w)
    with pytest.raises(SealError) as refused:
        doctor.release(request, ANSWERS, approved)
    assert refused.value.code == "seal.other_recipients"
    assert own_broker.contents()["releases"] == []
    doctor.release(request, ANSWERS, [one["key_id"] for one in doctor.preview(request)["recipients"]])


_SWAPPED = {
    "another's bytes": "UPDATE staff_keys SET public_opening = :opening, key_id = :key WHERE staff = 'st:worker'",
    "another signer": "UPDATE staff_keys SET public_signing = :signing WHERE staff = 'st:worker'",
    "another holder": "UPDATE staff_keys SET staff = 'st:planner' WHERE staff = 'st:worker'",
    "another witness": "UPDATE staff_keys SET confirmed_by = 'st:planner' WHERE staff = 'st:worker'",
    "another event": "UPDATE staff_keys SET event = (SELECT min(id) FROM events) WHERE staff = 'st:worker'",
    "no event": "UPDATE staff_keys SET event = NULL WHERE staff = 'st:worker'",
    "no salt": "UPDATE staff_keys SET salt = NULL WHERE staff = 'st:worker'",
}


@pytest.mark.parametrize("how", _SWAPPED)
def test_key_changed_in_the_database_gets_nothing(own_broker: Broker, how: str) -> None:
    request, _ = own_broker.matter.weighed()
    assert recipients(own_broker, request)
    own_broker.tamper(_SWAPPED[how], opening=NEW.public_opening, key=NEW.key_id, signing=NEW.public_signing)

    answer = own_broker.people.send("doctor", "POST", f"/v1/requests/{request}/preview")
    if how == "another holder":  # a planner receives nothing; whose key it was is nobody's now
        assert answer.json()["recipients"] == []
    else:
        assert codes_of(answer) == (500, "integrity.key")
    with pytest.raises(IntegrityError, match="staff_keys"):
        own_broker.verify()


class Lying(Client):
    """A client whose server names another key than the log does."""

    def call(self, method: str, path: str, body: object = None) -> Any:
        answer = super().call(method, path, body)
        if path.endswith("/preview"):
            other = {"key_id": NEW.key_id, "public_opening": encode_base64(NEW.public_opening)}
            answer["recipients"] = [{**one, **other} for one in answer["recipients"]]
        return answer


def test_client_seals_nothing_to_a_key_that_the_log_does_not_name(own_broker: Broker) -> None:
    request, _ = own_broker.matter.weighed()
    people = own_broker.people
    lied_to = Lying(
        address=people.address,
        access=lambda: people.token("doctor"),
        proofs=people._proofs["doctor"],
        now=people.now,
        keys=keys_of("doctor"),
        vkey=own_broker.vkey,
    )
    with lied_to, pytest.raises(IntegrityError) as refused:
        eventually(lambda: lied_to.release(request, ANSWERS), unless="key.not_logged_yet")
    assert refused.value.code == "integrity.key"
    assert own_broker.contents()["releases"] == []

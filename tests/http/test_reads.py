"""Reading is on record: once for each person, case or request, and hour; before anything is read, or nothing is."""

from __future__ import annotations

from datetime import timedelta

from http_answers import codes_of
from logged import publish_all
from running import Broker

from broker.domain.event import Recorded

READS = ("case:file:read", "request:file:read")


def reads_of(broker: Broker) -> list[Recorded]:
    """Return the events of reading, in the order in which they were written."""
    publish_all(broker.w)
    return [one for one in broker.events() if one.tag in READS]


def test_each_person_reads_on_record_once_an_hour(own_broker: Broker) -> None:
    people, request = own_broker.people, own_broker.matter.delivered()
    before = len(reads_of(own_broker))
    for _ in range(3):
        for name in ("worker", "doctor", "partner"):
            assert people.client(name).request(request)["persons"]
            people.client(name).call("GET", "/v1/inbox" if name != "worker" else "/v1/requests")
    found = reads_of(own_broker)[before:]
    assert [(one.tag, (one.detail or {})["staff"]) for one in found] == [
        ("request:file:read", f"st:{name}") for name in ("worker", "doctor", "partner")
    ]
    own_broker.clock.move(timedelta(hours=1))
    people.client("doctor").request(request)
    assert len(reads_of(own_broker)) == before + 4
    own_broker.verify()


def test_list_of_cases_is_one_event_that_names_those_not_read_this_hour(own_broker: Broker) -> None:
    worker = own_broker.people.client("worker")
    first = own_broker.matter.case()
    worker.call("GET", "/v1/cases")
    second = own_broker.matter.case()
    worker.call("GET", "/v1/cases")
    worker.call("GET", "/v1/cases")
    said = [(one.detail or {}).get("cases") for one in reads_of(own_broker) if one.tag == "case:file:read"]
    assert said == [[first], [second]]


def test_consents_are_read_on_record(own_broker: Broker) -> None:
    case = own_broker.matter.case()
    worker = own_broker.people.client("worker")
    assert worker.call("GET", f"/v1/cases/{case}/consents") == []
    assert reads_of(own_broker) == []
    worker.record_consent(own_broker.matter.consent_body(case=case))
    assert worker.call("GET", f"/v1/cases/{case}/consents")
    assert [one.tag for one in reads_of(own_broker)] == ["case:file:read"]


def test_other_side_does_not_see_who_reads(own_broker: Broker) -> None:
    request = own_broker.matter.delivered()
    for name in ("worker", "doctor"):
        own_broker.people.client(name).request(request)
    for officer, reader in (("officer", "st:worker"), ("answering_officer", "st:doctor")):
        events = own_broker.people.client(officer).events(request)
        read = [one["detail"]["staff"] for one in events if one["tag"] == "request:file:read"]
        assert read == [reader]


def test_what_cannot_be_recorded_is_not_read(own_broker: Broker) -> None:
    request = own_broker.matter.delivered()
    key = own_broker.key_file("storage")
    moved = key.rename(key.with_suffix(".away"))
    for name, path in (("doctor", f"/v1/requests/{request}"), ("worker", "/v1/cases")):
        answer = own_broker.people.send(name, "GET", path)
        assert codes_of(answer) == (503, "key.missing")
        assert "persons" not in answer.text
    moved.rename(key)
    assert own_broker.people.client("doctor").request(request)["persons"]

"""Erasure by two people: names, words and notes are gone, and what the log says stays provable."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from running import Broker, codes_of, publish_all

from broker.flows.tick import tick


def asked(broker: Broker, case: str, person: str | None = None, *, name: str = "worker") -> Any:
    """Ask for an erasure."""
    return broker.people.send(name, "POST", "/v1/erasures", {"case": case, "person": person})


def confirmed(broker: Broker, erasure: str, *, name: str = "officer") -> Any:
    """Confirm one."""
    return broker.people.send(name, "POST", f"/v1/erasures/{erasure}/confirmation")


def names_of(broker: Broker, case: str) -> dict[str, str]:
    """Return the names of a case's persons by ref, as the worker reads them."""
    cases = broker.people.client("worker").call("GET", "/v1/cases")
    return {person["ref"]: person["name"] for one in cases if one["id"] == case for person in one["persons"]}


def test_one_person_is_erased_when_a_second_says_so(own_either: Broker) -> None:
    case = own_either.matter.case()
    before = names_of(own_either, case)
    erasure = asked(own_either, case, "father").json()
    assert names_of(own_either, case) == before
    waiting = own_either.people.send("officer", "GET", "/v1/erasures").json()
    assert [one["id"] for one in waiting] == [erasure["id"]]

    assert codes_of(confirmed(own_either, erasure["id"], name="worker"))[0] == 403
    done = confirmed(own_either, erasure["id"]).json()
    assert done["done_at"]
    assert (done["asked_by"], done["confirmed_by"]) == ("st:worker", "st:officer")
    assert names_of(own_either, case) == before | {"father": ""}
    assert own_either.people.send("officer", "GET", "/v1/erasures").json() == []
    assert codes_of(confirmed(own_either, erasure["id"])) == (409, "erasure.done")
    own_either.verify()


def test_case_goes_with_its_words_when_no_question_is_open(own_either: Broker) -> None:
    request, _ = own_either.matter.released()
    case = own_either.matter.case_of(request)
    assert codes_of(asked(own_either, case)) == (409, "erasure.in_use")
    own_either.clock.move(timedelta(days=7))
    tick(own_either.w)
    assert confirmed(own_either, asked(own_either, case).json()["id"]).is_success

    shown = own_either.people.client("worker").request(request)
    assert {person["name"] for person in shown["persons"]} == {""}
    assert {question["text"] for question in shown["request"]["questions"]} == {""}
    assert shown["request"]["concern"]["nature"] == ""
    record = own_either.people.client("doctor").request(request)
    assert record["weighing"]["reasons"] == ""
    assert {step["note"] for step in record["steps"].values()} == {""}
    publish_all(own_either.w)
    assert own_either.verify().releases == 1


def test_what_became_of_a_case_in_between_counts(own_broker: Broker) -> None:
    case = own_broker.matter.case()
    erasure = asked(own_broker, case).json()
    own_broker.matter.delivered(case)
    assert codes_of(confirmed(own_broker, erasure["id"])) == (409, "erasure.in_use")
    assert all(names_of(own_broker, case).values())


def test_who_was_erased_stays_so(own_broker: Broker) -> None:
    """New words about him are not kept either."""
    case = own_broker.matter.case()
    confirmed(own_broker, asked(own_broker, case, "father").json()["id"])
    again = {"ref": "father", "relation": "parent", "name": "Toch Weer", "capable": True}
    assert own_broker.people.send("worker", "PATCH", f"/v1/cases/{case}", {"persons": [again]}).is_success
    assert names_of(own_broker, case)["father"] == ""
    assert codes_of(asked(own_broker, case, "neighbour")) == (404, "store.not_found")

"""Erasure by two people: names, words and notes are gone, and what the log says stays provable."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from http_answers import codes_of
from logged import publish_all
from running import Broker
from sqlalchemy import select
from test_authzen_evaluation import access, facts

from broker.flows.read import read_request
from broker.flows.tick import tick
from broker.kernel.errors import NotFoundError
from broker.store.decision import decisions
from broker.store.encryption import data_keys


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
    assert (shown["decisions"], record["decisions"]) == ([], [])
    officer = own_either.people.client("officer")
    assert officer.decisions() == []
    assert {event["tag"] for event in officer.call("GET", f"/v1/requests/{request}/events")} >= {
        "request:question:asked",
        "request:answer:released",
    }
    publish_all(own_either.w)
    assert own_either.verify().releases == 1


def test_what_was_asked_about_a_case_goes_with_it(own_broker: Broker) -> None:
    """A decision that another system asked for has no request, and tells as much about the persons."""
    case = own_broker.matter.case()
    question = access("worker", "ask", "case", case) | {"context": facts(own_broker)}
    assert own_broker.people.send("worker", "POST", "/access/v1/evaluation", question).is_success
    with own_broker.w.store.reading() as tx:
        (kept,) = tx.encryption._connection.execute(select(decisions.c.subject)).scalars()
    assert kept == case
    assert confirmed(own_broker, asked(own_broker, case).json()["id"]).is_success
    with own_broker.w.store.reading() as tx:
        assert not tx.encryption._connection.execute(select(data_keys).where(data_keys.c.subject == case)).all()
    own_broker.verify()


def test_erased_request_has_no_decision_to_show(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    own_broker.clock.move(timedelta(days=7))
    tick(own_broker.w)
    assert confirmed(own_broker, asked(own_broker, own_broker.matter.case_of(request)).json()["id"]).is_success
    for name in ("worker", "doctor"):
        with pytest.raises(NotFoundError) as caught:
            read_request(own_broker.actor(name), request, own_broker.w).newest("answer", "ask")
        assert caught.value.code == "request.erased"


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

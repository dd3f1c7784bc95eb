"""What time brings about by itself: answers that ran out are gone, and a duty that was forgotten is reported."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from http_answers import codes_of
from logged import publish_all
from running import Broker
from test_acute import completed, opened, released

from broker.flows import tick as ticking
from broker.flows.tick import tick

WEEK = timedelta(days=7)


def parts_kept(broker: Broker) -> int:
    """Return how many sealed parts lie in the database."""
    return len(broker.contents()["release_parts"])


def waiting(broker: Broker, name: str = "answering_officer") -> list[dict[str, Any]]:
    """Return what waits for an officer."""
    answer = broker.people.send(name, "GET", "/v1/obligations", None)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()
    return found


def owed(broker: Broker, name: str, request: str, on: str) -> list[dict[str, Any]]:
    """Return the duties with a date of this party, as somebody sees them on the request."""
    return [
        duty for duty in broker.people.client(name).request(request)["obligations"] if duty["on"] == on and duty["due"]
    ]


def test_answer_that_ran_out_is_erased(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    own_broker.matter.opened(request)
    own_broker.clock.move(WEEK - timedelta(minutes=1))
    tick(own_broker.w)
    assert parts_kept(own_broker) > 0
    own_broker.clock.move(timedelta(minutes=2))
    tick(own_broker.w)
    assert parts_kept(own_broker) == 0
    done = {duty["code"] for duty in owed(own_broker, "worker", request, "broker") if duty["done_at"]}
    assert done == {"OB-05", "OB-07"}
    publish_all(own_broker.w)
    own_broker.verify()


def test_clock_set_back_brings_nothing_back(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    own_broker.clock.move(WEEK)
    tick(own_broker.w)
    own_broker.clock.move(-WEEK)
    answer = own_broker.people.send("worker", "POST", f"/v1/requests/{request}/opening", None)
    assert codes_of(answer) == (409, "release.expired")


def test_clock_set_back_does_not_open_what_was_closed(own_broker: Broker) -> None:
    request = released(own_broker)
    own_broker.clock.move(timedelta(hours=25))
    assert opened(own_broker, request)[0] == 0
    own_broker.clock.move(timedelta(hours=-25))
    parts, reasons = opened(own_broker, request)
    assert parts == 0
    assert "DN-16" in reasons


def test_record_that_did_not_follow_is_reported_by_itself(own_broker: Broker) -> None:
    request = released(own_broker)
    assert [duty["on"] for duty in waiting(own_broker)] == ["privacy_officer"]
    own_broker.clock.move(timedelta(hours=25))
    tick(own_broker.w)
    tick(own_broker.w)
    overdue = [duty for duty in waiting(own_broker) if duty["overdue_at"]]
    assert [(duty["code"], duty["on"]) for duty in overdue] == [("OB-13", "responder")]
    events = own_broker.people.send("answering_officer", "GET", f"/v1/requests/{request}/events", None).json()
    assert [event["tag"] for event in events].count("obligation:duty:overdue") == 1

    assert completed(own_broker, request).status_code == 200
    assert [duty["on"] for duty in waiting(own_broker)] == ["privacy_officer"]
    own_broker.verify()


def test_record_that_followed_is_no_news(own_broker: Broker) -> None:
    request = released(own_broker)
    assert completed(own_broker, request).status_code == 200
    own_broker.clock.move(timedelta(hours=25))
    assert tick(own_broker.w) == 0
    (review,) = waiting(own_broker)
    assert own_broker.people.send("doctor", "POST", f"/v1/obligations/{review['id']}/done", None).status_code == 403
    assert own_broker.people.send("answering_officer", "POST", f"/v1/obligations/{review['id']}/done", None).is_success
    assert waiting(own_broker) == []
    own_broker.verify()


def test_informing_that_was_forgotten_waits_for_the_officer_of_who_owes_it(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    duties = [duty for duty in owed(own_broker, "worker", request, "requester") if duty["code"] == "OB-02"]
    done = own_broker.people.send("worker", "POST", f"/v1/obligations/{duties[0]['id']}/done", None)
    assert done.json()["done_at"]
    again = own_broker.people.send("worker", "POST", f"/v1/obligations/{duties[0]['id']}/done", None)
    assert codes_of(again) == (409, "duty.done")

    own_broker.clock.move(timedelta(weeks=5))
    tick(own_broker.w)
    assert [duty["id"] for duty in waiting(own_broker, "officer")] == [duty["id"] for duty in duties[1:]]
    assert {duty["code"] for duty in waiting(own_broker)} == {"OB-03"}
    assert waiting(own_broker, "outside_officer") == []
    own_broker.verify()


def test_duty_without_a_date_goes_on(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    shown = own_broker.people.client("worker").request(request)["obligations"]
    always = next(duty for duty in shown if duty["on"] == "requester" and not duty["due"])
    answer = own_broker.people.send("worker", "POST", f"/v1/obligations/{always['id']}/done", None)
    assert codes_of(answer) == (409, "duty.goes_on")


def test_one_round_takes_only_so_much(own_broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticking, "AT_A_TIME", 1)
    own_broker.matter.released()
    own_broker.matter.released()
    own_broker.clock.move(WEEK)
    for _ in range(2):
        tick(own_broker.w)
    assert parts_kept(own_broker) == 0

"""Acute danger: the answer comes first, its record within the day, and the professional may see it otherwise."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from http_answers import codes_of
from logged import publish_all
from matter import ANSWERS, WEIGHED
from running import Broker, running
from visiting import signed_in

from broker.client.http import Client

DANGER = {"acute": True, "person_named": True, "threat_named": True, "within_hours": 2, "grave_to_adult": False}
BARE = {"weighing": {**WEIGHED["weighing"], "reasons": "", "parts": WEIGHED["weighing"]["parts"][:1]}}
"""What is weighed when there is no time for more: no step, no reason."""


def asked(broker: Broker) -> str:
    """Ask the first question in acute danger, have it taken up, and return the request's id."""
    body = broker.matter.ask_body(broker.matter.case())
    told = {**body, "danger": DANGER, "questions": body["questions"][:1]}
    answer = broker.people.client("worker").ask(told)
    assert answer["decision"]["outcome"] == "break_glass"
    broker.people.client("doctor").take(answer["request"]["id"])
    return str(answer["request"]["id"])


def released(broker: Broker) -> str:
    """Have that question answered with nothing on record but what is given."""
    request, doctor = asked(broker), broker.people.client("doctor")
    doctor.record(request, BARE)
    assert doctor.release(request, ANSWERS[:1])["decision"]["outcome"] == "break_glass"
    publish_all(broker.w)
    return request


def completed(broker: Broker, request: str, **changed: Any) -> Any:
    """Send the record that follows, with the reasons and the step of recording."""
    weighing = {**BARE["weighing"], "reasons": "het kind liep gevaar", **changed}
    body = {"steps": {"ST-10": {"day": "2026-01-05", "note": "in het dossier"}}, "weighing": weighing}
    return broker.people.send("doctor", "PATCH", f"/v1/requests/{request}/weighing", body)


def opened(broker: Broker, request: str) -> tuple[int, set[str]]:
    """Return how many parts open now, and the reasons why others do not."""
    worker: Client = broker.people.client("worker")
    found = worker.open(request)
    return len(found["parts"]), {code for part in found["closed"] for code in part["reasons"]}


def test_answer_stays_open_when_its_record_follows_within_the_day(own_broker: Broker) -> None:
    request = released(own_broker)
    assert opened(own_broker, request) == (1, set())
    own_broker.clock.move(timedelta(hours=23))
    assert completed(own_broker, request).status_code == 200
    own_broker.clock.move(timedelta(hours=2))
    assert opened(own_broker, request) == (1, set())
    own_broker.verify()


def test_answer_closes_when_its_record_does_not_follow(own_broker: Broker) -> None:
    request = released(own_broker)
    own_broker.clock.move(timedelta(hours=25))
    parts, reasons = opened(own_broker, request)
    assert parts == 0
    assert "DN-16" in reasons
    assert completed(own_broker, request).status_code == 200
    assert opened(own_broker, request) == (1, set())


def test_question_of_yesterday_is_no_emergency_any_more(own_broker: Broker) -> None:
    request, doctor = asked(own_broker), own_broker.people.client("doctor")
    doctor.record(request, BARE)
    assert doctor.preview(request)["decision"]["outcome"] == "break_glass"
    own_broker.clock.move(timedelta(hours=25))
    decision = doctor.preview(request)["decision"]
    assert decision["outcome"] == "deny"
    assert "DN-16" in {reason["code"] for reason in decision["reasons"]}


def test_professional_may_say_that_it_is_not_acute(own_broker: Broker) -> None:
    request, doctor = asked(own_broker), own_broker.people.client("doctor")
    doctor.record(request, {"weighing": {**BARE["weighing"], "acute": False}})
    assert doctor.preview(request)["decision"]["outcome"] == "deny"
    doctor.record(request, {**WEIGHED, "weighing": {**BARE["weighing"], "reasons": "wel nodig", "acute": False}})
    assert doctor.preview(request)["decision"]["outcome"] == "permit"
    doctor.record(request, BARE)
    assert doctor.preview(request)["decision"]["outcome"] == "break_glass"


def test_record_that_follows_changes_nothing_of_what_was_given(own_broker: Broker) -> None:
    request = released(own_broker)
    before = own_broker.contents()
    for changed in ({"parts": []}, {"outcome": "refuse"}, {"acute": False}):
        assert codes_of(completed(own_broker, request, **changed)) == (409, "weighing.released"), changed
    for said in ("", " ", "...", "\n"):
        assert codes_of(completed(own_broker, request, reasons=said)) == (400, "weighing.no_reasons"), said
    answer = own_broker.people.send("partner", "PATCH", f"/v1/requests/{request}/weighing", {"steps": {"ST-10": {}}})
    assert codes_of(answer) == (404, "store.not_found")
    assert own_broker.contents() == before


def test_who_was_told_is_recorded_after_any_answer(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    doctor = own_broker.people.client("doctor")
    doctor.record(request, {"steps": {"ST-11": {"note": "moeder gebeld"}}})
    assert "ST-11" in doctor.request(request)["steps"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"reasons": "..."}, "reasons"),
        ({"reasons": "x" * 10_001}, "reasons"),
        ({"day.ST-10": "gisteren"}, "day.ST-10"),
        ({"note.ST-10": "x" * 10_001}, "note.ST-10"),
    ],
)
def test_page_that_completes_a_record_shows_what_is_wrong_and_keeps_what_was_typed(
    wrong: dict[str, str], field: str
) -> None:
    typed = {"day.ST-10": "2026-01-05", "note.ST-10": "in het dossier", "reasons": "het kind liep gevaar"}
    with running(pages=True) as broker, signed_in(broker.people.address, "subject-doctor") as browser:
        request = released(broker)
        before, place = broker.people.client("doctor").request(request), f"/inbox/{request}"
        token = re.search(r'name="csrf" value="([^"]+)"', browser.get(place).text)
        assert token is not None
        form = {"csrf": token[1], **typed}
        page = browser.post(f"{place}/completion", data={**form, **wrong})
        assert page.status_code == 200
        assert f'href="#{field}"' in page.text
        assert all(value in page.text for value in {**typed, **wrong}.values())
        assert broker.people.client("doctor").request(request) == before
        page = browser.post(f"{place}/completion", data=form)
        assert "het kind liep gevaar" in page.text
        assert 'name="reasons"' not in page.text
        assert broker.people.client("doctor").request(request)["steps"]["ST-10"]["complete"]
        broker.verify()

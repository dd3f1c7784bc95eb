"""A step counts when its record holds what the table of steps says: it is not enough to say that it was done."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from http_answers import codes_of
from matter import STEP, WEIGHED
from running import Broker, running
from test_acute import BARE, opened, released
from visiting import signed_in

from broker.policy.bundle import load_bundle, policies_path

RECORDS: Mapping[str, Mapping[str, Any]] = load_bundle(policies_path()).data["law"]["steps"]["edition"]["records"]


@pytest.fixture(scope="module")
def request_in_hand(broker: Broker) -> str:
    """Return a request that the doctor took up."""
    return broker.matter.taken()


def recorded(broker: Broker, request: str, **steps: Mapping[str, Any]) -> list[str]:
    """Record steps and return those that lack something."""
    body = {"steps": {step.replace("_", "-"): said for step, said in steps.items()}}
    found: list[str] = broker.people.client("doctor").record(request, body)["incomplete"]
    return found


@pytest.mark.parametrize(("step", "field"), [(step, field) for step, fields in RECORDS.items() for field in fields])
def test_record_without_one_of_its_fields_does_not_count(
    broker: Broker, request_in_hand: str, step: str, field: str
) -> None:
    name, needed = step.replace("-", "_"), {name: STEP[name] for name in RECORDS[step]}
    assert recorded(broker, request_in_hand, **{name: needed}) == []
    poor = {
        "text": ("", " ", "x", "...", "\u2026 !", "\n"),
        "day": (None, (broker.matter.today + timedelta(days=1)).isoformat()),
    }
    kind = RECORDS[step][field]
    elsewhere = ("letter", "deelgrond") if isinstance(kind, list) else ()
    for said in poor[kind] if isinstance(kind, str) else (None, *(one for one in elsewhere if one not in kind)):
        assert recorded(broker, request_in_hand, **{name: {**STEP, field: said}}) == [step], said
    assert recorded(broker, request_in_hand, **{name: {**needed, field: STEP[field]}}) == []


def test_steps_of_one_letter_leave_everything_to_do(broker: Broker) -> None:
    request, doctor = broker.matter.taken(), broker.people.client("doctor")
    broker.matter.consented(request)
    stamped = {step: dict.fromkeys(("whom", "outcome", "note"), "x") for step in WEIGHED["steps"]}
    lacking = doctor.record(request, {**WEIGHED, "steps": stamped})["incomplete"]
    assert lacking == ["ST-01", "ST-02", "ST-03", "ST-04", "ST-05", "ST-10"]
    decision = doctor.preview(request)["decision"]
    assert (decision["outcome"], decision["todo"]) == ("deny", lacking)
    assert [code for code in (reason["code"] for reason in decision["reasons"]) if code == "DN-16"]
    read = doctor.request(request)["steps"]
    assert {step for step, done in read.items() if not done["complete"]} == set(lacking)
    assert read["ST-04"]["whom"] == "x"

    doctor.record(request, {"steps": WEIGHED["steps"]})
    assert doctor.preview(request)["decision"]["outcome"] == "permit"


def test_decision_with_one_letter_for_a_reason_is_none(broker: Broker) -> None:
    request, _ = broker.matter.weighed()
    doctor = broker.people.client("doctor")
    doctor.record(request, {"weighing": {**WEIGHED["weighing"], "reasons": "x"}})
    decision = doctor.preview(request)["decision"]
    assert (decision["outcome"], {reason["code"] for reason in decision["reasons"]}) == ("deny", {"DN-16"})
    doctor.record(request, {"weighing": WEIGHED["weighing"]})
    assert doctor.preview(request)["decision"]["outcome"] == "permit"


def test_record_of_one_letter_does_not_keep_an_acute_answer_open(own_broker: Broker) -> None:
    request, doctor = released(own_broker), own_broker.people.client("doctor")
    weighing = {**BARE["weighing"], "reasons": "het kind liep gevaar"}
    doctor.record(request, {"steps": {"ST-10": {"note": "x"}}, "weighing": weighing})
    owed = {duty["code"]: duty["done_at"] for duty in doctor.request(request)["obligations"] if duty["on"] != "broker"}
    own_broker.clock.move(timedelta(hours=25))
    assert opened(own_broker, request)[0] == 0
    doctor.record(request, {"steps": {"ST-10": WEIGHED["steps"]["ST-10"]}})
    assert opened(own_broker, request) == (1, set())
    assert None in owed.values()
    own_broker.verify()


@pytest.mark.parametrize("said", ["gedaan", True, None, ["gebeld"], {"wie": "collega"}, {"day": "gisteren"}])
def test_record_in_another_form_is_refused_and_kept_nowhere(broker: Broker, request_in_hand: str, said: Any) -> None:
    before = broker.people.client("doctor").request(request_in_hand)["steps"]
    body = {"steps": {"ST-04": said}}
    answer = broker.people.send("doctor", "PATCH", f"/v1/requests/{request_in_hand}/weighing", body)
    assert codes_of(answer) == (400, "input.invalid")
    assert "/steps/ST-04" in answer.text
    assert broker.people.client("doctor").request(request_in_hand)["steps"] == before


def test_page_keeps_a_half_record_and_says_what_it_lacks() -> None:
    with running(pages=True) as broker, signed_in(broker.people.address, "subject-doctor") as browser:
        request = broker.matter.taken()
        token = re.search(r'name="csrf" value="([^"]+)"', browser.get(f"/inbox/{request}").text)
        assert token is not None
        typed = {"csrf": token[1], "do": "save", "whom.ST-04": "aandachtsfunctionaris", "day.ST-04": "2026-01-05"}
        page = browser.post(f"/inbox/{request}", data=typed).text
        assert "Telt nog niet. Hierbij hoort met wie u overlegde" in page
        assert 'value="aandachtsfunctionaris"' in page
        page = browser.post(f"/inbox/{request}", data={**typed, "outcome.ST-04": "zou ook antwoorden"}).text
        assert "Telt nog niet" not in page
        assert broker.people.client("doctor").request(request)["steps"]["ST-04"]["complete"]

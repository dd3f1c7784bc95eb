"""Facts of a case change while a question is out: the other side is told, nothing leaves on the facts of before."""

from __future__ import annotations

from typing import Any

import pytest
from http_answers import codes_of
from matter import ANSWERS
from running import Broker
from test_routes import release_of


def change(broker: Broker, case: str, body: dict[str, Any], *, name: str = "worker") -> Any:
    """Change facts of a case."""
    return broker.people.send(name, "PATCH", f"/v1/cases/{case}", body)


def person(ref: str, relation: str, **facts: Any) -> dict[str, Any]:
    """Return a person as a worker enters one."""
    return {"ref": ref, "relation": relation, "name": "Iemand", **facts}


ORDER = {
    "kind": "ots",
    "from_on": "2026-11-01",
    "until_on": "2027-11-01",
    "executing_organisation": "org:gi",
    "child": "child1",
}
CHANGES: dict[str, tuple[dict[str, Any], set[tuple[str, str | None]]]] = {
    "phase": ({"vt_phase": "voorwaarden_en_vervolg"}, {("vt_phase", None)}),
    "order": ({"order": ORDER}, {("order", None)}),
    "court case": ({"litigation_between_parents": True}, {("litigation_between_parents", None)}),
    "authority": (
        {
            "persons": [
                person("child1", "child", birth_on="2019-03-03", authority=["mother"], informed_by_requester=True)
            ]
        },
        {("authority", "child1")},
    ),
}


@pytest.mark.parametrize(("body", "told"), CHANGES.values(), ids=CHANGES)
def test_professional_is_told_what_changed(broker: Broker, body: dict[str, Any], told: set[Any]) -> None:
    request = broker.matter.taken()
    doctor = broker.people.client("doctor")
    assert doctor.request(request)["changed"] == []
    assert change(broker, broker.matter.case_of(request), body).status_code == 200
    changed = doctor.request(request)["changed"]
    assert {(one["fact"], one["person"]) for one in changed} == told
    assert all(one["before"] != one["now"] for one in changed)


@pytest.mark.parametrize(("body", "told"), CHANGES.values(), ids=CHANGES)
def test_nothing_goes_out_on_facts_of_before(broker: Broker, body: dict[str, Any], told: set[Any]) -> None:
    """Also where the outcome stays the same, as it does for some of these: the professional looks first."""
    request, _ = broker.matter.weighed()
    doctor = broker.people.client("doctor")
    path, sealed = release_of(doctor, request)
    assert change(broker, broker.matter.case_of(request), body).status_code == 200
    assert codes_of(broker.people.send("doctor", "POST", path, sealed)) == (409, "answer.changed")
    assert broker.people.client("worker").request(request)["request"]["state"] == "weighing"


def test_release_goes_on_after_the_change_was_seen(broker: Broker) -> None:
    request, _ = broker.matter.weighed()
    assert change(broker, broker.matter.case_of(request), {"litigation_between_parents": True}).status_code == 200
    broker.people.client("doctor").release(request, ANSWERS)
    assert broker.matter.opened(request)["parts"]


def test_change_is_an_event_that_names_what_changed(own_broker: Broker) -> None:
    case = own_broker.matter.case()
    change(own_broker, case, {"vt_phase": "overdracht"})
    change(own_broker, case, {"vt_phase": "overdracht"})  # nothing new, so no second event
    with own_broker.w.store.reading() as tx:
        events = [event for event in tx.log.recorded(0, tx.log.size()) if event.tag == "case:file:changed"]
    details = [event.detail for event in events if event.detail]
    assert [detail["changed"] for detail in details] in ([["vt_phase"]], [])  # [] before it has its place in the log


def test_new_person_can_be_asked_about(broker: Broker) -> None:
    case = broker.matter.case()
    body = {"persons": [person("adult1", "other_adult", birth_on="1990-01-01", informed_by_requester=True)]}
    assert change(broker, case, body).status_code == 200
    assert "adult1" in {one["ref"] for one in broker.people.client("worker").call("GET", "/v1/cases")[0]["persons"]}


def test_colleague_is_put_on_the_case_and_taken_off(broker: Broker) -> None:
    case = broker.matter.case()
    assert change(broker, case, {"vt_phase": "overdracht"}, name="colleague").status_code == 404
    assert change(broker, case, {"staff": ["st:worker", "st:colleague"]}).status_code == 200
    assert change(broker, case, {"staff": ["st:colleague"]}, name="colleague").status_code == 200
    assert change(broker, case, {"vt_phase": "overdracht"}).status_code == 404
    assert change(broker, case, {"vt_phase": "overdracht"}, name="colleague").status_code == 200


WRONG: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "stranger on the case": ({"staff": ["st:worker", "st:doctor"]}, (400, "case.unknown_colleague")),
    "nobody on the case": ({"staff": []}, (400, "input.invalid")),
    "authority of nobody": (
        {"persons": [person("child1", "child", authority=["grandparent1"])]},
        (400, "case.unknown_authority"),
    ),
    "order that ends before it begins": (
        {"order": {**ORDER, "until_on": "2026-10-01"}},
        (400, "case.order"),
    ),
    "person twice": ({"persons": [person("child1", "child"), person("child1", "child")]}, (400, "case.ref_twice")),
    "fact that does not exist": ({"phase": "advies"}, (400, "input.invalid")),
}


@pytest.mark.parametrize(("body", "answer"), WRONG.values(), ids=WRONG)
def test_change_that_does_not_fit_changes_nothing(
    broker: Broker, body: dict[str, Any], answer: tuple[int, str]
) -> None:
    case = broker.matter.case()
    before = broker.contents()
    assert codes_of(change(broker, case, body)) == answer
    assert broker.contents() == before

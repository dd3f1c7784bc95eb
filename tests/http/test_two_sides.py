"""Two sides: who asks never acts or reads for who answers, nor the reverse, whatever he sends and wherever he works.

The reading tests look at everything the other side can get over HTTP, as text: a word of the professional in any of it
is one too many.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from http_answers import codes_of, findings_of
from matter import ANSWERS, REFUSING, TOLD, WEIGHED
from people import keys_of
from running import Broker
from staff import member
from test_routes import access

from broker.client.parts import seal_parts
from broker.domain.directory import Mandate
from broker.flows import consent
from broker.flows.enrol import EnrolDirectory, enrol_directory

SECRET = "alleen voor het eigen dossier"


def weighed_in_words(weighing: dict[str, Any]) -> dict[str, Any]:
    """Return a weighing with a sentence in its notes and reasons that nobody else may read."""
    said = deepcopy(weighing)
    said["steps"] = {step: {**record, "note": SECRET} for step, record in said["steps"].items()}
    said["weighing"]["reasons"] = SECRET
    return said


@contextmanager
def enrolled(broker: Broker, name: str, **changes: Any) -> Iterator[None]:
    """Have somebody in the directory otherwise for a while."""
    own = member(name)
    enrol_directory(EnrolDirectory(staff=(replace(own, **changes),)), broker.w)
    try:
        yield
    finally:
        enrol_directory(EnrolDirectory(staff=(own,)), broker.w)


def seen_by(broker: Broker, name: str, request: str) -> str:
    """Return all that somebody can read about a request, as one text; what he may not read says nothing."""
    case = broker.people.client("worker").request(request)["request"]["case"]
    paths = [
        *("/v1/requests", "/v1/inbox", "/v1/cases", "/v1/decisions"),
        *(f"/v1/requests/{request}", f"/v1/requests/{request}/events", f"/v1/cases/{case}/consents"),
    ]
    answers = [broker.people.send(name, "GET", path) for path in paths]
    return "\n".join(answer.text for answer in answers if answer.is_success)


ACTS: dict[str, tuple[str, str, object]] = {
    "take": ("POST", "taking", None),
    "record": ("PATCH", "weighing", WEIGHED),
    "preview": ("POST", "preview", None),
    "decline": ("POST", "declination", TOLD),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("acute", [False, True])
def test_asker_does_nothing_of_what_the_professional_does(either: Broker, act: str, acute: bool) -> None:
    matter, (method, path, body) = either.matter, ACTS[act]
    asked = matter.ask_body(matter.case())
    if acute:
        asked["danger"] = {"acute": True, "person_named": True, "threat_named": True, "within_hours": 2}
    request = either.people.client("worker").ask(asked)["request"]["id"]
    before = either.contents()
    answer = either.people.send("worker", method, f"/v1/requests/{request}/{path}", body)

    assert codes_of(answer) == (403, "policy.refused")
    assert findings_of(answer) == ["DN-03"]
    assert either.contents() == before
    assert either.people.client("doctor").take(request)["state"] == "weighing"


def test_asker_does_not_release_what_the_professional_previewed(broker: Broker) -> None:
    request, _ = broker.matter.weighed()
    doctor = broker.people.client("doctor")
    previewed = doctor.preview(request)
    body = {
        "decision": previewed["decision"]["id"],
        "parts": seal_parts(previewed, ANSWERS, keys_of("doctor"), previewed["log"]),
    }
    answer = broker.people.send("worker", "POST", f"/v1/requests/{request}/release", body)

    assert codes_of(answer) == (403, "policy.refused")
    assert doctor.release(request, ANSWERS)["release"]["parts"] == 2


def test_professional_opens_nothing_and_asks_nothing_in_the_case(broker: Broker) -> None:
    request, _ = broker.matter.released()
    broker.matter.opened(request)
    case = broker.people.client("worker").request(request)["request"]["case"]

    opened = broker.people.send("doctor", "POST", f"/v1/requests/{request}/opening")
    assert codes_of(opened) == (404, "store.not_found")
    asked = broker.people.send("doctor", "POST", "/v1/requests", broker.matter.ask_body(case))
    assert codes_of(asked) == (404, "store.not_found")


def test_organisation_asks_itself_nothing(broker: Broker) -> None:
    body = {**broker.matter.ask_body(broker.matter.case()), "responder": "org:vt"}
    asked = broker.people.client("worker").ask(body)

    assert asked["request"]["state"] == "refused"
    assert "DN-03" in {reason["code"] for reason in asked["decision"]["reasons"]}


def test_asker_who_moves_to_the_practice_does_not_answer_his_own_question(own_broker: Broker) -> None:
    request = own_broker.matter.delivered()
    with enrolled(own_broker, "worker", organisation="org:gp", role="huisarts", registration="big"):
        assert own_broker.people.client("worker").inbox() == []
        taken = own_broker.people.send("worker", "POST", f"/v1/requests/{request}/taking")
        assert codes_of(taken) == (404, "store.not_found")
    assert own_broker.people.client("doctor").take(request)["state"] == "weighing"


def test_professional_who_moves_to_veilig_thuis_does_not_open_his_own_answer(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    own_broker.matter.opened(request)
    worker = own_broker.actor("worker")
    with own_broker.w.store.transaction() as tx:
        case = tx.cases.of_request(request, reader=worker)
        tx.cases.save(replace(case, staff=case.staff | {"st:doctor"}))
    with enrolled(own_broker, "doctor", organisation="org:vt", role="onderzoeker"):
        opened = own_broker.people.send("doctor", "POST", f"/v1/requests/{request}/opening")
        assert codes_of(opened) == (404, "store.not_found")


def test_colleague_of_the_professional_may_take_up_what_nobody_did(broker: Broker) -> None:
    request = broker.matter.delivered()

    assert broker.people.client("partner").take(request)["state"] == "weighing"
    assert codes_of(broker.people.send("doctor", "POST", f"/v1/requests/{request}/taking")) == (404, "store.not_found")


def previewed(broker: Broker, request: str) -> None:
    broker.people.client("doctor").preview(request)


def declined(broker: Broker, request: str) -> None:
    doctor = broker.people.client("doctor")
    doctor.preview(request)
    doctor.record(request, weighed_in_words(REFUSING))
    doctor.decline(request, **TOLD)


@pytest.mark.parametrize("then", [previewed, declined])
@pytest.mark.parametrize("reader", ["worker", "officer", "colleague", "outsider", "outside_doctor", "partner"])
def test_weighing_is_read_by_nobody_else(broker: Broker, reader: str, then: Callable[[Broker, str], None]) -> None:
    request = broker.matter.taken()
    broker.people.client("doctor").record(request, weighed_in_words(WEIGHED))
    then(broker, request)
    seen = seen_by(broker, reader, request)

    assert SECRET not in seen
    assert '"answer"' not in seen  # no decision of that stage
    assert "weighing:recorded" not in seen
    assert "answer:previewed" not in seen
    assert SECRET in seen_by(broker, "doctor", request)


def test_asker_reads_what_he_is_told_and_no_more(broker: Broker) -> None:
    request = broker.matter.taken()
    broker.people.client("doctor").record(request, weighed_in_words(WEIGHED))
    declined(broker, request)
    read = broker.people.client("worker").request(request)

    assert read["request"]["declination"] == TOLD
    assert (read["side"], read["weighing"], read["steps"]) == ("asking", None, {})
    assert [decision["stage"] for decision in read["decisions"]] == ["ask"]
    assert {duty["on"] for duty in read["obligations"]} <= {"requester", "broker"}


def test_opening_says_nothing_of_what_did_not_leave(broker: Broker) -> None:
    """Of the second question nothing is given, and a statement about the mother is stripped from the first."""
    request, doctor = broker.matter.taken(), broker.people.client("doctor")
    weighing = weighed_in_words(WEIGHED)
    parts = weighing["weighing"]["parts"]
    parts[1]["give"] = False
    parts.append({"question": "q1", "category": "veiligheid", "about": "mother", "give": True, "kind": "fact"})
    untold = {"person": "mother", "code": "X1", "reviewed_on": broker.matter.today.isoformat()}
    doctor.record(request, {**weighing, "exceptions": [untold]})
    kept = doctor.release(request, ANSWERS)["decision"]
    assert {("DN-17", "mother"), ("DN-17", "father")} <= {(one["code"], one["person"]) for one in kept["reasons"]}
    opened = broker.matter.opened(request)
    worker = broker.people.client("worker")
    decisions = [opened["decision"], *worker.request(request)["decisions"][1:]]

    assert len(decisions) == 2
    for decision in decisions:
        assert decision["stage"] == "open"
        assert [(part["question"], part["verdict"]) for part in decision["parts"]] == [("q1", "allow")]
        assert (decision["reasons"], decision["exceptions"]) == ([], [])


def test_asking_again_says_nothing_of_what_was_done_since(broker: Broker) -> None:
    """The question of access whether one may ask this is answered as if nobody had weighed anything."""
    request, _ = broker.matter.weighed()
    first = broker.people.client("worker").request(request)["decisions"][0]
    answer = broker.people.send("worker", "POST", "/access/v1/evaluation", access("worker", "ask", "request", request))
    assert answer.status_code == 200, answer.text
    again = broker.people.client("worker").request(request)["decisions"][-1]
    worker = broker.actor("worker")
    with broker.w.store.transaction() as tx:
        document = tx.decisions.get(again["id"], reader=worker).document

    assert again["id"] != first["id"]
    assert again["todo"] == first["todo"] != []
    assert document["weighing"] is None
    assert not any(document["steps"].values())


def test_officer_of_who_was_asked_does_not_learn_who_asked(broker: Broker) -> None:
    request, _ = broker.matter.released()
    broker.matter.opened(request)
    refused = broker.matter.refused()
    events = broker.people.client("answering_officer").events(request)

    assert {event["tag"] for event in events} >= {"request:question:asked", "request:answer:released"}
    for event in events:
        assert event["detail"] is None or event["detail"]["organisation"] == "org:gp"
    assert "st:worker" not in json.dumps(events)
    found = broker.people.client("answering_officer").decisions()
    assert refused not in {decision["request"] for decision in found}
    assert refused in {decision["request"] for decision in broker.people.client("officer").decisions()}


def test_consent_is_that_of_who_recorded_it(broker: Broker) -> None:
    """Another practice is asked about the same child: it sees, uses and withdraws nothing of the first."""
    matter, case = broker.matter, broker.matter.case()
    first = matter.taken(case)
    recorded = matter.consented(first)
    body = {**matter.ask_body(case), "responder": "org:gp2", "persons": ["child1"]}
    second = broker.people.client("worker").ask({**body, "questions": body["questions"][:1]})["request"]["id"]

    for stranger in ("worker", "outside_doctor"):
        assert broker.people.send(stranger, "GET", f"/v1/cases/{case}/consents").json() == []
        withdrawn = broker.people.send(stranger, "POST", f"/v1/consents/{recorded}/withdrawal")
        assert codes_of(withdrawn) == (404, "store.not_found")
    of_another = broker.people.send("outside_doctor", "POST", "/v1/consents", matter.consent_body(request=second))
    assert codes_of(of_another) == (400, "consent.unknown_person")
    assert [one["id"] for one in broker.people.send("doctor", "GET", f"/v1/cases/{case}/consents").json()] == [recorded]


def test_professional_sees_what_the_asker_says_it_has(broker: Broker) -> None:
    matter, case = broker.matter, broker.matter.case()
    claimed = broker.people.client("worker").record_consent(matter.consent_body(case=case))["id"]
    about_another = {**matter.consent_body(case=case), "about": "mother", "given_by": ["mother"]}
    broker.people.client("worker").record_consent(about_another)
    body = matter.ask_body(case)
    broker.people.client("worker").ask({**body, "persons": ["child1", "father"]})

    assert [one["id"] for one in broker.people.send("doctor", "GET", f"/v1/cases/{case}/consents").json()] == [claimed]
    withdrawn = broker.people.send("doctor", "POST", f"/v1/consents/{claimed}/withdrawal")
    assert codes_of(withdrawn) == (404, "store.not_found")


def test_neither_side_keeps_the_other_from_recording(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "MOST", 2)
    matter, case = broker.matter, broker.matter.case()
    request = matter.taken(case)
    for _ in range(2):
        broker.people.client("worker").record_consent({**matter.consent_body(case=case), "status": "not_asked"})
    full = broker.people.send("worker", "POST", "/v1/consents", matter.consent_body(case=case))

    assert codes_of(full) == (409, "consent.too_many")
    refusal = {**matter.consent_body(request=request), "status": "refused"}
    assert broker.people.client("doctor").record_consent(refusal)["status"] == "refused"


def test_consent_of_tomorrow_is_not_recorded_today(broker: Broker) -> None:
    request = broker.matter.taken()
    tomorrow = (broker.matter.today + timedelta(days=1)).isoformat()
    body = {**broker.matter.consent_body(request=request), "on": tomorrow}

    assert codes_of(broker.people.send("doctor", "POST", "/v1/consents", body)) == (400, "consent.in_the_future")


def test_exception_that_the_asker_claims_fulfils_no_step(broker: Broker) -> None:
    people, matter = broker.people, broker.matter
    body = matter.ask_body(matter.case())
    everybody = ("child1", "mother", "father")
    body["exceptions"] = [{"person": one, "code": "X1", "reviewed_on": matter.today.isoformat()} for one in everybody]
    request = people.client("worker").ask(body)["request"]["id"]
    doctor = people.client("doctor")
    doctor.take(request)
    steps = {step: record for step, record in WEIGHED["steps"].items() if step != "ST-05"}
    doctor.record(request, {**WEIGHED, "steps": steps})
    decision = doctor.preview(request)["decision"]

    assert (decision["outcome"], decision["todo"], decision["exceptions"]) == ("deny", ["ST-05"], [])
    assert {(one["side"], one["person"]) for one in doctor.request(request)["exceptions"]} == {
        ("asking", one) for one in everybody
    }
    doctor.record(request, {"exceptions": [{**one, "code": "X5"} for one in body["exceptions"]]})
    assert doctor.preview(request)["decision"]["outcome"] == "permit"
    assert {one["side"] for one in people.client("worker").request(request)["exceptions"]} == {"asking"}


@pytest.mark.parametrize(
    "changes", [{"active": False}, {"registration": "none"}, {"role": "planner"}, {"organisation": "org:vt2"}]
)
def test_who_may_not_open_is_no_recipient(own_broker: Broker, changes: dict[str, Any]) -> None:
    people = own_broker.people
    people.client("colleague")
    request, _ = own_broker.matter.weighed()
    worker = own_broker.actor("worker")
    with own_broker.w.store.transaction() as tx:
        case = tx.cases.of_request(request, reader=worker)
        tx.cases.save(replace(case, staff=case.staff | {"st:colleague"}))
    both = {keys_of("worker").key_id, keys_of("colleague").key_id}

    assert {key["key_id"] for key in people.client("doctor").preview(request)["recipients"]} == both
    with enrolled(own_broker, "colleague", **changes):
        left = people.client("doctor").preview(request)["recipients"]
    assert [key["key_id"] for key in left] == [keys_of("worker").key_id]


def test_mandate_that_ended_makes_no_recipient(own_broker: Broker) -> None:
    request, _ = own_broker.matter.weighed()
    doctor, today = own_broker.people.client("doctor"), own_broker.clock().date()
    assert doctor.preview(request)["recipients"]
    # Only the doctor's mandate goes on.
    year = timedelta(days=365)
    further = Mandate(staff="st:doctor", from_on=today + year, until_on=today + 2 * year)
    enrol_directory(EnrolDirectory(mandates=(further,)), own_broker.w)
    own_broker.clock.move(year)

    assert doctor.preview(request)["recipients"] == []

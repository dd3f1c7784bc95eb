"""Every route, for everybody: nobody, a stranger, the wrong role, the right person.

The table below is held equal to the OpenAPI description, so that a new route without an entry fails. That every answer
carries its headers and every error its problem document is checked by `People.send` itself, on each call here.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from http_answers import EVERY_ANSWER, codes_of, findings_of
from matter import ANSWERS, TOLD, WEIGHED, Matter
from people import keys_of
from running import Broker
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR
from staff import another_role
from waiting import eventually

from broker.client.http import Client
from broker.client.parts import seal_parts
from broker.crypto.keyfile import PersonalKeys, new_seeds

Call = tuple[str, object]
"""The path and body of a call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """How one route is called rightly, and who may not: strangers find nothing there, the wrong role is refused."""

    right: str
    call: Callable[[Broker], Call]
    status: int = 200
    strangers: tuple[str, ...] = ()
    media: str = "application/json"
    wrong: str | None = None
    """Without one, a wrong role is a decision and no error: see the tests of planner, assistant and former worker."""


def on(path: str, request: Callable[[Matter], str], body: object = None) -> Callable[[Broker], Call]:
    """Return the call on a request, case or consent that `request` brings about."""
    return lambda broker: (path.format(request(broker.matter)), body)


def keys_body(name: str) -> dict[str, str]:
    """Return somebody's public keys as they are enrolled."""
    keys = keys_of(name)
    return keys.enrolment()


def waiting_key(broker: Broker, name: str = "planner") -> str:
    """Return the id of a new key of somebody that waits."""
    keys = PersonalKeys.from_seeds(new_seeds())
    return str(broker.people.send(name, "POST", "/v1/keys", keys.enrolment()).json()["key_id"])


def sealed_for(broker: Broker) -> Call:
    """Return the release of a request that was weighed and previewed."""
    request, _ = broker.matter.weighed()
    doctor = broker.people.client("doctor")
    return release_of(doctor, request)


def release_of(doctor: Client, request: str) -> Call:
    """Return the release of a request as the doctor's client would make it."""
    previewed = doctor.preview(request)
    parts = seal_parts(previewed, ANSWERS, keys_of("doctor"), previewed["log"])
    return f"/v1/requests/{request}/release", {"decision": previewed["decision"]["id"], "parts": parts}


def opening_of(broker: Broker) -> Call:
    """Return the opening of an answer that the log covers."""
    request, _ = broker.matter.released()
    broker.matter.opened(request)
    return f"/v1/requests/{request}/opening", None


def erasure_of(broker: Broker) -> Call:
    """Return the confirmation of an erasure that waits."""
    asked = broker.people.send("worker", "POST", "/v1/erasures", {"case": broker.matter.case()}).json()
    return f"/v1/erasures/{asked['id']}/confirmation", None


def duty_of(broker: Broker) -> Call:
    """Return the report that the worker did what an answer asks of her."""
    request, _ = broker.matter.released()
    told = broker.people.client("worker").request(request)["obligations"]
    duty = next(one for one in told if one["on"] == "requester" and one["due"])
    return f"/v1/obligations/{duty['id']}/done", None


def replay_of(broker: Broker) -> Call:
    """Return the replay of the newest decision."""
    broker.matter.delivered()
    return f"/v1/decisions/{broker.people.client('officer').decisions()[0]['id']}/replay", None


def access(name: str, action: str, kind: str, found: str) -> dict[str, Any]:
    """Return the question whether somebody may do something, as AuthZEN asks it."""
    return {
        "subject": {"type": "worker", "id": f"st:{name}"},
        "action": {"name": action},
        "resource": {"type": kind, "id": found},
    }


def denied(broker: Broker) -> dict[str, Any]:
    """Return a denial that can be put right, as an access request."""
    question = access("worker", "ask", "request", broker.matter.refused())
    context = broker.people.send("worker", "POST", "/access/v1/evaluation", question).json()["context"]
    denial = {"evaluation_id": context["evaluation_id"], "expires_at": context["access_request"]["expires_at"]}
    return {**question, "denial": denial}


def task_of(broker: Broker) -> Call:
    """Return the following of a denial that was handed in."""
    handed = broker.people.send("worker", "POST", "/access/v1/requests", denied(broker)).json()
    return f"/access/v1/requests/{handed['task']['id']}", None


REQUESTERS = ("outsider", "colleague", "outside_doctor")
RESPONDERS = ("outside_doctor", "outsider")

ROUTES: dict[tuple[str, str], Route] = {
    ("POST", "/v1/keys"): Route(
        right="partner", status=201, wrong="lapsed", call=lambda _: ("/v1/keys", keys_body("partner"))
    ),
    ("GET", "/v1/keys"): Route(right="partner", wrong="lapsed", call=lambda _: ("/v1/keys", None)),
    ("POST", "/v1/keys/{key}/confirmation"): Route(
        right="colleague",
        wrong="lapsed",
        strangers=("outsider", "doctor"),
        call=lambda broker: (f"/v1/keys/{waiting_key(broker)}/confirmation", None),
    ),
    ("POST", "/v1/cases"): Route(
        right="worker", status=201, wrong="planner", call=lambda broker: ("/v1/cases", broker.matter.case_body())
    ),
    ("GET", "/v1/cases"): Route(right="worker", wrong="planner", call=lambda _: ("/v1/cases", None)),
    ("PATCH", "/v1/cases/{case}"): Route(
        right="worker",
        wrong="planner",
        strangers=REQUESTERS,
        call=on("/v1/cases/{}", Matter.case, {"vt_phase": "onderzoek", "investigation_determined_on": "2026-11-01"}),
    ),
    ("GET", "/v1/cases/{case}/consents"): Route(
        right="worker", wrong="planner", call=on("/v1/cases/{}/consents", Matter.case)
    ),
    ("POST", "/v1/consents"): Route(
        right="worker",
        status=201,
        wrong="planner",
        strangers=REQUESTERS,
        call=lambda broker: ("/v1/consents", broker.matter.consent_body(case=broker.matter.case())),
    ),
    ("POST", "/v1/consents/{consent_id}/withdrawal"): Route(
        right="doctor",
        wrong="assistant",
        strangers=(*RESPONDERS, "partner"),
        call=on("/v1/consents/{}/withdrawal", lambda matter: matter.weighed()[1]),
    ),
    ("POST", "/v1/requests"): Route(
        right="worker",
        status=201,
        strangers=(*REQUESTERS, "planner", "officer"),
        call=lambda broker: ("/v1/requests", broker.matter.ask_body(broker.matter.case())),
    ),
    ("GET", "/v1/organisations"): Route(right="worker", wrong="assistant", call=lambda _: ("/v1/organisations", None)),
    ("GET", "/v1/requests"): Route(right="worker", wrong="assistant", call=lambda _: ("/v1/requests", None)),
    ("GET", "/v1/inbox"): Route(right="doctor", wrong="officer", call=lambda _: ("/v1/inbox", None)),
    ("GET", "/v1/requests/{request}"): Route(
        right="worker", wrong="officer", strangers=REQUESTERS, call=on("/v1/requests/{}", Matter.delivered)
    ),
    ("POST", "/v1/requests/{request}/taking"): Route(
        right="doctor", wrong="assistant", strangers=RESPONDERS, call=on("/v1/requests/{}/taking", Matter.delivered)
    ),
    ("PATCH", "/v1/requests/{request}/weighing"): Route(
        right="doctor",
        wrong="assistant",
        strangers=(*RESPONDERS, "partner"),
        call=on("/v1/requests/{}/weighing", Matter.taken, WEIGHED),
    ),
    ("POST", "/v1/requests/{request}/preview"): Route(
        right="doctor",
        strangers=(*RESPONDERS, "partner", "assistant"),
        call=on("/v1/requests/{}/preview", lambda matter: matter.weighed()[0]),
    ),
    ("POST", "/v1/requests/{request}/release"): Route(
        right="doctor", status=201, strangers=(*RESPONDERS, "partner", "assistant"), call=sealed_for
    ),
    ("POST", "/v1/requests/{request}/declination"): Route(
        right="doctor",
        wrong="assistant",
        strangers=(*RESPONDERS, "partner"),
        call=on("/v1/requests/{}/declination", Matter.refusing, TOLD),
    ),
    ("POST", "/v1/requests/{request}/opening"): Route(
        right="worker", strangers=(*REQUESTERS, "doctor", "officer"), call=opening_of
    ),
    ("GET", "/v1/requests/{request}/events"): Route(
        right="officer",
        wrong="worker",
        strangers=("outside_officer",),
        call=on("/v1/requests/{}/events", Matter.delivered),
    ),
    ("GET", "/v1/requests/{request}/evidence"): Route(
        right="officer",
        wrong="worker",
        strangers=("outside_officer",),
        media="application/zip",
        call=on("/v1/requests/{}/evidence", Matter.delivered),
    ),
    ("POST", "/v1/erasures"): Route(
        right="worker",
        status=201,
        wrong="planner",
        strangers=REQUESTERS,
        call=lambda broker: ("/v1/erasures", {"case": broker.matter.case()}),
    ),
    ("GET", "/v1/erasures"): Route(right="worker", wrong="planner", call=lambda _: ("/v1/erasures", None)),
    ("POST", "/v1/erasures/{erasure}/confirmation"): Route(
        right="officer", wrong="planner", strangers=("outside_officer", "outsider", "doctor"), call=erasure_of
    ),
    ("GET", "/v1/obligations"): Route(right="officer", wrong="doctor", call=lambda _: ("/v1/obligations", None)),
    ("POST", "/v1/obligations/{obligation}/done"): Route(
        right="worker", strangers=(*REQUESTERS, "doctor", "officer", "outside_officer"), call=duty_of
    ),
    ("GET", "/v1/decisions"): Route(
        right="officer", wrong="doctor", call=lambda _: ("/v1/decisions?outcome=deny&stage=ask&limit=5", None)
    ),
    ("POST", "/v1/decisions/search"): Route(
        right="officer", wrong="doctor", call=lambda _: ("/v1/decisions/search", {"staff": "st:worker", "limit": 5})
    ),
    ("GET", "/v1/attempts"): Route(
        right="officer", wrong="doctor", call=lambda _: ("/v1/attempts?code=policy.refused&limit=5", None)
    ),
    ("POST", "/v1/decisions/{decision}/replay"): Route(
        right="officer", wrong="worker", strangers=("outside_officer",), call=replay_of
    ),
    ("POST", "/access/v1/evaluation"): Route(
        right="worker",
        wrong="colleague",
        call=lambda broker: (
            "/access/v1/evaluation",
            access("worker", "ask", "request", broker.matter.delivered()),
        ),
    ),
    ("POST", "/access/v1/evaluations"): Route(
        right="worker",
        wrong="colleague",
        call=lambda broker: (
            "/access/v1/evaluations",
            {"evaluations": [access("worker", "ask", "request", broker.matter.delivered())]},
        ),
    ),
    ("POST", "/access/v1/search/subject"): Route(
        right="officer",
        wrong="worker",
        call=lambda _: ("/access/v1/search/subject", access("", "register_case", "organisation", "org:vt")),
    ),
    ("POST", "/access/v1/search/resource"): Route(
        right="worker",
        wrong="colleague",
        call=lambda _: ("/access/v1/search/resource", access("worker", "ask", "request", "")),
    ),
    ("POST", "/access/v1/search/action"): Route(
        right="worker",
        wrong="colleague",
        call=lambda _: ("/access/v1/search/action", access("worker", "", "organisation", "org:vt")),
    ),
    ("POST", "/access/v1/requests"): Route(
        right="worker", status=202, wrong="lapsed", call=lambda broker: ("/access/v1/requests", denied(broker))
    ),
    ("GET", "/access/v1/requests/{task}"): Route(right="worker", wrong="lapsed", call=task_of),
}
OPEN_TO_ALL = {
    ("GET", "/v1/log/checkpoint"),
    ("GET", "/v1/log/consistency"),
    ("GET", "/v1/health"),
    ("GET", "/healthz/live"),
    ("GET", "/healthz/ready"),
    ("GET", "/.well-known/authzen-configuration"),
    ("GET", "/.well-known/oauth-protected-resource"),
}

SOMEWHERE = {
    "case": "cas_" + "0" * 26,
    "consent_id": "con_" + "0" * 26,
    "request": "req_" + "0" * 26,
    "decision": "dec_" + "0" * 26,
    "obligation": "obl_" + "0" * 26,
    "erasure": "era_" + "0" * 26,
    "task": "arq_" + "0" * 26,
    "key": "0" * 32,
}
"""Identifiers of nothing."""


def each(chosen: Callable[[str, Route], object]) -> pytest.MarkDecorator:
    """Run a test for each route of the table that it is about."""
    table = {route: entry for route, entry in ROUTES.items() if chosen(route[1], entry)}
    return pytest.mark.parametrize(("route", "entry"), table.items(), ids=[" ".join(route) for route in table])


each_route = each(lambda _path, _entry: True)


def as_nobody(broker: Broker, method: str, path: str, body: object) -> httpx.Response:
    """Make a call without signing in."""
    return broker.people.send(None, method, path, body)


def openapi_of(broker: Broker) -> dict[str, Any]:
    """Return the broker's description of itself."""
    described: dict[str, Any] = as_nobody(broker, "GET", "/v1/openapi.json", None).json()
    return described


def test_table_is_the_openapi(broker: Broker) -> None:
    described = {
        (method.upper(), path): "security" in operation
        for path, operations in openapi_of(broker)["paths"].items()
        for method, operation in operations.items()
    }

    assert described == {**dict.fromkeys(ROUTES, True), **dict.fromkeys(OPEN_TO_ALL, False)}


@each_route
def test_nobody_is_let_in(broker: Broker, route: tuple[str, str], entry: Route) -> None:
    method, path = route
    answer = as_nobody(broker, method, path.format(**SOMEWHERE), None if method == "GET" else {})

    assert codes_of(answer) == (401, "identity.no_token")
    assert answer.headers["www-authenticate"].startswith("DPoP ")


@each_route
def test_right_person_is_let_through(broker: Broker, route: tuple[str, str], entry: Route) -> None:
    path, body = entry.call(broker)
    answer = broker.people.send(entry.right, route[0], path, body)

    assert answer.status_code == entry.status, answer.text
    assert answer.status_code == 204 or answer.headers["content-type"] == entry.media


@each(lambda _, entry: entry.strangers)
def test_stranger_finds_nothing(either: Broker, route: tuple[str, str], entry: Route) -> None:
    path, body = entry.call(either)
    before = either.contents()

    for stranger in entry.strangers:
        assert codes_of(either.people.send(stranger, route[0], path, body)) == (404, "store.not_found"), stranger
    assert either.contents() == before


@each(lambda path, entry: "{" in path and entry.strangers)
def test_identifier_of_nothing_is_not_found(broker: Broker, route: tuple[str, str], entry: Route) -> None:
    method, path = route
    body = entry.call(broker)[1]

    assert codes_of(broker.people.send(entry.right, method, path.format(**SOMEWHERE), body)) == (404, "store.not_found")


@each(lambda _, entry: entry.wrong)
def test_wrong_role_is_refused_with_the_reason(either: Broker, route: tuple[str, str], entry: Route) -> None:
    path, body = entry.call(either)
    before = either.contents()
    answer = either.people.send(entry.wrong, route[0], path, body)

    assert codes_of(answer) == (403, "policy.refused")
    assert findings_of(answer) == ["DN-04" if entry.wrong == "lapsed" else "DN-03"]
    assert either.contents() == before


@each_route
def test_who_is_not_known_surely_enough_gets_nothing(broker: Broker, route: tuple[str, str], entry: Route) -> None:
    path, body = entry.call(broker)
    answer = broker.people.send(entry.right, route[0], path, body, acr="low")

    if answer.is_success:
        decision = answer.json()["decision"]
        assert decision["outcome"] == "deny"
        assert "DN-01" in {reason["code"] for reason in decision["reasons"]}
        assert not [part for part in decision["parts"] if part["verdict"] == "allow"]
        assert not answer.json().get("parts")
    else:
        assert codes_of(answer) == (403, "policy.refused")
        assert findings_of(answer) == ["DN-01"]


def test_planner_who_asks_is_denied_by_a_decision(own_broker: Broker) -> None:
    case = own_broker.matter.case()
    with another_role(own_broker.w, "worker", "planner"):
        asked = own_broker.people.client("worker").ask(own_broker.matter.ask_body(case))

    assert (asked["request"]["state"], asked["decision"]["outcome"]) == ("refused", "deny")
    assert [reason["code"] for reason in asked["decision"]["reasons"]] == ["DN-03"]
    assert own_broker.people.client("doctor").inbox() == []
    assert codes_of(own_broker.people.send("doctor", "GET", f"/v1/requests/{asked['request']['id']}"))[0] == 404


def test_doctor_who_became_an_assistant_releases_nothing(own_broker: Broker) -> None:
    doctor = own_broker.people.client("doctor")
    request, _ = own_broker.matter.weighed()
    path, body = release_of(doctor, request)
    with another_role(own_broker.w, "doctor", "assistent"):
        previewed = own_broker.people.send("doctor", "POST", f"/v1/requests/{request}/preview")
        released = own_broker.people.send("doctor", "POST", path, body)

    for answer in (previewed, released):
        assert codes_of(answer) == (403, "policy.refused")
        assert findings_of(answer) == ["DN-03"]
    assert own_broker.contents()["releases"] == []


def test_worker_who_became_a_planner_opens_nothing(own_broker: Broker) -> None:
    request, _ = own_broker.matter.released()
    assert own_broker.matter.opened(request)["parts"]
    with another_role(own_broker.w, "worker", "planner"):
        opened = own_broker.people.send("worker", "POST", f"/v1/requests/{request}/opening").json()

    assert opened["decision"]["outcome"] == "deny"
    assert opened["parts"] == []
    assert [part["reasons"] for part in opened["closed"]] == [["DN-03"], ["DN-03"]]


def test_lists_hold_nothing_of_others(broker: Broker) -> None:
    broker.matter.delivered()
    for name, path in [
        ("outsider", "/v1/cases"),
        ("colleague", "/v1/cases"),
        ("outsider", "/v1/requests"),
        ("colleague", "/v1/requests"),
        ("outside_doctor", "/v1/requests"),
        ("outside_doctor", "/v1/inbox"),
        ("colleague", "/v1/inbox"),
        ("outside_officer", "/v1/decisions"),
    ]:
        assert broker.people.send(name, "GET", path).json() == [], (name, path)


def test_consents_of_a_strangers_case_look_like_those_of_no_case(broker: Broker) -> None:
    case = broker.matter.case()
    broker.people.client("worker").record_consent(broker.matter.consent_body(case=case))

    foreign = broker.people.send("outsider", "GET", f"/v1/cases/{case}/consents")
    nothing = broker.people.send("outsider", "GET", f"/v1/cases/{SOMEWHERE['case']}/consents")
    assert (foreign.status_code, foreign.content) == (nothing.status_code, nothing.content)


def test_foreign_consent_cannot_be_told_from_none(broker: Broker) -> None:
    _, consent = broker.matter.weighed()

    foreign = broker.people.send("outside_doctor", "POST", f"/v1/consents/{consent}/withdrawal")
    nothing = broker.people.send("outside_doctor", "POST", f"/v1/consents/{SOMEWHERE['consent_id']}/withdrawal")
    assert foreign.content == nothing.content


def test_attempt_of_a_stranger_is_in_the_log(own_broker: Broker) -> None:
    request = own_broker.matter.delivered()
    own_broker.people.send("outside_doctor", "GET", f"/v1/requests/{request}")
    own_broker.people.send("assistant", "POST", f"/v1/requests/{request}/taking")

    failed = own_broker.attempt("attempt:call:failed", "store.not_found")
    refused = own_broker.attempt("attempt:call:refused", "policy.refused")
    assert failed.detail == {
        "staff": "st:outside_doctor",
        "organisation": own_broker.actor("outside_doctor").organisation.id,
        "call": "GET /v1/requests/{request}",
        "reasons": [],
    }
    assert dict(refused.detail or {})["reasons"] == ["DN-03"]
    own_broker.verify()


def test_open_routes_answer_anybody(broker: Broker) -> None:
    note = eventually(lambda: {"note": broker.people.client("worker").checkpoint()}, unless="store.not_found")["note"]
    assert note.startswith("broker.example/log\n")
    assert as_nobody(broker, "GET", "/v1/log/checkpoint", None).headers["content-type"].startswith("text/plain")
    health = as_nobody(broker, "GET", "/v1/health", None).json()
    assert health["status"] == "ok"
    assert health["policy"]["status"] == "LOADED"
    assert health["policy"]["digest"] == broker.w.gate.bundle_digest
    assert as_nobody(broker, "GET", "/healthz/ready", None).json() == health
    assert as_nobody(broker, "GET", "/healthz/live", None).json() == {"status": "ok"}


def test_openapi_is_valid_and_open_to_every_origin(broker: Broker) -> None:
    answer = as_nobody(broker, "GET", "/v1/openapi.json", None)

    assert answer.headers["access-control-allow-origin"] == "*"
    described = answer.json()
    assert described["openapi"].startswith("3.1")
    OPENAPI_31_VALIDATOR.validate(described)
    assert described["info"]["version"] == EVERY_ANSWER["api-version"]
    assert not as_nobody(broker, "GET", "/v1/health", None).headers.get("access-control-allow-origin")


def test_openapi_says_what_an_error_looks_like(broker: Broker) -> None:
    for path, operations in openapi_of(broker)["paths"].items():
        for method, operation in operations.items():
            assert {"4XX", "5XX"} <= operation["responses"].keys(), (method, path)
            assert "422" not in operation["responses"], (method, path)
            for status in ("4XX", "5XX"):
                assert list(operation["responses"][status]["content"]) == ["application/problem+json"]


def test_urls_carry_opaque_identifiers_and_closed_lists_only(broker: Broker) -> None:
    for path, operations in openapi_of(broker)["paths"].items():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                shapes = parameter["schema"].get("anyOf", [parameter["schema"]])
                if parameter["in"] == "path":
                    assert re.fullmatch(parameter["schema"]["pattern"], SOMEWHERE[parameter["name"]]), path
                for shape in shapes:
                    if "pattern" in shape:
                        assert not re.fullmatch(shape["pattern"], "123456782"), path
                    else:
                        closed = "enum" in shape or shape.get("format") == "date"
                        assert closed or shape["type"] in {"integer", "null"}, path


@pytest.mark.parametrize(
    "word",
    ["123456782", "Sanne", "%00", "req_" + "0" * 25, "req_" + "0" * 27, "REQ_" + "0" * 26, "..", "%2e%2e%2f", "é"],
)
def test_anything_but_an_opaque_identifier_is_no_address(broker: Broker, word: str) -> None:
    answer = broker.people.http.get(
        f"/v1/requests/{word}", headers=broker.people.signed("worker", "GET", f"/v1/requests/{word}")
    )

    assert answer.status_code in {400, 401, 404}
    assert "123456782" not in answer.text
    assert "Sanne" not in answer.text


@pytest.mark.parametrize(("name", "path"), [("worker", "/v1/requests"), ("doctor", "/v1/inbox")])
def test_list_comes_page_by_page(own_broker: Broker, name: str, path: str) -> None:
    case = own_broker.matter.case()
    asked = [own_broker.matter.delivered(case) for _ in range(5)]

    def page(**wanted: str | int) -> httpx.Response:
        people = own_broker.people
        return people.http.get(path, params=wanted, headers=people.signed(name, "GET", path))

    found = [one["id"] for one in page(limit=2).json()]
    while more := page(limit=2, before=found[-1]).json():
        found += [one["id"] for one in more]
    assert found == asked[::-1]
    assert page(limit=0).status_code == page(before="Sanne").status_code == 400


def test_every_answer_is_described(broker: Broker) -> None:
    """Whoever programs against this, in TypeScript too, has the shape of all that he gets."""
    for path, operations in openapi_of(broker)["paths"].items():
        for method, operation in operations.items():
            if not path.startswith("/v1/"):
                continue  # AuthZEN's shapes are open by the standard
            (answer,) = (said for status, said in operation["responses"].items() if status.startswith("2"))
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            if schema is None:
                assert set(answer.get("content", {})) <= {"text/plain", "application/zip"}, (method, path)
            else:
                assert "$ref" in schema.get("items", schema), (method, path)

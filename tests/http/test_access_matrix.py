"""Every operation × everybody: both sides, colleagues, other organisations, officers, who may no longer, and nobody.

The rows are the routes of `test_routes`, which are held equal to the OpenAPI; the columns are all who are enrolled. Who
is named for a row gets an answer; all others get an error that says nothing, and change nothing. Those whose mandate or
registration ended are on the case all the same, so that only that stands between them and it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest
from http_answers import codes_of
from running import Broker, running
from staff import SUBJECTS
from test_routes import ROUTES, Route, each_route

from broker.api.callers import Callers

EVERYBODY = frozenset(SUBJECTS)
ABLE = EVERYBODY - {"unknown", "lapsed"}
ON_THE_CASE, ITS_OFFICERS = {"worker", "struck_off"}, {"officer", "answering_officer"}
PROFESSIONALS = {"worker", "colleague", "struck_off", "outsider", "doctor", "partner", "outside_doctor"}
EVALUATING = {"worker", "system", "officer", "answering_officer", "outside_officer"}

ANSWERED: dict[tuple[str, str], set[str] | frozenset[str]] = {
    ("POST", "/v1/keys"): {"partner"},  # the key in the call is his
    ("GET", "/v1/keys"): ABLE,
    ("POST", "/v1/keys/{key}/confirmation"): {"worker", "colleague", "struck_off", "officer", "system"},
    ("POST", "/v1/cases"): PROFESSIONALS,
    ("GET", "/v1/cases"): PROFESSIONALS,
    ("PATCH", "/v1/cases/{case}"): ON_THE_CASE,
    ("GET", "/v1/cases/{case}/consents"): PROFESSIONALS,
    ("POST", "/v1/consents"): ON_THE_CASE,
    ("POST", "/v1/consents/{consent_id}/withdrawal"): {"doctor"},
    ("GET", "/v1/organisations"): PROFESSIONALS,
    ("POST", "/v1/requests"): {*ON_THE_CASE, "lapsed"},
    ("GET", "/v1/requests"): PROFESSIONALS,
    ("GET", "/v1/inbox"): PROFESSIONALS,
    ("GET", "/v1/requests/{request}"): {*ON_THE_CASE, "doctor", "partner"},
    ("POST", "/v1/requests/{request}/taking"): {"doctor", "partner"},
    ("PATCH", "/v1/requests/{request}/weighing"): {"doctor"},
    ("POST", "/v1/requests/{request}/preview"): {"doctor"},
    ("POST", "/v1/requests/{request}/release"): {"doctor"},
    ("POST", "/v1/requests/{request}/declination"): {"doctor"},
    ("POST", "/v1/requests/{request}/opening"): {*ON_THE_CASE, "lapsed"},
    ("GET", "/v1/requests/{request}/events"): ITS_OFFICERS,
    ("GET", "/v1/requests/{request}/evidence"): ITS_OFFICERS,
    ("POST", "/v1/erasures"): ON_THE_CASE,
    ("GET", "/v1/erasures"): {*PROFESSIONALS, *ITS_OFFICERS, "outside_officer"},
    ("POST", "/v1/erasures/{erasure}/confirmation"): {"colleague", "struck_off", "officer"},
    ("GET", "/v1/obligations"): {*ITS_OFFICERS, "outside_officer"},
    ("POST", "/v1/obligations/{obligation}/done"): ON_THE_CASE,
    ("GET", "/v1/decisions"): {*ITS_OFFICERS, "outside_officer"},
    ("POST", "/v1/decisions/search"): {*ITS_OFFICERS, "outside_officer"},
    ("GET", "/v1/attempts"): {*ITS_OFFICERS, "outside_officer"},
    ("POST", "/v1/decisions/{decision}/replay"): ITS_OFFICERS,
    ("POST", "/access/v1/evaluation"): EVALUATING,
    ("POST", "/access/v1/evaluations"): EVALUATING,
    ("POST", "/access/v1/search/subject"): EVALUATING - {"worker"},
    ("POST", "/access/v1/search/resource"): EVALUATING,
    ("POST", "/access/v1/search/action"): EVALUATING,
    ("POST", "/access/v1/requests"): {"worker"},
    ("GET", "/access/v1/requests/{task}"): {"worker"},
}
"""Who gets an answer to the call of each row. An answer can still be no: see `REFUSED_IN_WORDS`."""

REFUSED_IN_WORDS = {
    (("POST", path), name): code
    for path in ("/v1/requests", "/v1/requests/{request}/opening")
    for name, code in (("lapsed", "DN-04"), ("struck_off", "DN-03"))
}
"""Whose answer is a decision against him, and the reason in it."""

THIRD_PARTIES = ("outsider", "outside_officer", "outside_doctor")
_IDENTIFIER = re.compile(r"\b(?:cas|req|dec|rel|con|evt)_[0-9a-z]{26}\b")


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """Yield a broker on which one person may call as often as a matrix does."""
    with running() as served:
        served.app.state.callers = Callers(per_second=100_000)
        served.people.client("partner")  # his key is enrolled: nobody else can enrol it
        yield served


def prepared(broker: Broker, entry: Route) -> tuple[str, object]:
    """Bring about what the call is on, with those who may no longer on the case too, and return the call."""
    call = entry.call(broker)
    worker = broker.actor("worker")
    with broker.w.store.transaction() as tx:
        for case in list(tx.cases.all_of(reader=worker)):
            if "st:lapsed" not in case.staff:
                tx.cases.save(replace(case, staff=case.staff | {"st:lapsed", "st:struck_off"}))
    return call


def test_matrix_has_every_route() -> None:
    assert ANSWERED.keys() == ROUTES.keys()


@each_route
def test_all_others_get_nothing_and_change_nothing(broker: Broker, route: tuple[str, str], entry: Route) -> None:
    path, body = prepared(broker, entry)
    before = broker.contents()
    for name in sorted(EVERYBODY - ANSWERED[route]):
        answer = broker.people.send(name, route[0], path, body)
        assert answer.status_code in {400, 401, 403, 404, 409}, (name, answer.status_code)
        assert not _IDENTIFIER.search(answer.text), name
    assert codes_of(broker.people.send(None, route[0], path, body)) == (401, "identity.no_token")
    assert broker.contents() == before


@each_route
def test_each_of_those_named_gets_an_answer(broker: Broker, route: tuple[str, str], entry: Route) -> None:
    for name in sorted(ANSWERED[route]):
        path, body = prepared(broker, entry)
        answer = broker.people.send(name, route[0], path, body)
        assert answer.is_success, (name, answer.text)
        refused = REFUSED_IN_WORDS.get((route, name))
        if refused:
            assert_refused(answer, refused)
        if name in THIRD_PARTIES:
            told = set(_IDENTIFIER.findall(f"{path} {body}"))
            assert not told & set(_IDENTIFIER.findall(answer.text)), name


def assert_refused(answer: httpx.Response, code: str) -> None:
    """Hold an answer to being a decision against the caller, with nothing in it."""
    decision = answer.json()["decision"]
    assert decision["outcome"] == "deny"
    assert code in {reason["code"] for reason in decision["reasons"]}
    assert answer.json().get("parts", []) == []


@each_route
def test_who_is_signed_in_too_lightly_gets_nothing_on_either_side(
    broker: Broker, route: tuple[str, str], entry: Route
) -> None:
    path, body = prepared(broker, entry)
    for name in sorted(ANSWERED[route]):
        answer = broker.people.send(name, route[0], path, body, acr="low")
        if answer.is_success:
            assert answer.json().get("parts", []) == [], name
            assert '"deny"' in answer.text or '"decision":false' in answer.text or "results" in answer.json(), name
        else:
            assert answer.status_code in {400, 403, 404, 409}, name

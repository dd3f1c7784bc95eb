"""A privacy officer finds the calls of his colleagues that were refused or failed, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from logged import publish_all
from running import Broker, running
from visiting import signed_in

from broker.flows.attempt import EACH_OF
from broker.kernel.errors import IntegrityError
from broker.kernel.values import legal_day
from broker.words import explain_error


@pytest.fixture
def with_pages() -> Iterator[Broker]:
    """Yield a broker of this test's own that serves the pages too."""
    with running(pages=True) as served:
        yield served


def test_each_filter_finds_what_it_says_and_nothing_of_another_organisation(own_either: Broker) -> None:
    broker, people = own_either, own_either.people
    request = broker.matter.delivered()
    officer, answering = people.client("officer"), people.client("answering_officer")
    people.send("colleague", "GET", f"/v1/requests/{request}")
    people.send("planner", "GET", "/v1/cases")
    people.send("assistant", "GET", "/v1/inbox")
    people.send("unknown", "GET", "/v1/cases")
    today = legal_day(people.now())
    broker.clock.move(timedelta(days=2))
    people.send("planner", "GET", "/v1/requests")

    found = officer.attempts()
    assert [(one["staff"], one["code"], one["refused"], one["call"]) for one in found] == [
        ("st:planner", "policy.refused", True, "GET /v1/requests"),
        ("st:planner", "policy.refused", True, "GET /v1/cases"),
        ("st:colleague", "store.not_found", False, "GET /v1/requests/{request}"),
    ]
    assert found[0]["reasons"] == ["DN-03"]
    assert {one["times"] for one in found} == {1}
    assert officer.attempts(code="store.not_found") == found[2:]
    assert officer.attempts(until=today.isoformat()) == found[1:]
    assert officer.attempts(since=(today + timedelta(days=1)).isoformat()) == found[:1]
    assert officer.attempts(limit="1") == found[:1]
    assert officer.attempts(before=found[0]["id"]) == found[1:]
    assert officer.attempts(code="input.malformed") == []
    assert [one["staff"] for one in answering.attempts()] == ["st:assistant"]
    broker.verify()


def test_who_looks_is_on_record_and_who_may_not_look_is_found_himself(own_broker: Broker) -> None:
    officer = own_broker.people.client("officer")
    assert own_broker.people.send("worker", "GET", "/v1/attempts").status_code == 403
    assert [(one["staff"], one["call"]) for one in officer.attempts()] == [("st:worker", "GET /v1/attempts")]
    publish_all(own_broker.w)
    looked = [event for event in own_broker.events() if event.tag == "log:record:inspected"]
    assert [dict(event.detail or {})["subject"] for event in looked] == ["attempts"]


def test_many_that_are_alike_are_told_with_their_number(own_broker: Broker) -> None:
    for _ in range(2 * EACH_OF):
        own_broker.people.send("planner", "GET", "/v1/cases")
    found = own_broker.people.client("officer").attempts()
    assert len(found) == EACH_OF + 1
    assert found[0]["times"] == 2 * EACH_OF


def test_attempt_whose_detail_was_destroyed_is_found_by_nobody(own_broker: Broker) -> None:
    own_broker.people.send("planner", "GET", "/v1/cases")
    officer = own_broker.people.client("officer")
    (found,) = officer.attempts()
    with own_broker.w.store.transaction() as tx:
        tx.log.destroy_detail(found["id"])
    assert officer.attempts() == []
    assert own_broker.verify().details_destroyed == 1


def test_row_that_hides_or_invents_an_attempt_is_noticed(own_broker: Broker) -> None:
    own_broker.people.send("planner", "GET", "/v1/cases")
    own_broker.attempt("attempt:call:refused", "policy.refused")
    own_broker.tamper("UPDATE attempt_marks SET organisation = 'org:gp'")
    with pytest.raises(IntegrityError) as found:
        own_broker.verify()
    assert len(found.value.errors) == 2


def test_page_says_who_what_and_when(with_pages: Broker) -> None:
    people = with_pages.people
    people.send("planner", "GET", "/v1/cases")
    people.send("colleague", "GET", "/v1/requests/req_" + "0" * 26)
    with signed_in(people.address, "subject-officer") as browser:
        assert 'href="/decisions/attempts"' in browser.get("/decisions").text
        page = browser.get("/decisions/attempts").text
        assert "st:planner" in page
        assert "st:colleague" in page
        assert explain_error("policy.refused").what.nl in page
        only = browser.get("/decisions/attempts", params={"code": "store.not_found", "since": "", "until": ""}).text
        assert "st:colleague" in only
        assert "st:planner" not in only
        assert "Geen geweigerde" in browser.get("/decisions/attempts", params={"until": "2020-01-01"}).text
        assert browser.get("/decisions/attempts", params={"code": "123456782"}).status_code == 400
    with signed_in(people.address, "subject-worker") as browser:
        assert browser.get("/decisions/attempts").status_code == 403

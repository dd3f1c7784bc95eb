"""A privacy officer finds decisions by outcome, reason, request, organisation, person and period, and no others."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import httpx
from logged import publish_all
from running import Broker, running
from visiting import signed_in

from broker.kernel.values import legal_day


def test_each_filter_finds_what_it_says_and_nothing_of_the_other_side(own_either: Broker) -> None:
    broker, matter = own_either, own_either.matter
    officer, answering = (broker.people.client(name) for name in ("officer", "answering_officer"))
    first = matter.taken()
    broker.people.client("doctor").preview(first)
    today = legal_day(broker.people.now())
    broker.clock.move(timedelta(days=2))
    second = matter.delivered()
    whole = {one["id"] for one in officer.decisions()}
    assert {one["request"] for one in officer.decisions()} == {first, second}

    def found(client: object = officer, **wanted: str) -> set[str]:
        decisions = client.decisions(**wanted)  # type: ignore[attr-defined]
        return {f"{one['request']} {one['stage']}" for one in decisions}

    assert found(request=first) == {f"{first} ask"}
    assert found(since=(today + timedelta(days=1)).isoformat()) == {f"{second} ask"}
    assert found(until=today.isoformat()) == {f"{first} ask"}
    assert found(organisation="org:gp") == {f"{first} ask", f"{second} ask"}
    assert found(organisation="org:gp2") == set()
    assert found(staff="st:worker") == {f"{first} ask", f"{second} ask"}
    assert found(staff="st:worker", request=first, until=today.isoformat()) == {f"{first} ask"}
    assert found(staff="st:colleague") == found(staff="st:doctor") == found(staff="st:nobody") == set()
    assert found(outcome="deny") == found(reason="DN-16") == set()

    assert found(answering, reason="DN-16") == {f"{first} answer"}
    assert found(answering, organisation="org:vt", stage="answer", request=first) == {f"{first} answer"}
    assert found(answering, staff="st:doctor") == {f"{first} answer"}
    assert found(answering, staff="st:worker") == set(), "who asked there is not for the other organisation to find"
    assert {one["id"] for one in officer.decisions()} == whole


def test_what_one_person_decided_comes_page_by_page_and_that_it_was_looked_for_is_on_record(own_broker: Broker) -> None:
    case, officer = own_broker.matter.case(), own_broker.people.client("officer")
    asked = [own_broker.matter.delivered(case) for _ in range(3)]
    first = officer.decisions(staff="st:worker", limit=2)
    rest = officer.decisions(staff="st:worker", limit=2, before=first[-1]["id"])
    assert [one["request"] for one in (*first, *rest)] == asked[::-1]
    publish_all(own_broker.w)
    looked = [dict(event.detail or {}) for event in own_broker.events() if event.tag == "log:record:inspected"]
    assert [(one["staff"], one["subject"]) for one in looked] == [("st:officer", "st:worker")] * 2


def test_who_moved_on_is_found_where_he_decided_and_not_where_he_went(own_broker: Broker) -> None:
    request = own_broker.matter.delivered()
    with own_broker.w.store.changing_directory() as tx:
        tx.directory.put_staff(replace(tx.directory.get_staff("st:worker"), organisation="org:gp"))
    officer, answering = (own_broker.people.client(name) for name in ("officer", "answering_officer"))
    assert [one["request"] for one in officer.decisions(staff="st:worker")] == [request]
    assert answering.decisions(staff="st:worker") == []


def test_page_searches_by_person_without_him_in_its_address() -> None:
    with running(pages=True) as broker:
        request = broker.matter.delivered()
        with signed_in(broker.people.address, "subject-officer") as browser:
            page = browser.get("/decisions").text
            assert "st:worker" in page
            assert "st:doctor" not in page
            token = re.search(r'name="csrf" value="([^"]+)"', page)
            assert token is not None

            def search(**asked: str) -> httpx.Response:
                return browser.post("/decisions", data={"csrf": token[1], "about": request, **asked})

            found = search(staff="st:worker")
            assert (found.status_code, found.url.path, found.url.query) == (200, "/decisions", b"")
            assert 'href="/decisions/dec_' in found.text
            assert 'href="/decisions/dec_' not in search(staff="st:colleague").text
            by_address = search(staff="", outcome="permit_pending")
            assert by_address.url.query.decode() == f"outcome=permit_pending&about={request}"
            assert 'href="/decisions/dec_' in by_address.text
            assert search(staff="st:worker", since="yesterday").status_code == 400
            assert browser.post("/decisions", data={"staff": "st:worker"}).status_code == 403

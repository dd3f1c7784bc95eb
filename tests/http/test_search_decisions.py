"""A privacy officer finds decisions by outcome, reason, request, organisation and period, and no others."""

from __future__ import annotations

from datetime import timedelta

from running import Broker

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
    assert found(outcome="deny") == found(reason="DN-16") == set()

    assert found(answering, reason="DN-16") == {f"{first} answer"}
    assert found(answering, organisation="org:vt", stage="answer", request=first) == {f"{first} answer"}
    assert {one["id"] for one in officer.decisions()} == whole

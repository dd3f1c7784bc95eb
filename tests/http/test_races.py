"""Two acts at once on PostgreSQL, with a delay drawn before every statement and commit: it is as if one came first.

Which one was first, the log says. What was acknowledged is then what that order makes of it: nothing is opened or
released after what forbids it, and of two who want the same one gets it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from databases import fresh_postgres
from effort import times
from logged import publish_all
from matter import WEIGHED
from running import Broker, running
from sqlalchemy import event
from test_routes import release_of, waiting_key

from broker.api.callers import Callers
from broker.flows.enrol import EnrolDirectory, enrol_directory

MOST_DELAY = 0.02
"""Seconds: some statements of the other act fit into one delay, so that every order of the two is met."""

Act = Callable[[Broker, dict[str, Any]], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """Two acts on what was prepared, and the events they leave: after the first act the second may not succeed."""

    prepare: Callable[[Broker], dict[str, Any]]
    one: Act
    other: Act
    tags: tuple[str, str] = ("", "")


@pytest.fixture(scope="module")
def broker(postgres_url: str) -> Iterator[Broker]:
    """Yield a broker on PostgreSQL whose database takes its time."""
    draw = random.Random(0)  # noqa: S311  delays, no secrets

    def delay(*_: object) -> None:
        time.sleep(draw.random() * MOST_DELAY if draw.random() < 0.3 else 0)

    with fresh_postgres(postgres_url) as url, running(url) as served:
        served.app.state.callers = Callers(per_second=100_000)
        for name in ("worker", "doctor", "partner", "colleague"):
            served.people.client(name)
        event.listen(served.w.store._engine, "before_cursor_execute", delay)  # type: ignore[attr-defined]
        event.listen(served.w.store._engine, "commit", delay)  # type: ignore[attr-defined]
        yield served


def post(name: str, path: str, body: object = None) -> Act:
    """Return a call by somebody, with what was prepared in its path."""
    return lambda broker, prepared: broker.people.send(name, "POST", path.format(**prepared), body)


def weighed(broker: Broker) -> dict[str, Any]:
    """Prepare a request that is sealed, to both workers on its case, and about to be released."""
    request, consent = broker.matter.weighed()
    prepared = {"request": request, "consent": consent, "case": broker.matter.case_of(request)}
    assert changed({"staff": ["st:worker", "st:colleague"]})(broker, prepared).is_success
    path, sealed = release_of(broker.people.client("doctor"), request)
    return prepared | {"path": path, "sealed": sealed, "staff": broker.actor("doctor").staff}


def released(broker: Broker) -> dict[str, Any]:
    """Prepare an answer that can be opened."""
    request, consent = broker.matter.released()
    broker.matter.opened(request)
    return {"request": request, "consent": consent, "case": broker.matter.case_of(request)}


def with_key(broker: Broker) -> dict[str, Any]:
    """Prepare a request that is about to be released while a new key of somebody who would get it waits."""
    return weighed(broker) | {"key": waiting_key(broker, "colleague")}


def dismissed(broker: Broker, prepared: dict[str, Any]) -> None:
    """Dismiss the doctor."""
    enrol_directory(EnrolDirectory(staff=(replace(prepared["staff"], active=False),)), broker.w)


def changed(body: dict[str, Any]) -> Act:
    """Return a change of the case."""
    return lambda broker, prepared: broker.people.send("worker", "PATCH", f"/v1/cases/{prepared['case']}", body)


def reweighed(broker: Broker, prepared: dict[str, Any]) -> httpx.Response:
    """Change one's mind: nothing is given."""
    weighing = {**WEIGHED["weighing"], "outcome": "refuse"}
    path = f"/v1/requests/{prepared['request']}/weighing"
    return broker.people.send("doctor", "PATCH", path, {"weighing": weighing})


def release(broker: Broker, prepared: dict[str, Any]) -> httpx.Response:
    """Release what was sealed."""
    return broker.people.send("doctor", "POST", prepared["path"], prepared["sealed"])


OPENING = post("worker", "/v1/requests/{request}/opening")
RELEASED, OPENED, CHANGED = "request:answer:released", "release:part:opened", "case:file:changed"
RACES = {
    "withdrawal, release": Race(
        prepare=weighed,
        one=post("doctor", "/v1/consents/{consent}/withdrawal"),
        other=release,
        tags=("consent:record:withdrawn", RELEASED),
    ),
    "change of the case, release": Race(
        prepare=weighed, one=changed({"litigation_between_parents": True}), other=release, tags=(CHANGED, RELEASED)
    ),
    "change of mind, release": Race(
        prepare=weighed, one=reweighed, other=release, tags=("request:weighing:recorded", RELEASED)
    ),
    "dismissal, release": Race(
        prepare=weighed, one=dismissed, other=release, tags=("directory:entry:enrolled", RELEASED)
    ),
    "another key, release": Race(
        prepare=with_key,
        one=post("worker", "/v1/keys/{key}/confirmation"),
        other=release,
        tags=("directory:key:confirmed", RELEASED),
    ),
    "taken off the case, opening": Race(
        prepare=released, one=changed({"staff": ["st:colleague"]}), other=OPENING, tags=(CHANGED, OPENED)
    ),
}
ROUNDS = times(3, in_full=150)


def at_once(broker: Broker, race: Race, prepared: dict[str, Any]) -> tuple[Any, Any]:
    """Do both acts at once and return their answers."""
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.submit(race.one, broker, prepared), pool.submit(race.other, broker, prepared)
        return one.result(timeout=60), other.result(timeout=60)


def last(broker: Broker, tag: str) -> int:
    """Return where the last event of this kind stands in the log."""
    publish_all(broker.w)
    return max((number for number, one in enumerate(broker.events()) if one.tag == tag), default=-1)


@pytest.mark.postgres
@pytest.mark.torture
@pytest.mark.parametrize("race", RACES.values(), ids=RACES)
def test_nothing_succeeds_after_what_forbids_it(broker: Broker, race: Race) -> None:
    for _ in range(ROUNDS):
        prepared = race.prepare(broker)
        before = last(broker, race.tags[1])
        first, second = at_once(broker, race, prepared)
        succeeded = last(broker, race.tags[1])
        assert first is None or first.status_code in {200, 204, 409}, first.text
        if second.is_success and second.json().get("parts", True):
            assert succeeded > before
            if first is None or first.is_success:
                assert succeeded < last(broker, race.tags[0])
        else:
            assert second.status_code in {200, 400, 401, 403, 404, 409}, second.text
            assert succeeded == before
        if race.one is dismissed:
            enrol_directory(EnrolDirectory(staff=(prepared["staff"],)), broker.w)
    broker.verify()


@pytest.mark.postgres
@pytest.mark.torture
def test_opening_has_what_a_withdrawal_left(broker: Broker) -> None:
    withdrawal = post("doctor", "/v1/consents/{consent}/withdrawal")
    race = Race(prepare=released, one=withdrawal, other=OPENING, tags=("consent:record:withdrawn", OPENED))
    for _ in range(ROUNDS):
        withdrawn, opened = at_once(broker, race, race.prepare(broker))
        assert (withdrawn.status_code, opened.status_code) == (200, 200)
        first = last(broker, race.tags[0]) < last(broker, race.tags[1])
        assert len(opened.json()["parts"]) == (1 if first else 2)


@pytest.mark.postgres
@pytest.mark.torture
def test_of_two_who_want_the_same_one_gets_it(broker: Broker) -> None:
    taking = "/v1/requests/{request}/taking"
    for _ in range(ROUNDS):
        prepared = {"request": broker.matter.delivered()}
        race = Race(prepare=released, one=post("doctor", taking), other=post("partner", taking))
        assert sorted(answer.status_code for answer in at_once(broker, race, prepared)) in ([200, 404], [200, 409])
        race = Race(prepare=weighed, one=release, other=release)
        assert sorted(answer.status_code for answer in at_once(broker, race, weighed(broker))) == [201, 409]

"""The server is killed at random moments while people work: what was acknowledged is there, nothing unlogged went out.

Each of the stories asks, takes up, weighs, previews, releases, opens and withdraws the consent. Between and during
their calls the process is ended with SIGKILL and started again. A story that loses its call is left where it stands,
because its caller cannot know what happened; another begins. Afterwards the database is held against what was
acknowledged, by event, and the log is verified from the entries up.
"""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from databases import fresh_postgres, fresh_sqlite
from effort import times
from logged import events_of, publish_all
from matter import ANSWERS, WEIGHED
from serving import Server

from broker.client.http import ClientError
from broker.crypto.canonical import parse_canonical
from broker.crypto.note import parse_verifier_key
from broker.demo.issuer import DemoIssuer
from broker.domain.event import Recorded
from broker.flows.verify import verify_log

TELLERS = 3
"""How many stories are under way at once."""

STORIES = 6
"""How many stories are told to their end at least."""

ON_SQLITE, ON_POSTGRESQL = times(10, in_full=700), times(5, in_full=300)
"""How often the server is killed before it may live."""

LIFE = (0.05, 1.2)
"""Seconds that a server lives after it began to answer, at random; pytest prints the seed of the run."""


log = logging.getLogger(__name__)


class InterruptedStoryError(Exception):
    """The answer to a call was lost: nobody knows whether it was carried out."""


@dataclass
class Acknowledged:
    """What callers were told was done, each as the tag of its event and something the event is known by."""

    acts: list[tuple[str, str]] = field(default_factory=list, repr=False)
    told: int = 0
    interrupted: int = 0
    deaths: int = 0
    over: bool = False


class Teller:
    """Tells stories, one after another, and notes what was acknowledged."""

    def __init__(self, server: Server, noted: Acknowledged, up: threading.Event) -> None:
        self._server, self._noted, self._up = server, noted, up
        people = server.people
        self._worker, self._doctor = people.client("worker"), people.client("doctor")

    def _call(self, call: Callable[..., Any], *arguments: Any) -> Any:
        self._up.wait()
        try:
            return call(*arguments)
        except httpx.TransportError as error:
            raise InterruptedStoryError from error

    def _done(self, tag: str, about: str) -> None:
        self._noted.acts.append((tag, about))

    def tell(self) -> None:
        """Tell one story; raise InterruptedStoryError when a call is lost."""
        matter = self._server.matter
        case = self._call(self._worker.register_case, matter.case_body())["id"]
        self._done("case:file:registered", case)
        asked = self._call(self._worker.ask, matter.ask_body(case))
        request = asked["request"]["id"]
        self._done("request:question:asked", request)
        self._call(self._doctor.take, request)
        self._done("request:question:taken", request)
        consent = self._call(self._doctor.record_consent, matter.consent_body(request=request))["id"]
        self._done("consent:record:given", consent)
        self._call(self._doctor.record, request, WEIGHED)
        self._done("request:weighing:recorded", request)
        released = self._call(self._doctor.release, request, ANSWERS)
        self._done("request:answer:previewed", released["decision"]["id"])
        self._done("request:answer:released", released["release"]["event"])
        opened = self._open(request)
        assert len(opened["parts"]) == 2
        self._call(self._doctor.withdraw_consent, consent)
        self._done("consent:record:withdrawn", consent)
        assert len(self._open(request)["parts"]) == 1

    def _open(self, request: str) -> Any:
        while True:
            try:
                opened = self._call(self._worker.open, request)
            except ClientError as error:
                if error.code != "release.not_logged_yet":
                    raise
                time.sleep(0.05)
            else:
                self._done("release:part:opened", opened["decision"]["id"])
                return opened


def tell_stories(server: Server, *, kills: int) -> Acknowledged:
    """Have stories told while the server is killed this often, and to their end after that."""
    noted, up = Acknowledged(), threading.Event()
    server.start()
    up.set()
    tellers = [Teller(server, noted, up) for _ in range(TELLERS)]

    def work(teller: Teller) -> None:
        while (noted.told < STORIES or noted.deaths < kills) and not noted.over:
            try:
                teller.tell()
                noted.told += 1
            except InterruptedStoryError:
                noted.interrupted += 1

    with ThreadPoolExecutor(TELLERS) as pool:
        working = [pool.submit(work, teller) for teller in tellers]
        while True:
            # Killed often enough it may live: on a slow machine no story would ever come to its end.
            life = random.uniform(*LIFE) if noted.deaths < kills else None  # noqa: S311
            done, going_on = wait(working, timeout=life, return_when=FIRST_EXCEPTION)
            noted.over = not going_on or any(each.exception() for each in done)
            if noted.over:
                break
            server.kill()
            up.clear()
            noted.deaths += 1
            server.start()
            up.set()
        for each in working:
            each.result()
    server.kill()
    log.info("%s", noted)
    return noted


def known_by(event: Recorded) -> set[str]:
    """Return all that an event may be known by to who was told of it."""
    detail = dict(event.detail or {})
    beside = {detail.get(name) for name in ("case", "consent", "decision")}
    return {event.id, parse_canonical(event.entry)["request"], *beside}


def check_what_is_on_record(server: Server, noted: Acknowledged) -> None:
    """Hold the database against what callers were told, and the log against itself."""
    vkeys = [parse_verifier_key(server.keys.log_signer().vkey)]
    verify_log(server.store, vkeys=vkeys)  # as the last kill left it
    publish_all(server.wiring)
    report = verify_log(server.store, vkeys=vkeys)
    events = events_of(server.store)
    assert (report.waiting, report.events) == (0, len(events))

    on_record = {(event.tag, about) for event in events for about in known_by(event)}
    assert not set(noted.acts) - on_record

    released = {event.id: event for event in events if event.tag == "request:answer:released"}
    with server.store.transaction() as tx:
        checkpoints = [published.size for published in tx.log.checkpoints()]
    assert report.releases == len(released)
    index_of = {parse_canonical(event.entry)["request"]: event.index or 0 for event in released.values()}
    handed_out = [event for event in events if event.tag == "release:part:opened"]
    assert len(handed_out) >= noted.told
    for event in handed_out:
        logged_at = index_of[parse_canonical(event.entry)["request"]]
        # A checkpoint that was signed before the opening, and not one that came after it, covers the release.
        assert any(logged_at < size <= (event.index or 0) for size in checkpoints)


@contextmanager
def serving(url: str, directory: Path) -> Iterator[Server]:
    """Have a server ready on this database."""
    with DemoIssuer() as issuer:
        server = Server(directory, url=url, issuer=issuer)
        try:
            yield server
        finally:
            server.stop()


def test_refusal_is_on_record_when_it_was_told(tmp_path: Path) -> None:
    with serving(fresh_sqlite(tmp_path), tmp_path) as server:
        for number in range(1, 4):
            server.start()
            assert server.people.send("planner", "GET", "/v1/cases").status_code == 403
            server.kill()
            publish_all(server.wiring)
            assert [one.tag for one in events_of(server.store)].count("attempt:call:refused") == number


@pytest.mark.torture
def test_killed_server_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    with serving(fresh_sqlite(tmp_path), tmp_path) as server:
        noted = tell_stories(server, kills=ON_SQLITE)
        check_what_is_on_record(server, noted)

    assert noted.told >= STORIES
    assert noted.deaths >= ON_SQLITE
    assert noted.interrupted > 0


@pytest.mark.torture
@pytest.mark.postgres
def test_killed_server_on_postgresql_loses_nothing_it_acknowledged(postgres_url: str, tmp_path: Path) -> None:
    with fresh_postgres(postgres_url) as url, serving(url, tmp_path) as server:
        noted = tell_stories(server, kills=ON_POSTGRESQL)
        check_what_is_on_record(server, noted)

    assert noted.told >= STORIES
    assert noted.deaths >= ON_POSTGRESQL
    assert noted.interrupted > 0

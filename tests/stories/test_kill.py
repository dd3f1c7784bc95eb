"""The server is killed at random moments while people work: what was acknowledged is there, nothing unlogged went out.

Each of the stories asks, takes up, weighs, previews, releases, opens and withdraws the consent. Between and during
their calls the process is ended with SIGKILL and started again. A story that loses its call is left where it stands,
because its caller cannot know what happened; another begins. Afterwards the database is held against what was
acknowledged, by event, and the log is verified from the entries up.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from collections.abc import Iterator
from running import ANSWERS, WEIGHED, events_of, fresh_postgres, fresh_sqlite
from serving import Server
from sqlalchemy import text

from broker.client import ClientError
from broker.crypto.note import parse_verifier_key
from broker.demo.issuer import DemoIssuer
from broker.domain.event import Recorded
from broker.flows.publish import publish
from broker.flows.verify import verify_log

TELLERS = 3
"""How many stories are under way at once."""

LIFE = (0.1, 1.5)
"""Seconds that a server lives after it began to answer, at random."""


class Interrupted(Exception):
    """The answer to a call was lost: nobody knows whether it was carried out."""


@dataclass
class Acknowledged:
    """What callers were told: events by tag and what must stand in their detail or beside them."""

    acts: list[tuple[str, str]] = field(default_factory=list)
    handed_out: list[tuple[str, str]] = field(default_factory=list)
    told: int = 0
    interrupted: int = 0


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
            raise Interrupted from error

    def _done(self, tag: str, about: str) -> None:
        self._noted.acts.append((tag, about))

    def tell(self, case: str) -> None:
        """Tell one story on this case; raise Interrupted when a call is lost."""
        matter = self._server.matter
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
                self._noted.handed_out.append((request, opened["decision"]["id"]))
                return opened


def tell_stories(server: Server, stories: int, chance: random.Random) -> Acknowledged:
    """Have this many stories told to their end while the server is killed again and again."""
    noted, up, enough = Acknowledged(), threading.Event(), threading.Event()
    server.start()
    up.set()
    tellers = [Teller(server, noted, up) for _ in range(TELLERS)]
    failures: list[BaseException] = []

    def work(teller: Teller, case: str) -> None:
        try:
            while not enough.is_set():
                try:
                    teller.tell(case)
                    noted.told += 1
                except Interrupted:
                    noted.interrupted += 1
                    time.sleep(0.05)
                if noted.told >= stories:
                    enough.set()
        except BaseException as error:
            failures.append(error)
            enough.set()

    cases = [server.matter.case() for _ in tellers]
    threads = [threading.Thread(target=work, args=pair) for pair in zip(tellers, cases, strict=True)]
    for thread in threads:
        thread.start()
    deaths = 0
    while not enough.wait(chance.uniform(*LIFE)):
        up.clear()
        server.kill()
        deaths += 1
        server.start()
        up.set()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    print(f"{noted.told} stories told, {noted.interrupted} interrupted, {deaths} deaths")
    assert deaths > 3
    assert noted.interrupted > 0
    return noted

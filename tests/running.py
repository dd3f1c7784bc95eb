"""A running broker for tests: the production app over HTTP with real keys, real policies and people who call it.

`running` serves the app from this process, with a clock that a test can move.
"""

from __future__ import annotations

import functools
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn
from broker_keys import fresh_keys
from databases import contents_of, fresh_sqlite
from fastapi import FastAPI
from logged import events_of, outcome_of
from matter import Matter
from people import AUDIENCE, People
from sqlalchemy import text
from staff import SUBJECTS, everybody
from waiting import PATIENCE, wait_until

from broker.app import create_app
from broker.compose import build_edition_gate
from broker.crypto.note import parse_verifier_key
from broker.demo.issuer import CLIENT_ID, Admitted, DemoIssuer
from broker.demo.story import listening
from broker.domain.directory import Actor
from broker.domain.event import Recorded
from broker.domain.gate import Gate
from broker.domain.wiring import Wiring
from broker.flows.attempt import PendingAttempts
from broker.flows.enrol import enrol_directory
from broker.flows.verify import Report, verify_log
from broker.identity import HttpJwks, TokenVerifier
from broker.listen import LISTENING
from broker.openid import OpenIdProvider
from broker.policy.installed import installed_gate
from broker.settings import Policy
from broker.store.base import Store
from broker.store.engine import open_engine
from broker.store.replay import StoredProofs

MAX_BODY = 1024 * 1024


class MovableClock:
    """A clock that starts at a fixed moment, runs on by itself, and can be moved forward."""

    def __init__(self) -> None:
        self._begin = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
        self._started = time.monotonic()

    def __call__(self) -> datetime:
        """Return the present moment, to the second as the production clock does."""
        return (self._begin + timedelta(seconds=time.monotonic() - self._started)).replace(microsecond=0)

    def move(self, by: timedelta) -> None:
        """Move forward."""
        self._begin += by


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A broker that answers on this machine."""

    w: Wiring
    url: str
    directory: Path
    clock: MovableClock
    people: People
    vkey: str
    app: FastAPI

    @property
    def matter(self) -> Matter:
        """The family matter."""
        return Matter(self.people)

    def actor(self, name: str) -> Actor:
        """Return somebody as the directory knows him."""
        with self.w.store.transaction() as tx:
            found = tx.directory.actor(f"st:{name}", "high", self.clock().date())
        assert found is not None
        return found

    def key_file(self, role: str) -> Path:
        """Return where the broker's key of this role stands."""
        return self.directory / f"{role}.json"

    def events(self) -> list[Recorded]:
        """Return the events in the log so far, in its order."""
        return events_of(self.w.store)

    def attempt(self, tag: str, code: str) -> Recorded:
        """Return the last attempt in the log with this tag and code, once it is there."""
        found: list[Recorded] = []

        def is_there() -> bool:
            found[:] = [one for one in self.events() if one.tag == tag and outcome_of(one) == code]
            return bool(found)

        wait_until(is_there)
        return found[-1]

    def verify(self) -> Report:
        """Verify the whole log from the database up; raises IntegrityError."""
        held = [self.w.keys.recall_checkpoint()]
        return verify_log(self.w.store, vkeys=[parse_verifier_key(self.vkey)], held=held)

    def tamper(self, *statements: str, **values: bytes | str) -> None:
        """Change the database past the broker; each statement changes something."""
        engine = open_engine(self.url)
        with engine.begin() as connection:
            for statement in statements:
                named = {name: value for name, value in values.items() if f":{name}" in statement}
                assert connection.execute(text(statement), named).rowcount
        engine.dispose()

    def contents(self) -> dict[str, list[str]]:
        """Return all that is on record but attempts and the log's own bookkeeping."""
        return contents_of(self.url)


@contextmanager
def running(url: str | None = None, *, policy: Policy | None = None, pages: bool = False) -> Iterator[Broker]:
    """Serve a broker of its own on this machine; without a URL on a fresh SQLite file.

    With pages everybody of the staff may sign in to them; `login_hint` is his subject.
    """
    clock = MovableClock()
    with tempfile.TemporaryDirectory(prefix="deelgrond-") as folder, DemoIssuer() as issuer:
        directory = Path(folder)
        url = url or fresh_sqlite(directory)
        keys = fresh_keys(directory, clock)
        store = Store(url, keys)
        w = Wiring(
            store=store,
            gate=_gate(policy),
            keys=keys,
            clock=clock,
            attempts=PendingAttempts(),
        )
        enrol_directory(everybody(issuer.issuer, clock().date()), w)
        verifier = TokenVerifier(
            issuer=issuer.issuer,
            audience=AUDIENCE,
            keys=HttpJwks(issuer=issuer.issuer),
            assurance={"high": "high"},
            replays=StoredProofs(url),  # as in production
        )
        with listening() as door:
            address = f"http://127.0.0.1:{door.getsockname()[1]}"
            provider = _provider(issuer, clock, address) if pages else None
            app = create_app(w, verifier, public_url=address, max_body=MAX_BODY, provider=provider)
            server = uvicorn.Server(uvicorn.Config(app, **LISTENING))
            thread = threading.Thread(target=server.run, kwargs={"sockets": [door]}, daemon=True)
            thread.start()
            wait_until(lambda: server.started or not thread.is_alive())
            people = People(address=address, issuer=issuer, now=clock, w=w)
            try:
                yield Broker(
                    w=w,
                    url=url,
                    directory=directory,
                    clock=clock,
                    people=people,
                    vkey=keys.log_signer().vkey,
                    app=app,
                )
            finally:
                people.close()
                server.should_exit = True
                thread.join(timeout=PATIENCE)
                store.close()
        assert not thread.is_alive(), "the server did not stop"


def _provider(issuer: DemoIssuer, clock: MovableClock, address: str) -> OpenIdProvider:
    back = f"{address}/sign-in/return"
    issuer.admit(Admitted(people=dict.fromkeys(SUBJECTS.values(), "high"), redirect_uri=back, clock=clock))
    return OpenIdProvider(
        issuer=issuer.issuer,
        client_id=CLIENT_ID,
        client_secret=None,
        redirect_uri=back,
        keys=HttpJwks(issuer=issuer.issuer),
        assurance={"high": "high"},
    )


def _gate(policy: Policy | None) -> Gate:
    """Return the gate of these settings; tests that are not about the bundle share one that is open already."""
    if policy is None:
        return embedded_gate()
    if policy.edition or policy.signers:
        return build_edition_gate(policy)
    return installed_gate(policy.engine, opa_address=policy.opa_address, opa_timeout=policy.opa_timeout)


@functools.cache
def embedded_gate() -> Gate:
    """Return the gate with the embedded engine; compiling the policy once is enough."""
    return installed_gate()

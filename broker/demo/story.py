"""A story played for real: the broker serves on this machine, each person calls it with his own keys, and is checked.

Nothing is pretended but the clock and the issuer. The app is the production app over a real database, real keys and
the real policies; every act goes over HTTP through `broker.client`, so that texts are sealed and opened where they are
in practice; only `decide` asks the gate itself, for want of a call. After each act what happened is held against what
the case file expects, and at the end the whole log is verified from the database up.
"""

from __future__ import annotations

import socket
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import uvicorn

from broker.app import build_provider, build_verifier, create_app
from broker.compose import build_wiring
from broker.crypto.note import parse_verifier_key
from broker.demo.casefile import CaseFile
from broker.demo.deciding import decide_for
from broker.demo.entries import Act
from broker.demo.expect import surprises
from broker.demo.issuer import CLIENT_ID, Admitted, DemoIssuer
from broker.demo.people import People, StoryClock
from broker.domain.directory import Account, Mandate, Staff
from broker.domain.wiring import Wiring
from broker.flows.enrol import EnrolDirectory, enrol_directory, vouch_for_key
from broker.flows.verify import Report, verify_log
from broker.kernel.errors import BrokerError, ConflictError, IntegrityError
from broker.keyring import make_key, write_key
from broker.listen import LISTENING
from broker.policy.bundle import policies_path
from broker.policy.edition import own_edition
from broker.settings import Database, Http, Identity, Keys, Pages, Policy, Settings
from broker.store.base import Store
from broker.store.migrations import migrate

ACT_TAKES = timedelta(minutes=2)
"""How far the story's clock moves on with each act."""

PATIENCE = 10.0
"""Seconds to wait for the server to start and to stop."""

_LEVELS: dict[str, Literal["low", "substantial", "high"]] = {"low": "low", "substantial": "substantial", "high": "high"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One act as it was played: when, what the broker answered, its error if any, and what was not as expected."""

    act: Act
    at: datetime
    result: Mapping[str, Any]
    failed: BrokerError | None
    surprises: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A story that was played to its end, or to the first act that failed and should not have."""

    case: CaseFile
    happened: tuple[Happened, ...]
    log: Report
    tampered: tuple[str, ...] = ()
    """What verifying said of a copy of the database in which one row was changed; empty when no copy was made."""

    @property
    def surprises(self) -> tuple[str, ...]:
        """What was not as the case file says, act by act; empty when all was."""
        return tuple(
            f"act {number} ({one.act.verb}): {surprise}"
            for number, one in enumerate(self.happened)
            for surprise in one.surprises
        )


def play(
    case: CaseFile,
    *,
    engine: Literal["embedded", "opa", "both"] = "embedded",
    database_url: str | None = None,
    opa_address: str | None = None,
    out: Callable[[Happened], None] = lambda _: None,
    stay: Callable[[People], None] | None = None,
) -> Played:
    """Play a case and return what happened; `out` is told of each act as it is done.

    When all went as expected `stay` is called before the broker stops, with everybody still there.

    Without `database_url` everything is in a temporary folder that is gone afterwards; a database given must be empty.
    Raises what stops the broker from starting, and IntegrityError when the log does not verify at the end.
    """
    clock = StoryClock(case.now)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deelgrond-")))
        issuer = stack.enter_context(DemoIssuer())
        listener = stack.enter_context(listening())
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        edition, signers = own_edition(policies_path(), folder)
        policy = Policy(engine=engine, opa_address=opa_address, edition=edition, signers=signers)
        settings = _settings(folder, clock, address, issuer, database_url, policy)
        migrate(settings.database.url)
        w = build_wiring(settings, clock=clock)
        stack.callback(w.store.close)
        vkey = w.keys.vkey
        enrol_directory(_directory(case, issuer.issuer), w)
        assurance = {name: staff.assurance for name, staff in case.staff.items()}
        issuer.admit(Admitted(people=assurance, redirect_uri=f"{address}/sign-in/return", clock=clock))
        with _serving(w, settings, listener):
            decide = decide_for(w, issuer=issuer.issuer, assurance=assurance)
            people = People(
                case,
                clock,
                address=address,
                issuer=issuer,
                vkey=vkey,
                decide=decide,
                vouch=lambda key: vouch_for_key(key, w),
                stack=stack,
            )
            happened = tuple(_act_by_act(case, people, clock, out))
            if stay is not None and not any(one.surprises for one in happened):
                stay(people)
        report = verify_log(w.store, vkeys=[parse_verifier_key(vkey)], held=[w.keys.recall_checkpoint()])
        tampered = () if database_url else _tampered_copy(folder, w)
        return Played(case=case, happened=happened, log=report, tampered=tampered)


def _tampered_copy(folder: Path, w: Wiring) -> tuple[str, ...]:
    """Copy the database, change one registration in the copy, and return the rows that verifying names."""
    copy = folder / "copy.db"
    with closing(sqlite3.connect(folder / "deelgrond.db")) as original, closing(sqlite3.connect(copy)) as other:
        original.backup(other)
        other.executescript("UPDATE staff SET registration = 'big?' WHERE id = (SELECT max(id) FROM staff)")
    with closing(Store(f"sqlite:///{copy}", w.keys)) as store:
        try:
            verify_log(store, vkeys=[parse_verifier_key(w.keys.vkey)])
        except IntegrityError as finding:
            return finding.errors
    raise IntegrityError("a changed row was not noticed", code="integrity.rows")


def _act_by_act(
    case: CaseFile, people: People, clock: StoryClock, out: Callable[[Happened], None]
) -> Iterator[Happened]:
    for act in case.acts:
        clock.move(ACT_TAKES)
        result: Mapping[str, Any] = {}
        failed: BrokerError | None = None
        try:
            result = getattr(people, act.verb)(act.body)
        except BrokerError as error:
            failed = error
        one = Happened(
            act=act, at=clock(), result=result, failed=failed, surprises=surprises(act.expect, result, failed)
        )
        out(one)
        yield one
        if failed is not None and act.expect.fails is None:
            return


def _settings(
    folder: Path, clock: StoryClock, address: str, issuer: DemoIssuer, database_url: str | None, policy: Policy
) -> Settings:
    for role in ("log", "storage", "pseudonym"):
        write_key(
            folder / f"{role}.json", make_key(role, identifier=f"{role}-1", now=clock(), name="demo.deelgrond/log")
        )
    return Settings(
        database=Database(url=database_url or f"sqlite:///{folder / 'deelgrond.db'}"),
        keys=Keys(**{role: f"file:{folder / role}.json" for role in ("log", "storage", "pseudonym")}),
        policy=policy,
        identity=Identity(issuer=issuer.issuer, audience=address, assurance=_LEVELS),
        http=Http(public_url=address),
        pages=Pages(client_id=CLIENT_ID),
    )


def _directory(case: CaseFile, issuer: str) -> EnrolDirectory:
    organisations = {name: entry.organisation() for name, entry in case.organisations.items()}
    return EnrolDirectory(
        organisations=tuple(organisations.values()),
        staff=tuple(
            Staff(
                id=f"staff:{name}",
                organisation=organisations[entry.organisation].id,
                active=True,
                **entry.model_dump(include={"role", "profession", "registration", "supervised_by_registered"}),
            )
            for name, entry in case.staff.items()
        ),
        accounts={f"staff:{name}": Account(issuer=issuer, subject=name) for name in case.staff},
        mandates=tuple(
            Mandate(staff=f"staff:{name}", from_on=entry.mandate.from_on, until_on=entry.mandate.until_on)
            for name, entry in case.staff.items()
            if entry.mandate
        ),
    )


def listening() -> socket.socket:
    """Return a socket that listens on a free port of this machine.

    It names its protocol, because asyncio turns Nagle's algorithm off only for a socket that does; with it on, every
    answer waits 40 ms for the acknowledgement of its head.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener


@contextmanager
def _serving(w: Wiring, settings: Settings, listener: socket.socket) -> Iterator[None]:
    """Serve the production app on the listening socket, in a thread, until the block ends."""
    provider = build_provider(settings)
    app = create_app(w, build_verifier(settings), public_url=settings.http.public_url, provider=provider)
    server = uvicorn.Server(uvicorn.Config(app, **LISTENING))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="story-server", daemon=True)
    thread.start()
    give_up_at = time.monotonic() + PATIENCE
    while not server.started and thread.is_alive() and time.monotonic() < give_up_at:
        time.sleep(0.01)
    try:
        if not server.started:
            raise ConflictError("the server of the story does not start", code="demo.no_server")
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=PATIENCE)

"""A story played for real: the broker serves on this machine, each person calls it with his own keys, and is checked.

Nothing is pretended but the clock and the issuer. The app is the production app over a real database, real keys and
the real policies; every act goes over HTTP through `broker.client`, so that texts are sealed and opened where they are
in practice. After each act what happened is held against what the case file expects, and at the end the whole log is
verified from the database up.
"""

from __future__ import annotations

import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import uvicorn

from broker.app import build_verifier, build_wiring, create_app
from broker.client import Client, ClientError, verify_event
from broker.crypto.keyfile import PersonalKeys, make_keyfile, unlock_keyfile
from broker.crypto.note import parse_verifier_key
from broker.demo.casefile import CaseFile
from broker.demo.entries import Act
from broker.demo.expect import surprises
from broker.demo.issuer import DemoIssuer
from broker.domain.directory import Mandate, Organisation, Staff
from broker.domain.ports import Wiring
from broker.flows.enrol import EnrolDirectory, enrol_directory
from broker.flows.verify import Report, verify_log
from broker.kernel.errors import BrokerError, ConflictError, IntegrityError
from broker.kernel.values import Oin
from broker.keyring import make_key, open_keyring, write_key
from broker.proof import ProofMaker
from broker.settings import Database, Http, Identity, Keys, Policy, Settings
from broker.store.migrations import migrate

ACT_TAKES = timedelta(minutes=2)
"""How far the story's clock moves on with each act."""

PATIENCE = 10.0
"""Seconds to wait for the server to start, and for the log to catch up with what was just recorded."""

_LEVELS: dict[str, Literal["low", "substantial", "high"]] = {"low": "low", "substantial": "substantial", "high": "high"}
_PASSPHRASE = "een zin voor de demonstratie"  # noqa: S105  opens keys that live as long as this process


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

    @property
    def surprises(self) -> tuple[str, ...]:
        """What was not as the case file says, act by act; empty when all was."""
        return tuple(
            f"act {number} ({one.act.verb}): {surprise}"
            for number, one in enumerate(self.happened)
            for surprise in one.surprises
        )


class StoryClock:
    """The story's time: stands still, until it is moved."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def __call__(self) -> datetime:
        """Return the story's present moment."""
        return self._now

    def move(self, by: timedelta) -> None:
        """Let time go by."""
        self._now += by


def play(
    case: CaseFile,
    *,
    engine: Literal["embedded", "opa", "both"] = "embedded",
    database_url: str | None = None,
    opa_address: str | None = None,
    out: Callable[[Happened], None] = lambda _: None,
) -> Played:
    """Play a case and return what happened; `out` is told of each act as it is done.

    Without `database_url` everything is in a temporary folder that is gone afterwards; a database given must be empty.
    Raises what stops the broker from starting, and IntegrityError when the log does not verify at the end.
    """
    clock = StoryClock(case.now)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="deelgrond-")))
        issuer = stack.enter_context(DemoIssuer())
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        settings = _settings(
            folder, clock, address, issuer, database_url, Policy(engine=engine, opa_address=opa_address)
        )
        migrate(settings.database.url)
        w = build_wiring(settings, clock=clock)
        vkey = open_keyring(settings.keys.model_dump(), clock=clock).log_signer().vkey
        enrol_directory(_directory(case, issuer.issuer), w)
        with _serving(w, settings, listener):
            stage = _Stage(case, clock, address, issuer, vkey, stack)
            happened = tuple(_act_by_act(case, stage, clock, out))
        report = verify_log(w.store, vkeys=[parse_verifier_key(vkey)])
        return Played(case=case, happened=happened, log=report)


def _act_by_act(
    case: CaseFile, stage: _Stage, clock: StoryClock, out: Callable[[Happened], None]
) -> Iterator[Happened]:
    for act in case.acts:
        clock.move(ACT_TAKES)
        result: Mapping[str, Any] = {}
        failed: BrokerError | None = None
        try:
            result = getattr(stage, act.verb)(act.body)
        except BrokerError as error:
            failed = error
        one = Happened(
            act=act, at=clock(), result=result, failed=failed, surprises=surprises(act.expect, result, failed)
        )
        out(one)
        yield one
        if failed is not None and act.expect.fails is None:
            return


class _Stage:
    """Everybody with his client, and the identifiers that the broker gave to what the file calls by a name."""

    def __init__(
        self, case: CaseFile, clock: StoryClock, address: str, issuer: DemoIssuer, vkey: str, stack: ExitStack
    ) -> None:
        self._case, self._clock, self._vkey = case, clock, vkey
        self._ids: dict[str, str] = {}
        self._people = {
            name: stack.enter_context(_client(name, staff.assurance, clock, address, issuer))
            for name, staff in case.staff.items()
        }
        for client in self._people.values():
            client.enrol_key()

    def register(self, body: Any) -> Mapping[str, Any]:
        case = self._people[body.by].register_case(self._case.case.model_dump(mode="json"))
        self._ids["case"] = case["id"]
        return case

    def ask(self, body: Any) -> Mapping[str, Any]:
        request = self._case.requests[body.request]
        content = {
            **request.model_dump(mode="json"),
            "case": self._ids["case"],
            "responder": self._case.organisations[request.responder].id,
        }
        asked = self._people[body.by].ask(content)
        self._ids[f"request {body.request}"] = asked["request"]["id"]
        return asked

    def take(self, body: Any) -> Mapping[str, Any]:
        return {"request": self._people[body.by].take(self._request(body))}

    def record(self, body: Any) -> Mapping[str, Any]:
        content = body.model_dump(mode="json", exclude={"by", "request"})
        self._people[body.by].record(self._request(body), content)
        return {}

    def preview(self, body: Any) -> Mapping[str, Any]:
        return self._people[body.by].preview(self._request(body))

    def release(self, body: Any) -> Mapping[str, Any]:
        answers = [answer.model_dump(mode="json") for answer in body.answers]
        return self._people[body.by].release(self._request(body), answers)

    def decline(self, body: Any) -> Mapping[str, Any]:
        return {"decision": self._people[body.by].decline(self._request(body))}

    def open(self, body: Any) -> Mapping[str, Any]:
        person, request = self._people[body.by], self._request(body)
        return _once_logged(lambda: person.open(request))

    def consent(self, body: Any) -> Mapping[str, Any]:
        content = body.model_dump(mode="json", exclude={"by", "name", "request"})
        where = {"request": self._request(body)} if body.request else {"case": self._ids["case"]}
        recorded = self._people[body.by].record_consent({**content, **where})
        self._ids[f"consent {body.name}"] = recorded["id"]
        return recorded

    def withdraw(self, body: Any) -> Mapping[str, Any]:
        return self._people[body.by].withdraw_consent(self._ids[f"consent {body.consent}"])

    def wait(self, body: Any) -> Mapping[str, Any]:
        self._clock.move(timedelta(hours=body.hours, days=body.days))
        return {}

    def replay(self, body: Any) -> Mapping[str, Any]:
        request = self._request(body)
        found = [one for one in self._people[body.by].decisions(stage=body.stage) if one["request"] == request]
        if not found:
            raise ConflictError("there is no decision of this stage to replay", code="demo.no_decision")
        return self._people[body.by].replay(found[0]["id"])

    def verify(self, body: Any) -> Mapping[str, Any]:
        """Verify every event of every request with the log's key, as somebody would who trusts nobody's word."""
        requests = [identifier for name, identifier in self._ids.items() if name.startswith("request ")]
        events = [event for request in requests for event in self._covered(body.by, request)]
        for event in events:
            verify_event(event, self._vkey)
        return {"events": len(events), "checkpoint": self._people[body.by].checkpoint()}

    def _covered(self, by: str, request: str) -> list[dict[str, Any]]:
        give_up_at = time.monotonic() + PATIENCE
        while True:
            events = self._people[by].events(request)
            if all(event["proof"] is not None for event in events):
                return events
            if time.monotonic() > give_up_at:
                raise IntegrityError("the log does not catch up with what was recorded")
            time.sleep(0.05)

    def _request(self, body: Any) -> str:
        return self._ids[f"request {body.request}"]


def _once_logged(opening: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Open, waiting for the checkpoint that covers the release when it is not there yet."""
    give_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            return opening()
        except ClientError as error:
            if error.code != "release.not_logged_yet" or time.monotonic() > give_up_at:
                raise
        time.sleep(0.05)


def _client(name: str, assurance: str, clock: StoryClock, address: str, issuer: DemoIssuer) -> Client:
    proofs = ProofMaker()

    def access() -> str:
        return issuer.issue(name, acr=assurance, thumbprint=proofs.thumbprint, now=clock(), audience=address)

    return Client(address=address, access=access, proofs=proofs, now=clock, keys=_personal_keys(name))


@lru_cache(maxsize=32)
def _personal_keys(name: str) -> PersonalKeys:
    """Make and open a key file; once per name and process, because each costs 128 MiB twice."""
    return unlock_keyfile(make_keyfile(_PASSPHRASE), _PASSPHRASE)


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
    )


def _directory(case: CaseFile, issuer: str) -> EnrolDirectory:
    organisations = {
        name: Organisation(**{**entry.model_dump(), "oin": Oin(entry.oin)})
        for name, entry in case.organisations.items()
    }
    return EnrolDirectory(
        organisations=tuple(organisations.values()),
        staff=tuple(
            Staff(
                id=f"staff:{name}",
                organisation=organisations[entry.organisation].id,
                issuer=issuer,
                subject=name,
                active=True,
                **entry.model_dump(include={"role", "profession", "registration", "supervised_by_registered"}),
            )
            for name, entry in case.staff.items()
        ),
        mandates=tuple(
            Mandate(staff=f"staff:{name}", from_on=entry.mandate.from_on, until_on=entry.mandate.until_on)
            for name, entry in case.staff.items()
            if entry.mandate
        ),
    )


@contextmanager
def _serving(w: Wiring, settings: Settings, listener: socket.socket) -> Iterator[None]:
    """Serve the production app on the listening socket, in a thread, until the block ends."""
    app = create_app(w, build_verifier(settings), public_url=settings.http.public_url)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, server_header=False))
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

"""A running broker for tests: the production app over HTTP with real keys, real policies and people who call it.

`running` serves the app from this process, with a clock that a test can move. `People` are the callers: `client` gives
somebody's own client, `send` makes a raw call, so that a test can send what no client would; every answer, whoever
gets it, is checked for the headers and the problem document that all answers must have. `Matter` brings a request into
each of its states.
"""

from __future__ import annotations

import functools
import itertools
import json
import socket
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlalchemy import create_engine, make_url, text

from broker.api.edge import VERSION
from broker.app import build_edition_gate, create_app
from broker.client import Client, ClientError
from broker.crypto.canonical import parse_canonical
from broker.crypto.keyfile import PersonalKeys, make_keyfile, unlock_keyfile
from broker.crypto.note import parse_verifier_key
from broker.demo.issuer import LIFETIME, DemoIssuer
from broker.demo.story import listening
from broker.domain.directory import Account, Actor, Mandate, Organisation, Staff, StaffKey
from broker.domain.event import Recorded
from broker.domain.gate import Gate
from broker.domain.wiring import Wiring
from broker.flows.attempt import PendingAttempts
from broker.flows.enrol import EnrolDirectory, enrol_directory, vouch_for_key
from broker.flows.publish import publish
from broker.flows.verify import Report, verify_log
from broker.identity import HttpJwks, TokenVerifier
from broker.kernel.values import Oin
from broker.keyring import Keyring, make_key, open_keyring, write_key
from broker.listen import LISTENING
from broker.policy.installed import installed_gate
from broker.proof import ProofMaker, RecentProofs
from broker.settings import Policy
from broker.store.base import Store
from broker.store.engine import for_reading, open_engine
from broker.store.migrations import migrate
from broker.store.replay import StoredProofs
from broker.store.schema import metadata

AUDIENCE = "deelgrond"
MAX_BODY = 1024 * 1024
PATIENCE = 20.0
"""Seconds to wait for what another thread or process does."""

ROLES = ("log", "storage", "pseudonym")

EVERY_ANSWER = {
    "api-version": VERSION,
    "cache-control": "no-store",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""The headers of every answer (NL API Design Rules, /transport/security-headers and /core/version-header)."""

_ORGANISATIONS = {
    "org:vt": ("veilig_thuis", "overig"),
    "org:vt2": ("veilig_thuis", "overig"),
    "org:gp": ("huisarts", "arts"),
    "org:gp2": ("huisarts", "arts"),
}
_STAFF = {
    "worker": ("org:vt", "onderzoeker", "maatschappelijk_werker", "skj"),
    "colleague": ("org:vt", "onderzoeker", "maatschappelijk_werker", "skj"),
    "lapsed": ("org:vt", "onderzoeker", "maatschappelijk_werker", "skj"),
    "struck_off": ("org:vt", "onderzoeker", "maatschappelijk_werker", "none"),
    "planner": ("org:vt", "planner", "overig", "none"),
    "officer": ("org:vt", "privacy_officer", "overig", "none"),
    "system": ("org:vt", "systeem", "overig", "none"),
    "outsider": ("org:vt2", "onderzoeker", "maatschappelijk_werker", "skj"),
    "outside_officer": ("org:vt2", "privacy_officer", "overig", "none"),
    "doctor": ("org:gp", "huisarts", "arts", "big"),
    "partner": ("org:gp", "huisarts", "arts", "big"),
    "answering_officer": ("org:gp", "privacy_officer", "overig", "none"),
    "assistant": ("org:gp", "assistent", "overig", "none"),
    "outside_doctor": ("org:gp2", "huisarts", "arts", "big"),
}
"""Who is enrolled: organisation, role, profession and registration.

The mandate of `lapsed` has ended, and the registration of `struck_off`.
"""

SUBJECTS = {name: f"subject-{name}" for name in _STAFF} | {"unknown": "subject-of-nobody"}
KEY_HOLDERS = {"worker", "colleague", "doctor", "partner"}

WEIGHED: dict[str, Any] = {
    "steps": {f"ST-{number:02d}": "gedaan" for number in range(1, 11)},
    "weighing": {
        "outcome": "give",
        "reasons": "nodig voor de veiligheid",
        "relevant": True,
        "contributes": True,
        "no_lesser_means": True,
        "proportionate": True,
        "parts": [
            {"question": "q1", "category": "veiligheid", "about": "child1", "give": True, "kind": "observation"},
            {
                "question": "q2",
                "category": "gez_kern",
                "about": "father",
                "give": True,
                "kind": "fact",
                "necessary": False,
            },
        ],
    },
}
"""What the professional records; q2 warrants no breach of secrecy, so that it goes with consent only."""

REFUSING = {**WEIGHED, "weighing": {**WEIGHED["weighing"], "outcome": "refuse", "parts": []}}

TOLD = {"because": "nothing_known", "message": "Vraag het de school."}
"""What the asker is told when the professional declines."""

ANSWERS = [
    {"question": "q1", "category": "veiligheid", "about": "child1", "kind": "observation", "text": "blauwe plek"},
    {"question": "q2", "category": "gez_kern", "about": "father", "kind": "fact", "text": "onder behandeling"},
]

_numbers = itertools.count(1)


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


class People:
    """The callers of one broker, and what they may hold: tokens of the issuer, proof keys, key files."""

    def __init__(self, *, address: str, issuer: DemoIssuer, now: Callable[[], datetime], w: Wiring) -> None:
        self.address, self.issuer, self.now, self._w = address, issuer, now, w
        self.enrolling = True
        self._proofs = {name: ProofMaker() for name in SUBJECTS}
        self._clients: dict[str, Client] = {}
        self.http = httpx.Client(base_url=address, timeout=PATIENCE, event_hooks={"response": [check_answer]})

    def token(self, name: str, *, acr: str = "high", audience: str = AUDIENCE, bound: bool = True) -> str:
        """Return an access token of this person."""
        thumbprint = self._proofs[name].thumbprint if bound else None
        return self.issuer.issue(
            SUBJECTS[name], acr=acr, thumbprint=thumbprint, now=self.now(), audience=audience, lifetime=LIFETIME
        )

    def signed(
        self, name: str, method: str, path: str, *, token: str | None = None, acr: str = "high"
    ) -> dict[str, str]:
        """Return the headers of one signed-in call: the token, and the proof for this call."""
        token = token or self.token(name, acr=acr)
        url = self.address + path.partition("?")[0]
        return {
            "Authorization": f"DPoP {token}",
            "DPoP": self._proofs[name].proof(method, url, token, self.now()),
        }

    def send(
        self,
        name: str | None,
        method: str,
        path: str,
        body: object = None,
        *,
        content: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        acr: str = "high",
    ) -> httpx.Response:
        """Make one call as this person, or as nobody; `content` is sent as it is, `body` as JSON."""
        own = self.signed(name, method, path, acr=acr) if name else {}
        if content is None and body is not None:
            content = json.dumps(body).encode()
        if content is not None:
            own["Content-Type"] = "application/json"
        return self.http.request(method, path, content=content, headers={**own, **(headers or {})})

    def confirm(self, key: str) -> None:
        """Confirm whose key this is as the operator, and have it in the signed log."""
        if not find_key(key, self._w).is_confirmed:
            vouch_for_key(key, self._w)
        publish_all(self._w)

    def client(self, name: str) -> Client:
        """Return this person's client; who holds a key file has enrolled it, while `enrolling`."""
        if name not in self._clients:
            client = Client(
                address=self.address,
                access=lambda: self.token(name),
                proofs=self._proofs[name],
                now=self.now,
                keys=keys_of(name) if name in KEY_HOLDERS else None,
            )
            if name in KEY_HOLDERS and self.enrolling:
                self.confirm(client.enrol_key()["key_id"])
            self._clients[name] = client
        return self._clients[name]

    def close(self) -> None:
        """Close all connections."""
        self.http.close()
        for client in self._clients.values():
            client.__exit__()


class Matter:
    """The family matter of the tests: VT asks the GP about a child's injuries and, with consent, about the father."""

    def __init__(self, people: People) -> None:
        self._people = people

    @property
    def today(self) -> date:
        """The day it is for the broker."""
        return self._people.now().date()

    def case_body(self) -> dict[str, Any]:
        """Return a case under investigation."""
        return {
            "reference": "VT-2026-1",
            "vt_phase": "onderzoek",
            "investigation_determined_on": (self.today - timedelta(days=20)).isoformat(),
            "persons": [
                {
                    "ref": "child1",
                    "relation": "child",
                    "name": "Sanne de Vries",
                    "birth_on": "2019-05-14",
                    "authority": ["mother", "father"],
                    "informed_by_requester": True,
                },
                {"ref": "mother", "relation": "parent", "name": "Marieke", "birth_on": "1992-01-01", "capable": True},
                {"ref": "father", "relation": "parent", "name": "Tom", "birth_on": "1990-01-01", "capable": True},
            ],
        }

    def ask_body(self, case: str) -> dict[str, Any]:
        """Return a request with two questions, one of them about the father's health."""
        return {
            "case": case,
            "responder": "org:gp",
            "purpose": "vt_onderzoek",
            "concern": {"nature": "mishandeling", "seriousness": "ernstig", "content": "letsel bij een kind"},
            "persons": ["child1", "mother", "father"],
            "patients": ["child1"],
            "questions": [
                {
                    "id": "q1",
                    "person": "child1",
                    "text": "Is er letsel gezien?",
                    "categories": ["veiligheid"],
                    "specific": True,
                    "period_months": 24,
                },
                {
                    "id": "q2",
                    "person": "father",
                    "text": "Is hij onder behandeling?",
                    "categories": ["gez_kern"],
                    "specific": True,
                    "period_months": 24,
                },
            ],
        }

    def consent_body(self, **place: str) -> dict[str, Any]:
        """Return the father's consent, in a case or on a request."""
        return {
            **place,
            "about": "father",
            "given_by": ["father"],
            "status": "given",
            "recipient": "org:vt",
            "purpose": "vt_onderzoek",
            "categories": ["gez_kern"],
            "on": (self.today - timedelta(days=2)).isoformat(),
            "free": True,
            "explicit": True,
            "evidence": "given_in_person",
        }

    def case(self) -> str:
        """Register a case and return its id."""
        return str(self._people.client("worker").register_case(self.case_body())["id"])

    def delivered(self, case: str | None = None) -> str:
        """Ask, and return the id of the request that was delivered."""
        asked = self._people.client("worker").ask(self.ask_body(case or self.case()))
        assert asked["request"]["state"] == "delivered", asked["decision"]
        return str(asked["request"]["id"])

    def case_of(self, request: str) -> str:
        """Return the case behind a request."""
        return str(self._people.client("worker").request(request)["request"]["case"])

    def taken(self, case: str | None = None) -> str:
        """Return the id of a request that the doctor took up."""
        request = self.delivered(case)
        self._people.client("doctor").take(request)
        return request

    def consented(self, request: str) -> str:
        """Record the father's consent on a request, and return its id."""
        return str(self._people.client("doctor").record_consent(self.consent_body(request=request))["id"])

    def weighed(self, case: str | None = None) -> tuple[str, str]:
        """Return a request that was weighed and the consent that carries its second question."""
        request = self.taken(case)
        consent = self.consented(request)
        self._people.client("doctor").record(request, WEIGHED)
        return request, consent

    def victim_case(self) -> str:
        """Register a case about an adult without children, and return its id."""
        body = self.case_body()
        victim = {"ref": "victim", "relation": "adult_victim", "name": "Els", "birth_on": "1990-01-01", "capable": True}
        return str(self._people.client("worker").register_case({**body, "persons": [victim]})["id"])

    def victim_body(self, case: str) -> dict[str, Any]:
        """Return a request about that adult, which takes consent."""
        body = self.ask_body(case)
        question = {**body["questions"][0], "person": "victim"}
        return {**body, "persons": ["victim"], "patients": ["victim"], "questions": [question]}

    def victim_consents(self, case: str) -> str:
        """Record the consent of that adult, and return its id."""
        body = {**self.consent_body(case=case), "about": "victim", "given_by": ["victim"], "categories": ["veiligheid"]}
        return str(self._people.client("worker").record_consent(body)["id"])

    def refused(self, case: str | None = None) -> str:
        """Return a request that was refused because nobody asked for that consent."""
        asked = self._people.client("worker").ask(self.victim_body(case or self.victim_case()))
        assert asked["request"]["state"] == "refused", asked["decision"]
        return str(asked["request"]["id"])

    def refusing(self) -> str:
        """Return a request whose weighing says that nothing is given."""
        request = self.taken()
        self._people.client("doctor").record(request, REFUSING)
        return request

    def released(self) -> tuple[str, str]:
        """Return a request that was answered and the consent that carries its second question."""
        request, consent = self.weighed()
        self._people.client("doctor").release(request, ANSWERS)
        return request, consent

    def opened(self, request: str) -> dict[str, Any]:
        """Open as the worker, once the log has caught up."""
        return eventually(lambda: self._people.client("worker").open(request), unless="release.not_logged_yet")


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
def running(url: str | None = None, *, policy: Policy | None = None) -> Iterator[Broker]:
    """Serve a broker of its own on this machine; without a URL on a fresh SQLite file."""
    clock = MovableClock()
    with tempfile.TemporaryDirectory(prefix="deelgrond-") as folder, DemoIssuer() as issuer:
        directory = Path(folder)
        url = url or fresh_sqlite(directory)
        keys = fresh_keys(directory, clock)
        store, engine = Store(url, keys), open_engine(url)
        # As in production: processes on one PostgreSQL share which proofs were used.
        replays = StoredProofs(engine) if engine.dialect.name == "postgresql" else RecentProofs()
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
            replays=replays,
        )
        with listening() as door:
            address = f"http://127.0.0.1:{door.getsockname()[1]}"
            app = create_app(w, verifier, public_url=address, max_body=MAX_BODY)
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
                engine.dispose()
        assert not thread.is_alive(), "the server did not stop"


def check_answer(answer: httpx.Response) -> None:
    """Hold any answer of the broker to what all answers promise."""
    for name, value in EVERY_ANSWER.items():
        assert answer.headers.get_list(name) == [value], (name, answer.request.url.path, answer.headers)
    assert "server" not in answer.headers
    if answer.is_error and answer.request.method != "HEAD":
        answer.read()
        problem_of(answer)


def problem_of(answer: httpx.Response) -> dict[str, Any]:
    """Return the problem document of an answer; it has everything that RFC 9457 and the design rules ask for."""
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["status"] == answer.status_code
    of_a_standard = problem["type"].startswith("urn:openid:authzen:access-request:error:")
    assert of_a_standard or problem["type"] == f"urn:deelgrond:problem:{problem['code']}"
    assert problem["title"].endswith(".")
    assert problem["detail"].endswith(".")
    assert problem["title"] != problem["detail"]
    assert all(set(finding) == {"detail"} for finding in problem.get("errors", ()))
    return problem


def codes_of(answer: httpx.Response) -> tuple[int, str]:
    """Return the status and code of a problem."""
    return answer.status_code, str(problem_of(answer)["code"])


def findings_of(answer: httpx.Response) -> list[str]:
    """Return the single findings of a problem."""
    return [str(finding["detail"]) for finding in problem_of(answer).get("errors", ())]


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; fail when it takes too long."""
    give_up_at = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < give_up_at, "waited too long"
        time.sleep(0.02)


def eventually(call: Callable[[], dict[str, Any]], *, unless: str) -> dict[str, Any]:
    """Return what the call gives, as soon as it no longer fails with this code."""
    give_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            return call()
        except ClientError as error:
            if error.code != unless or time.monotonic() > give_up_at:
                raise
        time.sleep(0.05)


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


@functools.cache
def keys_of(name: str) -> PersonalKeys:
    """Return a person's opened key file; scrypt is slow by design, so each file is made once."""
    passphrase = f"de wachtzin van {name}"
    return unlock_keyfile(make_keyfile(passphrase), passphrase)


def fresh_keys(directory: Path, clock: Callable[[], datetime]) -> Keyring:
    """Make the broker's keys in this directory and open them."""
    for role in ROLES:
        text = make_key(role, identifier=f"{role}-1", now=clock(), name="broker.example/log")
        write_key(directory / f"{role}.json", text)
    return open_keyring(key_uris(directory), clock=clock)


def key_uris(directory: Path) -> dict[str, str]:
    """Return where the keys of `fresh_keys` are, as URIs."""
    return {role: (directory / f"{role}.json").as_uri() for role in ROLES}


def everybody(issuer: str, today: date) -> EnrolDirectory:
    """Return the directory of the tests, with mandates around this day."""
    staff = tuple(member(name) for name in _STAFF)
    year = timedelta(days=365)
    lapsed = {"st:lapsed": today - timedelta(days=1)}
    return EnrolDirectory(
        organisations=tuple(
            Organisation(
                id=organisation,
                oin=Oin(f"0000000100321434500{number}"),
                name=organisation,
                type=kind,
                active=True,
                connected=True,
                profession=profession,
                holds_information_professionally=True,
            )
            for number, (organisation, (kind, profession)) in enumerate(_ORGANISATIONS.items())
        ),
        staff=staff,
        accounts={f"st:{name}": Account(issuer=issuer, subject=SUBJECTS[name]) for name in _STAFF},
        mandates=tuple(
            Mandate(staff=one.id, from_on=today - year, until_on=lapsed.get(one.id, today + year)) for one in staff
        ),
    )


def member(name: str, *, role: str | None = None) -> Staff:
    """Return somebody's entry in the directory, or the one with another role."""
    organisation, own_role, profession, registration = _STAFF[name]
    return Staff(
        id=f"st:{name}",
        organisation=organisation,
        role=role or own_role,
        profession=profession,
        registration=registration,
        supervised_by_registered=False,
        active=True,
    )


@contextmanager
def another_role(broker: Broker, name: str, role: str) -> Iterator[None]:
    """Give somebody another role in the directory, and his own role back afterwards."""
    before = member(name)
    enrol_directory(EnrolDirectory(staff=(replace(before, role=role),)), broker.w)
    try:
        yield
    finally:
        enrol_directory(EnrolDirectory(staff=(before,)), broker.w)


@contextmanager
def moved_away(path: Path) -> Iterator[None]:
    """Move a file away, and back afterwards."""
    hidden = path.with_suffix(".hidden")
    path.rename(hidden)
    try:
        yield
    finally:
        hidden.rename(path)


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])


def fresh_sqlite(directory: Path) -> str:
    """Return the URL of a new SQLite file with the current schema."""
    (directory / "broker.db").write_bytes(_empty_sqlite())
    return f"sqlite:///{directory / 'broker.db'}"


@functools.cache
def _empty_sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()


@contextmanager
def fresh_postgres(server: str) -> Iterator[str]:
    """Yield the URL of a new database with the current schema on the server at this URL."""
    name = f"running_{next(_numbers)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
            try:
                migrate(url)
                yield url
            finally:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        admin.dispose()


def events_of(store: Any) -> list[Recorded]:
    """Return the events in the log of a store so far, in its order."""
    with store.transaction() as tx:
        return list(tx.log.recorded(0, tx.log.size()))


def find_key(key: str, w: Wiring) -> StaffKey:
    """Return an enrolled key."""
    with w.store.reading() as tx:
        found = tx.directory.find_key(key)
    assert found is not None
    return found


def publish_all(w: Wiring) -> None:
    """Publish until no event waits for its index: the keeper of a running broker may be at it already."""

    def is_done() -> bool:
        publish(w)
        with w.store.evidence() as evidence:
            return all(event.index is not None for event in evidence.events())

    wait_until(is_done)


def outcome_of(event: Recorded) -> str:
    """Return the outcome in an event's entry."""
    return str(parse_canonical(event.entry)["outcome"])


_NO_ACTS = "SELECT id FROM events WHERE substr(tag, 1, 8) = 'attempt:' OR tag = 'log:checkpoint:kept'"


def contents_of(url: str) -> dict[str, list[str]]:
    """Return the rows of every table; without attempts, and without what publishing changes."""
    engine = open_engine(url)
    found: dict[str, list[str]] = {}
    with engine.connect() as connection, for_reading(connection).begin():
        no_acts = {row[0] for row in connection.exec_driver_sql(_NO_ACTS)}
        for table in metadata.sorted_tables:
            if table.name not in {"checkpoints", "log_nodes", "seen_proofs"}:
                columns = ", ".join(
                    f'"{column.name}"' for column in table.c if column.name not in {"log_index", "waiting"}
                )
                rows = (tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM {table.name}"))  # noqa: S608
                found[table.name] = sorted(repr(row) for row in rows if not no_acts & {str(value) for value in row})
    engine.dispose()
    return found

"""The broker that is measured: with its keys, organisations, workers and their cases, and an issuer.

Everything is real but the people: the keys are made for the occasion, the token is signed by the demonstration's
issuer, every call carries its own proof, and the servers are processes with the app of `broker serve`.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx

from broker.app import create_app
from broker.bench.replay import Spoken, recorded
from broker.clock import system_clock
from broker.demo.issuer import CLIENT_ID, DemoIssuer
from broker.domain.case import CaseFacts, PersonEntry
from broker.domain.decision import PERMITS
from broker.domain.directory import Account, Actor, Mandate, Organisation, Staff
from broker.domain.vocabulary import OrganisationType, Profession, Registration, Relation
from broker.domain.wiring import Wiring
from broker.flows import sign_in
from broker.flows.attempt import PendingAttempts
from broker.flows.enrol import EnrolDirectory, enrol_directory
from broker.flows.register import RegisterCase, register_case
from broker.identity import HttpJwks, TokenVerifier
from broker.kernel.errors import ConflictError, NotFoundError, StoreUnavailable
from broker.kernel.values import Oin, legal_day
from broker.keyring import make_key, open_keyring, write_key
from broker.policy.bundle import policies_path
from broker.policy.edition import own_edition
from broker.policy.installed import installed_gate
from broker.proof import ProofMaker, RecentProofs
from broker.store.base import Store
from broker.store.migrations import migrate

PATH = "/v1/requests"
"""Where asking is done."""

WORKERS = 16
"""Workers, each with a case of his own: one person's calls at once are few, and acts on one case take turns."""

SUBJECTS = tuple(f"worker-{number + 1}" for number in range(WORKERS))
"""Who they are."""

ASKED = (("q1", "veiligheid", "child1"), ("q2", "gez_kern", "child1"), ("q3", "gez_kern", "mother"))
"""What every request asks: question, category and about whom."""

PATIENCE = 60.0
"""Seconds that a server process gets to come up."""

_PUBLIC_URL = "https://broker.example.nl"
_VT, _GP = "org:vt-amsterdam", "org:praktijk-linnaeus"
_WORDS = "Het kind kwam driemaal te laat op school en vertelde dat het thuis 's nachts niet slaapt van de ruzies. " * 2
_TOKEN_LIFETIME = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What one of those enrolled does in one call (a POST), and the status with which it is done."""

    who: str
    path: str
    body: bytes
    expected: int = http.client.CREATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A broker that can be asked; `environment` holds the settings of its server processes."""

    wiring: Wiring
    issuer: str
    environment: Mapping[str, str]
    cases: tuple[str, ...]
    proofs: ProofMaker
    tokens: Mapping[str, str] = field(repr=False)

    def headers(self, worker: int = 0) -> dict[str, str]:
        """Return the headers with which one of the workers asks; the next call needs a proof of its own."""
        return self.headers_of(self.asking(worker))

    def headers_of(self, act: Act) -> dict[str, str]:
        """Return the headers of one call; the next call needs a proof of its own."""
        token = self.tokens[act.who]
        return {
            "Authorization": f"DPoP {token}",
            "DPoP": self.proofs.proof("POST", _PUBLIC_URL + act.path, token, system_clock()),
            "Content-Type": "application/json",
        }

    def asking(self, worker: int = 0) -> Act:
        """Return what one of the workers does when he asks in his case."""
        return Act(who=SUBJECTS[worker % WORKERS], path=PATH, body=self.body(worker))

    def body(self, worker: int = 0) -> bytes:
        """Return what one of the workers asks in his case: three concrete questions about two of three persons.

        In as many words as people use.
        """
        return json.dumps(
            {
                "case": self.cases[worker % WORKERS],
                "responder": _GP,
                "purpose": "vt_onderzoek",
                "concern": {"nature": _WORDS, "seriousness": _WORDS, "content": _WORDS},
                "persons": ["child1", "mother", "father"],
                "patients": ["child1", "mother"],
                "questions": [
                    {
                        "id": name,
                        "person": ref,
                        "text": _WORDS,
                        "categories": [category],
                        "specific": True,
                        "period_months": 24,
                    }
                    for name, category, ref in ASKED
                ],
            }
        ).encode()

    def session(self, subject: str) -> str:
        """Sign somebody in to the pages, and return the cookie that says so."""
        enter = sign_in.Enter(account=Account(issuer=self.issuer, subject=subject), assurance="high")
        return f"__Host-deelgrond-session={sign_in.sign_in(enter, self.wiring)}"

    def actor(self, subject: str) -> Actor:
        """Return one of those enrolled, as the directory knows him today."""
        return _actor(self.wiring, self.issuer, subject)

    def record(self, act: Act) -> list[Spoken]:
        """Do this in this process and return what it said to the database; ConflictError unless it is permitted.

        The log is not published meanwhile: that work depends on what waits, so it is not the same each time.
        """
        verifier = TokenVerifier(
            issuer=self.issuer,
            audience=_PUBLIC_URL,
            keys=HttpJwks(issuer=self.issuer),
            assurance={"high": "high"},
            replays=RecentProofs(),
        )
        transport = httpx.ASGITransport(app=create_app(self.wiring, verifier, public_url=_PUBLIC_URL))

        async def call() -> httpx.Response:
            async with httpx.AsyncClient(transport=transport, base_url=_PUBLIC_URL) as client:
                return await client.post(act.path, content=act.body, headers=self.headers_of(act))

        with self.wiring.store.sequencing(), recorded() as said:
            answer = asyncio.run(call())
        if answer.status_code != act.expected:
            raise ConflictError(f"what is to be measured ended in {answer.status_code}")
        # The answer to a release tells no decision: without one that permits there is no release.
        if answer.json().get("decision", {}).get("outcome", "permit") not in PERMITS:
            raise ConflictError("what is to be measured is not permitted")
        return said

    @contextmanager
    def serving(self) -> Iterator[tuple[tuple[str, int], int]]:
        """Run one server process and yield its address (host and port) and its process id."""
        with served("broker", "serve", environment=self.environment) as found:
            yield found


@contextmanager
def served(*module: str, environment: Mapping[str, str]) -> Iterator[tuple[tuple[str, int], int]]:
    """Run a module that serves by the broker's settings; yield its address (host and port) and its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", *module],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, **environment, "BROKER_HTTP__PORT": str(port)},
    )
    try:
        _wait(process, port)
        yield ("127.0.0.1", port), process.pid
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)


def called(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] = MappingProxyType({}),
    expected: int = http.client.OK,
) -> bytes:
    """Make one call and return the body of its answer, as it came; ConflictError when its status is another."""
    connection.request(method, path, body=body, headers=dict(headers))
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != expected:
        raise ConflictError(f"a call that was measured ended in {answer.status}")
    return said


def fresh_keys(folder: Path) -> dict[str, str]:
    """Make the broker's three keys in this folder and return their URIs by role."""
    uris = {}
    for role in ("log", "storage", "pseudonym"):
        path = folder / f"{role}.json"
        write_key(path, make_key(role, identifier=f"{role}-1", now=system_clock(), name="broker.example.nl/log"))
        uris[role] = path.as_uri()
    return uris


@contextmanager
def measured(url: str, folder: Path) -> Iterator[Broker]:
    """Yield a broker on this empty database, its keys in this folder; its own connections are closed by then."""
    migrate(url)
    uris, proofs, now = fresh_keys(folder), ProofMaker(), system_clock()
    keys = open_keyring(uris, clock=system_clock)
    edition, signers = own_edition(policies_path(), folder)
    store = Store(url, keys)
    w = Wiring(store=store, gate=installed_gate(), keys=keys, clock=system_clock, attempts=PendingAttempts())
    with DemoIssuer() as issuer:
        _enrol(w, issuer.issuer)
        cases = tuple(_register(w, issuer.issuer, subject) for subject in SUBJECTS)
        tokens = {
            subject: issuer.issue(
                subject,
                acr="high",
                thumbprint=proofs.thumbprint,
                now=now,
                audience=_PUBLIC_URL,
                lifetime=_TOKEN_LIFETIME,
            )
            for subject in (*SUBJECTS, "doctor")
        }
        environment = {
            "BROKER_DATABASE__URL": url,
            **{f"BROKER_KEYS__{role.upper()}": uri for role, uri in uris.items()},
            "BROKER_POLICY__ENGINE": "embedded",
            "BROKER_POLICY__EDITION": str(edition),
            "BROKER_POLICY__SIGNERS": str(signers),
            "BROKER_IDENTITY__ISSUER": issuer.issuer,
            "BROKER_IDENTITY__AUDIENCE": _PUBLIC_URL,
            "BROKER_IDENTITY__ASSURANCE": json.dumps({"high": "high"}),
            "BROKER_HTTP__PUBLIC_URL": _PUBLIC_URL,
            "BROKER_PAGES__CLIENT_ID": CLIENT_ID,
            "BROKER_HTTP__CALLS_PER_SECOND": "100000",  # no worker asks as fast as a benchmark
        }
        store.close()
        try:
            yield Broker(
                wiring=w, issuer=issuer.issuer, environment=environment, cases=cases, proofs=proofs, tokens=tokens
            )
        finally:
            store.close()


def _enrol(w: Wiring, issuer: str) -> None:
    def organisation(name: str, kind: OrganisationType, number: int, **fields: Any) -> Organisation:
        oin = Oin(f"0000000{number:013d}")
        return Organisation(id=name, oin=oin, name=name, type=kind, active=True, connected=True, **fields)

    def member(subject: str, organisation: str, role: str, profession: Profession, registered: Registration) -> Staff:
        return Staff(
            id=f"staff:{subject}",
            organisation=organisation,
            role=role,
            profession=profession,
            registration=registered,
            supervised_by_registered=False,
            active=True,
        )

    staff = (
        *(member(subject, _VT, "onderzoeker", "jeugdprofessional", "skj") for subject in SUBJECTS),
        member("officer", _VT, "privacy_officer", "overig", "none"),
        member("doctor", _GP, "huisarts", "arts", "big"),
    )
    on, month = legal_day(w.clock()), timedelta(days=30)
    enrol_directory(
        EnrolDirectory(
            organisations=(
                organisation(_VT, "veilig_thuis", 1),
                organisation(_GP, "huisarts", 2, profession="arts", holds_information_professionally=True),
            ),
            staff=staff,
            accounts={one.id: Account(issuer=issuer, subject=one.id.removeprefix("staff:")) for one in staff},
            mandates=tuple(Mandate(staff=one.id, from_on=on - month, until_on=on + month) for one in staff),
        ),
        w,
    )


def _register(w: Wiring, issuer: str, subject: str) -> str:
    now = w.clock()

    def person(ref: str, relation: Relation, age: int, **fields: Any) -> PersonEntry:
        birth_on, name = date(now.year - age, 1, 1), f"Naam van {ref}"
        return PersonEntry(
            ref=ref, relation=relation, name=name, birth_on=birth_on, informed_by_requester=True, **fields
        )

    command = RegisterCase(
        actor=_actor(w, issuer, subject),
        facts=CaseFacts(
            reference="VT-2026-001234",
            vt_phase="onderzoek",
            investigation_determined_on=legal_day(now) - timedelta(days=10),
        ),
        persons=(
            person("child1", "child", 8, authority=("mother", "father")),
            person("mother", "parent", 34, capable=True),
            person("father", "parent", 36, capable=True),
        ),
    )
    return register_case(command, w).id


def _actor(w: Wiring, issuer: str, subject: str) -> Actor:
    with w.store.reading() as tx:
        actor = tx.directory.find_actor(Account(issuer=issuer, subject=subject), "high", legal_day(w.clock()))
    if actor is None:
        raise NotFoundError("somebody who was enrolled is not there")
    return actor


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/v1/health", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise StoreUnavailable("the server did not come up")

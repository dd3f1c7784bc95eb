"""One whole question, durable: a signed-in call over HTTP to its commit, against pgbench saying the same SQL.

Both do it on the same PostgreSQL server with `fsync` on, each on a database of its own that was copied from the other,
with as many clients, in turns. A call carries a real token and a proof of its own; it is checked, the facts are read,
the policy decides, and request, decision and log entry are committed before the answer. The calls go to real server
processes, one for each processor, as a load balancer would spread them. What the clients need for a call is made
before the clock starts, and the sequencer of each process runs beside it as it always does.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import math
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx

from broker.app import build_gate, create_app, system_clock
from broker.bench.postgres import PostgresServer, private_postgres
from broker.bench.replay import Script, recorded, script_of
from broker.bench.sample import Rate, latency_of
from broker.bench.table import Goal, Missing, Result, Row
from broker.demo.issuer import DemoIssuer
from broker.domain.directory import Mandate, Organisation, Staff
from broker.domain.ports import Wiring
from broker.flows.attempt import PendingAttempts
from broker.flows.enrol import EnrolDirectory, enrol_directory
from broker.flows.register import PersonEntry, RegisterCase, register_case
from broker.identity import HttpJwks, TokenVerifier
from broker.kernel.errors import StoreUnavailable
from broker.kernel.values import Oin
from broker.keyring import make_key, open_keyring, write_key
from broker.proof import ProofMaker, RecentProofs
from broker.settings import Policy
from broker.store.base import Store
from broker.store.migrations import migrate

MEASURE = "ask"

_PUBLIC_URL = "https://broker.example.nl"
_PATH = "/v1/requests"
_ROLES = ("log", "storage", "pseudonym")
_VT, _GP, _SUBJECT = "org:vt-amsterdam", "org:praktijk-linnaeus", "worker-1"
_WORDS = "Het kind kwam driemaal te laat op school en vertelde dat het thuis 's nachts niet slaapt van de ruzies. " * 2
_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


def measure_asks(*, programs: Path | None, clients: int, asks: int, rounds: int) -> Iterator[Result]:
    """Yield the rate of `asks` calls by `clients` clients in each round against pgbench's, and their latency.

    `programs` is the directory with the programs of PostgreSQL; without it, or without pgbench, that is said.
    """
    lacking = "a PostgreSQL server (POSTGRES_BIN)" if programs is None else None
    if programs is not None and not (programs / "pgbench").is_file():
        lacking = "pgbench beside the PostgreSQL server"
    if programs is None or lacking:
        yield Missing(measure=MEASURE, subject="ask over HTTP against pgbench", reason=f"there is no {lacking}")
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(private_postgres(programs))
        stage = stack.enter_context(staged(server.create("ask"), folder))
        script = script_of(*(stage.record() for _ in range(2)))
        stage.store.close()
        server.create("replay", template="ask")
        addresses = [stack.enter_context(stage.serving()) for _ in range(os.cpu_count() or 1)]
        load = _Load(stage, addresses, clients)
        load.run(8 * clients)
        replayed(server, script, folder, clients=clients, seconds=1)
        asked, said, times = [], [], []
        for _ in range(rounds):
            took, each = load.run(asks)
            asked.append(asks / took)
            times += each
            said.append(replayed(server, script, folder, clients=clients, seconds=max(1, math.ceil(took))))
    yield Row(
        measure=MEASURE,
        subject=f"ask over HTTP, {clients} clients",
        ours=Rate(median=statistics.median(asked), rounds=tuple(asked)),
        other=Rate(median=statistics.median(said), rounds=tuple(said)),
        against=f"pgbench, {script.statements} statements, {script.commits} commits",
        ratio=statistics.median(ours / other for ours, other in zip(asked, said, strict=True)),
        reads="ask / pgbench",
        goal=Goal(0.5),
    )
    alone = latency_of([1000 * clients / rate for rate in said])
    taken = latency_of(times)
    yield Row(
        measure=MEASURE,
        subject=f"latency of one ask, {clients} clients",
        ours=taken,
        other=alone,
        against="pgbench, mean of each round",
        ratio=taken.median / alone.median,
        reads="ask / pgbench",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A broker ready to be asked: its database with a case in it, its keys, an issuer, and a worker who asks."""

    store: Store
    wiring: Wiring
    issuer: DemoIssuer
    environment: Mapping[str, str]
    case: str
    proofs: ProofMaker
    token: str

    def headers(self) -> dict[str, str]:
        """Return the headers of one call; the next call needs a proof of its own."""
        return {
            "Authorization": f"DPoP {self.token}",
            "DPoP": self.proofs.proof("POST", _PUBLIC_URL + _PATH, self.token, system_clock()),
            "Content-Type": "application/json",
        }

    def body(self) -> bytes:
        """Return what is asked: three concrete questions about two of three persons, with words of usual length."""
        asked = (("q1", "child1", ["veiligheid"]), ("q2", "child1", ["gez_kern"]), ("q3", "mother", ["gez_kern"]))
        return json.dumps(
            {
                "case": self.case,
                "responder": _GP,
                "purpose": "vt_onderzoek",
                "concern": {"nature": _WORDS, "seriousness": _WORDS, "content": _WORDS},
                "persons": ["child1", "mother", "father"],
                "patients": ["child1", "mother"],
                "questions": [
                    {"id": name, "person": ref, "text": _WORDS, "categories": of, "specific": True, "period_months": 24}
                    for name, ref, of in asked
                ],
            }
        ).encode()

    def record(self) -> Any:
        """Make one call in this process and return what it said to the database."""
        verifier = TokenVerifier(
            issuer=self.issuer.issuer,
            audience=_PUBLIC_URL,
            keys=HttpJwks(issuer=self.issuer.issuer),
            assurance={"high": "high"},
            replays=RecentProofs(),
        )
        app = create_app(self.wiring, verifier, public_url=_PUBLIC_URL)

        async def call() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url=_PUBLIC_URL) as client:
                return await client.post(_PATH, content=self.body(), headers=self.headers())

        with recorded() as said:
            answer = asyncio.run(call())
        if answer.status_code != 201 or answer.json()["decision"]["outcome"] != "permit_pending":
            raise StoreUnavailable(f"the ask to be measured does not go through: {answer.status_code}")
        return said

    @contextmanager
    def serving(self) -> Iterator[tuple[str, int]]:
        """Run a server process as `broker serve` does and yield its address."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [sys.executable, "-m", "uvicorn", "broker.app:production", "--factory", "--port", str(port)]
        process = subprocess.Popen(  # noqa: S603  this Python, and no shell
            [*command, "--no-access-log", "--no-server-header", "--log-level", "warning"],
            stdin=subprocess.DEVNULL,
            env={**os.environ, **self.environment, "BROKER_HTTP__PORT": str(port)},
        )
        try:
            _wait(process, port)
            yield "127.0.0.1", port
        finally:
            process.terminate()
            process.wait(timeout=30)


@contextmanager
def staged(url: str, folder: Path) -> Iterator[Stage]:
    """Yield a broker on this empty database, with keys in this folder, organisations, a worker and his case."""
    migrate(url)
    now, keys = system_clock(), {}
    for role in _ROLES:
        path = folder / f"{role}.json"
        write_key(path, make_key(role, identifier=f"{role}-1", now=now, name="broker.example.nl/log"))
        keys[role] = path.as_uri()
    ring = open_keyring(keys, clock=system_clock)
    store, proofs = Store(url, ring), ProofMaker()
    wiring = Wiring(store=store, gate=build_gate(Policy()), keys=ring, clock=system_clock, attempts=PendingAttempts())
    with DemoIssuer() as issuer:
        _enrol(wiring, issuer.issuer)
        yield Stage(
            store=store,
            wiring=wiring,
            issuer=issuer,
            environment={
                "BROKER_DATABASE__URL": url,
                **{f"BROKER_KEYS__{role.upper()}": uri for role, uri in keys.items()},
                "BROKER_IDENTITY__ISSUER": issuer.issuer,
                "BROKER_IDENTITY__AUDIENCE": _PUBLIC_URL,
                "BROKER_IDENTITY__ASSURANCE": json.dumps({"high": "high"}),
                "BROKER_HTTP__PUBLIC_URL": _PUBLIC_URL,
            },
            case=_register(wiring, issuer.issuer),
            proofs=proofs,
            token=issuer.issue(
                _SUBJECT,
                acr="high",
                thumbprint=proofs.thumbprint,
                now=now,
                audience=_PUBLIC_URL,
                lifetime=timedelta(hours=2),
            ),
        )
    store.close()


def replayed(server: PostgresServer, script: Script, folder: Path, *, clients: int, seconds: int) -> float:
    """Return how many times a second pgbench gets through the script on the database `replay`."""
    path = folder / "replay.sql"
    path.write_text(script.text, encoding="utf-8")
    variables = [f"--define={name}={value}" for name, value in script.variables.items()]
    size = [f"--client={clients}", f"--jobs={min(clients, os.cpu_count() or 1)}", f"--time={seconds}"]
    said = server.run("pgbench", "--no-vacuum", "--protocol=prepared", *size, f"--file={path}", *variables, "replay")
    found = _TPS.search(said)
    if found is None:
        raise StoreUnavailable("pgbench told no rate")
    return float(found[1])


class _Load:
    """Clients that each keep one connection to one of the servers and make the next call when they have an answer."""

    def __init__(self, stage: Stage, addresses: list[tuple[str, int]], clients: int) -> None:
        self._stage, self._addresses, self._clients = stage, addresses, clients

    def run(self, asks: int) -> tuple[float, list[float]]:
        """Make this many calls; return the seconds they took together and the milliseconds of each."""
        share = max(1, asks // self._clients)
        body = self._stage.body()
        prepared = [[self._stage.headers() for _ in range(share)] for _ in range(self._clients)]
        ready = threading.Barrier(self._clients + 1)

        def client(number: int) -> list[float]:
            connection = http.client.HTTPConnection(*self._addresses[number % len(self._addresses)], timeout=60)
            connection.connect()
            ready.wait()
            times = []
            for headers in prepared[number]:
                started = time.perf_counter()
                connection.request("POST", _PATH, body=body, headers=headers)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 201:
                    raise StoreUnavailable(f"a call that was measured ended in {answer.status}")
                times.append(1000 * (time.perf_counter() - started))
            connection.close()
            return times

        with ThreadPoolExecutor(self._clients) as pool:
            running = [pool.submit(client, number) for number in range(self._clients)]
            ready.wait()
            started = time.perf_counter()
            times = [each for one in running for each in one.result()]
            took = time.perf_counter() - started
        # A small number does not divide evenly; the rate is over the calls that were asked for.
        return took * asks / len(times), times


def _enrol(w: Wiring, issuer: str) -> None:
    def organisation(name: str, kind: str, number: int, **fields: Any) -> Organisation:
        oin = Oin(f"0000000{number:013d}")
        return Organisation(id=name, oin=oin, name=name, type=kind, active=True, connected=True, **fields)

    worker = Staff(
        id="staff:worker-1",
        organisation=_VT,
        issuer=issuer,
        subject=_SUBJECT,
        role="onderzoeker",
        profession="jeugdprofessional",
        registration="skj",
        supervised_by_registered=False,
        active=True,
    )
    on = w.clock().date()
    enrol_directory(
        EnrolDirectory(
            organisations=(
                organisation(_VT, "veilig_thuis", 1),
                organisation(_GP, "huisarts", 2, profession="arts", holds_information_professionally=True),
            ),
            staff=(worker,),
            mandates=(Mandate(staff=worker.id, from_on=on - timedelta(days=30), until_on=on + timedelta(days=30)),),
        ),
        w,
    )


def _register(w: Wiring, issuer: str) -> str:
    now = w.clock()
    with w.store.transaction() as tx:
        actor = tx.directory.find_actor(issuer, _SUBJECT, "high", now.date())
    if actor is None:
        raise StoreUnavailable("the worker who was enrolled is not there")

    def person(ref: str, relation: str, born: int, **fields: Any) -> PersonEntry:
        birth_on = date(now.year - born, 1, 1)
        return PersonEntry(
            ref=ref, relation=relation, name=f"Naam van {ref}", birth_on=birth_on, informed_by_requester=True, **fields
        )

    case = register_case(
        RegisterCase(
            actor=actor,
            reference="VT-2026-001234",
            persons=(
                person("child1", "child", 8, authority=("mother", "father")),
                person("mother", "parent", 34, capable=True),
                person("father", "parent", 36, capable=True),
            ),
            vt_phase="onderzoek",
            investigation_determined_on=now.date() - timedelta(days=10),
        ),
        w,
    )
    return case.id


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            if httpx.get(f"http://127.0.0.1:{port}/v1/health", timeout=5).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise StoreUnavailable("the broker did not come up")

"""Whole acts, durable: a signed-in call over HTTP to its commit, for asking, opening and releasing.

| yardstick | what it does in the same run |
|---|---|
| pgbench | says the same SQL, with as many clients: what the database alone takes |
| bare | `bare.py`: takes the same call with the same sign-in, for one row and one commit: what the stack alone takes |

All are on one PostgreSQL server with `fsync` on, each on a database of its own that was copied from the broker's, in
turns. A call carries a real token and a proof of its own; it is checked, the facts are read, the policy decides, and
all that belongs to the act is committed before the answer. The calls go to real server processes, one for each
processor, as a load balancer would spread them; the bare application has as many. What the clients send is made before
the clock starts, up to weighed requests and sealed answers. The sequencer of each process runs beside it as it always
does, and a release publishes before its answer; the yardsticks have nothing like it.
"""

from __future__ import annotations

import http.client
import math
import os
import re
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from broker.bench import bare
from broker.bench.answers import Answers
from broker.bench.postgres import PATIENCE, PostgresServer, private_postgres
from broker.bench.replay import Script, script_of
from broker.bench.sample import Rate, latency_of
from broker.bench.server import SUBJECTS, WORKERS, Act, Broker, called, measured
from broker.bench.table import Goal, Missing, Result, Row
from broker.kernel.errors import StoreUnavailable

MEASURE = "ask"

_GOALS = {
    ("ask", "pgbench"): Goal(0.15),
    ("ask", "bare"): Goal(0.55),
    ("open", "bare"): Goal(0.5),
    ("release", "bare"): Goal(0.5),
}
_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_WARMING = 8
"""Calls of each client before the first round: connections, prepared statements and caches are then there."""

_KNOWN = re.compile(r"[a-z]{3}_[0-9a-z]{26}")
# pgbench releases the same requests again and again: the index that refuses that only finds them there. After the first
# time the UPDATE of the request finds nothing to change, which is one row less than a release writes.
_AGAIN = "ALTER TABLE releases DROP CONSTRAINT uq_releases_request; CREATE INDEX ON releases (request)"


def measure_acts(*, programs: Path | None, clients: int, asks: int, releases: int, rounds: int) -> Iterator[Result]:
    """Yield the rates and the latencies of each act by `clients` clients against both yardsticks.

    In each round `asks` calls ask, as many open, and `releases` release, since each needs an answer of its own.
    `programs` is the directory with the programs of PostgreSQL; without it, or without pgbench, that is said.
    """
    if programs is None or not (programs / "pgbench").is_file():
        reason = "there is no PostgreSQL server (POSTGRES_BIN)" if programs is None else "there is no pgbench"
        yield Missing(measure=MEASURE, subject="acts over HTTP against both yardsticks", reason=reason)
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(private_postgres(programs))
        broker = stack.enter_context(measured(server.create("ask"), folder))
        answers = Answers(broker, workers=SUBJECTS)
        opened = [answers.opening(worker) for worker in range(WORKERS)]
        courses = {
            "ask": _course(broker.asking, clients, asks, rounds),
            "open": _course(lambda worker: opened[worker % WORKERS], clients, asks, rounds),
            "release": _course(answers.releasing, clients, releases, rounds),
        }
        broker.wiring.store.close()  # who copies a database wants nobody connected to it
        server.create("replay", template="ask")
        server.run("psql", "--quiet", f"--command={_AGAIN}", "replay")
        url = server.create("bare", template="ask")
        bare.make_table(url)
        scripts = {name: _scripts_of(broker, course) for name, course in courses.items()}
        processes = range(os.cpu_count() or 1)
        own = _Load(broker, [stack.enter_context(broker.serving())[0] for _ in processes])
        simple = _Load(broker, [stack.enter_context(bare.serving(broker, url)) for _ in processes])
        for name, course in courses.items():
            warming, *timed = course.rounds
            ours, by_pgbench, by_bare = _Side(), _Side(), _Side()
            own.run(warming)
            simple.run(_said(warming))
            _replay(server, scripts[name], folder, clients=clients, seconds=1)
            for acts in timed:
                rate = ours.add(*own.run(acts))
                seconds = math.ceil(sum(map(len, acts)) / rate)
                by_pgbench.add(*_replay(server, scripts[name], folder, clients=clients, seconds=seconds))
                by_bare.add(*simple.run(_said(acts)))
            script = scripts[name][0]
            against = f"pgbench: {script.statements} statements, {script.commits} commits"
            yield from _rows(name, ours, "pgbench", by_pgbench, against=against, clients=clients)
            against = "bare application: 1 row, 1 commit"
            yield from _rows(name, ours, "bare", by_bare, against=against, clients=clients)


_Acts = list[list[Act]]
"""What each client does, one after another."""


@dataclass(frozen=True, slots=True)
class _Course:
    """One kind of act through the run: two of each worker to be recorded, and the rounds, of which the first warms."""

    recorded: list[tuple[Act, Act]]
    rounds: list[_Acts]


def _course(make: Callable[[int], Act], clients: int, calls: int, rounds: int) -> _Course:
    shares = [_WARMING, *[math.ceil(calls / clients)] * rounds]
    return _Course(
        recorded=[(make(worker), make(worker)) for worker in range(WORKERS)],
        rounds=[[[make(client) for _ in range(share)] for client in range(clients)] for share in shares],
    )


def _said(acts: _Acts) -> _Acts:
    """Return the same as it is said to the bare application."""
    return [[replace(act, path=bare.SAID, expected=http.client.CREATED) for act in each] for each in acts]


@dataclass(slots=True)
class _Side:
    """What one side did: calls a second in each round, and the milliseconds of each call."""

    rates: list[float] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def add(self, rate: float, times: Sequence[float]) -> float:
        """Add a round, and return its rate."""
        self.rates.append(rate)
        self.times += times
        return rate

    @property
    def rate(self) -> Rate:
        """The rate over the rounds."""
        return Rate(median=statistics.median(self.rates), rounds=tuple(self.rates))


def _rows(name: str, ours: _Side, yardstick: str, side: _Side, *, against: str, clients: int) -> Iterator[Row]:
    yield Row(
        measure=name,
        subject=f"rate, {clients} clients",
        ours=ours.rate,
        other=side.rate,
        against=against,
        ratio=statistics.median(one / other for one, other in zip(ours.rates, side.rates, strict=True)),
        reads=f"{name} / {yardstick}",
        goal=_GOALS.get((name, yardstick)),
    )
    taken, theirs = latency_of(ours.times), latency_of(side.times)
    yield Row(
        measure=name,
        subject=f"latency, {clients} clients",
        ours=taken,
        other=theirs,
        against=against,
        ratio=taken.median / theirs.median,
        reads=f"{name} / {yardstick}",
    )


class _Load:
    """Clients that each keep one connection to one of the servers and make the next call when they have an answer."""

    def __init__(self, broker: Broker, addresses: list[tuple[str, int]]) -> None:
        self._broker, self._addresses = broker, addresses

    def run(self, acts: _Acts) -> tuple[float, list[float]]:
        """Have each client do its acts; return calls a second and each one's ms."""
        prepared = [[(act, self._broker.headers_of(act)) for act in each] for each in acts]
        ready = threading.Barrier(len(acts) + 1, timeout=PATIENCE)

        def client(number: int) -> list[float]:
            connection = http.client.HTTPConnection(*self._addresses[number % len(self._addresses)], timeout=PATIENCE)
            connection.connect()
            ready.wait()
            times = []
            for act, headers in prepared[number]:
                started = time.perf_counter()
                called(connection, "POST", act.path, body=act.body, headers=headers, expected=act.expected)
                times.append(1000 * (time.perf_counter() - started))
            connection.close()
            return times

        with ThreadPoolExecutor(len(acts)) as pool:
            running = [pool.submit(client, number) for number in range(len(acts))]
            ready.wait()
            started = time.perf_counter()
            times = [each for one in running for each in one.result()]
            return len(times) / (time.perf_counter() - started), times


def _scripts_of(broker: Broker, course: _Course) -> list[Script]:
    """Return a script for each worker, so that pgbench, as the clients, seldom does two acts at once on one case.

    What the first act of two names is there already, and stays as it is when the script runs.
    """
    return [
        script_of(
            broker.record(first),
            broker.record(second),
            known=_KNOWN.findall(first.path + first.body.decode()),
            prefix=f"w{worker}_",
        )
        for worker, (first, second) in enumerate(course.recorded)
    ]


def _replay(
    server: PostgresServer, scripts: Sequence[Script], folder: Path, *, clients: int, seconds: int
) -> tuple[float, list[float]]:
    """Have pgbench choose among the scripts on the database `replay`; return runs a second and the ms of each."""
    paths = [folder / f"replay-{number}.sql" for number in range(len(scripts))]
    for path, script in zip(paths, scripts, strict=True):
        path.write_text(script.text, encoding="utf-8")
    told = server.run(
        "pgbench",
        "--no-vacuum",
        "--protocol=prepared",
        f"--client={clients}",
        f"--jobs={min(clients, os.cpu_count() or 1)}",
        f"--time={seconds}",
        *(f"--file={path}" for path in paths),
        "--log",
        f"--log-prefix={folder / 'replayed'}",
        *(f"--define={name}={value}" for script in scripts for name, value in script.variables.items()),
        "replay",
    )
    found = _TPS.search(told)
    if found is None:
        raise StoreUnavailable("pgbench told no rate")
    times = []
    for log in folder.glob("replayed.*"):
        # The third column is the time of one run in microseconds (pgbench, per-transaction logging).
        times += [int(line.split()[2]) / 1000 for line in log.read_text().splitlines()]
        log.unlink()
    return float(found[1]), times

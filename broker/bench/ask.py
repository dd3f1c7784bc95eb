"""One whole question, durable: a signed-in call over HTTP to its commit, against pgbench saying the same SQL.

Both do it on one PostgreSQL server with `fsync` on, each on a database of its own that was copied from the other, with
as many clients, in turns. A call carries a real token and a proof of its own; it is checked, the facts are read, the
policy decides, and request, decision and log entry are committed before the answer. The calls go to real server
processes, one for each processor, as a load balancer would spread them. What the clients send is made before the clock
starts; the sequencer of each process runs beside it as it always does, and pgbench has nothing like it.
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
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from broker.bench.postgres import PATIENCE, PostgresServer, private_postgres
from broker.bench.replay import Script, script_of
from broker.bench.sample import Rate, latency_of
from broker.bench.server import PATH, Broker, called, measured
from broker.bench.table import Goal, Missing, Result, Row
from broker.kernel.errors import StoreUnavailable

MEASURE = "ask"

_TPS = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
_WARMING = 8
"""Calls of each client before the first round: connections, prepared statements and caches are then there."""


def measure_asks(*, programs: Path | None, clients: int, asks: int, rounds: int) -> Iterator[Result]:
    """Yield the rate of `asks` calls by `clients` clients in each round against pgbench's, and the latencies.

    `programs` is the directory with the programs of PostgreSQL; without it, or without pgbench, that is said.
    """
    if programs is None or not (programs / "pgbench").is_file():
        reason = "there is no PostgreSQL server (POSTGRES_BIN)" if programs is None else "there is no pgbench"
        yield Missing(measure=MEASURE, subject="ask over HTTP against pgbench", reason=reason)
        return
    asked, said, times, their_times = [], [], [], []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(private_postgres(programs))
        broker = stack.enter_context(measured(server.create("ask"), folder))
        server.create("replay", template="ask")
        script = script_of(broker.record(), broker.record())
        load = _Load(broker, [stack.enter_context(broker.serving())[0] for _ in range(os.cpu_count() or 1)], clients)
        load.run(_WARMING * clients)
        scripts = _script_of_each(broker, script)
        _replay(server, scripts, folder, clients=clients, seconds=1)
        for _ in range(rounds):
            rate, taken = load.run(asks)
            asked.append(rate)
            times += taken
            rate, taken = _replay(server, scripts, folder, clients=clients, seconds=math.ceil(asks / rate))
            said.append(rate)
            their_times += taken
    against = f"pgbench: {script.statements} statements, {script.commits} commits"
    yield Row(
        measure=MEASURE,
        subject=f"rate, {clients} clients",
        ours=Rate(median=statistics.median(asked), rounds=tuple(asked)),
        other=Rate(median=statistics.median(said), rounds=tuple(said)),
        against=against,
        ratio=statistics.median(ours / other for ours, other in zip(asked, said, strict=True)),
        reads="ask / pgbench",
        goal=Goal(0.5),
    )
    ours, other = latency_of(times), latency_of(their_times)
    yield Row(
        measure=MEASURE,
        subject=f"latency, {clients} clients",
        ours=ours,
        other=other,
        against=against,
        ratio=ours.median / other.median,
        reads="ask / pgbench",
    )


class _Load:
    """Clients that each keep one connection to one of the servers and make the next call when they have an answer."""

    def __init__(self, broker: Broker, addresses: list[tuple[str, int]], clients: int) -> None:
        self._broker, self._addresses, self._clients = broker, addresses, clients

    def run(self, asks: int) -> tuple[float, list[float]]:
        """Make this many calls, or so many that each client has as many; return calls a second and each one's ms."""
        share = math.ceil(asks / self._clients)
        prepared = [[self._broker.headers(number) for _ in range(share)] for number in range(self._clients)]
        ready = threading.Barrier(self._clients + 1, timeout=PATIENCE)

        def client(number: int) -> list[float]:
            connection = http.client.HTTPConnection(*self._addresses[number % len(self._addresses)], timeout=PATIENCE)
            connection.connect()
            body = self._broker.body(number)
            ready.wait()
            times = []
            for headers in prepared[number]:
                started = time.perf_counter()
                called(connection, "POST", PATH, body=body, headers=headers, expected=http.client.CREATED)
                times.append(1000 * (time.perf_counter() - started))
            connection.close()
            return times

        with ThreadPoolExecutor(self._clients) as pool:
            running = [pool.submit(client, number) for number in range(self._clients)]
            ready.wait()
            started = time.perf_counter()
            times = [each for one in running for each in one.result()]
            return len(times) / (time.perf_counter() - started), times


def _script_of_each(broker: Broker, script: Script) -> list[Script]:
    """Return the script once for each case, so that pgbench, as the clients, seldom does two at once on one case."""
    names = [name for name, value in script.variables.items() if value == broker.cases[0]]
    named = re.compile(rf":({'|'.join(names)})\b")
    return [replace(script, text=named.sub(f"'{case}'", script.text)) for case in broker.cases]


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
        *(f"--define={name}={value}" for name, value in scripts[0].variables.items()),
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

"""Does the log grow slower as it grows longer? Appending, publishing and proving in logs of several lengths, in turns.

| name | what is timed |
|---|---|
| append | a transaction that writes one event with its sealed detail, to its commit |
| publish | all of `flows/publish.py` for that one event: sequence, grow the tree, sign the checkpoint, commit |
| prove | reading the inclusion proof of an event somewhere in the log |

The logs are filled by copying one real event, each copy under an identifier, request and decision of its own, and then
sequenced as the broker does it: the tree over them is the real one.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from broker.bench.postgres import private_postgres
from broker.bench.sample import Latency, interleaved
from broker.bench.server import fresh_keys
from broker.bench.table import Goal, Missing, Result, Row
from broker.clock import system_clock
from broker.domain.event import Event
from broker.domain.wiring import Wiring
from broker.flows.publish import publish
from broker.kernel.values import new_id
from broker.keyring import Keyring, open_keyring
from broker.store.base import Store
from broker.store.engine import errors_named, open_engine
from broker.store.migrations import migrate

MEASURE = "log"

_OPERATIONS = ("append", "publish", "prove")
_BATCH = 10_000
_STRIDE = 7_919
"""Indexes to prove are this far apart: a prime, so that they fall all over the log."""

# The same on both databases but for how bytes become text and back; the numbers have eleven digits each.
_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 10000000001 UNION ALL SELECT i + 1 FROM n WHERE i < 10000000000 + {count})"
_KEYS = """
INSERT INTO data_keys (subject, wrapped) {numbers}
SELECT 'req_000000000000000' || i, k.wrapped
FROM n, events e JOIN event_details d ON d.event = e.id JOIN data_keys k ON k.subject = d.subject
WHERE e.log_index = 0"""
_EVENTS = """
INSERT INTO events (id, waiting, tag, request, decision, changes, entry) {numbers}
SELECT 'evt_000000000000000' || i, i, e.tag, 'req_000000000000000' || i, substr(e.decision, 1, 60) || i, e.changes,
    {entry}
FROM n, events e
WHERE e.log_index = 0"""
_DETAILS = """
INSERT INTO event_details (event, subject, encrypted) {numbers}
SELECT 'evt_000000000000000' || i, 'req_000000000000000' || i, d.encrypted
FROM n, events e JOIN event_details d ON d.event = e.id
WHERE e.log_index = 0"""
_ENTRY = {
    "sqlite": "CAST(replace(CAST(e.entry AS TEXT), e.id, 'evt_000000000000000' || i) AS BLOB)",
    "postgresql": "convert_to(replace(convert_from(e.entry, 'UTF8'), e.id, 'evt_000000000000000' || i), 'UTF8')",
}


def measure_logs(*, programs: Path | None, sizes: Sequence[int], rounds: int) -> Iterator[Result]:
    """Yield, for SQLite and PostgreSQL, each operation in the longer logs against the shortest.

    `programs` is the directory with the programs of PostgreSQL; without it that is said.
    """
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        yield from _rows(
            "SQLite",
            [_Filled(f"sqlite:///{folder / str(size)}.db", _keys(folder / f"sqlite-{size}"), size) for size in sizes],
            rounds,
        )
        if programs is None:
            reason = "there is no PostgreSQL server (POSTGRES_BIN)"
            yield Missing(measure=MEASURE, subject="the log on PostgreSQL", reason=reason)
            return
        server = stack.enter_context(private_postgres(programs))
        logs = []
        for size in sizes:
            logs.append(_Filled(server.create(f"log_{size}"), _keys(folder / f"postgresql-{size}"), size))
            server.vacuum(f"log_{size}")
        yield from _rows("PostgreSQL", logs, rounds)


class _Filled:
    """A log with this many events, all published."""

    def __init__(self, url: str, keys: Keyring, size: int) -> None:
        nothing: Any = None
        migrate(url)
        self.size = size
        self._store = Store(url, keys)
        self._wiring = Wiring(store=self._store, gate=nothing, keys=keys, clock=system_clock, attempts=nothing)
        self.append()
        self.publish()
        _copy_first(url, size - 1)
        while self._sequence() == _BATCH:
            pass
        self.publish()

    def append(self, _: int = 0) -> None:
        """Write one event as `ask` writes it."""
        now = system_clock()
        request = new_id("req", now)
        detail = {
            "staff": "staff:worker-1",
            "requester": "org:vt-amsterdam",
            "responder": "org:praktijk-linnaeus",
            "purpose": "vt_onderzoek",
            "persons": [new_id("psn", now) for _ in range(3)],
        }
        event = Event(
            id=new_id("evt", now),
            tag="request:question:asked",
            at=now,
            request=request,
            decision="sha256:" + request.encode().hex()[:64].ljust(64, "0"),
            outcome="permit_pending",
            detail=detail,
        )
        with self._store.transaction() as tx:
            tx.log.append(event)

    def publish(self, _: int = 0) -> None:
        """Publish a checkpoint over what was appended."""
        publish(self._wiring)

    def prove(self, number: int) -> None:
        """Read the inclusion proof of one of the events."""
        with self._store.transaction() as tx:
            tx.log.inclusion((number + 1) * _STRIDE % self.size, self.size)

    def close(self) -> None:
        """Close the database."""
        self._store.close()

    def _sequence(self) -> int:
        with self._store.sequencing() as tx:
            return 0 if tx is None else tx.log.sequence(_BATCH)


def _keys(folder: Path) -> Keyring:
    """Return keys of a log's own: a log key remembers what it signed."""
    folder.mkdir()
    return open_keyring(fresh_keys(folder), clock=system_clock)


def _rows(kind: str, logs: Sequence[_Filled], rounds: int) -> Iterator[Row]:
    calls: dict[str, Callable[[int], None]] = {
        f"{operation} {log.size}": getattr(log, operation) for operation in _OPERATIONS for log in logs
    }
    taken: dict[str, Latency] = interleaved(calls, rounds=rounds)
    for log in logs:
        log.close()
    shortest = logs[0].size
    for operation in _OPERATIONS:
        for log in logs[1:]:
            ours, other = taken[f"{operation} {log.size}"], taken[f"{operation} {shortest}"]
            yield Row(
                measure=MEASURE,
                subject=f"{kind}, {operation} at {log.size:,}",
                ours=ours,
                other=other,
                against=f"{operation} at {shortest:,}",
                ratio=ours.median / other.median,
                reads="long / short",
                goal=Goal(1.3, at_most=True),
            )


def _copy_first(url: str, count: int) -> None:
    """Copy the first event this many times, not yet sequenced."""
    engine = open_engine(url)
    try:
        with errors_named(), engine.begin() as connection:
            parts = {"numbers": _NUMBERS.format(count=count), "entry": _ENTRY[engine.dialect.name]}
            for statement in (_KEYS, _EVENTS, _DETAILS):
                connection.exec_driver_sql(statement.format(**parts))
    finally:
        engine.dispose()

"""How long the server takes for a page among a hundred thousand requests, and how much a first page brings along.

The server is `broker serve` on PostgreSQL. Of each worker's case one request is asked for real, newest; the others are
copies of it from earlier days whose data key is gone, as after an erasure, so that lists, searches and figures have
them all to go through. Each person's pages are asked for in turns, with the session of somebody who is signed in.
"""

from __future__ import annotations

import http.client
import re
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

from sqlalchemy import inspect

from broker.bench.postgres import private_postgres
from broker.bench.sample import Amount, Call, interleaved
from broker.bench.server import PATH, PATIENCE, WORKERS, Broker, called, measured
from broker.bench.table import Goal, Missing, Result, Row
from broker.kernel.errors import ConflictError
from broker.store.engine import errors_named, open_engine

MEASURE = "pages"

MOST_MILLISECONDS = 50.0
"""What the server may take for a page, 95 times in a hundred."""

MOST_KILOBYTES = 150.0
"""What a first page may bring along, without fonts, as it goes over the line."""

# Copies go back a minute each; their ids sort before those of what was asked for real.
_NUMBERS = """
WITH n(i) AS (SELECT generate_series(10000000001, 10000000000 + {count})),
    asked AS (
        SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM requests WHERE NOT starts_with(id, 'req_00000'))"""
_REQUESTS = """
INSERT INTO requests ({columns}) {numbers}
SELECT 'req_000000000000000' || i, {rest}
FROM n JOIN asked ON place = mod(i, (SELECT count(*) FROM asked))"""
_DECISIONS = """
INSERT INTO decisions ({columns}) {numbers}
SELECT 'dec_000000000000000' || i, 'req_000000000000000' || i, 'req_000000000000000' || i, {rest}
FROM n JOIN asked ON place = mod(i, (SELECT count(*) FROM asked)) JOIN decisions d ON d.request = asked.id"""
_MARKS = """
INSERT INTO decision_marks (organisation, mark, decision) {numbers}
SELECT m.organisation, m.mark, 'dec_000000000000000' || i
FROM n JOIN asked ON place = mod(i, (SELECT count(*) FROM asked))
    JOIN decisions d ON d.request = asked.id JOIN decision_marks m ON m.decision = d.id"""

_FILES = re.compile(r'(?:href|src)="(/static/[^"]+\.(?:css|js)\?[^"]*)"')


def measure_pages(*, programs: Path | None, requests: int, rounds: int) -> Iterator[Result]:
    """Yield each page's time among this many requests against its limit, and the largest first load.

    `programs` is the directory with the programs of PostgreSQL; without it that is said.
    """
    if programs is None:
        reason = "there is no PostgreSQL server (POSTGRES_BIN)"
        yield Missing(measure=MEASURE, subject="pages among many requests", reason=reason)
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(private_postgres(programs))
        url = server.create(MEASURE)
        broker = stack.enter_context(measured(url, folder))
        address, _ = stack.enter_context(broker.serving())
        reader = stack.enter_context(closing(_Reader(broker, address)))
        _ask(broker, address)
        _copy_asked(url, requests - WORKERS)
        server.vacuum(MEASURE)
        pages = reader.pages()
        calls = {name: reader.reading(who, path) for name, (who, path) in pages.items()}
        calls["health"] = reader.reading(None, "/v1/health")
        taken = interleaved(calls, rounds=rounds)
        for name in pages:
            yield Row(
                measure=MEASURE,
                subject=f"{name}, {requests:,} requests",
                ours=taken[name],
                other=taken["health"],
                against="health",
                ratio=taken[name].p95 / MOST_MILLISECONDS,
                reads="p95 / 50 ms",
                goal=Goal(1, at_most=True),
            )
        sizes = {name: reader.first_load(who, path) for name, (who, path) in pages.items()}
        largest = max(sizes, key=lambda name: sizes[name])
        yield Row(
            measure=MEASURE,
            subject=f"first load without fonts, {largest}",
            ours=Amount(value=sizes[largest], unit="kB"),
            other=Amount(value=MOST_KILOBYTES, unit="kB"),
            against="limit",
            ratio=sizes[largest] / MOST_KILOBYTES,
            reads="first load / limit",
            goal=Goal(1, at_most=True),
        )


class _Reader:
    """People who are signed in and read pages, over one connection that stays open."""

    def __init__(self, broker: Broker, address: tuple[str, int]) -> None:
        self._sessions = {name: broker.session(name) for name in ("worker-1", "doctor", "officer")}
        self._connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
        self._case = broker.cases[0]

    def pages(self) -> dict[str, tuple[str, str]]:
        """Return who reads which page, by what it is called: those that are there before a request is taken up."""
        asked = self._link("worker-1", "/requests", r'"(/requests/req_[^"]+)"')
        decided = self._link("officer", "/decisions", r'"(/decisions/dec_[^"]+)"')
        return {
            "the worker's requests": ("worker-1", "/requests"),
            "one request": ("worker-1", asked),
            "a new request": ("worker-1", f"/requests/new/{self._case}"),
            "consents": ("worker-1", asked.replace("/requests/", "/consents/")),
            "the inbox": ("doctor", "/inbox"),
            "one of the inbox": ("doctor", self._link("doctor", "/inbox", r'"(/inbox/req_[^"]+)"')),
            "decisions": ("officer", "/decisions"),
            "decisions with a reason that none has": ("officer", "/decisions?reason=DN-28"),
            "one decision": ("officer", decided),
            "figures": ("officer", "/decisions/figures"),
            "one's key": ("worker-1", "/key"),
        }

    def read(self, who: str | None, path: str) -> bytes:
        """Return a page as it goes over the line; ConflictError when it is not there."""
        cookie = {"Cookie": self._sessions[who]} if who else {}
        return called(self._connection, "GET", path, headers={"Accept-Encoding": "gzip", **cookie})

    def reading(self, who: str | None, path: str) -> Call:
        """Return what reads a page once and says nothing, so that the caller's own clock counts."""

        def read(_: int) -> None:
            self.read(who, path)

        return read

    def first_load(self, who: str, path: str) -> float:
        """Return the kilobytes of a page with its style and its program, as they go over the line."""
        files = _FILES.findall(self._text(who, path))
        return (len(self.read(who, path)) + sum(len(self.read(who, file)) for file in set(files))) / 1000

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _text(self, who: str, path: str) -> str:
        return called(self._connection, "GET", path, headers={"Cookie": self._sessions[who]}).decode()

    def _link(self, who: str, path: str, pattern: str) -> str:
        found = re.search(pattern, self._text(who, path))
        if found is None:
            raise ConflictError("the list to be measured is empty")
        return found[1]


def _ask(broker: Broker, address: tuple[str, int]) -> None:
    """Ask once in the case of each worker."""
    with closing(http.client.HTTPConnection(*address, timeout=PATIENCE)) as connection:
        for worker in range(WORKERS):
            body, headers = broker.body(worker), broker.headers(worker)
            called(connection, "POST", PATH, body=body, headers=headers, expected=http.client.CREATED)


def _copy_asked(url: str, count: int) -> None:
    """Copy what was asked this many times in all, with its decision and what it is found by."""
    engine = open_engine(url)
    earlier = "{0} - (i - 10000000000) * interval '1 minute'"
    try:
        with errors_named(), engine.begin() as connection:
            numbers = _NUMBERS.format(count=count)
            for statement, table, prefix, own in (
                (_REQUESTS, "requests", "asked", ("id",)),
                (_DECISIONS, "decisions", "d", ("id", "request", "subject")),
            ):
                rest = [one["name"] for one in inspect(connection).get_columns(table) if one["name"] not in own]
                values = [
                    earlier.format(f"{prefix}.{name}") if name in ("asked_at", "at") else f"{prefix}.{name}"
                    for name in rest
                ]
                connection.exec_driver_sql(
                    statement.format(columns=", ".join((*own, *rest)), numbers=numbers, rest=", ".join(values))
                )
            connection.exec_driver_sql(_MARKS.format(numbers=numbers))
    finally:
        engine.dispose()

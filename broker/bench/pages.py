"""How long the server takes for a page among a hundred thousand requests, and how much a first page brings along.

The server is `broker serve` on PostgreSQL. What a first page lists was asked for real, a few times in each worker's
case; the others are copies of it from earlier days that are found and counted, and that nobody could decrypt, so that
lists, searches and figures have them all to go through. Each person's pages are asked for in turns, with the session of
somebody who is signed in.
"""

from __future__ import annotations

import http.client
import json
import math
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from sqlalchemy import inspect

from broker.bench.answers import Answers
from broker.bench.postgres import private_postgres
from broker.bench.sample import Amount, Call, interleaved
from broker.bench.server import PATH, PATIENCE, WORKERS, Broker, called, measured
from broker.bench.table import Goal, Missing, Result, Row
from broker.kernel.errors import ConflictError
from broker.store.engine import errors_named, open_engine
from broker.web.choices import PAGE

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
SELECT 'dec_000000000000000' || i, 'req_000000000000000' || i, {rest}
FROM n JOIN asked ON place = mod(i, (SELECT count(*) FROM asked)) JOIN decisions d ON d.request = asked.id"""
_MARKS = """
INSERT INTO decision_marks (organisation, mark, decision) {numbers}
SELECT m.organisation, m.mark, 'dec_000000000000000' || i
FROM n JOIN asked ON place = mod(i, (SELECT count(*) FROM asked))
    JOIN decisions d ON d.request = asked.id JOIN decision_marks m ON m.decision = d.id"""

TURNS = 10
"""How many requests are weighed, and how many answered: each look at such a page leaves a decision on its request."""

WORKER = "worker-1"
"""Who sees the worker's pages."""

_COMPRESSED = {"Accept-Encoding": "gzip"}
_A_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
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
        delivered = _ask(broker, address, [*range(WORKERS)] * math.ceil((PAGE + 1) / WORKERS))
        _copy_asked(url, requests - len(delivered))
        asked = _ask(broker, address, [0] * 2 * TURNS)
        weighed, answered = asked[:TURNS], asked[TURNS:]
        answers = Answers(broker, workers=(WORKER,))
        for request in asked:
            answers.weigh(request)
        for request in answered:
            answers.release(request)
        server.vacuum(MEASURE)
        pages = reader.pages(delivered[0], weighed, answered)
        calls = {name: reader.reading(page) for name, page in pages.items()}
        calls["health"] = reader.reading(_Page(None, ("/v1/health",)))
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
        sizes = {name: reader.first_load(page) for name, page in pages.items()}
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


@dataclass(frozen=True, slots=True)
class _Page:
    """Who sees a page, where it is (round after round the next of these), and the form that leads to it, if any."""

    who: str | None
    paths: tuple[str, ...]
    form: Mapping[str, str] | None = None


class _Reader:
    """People who are signed in and see pages, over one connection that stays open."""

    def __init__(self, broker: Broker, address: tuple[str, int]) -> None:
        self._sessions = {name: broker.session(name) for name in (WORKER, "doctor", "officer")}
        self._connection = http.client.HTTPConnection(*address, timeout=PATIENCE)
        self._case = broker.cases[0]

    def pages(self, delivered: str, weighed: Sequence[str], answered: Sequence[str]) -> dict[str, _Page]:
        """Return the pages by what they are called; these requests are as far as their names say."""
        decided = self._link("/decisions", r'"(/decisions/dec_[^"]+)"', "officer")
        weighing = {"outcome": "give", "reasons": "nodig", "q1.veiligheid.rows": "1", "q1.veiligheid.1.give": "yes"}
        files = tuple(f"/inbox/{one}" for one in weighed)
        return {
            "the worker's requests": _Page(WORKER, ("/requests",)),
            "one request": _Page(WORKER, (f"/requests/{delivered}",)),
            "a new request": _Page(WORKER, (f"/requests/new/{self._case}",)),
            "consents": _Page(WORKER, (f"/consents/{delivered}",)),
            "the inbox": _Page("doctor", ("/inbox",)),
            "one of the inbox": _Page("doctor", (f"/inbox/{delivered}",)),
            "a weighing": _Page("doctor", files),
            "a preview": _Page("doctor", files, {"do": "preview", **weighing}),
            "what was answered": _Page("doctor", tuple(f"/inbox/{one}" for one in answered)),
            "an opened answer": _Page(WORKER, tuple(f"/requests/{one}/opening" for one in answered), {}),
            "decisions": _Page("officer", ("/decisions",)),
            "decisions with a reason that none has": _Page("officer", ("/decisions?reason=DN-28",)),
            "one decision": _Page("officer", (decided,)),
            "figures": _Page("officer", ("/decisions/figures",)),
            "one's key": _Page(WORKER, ("/key",)),
        }

    def reading(self, page: _Page) -> Call:
        """Return what sees a page once and says nothing, so that the caller's own clock counts.

        That raises ConflictError when the page is not there.
        """
        body = self._form_of(page)

        def see(number: int) -> None:
            self._seen(page, body, number)

        return see

    def first_load(self, page: _Page) -> float:
        """Return the kilobytes of a page with its style and its program, as they go over the line."""
        seen = self._seen(page, self._form_of(page))
        files = {_Page(page.who, (file,)) for file in _FILES.findall(seen.decode())}
        return (len(seen) + sum(len(self._seen(file)) for file in files)) / 1000

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _seen(self, page: _Page, body: bytes | None = None, number: int = 0) -> bytes:
        path, method = page.paths[number % len(page.paths)], "POST" if body else "GET"
        headers = {**_COMPRESSED, **self._cookie(page.who), **(_A_FORM if body else {})}
        return called(self._connection, method, path, body=body, headers=headers)

    def _form_of(self, page: _Page) -> bytes | None:
        if page.form is None or page.who is None:
            return None
        token = self._link("/key" if page.who == WORKER else "/inbox", r'name="csrf" value="([^"]+)"', page.who)
        return urlencode({"csrf": token, **page.form}).encode()

    def _link(self, path: str, pattern: str, who: str) -> str:
        found = re.search(pattern, called(self._connection, "GET", path, headers=self._cookie(who)).decode())
        if found is None:
            raise ConflictError("the page to be measured has nothing on it")
        return found[1]

    def _cookie(self, who: str | None) -> dict[str, str]:
        return {"Cookie": self._sessions[who]} if who else {}


def _ask(broker: Broker, address: tuple[str, int], workers: Iterable[int]) -> list[str]:
    """Ask in the cases of these workers, and return the requests."""
    with closing(http.client.HTTPConnection(*address, timeout=PATIENCE)) as connection:
        asked = [
            called(
                connection,
                "POST",
                PATH,
                body=broker.body(worker),
                headers=broker.headers(worker),
                expected=http.client.CREATED,
            )
            for worker in workers
        ]
    return [json.loads(each)["request"]["id"] for each in asked]


def _copy_asked(url: str, count: int) -> None:
    """Copy what was asked this many times in all, with its decision and what it is found by."""
    engine = open_engine(url)
    earlier = "{0} - (i - 10000000000) * interval '1 minute'"
    try:
        with errors_named(), engine.begin() as connection:
            numbers = _NUMBERS.format(count=count)
            for statement, table, prefix, own in (
                (_REQUESTS, "requests", "asked", ("id",)),
                (_DECISIONS, "decisions", "d", ("id", "request")),
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

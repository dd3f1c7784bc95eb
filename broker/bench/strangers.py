"""What it costs others that strangers call: slow callers who are not signed in, and connections that begin nothing.

The server is `broker serve` on a SQLite file. A stranger opens a connection, says that a body of four million bytes
comes, sends one of them now and then, and comes back as soon as he is hung up on. With and without strangers the health
of the broker is asked for and a signed-in worker asks, in turns.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import socket
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from broker.bench.sample import Amount, latency_of
from broker.bench.server import PATH, PATIENCE, Broker, called, measured
from broker.bench.table import Goal, Result, Row
from broker.kernel.errors import StoreUnavailable
from broker.listen import allow_connections

MEASURE = "strangers"

ROUNDS = 4
"""How often quiet and crowd take turns."""

ENDS_WITHIN = 30.0
"""Seconds in which a connection that begins nothing must have ended."""

_NOW_AND_THEN = 0.5  # seconds between two bytes of a stranger
_HEAD = (
    b"POST /v1/requests HTTP/1.1\r\nHost: broker.example.nl\r\n"
    b"Content-Type: application/json\r\nContent-Length: 4000000\r\n\r\n"
)
_Address = tuple[str, int]


def measure_strangers(*, strangers: Sequence[int], calls: int, half_open: int) -> Iterator[Result]:
    """Yield what each number of strangers makes of the median of health and of asking, over `calls` of each a round.

    Then in how many seconds `half_open` connections end, and what they make of the memory of the server.
    """
    allow_connections()
    with tempfile.TemporaryDirectory() as found:
        folder = Path(found)
        with (
            measured(f"sqlite:///{folder / 'broker.db'}", folder) as broker,
            broker.serving() as (address, process),
        ):
            _calls(broker, address, calls, into=defaultdict(list))  # caches and the first of everything
            for number in strangers:
                yield from _among(number, broker, address, calls)
            yield from _half_open(half_open, address, process)


def _among(number: int, broker: Broker, address: _Address, calls: int) -> Iterator[Result]:
    quiet: dict[str, list[float]] = defaultdict(list)
    crowd: dict[str, list[float]] = defaultdict(list)
    for _ in range(ROUNDS):
        _calls(broker, address, calls, into=quiet)
        with _crowd(number, address):
            _calls(broker, address, calls, into=crowd)
    for subject in quiet:
        ours, other = latency_of(crowd[subject]), latency_of(quiet[subject])
        yield Row(
            measure=MEASURE,
            subject=f"{subject}, {number} slow strangers",
            ours=ours,
            other=other,
            against="the same without strangers",
            ratio=ours.median / other.median,
            reads="crowd / quiet",
            goal=Goal(1.5, at_most=True),
        )


def _calls(broker: Broker, address: _Address, calls: int, *, into: dict[str, list[float]]) -> None:
    """Ask for health and put a request, so many times in turns; add the milliseconds of each."""
    prepared = [broker.headers(number) for number in range(calls)]
    with closing(http.client.HTTPConnection(*address, timeout=PATIENCE)) as connection:
        for number, headers in enumerate(prepared):
            body = broker.body(number)
            started = time.perf_counter()
            called(connection, "GET", "/v1/health")
            asked = time.perf_counter()
            called(connection, "POST", PATH, body=body, headers=headers, expected=http.client.CREATED)
            into["health"].append(1000 * (asked - started))
            into["a signed-in ask"].append(1000 * (time.perf_counter() - asked))


@contextmanager
def _crowd(number: int, address: _Address) -> Iterator[None]:
    """Have so many strangers call until the block ends, in a thread of their own."""
    loop, over = asyncio.new_event_loop(), asyncio.Event()

    async def until_it_is_over() -> None:
        strangers = [asyncio.create_task(_stranger(address)) for _ in range(number)]
        await over.wait()
        for stranger in strangers:
            stranger.cancel()
        await asyncio.gather(*strangers, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(until_it_is_over(),))
    thread.start()
    try:
        time.sleep(1)  # all of them have begun
        yield
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


async def _stranger(address: _Address) -> None:
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(*address)
            try:
                writer.write(_HEAD)
                while not reader.at_eof():
                    writer.write(b" ")
                    await writer.drain()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(65536), _NOW_AND_THEN)
            finally:
                writer.close()


def _half_open(number: int, address: _Address, process: int) -> Iterator[Result]:
    before = _memory(process)
    began = time.monotonic()
    connections = [socket.create_connection(address, timeout=PATIENCE) for _ in range(number)]
    for half, connection in enumerate(connections):
        connection.sendall(_HEAD[: half % 60])
    most = _memory(process)
    while any(not _is_over(connection) for connection in connections):
        most = max(most, _memory(process))
        if time.monotonic() - began > 10 * ENDS_WITHIN:
            raise StoreUnavailable("connections that begin nothing do not end")
        time.sleep(0.1)
    took = time.monotonic() - began
    for connection in connections:
        connection.close()
    yield Row(
        measure=MEASURE,
        subject=f"{number} connections that begin nothing have ended",
        ours=Amount(value=took, unit="s"),
        other=Amount(value=ENDS_WITHIN, unit="s"),
        against="what they may take",
        ratio=took / ENDS_WITHIN,
        reads="ended / allowed",
        goal=Goal(1.0, at_most=True),
    )
    yield Row(
        measure=MEASURE,
        subject=f"memory with {number} of them",
        ours=Amount(value=most / 2**20, unit="MiB"),
        other=Amount(value=before / 2**20, unit="MiB"),
        against="before them",
        ratio=most / before,
        reads="with / before",
        goal=Goal(1.5, at_most=True),
    )


def _is_over(connection: socket.socket) -> bool:
    connection.settimeout(0)
    try:
        while connection.recv(65536):
            pass
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


def _memory(process: int) -> int:
    """Return the resident memory of a process in bytes (proc(5), statm: the second number, in pages)."""
    pages = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")

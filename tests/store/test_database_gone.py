"""A database that falls silent, is slow, or was started again: nobody waits for long, and the next call is served."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from databases import fresh_postgres
from sqlalchemy import Engine, make_url, text
from waiting import wait_until

from broker.kernel.errors import StoreUnavailable
from broker.store.engine import errors_named, open_engine

pytestmark = pytest.mark.postgres

_SESSIONS = "FROM pg_stat_activity WHERE datname = :name"
ENOUGH = 5.0
"""Seconds in which a call with a patience of half a second has long ended, on a busy machine too."""


class Proxy:
    """Passes bytes on to PostgreSQL's own socket until `silent` is set: then they go nowhere, and nothing is closed."""

    def __init__(self, path: Path) -> None:
        self._path, self.silent = path, threading.Event()
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._door.getsockname()[1])
        self._lines: list[socket.socket] = [self._door]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Close every line."""
        self.silent.clear()
        for line in self._lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._door.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._path))
                self._lines += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._pass_on, args=(one, other), daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(65536):
                while self.silent.is_set():
                    time.sleep(0.01)
                other.sendall(data)
            other.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy(postgres_url: str) -> Iterator[Proxy]:
    """Yield a proxy before the server."""
    with closing(Proxy(Path(str(make_url(postgres_url).query["host"])) / ".s.PGSQL.5432")) as proxy:
        yield proxy


@pytest.fixture
def engine(postgres_url: str, proxy: Proxy) -> Iterator[Engine]:
    """Yield an engine that goes through the proxy, and has a patience of half a second."""
    with fresh_postgres(postgres_url) as url:
        through = make_url(url).set(host="127.0.0.1", port=proxy.port, query={})
        engine = open_engine(through.render_as_string(hide_password=False), patience=0.5)
        yield engine
        engine.dispose()


def ask(engine: Engine, statement: str = "SELECT 1") -> None:
    with errors_named(), engine.begin() as connection:
        connection.execute(text(statement))


def took_to_fail(engine: Engine, statement: str) -> float:
    began = time.monotonic()
    with pytest.raises(StoreUnavailable):
        ask(engine, statement)
    return time.monotonic() - began


def test_server_that_falls_silent_is_not_waited_for(engine: Engine, proxy: Proxy) -> None:
    ask(engine)
    proxy.silent.set()
    assert took_to_fail(engine, "SELECT 1") < ENOUGH
    proxy.silent.clear()
    ask(engine)


def test_server_that_is_slow_is_not_waited_for(engine: Engine) -> None:
    assert took_to_fail(engine, "SELECT pg_sleep(60)") < ENOUGH
    ask(engine)


def test_call_after_a_restart_is_served(engine: Engine, postgres_url: str) -> None:
    lines = [engine.connect() for _ in range(3)]
    for line in lines:
        line.execute(text("SELECT 1"))
    for line in lines:
        line.close()
    other, of_it = open_engine(postgres_url), {"name": engine.url.database}
    with other.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        ended = connection.execute(text(f"SELECT pg_terminate_backend(pid) {_SESSIONS}"), of_it).all()
        wait_until(lambda: not connection.scalar(text(f"SELECT count(*) {_SESSIONS}"), of_it))
    other.dispose()
    assert len(ended) == len(lines)
    time.sleep(0.2)  # for the proxy to pass it on
    for _ in lines:
        ask(engine)


def test_without_patience_a_long_statement_is_waited_for(postgres_url: str) -> None:
    engine = open_engine(postgres_url)
    ask(engine, "SELECT pg_sleep(0.6)")
    engine.dispose()

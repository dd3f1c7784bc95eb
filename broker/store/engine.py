"""Opening SQLite and PostgreSQL so that they promise the same, and naming their failures.

| promise | SQLite | PostgreSQL |
|---|---|---|
| a commit survives a power cut | WAL, synchronous=FULL | its default |
| one transaction sees one state | BEGIN IMMEDIATE: writers one after another | REPEATABLE READ |
| what was acknowledged first holds first | the same | turns: `turn.py` |
| nobody waits for ever | busy_timeout | lock_timeout, connect_timeout, statement_timeout, a deadline here |
| who comes after a restart is served | the file | a connection that was closed meanwhile is not used |
| what is deleted is not left lying in the file | secure_delete | VACUUM, on the operator |
| others on the machine cannot read it | files are 0600 | the server's own |

Every error leaves this package as one of ours, and never repeats a value: see `errors_named`.
"""

from __future__ import annotations

import os
import select
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, make_url

from broker.kernel.errors import ConflictError, InputError, SettingsError, StoreUnavailable
from broker.store.compiled import compile_once

WAIT_SECONDS = 5
"""How long anything here waits for a lock, a connection or a server before it is StoreUnavailable."""

PATIENCE = 10.0
"""Seconds that one statement may take on PostgreSQL, for whoever serves callers."""

# SQLSTATE 40001 serialization_failure and 40P01 deadlock_detected: somebody else was first, nothing is wrong.
_RACES = frozenset({"40001", "40P01"})


def open_engine(url: str, *, connections: int = 15, patience: float | None = None, passing: bool = False) -> Engine:
    """Return an engine for `sqlite:///file` or `postgresql://…`; connects lazily. Raises SettingsError for others.

    `connections` is the most that one process has open on PostgreSQL: four processes stay well below the hundred that a
    server lets in, and who finds none free waits. With `patience`, in seconds, no statement there takes longer: not
    when the server is slow, and not when it falls silent and the network says nothing. `passing` is for rows that come
    and go: each statement is committed by itself, outlasts this process, and does not wait for the disk.
    """
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):  # ValueError: a port that is no number
        # Without the cause: the text of a bad URL may hold a password.
        raise SettingsError("the database URL cannot be read; sqlite:///file or postgresql://host/name") from None
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(parsed, passing=passing)
    if parsed.get_backend_name() == "postgresql":
        return _open_postgresql(parsed, connections, PATIENCE if passing else patience, passing=passing)
    raise SettingsError("the database is SQLite or PostgreSQL: sqlite:///file or postgresql://host/name")


def for_reading(connection: Connection) -> Connection:
    """Return the connection set to a snapshot in which nothing can be written, so that it holds up no writer."""
    return connection.execution_options(sqlite_begin="BEGIN", sqlite_query_only="ON", postgresql_readonly=True)


def for_looking(connection: Connection) -> Connection:
    """Return the connection set so that a statement that reads is all that goes to the server: no BEGIN, no COMMIT."""
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="AUTOCOMMIT")
    return for_reading(connection)


def for_turns(connection: Connection) -> Connection:
    """Return the connection set so that each statement sees all that was committed before it.

    For who waits for a lock first: under REPEATABLE READ the snapshot would be taken before the lock is got, and would
    miss what the previous holder of the lock had just committed.
    """
    if connection.dialect.name == "postgresql":
        return connection.execution_options(isolation_level="READ COMMITTED")
    return connection


def is_lost_race(error: exc.DBAPIError) -> bool:
    """Tell whether the database refused because another transaction changed the same rows first."""
    return getattr(error.orig, "sqlstate", None) in _RACES


@contextmanager
def errors_named() -> Iterator[None]:
    """Turn every database error in the block into ours.

    A broken constraint and a lost race are ConflictError, a value the database cannot hold is InputError, and all else
    (unreachable, full, read-only, locked, shutting down) is StoreUnavailable: nothing was changed, unless the
    connection broke during the commit itself, when nobody can tell.
    """
    try:
        yield
    # Without the cause where PostgreSQL's DETAIL line repeats the values of the row.
    except exc.IntegrityError:
        raise ConflictError("a constraint of the database does not allow this", code="store.constraint") from None
    except exc.DataError:
        raise InputError("a value does not fit in the database", code="store.value") from None
    except exc.TimeoutError as error:
        raise StoreUnavailable("no database connection came free in time") from error
    except exc.DBAPIError as error:
        if is_lost_race(error):
            raise ConflictError("another transaction changed this first; read again", code="store.race") from error
        raise StoreUnavailable(f"the database cannot be used ({type(error.orig).__name__})") from error


def _open_sqlite(url: URL, *, passing: bool) -> Engine:
    _begin_file(url)
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=10,
        pool_timeout=WAIT_SECONDS,
        isolation_level="AUTOCOMMIT" if passing else None,
    )

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _record: object) -> None:
        # The driver must not begin transactions by itself: it would begin them deferred, and a deferred transaction
        # that reads first and then writes fails at once when another has written in between.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout = {WAIT_SECONDS * 1000}",  # first: switching to WAL may have to wait as well
            "journal_mode = WAL",
            f"synchronous = {'NORMAL' if passing else 'FULL'}",
            "foreign_keys = ON",
            "secure_delete = ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    if passing:
        return engine  # nothing is begun: each statement is a transaction

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        connection.exec_driver_sql(f"PRAGMA query_only = {options.get('sqlite_query_only', 'OFF')}")
        connection.exec_driver_sql(options.get("sqlite_begin", "BEGIN IMMEDIATE"))

    return engine


def _begin_file(url: URL) -> None:
    """Begin a database file that is not there as one that only its owner can read; SQLite's other files follow it."""
    if url.database and url.database != ":memory:" and not url.query:
        with suppress(OSError):  # there already, or in a folder that is not: connecting will tell
            os.close(os.open(url.database, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def _open_postgresql(url: URL, connections: int, patience: float | None, *, passing: bool) -> Engine:
    options = {"timezone": "UTC", "lock_timeout": f"{WAIT_SECONDS}s"}
    if passing:
        options["synchronous_commit"] = "off"
    if patience is not None:
        options["statement_timeout"] = f"{round(1000 * patience)}ms"
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        isolation_level="AUTOCOMMIT" if passing else "REPEATABLE READ",
        pool_size=min(connections, 5),
        max_overflow=connections - min(connections, 5),
        pool_timeout=WAIT_SECONDS,
        connect_args={
            "connect_timeout": WAIT_SECONDS,
            "options": " ".join(f"-c {name}={value}" for name, value in options.items()),
        },
    )
    compile_once(engine)

    @event.listens_for(engine, "do_connect")
    def _connect(_dialect: object, _record: object, arguments: list[Any], named: dict[str, Any]) -> psycopg.Connection:
        connection = _Connection.connect(*arguments, **named)
        connection.patience = None if patience is None else patience + 1  # the server ends it first, if it can
        return connection

    @event.listens_for(engine, "checkout")
    def _check(connection: psycopg.Connection, _record: object, _proxy: object) -> None:
        # Nothing comes from a server that was not asked anything, save that it hangs up: it was started again.
        looked = select.poll()
        looked.register(connection.fileno(), select.POLLIN)
        if looked.poll(0):
            raise exc.DisconnectionError

    return engine


class _Connection(psycopg.Connection):
    """A connection on which nobody waits for a server that has fallen silent; it cannot be used after that."""

    patience: float | None = None

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.errors._WaitTimeout:
            self.pgconn.finish()
            raise psycopg.OperationalError("the server did not answer in time") from None

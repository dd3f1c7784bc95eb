"""Fresh databases with the current schema, on SQLite and PostgreSQL, and what stands in one."""

from __future__ import annotations

import functools
import itertools
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url

from broker.store.engine import for_reading, open_engine
from broker.store.migrations import migrate
from broker.store.schema import metadata

_numbers = itertools.count(1)
_NO_ACTS = "SELECT id FROM events WHERE substr(tag, 1, 8) = 'attempt:' OR tag = 'log:checkpoint:kept'"


def fresh_sqlite(directory: Path) -> str:
    """Return the URL of a new SQLite file with the current schema."""
    (directory / "broker.db").write_bytes(_empty_sqlite())
    return f"sqlite:///{directory / 'broker.db'}"


@functools.cache
def _empty_sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        migrate(f"sqlite:///{path}")
        return path.read_bytes()


@contextmanager
def fresh_postgres(server: str) -> Iterator[str]:
    """Yield the URL of a new database with the current schema on the server at this URL."""
    name = f"running_{next(_numbers)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    empty = _empty_postgres(server)
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {empty}")
            try:
                yield _url_of(server, name)
            finally:
                connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        admin.dispose()


@functools.cache
def _empty_postgres(server: str) -> str:
    """Return the name of a database on this server with the current schema, to copy."""
    name, admin = "empty", create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    admin.dispose()
    migrate(_url_of(server, name))
    return name


def _url_of(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def contents_of(url: str) -> dict[str, list[str]]:
    """Return the rows of every table; without attempts, and without what publishing changes."""
    engine = open_engine(url)
    found: dict[str, list[str]] = {}
    with engine.connect() as connection, for_reading(connection).begin():
        no_acts = {row[0] for row in connection.exec_driver_sql(_NO_ACTS)}
        for table in metadata.sorted_tables:
            if table.name not in {"checkpoints", "log_nodes", "seen_proofs"}:
                columns = ", ".join(
                    f'"{column.name}"' for column in table.c if column.name not in {"log_index", "waiting"}
                )
                rows = (tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM {table.name}"))  # noqa: S608
                found[table.name] = sorted(repr(row) for row in rows if not no_acts & {str(value) for value in row})
    engine.dispose()
    return found

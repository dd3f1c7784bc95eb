"""Bringing a database to the schema of this version, with Alembic but without its ini file, also from a wheel."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, func, select

from broker.domain.keys import Keys
from broker.store.engine import errors_named, open_engine

# Of two processes that migrate at the same time one waits for the other (PostgreSQL; SQLite's BEGIN IMMEDIATE does it).
_MIGRATION_LOCK = int.from_bytes(b"migrate!", "big")


OpenKeys = Callable[[], Keys]
"""Opens the broker's keys; called only when there are rows to encrypt."""


def migrate(url: str, keys: OpenKeys | None = None) -> None:
    """Bring the database at this URL to the current schema, from empty too, in one transaction.

    Raises SettingsError for a URL of another kind, and when rows of an earlier version need the keys that are not
    given; StoreUnavailable when the database is not there.
    """
    engine = open_engine(url)
    try:
        with errors_named(), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            command.upgrade(config_for(connection, keys), "head")
    finally:
        engine.dispose()


def config_for(connection: Connection, keys: OpenKeys | None = None) -> Config:
    """Return what Alembic's commands need to work on this connection, inside its transaction."""
    config = Config()
    config.set_main_option("script_location", "broker.store:migrations")
    config.attributes["connection"] = connection
    config.attributes["keys"] = keys
    return config

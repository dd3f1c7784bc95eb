"""Which schema a database has. Alembic would know too, but it takes long to load: it is for who migrates."""

from __future__ import annotations

from importlib.resources import files

from sqlalchemy import Connection, column, inspect, select, table

_RUN = table("alembic_version", column("version_num"))


def has_current_schema(connection: Connection) -> bool:
    """Tell whether the last migration that this version has is the last one that was run here."""
    if not inspect(connection).has_table(_RUN.name):
        return False
    return connection.execute(select(_RUN.c.version_num)).scalars().all() == [newest_migration()]


def newest_migration() -> str:
    """Return the number of the last migration of this version, with which the name of its file begins."""
    migrations = files("broker.store") / "migrations" / "versions"
    return max(each.name for each in migrations.iterdir() if each.name.endswith(".py")).partition("_")[0]

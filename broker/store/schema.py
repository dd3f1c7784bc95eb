"""What all tables share: one metadata, the type of a moment, and inserting what may already be there.

Each noun's module holds its own tables; `base` imports them all, so the metadata is complete once `base` is imported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import JSON, Column, Connection, DateTime, Dialect, MetaData, RowMapping, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TypeDecorator

from broker.store.compiled import insert_later

# Every constraint has a name that both databases know it by, so that a later migration can change it.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_key)s",
        "uq": "uq_%(table_name)s_%(column_0_N_key)s",
        "fk": "fk_%(table_name)s_%(column_0_N_key)s",
        "pk": "pk_%(table_name)s",
    }
)

Nested = JSON(none_as_null=True)
"""A small value made of lists and dicts that is only ever read whole."""


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC, to the microsecond; SQLite keeps it as text without zone that sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Write an aware moment; one without zone is a bug in our code."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        return moment if dialect.name == "postgresql" else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Read it back aware, in UTC, whatever the session's time zone is."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def by_key(columns: Iterable[Column[Any]], row: RowMapping) -> dict[str, Any]:
    """Return the values of these columns by our own nouns.

    A noun that is a word of SQL (`case`, `on`, `order`) is the `key` of its column; the database has another name.
    """
    return {column.key: row[column] for column in columns}


def insert_or_replace(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows; where the primary key exists, give the other columns their new values. One bulk statement."""
    if not rows:
        return
    insert_later(connection, _replace(connection.dialect.name, table), rows)


def insert_or_ignore(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose primary key does not exist yet. One bulk statement."""
    if rows:
        insert_later(connection, _ignore(connection.dialect.name, table), rows)


# A statement that is made once is compiled once.
@cache
def _replace(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    statement = _insert(dialect, table)
    values = {column: statement.excluded[column.key] for column in table.columns if not column.primary_key}
    return statement.on_conflict_do_update(index_elements=list(table.primary_key), set_=values)


@cache
def _ignore(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    return _insert(dialect, table).on_conflict_do_nothing(index_elements=list(table.primary_key))


def _insert(dialect: str, table: Table) -> postgresql.Insert | sqlite.Insert:
    # The two dialects spell the same clause; SQLAlchemy has no common form of it.
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)

"""Writing rows so that the log covers them: what an event changed, it commits to.

Every write of a row that a decision, a release or a right depends on goes through here. The next event that is
appended takes along, for each row, a salted commitment to all of it as it is from now on (or to its absence), and the
entry of the event holds the hash over these. So `broker verify` can tell from the log alone what each table must hold.
Rows that a transaction changed and no act of it accounts for are taken up as it ends, by an event that says just this
(`log:rows:adopted`); no flow leaves any, the tests say.

Without its salt a commitment says nothing, so nothing can be guessed from the log: salts stand beside the commitments
in `events.changes`, never in an entry. What is kept encrypted is committed to as it is kept; once its data key is
destroyed nobody can guess the words from a commitment either.

A table may say otherwise in its `info`:

* `passing`: the reason why its rows need no event; they come and go, and nothing lawful depends on them;
* `uncommitted`: columns that change without an event, and why;
* `ends`: the reason why a row may be deleted without an event;
* `derived`: from what its rows follow, so that they need no commitment of their own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, cast

from sqlalchemy import Connection, Delete, Insert, Table, Update, insert

from broker.crypto.canonical import canonical, parse_canonical
from broker.crypto.commitment import commit, new_salt
from broker.store.compiled import insert_later
from broker.store.schema import by_key, insert_or_ignore, insert_or_replace

Key = tuple[str | int, ...]
"""The primary key of a row, as it stands in the log."""


Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """What an event says of one row: the commitment to its values, or to its absence, under this salt."""

    table: str
    key: Key
    salt: bytes
    commitment: str


class Changes:
    """The rows written within one transaction since its last event."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._written: dict[tuple[str, Key], dict[str, Any] | None] = {}

    def insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows; one that exists is ConflictError. A column that a row does not name is null."""
        if rows:
            insert_later(self._connection, _insert(table), rows)
            self.cover(table, rows)

    def replace(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert rows, or give those that exist these values; each row names every column."""
        insert_or_replace(self._connection, table, rows)
        self.cover(table, rows)

    def keep(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert the rows that do not exist yet, in a table where all columns are the key."""
        insert_or_ignore(self._connection, table, rows)
        self.cover(table, rows)

    def update(self, statement: Update, values: Mapping[str, Any]) -> int:
        """Give the rows that the statement's condition finds these values; return how many.

        The values are those of the columns and those that the condition names.
        """
        table = cast("Table", statement.table)
        rows = self._connection.execute(_telling(statement), values).all()
        self.cover(table, [by_key(table.c, row._mapping) for row in rows])
        return len(rows)

    def delete(self, statement: Delete, values: Mapping[str, Any]) -> int:
        """Delete the rows that the statement's condition finds with these values; return how many."""
        table = cast("Table", statement.table)
        rows = self._connection.execute(_telling(statement), values).all()
        for row in rows:
            self._written[str(table.name), key_of(table, by_key(table.primary_key, row._mapping))] = None
        return len(rows)

    def take(self) -> bytes | None:
        """Return the commitments to what was written since the last time, as canonical JSON; None for nothing."""
        written, self._written = self._written, {}
        if not written:
            return None
        said = []
        for (table, key), values in written.items():
            salt = new_salt()
            said.append([table, list(key), salt.hex(), commitment_to(table, key, values, salt)])
        return canonical(said)

    def cover(self, table: Table, rows: Sequence[Values]) -> None:
        """Have the next event commit to rows as they stand."""
        for row in rows:
            self._written[str(table.name), key_of(table, row)] = values_of(table, row)

    @property
    def pending(self) -> bool:
        """Whether rows were written that no event commits to yet."""
        return bool(self._written)


@cache
def _telling(statement: Update | Delete) -> Update | Delete:
    """Return the statement that also tells each row that it changes, or the key of each that it deletes."""
    table: Any = statement.table
    return statement.returning(*(table.c if isinstance(statement, Update) else table.primary_key))


@cache
def _insert(table: Table) -> Insert:
    """Return the statement that inserts rows, the same one each time, so that it is compiled once."""
    return insert(table)


def hash_of(changes: bytes) -> str:
    """Return the hash over the changes of an event, as its entry holds it: 64 hex digits of SHA-256."""
    return hashlib.sha256(changes).hexdigest()


def read_changes(changes: bytes) -> Iterator[Change]:
    """Yield what `take` returned; raises ParseError for other bytes."""
    for table, key, salt, commitment in parse_canonical(changes):
        yield Change(table, tuple(key), bytes.fromhex(salt), commitment)


def commitment_to(table: str, key: Key, values: Mapping[str, Any] | None, salt: bytes) -> str:
    """Return the commitment to a row with these values, or to there being no row with this key."""
    return commit({"table": table, "key": list(key), "values": values}, salt=salt)


def values_of(table: Table, row: Values) -> dict[str, Any]:
    """Return the columns of a row that are committed to, as JSON, without those that are null.

    So a column that a later version adds, and that is null in the rows of today, changes no commitment of today.
    """
    return {name: as_json(row[key]) for name, key in _committed(table) if row.get(key) is not None}


def key_of(table: Table, row: Values) -> Key:
    """Return the primary key of a row."""
    return tuple(as_json(row[key]) for key in _keys(table))


@cache
def _committed(table: Table) -> tuple[tuple[str, str], ...]:
    """Return the name and the key of each column that is committed to.

    As plain text: SQLAlchemy's names are a kind of text of their own, which JSON is written of at a tenth of the speed.
    """
    uncommitted = table.info.get("uncommitted", {})
    return tuple((str(column.name), str(column.key)) for column in table.c if column.name not in uncommitted)


@cache
def _keys(table: Table) -> tuple[str, ...]:
    """Return the key of each column of the primary key."""
    return tuple(str(column.key) for column in table.primary_key)


def as_json(value: Any) -> Any:
    """Return a value of a column as JSON, the same for both databases: bytes as their hash, moments in UTC."""
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, datetime):
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return aware.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value

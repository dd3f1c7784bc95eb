"""Rows that a migration made or changed: the log takes them up as they are, in events of their own."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC
from itertools import islice

import sqlalchemy as sa

from broker.crypto.canonical import canonical
from broker.crypto.commitment import new_salt
from broker.kernel.values import format_moment, new_id
from broker.store.changes import as_json, commitment_to, hash_of

_UNCOMMITTED = {"sessions": {"seen_at"}}
_AT_ONCE = 1000
_ADOPTED = "log:rows:adopted"
_ADOPTED_ID = 25


def adopt_rows(connection: sa.Connection, *, only: Collection[str] | None = None, but: Collection[str] = ()) -> None:
    """Append events, without detail, that commit to every row there is: of these tables, or of all but those."""
    known = sa.MetaData()
    known.reflect(connection)
    place = connection.scalar(sa.text("SELECT coalesce(max(waiting), 0) FROM events"))
    for table in known.sorted_tables:
        if table.name in but or (only is not None and table.name not in only):
            continue
        rows = iter(connection.execute(sa.select(table)).mappings().all())
        while changes := [_change(table, row) for row in islice(rows, _AT_ONCE)]:
            place += 1
            _append(connection, place, canonical(changes))
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT setval('events_waiting', :place)"), {"place": place + 1})


def _change(table: sa.Table, row: sa.RowMapping) -> list[object]:
    left_out = _UNCOMMITTED.get(table.name, set())
    key = tuple(as_json(row[column.name]) for column in table.primary_key)
    values = {name: as_json(value) for name, value in row.items() if value is not None and name not in left_out}
    salt = new_salt()
    return [table.name, list(key), salt.hex(), commitment_to(table.name, key, values, salt)]


def _append(connection: sa.Connection, place: int, changes: bytes) -> None:
    now = connection.execute(sa.select(sa.func.now())).scalar_one()
    moment = now if now.tzinfo else now.replace(tzinfo=UTC)  # SQLite's is in UTC and does not say so
    entry = {
        "v": 1,
        "id": new_id("evt", moment),
        "tag": _ADOPTED,
        "tag_id": _ADOPTED_ID,
        "at": format_moment(moment),
        "request": None,
        "decision": None,
        "outcome": None,
        "commitment": None,
        "changes": hash_of(changes),
    }
    connection.execute(
        sa.text("INSERT INTO events (id, tag, entry, waiting, changes) VALUES (:id, :tag, :entry, :place, :changes)"),
        {"id": entry["id"], "tag": _ADOPTED, "entry": canonical(entry), "place": place, "changes": changes},
    )

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
    names = sorted(set(sa.inspect(connection).get_table_names() if only is None else only) - set(but))
    # What has no rows is not looked at any further: understanding all tables takes longer than making them.
    filled = [name for name in names if connection.scalar(sa.select(sa.true()).select_from(sa.table(name)).limit(1))]
    known = sa.MetaData()
    known.reflect(connection, only=filled)
    place = connection.scalar(sa.text("SELECT coalesce(max(waiting), 0) FROM events"))
    for table in known.sorted_tables:
        if table.name not in filled:  # it is known because another refers to it
            continue
        rows = iter(connection.execute(sa.select(table)).mappings().all())
        while changes := [_change(table, row, _values(table, row)) for row in islice(rows, _AT_ONCE)]:
            place += 1
            _append(connection, place, canonical(changes))
    _continue_after(connection, place)


def account_for_absence(connection: sa.Connection, name: str) -> None:
    """Append an event, without detail, that no row of this table is there from now on; for who is about to drop it."""
    table = sa.Table(name, sa.MetaData(), autoload_with=connection)
    rows = connection.execute(sa.select(*table.primary_key)).mappings().all()
    if rows:
        place = connection.scalar(sa.text("SELECT coalesce(max(waiting), 0) FROM events")) + 1
        _append(connection, place, canonical([_change(table, row, None) for row in rows]))
        _continue_after(connection, place)


def _change(table: sa.Table, row: sa.RowMapping, values: dict[str, object] | None) -> list[object]:
    key = tuple(as_json(row[column.name]) for column in table.primary_key)
    salt = new_salt()
    return [table.name, list(key), salt.hex(), commitment_to(table.name, key, values, salt)]


def _values(table: sa.Table, row: sa.RowMapping) -> dict[str, object]:
    left_out = _UNCOMMITTED.get(table.name, set())
    return {name: as_json(value) for name, value in row.items() if value is not None and name not in left_out}


def _continue_after(connection: sa.Connection, place: int) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("SELECT setval('events_waiting', :place)"), {"place": place + 1})


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

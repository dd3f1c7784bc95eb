"""Evidence over facts: events commit to the rows they change, and the rows that stand already are taken up as they are.

Reads get a table, decisions and releases a salt, waiting events a queue, and a kept form its own data key beside it. A
checkpoint no longer says when it was made: nothing signed it.

What the rows were like before this migration the log cannot say. So it takes them up as they are now, in events of
their own (`log:rows:adopted`), which the next checkpoint covers; from then on every change is on record.

Revision ID: 0007
"""

from __future__ import annotations

from datetime import UTC
from itertools import islice

import sqlalchemy as sa
from alembic import op

from broker.crypto.canonical import canonical
from broker.crypto.commitment import new_salt
from broker.kernel.values import format_moment, new_id
from broker.store.changes import as_json, commitment_to, hash_of

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_WITHOUT_COMMITMENT = {
    "alembic_version",
    "decision_marks",
    "events",
    "kept_forms",
    "log_nodes",
    "seen_proofs",
    "sign_ins",
}
_UNCOMMITTED = {"sessions": {"seen_at"}}
_AT_ONCE = 1000
_ADOPTED = "log:rows:adopted"
_ADOPTED_ID = 25


def upgrade() -> None:
    """Add the columns and take up the rows."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    op.add_column("decisions", sa.Column("salt", sa.LargeBinary(), nullable=True))
    op.add_column("releases", sa.Column("salt", sa.LargeBinary(), nullable=True))
    op.add_column("kept_forms", sa.Column("wrapped", sa.LargeBinary(), nullable=True))
    op.execute("UPDATE kept_forms SET wrapped = (SELECT wrapped FROM data_keys WHERE subject = kept_forms.session)")
    op.execute("DELETE FROM data_keys WHERE subject IN (SELECT session FROM kept_forms)")
    op.create_table(
        "reads",
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name="fk_reads_staff"),
        sa.PrimaryKeyConstraint("staff", "subject", name="pk_reads"),
    )
    op.drop_index("ix_events_not_sequenced", "events")
    op.add_column("events", sa.Column("waiting", sa.BigInteger(), nullable=True))
    op.add_column("events", sa.Column("changes", sa.LargeBinary(), nullable=True))
    op.execute(
        "UPDATE events SET waiting = (SELECT count(*) FROM events AS before"
        " WHERE before.log_index IS NULL AND before.id <= events.id) WHERE log_index IS NULL"
    )
    op.create_index(
        "ix_events_waiting",
        "events",
        ["waiting"],
        sqlite_where=sa.text("waiting IS NOT NULL"),
        postgresql_where=sa.text("waiting IS NOT NULL"),
    )
    with op.batch_alter_table("checkpoints") as table:
        table.drop_column("at")
    if is_postgresql:
        op.execute("CREATE SEQUENCE events_waiting")
        op.execute("SELECT setval('events_waiting', (SELECT coalesce(max(waiting), 0) + 1 FROM events))")
    _adopt_rows(op.get_bind())


def downgrade() -> None:
    """Drop the columns; events that took up rows stay, as every entry does."""
    op.drop_table("reads")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE events_waiting")
    op.add_column(
        "checkpoints",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, server_default="1970-01-01 00:00:00.000000"),
    )
    op.drop_index("ix_events_waiting", "events")
    op.create_index(
        "ix_events_not_sequenced",
        "events",
        ["id"],
        sqlite_where=sa.text("log_index IS NULL"),
        postgresql_where=sa.text("log_index IS NULL"),
    )
    with op.batch_alter_table("events") as table:
        table.drop_column("changes")
        table.drop_column("waiting")
    op.execute("DELETE FROM kept_forms")
    with op.batch_alter_table("kept_forms") as table:
        table.drop_column("wrapped")
    for name in ("decisions", "releases"):
        with op.batch_alter_table(name) as table:
            table.drop_column("salt")


def _adopt_rows(connection: sa.Connection) -> None:
    """Append events, without detail, that commit to every row there is."""
    known = sa.MetaData()
    known.reflect(connection)
    place = connection.scalar(sa.text("SELECT coalesce(max(waiting), 0) FROM events"))
    for table in known.sorted_tables:
        if table.name in _WITHOUT_COMMITMENT:
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

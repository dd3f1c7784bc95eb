"""Evidence over facts: events commit to the rows they change, and the rows that stand already are taken up as they are.

Reads get a table, decisions and releases a salt, waiting events a queue, and a kept form its own data key beside it. A
checkpoint no longer says when it was made: nothing signed it.

What the rows were like before this migration the log cannot say. So it takes them up as they are now, in events of
their own (`log:rows:adopted`), which the next checkpoint covers; from then on every change is on record.

Revision ID: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from broker.store.migrations.adoption import adopt_rows

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
    adopt_rows(op.get_bind(), but=_WITHOUT_COMMITMENT)


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

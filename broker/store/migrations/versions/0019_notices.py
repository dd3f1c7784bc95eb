"""Organisations choose how they hear that they have something to do, and what each was told is kept.

Revision ID: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from broker.store.migrations.adoption import adopt_rows

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_UNTOLD = sa.text("done_at IS NULL")
_RUNS = sa.text("due IS NOT NULL AND done_at IS NULL")


def upgrade() -> None:
    """Add the column and the tables."""
    op.add_column("organisations", sa.Column("notices", sa.JSON(), nullable=True))
    op.create_table(
        "notice_channels",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("daily", sa.Boolean(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation"], ["organisations.id"], name="fk_notice_channels_organisation_organisations"
        ),
        sa.PrimaryKeyConstraint("organisation", "way", name="pk_notice_channels"),
    )
    op.create_table(
        "notices",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("organisation", "way", "kind", "subject", name="pk_notices"),
    )
    op.create_index(
        "ix_notices_untold",
        "notices",
        ["organisation", "way", "since"],
        sqlite_where=_UNTOLD,
        postgresql_where=_UNTOLD,
    )
    op.create_index("ix_obligations_open", "obligations", ["due"], sqlite_where=_RUNS, postgresql_where=_RUNS)


def downgrade() -> None:
    """Drop them; the log takes up the organisations as they are without their choice."""
    op.drop_index("ix_obligations_open", "obligations")
    op.drop_table("notices")
    op.drop_table("notice_channels")
    op.drop_column("organisations", "notices")
    adopt_rows(op.get_bind(), only={"organisations"})

"""Of each step what was done: with whom, on which day, through which channel, what came of it, and whether it is all.

Revision ID: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from broker.store.migrations.adoption import account_for_absence, adopt_rows

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; a step from before was taken at its word, and still is."""
    op.add_column("steps", sa.Column("record", sa.LargeBinary(), nullable=True))
    op.add_column("steps", sa.Column("complete", sa.Boolean(), nullable=True))


def downgrade() -> None:
    """Drop them, and with them the steps that did not count: without the column they would."""
    account_for_absence(op.get_bind(), "steps")
    op.execute(sa.text("DELETE FROM steps WHERE complete IS NOT NULL AND NOT complete"))
    op.drop_column("steps", "complete")
    op.drop_column("steps", "record")
    adopt_rows(op.get_bind(), only=("steps",))

"""The files of every bundle that decides are kept, so that what it decided can be decided again.

A bundle that was loaded before this is kept when a broker next takes it up.

Revision ID: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from broker.store.migrations.adoption import account_for_absence

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "bundle_files",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "name"),
    )


def downgrade() -> None:
    """Drop it; the log says that its rows are gone, so that it adds up again after an upgrade."""
    account_for_absence(op.get_bind(), "bundle_files")
    op.drop_table("bundle_files")

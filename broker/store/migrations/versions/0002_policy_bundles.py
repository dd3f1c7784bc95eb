"""Which policy bundles were loaded, so that none comes back.

Revision ID: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "policy_bundles",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("signers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("revision", name="pk_policy_bundles"),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("policy_bundles")

"""The facts that requests came to carry: a match in the reference index, direct involvement, good care, whose numbers.

What was kept before says none of it, and reads as such: false, or null for nobody's and no match. The facts inside
`questions`, `parts` and the sealed concern need no column; a row without them reads as their default.

Revision ID: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column for each fact, with the default that helps nobody for the rows that are there."""
    op.add_column("cases", sa.Column("vir", sa.JSON(), nullable=True))
    op.add_column("requests", sa.Column("directly_involved", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("requests", sa.Column("bsn_of", sa.JSON(), nullable=True))
    op.add_column("weighings", sa.Column("good_care", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("weighings", sa.Column("bsn_of", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Drop the columns, and with them what they said."""
    for table, column in (
        ("weighings", "bsn_of"),
        ("weighings", "good_care"),
        ("requests", "bsn_of"),
        ("requests", "directly_involved"),
        ("cases", "vir"),
    ):
        op.drop_column(table, column)

"""Time passes: when the parts of a release were deleted, and since when a duty is on record as overdue.

Revision ID: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_KEPT = sa.text("erased_at IS NULL")
_RUNNING = sa.text("due IS NOT NULL AND done_at IS NULL AND overdue_at IS NULL")


def upgrade() -> None:
    """Add the columns, and the indexes by which the clock finds what it is time for."""
    op.add_column("releases", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("obligations", sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_releases_kept", "releases", ["expires_at"], sqlite_where=_KEPT, postgresql_where=_KEPT)
    op.create_index("ix_obligations_running", "obligations", ["due"], sqlite_where=_RUNNING, postgresql_where=_RUNNING)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_obligations_running", "obligations")
    op.drop_index("ix_releases_kept", "releases")
    op.drop_column("obligations", "overdue_at")
    op.drop_column("releases", "erased_at")

"""Confirmed keys: a key is used once a second person of the organisation said whose it is, and the log says so.

Keys that stand already wait to be confirmed, because nobody vouched for them; answers are sealed to them again when
somebody has.

Revision ID: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_IN_USE = sa.text("revoked_at IS NULL AND confirmed_at IS NOT NULL")
_WAITING = sa.text("revoked_at IS NULL AND confirmed_at IS NULL")


def upgrade() -> None:
    """Add the columns; at most one key of a person is in use and one waits."""
    op.add_column("staff_keys", sa.Column("organisation", sa.Text(), nullable=True))
    op.add_column("staff_keys", sa.Column("confirmed_by", sa.Text(), nullable=True))
    op.add_column("staff_keys", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("staff_keys", sa.Column("event", sa.Text(), nullable=True))
    op.add_column("staff_keys", sa.Column("salt", sa.LargeBinary(), nullable=True))
    op.drop_index("uq_staff_keys_in_use", table_name="staff_keys")
    for name, where in (("uq_staff_keys_in_use", _IN_USE), ("uq_staff_keys_waiting", _WAITING)):
        op.create_index(name, "staff_keys", ["staff"], unique=True, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Drop the columns; of two keys of one person only the one in use stays."""
    op.execute(
        "UPDATE staff_keys SET revoked_at = enrolled_at WHERE revoked_at IS NULL AND confirmed_at IS NULL AND staff IN "
        "(SELECT staff FROM staff_keys WHERE revoked_at IS NULL AND confirmed_at IS NOT NULL)"
    )
    for name in ("uq_staff_keys_waiting", "uq_staff_keys_in_use"):
        op.drop_index(name, table_name="staff_keys")
    for name in ("salt", "event", "confirmed_at", "confirmed_by", "organisation"):
        op.drop_column("staff_keys", name)
    in_use = sa.text("revoked_at IS NULL")
    op.create_index(
        "uq_staff_keys_in_use", "staff_keys", ["staff"], unique=True, sqlite_where=in_use, postgresql_where=in_use
    )

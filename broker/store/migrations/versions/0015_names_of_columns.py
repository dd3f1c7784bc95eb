"""Columns have names that are no words of SQL, and say which half of a key pair they hold.

A commitment names the columns of its row, so the log takes these rows up under the new names, in events of its own.

Revision ID: 0015
"""

from __future__ import annotations

from alembic import op

from broker.store.migrations.adoption import adopt_rows

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_RENAMED = (
    ("cases", "order", "court_order"),
    ("persons", "case", "case_id"),
    ("case_staff", "case", "case_id"),
    ("requests", "case", "case_id"),
    ("consents", "case", "case_id"),
    ("consents", "on", "given_on"),
    ("erasures", "case", "case_id"),
    ("obligations", "on", "party"),
    ("releases", "signing", "responder_public"),
    ("staff_keys", "opening", "public_opening"),
    ("staff_keys", "signing", "public_signing"),
)
_TABLES = frozenset(table for table, _, _ in _RENAMED)


def upgrade() -> None:
    """Give each column its new name."""
    for table, before, now in _RENAMED:
        op.execute(f'ALTER TABLE {table} RENAME COLUMN "{before}" TO {now}')
    adopt_rows(op.get_bind(), only=_TABLES)


def downgrade() -> None:
    """Give each its old one back."""
    for table, before, now in _RENAMED:
        op.execute(f'ALTER TABLE {table} RENAME COLUMN {now} TO "{before}"')
    adopt_rows(op.get_bind(), only=_TABLES)

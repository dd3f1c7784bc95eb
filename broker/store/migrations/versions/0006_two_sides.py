"""Two sides: whose claim an exception is, what the asker is told when he gets no answer, and who finds a decision.

An exception recorded before is taken as the asker's claim: so it fulfils no step of the professional. Decisions are no
longer found by the side that does not see them.

Revision ID: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = "pk_step_exceptions"


def upgrade() -> None:
    """Add the columns, and make the side part of what an exception is known by."""
    op.add_column("requests", sa.Column("declined_because", sa.Text(), nullable=True))
    op.add_column("requests", sa.Column("declined_message", sa.LargeBinary(), nullable=True))
    with op.batch_alter_table("step_exceptions") as table:
        table.add_column(sa.Column("side", sa.Text(), nullable=False, server_default="asking"))
    with op.batch_alter_table("step_exceptions") as table:
        table.alter_column("side", server_default=None)
        table.drop_constraint(_KEY, type_="primary")
        table.create_primary_key(_KEY, ["request", "side", "person", "code"])
    for side, hidden in (
        ("requester", "decisions.stage = 'answer'"),
        ("responder", "decisions.stage = 'ask' AND decisions.outcome IN ('deny', 'refer')"),
    ):
        op.execute(
            "DELETE FROM decision_marks WHERE EXISTS (SELECT 1 FROM decisions"  # noqa: S608  our own words
            " JOIN requests ON requests.id = decisions.request WHERE decisions.id = decision_marks.decision"
            f" AND requests.{side} = decision_marks.organisation AND {hidden})"
        )


def downgrade() -> None:
    """Drop the columns; of two exceptions with the same person and code that of the professional stays."""
    op.execute(
        "DELETE FROM step_exceptions WHERE side = 'asking' AND EXISTS (SELECT 1 FROM step_exceptions AS other"
        " WHERE other.request = step_exceptions.request AND other.person = step_exceptions.person"
        " AND other.code = step_exceptions.code AND other.side = 'answering')"
    )
    with op.batch_alter_table("step_exceptions") as table:
        table.drop_constraint(_KEY, type_="primary")
        table.create_primary_key(_KEY, ["request", "person", "code"])
        table.drop_column("side")
    op.drop_column("requests", "declined_message")
    op.drop_column("requests", "declined_because")

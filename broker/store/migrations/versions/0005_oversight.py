"""What oversight searches and counts by: the wait for an answer, and the marks of decisions.

The wait of what was answered before is not known and counts nowhere; the marks of decisions made before are made here.

Revision ID: 0005
"""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add column, table and indexes, and mark the decisions that are there."""
    op.add_column("requests", sa.Column("answered_in", sa.Integer(), nullable=True))
    for side in ("requester", "responder"):
        included = ["state", "answered_in"]
        op.create_index(f"ix_requests_{side}_id", "requests", [side, "id"], postgresql_include=included)
    marks = op.create_table(
        "decision_marks",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["decision"], ["decisions.id"], name="fk_decision_marks_decision_decisions"),
        sa.PrimaryKeyConstraint("organisation", "mark", "decision", name="pk_decision_marks"),
    )
    connection = op.get_bind()
    there = sa.text("SELECT id, stage, outcome, question, decision FROM decisions WHERE request IS NOT NULL")
    for row in connection.execute(there).all():
        connection.execute(sa.insert(marks), _marks(row))


def downgrade() -> None:
    """Drop them."""
    op.drop_table("decision_marks")
    for side in ("responder", "requester"):
        op.drop_index(f"ix_requests_{side}_id", "requests")
    op.drop_column("requests", "answered_in")


def _marks(row: sa.Row[tuple[str, str, str, str, str]]) -> list[dict[str, str]]:
    document, codes = json.loads(row.question), {reason["code"] for reason in json.loads(row.decision)["reasons"]}
    kept_away = row.stage == "ask" and row.outcome in ("deny", "refer")
    refused = {f"refused:{code}" for code in codes} if kept_away else set()
    return [
        {"organisation": organisation, "mark": mark, "decision": row.id}
        for organisation in sorted({document["requester"]["id"], document["responder"]["id"]})
        for mark in sorted({"decision", row.stage, row.outcome, *codes, *refused})
    ]

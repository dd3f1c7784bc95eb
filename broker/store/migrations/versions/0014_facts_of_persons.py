"""The facts of a person are one value, as the decision document takes them: a new fact is no new column.

What is changed so the log takes up as it is from now on, in events of its own.

Revision ID: 0014
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from broker.store.migrations.adoption import adopt_rows

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_FLAGS = ("unborn", "capable", "source_protected", "informed_by_requester")
_AT_ONCE = 500


def upgrade() -> None:
    """Put relation, authority and the flags of each person together."""
    op.add_column("persons", sa.Column("facts", sa.JSON(), nullable=True))
    for row in _rows("relation", "authority", *_FLAGS):
        facts = {"relation": row.relation, "authority": _read(row.authority)}
        _write(row.id, facts=json.dumps(facts | {name: bool(getattr(row, name)) for name in _FLAGS}))
    for name in ("relation", "authority", *_FLAGS):
        op.execute(f"ALTER TABLE persons DROP COLUMN {name}")
    adopt_rows(op.get_bind(), only=("persons",))


def downgrade() -> None:
    """Take them apart again."""
    op.add_column("persons", sa.Column("relation", sa.Text(), nullable=False, server_default=""))
    op.add_column("persons", sa.Column("authority", sa.JSON(), nullable=False, server_default="[]"))
    for name in _FLAGS:
        op.add_column("persons", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))
    for row in _rows("facts"):
        facts = _read(row.facts)
        flags = {name: facts[name] for name in _FLAGS}
        _write(row.id, relation=facts["relation"], authority=json.dumps(facts["authority"]), **flags)
    op.execute("ALTER TABLE persons DROP COLUMN facts")
    adopt_rows(op.get_bind(), only=("persons",))


def _rows(*columns: str) -> Iterator[Any]:
    after, named = "", ", ".join(("id", *columns))
    statement = sa.text(f"SELECT {named} FROM persons WHERE id > :after ORDER BY id LIMIT :most")  # noqa: S608
    while rows := op.get_bind().execute(statement, {"after": after, "most": _AT_ONCE}).all():
        yield from rows
        after = rows[-1].id


def _write(person: str, **values: object) -> None:
    placed = ", ".join(f"{name} = :{name}" for name in values)
    op.get_bind().execute(sa.text(f"UPDATE persons SET {placed} WHERE id = :id"), {**values, "id": person})  # noqa: S608


def _read(value: Any) -> Any:
    """Return a JSON value: SQLite's driver gives it as text."""
    return json.loads(value) if isinstance(value, str) else value

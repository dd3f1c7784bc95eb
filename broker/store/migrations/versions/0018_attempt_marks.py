"""What refused and failed calls are found by, those from before this too: their details are opened for it.

Revision ID: 0018
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from broker.crypto.envelope import decrypt_field
from broker.domain.keys import Keys
from broker.kernel.errors import SettingsError

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_AT_ONCE = 500
_ATTEMPTS = """
SELECT events.id, events.entry, event_details.subject, event_details.encrypted, data_keys.wrapped FROM events
JOIN event_details ON event_details.event = events.id JOIN data_keys ON data_keys.subject = event_details.subject
WHERE events.tag IN ('attempt:call:failed', 'attempt:call:refused') AND events.id > :after
ORDER BY events.id LIMIT :most
"""


def upgrade() -> None:
    """Add the table, and mark the attempts whose detail is still there."""
    marks = op.create_table(
        "attempt_marks",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name="fk_attempt_marks_event_events"),
        sa.PrimaryKeyConstraint("organisation", "event", "code", name="pk_attempt_marks"),
    )
    keys: Keys | None = None  # without an attempt they are not needed
    for row in _attempts():
        keys = keys or _keys()
        data_key = keys.unwrap_data_key(bytes(row.wrapped), context=row.subject.encode())
        place = {"table": "event_details", "column": "sealed", "row": row.id}
        organisation = json.loads(decrypt_field(data_key, bytes(row.encrypted), **place))["detail"].get("organisation")
        if organisation is not None:
            mark = {"organisation": organisation, "event": row.id, "code": json.loads(row.entry)["outcome"]}
            op.get_bind().execute(sa.insert(marks), [mark])


def downgrade() -> None:
    """Drop it."""
    op.drop_table("attempt_marks")


def _keys() -> Keys:
    open_keys: Callable[[], Keys] | None = context.config.attributes["keys"]
    if open_keys is None:
        raise SettingsError("attempts of an earlier version are read now: this needs the broker's keys")
    return open_keys()


def _attempts() -> Iterator[Any]:
    after = ""
    while rows := op.get_bind().execute(sa.text(_ATTEMPTS), {"after": after, "most": _AT_ONCE}).all():
        yield from rows
        after = rows[-1].id

"""Nothing about persons in plain text: decisions are encrypted, and the directory knows people by a stand-in.

Rows that are there need the broker's keys for that. Of a request that was erased the decisions are erased now too. What
is changed so the log takes up as it is from now on, in events of its own. Everybody signs in anew.

Revision ID: 0013
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from broker.crypto.canonical import canonical
from broker.crypto.envelope import decrypt_field, encrypt_field, new_data_key
from broker.domain.keys import Keys
from broker.kernel.errors import SettingsError
from broker.store.migrations.adoption import adopt_rows

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_AT_ONCE = 500


def upgrade() -> None:
    """Encrypt the decisions, put a stand-in in the place of each subject, and begin the sessions anew."""
    bind = op.get_bind()
    op.add_column("decisions", sa.Column("subject", sa.Text(), nullable=True))
    op.add_column("decisions", sa.Column("encrypted", sa.LargeBinary(), nullable=True))
    for row in _rows("SELECT id, request, question, decision FROM decisions WHERE id > :after ORDER BY id LIMIT :most"):
        subject = row.request or row.id
        data_key = _data_key(subject) if row.request else _new_data_key(subject)
        if data_key is None:
            _erase(row.id, subject)
            continue
        both = {"document": json.loads(row.question), "decision": json.loads(row.decision)}
        encrypted = encrypt_field(data_key, canonical(both).decode(), **_place(row.id))
        bind.execute(
            sa.text("UPDATE decisions SET subject = :subject, encrypted = :encrypted WHERE id = :id"),
            {"subject": subject, "encrypted": encrypted, "id": row.id},
        )
    op.execute("ALTER TABLE decisions DROP COLUMN question")
    op.execute("ALTER TABLE decisions DROP COLUMN decision")
    op.create_index("ix_decisions_subject", "decisions", ["subject"])

    op.execute("ALTER TABLE staff RENAME COLUMN subject TO known_as")
    for row in _rows("SELECT id, issuer, known_as FROM staff WHERE id > :after ORDER BY id LIMIT :most"):
        known_as = _keys().pseudonym(purpose="sign-in", organisation=row.issuer, identifier=row.known_as)
        bind.execute(
            sa.text("UPDATE staff SET known_as = :known_as WHERE id = :id"), {"known_as": known_as, "id": row.id}
        )
    op.drop_table("kept_forms")
    op.drop_table("sessions")
    staff = sa.Column("staff", sa.Text(), sa.ForeignKey("staff.id", name="fk_sessions_staff_staff"), nullable=False)
    _create_sessions(staff, encrypted="encrypted")
    op.execute("ALTER TABLE event_details RENAME COLUMN sealed TO encrypted")
    adopt_rows(bind, only=("data_keys", "decisions", "event_details", "staff"))


def downgrade() -> None:
    """Put the decisions back in plain text; whom a stand-in stands for nobody can tell, so staff are enrolled anew."""
    bind = op.get_bind()
    op.drop_table("kept_forms")
    op.drop_table("sessions")
    issuer, subject = (sa.Column(name, sa.Text(), nullable=False) for name in ("issuer", "subject"))
    _create_sessions(issuer, subject, encrypted="sealed")
    op.execute("ALTER TABLE staff RENAME COLUMN known_as TO subject")
    op.drop_index("ix_decisions_subject", "decisions")
    op.add_column("decisions", sa.Column("question", sa.Text(), nullable=False, server_default="null"))
    op.add_column("decisions", sa.Column("decision", sa.Text(), nullable=False, server_default="null"))
    for row in _rows("SELECT id, subject, encrypted FROM decisions WHERE id > :after ORDER BY id LIMIT :most"):
        data_key = _data_key(row.subject)
        if data_key is None:
            continue  # it was erased
        both = json.loads(decrypt_field(data_key, bytes(row.encrypted), **_place(row.id)))
        bind.execute(
            sa.text("UPDATE decisions SET question = :question, decision = :decision WHERE id = :id"),
            {
                "question": canonical(both["document"]).decode(),
                "decision": canonical(both["decision"]).decode(),
                "id": row.id,
            },
        )
    op.execute("ALTER TABLE decisions DROP COLUMN encrypted")
    op.execute("ALTER TABLE decisions DROP COLUMN subject")
    op.execute("ALTER TABLE event_details RENAME COLUMN encrypted TO sealed")
    adopt_rows(bind, only=("decisions", "event_details", "staff"))


def _create_sessions(*who: sa.Column[str], encrypted: str) -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        *who,
        sa.Column("assurance", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_created_at", "sessions", ["created_at"])
    op.create_table(
        "kept_forms",
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column(encrypted, sa.LargeBinary(), nullable=True),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["session"], ["sessions.id"], name="fk_kept_forms_session_sessions"),
        sa.PrimaryKeyConstraint("session", name="pk_kept_forms"),
    )


def _keys() -> Keys:
    open_keys: Callable[[], Keys] | None = context.config.attributes["keys"]
    if open_keys is None:
        raise SettingsError("rows of an earlier version are encrypted now: this needs the broker's keys")
    return open_keys()


def _rows(statement: str) -> Iterator[Any]:
    after = ""
    while rows := op.get_bind().execute(sa.text(statement), {"after": after, "most": _AT_ONCE}).all():
        yield from rows
        after = rows[-1].id


def _erase(decision: str, subject: str) -> None:
    """Have a decision be as one whose data key was destroyed: that of its request was, so it goes too."""
    bind, which = op.get_bind(), {"id": decision, "subject": subject}
    bind.execute(sa.text("UPDATE decisions SET subject = :subject WHERE id = :id"), which)
    bind.execute(sa.text("DELETE FROM decision_marks WHERE decision = :id"), which)


def _data_key(subject: str | None) -> bytes | None:
    """Return the data key of this subject; None when it has none."""
    statement = sa.text("SELECT wrapped FROM data_keys WHERE subject = :subject")
    wrapped = op.get_bind().scalar(statement, {"subject": subject})
    if subject is None or wrapped is None:
        return None
    return _keys().unwrap_data_key(bytes(wrapped), context=subject.encode())


def _new_data_key(subject: str) -> bytes:
    """Return a new data key, kept wrapped."""
    data_key = new_data_key()
    op.get_bind().execute(
        sa.text("INSERT INTO data_keys (subject, wrapped) VALUES (:subject, :wrapped)"),
        {"subject": subject, "wrapped": _keys().wrap_data_key(data_key, context=subject.encode())},
    )
    return data_key


def _place(decision: str) -> dict[str, str]:
    return {"table": "decisions", "column": "encrypted", "row": decision}

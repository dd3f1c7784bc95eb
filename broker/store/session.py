"""Sessions, sign-ins under way, and the forms that came after their session had run out."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, Table, Text, bindparam, delete, select, update
from typing_extensions import override

from broker.domain.session import KEPT, LASTS, Session
from broker.domain.session import Sessions as SessionsPort
from broker.store.changes import Changes
from broker.store.encryption import Encryption
from broker.store.schema import Moment, insert_or_replace, metadata

sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    Column("assurance", Text, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("created_at", Moment, nullable=False, index=True),
    Column("seen_at", Moment, nullable=False),
    info={
        "uncommitted": {"seen_at": "each page says so again; a session ends by `created_at` in any case"},
        "ends": "a session whose time is over is forgotten; without its row nobody is signed in",
    },
)

kept_forms = Table(
    "kept_forms",
    metadata,
    Column("session", ForeignKey("sessions.id"), primary_key=True),
    Column("path", Text, nullable=False),
    Column("encrypted", LargeBinary),
    Column("wrapped", LargeBinary),
    info={"passing": "goes with its session; what is in it decides nothing before somebody sends it again"},
)
"""At most one form a session, with the wrapped data key it is encrypted under."""

programs = Table(
    "programs",
    metadata,
    Column("served_at", Moment, primary_key=True),
    Column("digest", Text, nullable=False),
)
"""Which program the pages brought along, and from when."""

_THIS = sessions.c.id == bindparam("session", type_=Text())
_FIND = select(sessions).where(_THIS)
_TOUCH = update(sessions).where(_THIS).values(seen_at=bindparam("now", type_=Moment()))

Fields = Sequence[tuple[str, str]]


class Sessions(SessionsPort):
    """The sessions within one transaction."""

    def __init__(self, connection: Connection, encryption: Encryption, changes: Changes) -> None:
        self._connection, self._changes = connection, changes
        self._encryption = encryption

    @override
    def add(self, session: Session) -> None:
        self._changes.insert(sessions, [dataclasses.asdict(session)])

    @override
    def find(self, session: str) -> Session | None:
        row = self._connection.execute(_FIND, {"session": session}).one_or_none()
        return None if row is None else Session(**row._asdict())

    @override
    def touch(self, session: str, now: datetime) -> None:
        self._connection.execute(_TOUCH, {"session": session, "now": now})

    @override
    def remove(self, session: str) -> None:
        self._forget_forms([session])
        self._connection.execute(delete(sessions).where(sessions.c.id == session))

    @override
    def keep_form(self, session: str, path: str, fields: Fields) -> None:
        wrapped = self._encryption.make(session)
        encrypted = self._encryption.encrypt(
            json.dumps(list(fields)), subject=session, table="kept_forms", column="encrypted", row=session
        )
        row = {"session": session, "path": path, "encrypted": encrypted, "wrapped": wrapped}
        insert_or_replace(self._connection, kept_forms, [row])

    @override
    def take_form(self, staff: str, path: str) -> list[tuple[str, str]] | None:
        found = self._connection.execute(
            select(kept_forms)
            .join(sessions, sessions.c.id == kept_forms.c.session)
            .where(sessions.c.staff == staff, kept_forms.c.path == path)
            .order_by(sessions.c.seen_at.desc())
            .limit(1)
        ).one_or_none()
        if found is None:
            return None
        text = self._encryption.decrypt(
            found.encrypted,
            subject=found.session,
            wrapped=found.wrapped,
            table="kept_forms",
            column="encrypted",
            row=found.session,
        )
        self._forget_forms([found.session])
        return [(name, value) for name, value in json.loads(text)] if text else None

    @override
    def sweep(self, now: datetime) -> None:
        over = sessions.c.created_at < now - LASTS - KEPT
        self._forget_forms(self._connection.scalars(select(sessions.c.id).where(over)).all())
        self._connection.execute(delete(sessions).where(over))

    @override
    def put_program(self, digest: str, now: datetime) -> bool:
        last = self._connection.scalar(select(programs.c.digest).order_by(programs.c.served_at.desc()).limit(1))
        if last != digest:
            self._changes.replace(programs, [{"served_at": now, "digest": digest}])
        return last != digest

    def _forget_forms(self, of: Sequence[str]) -> None:
        self._connection.execute(delete(kept_forms).where(kept_forms.c.session.in_(of)))

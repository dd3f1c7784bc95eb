"""Who read what, and in which hour: so that reading is on record once, and not at every look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Column, Connection, ForeignKey, Table, Text, bindparam, select
from typing_extensions import override

from broker.domain.store import Reads as ReadsPort
from broker.store.changes import Changes
from broker.store.schema import Moment, metadata

reads = Table(
    "reads",
    metadata,
    Column("staff", ForeignKey("staff.id"), primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("hour", Moment, nullable=False),
)

_NOTED = select(reads.c.subject).where(
    reads.c.staff == bindparam("reader", type_=Text()),
    reads.c.hour == bindparam("in_hour", type_=Moment()),
    reads.c.subject.in_(bindparam("subjects", expanding=True)),
)


class Reads(ReadsPort):
    """The reads within one transaction."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection, self._changes = connection, changes

    @override
    def note(self, staff: str, subjects: Sequence[str], hour: datetime) -> tuple[str, ...]:
        values = {"reader": staff, "in_hour": hour, "subjects": list(subjects)}
        noted = set(self._connection.scalars(_NOTED, values))
        fresh = tuple(subject for subject in subjects if subject not in noted)
        self._changes.replace(reads, [{"staff": staff, "subject": subject, "hour": hour} for subject in fresh])
        return fresh

"""The event log: entries with their encrypted details, indexes given afterwards, and signed checkpoints.

An event is appended without an index, so that no transaction waits for another to write the log. It waits in a queue;
the sequencer gives the indexes after the commits, one by one and dense, to what is then there. Of two transactions that
write the same row the second appends after the first has committed, so the queue has them in the order of the row.

An entry is canonical JSON: v, id, tag, tag_id, at, request, decision, outcome, commitment, changes; of a release also
manifest. Its bytes are the leaf. Salt and detail lie beside it in one encrypted value, under the data key of the
event's request, or under one of its own. Deleting that value destroys them: without the salt the commitment says
nothing. Destroying a request's data key destroys the details of all its events. `changes` is the hash over what the
event says of the rows it changed (`changes.py`), its own detail among them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    delete,
    exists,
    func,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert
from typing_extensions import override

from broker.crypto.canonical import canonical
from broker.crypto.commitment import commit, new_salt
from broker.crypto.merkle import leaf_hash
from broker.domain.directory import Actor
from broker.domain.event import TAGS, Event, Recorded, SignedCheckpoint, Standing, WantedAttempts, seen_by
from broker.domain.event import Log as LogPort
from broker.kernel.errors import LogForkError, NotFoundError
from broker.kernel.values import first_id, format_moment, new_id
from broker.store.attempt import attempt_marks, marks_of_attempt
from broker.store.changes import Changes, hash_of
from broker.store.compiled import insert_later
from broker.store.encryption import Encryption, data_keys
from broker.store.schema import Moment, metadata
from broker.store.scope import ORGANISATION, as_reader
from broker.store.tree import Tree

events = Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("log_index", BigInteger, unique=True),
    Column("waiting", BigInteger),  # the place in the queue; null once it has an index
    Column("tag", Text, nullable=False),
    # No references: the log stands on its own, and a failed attempt may name what does not exist.
    Column("request", Text, index=True),
    Column("decision", Text, index=True),
    Column("entry", LargeBinary, nullable=False),
    Column("changes", LargeBinary),
    info={"derived": "the log itself: each entry is a leaf of the tree that is signed"},
)
_IS_WAITING = events.c.waiting.is_not(None)
Index("ix_events_waiting", events.c.waiting, sqlite_where=_IS_WAITING, postgresql_where=_IS_WAITING)

event_details = Table(
    "event_details",
    metadata,
    Column("event", ForeignKey("events.id"), primary_key=True),
    Column("subject", Text, nullable=False),
    Column("encrypted", LargeBinary),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
)

READ_EVENTS = (
    select(events, event_details.c.subject, event_details.c.encrypted, data_keys.c.wrapped)
    .outerjoin(event_details, event_details.c.event == events.c.id)
    .outerjoin(data_keys, data_keys.c.subject == event_details.c.subject)
)
"""Events with what is left of their details; `open_detail` reads a row of it."""

_EVENT = READ_EVENTS.where(events.c.id == bindparam("event", type_=Text()))
_OF_REQUEST = READ_EVENTS.where(events.c.request == bindparam("request", type_=Text())).order_by(
    events.c.log_index.asc().nulls_last(), events.c.waiting
)
_OF_READER = attempt_marks.c.organisation == ORGANISATION
_ATTEMPTS = (
    READ_EVENTS.join(attempt_marks, attempt_marks.c.event == events.c.id)
    .where(_OF_READER)
    .order_by(attempt_marks.c.event.desc())  # identifiers sort by time
)
_ATTEMPT_CODES = select(attempt_marks.c.code).where(_OF_READER).distinct().order_by(attempt_marks.c.code)
_RECORDED = READ_EVENTS.where(
    events.c.log_index >= bindparam("start", type_=BigInteger()),
    events.c.log_index < bindparam("end", type_=BigInteger()),
).order_by(events.c.log_index)
_SIZE: Select[Any] = select(func.coalesce(func.max(events.c.log_index) + 1, 0))
# The next place in the queue: PostgreSQL gives out one after another; SQLite has one writer at a time.
_NEXT_PLACE: Mapping[str, ColumnElement[int]] = {
    "postgresql": func.nextval("events_waiting"),
    "sqlite": select(func.coalesce(func.max(events.c.waiting), 0) + 1).where(_IS_WAITING).scalar_subquery(),
}
_APPEND = {dialect: insert(events).values(waiting=place) for dialect, place in _NEXT_PLACE.items()}
_KEEP_DETAIL = insert(event_details)
_FORGET_DETAIL = delete(event_details).where(event_details.c.event == bindparam("of"))
_MARK_ATTEMPT = insert(attempt_marks)
_CHECKPOINTS = select(checkpoints).order_by(checkpoints.c.size)
_LATEST = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)

_next_index = _SIZE.correlate(None).scalar_subquery()
_latest = _LATEST.subquery()
# The two ends of two indexes, never the events themselves, however many of them wait or have been sequenced.
_ends = select(
    _next_index.label("entries"), select(func.min(events.c.waiting)).where(_IS_WAITING).scalar_subquery().label("first")
).subquery()
_STANDING = select(_ends, _latest).select_from(_ends.outerjoin(_latest, true()))

_waiting = (
    select(events.c.id, (_next_index + func.row_number().over(order_by=events.c.waiting) - 1).label("log_index"))
    .where(_IS_WAITING)
    .order_by(events.c.waiting)
    .limit(bindparam("limit", type_=Integer()))
    .subquery()
)
# One statement chooses, numbers and reads: between two, another event could slip in before the last.
_SEQUENCE = (
    update(events)
    .where(events.c.id == _waiting.c.id)
    .values(log_index=_waiting.c.log_index, waiting=None)
    .returning(events.c.log_index, events.c.entry)
)

_published = {column: bindparam(f"published_{column.name}", type_=column.type) for column in checkpoints.c}
_has_larger = exists().where(checkpoints.c.size > _published[checkpoints.c.size])


def _insert_next(insertion: postgresql.Insert | sqlite.Insert) -> ReturningInsert[Any]:
    """Return the statement that looks, writes and gives the size: nothing where another is larger or has another root.

    Where one is as large and has the same root, its note is replaced.
    """
    replacing = insertion.on_conflict_do_update(
        index_elements=[checkpoints.c.size],
        set_={"note": insertion.excluded.note},
        where=checkpoints.c.root == insertion.excluded.root,
    )
    written = replacing.from_select(list(_published), select(*_published.values()).where(~_has_larger))
    return written.returning(checkpoints.c.size)


_PUBLISH = {
    "postgresql": _insert_next(postgresql.insert(checkpoints)),
    "sqlite": _insert_next(sqlite.insert(checkpoints)),
}


class Log(LogPort):
    """The log within one transaction."""

    def __init__(self, connection: Connection, encryption: Encryption, changes: Changes) -> None:
        self._connection, self._changes = connection, changes
        self._encryption = encryption
        self._tree = Tree(connection)
        encryption.when_destroyed(self._forget_attempt)

    @override
    def append(self, event: Event) -> None:
        commitment, detail = self._encrypt_detail(event) if event.detail else (None, [])
        self._changes.cover(event_details, detail)
        changes = self._changes.take()
        row = {
            "id": event.id,
            "log_index": None,
            "tag": event.tag,
            "request": event.request,
            "decision": event.decision,
            "entry": _entry(event, commitment, None if changes is None else hash_of(changes)),
            "changes": changes,
        }
        insert_later(self._connection, _APPEND[self._connection.dialect.name], [row])
        if detail:
            insert_later(self._connection, _KEEP_DETAIL, detail)
        marks = marks_of_attempt(event.id, event.tag, event.outcome, event.detail)
        if marks:
            insert_later(self._connection, _MARK_ATTEMPT, marks)

    @override
    def get(self, event: str) -> Recorded:
        row = self._connection.execute(_EVENT, {"event": event}).one_or_none()
        if row is None:
            raise NotFoundError("there is no such event")
        return self._recorded(row)

    @override
    def of_request(self, request: str, *, reader: Actor) -> tuple[Recorded, ...]:
        rows = self._connection.execute(_OF_REQUEST, {"request": request})
        seen = (seen_by(self._recorded(row), reader.organisation.id) for row in rows)
        return tuple(event for event in seen if event is not None)

    @override
    def attempts(
        self, wanted: WantedAttempts, *, reader: Actor, before: str | None = None, limit: int = 100
    ) -> tuple[Recorded, ...]:
        statement = _ATTEMPTS.limit(limit)
        if wanted.code is not None:
            statement = statement.where(attempt_marks.c.code == wanted.code)
        if wanted.since is not None:
            statement = statement.where(attempt_marks.c.event >= first_id("evt", wanted.since))
        if wanted.until is not None:
            statement = statement.where(attempt_marks.c.event < first_id("evt", wanted.until))
        if before is not None:
            statement = statement.where(attempt_marks.c.event < before)
        return tuple(self._recorded(row) for row in self._connection.execute(statement, as_reader(reader)))

    @override
    def attempt_codes(self, *, reader: Actor) -> tuple[str, ...]:
        return tuple(self._connection.execute(_ATTEMPT_CODES, as_reader(reader)).scalars())

    @override
    def recorded(self, start: int, end: int) -> tuple[Recorded, ...]:
        rows = self._connection.execute(_RECORDED, {"start": start, "end": end})
        return tuple(self._recorded(row) for row in rows)

    @override
    def destroy_detail(self, event: str) -> None:
        gone = self._changes.delete(_FORGET_DETAIL, {"of": event})
        if not gone and self._connection.scalar(select(events.c.id).where(events.c.id == event)) is None:
            raise NotFoundError("there is no such event")
        self._encryption.destroy(event)

    @override
    def sequence(self, limit: int) -> int:
        rows = self._connection.execute(_SEQUENCE, {"limit": limit}).all()
        entries = sorted((row.log_index, row.entry) for row in rows)
        if entries:
            self._tree.grow(entries[0][0], [leaf_hash(entry) for _, entry in entries])
        return len(entries)

    @override
    def size(self) -> int:
        size: int = self._connection.execute(_SIZE).scalar_one()
        return size

    @override
    def root(self, size: int | None = None) -> bytes:
        return self._tree.root(self.size() if size is None else size)

    @override
    def standing(self) -> Standing:
        row = self._connection.execute(_STANDING).one()
        latest = None if row.note is None else SignedCheckpoint(size=row.size, root=row.root, note=row.note)
        return Standing(size=row.entries, has_waiting=row.first is not None, latest=latest)

    @override
    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        return self._tree.inclusion(index, size)

    @override
    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        return self._tree.consistency(old, new)

    @override
    def publish(self, published: SignedCheckpoint) -> None:
        row = {f"published_{name}": value for name, value in _to_row(published).items()}
        if self._connection.execute(_PUBLISH[self._connection.dialect.name], row).one_or_none() is None:
            raise LogForkError(f"a checkpoint of size {published.size} cannot follow the newest")

    def adopt(self) -> None:
        """Append an event about rows that were written since the last one and that no act accounts for, if any."""
        if self._changes.pending:
            now = self._connection.execute(select(func.now(type_=Moment()))).scalar_one()
            self.append(Event(id=new_id("evt", now), tag="log:rows:adopted", at=now))

    @override
    def keep(self, published: SignedCheckpoint, event: Event) -> None:
        self._changes.cover(checkpoints, [_to_row(published)])
        self.append(event)

    @override
    def find_latest(self) -> SignedCheckpoint | None:
        row = self._connection.execute(_LATEST).one_or_none()
        return None if row is None else SignedCheckpoint(**row._asdict())

    @override
    def checkpoints(self) -> tuple[SignedCheckpoint, ...]:
        rows = self._connection.execute(_CHECKPOINTS)
        return tuple(SignedCheckpoint(**row._asdict()) for row in rows)

    def _encrypt_detail(self, event: Event) -> tuple[str, list[dict[str, Any]]]:
        """Return the commitment to the detail, and its row."""
        salt, subject = new_salt(), self._subject_of(event)
        text = canonical({"detail": event.detail, "salt": salt.hex()}).decode()
        encrypted = self._encryption.encrypt(text, subject=subject, **_place(event.id))
        return commit(event.detail, salt=salt), [{"event": event.id, "subject": subject, "encrypted": encrypted}]

    def _subject_of(self, event: Event) -> str:
        """Return whose data key encrypts the detail: the request's, or else one of the event's own."""
        if event.request is not None and self._encryption.find([event.request]):
            return event.request
        self._encryption.begin([event.id])
        return event.id

    def _forget_attempt(self, event: str) -> None:
        """Take away what an attempt was found by; its detail is under a data key of the event's own."""
        self._connection.execute(delete(attempt_marks).where(attempt_marks.c.event == event))

    def _recorded(self, row: Row[Any]) -> Recorded:
        opened = open_detail(self._encryption, row)
        salt, detail = (None, None) if opened is None else opened
        return Recorded(id=row.id, tag=row.tag, index=row.log_index, entry=row.entry, salt=salt, detail=detail)


def open_detail(encryption: Encryption, row: Row[Any]) -> tuple[bytes, dict[str, Any]] | None:
    """Return salt and detail of a row of READ_EVENTS, or None when they were destroyed."""
    text = encryption.decrypt(row.encrypted, subject=row.subject, wrapped=row.wrapped, **_place(row.id))
    if text is None:
        return None
    opened = json.loads(text)
    return bytes.fromhex(opened["salt"]), opened["detail"]


def _place(event: str) -> dict[str, str]:
    # The name that the column had when the first of them was encrypted; it is bound into each.
    return {"table": "event_details", "column": "sealed", "row": event}


def _to_row(published: SignedCheckpoint) -> dict[str, Any]:
    return {"size": published.size, "root": published.root, "note": published.note}


def _entry(event: Event, commitment: str | None, changes: str | None) -> bytes:
    return canonical(
        ({} if event.manifest is None else {"manifest": event.manifest})
        | {
            "v": 1,
            "id": event.id,
            "tag": event.tag,
            "tag_id": TAGS[event.tag],
            "at": format_moment(event.at),
            "request": event.request,
            "decision": event.decision,
            "outcome": event.outcome,
            "commitment": commitment,
            "changes": changes,
        }
    )

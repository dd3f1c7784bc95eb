"""Reading all that must add up, for `flows/verify.py`: one snapshot, a thousand rows at a time, no case data.

What the log says of rows is gathered in a database of its own in a temporary file that nobody else can open, so that
memory does not grow with the log.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from itertools import chain
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, Select, Table, Text, and_, cast, exists, func, select
from typing_extensions import override

from broker.crypto.canonical import canonical
from broker.crypto.commitment import commit
from broker.domain.decision import Decided, decision_digest
from broker.domain.event import SignedCheckpoint
from broker.domain.evidence import Difference, LoggedDecision, LoggedEvent, LoggedRelease
from broker.domain.evidence import Evidence as EvidencePort
from broker.domain.keys import Keys
from broker.kernel.errors import KeyUnavailable, SealError
from broker.store.attempt import attempt_marks, marks_of_attempt
from broker.store.changes import Changes, Key, commitment_to, hash_of, key_of, read_changes, values_of
from broker.store.decision import decided_from, decision_marks, decisions, marks_of
from broker.store.encryption import Encryption, data_keys
from broker.store.log import READ_EVENTS, checkpoints, events, open_detail
from broker.store.release import releases
from broker.store.schema import by_key, metadata
from broker.store.tree import log_nodes

_AT_A_TIME = 1000

_EVENTS = READ_EVENTS.add_columns(log_nodes.c.hash.label("leaf")).outerjoin(
    log_nodes, and_(log_nodes.c.level == 0, log_nodes.c.position == events.c.log_index)
)
# Two statements rather than one that sorts: each follows an index.
_SEQUENCED = _EVENTS.where(events.c.log_index.is_not(None)).order_by(events.c.log_index)
_WAITING = _EVENTS.where(events.c.log_index.is_(None)).order_by(events.c.waiting)
_CHECKPOINTS = select(checkpoints).order_by(checkpoints.c.size)
_DECISIONS = (
    select(
        decisions,
        data_keys.c.wrapped,
        exists().where(events.c.decision == decisions.c.digest).label("has_event"),
    )
    .outerjoin(data_keys, data_keys.c.subject == decisions.c.subject)
    .order_by(decisions.c.id)
)
_RELEASES = (
    select(releases.c.request, events.c.tag.label("event_tag"), events.c.request.label("event_request"))
    .outerjoin(events, events.c.id == releases.c.event)
    .order_by(releases.c.id)
)


class Evidence(EvidencePort):
    """The evidence in one read-only transaction."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys
        self._results: list[CursorResult[Any]] = []
        self._expected = _Expected()
        self._compared = 0
        self._unread: KeyUnavailable | None = None

    @override
    def events(self) -> Iterator[LoggedEvent]:
        for statement in (_SEQUENCED, _WAITING):
            for rows in self._partitions(statement):
                encryption = self._encryption()
                for row in rows:
                    opened = self._opened(encryption, row)
                    yield _logged(row, opened)  # before its changes and its detail are believed
                    for change in read_changes(row.changes) if row.changes else ():
                        self._expected.put(change.table, change.key, change.salt, change.commitment)
                    for mark in _attempt(row, opened):
                        self._expected.put(attempt_marks.name, key_of(attempt_marks, mark), b"", "")

    @override
    def checkpoints(self) -> Iterator[SignedCheckpoint]:
        for rows in self._partitions(_CHECKPOINTS):
            yield from (SignedCheckpoint(**row._asdict()) for row in rows)

    @override
    def decisions(self) -> Iterator[LoggedDecision]:
        for rows in self._partitions(_DECISIONS):
            encryption = self._encryption()
            for row in rows:
                found = None if row.wrapped is None else _digest(decided_from(row, encryption))
                yield LoggedDecision(digest=row.digest, found=found, has_event=row.has_event)

    @override
    def releases(self) -> Iterator[LoggedRelease]:
        for rows in self._partitions(_RELEASES):
            yield from (LoggedRelease(**row._asdict()) for row in rows)

    @override
    def expect_node(self, level: int, position: int, subtree: bytes) -> None:
        self._expected.put(log_nodes.name, (level, position), b"", subtree.hex())

    @override
    def differences(self) -> Iterator[Difference]:
        adds_up = True
        for table in metadata.sorted_tables:
            if table is decision_marks and not self._expect_marks():
                continue
            if table is attempt_marks and self._unread:
                continue
            if table is not events and "passing" not in table.info:
                for difference in chain(self._unlike(table), self._missing(table)):
                    adds_up = False
                    yield difference
        if self._unread and adds_up:
            raise self._unread

    @override
    def rows(self) -> int:
        return self._compared

    def close(self) -> None:
        """Close what a reader left half read; on PostgreSQL each reading has a cursor on the server."""
        self._expected.close()
        for result in self._results:
            result.close()

    def _opened(self, encryption: Encryption, row: Row[Any]) -> tuple[bytes, dict[str, Any]] | None:
        """Return salt and detail of an event; None when they were destroyed or cannot be read now."""
        try:
            return open_detail(encryption, row)
        except SealError as error:
            where = "not yet sequenced" if row.log_index is None else f"at index {row.log_index}"
            raise SealError(f"the detail of the event {where} was changed or belongs elsewhere") from error
        except KeyUnavailable as error:
            self._unread = error  # the data key was changed, or the storage key is really not there: the rows tell
            return None

    def _unlike(self, table: Table) -> Iterator[Difference]:
        waits: Key | None = None
        if table is checkpoints:  # the newest is covered by an event of the next publication
            waits = (self._connection.scalar(select(func.max(checkpoints.c.size))),)
        for key, row in self._rows_of(table):
            self._compared += 1
            said = self._expected.take(table.name, key)
            if said is None and key != waits:
                yield Difference(table=table.name, key=key, found="unknown")
            elif said is not None and (row is None or said[1] != _found(table, key, row, said[0])):
                yield Difference(table=table.name, key=key, found="changed")

    def _missing(self, table: Table) -> Iterator[Difference]:
        if "ends" in table.info:
            return
        for key, salt, commitment in self._expected.left(table.name):
            if not salt or commitment != commitment_to(table.name, key, None, salt):
                yield Difference(table=table.name, key=key, found="missing")

    def _rows_of(self, table: Table) -> Iterator[tuple[Key, Row[Any] | None]]:
        """Yield the rows of a table by key; None for one that holds what no broker writes there (SQLite lets it)."""
        order, number = list(table.primary_key), 0
        try:
            for rows in self._partitions(select(table).order_by(*order)):
                yield from ((key_of(table, by_key(order, row._mapping)), row) for row in rows)
                number += len(rows)
        except (ValueError, TypeError):
            as_text = [cast(column, Text) for column in order]
            for raw in self._connection.execute(select(*as_text).order_by(*order).offset(number)).all():
                where = and_(*(column == value for column, value in zip(as_text, raw, strict=True)))
                try:
                    row = self._connection.execute(select(table).where(where)).one()
                    yield key_of(table, by_key(order, row._mapping)), row
                except (ValueError, TypeError):
                    yield tuple(raw), None

    def _expect_marks(self) -> bool:
        """Remember the marks that the decisions give; False when some cannot be read for want of a storage key."""
        for rows in self._partitions(_DECISIONS):
            encryption = self._encryption()
            for row in rows:
                try:
                    marks = [] if row.wrapped is None else marks_of(decided_from(row, encryption))
                except SealError:
                    marks = []  # it or its data key was changed, which its own row tells
                except KeyUnavailable as error:
                    self._unread = error
                    return False
                for mark in marks:
                    self._expected.put(decision_marks.name, key_of(decision_marks, mark), b"", "")
        return True

    def _encryption(self) -> Encryption:
        """Return what opens the next rows, anew: the data keys of a whole database are not to stay in memory."""
        return Encryption(self._connection, self._keys, Changes(self._connection))

    def _partitions(self, statement: Select[Any]) -> Iterator[Any]:
        result = self._connection.execute(statement, execution_options={"yield_per": _AT_A_TIME})
        self._results.append(result)
        yield from result.partitions()


class _Expected:
    """What the log says of rows, the latest of each; `take` removes what it returns."""

    def __init__(self) -> None:
        # An empty name is a temporary file of SQLite's own, unlinked as soon as it is open.
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("PRAGMA journal_mode = OFF")
        self._rows.execute('CREATE TABLE said (of_table, "key", salt, commitment, PRIMARY KEY (of_table, "key"))')

    def put(self, table: str, key: Key, salt: bytes, commitment: str) -> None:
        self._rows.execute("INSERT OR REPLACE INTO said VALUES (?, ?, ?, ?)", (table, _text(key), salt, commitment))

    def take(self, table: str, key: Key) -> tuple[bytes, str] | None:
        found = self._rows.execute(
            'DELETE FROM said WHERE of_table = ? AND "key" = ? RETURNING salt, commitment', (table, _text(key))
        ).fetchall()
        return found[0] if found else None

    def left(self, table: str) -> Iterator[tuple[Key, bytes, str]]:
        rows = self._rows.execute('SELECT "key", salt, commitment FROM said WHERE of_table = ?', (table,))
        yield from ((tuple(json.loads(key)), salt, commitment) for key, salt, commitment in rows)

    def close(self) -> None:
        self._rows.close()


def _logged(row: Row[Any], opened: tuple[bytes, dict[str, Any]] | None) -> LoggedEvent:
    return LoggedEvent(
        id=row.id,
        index=row.log_index,
        waits=row.waiting is not None,
        tag=row.tag,
        request=row.request,
        decision=row.decision,
        entry=row.entry,
        leaf=row.leaf,
        commitment=None if opened is None else commit(opened[1], salt=opened[0]),
        changes=None if row.changes is None else hash_of(row.changes),
    )


def _attempt(row: Row[Any], opened: tuple[bytes, dict[str, Any]] | None) -> list[dict[str, str]]:
    """Return the mark that an event gives, if it is an attempt."""
    return [] if opened is None else marks_of_attempt(row.id, row.tag, json.loads(row.entry)["outcome"], opened[1])


def _digest(decided: Decided) -> str:
    return decision_digest(decided.document, decided.decision, decided.salt)


def _text(key: Key) -> str:
    return canonical(list(key)).decode()


def _found(table: Table, key: Key, row: Row[Any], salt: bytes) -> str:
    """Return the commitment to a row as it is; of a derived one what there is beside its key."""
    values = values_of(table, by_key(table.c, row._mapping))
    if salt:
        return commitment_to(table.name, key, values, salt)
    return "".join(row._mapping[column].hex() for column in table.c if not column.primary_key)

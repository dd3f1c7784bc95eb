"""Reading all that must add up, for `flows/verify.py`: one snapshot, a thousand rows at a time, no case data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, CursorResult, Row, Select, and_, exists, select

from broker.crypto.canonical import digest
from broker.crypto.commitment import commit
from broker.domain.event import Published
from broker.domain.ports import Keys, LoggedDecision, LoggedEvent, LoggedRelease
from broker.kernel.errors import SealError
from broker.store.decision import decisions
from broker.store.log import READ_EVENTS, checkpoints, events, open_detail
from broker.store.release import releases
from broker.store.sealed import Sealed
from broker.store.tree import log_nodes

_AT_A_TIME = 1000

_EVENTS = READ_EVENTS.add_columns(log_nodes.c.hash.label("leaf")).outerjoin(
    log_nodes, and_(log_nodes.c.level == 0, log_nodes.c.position == events.c.log_index)
)
# Two statements rather than one that sorts: each follows an index.
_SEQUENCED = _EVENTS.where(events.c.log_index.is_not(None)).order_by(events.c.log_index)
_WAITING = _EVENTS.where(events.c.log_index.is_(None)).order_by(events.c.id)
_CHECKPOINTS = select(checkpoints).order_by(checkpoints.c.size)
_DECISIONS = select(
    decisions.c.question,
    decisions.c.decision,
    decisions.c.digest,
    exists().where(events.c.decision == decisions.c.digest).label("has_event"),
).order_by(decisions.c.id)
_RELEASES = (
    select(releases.c.request, events.c.tag.label("event_tag"), events.c.request.label("event_request"))
    .outerjoin(events, events.c.id == releases.c.event)
    .order_by(releases.c.id)
)


class Evidence:
    """The evidence in one read-only transaction."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self._connection = connection
        self._keys = keys
        self._results: list[CursorResult[Any]] = []

    def events(self) -> Iterator[LoggedEvent]:
        """Yield all events in log order, unsequenced ones last; SealError for a detail that does not open."""
        for statement in (_SEQUENCED, _WAITING):
            for rows in self._partitions(statement):
                # A new one each time: the data keys of a whole log are not to stay in memory.
                sealed = Sealed(self._connection, self._keys)
                yield from (_logged(sealed, row) for row in rows)

    def checkpoints(self) -> Iterator[Published]:
        """Yield all signed checkpoints, oldest first."""
        for rows in self._partitions(_CHECKPOINTS):
            yield from (Published(**row._asdict()) for row in rows)

    def decisions(self) -> Iterator[LoggedDecision]:
        """Yield all decisions, their digests made anew as the gate made them."""
        for rows in self._partitions(_DECISIONS):
            for row in rows:
                found = digest({"document": json.loads(row.question), "decision": json.loads(row.decision)})
                yield LoggedDecision(digest=row.digest, found=found, has_event=row.has_event)

    def releases(self) -> Iterator[LoggedRelease]:
        """Yield all releases with what their event says of itself."""
        for rows in self._partitions(_RELEASES):
            yield from (LoggedRelease(**row._asdict()) for row in rows)

    def close(self) -> None:
        """Close what a reader left half read; on PostgreSQL each reading has a cursor on the server."""
        for result in self._results:
            result.close()

    def _partitions(self, statement: Select[Any]) -> Iterator[Any]:
        result = self._connection.execute(statement, execution_options={"yield_per": _AT_A_TIME})
        self._results.append(result)
        yield from result.partitions()


def _logged(sealed: Sealed, row: Row[Any]) -> LoggedEvent:
    try:
        opened = open_detail(sealed, row)
    except SealError as error:
        where = "not yet sequenced" if row.log_index is None else f"at index {row.log_index}"
        raise SealError(f"the detail of the event {where} was changed or belongs elsewhere") from error
    return LoggedEvent(
        id=row.id,
        index=row.log_index,
        tag=row.tag,
        request=row.request,
        decision=row.decision,
        entry=row.entry,
        leaf=row.leaf,
        commitment=None if opened is None else commit(opened[1], salt=opened[0]),
    )

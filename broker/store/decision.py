"""Decisions on record, with the documents they were made on, kept as canonical JSON so that a replay is byte-exact.

A document names nobody, but it tells ages, relations and what was asked of whom. So it is encrypted under the data key
of its request, of its case when there is no request, or else of its own, and is erased with that. Of an erased decision
its row and its events remain, to be verified; nobody reads, finds or counts it any more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    LargeBinary,
    Row,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
)
from typing_extensions import override

from broker.crypto.canonical import canonical
from broker.domain.decision import Decided, Decision, Wanted, decision_of, document_of
from broker.domain.decision import Decisions as DecisionsPort
from broker.domain.directory import Actor
from broker.domain.keys import Keys
from broker.kernel.errors import NotFoundError, SealError
from broker.kernel.values import first_id
from broker.store.changes import Changes
from broker.store.compiled import Lookup, insert_later
from broker.store.encryption import Encryption, data_keys
from broker.store.engine import errors_named, for_reading, open_engine
from broker.store.request import IS_DELIVERED, requests
from broker.store.schema import Moment, metadata
from broker.store.scope import ORGANISATION, as_reader

decisions = Table(
    "decisions",
    metadata,
    Column("id", Text, primary_key=True),
    # Deferred since the first version. Now a request comes first: the decision is encrypted under its data key.
    Column("request", ForeignKey("requests.id", deferrable=True, initially="DEFERRED"), index=True),
    Column("stage", Text, nullable=False),
    Column("staff", ForeignKey("staff.id"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("subject", Text, index=True),  # whose data key encrypts it
    Column("encrypted", LargeBinary),
    Column("outcome", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("salt", LargeBinary),  # null: a decision from when digests had none
)

decision_marks = Table(
    "decision_marks",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("mark", Text, primary_key=True),
    Column("decision", ForeignKey("decisions.id"), primary_key=True),
    info={"derived": "from the decision, which is committed to"},
)
"""What a decision can be found and counted by, for each side that sees it: see `_marks`. It adds nothing to it."""

_MARK = insert(decision_marks)
_ANY, _REFUSED = "decision", "refused:"
# Of an erased one there is no data key, so it is in none of these.
_KEPT = select(decisions, data_keys.c.wrapped).join(data_keys, data_keys.c.subject == decisions.c.subject)
_IS_SEEN = or_(
    and_(requests.c.requester == ORGANISATION, decisions.c.stage.in_(("ask", "open"))),
    and_(requests.c.responder == ORGANISATION, IS_DELIVERED),
)
"""Decisions as each side sees them: what was asked and opened; and, once delivered, also what was to be answered."""

_SEEN = _KEPT.join(requests, requests.c.id == decisions.c.request).where(_IS_SEEN)
_OF_THIS_REQUEST = decisions.c.request == bindparam("request")
_THIS = decisions.c.id == bindparam("decision")
_ON_RECORD = _KEPT.where(_THIS)
_ONE_SEEN = _SEEN.where(_THIS)
_OF_REQUEST = _SEEN.where(_OF_THIS_REQUEST).order_by(decisions.c.at, decisions.c.id)
_IS_DECIDED = select(decisions.c.id).join(requests).where(_IS_SEEN, _OF_THIS_REQUEST).limit(1)
_LATEST_AT = select(func.max(decisions.c.at)).where(_OF_THIS_REQUEST)
_NEWEST_FIRST = decisions.c.id.desc()  # identifiers sort by time
# Who it was at the other organisation is not for the reader, so it cannot be found by him either.
_IS_OF_READER = exists().where(
    requests.c.id == decisions.c.request,
    or_(
        and_(requests.c.requester == ORGANISATION, decisions.c.stage.in_(("ask", "open"))),
        and_(requests.c.responder == ORGANISATION, decisions.c.stage == "answer"),
    ),
)
_REASONS = (
    select(decision_marks.c.mark, func.count().label("number"))
    .where(
        decision_marks.c.organisation == ORGANISATION,
        decision_marks.c.mark.in_(bindparam("marks", expanding=True)),
        decision_marks.c.decision >= bindparam("since"),
        decision_marks.c.decision < bindparam("until"),
    )
    .group_by(decision_marks.c.mark)
)


def decisions_on_record(
    url: str, open_keys: Callable[[], Keys], *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[Decided]:
    """Yield every decision in the database at this URL that was not erased, a page at a time, oldest first.

    From `since` up to, not with, `until`. For comparing bundles: the documents hold refs and codes only, so this has no
    reader. Raises SettingsError for a URL of another kind, StoreUnavailable when the database is not there,
    KeyUnavailable without the storage key.
    """
    statement = _KEPT.order_by(decisions.c.id)
    if since is not None:
        statement = statement.where(decisions.c.id >= first_id("dec", since))
    if until is not None:
        statement = statement.where(decisions.c.id < first_id("dec", until))
    engine = open_engine(url)
    try:
        with errors_named(), engine.connect() as connection, for_reading(connection).begin():
            rows = connection.execution_options(yield_per=1000).execute(statement)
            keys = open_keys()
            for some in rows.partitions():
                encryption = Encryption(connection, keys, Changes(connection))  # anew: not all data keys stay in memory
                yield from (decided_from(row, encryption) for row in some)
    finally:
        engine.dispose()


def _with(organisation: str) -> ColumnElement[bool]:
    """Return the condition that the request of a decision is of or to this organisation."""
    is_party = or_(requests.c.requester == organisation, requests.c.responder == organisation)
    return exists().where(requests.c.id == decisions.c.request, is_party)


class Decisions(DecisionsPort):
    """The decisions within one transaction."""

    def __init__(self, connection: Connection, encryption: Encryption, changes: Changes) -> None:
        self._connection, self._changes = connection, changes
        self._encryption = encryption
        encryption.when_destroyed(self._forget)

    @override
    def add(self, decided: Decided, *, case: str | None = None) -> None:
        subject = self._subject_of(decided, case)
        both = {"document": decided.document, "decision": document_of(decided.decision)}
        row = {
            "id": decided.id,
            "request": decided.request,
            "stage": decided.stage,
            "staff": decided.staff,
            "at": decided.at,
            "subject": subject,
            "encrypted": self._encryption.encrypt(canonical(both).decode(), subject=subject, **_place(decided.id)),
            "outcome": decided.decision.outcome,
            "digest": decided.digest,
            "salt": decided.salt,
        }
        self._changes.insert(decisions, [row])
        marks = marks_of(decided)
        if marks:
            insert_later(self._connection, _MARK, marks)

    def on_record(self, decision: str) -> Decision:
        """Return a decision that a release names, for the facts of its opening."""
        row = self._connection.execute(*decision_lookup(decision)).one_or_none()
        if row is None:
            raise NotFoundError("there is no such decision")
        return decided_from(row, self._encryption).decision

    @override
    def get(self, decision: str, *, reader: Actor) -> Decided:
        row = self._connection.execute(_ONE_SEEN, as_reader(reader) | {"decision": decision}).one_or_none()
        if row is None:
            raise NotFoundError("there is no such decision for this reader")
        return decided_from(row, self._encryption)

    @override
    def of_request(self, request: str, *, reader: Actor) -> tuple[Decided, ...]:
        rows = self._connection.execute(_OF_REQUEST, as_reader(reader) | {"request": request})
        return tuple(decided_from(row, self._encryption) for row in rows)

    @override
    def is_decided(self, request: str, *, reader: Actor) -> bool:
        values = as_reader(reader) | {"request": request}
        return self._connection.execute(_IS_DECIDED, values).first() is not None

    @override
    def latest_at(self, request: str) -> datetime:
        newest: datetime = self._connection.execute(*latest_lookup(request)).scalar_one()
        return newest

    @override
    def search(
        self, wanted: Wanted, *, reader: Actor, before: str | None = None, limit: int = 100
    ) -> tuple[Decided, ...]:
        marks = [mark for mark in (wanted.outcome, wanted.stage, wanted.reason) if mark is not None] or [_ANY]
        statement = _KEPT.order_by(_NEWEST_FIRST).limit(limit)
        for mark in marks:
            found = decision_marks.alias()
            statement = statement.join(
                found,
                and_(found.c.decision == decisions.c.id, found.c.organisation == ORGANISATION, found.c.mark == mark),
            )
        if wanted.request is not None:
            statement = statement.where(decisions.c.request == wanted.request)
        if wanted.organisation is not None:
            statement = statement.where(_with(wanted.organisation))
        if wanted.staff is not None:
            statement = statement.where(decisions.c.staff == wanted.staff, _IS_OF_READER)
        if wanted.since is not None:
            statement = statement.where(decisions.c.id >= first_id("dec", wanted.since))
        if wanted.until is not None:
            statement = statement.where(decisions.c.id < first_id("dec", wanted.until))
        if before is not None:
            statement = statement.where(decisions.c.id < before)
        return tuple(
            decided_from(row, self._encryption) for row in self._connection.execute(statement, as_reader(reader))
        )

    @override
    def refusals(self, codes: Sequence[str], since: datetime, until: datetime, *, reader: Actor) -> dict[str, int]:
        values = {
            **as_reader(reader),
            "marks": [_REFUSED + code for code in codes],
            "since": first_id("dec", since),
            "until": first_id("dec", until),
        }
        rows = self._connection.execute(_REASONS, values)
        return {row.mark.removeprefix(_REFUSED): row.number for row in rows}

    def _forget(self, subject: str) -> None:
        """Take away what decisions under this data key were found and counted by."""
        of_it = select(decisions.c.id).where(decisions.c.subject == subject)
        self._connection.execute(delete(decision_marks).where(decision_marks.c.decision.in_(of_it)))

    def _subject_of(self, decided: Decided, case: str | None) -> str:
        for subject in filter(None, (decided.request, case)):
            if self._encryption.find([subject]):
                return subject
        self._encryption.begin([decided.id])
        return decided.id


def latest_lookup(request: str) -> Lookup:
    """Return how `Decisions.latest_at` is looked up."""
    return _LATEST_AT, {"request": request}


def decision_lookup(decision: str) -> Lookup:
    """Return how `Decisions.on_record` looks one up."""
    return _ON_RECORD, {"decision": decision}


def marks_of(decided: Decided) -> list[dict[str, str]]:
    """Return the rows of `decision_marks` for a decision."""
    if decided.request is None:
        return []
    return [
        {"organisation": organisation, "mark": mark, "decision": decided.id}
        for organisation in sorted(_seen_by(decided))
        for mark in sorted(_marks(decided))
    ]


def _seen_by(decided: Decided) -> set[str]:
    """Return the organisations that see a decision: the asking side no answer, the other no question kept from it."""
    requester, responder = (decided.document[side]["id"] for side in ("requester", "responder"))
    if decided.stage == "answer":
        return {responder}
    return {requester, responder} if decided.stage == "open" or decided.decision.permits else {requester}


def _marks(decided: Decided) -> set[str]:
    """Return that it is a decision, its stage, its outcome, its reasons, and the reasons that kept a request away."""
    codes = {reason.code for reason in decided.decision.reasons}
    kept_away = decided.stage == "ask" and decided.decision.outcome in ("deny", "refer")
    refused = {_REFUSED + code for code in codes} if kept_away else set()
    return {_ANY, decided.stage, decided.decision.outcome, *codes, *refused}


def decided_from(row: Row[Any], encryption: Encryption) -> Decided:
    """Return a row of `decisions`, with the data key that it has, as a decision on record.

    Raises SealError for one that was changed or moved.
    """
    text = encryption.decrypt(row.encrypted, subject=row.subject, wrapped=row.wrapped, **_place(row.id))
    if text is None:
        raise SealError("the decision was taken out")
    both = json.loads(text)
    return Decided(
        id=row.id,
        request=row.request,
        stage=row.stage,
        staff=row.staff,
        at=row.at,
        document=both["document"],
        decision=decision_of(both["decision"]),
        digest=row.digest,
        salt=row.salt,
    )


def _place(decision: str) -> dict[str, str]:
    return {"table": "decisions", "column": "encrypted", "row": decision}

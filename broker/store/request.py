"""Requests for information: what is asked of whom, where it stands, and who sees it.

The words (question texts, concern) are encrypted under the request's own data key; the rest is what the policy may
know.
"""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
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
    and_,
    bindparam,
    case,
    exc,
    false,
    func,
    not_,
    or_,
    select,
    update,
)
from typing_extensions import override

from broker.crypto.canonical import canonical
from broker.domain.directory import Actor
from broker.domain.figures import WAITS
from broker.domain.request import Concern, Danger, Declination, InformationRequest, Question, State
from broker.domain.request import Requests as RequestsPort
from broker.kernel.errors import ConflictError, NotFoundError
from broker.kernel.values import first_id
from broker.store.changes import Changes
from broker.store.compiled import Lookup
from broker.store.encryption import Encryption, data_keys
from broker.store.engine import is_lost_race
from broker.store.schema import Moment, Nested, metadata
from broker.store.scope import ORGANISATION, STAFF, as_reader, is_assigned

requests = Table(
    "requests",
    metadata,
    Column("id", Text, primary_key=True),
    Column("case_id", ForeignKey("cases.id"), key="case", nullable=False, index=True),
    Column("requester", ForeignKey("organisations.id"), nullable=False),
    Column("asker", ForeignKey("staff.id"), nullable=False),
    Column("responder", ForeignKey("organisations.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("concern", LargeBinary),
    Column("danger", Nested, nullable=False),
    Column("persons", Nested, nullable=False),
    Column("patients", Nested, nullable=False),
    Column("questions", Nested, nullable=False),
    Column("texts", LargeBinary),
    Column("asked_at", Moment, nullable=False),
    Column("state", Text, nullable=False),
    Column("taken_by", ForeignKey("staff.id")),
    Column("version", Integer, nullable=False),
    Column("directly_involved", Boolean, nullable=False, server_default=false()),
    Column("bsn_of", Nested),  # null: nobody's, as in every request from before there was the question
    Column("answered_in", Integer),
    Column("declined_because", Text),
    Column("declined_message", LargeBinary),
)
Index("ix_requests_responder_state", requests.c.responder, requests.c.state)
# For oversight: identifiers sort by time, so a period is a range of one of these.
for _side in ("requester", "responder"):
    Index(f"ix_requests_{_side}_id", requests.c[_side], requests.c.id, postgresql_include=["state", "answered_in"])

_DELIVERED = (State.DELIVERED, State.WEIGHING, State.RELEASED, State.DECLINED)

IS_DELIVERED: ColumnElement[bool] = requests.c.state.in_(_DELIVERED)
"""The request was put before the responder; of one that was refused before that he knows nothing."""

_HAS_TAKEN_UP = and_(requests.c.taken_by.is_not(None), requests.c.taken_by == STAFF)

SEES_AS_REQUESTER: ColumnElement[bool] = and_(
    requests.c.requester == ORGANISATION,
    is_assigned(requests.c.case),
    not_(_HAS_TAKEN_UP),
)
"""The reader belongs to the organisation that asks, is assigned to the case, and is not who took the request up."""

SEES_AS_RESPONDER: ColumnElement[bool] = and_(
    requests.c.responder == ORGANISATION,
    IS_DELIVERED,
    or_(
        _HAS_TAKEN_UP,
        and_(requests.c.taken_by.is_(None), requests.c.asker != STAFF, not_(is_assigned(requests.c.case))),
    ),
)
"""The request was delivered to the reader's organisation, and he took it up, or nobody did and he does not ask himself.

Nobody is on both sides of one request, also when he has moved from one organisation to the other.
"""

SEES_REQUEST: ColumnElement[bool] = or_(SEES_AS_REQUESTER, SEES_AS_RESPONDER)
"""The reader sees the request, from either side."""

IS_PARTY: ColumnElement[bool] = or_(
    requests.c.requester == ORGANISATION, and_(requests.c.responder == ORGANISATION, IS_DELIVERED)
)
"""The reader's organisation asked, or was asked; enough for oversight, which the policy has allowed before."""

_SAVE = update(requests).where(requests.c.id == bindparam("of"), requests.c.version == bindparam("version_before"))
_READ = select(requests, data_keys.c.wrapped).outerjoin(data_keys, data_keys.c.subject == requests.c.id)
_ONE = _READ.where(requests.c.id == bindparam("request", type_=Text()), SEES_REQUEST)
_NEWEST_FIRST = requests.c.id.desc()  # identifiers sort by time
_ASKED_BY = _READ.where(SEES_AS_REQUESTER).order_by(_NEWEST_FIRST)
_INBOX = _READ.where(SEES_AS_RESPONDER).order_by(_NEWEST_FIRST)
_WAIT = case(
    *((requests.c.answered_in < seconds, name) for name, seconds in WAITS.items() if seconds is not None),
    (requests.c.answered_in.is_not(None), "longer"),
).label("wait")
_WAITS = (
    select(requests.c.state, _WAIT, func.count().label("number"))
    .where(IS_PARTY, requests.c.id >= bindparam("since"), requests.c.id < bindparam("until"))
    .group_by(requests.c.state, _WAIT)
)
_EARLIER = requests.c.id < bindparam("before")


class Requests(RequestsPort):
    """The requests within one transaction."""

    def __init__(self, connection: Connection, encryption: Encryption, changes: Changes) -> None:
        self._connection, self._changes = connection, changes
        self._encryption = encryption

    @override
    def add(self, request: InformationRequest) -> None:
        self._encryption.begin([request.id])
        self._changes.insert(requests, [self._to_row(request)])

    @override
    def save(self, request: InformationRequest) -> None:
        values = {
            "of": request.id,
            "version_before": request.version - 1,
            "state": request.state,
            "taken_by": request.taken_by,
            "version": request.version,
            "answered_in": request.answered_in,
            **self._declination_to_row(request),
        }
        try:
            saved = self._changes.update(_SAVE, values) == 1
        except exc.DBAPIError as error:
            # PostgreSQL refuses the update itself when the other one committed after our snapshot was taken.
            if not is_lost_race(error):
                raise
            saved = False
        if not saved:
            raise ConflictError("the request was changed by somebody else first", code="request.stale")

    @override
    def get(self, request: str, *, reader: Actor) -> InformationRequest:
        row = self._connection.execute(*request_lookup(request, reader=reader)).one_or_none()
        if row is None:
            raise NotFoundError("there is no such request for this reader")
        return self._from_row(row)

    @override
    def asked_by(
        self, *, reader: Actor, before: str | None = None, limit: int | None = None
    ) -> tuple[InformationRequest, ...]:
        return self._listed(_ASKED_BY, reader, before, limit)

    @override
    def inbox(
        self, *, reader: Actor, before: str | None = None, limit: int | None = None
    ) -> tuple[InformationRequest, ...]:
        return self._listed(_INBOX, reader, before, limit)

    def _listed(
        self, statement: Select[Any], reader: Actor, before: str | None, limit: int | None
    ) -> tuple[InformationRequest, ...]:
        page = (statement.where(_EARLIER) if before else statement).limit(limit)
        values = as_reader(reader) | ({"before": before} if before else {})
        return tuple(self._from_row(row) for row in self._connection.execute(page, values))

    @override
    def waits(self, since: datetime, until: datetime, *, reader: Actor) -> tuple[tuple[State, str | None, int], ...]:
        values = as_reader(reader) | {"since": first_id("req", since), "until": first_id("req", until)}
        rows = self._connection.execute(_WAITS, values)
        return tuple((State(row.state), row.wait, row.number) for row in rows)

    def _to_row(self, request: InformationRequest) -> dict[str, Any]:
        texts = {question.id: question.text for question in request.questions}
        return {
            "id": request.id,
            "case": request.case,
            "requester": request.requester,
            "asker": request.asker,
            "responder": request.responder,
            "purpose": request.purpose,
            "concern": self._encrypt(request.id, "concern", dataclasses.asdict(request.concern)),
            "danger": dataclasses.asdict(request.danger),
            "persons": list(request.persons),
            "patients": sorted(request.patients),
            "questions": [_without_text(question) for question in request.questions],
            "texts": self._encrypt(request.id, "texts", texts),
            "asked_at": request.asked_at,
            "state": request.state,
            "taken_by": request.taken_by,
            "version": request.version,
            "directly_involved": request.directly_involved,
            "bsn_of": sorted(request.bsn_of),
            "answered_in": request.answered_in,
            **self._declination_to_row(request),
        }

    def _declination_to_row(self, request: InformationRequest) -> dict[str, Any]:
        told = request.declination
        if told is None:
            return {"declined_because": None, "declined_message": None}
        self._encryption.find([request.id])
        message = self._encrypt(request.id, "declined_message", {"message": told.message})
        return {"declined_because": told.because, "declined_message": message}

    def _from_row(self, row: Row[Any]) -> InformationRequest:
        concern = self._decrypt(row, "concern")
        texts = self._decrypt(row, "texts")
        return InformationRequest(
            id=row.id,
            case=row.case,
            requester=row.requester,
            asker=row.asker,
            responder=row.responder,
            purpose=row.purpose,
            concern=Concern(**concern),
            danger=Danger(**row.danger),
            persons=tuple(row.persons),
            patients=frozenset(row.patients),
            questions=tuple(
                Question(
                    **question | {"categories": tuple(question["categories"]), "text": texts.get(question["id"], "")}
                )
                for question in row.questions
            ),
            asked_at=row.asked_at,
            directly_involved=row.directly_involved,
            bsn_of=frozenset(row.bsn_of or ()),
            state=State(row.state),
            taken_by=row.taken_by,
            version=row.version,
            answered_in=row.answered_in,
            declination=Declination(row.declined_because, self._decrypt(row, "declined_message").get("message", ""))
            if row.declined_because
            else None,
        )

    def _encrypt(self, request: str, column: str, texts: dict[str, str]) -> bytes | None:
        text = canonical(texts).decode()
        return self._encryption.encrypt(text, subject=request, table="requests", column=column, row=request)

    def _decrypt(self, row: Row[Any], column: str) -> dict[str, str]:
        """Return the texts of a column; none when the request's data key was destroyed."""
        text = self._encryption.decrypt(
            getattr(row, column), subject=row.id, wrapped=row.wrapped, table="requests", column=column, row=row.id
        )
        opened: dict[str, str] = json.loads(text) if text is not None else {}
        return opened


def request_lookup(request: str, *, reader: Actor) -> Lookup:
    """Return how `Requests.get` looks one up."""
    return _ONE, as_reader(reader) | {"request": request}


def _without_text(question: Question) -> dict[str, Any]:
    row = dataclasses.asdict(question)
    del row["text"]
    return row

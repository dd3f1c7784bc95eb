"""What organisations are to be told, found in what is on record: no flow has to think of it.

Both tables are bookkeeping: who empties them has organisations told again, or not at all, and changes nothing else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    ForeignKey,
    Index,
    Integer,
    Select,
    Table,
    Text,
    and_,
    bindparam,
    case,
    delete,
    exists,
    insert,
    or_,
    select,
    update,
)
from typing_extensions import override

from broker.domain.notice import DUTY_AHEAD, Channel, Found, Notice, morning_before, pause_after
from broker.domain.notice import Notices as NoticesPort
from broker.domain.request import State
from broker.kernel.values import first_id
from broker.store.directory import organisations
from broker.store.obligation import RUNS, WHOSE, duties
from broker.store.request import requests
from broker.store.schema import Moment, insert_or_ignore, metadata

channels = Table(
    "notice_channels",
    metadata,
    Column("organisation", ForeignKey(organisations.c.id), primary_key=True),
    Column("way", Text, primary_key=True),
    Column("daily", Boolean, nullable=False),
    Column("chosen_at", Moment, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("waits_until", Moment),  # null: it may be told something at any moment
    info={"passing": "says whom the broker is telling something; the choice itself stands with the organisation"},
)

notices = Table(
    "notices",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("way", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("since", Moment, nullable=False),
    Column("done_at", Moment),
    info={"passing": "says what was told; nothing lawful depends on who heard that he has something to do"},
)
_UNTOLD = notices.c.done_at.is_(None)
Index(
    "ix_notices_untold",
    notices.c.organisation,
    notices.c.way,
    notices.c.since,
    sqlite_where=_UNTOLD,
    postgresql_where=_UNTOLD,
)

ANSWERS_OF = timedelta(days=180)
"""How long after it was asked an answer to a question is told: the search for answers does not grow with the years."""

_OPEN = requests.c.state.in_((State.DELIVERED, State.WEIGHING))
_ANSWERED = requests.c.state.in_((State.RELEASED, State.DECLINED))
_NOW, _MORNING = bindparam("now", type_=Moment()), bindparam("morning", type_=Moment())
_LIMIT = bindparam("limit", type_=Integer())
_OF_CHANNEL = and_(
    notices.c.organisation == channels.c.organisation,
    notices.c.way == channels.c.way,
)


def _is_new(kind: str, subject: ColumnElement[str]) -> ColumnElement[bool]:
    return ~exists().where(_OF_CHANNEL, notices.c.kind == kind, notices.c.subject == subject)


_FOUND = (channels.c.organisation, channels.c.way, channels.c.chosen_at)
_QUESTIONS = (
    select(*_FOUND, requests.c.id.label("subject"), requests.c.asked_at, requests.c.danger)
    .join(requests, requests.c.responder == channels.c.organisation)
    .where(_OPEN, _is_new("question", requests.c.id))
    .limit(_LIMIT)
)
_ANSWERS = (
    select(*_FOUND, requests.c.id.label("subject"), requests.c.asked_at, requests.c.answered_in)
    .join(requests, requests.c.requester == channels.c.organisation)
    .where(
        _ANSWERED,
        requests.c.answered_in.is_not(None),
        requests.c.id >= bindparam("asked_after"),
        _is_new("answer", requests.c.id),
    )
    .limit(_LIMIT)
)
_DUTIES = (
    select(*_FOUND, duties.c.id.label("subject"), duties.c.due)
    .select_from(duties.join(requests).join(channels, channels.c.organisation == WHOSE))
    .where(
        RUNS,
        duties.c.on != "broker",
        duties.c.due <= bindparam("ahead", type_=Moment()),
        duties.c.due >= channels.c.chosen_at,
        _is_new("duty", duties.c.id),
    )
    .limit(_LIMIT)
)

_IS_FREE = or_(channels.c.waits_until.is_(None), channels.c.waits_until <= _NOW)
_IS_UP = notices.c.since <= case((channels.c.daily, _MORNING), else_=_NOW)
_DUE = (
    select(channels.c.organisation, channels.c.way, channels.c.daily)
    .where(_IS_FREE, exists().where(_OF_CHANNEL, _UNTOLD, _IS_UP))
    .order_by(channels.c.waits_until.asc().nulls_first(), channels.c.organisation, channels.c.way)
    .limit(_LIMIT)
)
# Who took up a question knows of it; a clock stops when it is answered, and a duty when it is done.
_HAS_TO_DO = or_(
    and_(notices.c.kind == "question", requests.c.state == State.DELIVERED),
    and_(notices.c.kind.in_(("clock_half", "clock_end")), _OPEN),
    notices.c.kind == "answer",
    and_(notices.c.kind == "duty", RUNS),
)


class Notices(NoticesPort):
    """The notices within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @override
    def channels(self) -> frozenset[Channel]:
        rows = self._connection.execute(select(channels.c.organisation, channels.c.way, channels.c.daily))
        return frozenset(Channel(*row) for row in rows)

    @override
    def keep_channels(self, channels_now: frozenset[Channel], now: datetime) -> None:
        had = {(each.organisation, each.way): each for each in self.channels()}
        wanted = {(each.organisation, each.way): each for each in channels_now}
        for gone in had.keys() - wanted.keys():
            for table in (notices, channels):
                self._connection.execute(delete(table).where(_of(had[gone], table)))
        for key, each in wanted.items():
            if key not in had:
                row = {**dataclasses.asdict(each), "chosen_at": now, "failures": 0}
                self._connection.execute(insert(channels), [row])
            elif had[key] != each:
                self._connection.execute(update(channels).where(_of(each, channels)).values(daily=each.daily))

    @override
    def found(self, now: datetime, *, limit: int) -> tuple[Found, ...]:
        return (
            *(
                Found(kind="question", at=row.asked_at, within_hours=row.danger.get("within_hours"), **_common(row))
                for row in self._rows(_QUESTIONS, limit=limit)
            ),
            *(
                Found(kind="answer", at=row.asked_at + timedelta(seconds=row.answered_in), **_common(row))
                for row in self._rows(_ANSWERS, limit=limit, asked_after=first_id("req", now - ANSWERS_OF))
            ),
            *(
                Found(kind="duty", at=row.due, **_common(row))
                for row in self._rows(_DUTIES, limit=limit, ahead=now + DUTY_AHEAD)
            ),
        )

    @override
    def add(self, new: Sequence[Notice]) -> None:
        insert_or_ignore(self._connection, notices, [dataclasses.asdict(each) for each in new])

    @override
    def due(self, now: datetime, *, limit: int) -> tuple[Channel, ...]:
        rows = self._rows(_DUE, now=now, morning=morning_before(now), limit=limit)
        return tuple(Channel(*row) for row in rows)

    @override
    def take(self, channel: Channel, now: datetime, until: datetime) -> bool:
        taken = update(channels).where(_of(channel, channels), _IS_FREE).values(waits_until=until)
        return self._connection.execute(taken, {"now": now}).rowcount == 1

    @override
    def untold(self, channel: Channel, now: datetime) -> tuple[tuple[Notice, bool], ...]:
        statement = (
            select(*notices.c, case((_HAS_TO_DO, True), else_=False).label("has_to_do"))
            .outerjoin(requests, requests.c.id == notices.c.subject)
            .outerjoin(duties, duties.c.id == notices.c.subject)
            .where(
                _of(channel, notices),
                _UNTOLD,
                notices.c.since <= (morning_before(now) if channel.daily else now),
            )
            .order_by(notices.c.since, notices.c.subject, notices.c.kind)
        )
        return tuple((Notice(**_without(row, "has_to_do")), bool(row.has_to_do)) for row in self._rows(statement))

    @override
    def done(self, channel: Channel, told: Sequence[Notice], now: datetime) -> None:
        of_kind = and_(
            _of(channel, notices),
            notices.c.kind == bindparam("of_kind"),
            notices.c.subject == bindparam("of_subject"),
        )
        if told:
            values = [{"of_kind": each.kind, "of_subject": each.subject} for each in told]
            self._connection.execute(update(notices).where(of_kind).values(done_at=now), values)
        self._connection.execute(update(channels).where(_of(channel, channels)).values(failures=0, waits_until=None))

    @override
    def failed(self, channel: Channel, now: datetime) -> None:
        failures = (self._connection.scalar(select(channels.c.failures).where(_of(channel, channels))) or 0) + 1
        waits = {"failures": failures, "waits_until": now + pause_after(failures)}
        self._connection.execute(update(channels).where(_of(channel, channels)).values(**waits))

    def _rows(self, statement: Select[Any], **values: object) -> Any:
        return self._connection.execute(statement, values)


def _of(channel: Channel, table: Table) -> ColumnElement[bool]:
    return and_(table.c.organisation == channel.organisation, table.c.way == channel.way)


def _common(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in ("organisation", "way", "chosen_at", "subject")}


def _without(row: Any, name: str) -> dict[str, Any]:
    return {key: value for key, value in row._mapping.items() if key != name}

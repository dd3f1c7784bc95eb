"""What organisations are to be told is found in what is on record, once, and only from when they chose to be told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from family import NOW, REQUEST, answer, ask

from broker.domain.notice import Channel, Notice, notices_of
from broker.domain.store import Transaction
from broker.store.base import Store

GP, VT = Channel(REQUEST.responder, "mail", daily=False), Channel(REQUEST.requester, "mail", daily=False)
LATER = NOW + timedelta(days=30)


def noticed(tx: Transaction, now: datetime) -> list[tuple[str, str, bool]]:
    """Keep what is found; return whose it is, its kind and whether it is done already."""
    new = [notice for found in tx.notices.found(now, limit=100) for notice in notices_of(found)]
    tx.notices.add(new)
    return sorted((each.organisation, each.kind, each.done_at is not None) for each in new)


def kinds(told: tuple[tuple[Notice, bool], ...]) -> list[tuple[str, bool]]:
    return sorted((notice.kind, has_to_do) for notice, has_to_do in told)


def test_nothing_is_found_for_who_chose_nothing(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx)
        assert noticed(tx, LATER) == []


def test_question_is_found_once_with_its_clock(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx)
        tx.notices.keep_channels(frozenset({GP, VT}), NOW - timedelta(days=1))
        found = noticed(tx, NOW)
        assert found == [(GP.organisation, kind, False) for kind in ("clock_end", "clock_half", "question")]
        assert noticed(tx, NOW) == []
        assert kinds(tx.notices.untold(GP, NOW)) == [("question", True)]
        assert tx.notices.untold(VT, NOW) == ()
        assert kinds(tx.notices.untold(GP, NOW + timedelta(hours=2))) == [("clock_half", True), ("question", True)]
        assert tx.notices.due(NOW, limit=9) == (GP,)


def test_what_was_there_before_the_choice_is_not_told(store: Store) -> None:
    with store.transaction() as tx:
        answer(tx)
        tx.notices.keep_channels(frozenset({GP, VT}), LATER)
        assert {done for _, kind, done in noticed(tx, LATER) if kind != "duty"} <= {True}
        assert [one for channel in (GP, VT) for one in tx.notices.untold(channel, LATER)] == []


def test_one_channel_is_taken_by_one_and_waits_after_a_failure(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx)
        tx.notices.keep_channels(frozenset({GP}), NOW - timedelta(days=1))
        noticed(tx, NOW)
        soon = NOW + timedelta(minutes=2)
        assert tx.notices.take(GP, NOW, soon)
        assert not tx.notices.take(GP, NOW, soon)
        assert tx.notices.due(NOW, limit=9) == ()
        for minutes in (1, 2, 4, 8, 16, 32, 60, 60):
            tx.notices.failed(GP, NOW)
            assert tx.notices.due(NOW + timedelta(minutes=minutes - 1), limit=9) == ()
            assert tx.notices.due(NOW + timedelta(minutes=minutes), limit=9) == (GP,)
        told = [notice for notice, _ in tx.notices.untold(GP, NOW)]
        tx.notices.done(GP, told, NOW)
        assert tx.notices.due(NOW, limit=9) == ()
        assert tx.notices.untold(GP, NOW) == ()


def test_channel_that_goes_takes_what_it_was_told_along(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx)
        tx.notices.keep_channels(frozenset({GP}), NOW - timedelta(days=1))
        noticed(tx, NOW)
        daily = replace(GP, daily=True)
        tx.notices.keep_channels(frozenset({daily}), NOW)
        assert tx.notices.channels() == {daily}
        assert tx.notices.due(NOW, limit=9) == ()
        assert tx.notices.due(NOW + timedelta(days=1), limit=9) == (daily,)
        tx.notices.keep_channels(frozenset(), NOW)
        tx.notices.keep_channels(frozenset({GP}), LATER)
        assert {done for _, _, done in noticed(tx, LATER)} == {True}

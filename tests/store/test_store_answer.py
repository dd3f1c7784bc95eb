"""Decisions, releases and obligations: kept exactly, read by the parties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from family import (
    CASE,
    COLLEAGUE,
    DOCTOR,
    NOW,
    OBLIGATION,
    PARTNER,
    RELEASE,
    REQUEST,
    TEACHER,
    WORKER,
    answer,
    ask,
    decided,
)

from broker.domain.decision import Wanted
from broker.domain.request import State
from broker.kernel.errors import ConflictError, NotFoundError
from broker.store.base import Store


def test_decision_comes_back_as_it_was_kept(store: Store) -> None:
    recorded = decided("decision:1")
    with store.transaction() as tx:
        ask(tx)
        tx.decisions.add(recorded)
    with store.transaction() as tx:
        assert tx.decisions.get("decision:1", reader=WORKER) == recorded


def test_decision_is_read_by_both_organisations_and_nobody_else(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx, replace(REQUEST, state=State.WEIGHING, taken_by=DOCTOR.staff.id))
        tx.decisions.add(decided("decision:1"))
        tx.decisions.add(decided("decision:2", None))
    with store.transaction() as tx:
        for reader in (WORKER, COLLEAGUE, DOCTOR, PARTNER):
            assert [one.id for one in tx.decisions.of_request(REQUEST.id, reader=reader)] == ["decision:1"]
            assert [one.id for one in tx.decisions.search(Wanted(), reader=reader)] == ["decision:1"]
        assert tx.decisions.search(Wanted(), reader=TEACHER) == ()
        for identifier, reader in (("decision:1", TEACHER), ("decision:2", WORKER), ("decision:3", WORKER)):
            with pytest.raises(NotFoundError):
                tx.decisions.get(identifier, reader=reader)


def test_search_is_newest_first_limited_and_filtered(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx)
        for number in range(3):
            tx.decisions.add(decided(f"decision:{number}"))
        tx.decisions.add(replace(decided("decision:9", outcome="deny"), stage="open"))
    with store.transaction() as tx:
        search = tx.decisions.search
        assert [one.id[-1] for one in search(Wanted(), reader=WORKER)] == ["9", "2", "1", "0"]
        assert [one.id[-1] for one in search(Wanted(), reader=WORKER, limit=2)] == ["9", "2"]
        assert [one.id[-1] for one in search(Wanted(outcome="deny"), reader=WORKER)] == ["9"]
        assert [one.id[-1] for one in search(Wanted(stage="ask"), reader=WORKER, limit=1)] == ["2"]
        assert search(Wanted(stage="ask", outcome="deny"), reader=WORKER) == ()


def test_decision_is_erased_with_its_request_or_its_case(store: Store, tamper: Callable[..., Any]) -> None:
    with store.transaction() as tx:
        ask(tx)
        tx.decisions.add(decided("decision:1"))
        tx.decisions.add(decided("decision:2", None), case=CASE.id)
        tx.decisions.add(decided("decision:3", None))
    subjects = tamper("SELECT subject FROM decisions ORDER BY id")
    assert subjects == [(REQUEST.id,), (CASE.id,), ("decision:3",)]
    with store.transaction() as tx:
        tx.encryption.destroy(REQUEST.id)
    with store.transaction() as tx:
        assert tx.decisions.search(Wanted(), reader=WORKER) == ()
        assert tx.decisions.of_request(REQUEST.id, reader=WORKER) == ()
        with pytest.raises(NotFoundError):
            tx.decisions.get("decision:1", reader=WORKER)
        with pytest.raises(NotFoundError):
            tx.decisions.on_record("decision:1")
    assert tamper("SELECT count(*) FROM decision_marks") == [(0,)]


def test_decision_without_its_request_is_refused_at_the_end(store: Store) -> None:
    with pytest.raises(ConflictError), store.transaction() as tx:  # noqa: PT012  it fails as the transaction ends
        ask(tx)
        tx.decisions.add(decided("decision:1", "request:none"))
    with store.transaction() as tx:
        assert tx.directory.organisations() == ()


def test_release_comes_back_with_its_parts_in_their_order(store: Store) -> None:
    with store.transaction() as tx:
        answer(tx)
    with store.transaction() as tx:
        assert tx.releases.find_of(REQUEST.id, reader=WORKER) == RELEASE
        assert tx.releases.find_of(REQUEST.id, reader=DOCTOR) == RELEASE
        assert tx.releases.find_of(REQUEST.id, reader=COLLEAGUE) is None
        assert tx.releases.find_of(REQUEST.id, reader=TEACHER) is None


def test_request_is_released_once(store: Store) -> None:
    with store.transaction() as tx:
        answer(tx)
    with pytest.raises(ConflictError), store.transaction() as tx:
        tx.releases.add(replace(RELEASE, id="release:2", parts=()))


def test_release_without_parts_is_a_release(store: Store) -> None:
    empty = replace(RELEASE, parts=())
    with store.transaction() as tx:
        ask(tx)
        tx.releases.add(empty)
        tx.decisions.add(decided("decision:1"))
    with store.transaction() as tx:
        assert tx.releases.find_of(REQUEST.id, reader=WORKER) == empty


def test_obligations_come_by_due_date(store: Store) -> None:
    soon = replace(OBLIGATION, id="obligation:2", due=NOW, person="mother", done_at=NOW + timedelta(hours=1))
    never = replace(OBLIGATION, id="obligation:0", due=None)
    with store.transaction() as tx:
        ask(tx)
        tx.decisions.add(decided("decision:1"))
        tx.obligations.add([never, OBLIGATION, soon])
        tx.obligations.add([])
    with store.transaction() as tx:
        assert tx.obligations.of_request(REQUEST.id, reader=WORKER) == (soon, OBLIGATION, never)
        assert tx.obligations.of_request(REQUEST.id, reader=DOCTOR) == (soon, OBLIGATION, never)
        assert tx.obligations.of_request(REQUEST.id, reader=TEACHER) == ()

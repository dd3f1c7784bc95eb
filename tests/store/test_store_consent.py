"""Consents: kept with their case, seen with it or with a request on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from family import CASE, COLLEAGUE, CONSENT, DOCTOR, NOW, PARTNER, REQUEST, TEACHER, WORKER, ask

from broker.domain.request import State
from broker.kernel.errors import NotFoundError
from broker.store.base import Store


def test_consent_comes_back_as_it_was_kept_oldest_first(store: Store) -> None:
    later = replace(CONSENT, id="consent:2", until_on=date(2027, 1, 1), given_by=("mother", "father"), free=False)
    with store.transaction() as tx:
        ask(tx)
        tx.consents.add(later)
        tx.consents.add(CONSENT)
    with store.transaction() as tx:
        assert tx.consents.get(CONSENT.id, reader=WORKER) == CONSENT
        assert tx.consents.of_case(CASE.id, reader=DOCTOR) == (CONSENT, later)


def test_consent_is_seen_with_its_case_or_a_request_on_it(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx)
        tx.consents.add(CONSENT)
    with store.transaction() as tx:
        for reader in (WORKER, DOCTOR, PARTNER):
            assert tx.consents.of_case(CASE.id, reader=reader) == (CONSENT,)
        for reader in (COLLEAGUE, TEACHER):
            assert tx.consents.of_case(CASE.id, reader=reader) == ()
            with pytest.raises(NotFoundError):
                tx.consents.get(CONSENT.id, reader=reader)


def test_consent_is_not_there_for_a_responder_who_was_not_asked(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx, replace(REQUEST, state=State.REFUSED))
        tx.consents.add(CONSENT)
        with pytest.raises(NotFoundError):
            tx.consents.get(CONSENT.id, reader=DOCTOR)


def test_withdrawal_is_kept(store: Store) -> None:
    withdrawn = CONSENT.withdrawn(NOW + timedelta(days=1))
    with store.transaction() as tx:
        ask(tx)
        tx.consents.add(CONSENT)
        tx.consents.save(withdrawn)
    with store.transaction() as tx:
        assert tx.consents.get(CONSENT.id, reader=WORKER) == withdrawn


def test_unknown_consent_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError), store.transaction() as tx:
        tx.consents.save(CONSENT)

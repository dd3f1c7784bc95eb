"""The directory: who takes part, under which mandate, with which keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from family import EVERYBODY, GP, NOW, VT, WORKER, account_named, enrol, member

from broker.domain.directory import Account, Actor, Mandate, StaffKey
from broker.kernel.errors import ConflictError, NotFoundError
from broker.store.base import Store, Transaction

KEY = StaffKey(
    key_id="key:1", staff=WORKER.staff.id, public_opening=b"o" * 1216, public_signing=b"s" * 32, enrolled_at=NOW
)


def found(tx: Transaction, name: str) -> Actor | None:
    """Return who acts when the identity provider vouches for this name."""
    return tx.directory.find_actor(account_named(name), "high", NOW.date())


def test_organisation_is_replaced_by_its_id(store: Store) -> None:
    renamed = replace(GP, name="Andere naam", connected=False)
    with store.transaction() as tx:
        enrol(tx)
        tx.directory.put_organisation(renamed)
    with store.transaction() as tx:
        assert tx.directory.get_organisation(GP.id) == renamed
        assert [one.name for one in tx.directory.organisations()] == ["Andere naam", "school", "vt"]


def test_unknown_organisation_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError), store.transaction() as tx:
        tx.directory.get_organisation("org:nobody")


def test_actor_is_found_by_issuer_and_subject_and_neither_is_kept(store: Store, tamper: Callable[..., Any]) -> None:
    with store.transaction() as tx:
        enrol(tx)
    with store.transaction() as tx:
        assert found(tx, "worker") == tx.directory.actor(WORKER.staff.id, "high", NOW.date())
        for account in (Account(issuer="https://other.example", subject="worker"), account_named("nobody")):
            assert tx.directory.find_actor(account, "high", NOW.date()) is None
    stand_ins = [known_as for (known_as,) in tamper("SELECT known_as FROM staff")]
    assert len(set(stand_ins)) == len(EVERYBODY)
    assert all(re.fullmatch("ps_[a-z2-7]{32}", stand_in) for stand_in in stand_ins)


def test_account_is_one_persons_and_stays_his(store: Store) -> None:
    with store.transaction() as tx:
        enrol(tx)
        tx.directory.put_staff(replace(WORKER.staff, role="planner"))
    with store.transaction() as tx:
        actor = found(tx, "worker")
        assert actor is not None
        assert actor.staff.role == "planner"
        tx.directory.put_staff(WORKER.staff, account_named("renamed"))
        assert (found(tx, "worker"), found(tx, "renamed")) == (None, replace(actor, staff=WORKER.staff))
    with pytest.raises(ConflictError), store.transaction() as tx:
        tx.directory.put_staff(member("twin", VT), account_named("doctor"))
    with pytest.raises(NotFoundError), store.transaction() as tx:
        tx.directory.put_staff(member("twin", VT))


def test_colleagues_are_the_active_staff_of_one_organisation_as_they_would_act(store: Store) -> None:
    today = date(2026, 11, 22)
    with store.transaction() as tx:
        enrol(tx)
        tx.directory.put_staff(replace(member("gone", VT), active=False), account_named("gone"))
        tx.directory.put_mandate(Mandate(staff=WORKER.staff.id, from_on=date(2030, 1, 1), until_on=date(2031, 1, 1)))
    with store.transaction() as tx:
        found = {actor.staff.id: actor for actor in tx.directory.colleagues(VT.id, "high", today)}
        assert found[WORKER.staff.id] == tx.directory.find_actor(account_named("worker"), "high", today)
    assert list(found) == sorted(found)
    assert "staff:gone" not in found
    assert {actor.organisation.id for actor in found.values()} == {VT.id}


def test_actor_acts_under_the_mandate_of_the_day(store: Store) -> None:
    older = Mandate(staff=WORKER.staff.id, from_on=date(2020, 1, 1), until_on=date(2021, 1, 1))
    later = Mandate(staff=WORKER.staff.id, from_on=date(2030, 1, 1), until_on=date(2031, 1, 1))
    with store.transaction() as tx:
        enrol(tx)
        tx.directory.put_mandate(older)
        tx.directory.put_mandate(later)
        tx.directory.put_mandate(later)
    with store.transaction() as tx:
        found = [
            tx.directory.find_actor(account_named("worker"), "high", on)
            for on in (date(2020, 12, 31), date(2021, 1, 1), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
        ]
    mandates = [actor and actor.mandate for actor in found]
    current = Mandate(staff=WORKER.staff.id, from_on=date(2026, 1, 1), until_on=date(2027, 1, 1))
    assert mandates == [older, later, current, current, later]
    assert found[0] is not None
    assert (found[0].staff, found[0].organisation, found[0].assurance) == (WORKER.staff, VT, "high")


def test_actor_may_be_without_mandate_but_not_inactive_or_unknown(store: Store) -> None:
    with store.transaction() as tx:
        enrol(tx)
        tx.directory.put_staff(member("new", VT), account_named("new"))
        tx.directory.put_staff(replace(member("gone", VT), active=False), account_named("gone"))
    with store.transaction() as tx:
        found = tx.directory.find_actor(account_named("new"), "low", NOW.date())
        assert found is not None
        assert found.mandate is None
        assert tx.directory.find_actor(account_named("gone"), "low", NOW.date()) is None
        assert tx.directory.find_actor(account_named("nobody"), "low", NOW.date()) is None


def confirmed(key: StaffKey) -> StaffKey:
    """Return a key as a colleague confirmed it half an hour after it was enrolled."""
    at = key.enrolled_at + timedelta(minutes=30)
    return key.confirmed(organisation=VT.id, by="staff:colleague", at=at, event=f"event:{key.key_id}")


def test_new_key_waits_and_revokes_the_earlier_one_when_it_is_confirmed(store: Store) -> None:
    first, later = confirmed(KEY), replace(KEY, key_id="key:2", enrolled_at=NOW + timedelta(hours=1))
    with store.transaction() as tx:
        enrol(tx)
        tx.directory.put_key(KEY)
        tx.directory.put_key(KEY)
        assert tx.directory.current_keys([WORKER.staff.id]) == ()
        tx.directory.confirm_key(first)
        tx.directory.put_key(later)
    with store.transaction() as tx:
        assert tx.directory.current_keys([WORKER.staff.id, "staff:doctor"]) == (first,)
        assert tx.directory.keys_of([WORKER.staff.id]) == (first, later)
        tx.directory.confirm_key(confirmed(later))
    with store.transaction() as tx:
        assert tx.directory.find_key("key:1") == replace(first, revoked_at=confirmed(later).confirmed_at)
        assert [key.key_id for key in tx.directory.current_keys([WORKER.staff.id])] == ["key:2"]
        assert tx.directory.current_keys([]) == ()
        assert tx.directory.find_key("key:3") is None


def test_newer_key_that_waits_takes_the_place_of_one_that_waited(store: Store) -> None:
    later = replace(KEY, key_id="key:2", enrolled_at=NOW + timedelta(hours=1))
    with store.transaction() as tx:
        enrol(tx)
        tx.directory.put_key(KEY)
        tx.directory.put_key(later)
        assert tx.directory.find_key("key:1") == replace(KEY, revoked_at=later.enrolled_at)
        assert tx.directory.keys_of([WORKER.staff.id]) == (later,)


@pytest.mark.parametrize("change", [{"staff": "staff:doctor"}, {"public_signing": b"x" * 32}])
def test_key_id_that_stands_for_another_key_is_refused(store: Store, change: dict[str, object]) -> None:
    with store.transaction() as tx:
        enrol(tx)
        tx.directory.put_key(KEY)
        with pytest.raises(ConflictError) as caught:
            tx.directory.put_key(replace(KEY, **change))  # type: ignore[arg-type]
    assert caught.value.code == "key.taken"


def test_revoked_key_does_not_come_back(store: Store) -> None:
    with store.transaction() as tx:
        enrol(tx)
        tx.directory.put_key(KEY)
        tx.directory.put_key(replace(KEY, key_id="key:2"))
        with pytest.raises(ConflictError):
            tx.directory.put_key(KEY)

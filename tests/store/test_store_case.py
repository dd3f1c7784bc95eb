"""Cases: kept whole, seen by those assigned to them, forgotten person by person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from family import CASE, CHILD, COLLEAGUE, DOCTOR, MOTHER, PARTNER, REQUEST, TEACHER, VT, WORKER, ask, enrol

from broker.domain.case import Person
from broker.domain.request import State
from broker.kernel.errors import ConflictError, NotFoundError
from broker.store.base import Store


def test_case_comes_back_as_it_was_kept(store: Store) -> None:
    bare = replace(CASE, id="case:0", persons=(), order=None, vt_phase=None, vir=None, investigation_determined_on=None)
    with store.transaction() as tx:
        enrol(tx)
        tx.cases.add(bare)
        tx.cases.add(CASE)
    with store.transaction() as tx:
        assert tx.cases.get(CASE.id, reader=WORKER) == CASE
        assert tx.cases.all_of(reader=WORKER) == (CASE, bare)


def test_case_is_seen_by_assigned_staff_of_its_organisation_only(store: Store) -> None:
    moved = replace(WORKER, organisation=TEACHER.organisation)
    with store.transaction() as tx:
        enrol(tx)
        tx.cases.add(CASE)
    with store.transaction() as tx:
        for reader in (COLLEAGUE, DOCTOR, TEACHER, moved):
            assert tx.cases.all_of(reader=reader) == ()
            with pytest.raises(NotFoundError):
                tx.cases.get(CASE.id, reader=reader)


def test_unknown_case_is_not_found(store: Store) -> None:
    with store.transaction() as tx:
        enrol(tx)
        with pytest.raises(NotFoundError):
            tx.cases.get("case:none", reader=WORKER)
        with pytest.raises(NotFoundError):
            tx.cases.save(CASE)


def test_case_is_added_once(store: Store) -> None:
    with store.transaction() as tx:
        enrol(tx)
        tx.cases.add(CASE)
    with pytest.raises(ConflictError), store.transaction() as tx:
        tx.cases.add(CASE)


def test_saved_case_has_its_new_facts_persons_and_staff(store: Store) -> None:
    father = Person(id="person:father", ref="father", relation="parent", name="Vader", birth_on=date(1990, 1, 1))
    changed = replace(
        CASE,
        vt_phase="advies",
        order=None,
        staff=frozenset({WORKER.staff.id, COLLEAGUE.staff.id}),
        persons=(replace(CHILD, name="Nieuwe Naam", source_protected=True), father),
    )
    with store.transaction() as tx:
        enrol(tx)
        tx.cases.add(CASE)
    with store.transaction() as tx:
        tx.cases.save(changed)
    with store.transaction() as tx:
        assert tx.cases.get(CASE.id, reader=COLLEAGUE) == changed


def test_what_a_transaction_read_of_a_case_is_read_anew_once_it_changed_it(store: Store) -> None:
    with store.transaction() as tx:
        enrol(tx)
        tx.cases.add(CASE)
    with store.transaction() as tx:
        read = tx.cases.get(CASE.id, reader=WORKER)
        assert tx.cases.on_record(CASE.id) is read
        with pytest.raises(NotFoundError):
            tx.cases.get(CASE.id, reader=DOCTOR)
        tx.cases.save(replace(CASE, vt_phase="advies"))
        assert tx.cases.on_record(CASE.id).vt_phase == "advies"
        tx.encryption.destroy(CHILD.id)
        assert CHILD.name not in {person.name for person in tx.cases.on_record(CASE.id).persons}


def test_case_behind_a_request_is_seen_from_both_sides(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx)
    with store.transaction() as tx:
        for reader in (WORKER, DOCTOR, PARTNER):
            assert tx.cases.of_request(REQUEST.id, reader=reader) == CASE
        for reader in (COLLEAGUE, TEACHER):
            with pytest.raises(NotFoundError):
                tx.cases.of_request(REQUEST.id, reader=reader)


def test_case_behind_an_undelivered_request_is_not_there_for_the_responder(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx, replace(REQUEST, state=State.REFUSED))
    with pytest.raises(NotFoundError), store.transaction() as tx:
        tx.cases.of_request(REQUEST.id, reader=DOCTOR)


def test_forgotten_person_stays_forgotten_and_the_others_stay(store: Store) -> None:
    with store.transaction() as tx:
        enrol(tx)
        tx.cases.add(CASE)
    with store.transaction() as tx:
        tx.encryption.destroy(CHILD.id)
        tx.encryption.destroy(CASE.id)
    forgotten = replace(CASE, reference="", persons=(replace(CHILD, name="", birth_on=None), MOTHER))
    with store.transaction() as tx:
        assert tx.cases.get(CASE.id, reader=WORKER) == forgotten
        tx.cases.save(replace(forgotten, vt_phase="advies", persons=(CHILD, MOTHER)))
    with store.transaction() as tx:
        assert tx.cases.get(CASE.id, reader=WORKER) == replace(forgotten, vt_phase="advies")


def test_reader_is_judged_by_his_present_organisation(store: Store) -> None:
    with store.transaction() as tx:
        enrol(tx)
        tx.cases.add(CASE)
        assert tx.cases.get(CASE.id, reader=replace(WORKER, organisation=VT)) == CASE

"""Requests and what the professional adds: who sees which, and whose words stay with whom."""

from __future__ import annotations

from dataclasses import replace

import pytest
from family import (
    CASE,
    COLLEAGUE,
    DOCTOR,
    GP,
    NOW,
    PARTNER,
    REQUEST,
    STEP,
    TEACHER,
    VT,
    WEIGHING,
    WORKER,
    ask,
)

from broker.domain.consent import StepException
from broker.domain.directory import Actor
from broker.domain.request import Concern, Declination, InformationRequest, State
from broker.domain.weighing import StepRecord
from broker.kernel.errors import ConflictError, NotFoundError
from broker.store.base import Store


def readers_of(store: Store, request: InformationRequest = REQUEST) -> set[str]:
    """Return the names of those who see the request."""
    seen = set()
    with store.transaction() as tx:
        for reader in (WORKER, COLLEAGUE, DOCTOR, PARTNER, TEACHER):
            try:
                tx.requests.get(request.id, reader=reader)
            except NotFoundError:
                continue
            seen.add(reader.staff.id.removeprefix("staff:"))
    return seen


def test_request_comes_back_as_it_was_kept(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx)
    with store.transaction() as tx:
        assert tx.requests.get(REQUEST.id, reader=WORKER) == REQUEST
        assert tx.requests.get(REQUEST.id, reader=DOCTOR) == REQUEST


@pytest.mark.parametrize(
    ("state", "taken_by", "seen"),
    [
        (State.ASKED, None, {"worker"}),
        (State.REFUSED, None, {"worker"}),
        (State.REFERRED, None, {"worker"}),
        (State.DELIVERED, None, {"worker", "doctor", "partner"}),
        (State.WEIGHING, DOCTOR, {"worker", "doctor"}),
        (State.RELEASED, DOCTOR, {"worker", "doctor"}),
        (State.DECLINED, PARTNER, {"worker", "partner"}),
    ],
)
def test_request_is_seen_by_its_side_and_its_state(
    store: Store, state: State, taken_by: Actor | None, seen: set[str]
) -> None:
    request = replace(REQUEST, state=state, taken_by=taken_by.staff.id if taken_by else None)
    with store.transaction() as tx:
        ask(tx, request)

    assert readers_of(store) == seen
    with store.transaction() as tx:
        for reader in (WORKER, COLLEAGUE, DOCTOR, PARTNER, TEACHER):
            mine = {item.id for item in (*tx.requests.asked_by(reader=reader), *tx.requests.inbox(reader=reader))}
            assert bool(mine) == (reader.staff.id.removeprefix("staff:") in seen)


def test_worklist_and_inbox_are_newest_first_and_apart(store: Store) -> None:
    newer = replace(REQUEST, id="request:2")
    with store.transaction() as tx:
        ask(tx)
        tx.requests.add(newer)
    with store.transaction() as tx:
        assert tx.requests.asked_by(reader=WORKER) == (newer, REQUEST)
        assert tx.requests.inbox(reader=DOCTOR) == (newer, REQUEST)
        assert tx.requests.inbox(reader=WORKER) == ()
        assert tx.requests.asked_by(reader=DOCTOR) == ()


def test_saved_request_has_its_new_state(store: Store) -> None:
    taken = REQUEST.taken(DOCTOR.staff.id)
    with store.transaction() as tx:
        ask(tx)
        tx.requests.save(taken)
    with store.transaction() as tx:
        assert tx.requests.get(REQUEST.id, reader=DOCTOR) == taken


@pytest.mark.parametrize("version", [0, 1, 3])
def test_save_refuses_a_version_that_does_not_follow(store: Store, version: int) -> None:
    with store.transaction() as tx:
        ask(tx)
        with pytest.raises(ConflictError) as caught:
            tx.requests.save(replace(REQUEST, version=version, state=State.WEIGHING))
        assert tx.requests.get(REQUEST.id, reader=WORKER) == REQUEST
    assert caught.value.code == "request.stale"


def test_unknown_request_is_not_found(store: Store) -> None:
    with pytest.raises(NotFoundError), store.transaction() as tx:
        tx.requests.get("request:none", reader=WORKER)


def test_destroyed_words_read_as_empty(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx)
        tx.requests.put_step(REQUEST.id, STEP)
        tx.requests.put_weighing(REQUEST.id, WEIGHING)
    with store.transaction() as tx:
        tx.encryption.destroy(REQUEST.id)
    with store.transaction() as tx:
        tx.requests.put_step(REQUEST.id, replace(STEP, step="ST-05"))
        found = tx.requests.get(REQUEST.id, reader=DOCTOR)
        assert found.concern == Concern()
        assert [question.text for question in found.questions] == ["", ""]
        assert [step.record.note for step in tx.requests.steps(REQUEST.id, reader=DOCTOR)] == ["", ""]
        assert tx.requests.find_weighing(REQUEST.id, reader=DOCTOR) == replace(WEIGHING, reasons="")


def test_steps_come_in_their_order_and_are_replaced(store: Store) -> None:
    first, again = (
        replace(STEP, step="ST-01", record=StepRecord()),
        replace(STEP, record=StepRecord(note="toch anders"), complete=False),
    )
    with store.transaction() as tx:
        ask(tx)
        tx.requests.put_step(REQUEST.id, STEP)
        tx.requests.put_step(REQUEST.id, first)
        tx.requests.put_step(REQUEST.id, again)
    with store.transaction() as tx:
        assert tx.requests.steps(REQUEST.id, reader=DOCTOR) == (first, again)


def test_steps_and_weighing_are_for_who_answers(store: Store) -> None:
    taken = REQUEST.taken(DOCTOR.staff.id)
    with store.transaction() as tx:
        ask(tx)
        assert tx.requests.find_weighing(REQUEST.id, reader=DOCTOR) is None
        tx.requests.put_step(REQUEST.id, STEP)
        tx.requests.put_weighing(REQUEST.id, replace(WEIGHING, reasons="eerst"))
        tx.requests.put_weighing(REQUEST.id, WEIGHING)
        tx.requests.save(taken)
    for state in (None, State.DECLINED):
        with store.transaction() as tx:
            if state is not None:
                tx.requests.save(taken.to(state))
            assert tx.requests.find_weighing(REQUEST.id, reader=DOCTOR) == WEIGHING
            assert tx.requests.steps(REQUEST.id, reader=DOCTOR) == (STEP,)
            for stranger in (WORKER, COLLEAGUE, PARTNER, TEACHER):
                assert tx.requests.find_weighing(REQUEST.id, reader=stranger) is None
                assert tx.requests.steps(REQUEST.id, reader=stranger) == ()


def test_asker_reads_what_he_was_told_when_declined(store: Store) -> None:
    taken = REQUEST.taken(DOCTOR.staff.id)
    with store.transaction() as tx:
        ask(tx)
        tx.requests.save(taken)
        declined = taken.declined(Declination("nothing_known", "Vraag het de school."), NOW)
        tx.requests.save(declined)
        assert tx.requests.get(REQUEST.id, reader=WORKER) == declined
    with store.transaction() as tx:
        tx.encryption.destroy(REQUEST.id)
    with store.transaction() as tx:
        assert tx.requests.get(REQUEST.id, reader=WORKER).declination == Declination("nothing_known")


def test_exception_is_one_per_side_person_and_code(store: Store) -> None:
    one = StepException(side="answering", person="mother", code="X2", attempts=1, channels=1, days=3)
    more, other = replace(one, attempts=4), StepException(side="answering", person="child1", code="X1")
    claimed = replace(one, side="asking", days=9)
    with store.transaction() as tx:
        ask(tx)
        for exception in (one, more, other, claimed):
            tx.requests.put_exception(REQUEST.id, exception)
    with store.transaction() as tx:
        assert tx.requests.exceptions(REQUEST.id, reader=DOCTOR) == (other, more, claimed)
        assert tx.requests.exceptions(REQUEST.id, reader=WORKER) == (claimed,)
        assert tx.requests.exceptions(REQUEST.id, reader=TEACHER) == ()


def test_who_moves_to_the_other_organisation_is_on_one_side_only(store: Store) -> None:
    moved_worker = replace(WORKER, organisation=GP)
    moved_doctor = replace(DOCTOR, organisation=VT)
    with store.transaction() as tx:
        ask(tx)
        assert tx.requests.inbox(reader=DOCTOR)
        with pytest.raises(NotFoundError):
            tx.requests.get(REQUEST.id, reader=moved_worker)
        assert tx.requests.inbox(reader=moved_worker) == ()
        tx.requests.save(REQUEST.taken(DOCTOR.staff.id))
        case = tx.cases.get(CASE.id, reader=WORKER)
        tx.cases.save(replace(case, staff=case.staff | {DOCTOR.staff.id}))
        with pytest.raises(NotFoundError):
            tx.requests.get(REQUEST.id, reader=moved_doctor)
        assert tx.requests.asked_by(reader=moved_doctor) == ()


def test_request_needs_its_case(store: Store) -> None:
    with pytest.raises(ConflictError), store.transaction() as tx:
        ask(tx, replace(REQUEST, case=CASE.id + "-other"))

"""Several at once: one taker wins, no event is lost, one sequencer at a time, one state for one transaction."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from family import COLLEAGUE, CONSENT, DOCTOR, NOW, PARTNER, REQUEST, STEP, WORKER, ask, enrol, event
from waiting import wait_until

from broker.crypto.merkle import leaf_hash, root
from broker.crypto.note import VerifierKey
from broker.domain.directory import Actor, StaffKey
from broker.domain.request import State
from broker.domain.wiring import Wiring
from broker.flows.publish import publish
from broker.flows.verify import verify_log
from broker.kernel.errors import ConflictError, NotFoundError
from broker.kernel.values import legal_day
from broker.store.base import Store

WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"


def outcome(future: Future[str]) -> str:
    """Return what a thread returned, or that it came too late: the state had moved on, or the request was gone."""
    try:
        return future.result(timeout=60)
    except (ConflictError, NotFoundError):
        return "too late"


def both(work: Callable[[Actor], str], first: Actor, second: Actor) -> list[str]:
    """Do the work for two actors at the same time and return both outcomes, sorted."""
    with ThreadPoolExecutor(2) as pool:
        return sorted(outcome(future) for future in [pool.submit(work, first), pool.submit(work, second)])


def test_of_two_takers_one_wins(store: Store) -> None:
    with store.transaction() as tx:
        ask(tx)
    together = threading.Barrier(2)

    def take(actor: Actor) -> str:
        together.wait(timeout=60)
        with store.transaction() as tx:
            request = tx.requests.get(REQUEST.id, reader=actor)
            tx.requests.save(request.taken(actor.staff.id))
        return actor.staff.id

    for _ in range(5):
        results = both(take, DOCTOR, PARTNER)
        with store.transaction() as tx:
            stored = tx.requests.get(REQUEST.id, reader=WORKER)
        assert stored.version == 2
        assert results == sorted([stored.taken_by or "", "too late"])
        with store.transaction() as tx:
            tx.encryption._connection.exec_driver_sql("UPDATE requests SET state='delivered', taken_by=NULL, version=1")


@pytest.mark.postgres
def test_taker_who_read_before_the_other_committed_is_stale(
    postgres_database: str, store_on: Callable[..., Store]
) -> None:
    store = store_on(postgres_database)
    with store.transaction() as tx:
        ask(tx)
    with pytest.raises(ConflictError) as caught, store.transaction() as late:  # noqa: PT012  it fails as the transaction ends
        request = late.requests.get(REQUEST.id, reader=PARTNER)
        with store.transaction() as early:
            early.requests.save(early.requests.get(REQUEST.id, reader=DOCTOR).taken(DOCTOR.staff.id))
        assert late.requests.get(REQUEST.id, reader=PARTNER).state is State.DELIVERED  # one state for one transaction
        late.requests.save(request.taken(PARTNER.staff.id))
    assert caught.value.code == "request.stale"


@pytest.mark.postgres
def test_note_on_a_request_that_another_just_changed_is_kept(
    postgres_database: str, store_on: Callable[..., Store]
) -> None:
    store = store_on(postgres_database)
    with store.transaction() as tx:
        ask(tx)
    with store.transaction() as late:
        late.requests.get(REQUEST.id, reader=DOCTOR)
        with store.transaction() as early:
            early.requests.save(early.requests.get(REQUEST.id, reader=DOCTOR).taken(DOCTOR.staff.id))
        late.requests.put_step(REQUEST.id, STEP)
    with store.transaction() as tx:
        assert tx.requests.steps(REQUEST.id, reader=DOCTOR) == (STEP,)


@pytest.mark.postgres
def test_lost_race_is_a_conflict(postgres_database: str, store_on: Callable[..., Store]) -> None:
    store = store_on(postgres_database)
    with store.transaction() as tx:
        ask(tx)
        tx.consents.add(CONSENT)
    with pytest.raises(ConflictError) as caught, store.transaction() as late:  # noqa: PT012  the race is inside
        late.consents.get(CONSENT.id, reader=WORKER)
        with store.transaction() as early:
            early.consents.save(CONSENT.withdrawn(NOW))
        late.consents.save(CONSENT.withdrawn(NOW))
    assert caught.value.code == "store.race"


@pytest.mark.postgres
def test_who_waited_for_his_turn_reads_what_was_committed_meanwhile(
    postgres_database: str, store_on: Callable[..., Store]
) -> None:
    """What an act reads goes to the server together with its turn, and is read when the turn has come."""
    store = store_on(postgres_database)
    with store.transaction() as tx:
        ask(tx)
        tx.consents.add(CONSENT)
        worker = tx.directory.actor(WORKER.staff.id, "high", legal_day(NOW))
    assert worker is not None

    def read() -> tuple[str, str]:
        with store.acting(worker, NOW, on=("request", REQUEST.id)) as tx:
            request = tx.requests.get(REQUEST.id, reader=worker)
            return request.state, tx.facts.of(request).consents[0].status

    for _ in range(4):  # from then on it goes together
        assert read() == ("delivered", "given")
    with ThreadPoolExecutor(1) as pool:
        with store.acting(worker, NOW, on=("request", REQUEST.id)) as tx:
            waiting = pool.submit(read)
            wait_until(lambda: tx.encryption._connection.exec_driver_sql(WAITING).scalar() == 1)
            tx.requests.save(tx.requests.get(REQUEST.id, reader=DOCTOR).taken(DOCTOR.staff.id))
            tx.consents.save(CONSENT.withdrawn(NOW))
        assert waiting.result(timeout=60) == ("weighing", "withdrawn")


def test_of_two_keys_enrolled_at_once_one_waits(store: Store) -> None:
    with store.transaction() as tx:
        enrol(tx)
    together = threading.Barrier(2)

    def put(actor: Actor) -> str:
        together.wait(timeout=60)
        key = StaffKey(
            key_id=f"key:{actor.staff.id}",
            staff=WORKER.staff.id,
            public_opening=b"o",
            public_signing=b"s",
            enrolled_at=NOW,
        )
        with store.transaction() as tx:
            tx.directory.put_key(key)
        return "enrolled"

    both(put, WORKER, COLLEAGUE)
    with store.transaction() as tx:
        assert len(tx.directory.keys_of([WORKER.staff.id])) == 1


def test_log_is_dense_and_complete_while_many_append(
    store: Store, wiring: Wiring, vkeys: tuple[VerifierKey, ...]
) -> None:
    writers, each = 4, 15
    done = threading.Event()

    def write(writer: int) -> str:
        for number in range(each):
            with store.transaction() as tx:
                tx.log.append(event(f"event:{writer}:{number:03}", request=None))
        return "written"

    def sequence() -> str:
        # SQLite serves whoever asks again first: without a pause two sequencers could keep every writer waiting.
        while not done.wait(0.002):
            publish(wiring)
        return "sequenced"

    with ThreadPoolExecutor(writers + 2) as pool:
        sequencers = [pool.submit(sequence) for _ in range(2)]
        written = [pool.submit(write, writer) for writer in range(writers)]
        try:
            assert [future.result(timeout=60) for future in written] == ["written"] * writers
        finally:
            done.set()
        assert [future.result(timeout=60) for future in sequencers] == ["sequenced"] * 2
    publish(wiring)

    with store.transaction() as tx:
        recorded = tx.log.recorded(0, 1000)
        assert [item.index for item in recorded] == list(range(len(recorded)))
        written_down = {item.id for item in recorded if item.tag != "log:checkpoint:kept"}
        assert len(written_down) == writers * each
        latest = tx.log.find_latest()
        assert latest is not None
        assert (latest.size, latest.root) == (len(recorded), root(leaf_hash(item.entry) for item in recorded))
    assert verify_log(store, vkeys=vkeys).waiting == 0


@pytest.mark.postgres
def test_second_sequencer_does_not_wait(postgres_database: str, store_on: Callable[..., Store]) -> None:
    store = store_on(postgres_database)
    with store.sequencing() as first, store.sequencing() as second:
        assert first is not None
        assert second is None
    with store.sequencing() as again:
        assert again is not None


@pytest.mark.postgres
def test_sequencer_sees_what_was_committed_after_it_began(
    postgres_database: str, store_on: Callable[..., Store]
) -> None:
    store = store_on(postgres_database)
    with store.sequencing() as sequencer:
        assert sequencer is not None
        assert sequencer.log.sequence(10) == 0
        with store.transaction() as tx:
            tx.log.append(event(request=None))
        assert sequencer.log.sequence(10) == 1


@pytest.mark.postgres
def test_event_that_commits_late_gets_a_later_index_and_no_gap(
    postgres_database: str, store_on: Callable[..., Store]
) -> None:
    store = store_on(postgres_database)
    with store.transaction() as slow:
        slow.log.append(event("event:0", request=None))
        with store.transaction() as fast:
            fast.log.append(event("event:1", request=None))
        with store.sequencing() as sequencer:
            assert sequencer is not None
            assert sequencer.log.sequence(10) == 1
    with store.sequencing() as sequencer:
        assert sequencer is not None
        assert sequencer.log.sequence(10) == 1
        assert [item.id for item in sequencer.log.recorded(0, 2)] == ["event:1", "event:0"]

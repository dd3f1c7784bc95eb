"""A proof serves once, over all processes that share one PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from broker.store.replay import StoredProofs

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.fixture
def processes(url: str) -> Iterator[tuple[StoredProofs, StoredProofs]]:
    one, other = StoredProofs(url), StoredProofs(url)
    yield one, other
    one.close()
    other.close()


def test_proof_stays_used_when_a_process_begins_anew(url: str) -> None:
    proof = b"\xdd" * 32
    for expected in (True, False, False):
        process = StoredProofs(url)
        assert process.first_time(proof, NOW + timedelta(minutes=2), NOW) is expected
        process.close()


def test_proof_seen_by_one_process_is_refused_by_another(processes: tuple[StoredProofs, StoredProofs]) -> None:
    one, other = processes
    proof = b"\xff" * 32
    assert one.first_time(proof, NOW + timedelta(minutes=2), NOW)
    assert not other.first_time(proof, NOW + timedelta(minutes=2), NOW)


def test_proof_used_at_the_same_moment_by_many_serves_one(processes: tuple[StoredProofs, StoredProofs]) -> None:
    proof, taken = b"\xee" * 32, []
    callers = [
        threading.Thread(target=lambda p=p: taken.append(p.first_time(proof, NOW + timedelta(minutes=2), NOW)))
        for p in processes * 5
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert sorted(taken) == [False] * 9 + [True]


def test_proof_is_forgotten_after_its_time(processes: tuple[StoredProofs, StoredProofs]) -> None:
    one, _ = processes
    proof, later = b"\x00" * 32, NOW + timedelta(minutes=5)
    assert one.first_time(proof, NOW + timedelta(minutes=2), NOW)
    one.first_time(b"\x01" * 32, later + timedelta(minutes=2), later)  # sweeps
    assert one.first_time(proof, later + timedelta(minutes=2), later)

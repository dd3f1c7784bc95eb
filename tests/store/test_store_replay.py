"""A proof serves once, over all processes that share one PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from broker.store.engine import open_engine
from broker.store.replay import StoredProofs

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
pytestmark = pytest.mark.postgres


@pytest.fixture
def processes(postgres_database: str) -> Iterator[tuple[StoredProofs, StoredProofs]]:
    engines = open_engine(postgres_database), open_engine(postgres_database)
    yield StoredProofs(engines[0]), StoredProofs(engines[1])
    for engine in engines:
        engine.dispose()


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

"""A PostgreSQL server that dies: what was acknowledged is there when it is back, and so is each proof used before it.

A proof is the one thing that does not wait for the disk (`store/replay.py`): the last ones before a crash may be lost.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from family import NOW, event
from sqlalchemy import Engine, text
from waiting import wait_until

from broker.bench.postgres import private_postgres
from broker.kernel.errors import StoreUnavailable
from broker.keyring import Keyring
from broker.store.base import Store
from broker.store.engine import errors_named
from broker.store.migrations import migrate
from broker.store.replay import StoredProofs

pytestmark = pytest.mark.postgres

UNTIL = NOW + timedelta(minutes=2)


def told(engine: Engine, statement: str) -> object:
    """Return the one value that a statement tells."""
    with errors_named(), engine.connect() as connection:
        return connection.execute(text(statement)).scalar_one()


def crash(engine: Engine) -> None:
    """Kill a process of the server: the others lose their memory with it, and it recovers from what is on disk."""
    process = int(str(told(engine, "SELECT pg_backend_pid()")))
    started = told(engine, "SELECT pg_postmaster_start_time()")
    os.kill(process, signal.SIGKILL)

    def is_back() -> bool:
        try:
            return told(engine, "SELECT pg_is_in_recovery()") is False
        except StoreUnavailable:
            return False

    wait_until(is_back)
    assert told(engine, "SELECT pg_postmaster_start_time()") == started


@pytest.fixture
def server_of_its_own(postgres_programs: Path) -> Iterator[str]:
    """Yield the URL of a database on a server that only this test may kill."""
    with private_postgres(postgres_programs) as server:
        url = server.create("broker")
        migrate(url)
        yield url


def test_server_that_dies_loses_nothing_that_was_acknowledged(server_of_its_own: str, keys: Keyring) -> None:
    with closing(Store(server_of_its_own, keys)) as store, closing(StoredProofs(server_of_its_own)) as proofs:
        for number in range(5):
            used, kept = bytes([number]) * 32, event(f"event:{number:02}", request=None)
            assert proofs.first_time(used, UNTIL, NOW)
            with store.transaction() as tx:
                tx.log.append(kept)
            crash(store._engine)
            with store.reading() as tx:
                assert tx.log.get(kept.id).detail == kept.detail
            assert not proofs.first_time(used, UNTIL, NOW)


def test_only_proofs_do_not_wait_for_the_disk(postgres_database: str, keys: Keyring) -> None:
    with closing(Store(postgres_database, keys)) as store, closing(StoredProofs(postgres_database)) as proofs:
        assert told(store._engine, "SHOW synchronous_commit") == "on"
        assert told(proofs._engine, "SHOW synchronous_commit") == "off"

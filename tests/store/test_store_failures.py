"""Failing databases: full, read-only, locked, gone. Each is StoreUnavailable, and nothing was changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from family import CASE, NOW, VT, enrol, event, organisation
from sqlalchemy import Engine, make_url

from broker.kernel.errors import BrokerError, ConflictError, InputError, StoreUnavailable
from broker.keyring import Keyring
from broker.store import engine as engine_module
from broker.store.base import Store, Transaction


@pytest.fixture
def sqlite_store(sqlite_database: str, store_on: Callable[[str], Store]) -> Store:
    """Return a store on SQLite."""
    return store_on(sqlite_database)


@pytest.fixture
def postgres_store(postgres_database: str, store_on: Callable[[str], Store]) -> Store:
    """Return a store on PostgreSQL."""
    return store_on(postgres_database)


def names(store: Store) -> list[str]:
    """Return the names of the organisations on record."""
    with store.transaction() as tx:
        return [one.name for one in tx.directory.organisations()]


def test_exception_in_the_block_rolls_back(store: Store) -> None:
    with pytest.raises(InputError, match="stop"), store.transaction() as tx:  # noqa: PT012  it fails as the transaction ends
        enrol(tx)
        raise InputError("stop")
    assert names(store) == []


def test_full_disk_changes_nothing(sqlite_store: Store) -> None:
    with sqlite_store.transaction() as tx:
        tx.directory.put_organisation(VT)
    with pytest.raises(StoreUnavailable), sqlite_store.transaction() as tx:  # noqa: PT012  it fails as the transaction ends
        # SQLite answers SQLITE_FULL, as on a full disk, when the file may not grow.
        pages = tx.encryption._connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        tx.encryption._connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        tx.directory.put_organisation(organisation("other", "school"))
        for number in range(1000):
            tx.log.append(event(f"event:{number}", request=None, detail={"words": "x" * 500}))
    sqlite_store.close()
    assert names(sqlite_store) == ["vt"]


def test_read_only_file_is_unavailable_for_writing(sqlite_store: Store) -> None:
    with pytest.raises(StoreUnavailable), sqlite_store.transaction() as tx:  # noqa: PT012  it fails as the transaction ends
        tx.encryption._connection.exec_driver_sql("PRAGMA query_only = ON")
        tx.directory.put_organisation(VT)


def test_connections_that_do_not_come_free_are_unavailable(
    sqlite_database: str, store_on: Callable[[str], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "WAIT_SECONDS", 0)
    store = store_on(sqlite_database)
    with ExitStack() as held, pytest.raises(StoreUnavailable, match="came free"):  # noqa: PT012  which one is the last is the pool's
        for _ in range(100):
            held.enter_context(store.evidence())


def test_lock_that_does_not_come_free_is_unavailable(sqlite_database: str, keys: Keyring) -> None:
    store = Store(sqlite_database, keys)
    other = sqlite3.connect(Path(make_url(sqlite_database).database or ""), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    store.close()  # new connections take the shorter wait
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(engine_module, "WAIT_SECONDS", 0)
        with pytest.raises(StoreUnavailable), store.transaction() as tx:
            tx.directory.put_organisation(VT)
    other.execute("ROLLBACK")
    other.close()
    assert names(store) == []
    store.close()


def end_session(store_transaction: Transaction, server: Engine) -> None:
    """End the server's side of this transaction's connection, as a restart would."""
    session = store_transaction.encryption._connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with server.connect() as admin:
        admin.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (session,))


@pytest.mark.postgres
def test_connection_lost_in_the_middle_is_unavailable(postgres_store: Store, server: Engine) -> None:
    with pytest.raises(StoreUnavailable), postgres_store.transaction() as tx:  # noqa: PT012  it fails as the transaction ends
        enrol(tx)
        end_session(tx, server)
        tx.cases.add(CASE)
    assert names(postgres_store) == []


@pytest.mark.postgres
def test_connection_lost_before_the_commit_is_unavailable(postgres_store: Store, server: Engine) -> None:
    with pytest.raises(StoreUnavailable), postgres_store.transaction() as tx:  # noqa: PT012  it fails as the transaction ends
        enrol(tx)
        end_session(tx, server)
    assert names(postgres_store) == []


@pytest.mark.postgres
def test_no_call_fails_after_the_server_closed_an_idle_connection(postgres_store: Store, server: Engine) -> None:
    with postgres_store.transaction() as tx:
        session = tx.encryption._connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with server.connect() as admin:
        admin.exec_driver_sql("SELECT pg_terminate_backend(%s, 5000)", (session,))
    assert names(postgres_store) == []


@pytest.mark.postgres
def test_read_only_database_is_unavailable_for_writing(postgres_store: Store) -> None:
    with pytest.raises(StoreUnavailable), postgres_store.transaction() as tx:  # noqa: PT012  it fails as the transaction ends
        tx.encryption._connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        tx.directory.put_organisation(VT)


@pytest.mark.postgres
def test_value_the_database_cannot_hold_is_an_input_error(postgres_store: Store) -> None:
    with pytest.raises(InputError), postgres_store.transaction() as tx:
        tx.directory.put_organisation(organisation("nul\x00", "school"))


def test_error_does_not_repeat_a_value(store: Store) -> None:
    with pytest.raises(ConflictError) as caught, store.transaction() as tx:  # noqa: PT012  it fails as the transaction ends
        enrol(tx)
        tx.log.append(event("event:geheim", request=None))
        tx.log.append(event("event:geheim", request=None))
    assert everything_said(caught.value).count("geheim") == 0


def test_snapshot_for_verifying_stays_as_it_was_and_holds_up_no_writer(store: Store) -> None:
    with store.transaction() as tx:
        enrol(tx)
    with store.evidence() as evidence:
        before = list(evidence.events())
        with store.transaction() as tx:
            tx.log.append(event(request=None, at=NOW))
        assert list(evidence.events()) == before
    for number in range(3):  # a connection that was read-only comes back to the pool for writing
        with store.transaction() as tx:
            tx.log.append(event(f"event:{number}", request=None))


def everything_said(error: BrokerError) -> str:
    """Return the texts of an exception and of all that it was raised from and shows."""
    said = ""
    seen: BaseException | None = error
    while seen is not None:
        said += f"{seen} {seen!r}"
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return said


def test_nothing_can_be_written_in_a_transaction_that_reads(store: Store) -> None:
    with pytest.raises(StoreUnavailable), store.reading() as tx:
        tx.directory.put_organisation(VT)
    assert names(store) == []
    with store.transaction() as tx:
        tx.directory.put_organisation(VT)
    assert names(store) == [VT.name]

"""Encryption at rest: nothing readable in the raw database, nothing movable, nothing left after a key is destroyed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from family import CASE, CHILD, MOTHER, REQUEST, STEP, WORDS, WORKER, answer
from sqlalchemy import make_url

from broker.kernel.errors import KeyUnavailable, SealError
from broker.keyring import Keyring
from broker.store.base import Store
from broker.store.encryption import Encryption

Tamper = Callable[..., list[tuple[Any, ...]]]


def raw_bytes(url: str) -> bytes:
    """Return everything that the database keeps: SQLite's files, or PostgreSQL's tables as text and as bytes."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        assert parsed.database is not None
        file = Path(parsed.database)
        return b"".join(each.read_bytes() for each in file.parent.glob(f"{file.name}*"))
    import psycopg

    found = []
    with psycopg.connect(parsed.set(drivername="postgresql").render_as_string(hide_password=False)) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for form in ("text", "binary"):
                with connection.cursor().copy(f'COPY "{table}" TO STDOUT (FORMAT {form})'.encode()) as copy:
                    found += [bytes(part) for part in copy]
    return b"".join(found)


def test_no_word_lies_readable_in_the_database(store: Store, url: str) -> None:
    with store.transaction() as tx:
        answer(tx)

    kept = raw_bytes(url)

    assert REQUEST.id.encode() in kept
    assert STEP.step.encode() in kept
    for word in WORDS:
        for form in (word.encode(), word.encode().hex().encode(), word.encode("utf-16-le")):
            assert form not in kept


MOVES = [  # what was moved where, and whether it is read with the case or with the request
    ("UPDATE persons SET name = (SELECT name FROM persons WHERE id = 'person:mother') WHERE id = 'person:child'", True),
    ("UPDATE persons SET birth_on = name WHERE id = 'person:child'", True),
    ("UPDATE requests SET concern = texts", False),
    ("UPDATE requests SET texts = (SELECT note FROM steps)", False),
    ("UPDATE cases SET reference = (SELECT name FROM persons WHERE id = 'person:child')", True),
    ("UPDATE data_keys SET wrapped = (SELECT wrapped FROM data_keys WHERE subject = 'case:1')", True),
    ("UPDATE persons SET name = :bytes WHERE id = 'person:child'", True),
]


@pytest.mark.parametrize(("move", "of_case"), MOVES)
def test_moved_or_changed_ciphertext_does_not_open(store: Store, tamper: Tamper, move: str, of_case: bool) -> None:
    with store.transaction() as tx:
        answer(tx)
    tamper(move, **({"bytes": b"\x01" + bytes(60)} if ":bytes" in move else {}))
    with store.transaction() as tx, pytest.raises(SealError):
        tx.cases.get(CASE.id, reader=WORKER) if of_case else tx.requests.get(REQUEST.id, reader=WORKER)


def test_moved_detail_does_not_open(store: Store, tamper: Tamper) -> None:
    with store.transaction() as tx:
        answer(tx)
    tamper("UPDATE event_details SET encrypted = (SELECT encrypted FROM event_details WHERE event = 'event:release')")
    with store.transaction() as tx, pytest.raises(SealError):
        tx.log.of_request(REQUEST.id, reader=WORKER)


def test_destroyed_data_key_leaves_no_way_back(store: Store, tamper: Tamper) -> None:
    with store.transaction() as tx:
        answer(tx)
        tx.encryption.destroy(CHILD.id)
    assert tamper("SELECT subject FROM data_keys WHERE subject = :subject", subject=CHILD.id) == []
    assert len(tamper("SELECT name FROM persons WHERE id = :id AND name IS NOT NULL", id=CHILD.id)) == 1
    with store.transaction() as tx:
        child, mother = tx.cases.get(CASE.id, reader=WORKER).persons
        assert (child.name, child.birth_on) == ("", None)
        assert mother == MOTHER


def test_destroying_a_request_takes_the_details_of_its_events_along(store: Store) -> None:
    with store.transaction() as tx:
        answer(tx)
        tx.encryption.destroy(REQUEST.id)
    with store.transaction() as tx:
        assert [item.detail for item in tx.log.of_request(REQUEST.id, reader=WORKER)] == [None, None]


def test_other_storage_key_opens_nothing(store: Store, url: str, stranger: Keyring) -> None:
    with store.transaction() as tx:
        answer(tx)
    other = Store(url, stranger)
    with pytest.raises((SealError, KeyUnavailable)), other.transaction() as tx:
        tx.cases.get(CASE.id, reader=WORKER)
    other.close()


def test_sqlite_overwrites_what_is_deleted(sqlite_database: str, keys: Keyring) -> None:
    store = Store(sqlite_database, keys)
    with store.transaction() as tx:
        answer(tx)
        wrapped = next(iter(tx.encryption._connection.exec_driver_sql("SELECT wrapped FROM data_keys")))[0]
        tx.encryption._connection.exec_driver_sql("DELETE FROM data_keys")
    store.close()  # the last connection moves the write-ahead log into the file
    assert wrapped not in raw_bytes(sqlite_database)


def test_repr_says_no_secret(keys: Keyring, store: Store) -> None:
    with store.transaction() as tx:
        answer(tx)
        assert repr(tx.encryption) == "<Encryption of 5 subjects>"
        assert isinstance(tx.encryption, Encryption)
    assert "broker.db" not in repr(store)


@pytest.mark.postgres
def test_no_word_lies_readable_in_a_dump(postgres_database: str, keys: Keyring) -> None:
    store = Store(postgres_database, keys)
    with store.transaction() as tx:
        answer(tx)
    store.close()
    url = make_url(postgres_database).set(drivername="postgresql").render_as_string(hide_password=False)
    dump = subprocess.run(["pg_dump", url], capture_output=True, check=True).stdout
    assert REQUEST.id.encode() in dump
    for word in WORDS:
        assert word.encode() not in dump
        assert word.encode().hex().encode() not in dump

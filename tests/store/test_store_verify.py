"""Verifying: a log that adds up is reported in numbers, and every way of tampering with it is found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from family import answer, decided, event

from broker.crypto.checkpoint import Checkpoint, format_checkpoint
from broker.crypto.merkle import leaf_hash, root
from broker.crypto.note import VerifierKey, format_note, sign_note
from broker.domain.wiring import Wiring
from broker.flows.publish import publish
from broker.flows.verify import Report, verify_log
from broker.kernel.errors import IntegrityError, LogForkError, ProofError, SealError, SignatureError
from broker.keyring import Keyring
from broker.store.base import Store

Tamper = Callable[..., list[tuple[Any, ...]]]
Vkeys = tuple[VerifierKey, ...]


@pytest.fixture
def log(store: Store, wiring: Wiring) -> Store:
    """Return a store with an answered request, eight events and checkpoints of sizes 3 and 8."""
    with store.transaction() as tx:
        answer(tx)
    publish(wiring)
    with store.transaction() as tx:
        for number in range(4):
            tx.log.append(event(f"event:later:{number}"))
    publish(wiring)
    return store


def note_of(keys: Keyring, *, size: int, root_: bytes, origin: str | None = None) -> str:
    """Return a checkpoint signed by the log key of these keys."""
    signer = keys.log_signer()
    text = format_checkpoint(Checkpoint(origin or signer.name, size, root_))
    return format_note(sign_note(text, name=signer.name, public=signer.public, sign=signer.sign))


def test_log_that_adds_up_is_reported(log: Store, vkeys: Vkeys) -> None:
    with log.transaction() as tx:
        tx.log.destroy_detail("event:asked")
        tx.log.append(event("event:waiting"))
    report = verify_log(log, vkeys=vkeys)
    assert report == Report(
        events=8,
        waiting=1,
        checkpoints=2,
        details_kept=7,
        details_destroyed=1,
        decisions=1,
        releases=1,
        rows=report.rows,
    )
    assert report.rows > report.events


def test_empty_log_adds_up(store: Store, vkeys: Vkeys) -> None:
    assert verify_log(store, vkeys=vkeys).events == 0


def test_deleted_checkpoint_is_missed(log: Store, vkeys: Vkeys, tamper: Tamper) -> None:
    tamper("DELETE FROM checkpoints WHERE size = 3")
    with pytest.raises(IntegrityError, match="checkpoints 3: it was taken away"):
        verify_log(log, vkeys=vkeys)
    tamper("DELETE FROM checkpoints")
    with pytest.raises(LogForkError, match="it was taken away"):
        verify_log(log, vkeys=vkeys)


def test_destroyed_request_leaves_a_log_that_adds_up(log: Store, vkeys: Vkeys) -> None:
    with log.transaction() as tx:
        tx.encryption.destroy("request:1")
    report = verify_log(log, vkeys=vkeys)
    assert (report.details_destroyed, report.decisions) == (6, 1)


_CHANGES: dict[str, tuple[str, type[IntegrityError], str]] = {
    "changed entry": ("UPDATE events SET entry = :entry WHERE log_index = 4", ProofError, "index 4"),
    "entry of another event": (
        "UPDATE events SET entry = (SELECT entry FROM events WHERE log_index = 5) WHERE log_index = 4",
        IntegrityError,
        "index 4",
    ),
    "unreadable entry": ("UPDATE events SET entry = :bytes WHERE log_index = 6", IntegrityError, "index 6"),
    "changed column": ("UPDATE events SET tag = 'case:file:changed' WHERE log_index = 5", IntegrityError, "index 5"),
    "changed decision": ("UPDATE events SET decision = 'sha256:0' WHERE log_index = 0", IntegrityError, "index 0"),
    "deleted entry": ("DELETE FROM events WHERE log_index = 5", IntegrityError, "index 5"),
    "deleted last entry": ("DELETE FROM events WHERE log_index = 7", LogForkError, "size 8"),
    "entry put back in the queue": (
        "UPDATE events SET log_index = NULL, waiting = 1 WHERE log_index = 7",
        LogForkError,
        "size 8",
    ),
    "gap": ("UPDATE events SET log_index = 9 WHERE log_index = 7", IntegrityError, "index 7"),
    "changed detail": ("UPDATE event_details SET encrypted = :bytes WHERE event = 'event:later:2'", SealError, "index"),
    "detail of another event": (
        "UPDATE event_details SET encrypted = (SELECT encrypted FROM event_details WHERE event = 'event:asked')",
        SealError,
        "index",
    ),
    "changed leaf": ("UPDATE log_nodes SET hash = :hash WHERE level = 0 AND position = 3", ProofError, "index 3"),
    "deleted leaf": ("DELETE FROM log_nodes WHERE level = 0 AND position = 3", ProofError, "index 3"),
    "checkpoint by another key": ("UPDATE checkpoints SET note = :stranger WHERE size = 8", SignatureError, "size 8"),
    "checkpoint for another log": ("UPDATE checkpoints SET note = :elsewhere WHERE size = 8", SignatureError, "size 8"),
    "unreadable checkpoint": ("UPDATE checkpoints SET note = 'note' WHERE size = 3", IntegrityError, "size 3"),
    "changed root": ("UPDATE checkpoints SET root = :hash WHERE size = 3", IntegrityError, "size 3"),
    "note of another size": (
        "UPDATE checkpoints SET note = (SELECT note FROM checkpoints WHERE size = 8) WHERE size = 3",
        IntegrityError,
        "size 3",
    ),
    "forked checkpoint": ("UPDATE checkpoints SET note = :fork, root = :hash WHERE size = 8", LogForkError, "size 8"),
    "checkpoint from the future": (
        "INSERT INTO checkpoints (size, root, note) SELECT 9, :hash, :future FROM checkpoints WHERE size = 8",
        LogForkError,
        "size 9",
    ),
    "changed document": (
        "UPDATE decisions SET encrypted = :bytes",
        IntegrityError,
        "decisions decision:1: it was changed",
    ),
    "document taken out": (
        "UPDATE decisions SET encrypted = NULL",
        IntegrityError,
        "decisions decision:1: it was changed",
    ),
    "document of another": (
        "UPDATE decisions SET subject = 'case:1'",
        IntegrityError,
        "decisions decision:1: it was changed",
    ),
    "data key of another storage key": (
        "UPDATE data_keys SET wrapped = :unknown WHERE subject = 'request:1'",
        IntegrityError,
        "data_keys request:1: it was changed",
    ),
    "changed digest": (
        "UPDATE decisions SET digest = 'sha256:0'",
        IntegrityError,
        "decisions decision:1: it was changed",
    ),
    "release of another event": (
        "UPDATE releases SET event = 'event:asked'",
        IntegrityError,
        "releases release:1: it was changed",
    ),
    "release without event": (
        "UPDATE releases SET event = 'event:none'",
        IntegrityError,
        "releases release:1: it was changed",
    ),
}


@pytest.mark.parametrize("change", _CHANGES)
def test_tampering_is_found(
    log: Store, vkeys: Vkeys, tamper: Tamper, keys: Keyring, stranger: Keyring, change: str
) -> None:
    sql, error, names = _CHANGES[change]
    ((entry, root_),) = tamper(
        "SELECT (SELECT entry FROM events WHERE log_index = 4), (SELECT root FROM checkpoints WHERE size = 8)"
    )
    values = {
        "entry": bytes(entry).replace(b'"outcome":null', b'"outcome":"permit"'),
        "bytes": b"{",
        "unknown": b"storage-9\x00" + b"w" * 60,
        "hash": b"h" * 32,
        "stranger": note_of(stranger, size=8, root_=bytes(root_)),
        "elsewhere": note_of(keys, size=8, root_=bytes(root_), origin="other.example/log"),
        "fork": note_of(keys, size=8, root_=b"h" * 32),
        "future": note_of(keys, size=9, root_=b"h" * 32),
    }
    if "DELETE FROM events" in sql:
        tamper("DELETE FROM event_details")
    tamper(sql, **{name: value for name, value in values.items() if f":{name}" in sql})
    with pytest.raises(error, match=names):
        verify_log(log, vkeys=vkeys)


def test_swapped_entries_are_found(log: Store, vkeys: Vkeys, tamper: Tamper) -> None:
    for old, new in ((4, 99), (5, 4), (99, 5)):
        tamper("UPDATE events SET log_index = :new WHERE log_index = :old", old=old, new=new)
    with pytest.raises(ProofError, match="index 4"):
        verify_log(log, vkeys=vkeys)


def test_entry_changed_together_with_its_tree_is_found(log: Store, vkeys: Vkeys, tamper: Tamper) -> None:
    entries = [bytes(row[0]) for row in tamper("SELECT entry FROM events ORDER BY log_index")]
    changed = entries[4].replace(b'"outcome":null', b'"outcome":"permit"')
    tamper("UPDATE events SET entry = :entry WHERE log_index = 4", entry=changed)
    tamper("UPDATE log_nodes SET hash = :hash WHERE level = 0 AND position = 4", hash=leaf_hash(changed))
    assert root(map(leaf_hash, entries)) != root(map(leaf_hash, [*entries[:4], changed, *entries[5:]]))
    with pytest.raises(LogForkError, match="size 8"):
        verify_log(log, vkeys=vkeys)


def test_detail_sealed_anew_is_not_what_was_committed_to(log: Store, vkeys: Vkeys, tamper: Tamper) -> None:
    other = '{"detail":{"words":"anders"},"salt":"' + "00" * 32 + '"}'
    with log.transaction() as tx:
        tx.encryption.find(["request:1"])
        place = {"table": "event_details", "column": "sealed", "row": "event:later:1"}
        encrypted = tx.encryption.encrypt(other, subject="request:1", **place)
    tamper("UPDATE event_details SET encrypted = :encrypted WHERE event = 'event:later:1'", encrypted=encrypted)
    with pytest.raises(IntegrityError, match="committed"):
        verify_log(log, vkeys=vkeys)


def test_decision_without_event_of_its_own_is_found(log: Store, vkeys: Vkeys) -> None:
    with log.transaction() as tx:
        tx.decisions.add(decided("decision:2"))
    with pytest.raises(IntegrityError, match="decision 2"):
        verify_log(log, vkeys=vkeys)


def test_rows_that_no_act_accounts_for_are_taken_up_by_an_event_of_their_own(log: Store, vkeys: Vkeys) -> None:
    with log.transaction() as tx:
        tx.encryption.destroy("request:1")
    with log.evidence() as evidence:
        *_, last = evidence.events()
    assert last.tag == "log:rows:adopted"
    assert verify_log(log, vkeys=vkeys).waiting == 1


def test_log_signed_by_nobody_trusted_is_refused(log: Store) -> None:
    with pytest.raises(SignatureError):
        verify_log(log, vkeys=[])

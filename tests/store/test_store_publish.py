"""Publishing: signed, verifiable with public tools, never smaller, never another history; remembered outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import groupby
from typing import Any

import pytest
from family import event

from broker.bench.replay import Spoken, recorded
from broker.crypto.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from broker.crypto.merkle import verify_consistency
from broker.crypto.note import VerifierKey, format_note, parse_note, sign_note, verify_note
from broker.domain.wiring import Wiring
from broker.flows.publish import BATCH, consistency, newest_checkpoint, publish
from broker.flows.verify import verify_log
from broker.kernel.errors import (
    InputError,
    IntegrityError,
    KeyUnavailable,
    LogForkError,
    NotFoundError,
    ParseError,
    SignatureError,
)
from broker.keyring import Keyring
from broker.store.base import Store

Tamper = Callable[..., list[tuple[Any, ...]]]


def append(store: Store, number: int) -> None:
    """Append some events."""
    with store.transaction() as tx:
        for _ in range(number):
            tx.log.append(event(request=None))


def test_checkpoint_is_a_note_signed_by_the_log(store: Store, wiring: Wiring, vkeys: tuple[VerifierKey, ...]) -> None:
    append(store, 3)
    published = publish(wiring)
    assert published is not None
    note = parse_note(published.note)
    assert verify_note(note, vkeys) == ("broker.example/log",)
    checkpoint = parse_checkpoint(note.text)
    assert (checkpoint.origin, checkpoint.size, checkpoint.root) == ("broker.example/log", 3, published.root)
    with store.transaction() as tx:
        assert tx.log.find_latest() == published
        assert tx.log.root() == published.root


def test_nothing_new_is_not_published(store: Store, wiring: Wiring) -> None:
    assert publish(wiring) is None
    append(store, 1)
    assert publish(wiring) is not None
    assert publish(wiring) is None


def test_more_than_a_batch_is_published_at_once(store: Store, wiring: Wiring) -> None:
    append(store, BATCH + 1)
    published = publish(wiring)
    assert published is not None
    assert published.size == BATCH + 1


def test_many_batches_continue_the_checkpoint_before(
    store: Store, wiring: Wiring, vkeys: tuple[VerifierKey, ...]
) -> None:
    append(store, 3)
    publish(wiring)
    append(store, 2 * BATCH + 2)
    published = publish(wiring)
    assert published is not None
    with store.transaction() as tx:
        *_, kept = tx.log.recorded(3, published.size)
    assert (kept.tag, published.size) == ("log:checkpoint:kept", 3 + 2 * BATCH + 2 + 1)
    assert verify_log(store, vkeys=vkeys).checkpoints == 2


def test_publishing_reads_once_and_nothing_costs_one_look(store: Store, wiring: Wiring) -> None:
    for _ in range(3):
        append(store, 1)
        publish(wiring)
    lock = [] if store.holds_up_others else ["SELECT"]
    with recorded() as said:
        assert publish(wiring) is None
    assert _in_turn(said) == [*lock, "SELECT"]
    append(store, 1)
    with recorded() as said:
        assert publish(wiring) is not None
    #                         where it stands, the event that keeps, indexes, edge of the tree, its nodes, checkpoint
    assert _in_turn(said) == [*lock, "SELECT", "INSERT", "UPDATE", "SELECT", "INSERT", "INSERT"]


def _in_turn(said: list[Spoken]) -> list[str]:
    """Return how each statement begins, one for the rows of one table; without those that begin and end."""
    statements = [statement for statement, _ in groupby(each.statement for each in said)]
    return [word for word in (each.split()[0] for each in statements) if word in {"SELECT", "INSERT", "UPDATE"}]


class _KeysWithoutLogKey(Keyring):
    """A key ring whose log key cannot be used."""

    def recall_checkpoint(self) -> None:
        """Return that nothing is remembered."""

    def log_signer(self) -> Any:
        """Raise KeyUnavailable."""
        raise KeyUnavailable("the log key is not there")


def test_without_the_key_nothing_is_sequenced(store: Store, wiring: Wiring) -> None:
    append(store, 2)
    keys = object.__new__(_KeysWithoutLogKey)
    with pytest.raises(KeyUnavailable):
        publish(replace(wiring, keys=keys))
    with store.transaction() as tx:
        assert (tx.log.size(), tx.log.find_latest()) == (0, None)
    assert publish(wiring) is not None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE log_nodes SET hash = (SELECT hash FROM log_nodes WHERE level = 0 AND position = 0) WHERE level > 0",
        "DELETE FROM events WHERE log_index = 3",
    ],
)
def test_other_history_is_not_signed(store: Store, wiring: Wiring, tamper: Tamper, change: str) -> None:
    append(store, 4)
    before = publish(wiring)
    tamper("DELETE FROM event_details")
    tamper(change)
    if "log_nodes" in change:
        append(store, 1)
    with pytest.raises(LogForkError):
        publish(wiring)
    with store.transaction() as tx:
        assert tx.log.checkpoints() == (before,)


_REWOUND = {
    "emptied": ["DELETE FROM checkpoints", "DELETE FROM log_nodes", "DELETE FROM event_details", "DELETE FROM events"],
    "cut back to an earlier checkpoint": [
        "DELETE FROM event_details",
        "DELETE FROM events WHERE log_index >= 2",
        "DELETE FROM checkpoints WHERE size > 2",
        "DELETE FROM log_nodes WHERE level = 0 AND position >= 2 OR level = 1 AND position >= 1 OR level > 1",
    ],
    "without checkpoints": ["DELETE FROM checkpoints"],
    "written again": [
        "DELETE FROM checkpoints",
        "DELETE FROM log_nodes",
        "DELETE FROM event_details",
        "DELETE FROM events WHERE log_index = 1",
        "UPDATE events SET log_index = NULL, waiting = log_index",
    ],
}


@pytest.mark.parametrize("how", _REWOUND)
def test_rewound_log_is_neither_signed_nor_told(
    store: Store, wiring: Wiring, vkeys: tuple[VerifierKey, ...], keys: Keyring, tamper: Tamper, how: str
) -> None:
    append(store, 2)
    publish(wiring)
    append(store, 3)
    published = publish(wiring)
    assert published is not None
    assert keys.recall_checkpoint() == published.note
    for statement in _REWOUND[how]:
        tamper(statement)

    for _ in range(2):
        with pytest.raises(IntegrityError):
            newest_checkpoint(wiring)
        with pytest.raises(IntegrityError):
            publish(wiring)
        append(store, 4)  # also when it has grown beyond what it was
    assert keys.recall_checkpoint() == published.note
    with pytest.raises(IntegrityError):
        verify_log(store, vkeys=vkeys, held=[published.note])


def test_checkpoint_that_was_kept_is_held_against_the_log(
    store: Store, wiring: Wiring, vkeys: tuple[VerifierKey, ...]
) -> None:
    append(store, 2)
    early = publish(wiring)
    append(store, 1)
    late = publish(wiring)
    assert early is not None
    assert late is not None
    assert verify_log(store, vkeys=vkeys, held=[late.note, early.note]).checkpoints == 2
    signer = wiring.keys.log_signer()
    for size, root, says in ((3, b"r" * 32, "of size 3 .* not over these"), (9, late.root, "of size 9 .* are missing")):
        text = format_checkpoint(Checkpoint(signer.name, size, root))
        note = format_note(sign_note(text, name=signer.name, public=signer.public, sign=signer.sign))
        with pytest.raises(LogForkError, match=says):
            verify_log(store, vkeys=vkeys, held=[early.note, note])


@pytest.mark.parametrize("note", ["note", "of a stranger"])
def test_checkpoint_that_nobody_signed_counts_for_nothing(
    store: Store, wiring: Wiring, stranger: Keyring, keys: Keyring, tamper: Tamper, note: str
) -> None:
    append(store, 2)
    published = publish(wiring)
    append(store, 1)
    if note == "of a stranger":
        signer = stranger.log_signer()
        text = format_checkpoint(Checkpoint(signer.name, 9, b"r" * 32))
        note = format_note(sign_note(text, name=signer.name, public=signer.public, sign=signer.sign))
    tamper("INSERT INTO checkpoints (size, root, note) VALUES (9, :root, :note)", root=b"r" * 32, note=note)
    with pytest.raises((SignatureError, ParseError)):
        newest_checkpoint(wiring)
    with pytest.raises((SignatureError, ParseError)):
        publish(wiring)
    assert published is not None
    assert keys.recall_checkpoint() == published.note


def test_checkpoint_is_remembered_before_anybody_is_told(wiring: Wiring, store: Store) -> None:
    append(store, 1)
    first = publish(wiring)
    assert first is not None
    memory = wiring.keys._checkpoint  # type: ignore[attr-defined]
    append(store, 1)
    second = publish(wiring)
    assert second is not None
    memory.write_text(first.note)  # the process died between its commit and remembering
    assert newest_checkpoint(wiring) == second
    assert memory.read_text() == second.note
    assert memory.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in memory.parent.iterdir() if "checkpoint" in path.name] == [memory.name]

    wiring.keys.remember_checkpoint(first.note)  # a slower process comes late: the larger one stays
    assert memory.read_text() == second.note


def test_what_cannot_be_remembered_is_not_told(wiring: Wiring, store: Store) -> None:
    append(store, 1)
    memory = wiring.keys._checkpoint  # type: ignore[attr-defined]
    memory.mkdir()
    with pytest.raises(KeyUnavailable):
        publish(wiring)
    with pytest.raises(KeyUnavailable):
        newest_checkpoint(wiring)
    memory.rmdir()
    assert publish(wiring) is not None


def test_consistency_with_every_earlier_size_is_proven(store: Store, wiring: Wiring) -> None:
    with pytest.raises(NotFoundError):
        consistency(0, wiring)
    roots = {}
    for _ in range(4):
        append(store, 2)
        published = publish(wiring)
        assert published is not None
        roots[published.size] = published.root
    for size, root in roots.items():
        newest, proof = consistency(size, wiring)
        verify_consistency(old_size=size, new_size=newest.size, old_root=root, new_root=newest.root, proof=proof)
    with pytest.raises(InputError):
        consistency(newest.size + 1, wiring)

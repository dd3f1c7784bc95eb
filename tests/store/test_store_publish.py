"""Publishing: signed, verifiable with public tools, never smaller, never another history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from family import event

from broker.crypto.checkpoint import parse_checkpoint
from broker.crypto.note import VerifierKey, parse_note, verify_note
from broker.domain.ports import Wiring
from broker.flows.publish import BATCH, publish
from broker.kernel.errors import KeyUnavailable, LogForkError
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


class _KeysWithoutLogKey(Keyring):
    """A key ring whose log key cannot be used."""

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

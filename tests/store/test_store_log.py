"""The log: entries bound to details, dense indexes, proofs, checkpoints that cannot fork."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from family import NOW, REQUEST, WORKER, ask, event

from broker.crypto.commitment import verify_commitment
from broker.crypto.merkle import EMPTY_ROOT, leaf_hash, root, verify_consistency, verify_inclusion
from broker.domain.event import SignedCheckpoint
from broker.domain.store import Transaction
from broker.kernel.errors import ConflictError, InputError, LogForkError, NotFoundError, ProofError
from broker.store.base import Store


def append(store: Store, number: int, *, sequence: bool = True) -> None:
    """Append events `event:00000` and on, and give them their indexes."""
    with store.transaction() as tx:
        for each in range(number):
            tx.log.append(event(f"event:{each:05}", request=None))
    if sequence:
        with store.sequencing() as tx:
            assert tx is not None
            tx.log.sequence(number)


def leaves(tx: Transaction) -> list[bytes]:
    """Return the leaf hashes of the whole log."""
    return [leaf_hash(item.entry) for item in tx.log.recorded(0, tx.log.size())]


def checkpoint(size: int, root_: bytes) -> SignedCheckpoint:
    """Return a checkpoint as the store sees it; it does not look at the note."""
    return SignedCheckpoint(size=size, root=root_, note="note")


def test_entry_is_what_the_design_says_and_binds_the_detail(store: Store) -> None:
    kept = event("event:1", decision="sha256:d", outcome="permit")
    with store.transaction() as tx:
        ask(tx)
        tx.log.append(kept)
    with store.transaction() as tx:
        (recorded,) = tx.log.of_request(REQUEST.id, reader=WORKER)
    entry = json.loads(recorded.entry)
    assert recorded.salt is not None
    verify_commitment(recorded.detail, salt=recorded.salt, commitment=entry.pop("commitment"))
    assert len(bytes.fromhex(entry.pop("changes"))) == 32
    assert (recorded.id, recorded.tag, recorded.index, recorded.detail) == (kept.id, kept.tag, None, kept.detail)
    assert entry == {
        "v": 1,
        "id": "event:1",
        "tag": "request:question:asked",
        "tag_id": 7,
        "at": "2026-11-22T10:00:00.123456Z",
        "request": REQUEST.id,
        "decision": "sha256:d",
        "outcome": "permit",
    }


def test_event_may_come_before_its_request_or_name_one_that_never_was(store: Store) -> None:
    with store.transaction() as tx:
        tx.log.append(event("event:1"))
        tx.log.append(event("event:2", request="request:none"))
        ask(tx)
    with store.transaction() as tx:
        assert [item.detail for item in tx.log.of_request(REQUEST.id, reader=WORKER)] == [event().detail]
        assert [item.detail for item in tx.log.of_request("request:none", reader=WORKER)] == [event().detail]


@pytest.mark.parametrize("detail", [{"at": NOW}, {"number": 2**60}])
def test_detail_without_canonical_form_is_refused(store: Store, detail: dict[str, object]) -> None:
    with pytest.raises(InputError), store.transaction() as tx:
        tx.log.append(event(request=None, detail=detail))


def test_indexes_are_dense_and_follow_the_queue(store: Store) -> None:
    append(store, 7, sequence=False)
    with store.sequencing() as tx:
        assert tx is not None
        assert (tx.log.size(), tx.log.root()) == (0, EMPTY_ROOT)
        assert [tx.log.sequence(3) for _ in range(4)] == [3, 3, 1, 0]
        assert tx.log.size() == 7
    with store.transaction() as tx:
        assert [(item.index, item.id) for item in tx.log.recorded(2, 5)] == [
            (number, f"event:{number:05}") for number in (2, 3, 4)
        ]
        assert tx.log.recorded(7, 9) == ()


def test_later_event_gets_a_later_index_whatever_its_id(store: Store) -> None:
    append(store, 2)
    with store.transaction() as tx:
        ask(tx)
        tx.log.append(event("event:0"))
        tx.log.append(event("event:+"))
    with store.sequencing() as tx:
        assert tx is not None
        tx.log.sequence(1)
    with store.transaction() as tx:
        found = [(item.id, item.index) for item in tx.log.of_request(REQUEST.id, reader=WORKER)]
        assert found == [("event:0", 2), ("event:+", None)]


def test_root_and_proofs_are_those_of_the_entries_at_every_size(store: Store) -> None:
    roots, number = [EMPTY_ROOT], 18
    append(store, number, sequence=False)
    with store.sequencing() as tx:
        assert tx is not None
        while tx.log.sequence(1):
            roots.append(tx.log.root())
    with store.transaction() as tx:
        found = leaves(tx)
        assert roots == [root(found[:size]) for size in range(number + 1)]
        for size in range(1, number + 1):
            for index in range(size):
                verify_inclusion(
                    index=index,
                    size=size,
                    leaf_hash=found[index],
                    proof=tx.log.inclusion(index, size),
                    root=roots[size],
                )
            for old in range(size + 1):
                verify_consistency(
                    old_size=old,
                    new_size=size,
                    old_root=roots[old],
                    new_root=roots[size],
                    proof=tx.log.consistency(old, size),
                )


def test_tree_grown_at_once_is_the_tree_grown_one_by_one(store: Store) -> None:
    append(store, 300)
    with store.transaction() as tx:
        assert tx.log.root() == root(leaves(tx))


def test_event_is_found_by_its_id(store: Store) -> None:
    append(store, 2)
    with store.transaction() as tx:
        assert (tx.log.get("event:00001").index, tx.log.get("event:00001").detail) == (1, event().detail)
        with pytest.raises(NotFoundError):
            tx.log.get("event:none")


def test_checkpoints_are_kept_oldest_first(store: Store) -> None:
    first, second = checkpoint(2, b"a" * 32), checkpoint(5, b"b" * 32)
    signed_again = replace(second, note="more signatures")
    with store.transaction() as tx:
        for each in (first, second, signed_again):
            tx.log.publish(each)
    with store.transaction() as tx:
        assert tx.log.checkpoints() == (first, signed_again)
        assert tx.log.find_latest() == signed_again


@pytest.mark.parametrize(("size", "root_"), [(4, b"b"), (4, b"c"), (5, b"c"), (0, b"b")])
def test_checkpoint_that_forks_is_refused(store: Store, size: int, root_: bytes) -> None:
    with store.transaction() as tx:
        tx.log.publish(checkpoint(5, b"b" * 32))
    with pytest.raises(LogForkError), store.transaction() as tx:
        tx.log.publish(checkpoint(size, root_ * 32))


@pytest.mark.parametrize("request_", [REQUEST.id, None])
def test_destroyed_detail_is_gone_and_the_proofs_stay(store: Store, request_: str | None) -> None:
    with store.transaction() as tx:
        ask(tx)
        tx.log.append(event("event:1", request=request_))
        tx.log.append(event("event:2", request=request_))
    with store.sequencing() as tx:
        assert tx is not None
        tx.log.sequence(10)
        before, found = tx.log.root(), leaves(tx)
        tx.log.destroy_detail("event:1")
        tx.log.destroy_detail("event:1")
        tx.log.append(event(request=None))
    with store.transaction() as tx:
        gone, kept = tx.log.recorded(0, 2)
        assert (gone.detail, gone.salt) == (None, None)
        assert kept.detail == event().detail
        assert (tx.log.root(), leaves(tx)) == (before, found)


def test_unknown_event_has_no_detail_to_destroy(store: Store) -> None:
    with pytest.raises(NotFoundError), store.transaction() as tx:
        tx.log.destroy_detail("event:none")


def test_event_is_written_once(store: Store) -> None:
    append(store, 1)
    with pytest.raises(ConflictError):
        append(store, 1)


def test_proof_over_a_missing_node_is_an_alarm(store: Store) -> None:
    append(store, 4)
    with store.transaction() as tx:
        tx.encryption._connection.exec_driver_sql("DELETE FROM log_nodes WHERE level = 1 AND position = 1")
        with pytest.raises(ProofError):
            tx.log.inclusion(0, 4)


def test_index_outside_the_log_has_no_proof(store: Store) -> None:
    append(store, 2)
    with store.transaction() as tx, pytest.raises(InputError):
        tx.log.inclusion(2, 2)

"""Merkle trees over SHA-256: roots, proofs and their verification (RFC 6962 section 2.1, RFC 9162 section 2.1).

The tree of a log with `size` leaves is split into complete subtrees. The subtree at `(level, i)` covers the 2**level
leaves from leaf i * 2**level on; once complete it never changes, so a store keeps only those, keyed `(level, i)`:

* `append` says which subtrees become complete with the next leaf: two per leaf on average;
* `tree_root`, `inclusion_proof` and `consistency_proof` ask a `node(level, i)` function for O(log size) of them;
* `verify_inclusion` and `verify_consistency` need no store at all and share no code with the above but the hashing,
  so an auditor runs them on published values alone.

Hashes are 32 bytes. Sizes and indexes are counted in leaves, from 0. A question that no tree can answer (an index at or
beyond the size, an older size beyond the newer) raises InputError; a proof that does not hold raises ProofError.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from broker.kernel.errors import InputError, ProofError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Coordinate = tuple[int, int]
"""`(level, i)`: the complete subtree over leaves [i * 2**level, (i + 1) * 2**level)."""

Node = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree at `(level, i)`; only ever asked for subtrees that are complete."""


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 || entry), the hash of a leaf (RFC 6962 section 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right); the other prefix keeps a node from passing for a leaf (RFC 6962 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes in order, in memory that grows with log(size); EMPTY_ROOT for none."""
    complete: list[tuple[int, bytes]] = []  # (level, hash), the largest subtree first
    for leaf in leaf_hashes:
        level, subtree = 0, leaf
        while complete and complete[-1][0] == level:
            level, subtree = level + 1, node_hash(complete.pop()[1], subtree)
        complete.append((level, subtree))
    if not complete:
        return EMPTY_ROOT
    found = complete.pop()[1]
    while complete:
        found = node_hash(complete.pop()[1], found)
    return found


def tree_root(size: int, node: Node) -> bytes:
    """Return the root of the tree of the first `size` leaves; EMPTY_ROOT for size 0 (RFC 6962 section 2.1)."""
    if size < 0:
        raise InputError("a tree has no negative size")
    return _fold(_cover(0, size), node) if size else EMPTY_ROOT


def append(size: int, leaf_hash: bytes, node: Node) -> tuple[tuple[int, int, bytes], ...]:
    """Return the subtrees `(level, i, hash)` that become complete when a leaf is added to a tree of `size` leaves.

    The leaf itself comes first, at (0, size). One lookup for each subtree after it; over n appends 2n - 1 at most.
    """
    complete = [(0, size, leaf_hash)]
    level, index, subtree = complete[0]
    while index & 1:
        subtree = node_hash(node(level, index - 1), subtree)
        level, index = level + 1, index >> 1
        complete.append((level, index, subtree))
    return tuple(complete)


def inclusion_path(index: int, size: int) -> tuple[tuple[Coordinate, ...], ...]:
    """Return what proves leaf `index` in the tree of `size` leaves, from the leaf up (RFC 6962 section 2.1.1).

    Each group stands for one hash of the proof: the complete subtrees that, folded together, give it.
    """
    if not 0 <= index < size:
        raise InputError("the tree has no leaf with this index")
    start, end = 0, size
    groups = []
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            groups.append(_cover(middle, end))
            end = middle
        else:
            groups.append(_cover(start, middle))
            start = middle
    return tuple(reversed(groups))


def consistency_path(old_size: int, new_size: int) -> tuple[tuple[Coordinate, ...], ...]:
    """Return what proves that the tree of `old_size` leaves is a prefix of that of `new_size` (RFC 6962 section 2.1.2).

    Groups as in `inclusion_path`. Nothing is needed between equal sizes or from the empty tree.
    """
    if not 0 <= old_size <= new_size:
        raise InputError("a tree is a prefix of one that is at least as large")
    if old_size == 0:
        return ()
    start, end = 0, new_size
    groups = []
    while end != old_size:
        middle = start + _largest_power_below(end - start)
        if old_size <= middle:
            groups.append(_cover(middle, end))
            end = middle
        else:
            groups.append(_cover(start, middle))
            start = middle
    if start > 0:  # at start 0 this is the old root, which the verifier already has
        groups.append(_cover(start, end))
    return tuple(reversed(groups))


def inclusion_proof(index: int, size: int, node: Node) -> tuple[bytes, ...]:
    """Return the audit path of leaf `index` in the tree of `size` leaves, sibling hashes from the leaf up."""
    return tuple(_fold(group, node) for group in inclusion_path(index, size))


def consistency_proof(old_size: int, new_size: int, node: Node) -> tuple[bytes, ...]:
    """Return the hashes that prove the tree of `old_size` leaves to be a prefix of that of `new_size`."""
    return tuple(_fold(group, node) for group in consistency_path(old_size, new_size))


def verify_inclusion(*, index: int, size: int, leaf_hash: bytes, proof: Iterable[bytes], root: bytes) -> None:
    """Raise ProofError unless `leaf_hash` is leaf `index` of the `size` leaves under this root (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size:
        raise ProofError("the index lies outside the tree", code="integrity.proof.index")
    fn, sn = index, size - 1
    found = _checked(leaf_hash)
    for sibling in proof:
        if sn == 0:
            raise ProofError("the inclusion proof is too long", code="integrity.proof.length")
        if fn & 1 or fn == sn:
            found = node_hash(_checked(sibling), found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            found = node_hash(found, _checked(sibling))
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise ProofError("the inclusion proof is too short", code="integrity.proof.length")
    if found != root:
        raise ProofError("the inclusion proof does not lead to the root")


def verify_consistency(
    *, old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Iterable[bytes]
) -> None:
    """Raise ProofError unless the old tree is a prefix of the new one (RFC 9162 section 2.1.4.2).

    The RFC leaves the empty tree open: it is a prefix of every tree, proven by an empty proof and EMPTY_ROOT.
    """
    path = [_checked(item) for item in proof]
    if not 0 <= old_size <= new_size:
        raise ProofError("the older tree is larger than the newer", code="integrity.proof.index")
    if old_size in (0, new_size):
        _verify_without_path(old_size, new_size, old_root, new_root, path)
        return
    if old_size & (old_size - 1) == 0:  # a complete subtree: its root is the first hash and is not sent
        path.insert(0, old_root)
    if _roots_of(old_size, new_size, path) != (old_root, new_root):
        raise ProofError("the consistency proof does not lead to both roots")


def _roots_of(old_size: int, new_size: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Return the two roots a consistency path leads to: RFC 9162 section 2.1.4.2, steps 3 to 6."""
    if not path:
        raise ProofError("the consistency proof is too short", code="integrity.proof.length")
    fn, sn = old_size - 1, new_size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old_found = new_found = path[0]
    for item in path[1:]:
        if sn == 0:
            raise ProofError("the consistency proof is too long", code="integrity.proof.length")
        if fn & 1 or fn == sn:
            old_found, new_found = node_hash(item, old_found), node_hash(item, new_found)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new_found = node_hash(new_found, item)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0:
        raise ProofError("the consistency proof is too short", code="integrity.proof.length")
    return old_found, new_found


def _verify_without_path(old_size: int, new_size: int, old_root: bytes, new_root: bytes, path: list[bytes]) -> None:
    if path:
        raise ProofError("the consistency proof is too long", code="integrity.proof.length")
    if old_size == 0 and old_root != EMPTY_ROOT:
        raise ProofError("the empty tree has another root")
    if old_size == new_size and old_root != new_root:
        raise ProofError("two roots for one size")


def _checked(item: bytes) -> bytes:
    if len(item) != HASH_BYTES:
        raise ProofError("a hash in the proof is not 32 bytes long", code="integrity.proof.length")
    return item


def _largest_power_below(count: int) -> int:
    """Return the largest power of two smaller than `count` > 1: where RFC 6962 splits a tree."""
    return 1 << ((count - 1).bit_length() - 1)


def _cover(start: int, end: int) -> tuple[Coordinate, ...]:
    """Return the complete subtrees that make up leaves [start, end), left to right, for a range the RFC splits off."""
    subtrees = []
    while start < end:
        level = (end - start).bit_length() - 1
        subtrees.append((level, start >> level))
        start += 1 << level
    return tuple(subtrees)


def _fold(group: tuple[Coordinate, ...], node: Node) -> bytes:
    """Return one hash over neighbouring complete subtrees: the smaller, right-hand ones are joined first."""
    *left, last = group
    found = node(*last)
    for coordinate in reversed(left):
        found = node_hash(node(*coordinate), found)
    return found

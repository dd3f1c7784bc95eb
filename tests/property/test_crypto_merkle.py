"""Merkle proofs: every one that is made verifies, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.crypto.merkle import (
    append,
    consistency_path,
    consistency_proof,
    inclusion_path,
    inclusion_proof,
    leaf_hash,
    root,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from broker.kernel.errors import ProofError

SMALL = 64
LARGE = 1_500


class Tree:
    """A log that keeps complete subtrees only, as the store does."""

    def __init__(self, size: int) -> None:
        self.leaves = [leaf_hash(number.to_bytes(8, "big")) for number in range(size)]
        self.nodes: dict[tuple[int, int], bytes] = {}
        for number, leaf in enumerate(self.leaves):
            for level, index, subtree in append(number, leaf, self.node):
                assert (level, index) not in self.nodes
                self.nodes[level, index] = subtree

    def node(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]


TREE = Tree(LARGE)


def check_inclusion(index: int, size: int) -> None:
    proof = inclusion_proof(index, size, TREE.node)
    verify_inclusion(index=index, size=size, leaf_hash=TREE.leaves[index], proof=proof, root=tree_root(size, TREE.node))


def check_consistency(old: int, new: int) -> None:
    verify_consistency(
        old_size=old,
        new_size=new,
        old_root=tree_root(old, TREE.node),
        new_root=tree_root(new, TREE.node),
        proof=consistency_proof(old, new, TREE.node),
    )


def test_root_from_kept_subtrees_is_the_root_over_all_leaves():
    for size in range(SMALL + 1):
        assert tree_root(size, TREE.node) == root(TREE.leaves[:size])


def test_inclusion_of_every_leaf_in_every_small_tree_verifies():
    for size in range(1, SMALL + 1):
        for index in range(size):
            check_inclusion(index, size)


def test_consistency_of_every_pair_of_small_trees_verifies():
    for new in range(SMALL + 1):
        for old in range(new + 1):
            check_consistency(old, new)


def test_inclusion_proof_holds_for_no_other_index_size_or_leaf_in_small_trees():
    for size in range(2, 20):
        for index in range(size):
            proof, head = inclusion_proof(index, size, TREE.node), tree_root(size, TREE.node)
            for other in range(size + 2):
                if other == index:
                    continue
                with pytest.raises(ProofError):
                    verify_inclusion(index=other, size=size, leaf_hash=TREE.leaves[index], proof=proof, root=head)
                with pytest.raises(ProofError):
                    verify_inclusion(index=index, size=size, leaf_hash=TREE.leaves[other], proof=proof, root=head)


def test_append_writes_less_than_two_subtrees_a_leaf():
    assert len(Tree(LARGE).nodes) < 2 * LARGE


@given(st.integers(1, 2**62), st.data())
def test_paths_of_huge_trees_ask_for_few_and_complete_subtrees(size, data):
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    for path in (inclusion_path(index, size), consistency_path(old, size)):
        coordinates = [coordinate for group in path for coordinate in group]
        assert len(coordinates) <= 2 * size.bit_length() + 1
        assert all((place + 1) << level <= size for level, place in coordinates)


@given(st.integers(1, LARGE), st.data())
def test_inclusion_in_larger_trees_verifies(size, data):
    check_inclusion(data.draw(st.integers(0, size - 1)), size)


@given(st.tuples(st.integers(0, LARGE), st.integers(0, LARGE), st.integers(0, LARGE)).map(sorted))
def test_consistency_composes(sizes):
    first, second, third = sizes
    check_consistency(first, second)
    check_consistency(second, third)
    check_consistency(first, third)


def spoil(proof: tuple[bytes, ...], data: st.DataObject) -> tuple[bytes, ...]:
    """One flipped bit, one hash less, one hash more, or two exchanged."""
    ways = ["add"] + (["flip", "drop"] if proof else []) + (["swap"] if len(set(proof)) > 1 else [])
    way = data.draw(st.sampled_from(ways))
    position = data.draw(st.integers(0, max(len(proof) - 1, 0)))
    if way == "add":
        return (*proof[:position], data.draw(st.binary(min_size=32, max_size=32)), *proof[position:])
    if way == "drop":
        return (*proof[:position], *proof[position + 1 :])
    if way == "swap":
        return tuple(reversed(proof)) if proof != tuple(reversed(proof)) else proof[1:]
    changed = bytearray(proof[position])
    changed[data.draw(st.integers(0, 31))] ^= 1 << data.draw(st.integers(0, 7))
    return (*proof[:position], bytes(changed), *proof[position + 1 :])


@given(st.integers(1, LARGE), st.data())
def test_spoiled_inclusion_proof_is_refused(size, data):
    index = data.draw(st.integers(0, size - 1))
    proof = spoil(inclusion_proof(index, size, TREE.node), data)
    with pytest.raises(ProofError):
        verify_inclusion(
            index=index, size=size, leaf_hash=TREE.leaves[index], proof=proof, root=tree_root(size, TREE.node)
        )


@given(st.tuples(st.integers(1, LARGE), st.integers(1, LARGE)).map(sorted), st.data())
def test_spoiled_consistency_proof_is_refused(sizes, data):
    old, new = sizes
    proof = spoil(consistency_proof(old, new, TREE.node), data)
    with pytest.raises(ProofError):
        verify_consistency(
            old_size=old,
            new_size=new,
            old_root=tree_root(old, TREE.node),
            new_root=tree_root(new, TREE.node),
            proof=proof,
        )


@given(st.integers(1, 40), st.integers(0, 40), st.data())
@settings(max_examples=200)
def test_changed_past_has_no_consistency_proof(old, grown, data):
    """A log that rewrote a leaf cannot show its old readers that nothing changed, with its honest proof or ours."""
    new = old + grown
    leaves = list(TREE.leaves[:new])
    leaves[data.draw(st.integers(0, old - 1))] = leaf_hash(b"rewritten")
    nodes: dict[tuple[int, int], bytes] = {}
    for number, leaf in enumerate(leaves):
        nodes.update({(level, index): made for level, index, made in append(number, leaf, lambda *at: nodes[at])})
    for node in (TREE.node, lambda *at: nodes[at]):
        with pytest.raises(ProofError):
            verify_consistency(
                old_size=old,
                new_size=new,
                old_root=tree_root(old, TREE.node),
                new_root=root(leaves),
                proof=consistency_proof(old, new, node),
            )


@given(
    st.integers(-2, 2**64),
    st.integers(-2, 2**64),
    st.lists(st.binary(max_size=33), max_size=70),
    st.binary(max_size=33),
)
def test_verifiers_only_ever_raise_proof_error(one, two, proof, value):
    with pytest.raises(ProofError):
        verify_inclusion(index=one, size=two, leaf_hash=value, proof=proof, root=b"not a root")
    with pytest.raises(ProofError):
        verify_consistency(old_size=one, new_size=two, old_root=value, new_root=b"not a root", proof=proof)

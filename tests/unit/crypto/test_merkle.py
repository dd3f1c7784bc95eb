from __future__ import annotations

import pytest

from broker.crypto.merkle import (
    EMPTY_ROOT,
    append,
    consistency_path,
    inclusion_path,
    leaf_hash,
    node_hash,
    root,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from broker.kernel.errors import InputError, ProofError

A, B, C = (leaf_hash(entry) for entry in (b"a", b"b", b"c"))


def test_leaf_cannot_pass_for_a_node():
    assert leaf_hash(A + B) != node_hash(A, B)


def test_root_of_three_leaves_is_split_as_two_and_one():
    assert root([A, B, C]) == node_hash(node_hash(A, B), C)


def test_root_of_nothing_is_the_empty_root():
    assert root([]) == EMPTY_ROOT == tree_root(0, no_node)


def test_append_names_each_subtree_that_became_complete():
    nodes = {(0, 0): A, (0, 1): B, (1, 0): node_hash(A, B), (0, 2): C}
    d = leaf_hash(b"d")
    assert append(3, d, lambda *at: nodes[at]) == (
        (0, 3, d),
        (1, 1, node_hash(C, d)),
        (2, 0, node_hash(node_hash(A, B), node_hash(C, d))),
    )


def test_append_to_an_even_tree_looks_nothing_up():
    assert append(2, C, no_node) == ((0, 2, C),)


def test_inclusion_path_groups_the_subtrees_of_an_incomplete_right_side():
    assert inclusion_path(0, 7) == (((0, 1),), ((1, 1),), ((1, 2), (0, 6)))


def test_consistency_path_leaves_out_the_old_root_when_it_is_a_subtree():
    assert consistency_path(4, 7) == (((1, 2), (0, 6)),)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_inclusion_path_refuses_an_index_outside_the_tree(index, size):
    with pytest.raises(InputError):
        inclusion_path(index, size)


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_consistency_path_refuses_an_older_tree_that_is_larger(old, new):
    with pytest.raises(InputError):
        consistency_path(old, new)


def test_tree_root_refuses_a_negative_size():
    with pytest.raises(InputError):
        tree_root(-1, no_node)


def test_verify_inclusion_refuses_a_leaf_that_is_no_hash():
    with pytest.raises(ProofError):
        verify_inclusion(index=0, size=1, leaf_hash=b"a", proof=[], root=b"a")


def test_every_tree_grows_from_the_empty_one():
    verify_consistency(old_size=0, new_size=3, old_root=EMPTY_ROOT, new_root=root([A, B, C]), proof=[])


def no_node(level: int, index: int) -> bytes:
    raise AssertionError((level, index))

"""The log's Merkle tree as rows: the complete subtrees only, each written once and never changed (crypto/merkle.py).

Growing by n leaves reads the right edge, at most 63 nodes, and writes fewer than 2n + 63; a root or a proof reads a
logarithm of the size. Nothing here scans.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    Select,
    SmallInteger,
    Table,
    and_,
    bindparam,
    insert,
    or_,
    select,
)

from broker.crypto.merkle import HASH_BYTES, Coordinate, Node, append, consistency_proof, inclusion_proof, tree_root
from broker.kernel.errors import ProofError
from broker.store.schema import metadata

Result = TypeVar("Result")

log_nodes = Table(
    "log_nodes",
    metadata,
    Column("level", SmallInteger, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("hash", LargeBinary, nullable=False),
    info={"derived": "from the entries, which are its leaves"},
)

_GROW = insert(log_nodes)


class Tree:
    """The tree within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def grow(self, size: int, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes to the tree of `size` leaves: one statement reads the edge, one writes what is complete."""
        nodes = self._fetch(_asked_for(lambda node: tree_root(size, node)))
        fresh = []
        for number, leaf in enumerate(leaves, start=size):
            for level, position, subtree in append(number, leaf, _lookup(nodes)):
                nodes[level, position] = subtree
                fresh.append({"level": level, "position": position, "hash": subtree})
        if fresh:
            self._connection.execute(_GROW, fresh)

    def root(self, size: int) -> bytes:
        """Return the root over the first `size` leaves."""
        return self._calculate(lambda node: tree_root(size, node))

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the inclusion proof of a leaf in the tree of `size` leaves."""
        return self._calculate(lambda node: inclusion_proof(index, size, node))

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the consistency proof between two sizes."""
        return self._calculate(lambda node: consistency_proof(old, new, node))

    def _calculate(self, calculation: Callable[[Node], Result]) -> Result:
        """Calculate twice: once to see which nodes it asks for, then with those nodes, read in one statement."""
        return calculation(_lookup(self._fetch(_asked_for(calculation))))

    def _fetch(self, coordinates: Sequence[Coordinate]) -> dict[Coordinate, bytes]:
        if not coordinates:
            return {}
        named = {
            f"{name}{number}": value
            for number, (level, position) in enumerate(coordinates)
            for name, value in (("level", level), ("position", position))
        }
        rows = self._connection.execute(_nodes_at(len(coordinates)), named)
        return {(row.level, row.position): row.hash for row in rows}


@lru_cache(maxsize=128)
def _nodes_at(count: int) -> Select[Any]:
    """Return the statement that reads so many nodes, each by its key.

    Not `(level, position) IN (...)`: SQLite plans that as a scan of the whole table.
    """
    return select(log_nodes).where(
        or_(
            *(
                and_(
                    log_nodes.c.level == bindparam(f"level{number}"),
                    log_nodes.c.position == bindparam(f"position{number}"),
                )
                for number in range(count)
            )
        )
    )


def _asked_for(calculation: Callable[[Node], object]) -> list[Coordinate]:
    coordinates: list[Coordinate] = []

    def note(level: int, position: int) -> bytes:
        coordinates.append((level, position))
        return bytes(HASH_BYTES)

    calculation(note)
    return coordinates


def _lookup(nodes: Mapping[Coordinate, bytes]) -> Node:
    def node(level: int, position: int) -> bytes:
        try:
            return nodes[level, position]
        except KeyError:
            raise ProofError(f"the log's tree lacks node {position} of level {level}") from None

    return node

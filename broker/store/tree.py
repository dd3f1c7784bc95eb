"""The log's Merkle tree as rows: the complete subtrees only, each written once and never changed (crypto/merkle.py).

Growing by n leaves reads the right edge, at most 63 nodes, and writes fewer than 2n + 63; a root or a proof reads a
logarithm of the size, and nothing that the transaction itself has just read or written. Nothing here scans.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    FromClause,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    bindparam,
    column,
    func,
    insert,
    select,
)

from broker.crypto.merkle import HASH_BYTES, Coordinate, Node, append, consistency_proof, inclusion_proof, tree_root
from broker.kernel.errors import ProofError
from broker.store.compiled import insert_later
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

# Numbers travel as text, with commas between: both databases have a function that makes rows of it.
_levels, _positions = (bindparam(name, type_=Text()) for name in ("levels", "positions"))
_level, _position = (func.json_each("[" + each + "]").table_valued("key", "value") for each in (_levels, _positions))
_ASKED_FOR: Mapping[str, FromClause] = {
    "postgresql": func.unnest(
        func.string_to_array(_levels, ",").cast(ARRAY(SmallInteger)),
        func.string_to_array(_positions, ",").cast(ARRAY(BigInteger)),
    )
    .table_valued(column("level"), column("position"))
    .render_derived(),
    "sqlite": select(_level.c.value.label("level"), _position.c.value.label("position"))
    .where(_level.c.key == _position.c.key)
    .subquery(),
}
# Each node is looked up by its key in a select of its own: a planner may turn a join, or `(level, position) IN (...)`,
# into a scan of the whole table. The text is the same for any number of nodes, so it is compiled and planned once;
# conditions with OR between them took the server longer to plan than to follow.
_NODES = {
    dialect: select(
        asked.c.level,
        asked.c.position,
        select(log_nodes.c.hash)
        .where(log_nodes.c.level == asked.c.level, log_nodes.c.position == asked.c.position)
        .scalar_subquery()
        .label("hash"),
    )
    for dialect, asked in _ASKED_FOR.items()
}


class Tree:
    """The tree within one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[Coordinate, bytes] = {}  # what the last growth read and wrote; a node never changes

    def grow(self, size: int, leaves: Sequence[bytes]) -> None:
        """Add leaf hashes to the tree of `size` leaves: one statement reads the edge, one writes what is complete."""
        nodes = self._fetch(_asked_for(lambda node: tree_root(size, node)))
        fresh = []
        for number, leaf in enumerate(leaves, start=size):
            for level, position, subtree in append(number, leaf, _lookup(nodes)):
                nodes[level, position] = subtree
                fresh.append({"level": level, "position": position, "hash": subtree})
        if fresh:
            insert_later(self._connection, _GROW, fresh)
        self._known = nodes

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
        nodes = {coordinate: self._known[coordinate] for coordinate in coordinates if coordinate in self._known}
        lacking = [coordinate for coordinate in coordinates if coordinate not in nodes]
        if lacking:
            levels, positions = (",".join(map(str, numbers)) for numbers in zip(*lacking, strict=True))
            asked = {"levels": levels, "positions": positions}
            rows = self._connection.execute(_NODES[self._connection.dialect.name], asked)
            nodes |= {(row.level, row.position): row.hash for row in rows if row.hash is not None}
        return nodes


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

"""Bundles that were ever loaded, so that no earlier one comes back; and their files, so that each can decide again."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Column, Connection, LargeBinary, Table, Text, select
from typing_extensions import override

from broker.domain.bundle import Bundles as BundlesPort
from broker.domain.bundle import LoadedBundle
from broker.store.changes import Changes
from broker.store.schema import Moment, Nested, metadata

policy_bundles = Table(
    "policy_bundles",
    metadata,
    Column("revision", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("signers", Nested, nullable=False),
    Column("loaded_at", Moment, nullable=False),
)

bundle_files = Table(
    "bundle_files",
    metadata,
    Column("digest", Text, primary_key=True),  # of the bundle
    Column("name", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)


class Bundles(BundlesPort):
    """The bundles within one transaction."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection, self._changes = connection, changes

    @override
    def add(self, bundle: LoadedBundle) -> None:
        row = {
            "revision": bundle.revision,
            "digest": bundle.digest,
            "signers": list(bundle.signers),
            "loaded_at": bundle.loaded_at,
        }
        self._changes.insert(policy_bundles, [row])

    @override
    def loaded(self) -> tuple[LoadedBundle, ...]:
        rows = self._connection.execute(select(policy_bundles).order_by(policy_bundles.c.loaded_at))
        return tuple(LoadedBundle(**{**row._asdict(), "signers": tuple(row.signers)}) for row in rows)

    @override
    def archive(self, digest: str, files: Mapping[str, bytes]) -> None:
        rows = [{"digest": digest, "name": name, "content": content} for name, content in sorted(files.items())]
        self._changes.insert(bundle_files, rows)

    @override
    def archived(self) -> frozenset[str]:
        return frozenset(self._connection.execute(select(bundle_files.c.digest).distinct()).scalars())

    @override
    def files(self, digest: str) -> Mapping[str, bytes]:
        kept = select(bundle_files.c.name, bundle_files.c.content).where(bundle_files.c.digest == digest)
        return {row.name: bytes(row.content) for row in self._connection.execute(kept)}

"""Bundles that were ever loaded, so that no earlier one comes back."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Table, Text, select
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

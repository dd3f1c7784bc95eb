"""Proofs that were used, shared by all processes on one PostgreSQL (RFC 9449 section 11.1).

Not part of any flow's transaction: a proof is used up even when what it was for fails. Its commit does not wait for the
disk, so a crash of the database can make the proofs of its last moments usable once more, within their minute.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Engine, LargeBinary, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from broker.store.engine import errors_named
from broker.store.schema import Moment, metadata

seen_proofs = Table(
    "seen_proofs",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("until", Moment, nullable=False, index=True),
)

# Old proofs are swept by about one call in this many, so that no call pays for all.
_SWEEP = 64


class StoredProofs:
    """`Replays` in the database; safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def first_time(self, jti_hash: bytes, until: datetime, now: datetime) -> bool:
        """Return whether this was never seen before, and remember it; raises StoreUnavailable when nobody can tell."""
        alone = {"isolation_level": "READ COMMITTED"}
        with errors_named(), self._engine.connect().execution_options(**alone) as connection, connection.begin():
            connection.execute(select(func.set_config("synchronous_commit", "off", True)))  # noqa: FBT003
            if jti_hash[0] < 256 // _SWEEP:
                connection.execute(delete(seen_proofs).where(seen_proofs.c.until < now))
            remembered = connection.execute(
                insert(seen_proofs)
                .values(hash=jti_hash, until=until)
                .on_conflict_do_nothing()
                .returning(seen_proofs.c.hash)
            )
            return remembered.first() is not None

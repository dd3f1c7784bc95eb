"""Proofs that were used, shared by all processes on one PostgreSQL (RFC 9449 section 11.1).

Not part of any flow's transaction: a proof is used up even when what it was for fails. Its commit does not wait for the
disk, so a crash of the database can make the proofs of its last moments usable once more, within their minute.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, Engine, LargeBinary, Table, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from broker.store.engine import errors_named
from broker.store.schema import Moment, metadata

seen_proofs = Table(
    "seen_proofs",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("until", Moment, nullable=False, index=True),
    info={"passing": "lasts a minute; who can delete it and has the proof still needs the token and its key"},
)

SWEEP_EVERY = timedelta(minutes=1)
"""How often a process sweeps out the proofs whose time is over."""


class StoredProofs:
    """`Replays` in the database; safe to share between threads and processes."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._sweep_at: datetime | None = None

    def first_time(self, jti_hash: bytes, until: datetime, now: datetime) -> bool:
        """Return whether this was never seen before, and remember it; raises StoreUnavailable when nobody can tell."""
        alone = {"isolation_level": "READ COMMITTED"}
        with errors_named(), self._engine.connect().execution_options(**alone) as connection, connection.begin():
            connection.execute(select(func.set_config("synchronous_commit", "off", True)))  # noqa: FBT003
            if self._sweep_at is not None and now >= self._sweep_at:
                connection.execute(delete(seen_proofs).where(seen_proofs.c.until < now))
                self._sweep_at = None
            self._sweep_at = self._sweep_at or now + SWEEP_EVERY
            remembered = connection.execute(
                insert(seen_proofs)
                .values(hash=jti_hash, until=until)
                .on_conflict_do_nothing()
                .returning(seen_proofs.c.hash)
            )
            return remembered.first() is not None

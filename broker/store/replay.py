"""Proofs that were used, shared by all processes on one database, also by those to come (RFC 9449 section 11.1).

Not part of any flow's transaction: a proof is used up even when what it was for fails. It does not wait for the disk,
so a crash of the machine can make the proofs of its last moments usable once more, within their minute; one of a
process cannot.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, LargeBinary, Table, bindparam, delete
from sqlalchemy.dialects import postgresql, sqlite

from broker.store.engine import errors_named, open_engine
from broker.store.schema import Moment, metadata

seen_proofs = Table(
    "seen_proofs",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("until", Moment, nullable=False, index=True),
    info={"passing": "lasts a minute; who can delete it and has the proof still needs the token and its key"},
)

_REMEMBER = {
    name: insert(seen_proofs)
    .values(hash=bindparam("hash"), until=bindparam("until"))
    .on_conflict_do_nothing()
    .returning(seen_proofs.c.hash)
    for name, insert in (("postgresql", postgresql.insert), ("sqlite", sqlite.insert))
}
_SWEEP = delete(seen_proofs).where(seen_proofs.c.until < bindparam("now", type_=Moment()))

SWEEP_EVERY = timedelta(minutes=1)
"""How often a process sweeps out the proofs whose time is over."""


class StoredProofs:
    """`Replays` in the database at this URL; safe to share between threads and processes."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url, connections=5, passing=True)
        self._remember = _REMEMBER[self._engine.dialect.name]
        self._sweep_at: datetime | None = None

    def first_time(self, jti_hash: bytes, until: datetime, now: datetime) -> bool:
        """Return whether this was never seen before, and remember it; raises StoreUnavailable when nobody can tell."""
        with errors_named(), self._engine.begin() as connection:
            if self._sweep_at is not None and now >= self._sweep_at:
                connection.execute(_SWEEP, {"now": now})
                self._sweep_at = None
            self._sweep_at = self._sweep_at or now + SWEEP_EVERY
            return connection.execute(self._remember, {"hash": jti_hash, "until": until}).first() is not None

    def close(self) -> None:
        """Close its connections."""
        self._engine.dispose()

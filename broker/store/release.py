"""Sealed answers on their way: the broker keeps the parts and cannot read them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    bindparam,
    delete,
    select,
    update,
)
from typing_extensions import override

from broker.domain.directory import Actor
from broker.domain.release import Release, RunOut, SealedPart
from broker.domain.release import Releases as ReleasesPort
from broker.kernel.values import fields_of
from broker.store.changes import Changes
from broker.store.compiled import Lookup
from broker.store.request import SEES_REQUEST, requests
from broker.store.schema import Moment, metadata
from broker.store.scope import as_reader

releases = Table(
    "releases",
    metadata,
    Column("id", Text, primary_key=True),
    Column("request", ForeignKey("requests.id"), nullable=False, unique=True),
    # Deferred: a flow writes decision, event and release in the order of its story. No reference to the event: the log
    # stands on its own, and `broker verify` checks that it is there.
    Column("decision", ForeignKey("decisions.id", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("responder_public", LargeBinary, nullable=False),
    Column("released_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("event", Text, nullable=False),
    Column("salt", LargeBinary),  # null: from before there were manifests
    Column("erased_at", Moment),
)
_IS_KEPT = releases.c.erased_at.is_(None)
Index("ix_releases_kept", releases.c.expires_at, sqlite_where=_IS_KEPT, postgresql_where=_IS_KEPT)

release_parts = Table(
    "release_parts",
    metadata,
    Column("release", ForeignKey("releases.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("question", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("recipient", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

_ERASE = update(releases).where(releases.c.id == bindparam("of"))
_ERASE_PARTS = delete(release_parts).where(release_parts.c.release == bindparam("of"))
_FIND = (
    select(
        releases,
        release_parts.c.position,
        release_parts.c.question,
        release_parts.c.person,
        release_parts.c.category,
        release_parts.c.recipient,
        release_parts.c.sealed,
    )
    .join(requests)
    .outerjoin(release_parts, release_parts.c.release == releases.c.id)
    .where(SEES_REQUEST, releases.c.request == bindparam("request", type_=Text()))
    .order_by(release_parts.c.position)
)


class Releases(ReleasesPort):
    """The releases within one transaction."""

    def __init__(self, connection: Connection, changes: Changes) -> None:
        self._connection, self._changes = connection, changes

    @override
    def add(self, release: Release) -> None:
        row = fields_of(Release, release)
        del row["parts"]
        self._changes.insert(releases, [row])
        parts = [
            fields_of(SealedPart, part) | {"release": release.id, "position": position}
            for position, part in enumerate(release.parts)
        ]
        self._changes.insert(release_parts, parts)

    @override
    def find_of(self, request: str, *, reader: Actor) -> Release | None:
        rows = self._connection.execute(*release_lookup(request, reader=reader)).all()
        if not rows:
            return None
        first = rows[0]
        return Release(
            id=first.id,
            request=first.request,
            decision=first.decision,
            responder_public=first.responder_public,
            released_at=first.released_at,
            expires_at=first.expires_at,
            event=first.event,
            salt=first.salt,
            erased_at=first.erased_at,
            parts=tuple(
                SealedPart(
                    question=row.question,
                    person=row.person,
                    category=row.category,
                    recipient=row.recipient,
                    sealed=row.sealed,
                )
                for row in rows
                if row.position is not None
            ),
        )

    @override
    def run_out(self, now: datetime, *, limit: int) -> tuple[RunOut, ...]:
        statement = (
            select(releases.c.id, releases.c.request)
            .where(_IS_KEPT, releases.c.expires_at <= now)
            .order_by(releases.c.expires_at)
            .limit(limit)
        )
        return tuple(RunOut(**row._asdict()) for row in self._connection.execute(statement))

    @override
    def erase(self, release: str, at: datetime) -> None:
        self._changes.delete(_ERASE_PARTS, {"of": release})
        self._changes.update(_ERASE, {"of": release, "erased_at": at})


def release_lookup(request: str, *, reader: Actor) -> Lookup:
    """Return how `Releases.find_of` looks one up."""
    return _FIND, as_reader(reader) | {"request": request}

"""Taking turns on PostgreSQL: what was acknowledged first holds first.

Who acts on a case holds its row until his transaction ends, and everybody who acts on it waits for that before he reads
anything. So a decision is made on facts that stay as they are until it is on record, and a withdrawal that was
acknowledged is in every decision after it. Who changes the directory waits until nobody acts and holds up the others:
a dismissal that was acknowledged is known to every act after it.

The transaction sees each commit before its next statement (READ COMMITTED): a snapshot would be from before the wait.
SQLite lets one writer in at a time, which is all of this.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import Connection, Text, bindparam, func, select

from broker.domain.directory import Actor
from broker.domain.store import Place
from broker.store.case import case_lookup, cases
from broker.store.compiled import Lookup, look_ahead
from broker.store.consent import consents
from broker.store.decision import latest_lookup
from broker.store.directory import actor_lookup, keys_lookup
from broker.store.erasure import erasures
from broker.store.release import release_lookup
from broker.store.request import request_lookup, requests

# Its place among PostgreSQL's advisory locks.
_DIRECTORY = int.from_bytes(b"director", "big")

_ID = bindparam("of", type_=Text())
_CASE_OF_REQUEST = select(requests.c.case).where(requests.c.id == _ID).scalar_subquery()
_CASE_OF = {
    "case": _ID,
    "request": _CASE_OF_REQUEST,
    "release": _CASE_OF_REQUEST,
    "consent": select(consents.c.case).where(consents.c.id == _ID).scalar_subquery(),
    "erasure": select(erasures.c.case).where(erasures.c.id == _ID).scalar_subquery(),
}
_SHARE = func.pg_advisory_xact_lock_shared(_DIRECTORY)
_SHARE_DIRECTORY = select(_SHARE)
_HOLD_DIRECTORY = select(func.pg_advisory_xact_lock(_DIRECTORY))
# The directory first, then the case: PostgreSQL works out what is selected from left to right.
# `key_share`: rows that refer to the case may still be added by transactions that do not act on it.
_LOCK = {
    kind: select(_SHARE, select(cases.c.id).where(cases.c.id == case).with_for_update(key_share=True).scalar_subquery())
    for kind, case in _CASE_OF.items()
}


def take_turn(connection: Connection, actor: Actor, day: date, *, on: tuple[Place, str] | None) -> None:
    """Wait until nobody changes the directory nor acts on the case of this place, if any, and look ahead from there.

    One that does not exist is waited for by nobody. Raises what the database raises when it waited too long.
    """
    if connection.dialect.name == "postgresql":
        waiting: Lookup = (_SHARE_DIRECTORY, {}) if on is None else (_LOCK[on[0]], {"of": on[1]})
        look_ahead(connection, [waiting, actor_lookup(actor.staff.id, day), *_lookups(actor, on)])
        connection.execute(*waiting)


def _lookups(actor: Actor, on: tuple[Place, str] | None) -> Iterator[Lookup]:
    """Yield what whoever acts on this reads of it first."""
    match on:
        case "case", case:
            yield case_lookup(case, reader=actor)
        case "request", request:
            yield request_lookup(request, reader=actor)
        case "release", request:
            yield request_lookup(request, reader=actor)
            yield latest_lookup(request)
            yield release_lookup(request, reader=actor)
            yield keys_lookup([actor.staff.id])


def take_directory(connection: Connection) -> None:
    """Wait until nobody acts, and hold up whoever wants to."""
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD_DIRECTORY)

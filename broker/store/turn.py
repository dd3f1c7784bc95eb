"""Taking turns on PostgreSQL: what was acknowledged first holds first.

Who acts on a case holds its row until his transaction ends, and everybody who acts on it waits for that before he reads
anything. So a decision is made on facts that stay as they are until it is on record, and a withdrawal that was
acknowledged is in every decision after it. Who changes the directory waits until nobody acts and holds up the others:
a dismissal that was acknowledged is known to every act after it.

The transaction sees each commit before its next statement (READ COMMITTED): a snapshot would be from before the wait.
SQLite lets one writer in at a time, which is all of this.
"""

from __future__ import annotations

from sqlalchemy import Connection, Text, bindparam, func, select

from broker.store.case import cases
from broker.store.consent import consents
from broker.store.erasure import erasures
from broker.store.request import requests

# Its place among PostgreSQL's advisory locks.
_DIRECTORY = int.from_bytes(b"director", "big")

_ID = bindparam("of", type_=Text())
_CASE_OF = {
    "case": _ID,
    "request": select(requests.c.case).where(requests.c.id == _ID).scalar_subquery(),
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


def take_turn(connection: Connection, *, on: tuple[str, str] | None) -> None:
    """Wait until nobody changes the directory nor acts on the case of this case, request, consent or erasure, if any.

    One that does not exist is waited for by nobody. Raises what the database raises when it waited too long.
    """
    if connection.dialect.name != "postgresql":
        return
    if on is None:
        connection.execute(_SHARE_DIRECTORY)
    else:
        kind, identifier = on
        connection.execute(_LOCK[kind], {"of": identifier})


def take_directory(connection: Connection) -> None:
    """Wait until nobody acts, and hold up whoever wants to."""
    if connection.dialect.name == "postgresql":
        connection.execute(_HOLD_DIRECTORY)

"""Serve pages: the log says which program the pages bring along, and from when.

A browser runs what the server sends it. What was sent when can be held against what was published (`make pages` builds
the same bytes from the same sources), because each change of it is an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from broker.crypto.canonical import digest
from broker.domain.event import Event
from broker.domain.wiring import Wiring
from broker.kernel.values import new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ServePages:
    """The files that the pages bring along: the SHA-384 of each in base64, by name."""

    files: Mapping[str, str]


def serve_pages(command: ServePages, w: Wiring) -> None:
    """Put on record that these files are served from now on, if they are other files than before."""
    now = w.clock()
    program = digest(dict(command.files))
    with w.store.transaction() as tx:
        if tx.sessions.put_program(program, now):
            tx.log.append(
                Event(
                    id=new_id("evt", now),
                    tag="pages:program:served",
                    at=now,
                    outcome=program,
                    detail={"files": dict(command.files)},
                )
            )

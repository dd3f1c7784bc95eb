"""Events and the log they are in: proofs for who is a party, checkpoints for everybody."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from broker.api.deps import Id, W, Who
from broker.api.problems import PROBLEMS
from broker.api.shapes import Out
from broker.api.signed_in import SignedInRoute
from broker.crypto.base64text import encode_base64
from broker.domain.event import Proven
from broker.flows import oversee, publish

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute, tags=["oversight"])
everybody = APIRouter(prefix="/v1", responses=PROBLEMS, tags=["log"])
"""What is open to who is not signed in: it costs little, and nobody waits for it."""


class EventOut(Out):
    """An event with its entry bytes and its proof, base64, so that the reader verifies it himself.

    `detail` and `salt` are null when they are not for this reader, or were destroyed; `checkpoint` and `proof` before a
    checkpoint covers the event.
    """

    id: str
    tag: str
    index: int | None
    entry: str
    detail: dict[str, Any] | None
    salt: str | None
    checkpoint: str | None
    proof: list[str] | None

    @classmethod
    def of(cls, proven: Proven) -> EventOut:
        """Return an event as the flow let its reader see it."""
        recorded, signed = proven.recorded, proven.checkpoint
        return cls(
            id=recorded.id,
            tag=recorded.tag,
            index=recorded.index,
            entry=encode_base64(recorded.entry),
            detail=dict(recorded.detail) if recorded.detail is not None else None,
            salt=encode_base64(recorded.salt) if recorded.salt else None,
            checkpoint=signed.note if signed and proven.proof is not None else None,
            proof=[encode_base64(node) for node in proven.proof] if proven.proof is not None else None,
        )


class ConsistencyOut(Out):
    """The newest checkpoint, and the proof, base64, that it continues the log of this size."""

    size: int
    checkpoint: str
    proof: list[str]


@router.get("/requests/{request}/events")
def events(request: Id, who: Who, w: W) -> list[EventOut]:
    """Return the events of a request with their proofs."""
    return [EventOut.of(proven) for proven in oversee.events_of(oversee.Inspect(actor=who, subject=request), w)]


@everybody.get("/log/checkpoint", response_class=PlainTextResponse)
def checkpoint(w: W) -> PlainTextResponse:
    """Return the newest signed checkpoint of the log (C2SP tlog-checkpoint); open to everybody."""
    return PlainTextResponse(publish.newest_checkpoint(w).note)


@everybody.get("/log/consistency")
def consistency(w: W, size: Annotated[int, Query(ge=0, le=2**53)]) -> ConsistencyOut:
    """Return the newest checkpoint with the proof that it continues the log of this size; open to everybody."""
    signed, proof = publish.consistency(size, w)
    return ConsistencyOut(size=size, checkpoint=signed.note, proof=[encode_base64(node) for node in proof])

"""Health: whether the broker is ready. Asking costs next to nothing and names nobody."""

from __future__ import annotations

import asyncio
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from broker.api.deps import W
from broker.api.problems import MEDIA_TYPE, PROBLEMS, document_of
from broker.api.shapes import Out
from broker.domain.bundle import Served
from broker.domain.wiring import Wiring
from broker.keeper import Kept
from broker.kernel.errors import BrokerError

router = APIRouter(prefix="/v1", responses=PROBLEMS, tags=["health"])
probes = APIRouter(prefix="/healthz", responses=PROBLEMS, tags=["health"])
"""What who keeps processes running asks, at the addresses it expects."""


class DatabaseLook:
    """A look at the database for whoever asks: one at a time, and who asks meanwhile hears what it finds."""

    def __init__(self, w: Wiring) -> None:
        self._w = w
        self._looking: asyncio.Task[str | None] | None = None

    async def trouble(self) -> str | None:
        """Return the code of what is wrong with the database, None for nothing."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(to_thread.run_sync(self._look))
        return await asyncio.shield(self._looking)

    def _look(self) -> str | None:
        try:
            with self._w.store.reading() as tx:
                tx.log.size()
        except BrokerError as error:
            return error.code
        return None


class LogHealthOut(Out):
    """`reason`: the code of why the log cannot be kept. `failures`: how often that was tried in vain so far."""

    reason: str | None
    failures: int


class PolicyHealthOut(Out):
    """`status`: LOADED, STALE (an earlier edition decides, the one on offer is not usable) or ERROR (there is none)."""

    status: str
    revision: str | None
    digest: str | None
    signers: list[str]
    reason: str | None


class LiveOut(Out):
    """It answers."""

    status: str


class HealthOut(Out):
    """What the broker finds, and what it found by itself in the last seconds."""

    status: str
    log: LogHealthOut
    policy: PolicyHealthOut


def trouble_of(served: Served, kept: Kept) -> str | None:
    """Return the code of why the broker is not ready; None when it can decide and put on record what it does."""
    return kept.trouble or (served.reason or "policy.unavailable" if served.status == "ERROR" else None)


@router.get("/health", response_model=HealthOut)
async def health(request: Request, w: W) -> Any:
    """Say whether the broker is ready: it can decide, and it can put on record what it does. 503 when it is not.

    `policy.reason` and `log.reason` are codes of what is wrong: the edition, the log's key, the database.
    """
    served, kept = w.gate.served, request.app.state.log_keeper.kept()
    shown = HealthOut(
        status="ok",
        log=LogHealthOut(reason=kept.trouble, failures=kept.failures),
        policy=PolicyHealthOut(
            status=served.status,
            revision=served.revision,
            digest=served.digest,
            signers=list(served.signers),
            reason=served.reason,
        ),
    )
    looked: DatabaseLook = request.app.state.database_look
    trouble = trouble_of(served, kept) or await looked.trouble()
    if trouble is None:
        return shown
    return JSONResponse({**shown.model_dump(), **document_of(503, trouble)}, status_code=503, media_type=MEDIA_TYPE)


@probes.get("/live")
async def live() -> LiveOut:
    """Say that this process answers; nothing else is looked at, so that a database that is away restarts nobody."""
    return LiveOut(status="ok")


@probes.get("/ready", response_model=HealthOut)
async def ready(request: Request, w: W) -> Any:
    """Say whether the broker is ready, as `/v1/health` does."""
    return await health(request, w)

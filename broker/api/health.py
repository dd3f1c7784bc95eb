"""Health: whether the broker is ready. Asking costs nothing and names nobody."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from broker.api.deps import W
from broker.api.problems import MEDIA_TYPE, PROBLEMS, document_of
from broker.api.shapes import Out
from broker.domain.bundle import Served
from broker.keeper import Kept

router = APIRouter(prefix="/v1", responses=PROBLEMS, tags=["health"])


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


class HealthOut(Out):
    """What the broker found by itself in the last seconds."""

    status: str
    log: LogHealthOut
    policy: PolicyHealthOut


def trouble_of(served: Served, kept: Kept) -> str | None:
    """Return the code of why the broker is not ready; None when it can decide and put on record what it does."""
    return kept.trouble or (served.reason or "policy.unavailable" if served.status == "ERROR" else None)


@router.get("/health", response_model=HealthOut)
def health(request: Request, w: W) -> Any:
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
    trouble = trouble_of(served, kept)
    if trouble is None:
        return shown
    return JSONResponse({**shown.model_dump(), **document_of(503, trouble)}, status_code=503, media_type=MEDIA_TYPE)

"""Access requests: a denial that can be put right is handed in, and followed (Access Request and Approval, draft 1).

A task is the denial itself: `approved` as soon as the same question gets a yes, `pending` while somebody can still put
right what stands in the way, `denied` when nobody can, `expired` after its term. Its result is `reevaluate`: the yes
that counts is the one given when it is acted on.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from broker.api import authzen_shapes as shapes
from broker.api.authzen_point import REQUESTS, asked
from broker.api.authzen_views import awaiting
from broker.api.deps import Id, W, Who
from broker.api.problems import PROBLEMS
from broker.api.signed_in import SignedInRoute
from broker.domain.directory import Actor
from broker.domain.inquiry import TASK_LASTS, is_requestable, narrowed
from broker.domain.wiring import Wiring
from broker.flows import evaluate, resolve
from broker.kernel.errors import ConflictError
from broker.kernel.values import format_moment

router = APIRouter(prefix=REQUESTS, responses=PROBLEMS, tags=["access"], route_class=SignedInRoute)


@router.post(
    "", status_code=202, response_model=dict[str, Any], responses={201: {"description": "It was put right already."}}
)
def submit(body: shapes.AccessRequestIn, request: Request, who: Who, w: W) -> JSONResponse:
    """Hand in a denial; the same one again is the same task."""
    denial = resolve.submit(
        resolve.Submit(
            actor=who,
            question=body.question(),
            evaluation=body.denial.evaluation_id,
            expires_at=body.denial.expires_at,
        ),
        w,
    )
    shown = _task(denial, who, w, request.app.state.public_url)
    task = shown["task"]
    return JSONResponse(
        shown, 201 if task["status"] == "approved" else 202, headers={"Location": task["status_endpoint"]}
    )


@router.get("/{task}")
def follow(task: Id, request: Request, who: Who, w: W) -> dict[str, Any]:
    """Say how a denial that was handed in stands now."""
    denial = resolve.follow(resolve.Follow(actor=who, evaluation=_evaluation(task)), w)
    return _task(denial, who, w, request.app.state.public_url)


def _evaluation(task: str) -> str:
    return f"dec_{task[4:]}" if task.startswith("arq_") else task


def _task(denial: resolve.Denial, who: Actor, w: Wiring, public_url: str) -> dict[str, Any]:
    decided = denial.decided
    now, ends = w.clock(), decided.at + TASK_LASTS
    task = f"arq_{decided.id[4:]}"
    shown: dict[str, Any] = {
        "id": task,
        "status": "denied",
        "status_endpoint": f"{public_url}{REQUESTS}/{task}",
        "expires_at": format_moment(ends),
    }
    if now >= ends:
        return {"task": {**shown, "status": "expired"}}
    try:
        again = evaluate.still_permitted(asked(denial.question, who), w)
    except ConflictError:
        return {"task": shown}  # the request went on without it: released, declined or taken by somebody else
    if again.permitted:
        approval = {
            "id": f"apr_{decided.id[4:]}",
            "approved_at": format_moment(now),
            "approved_until": format_moment(ends),
        }
        return {
            "task": {**shown, "status": "approved"},
            "result": {"mode": "reevaluate", "approval": approval},
        }
    left = narrowed(again.decided.decision, again.part)
    if is_requestable(left):
        shown |= {"status": "pending", "progress": {"awaiting": awaiting(left, w.gate.law)}}
    return {"task": shown}

"""The evidence package of one request, for the privacy officer of a party; who has it needs the broker no more."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response

from broker.api.deps import Id, W, Who
from broker.api.events import EventOut
from broker.api.problems import PROBLEMS
from broker.api.signed_in import SignedInRoute
from broker.client.package import pack, verify_package
from broker.crypto.base64text import encode_base64
from broker.domain.decision import document_of
from broker.domain.directory import Actor
from broker.domain.wiring import Wiring
from broker.flows import oversee, publish

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute, tags=["oversight"])


class PackageFile(Response):
    """An evidence package as a file to keep."""

    media_type = "application/zip"


@router.get("/requests/{request}/evidence", response_class=PackageFile)
def evidence(request: Id, call: Request, who: Who, w: W) -> Response:
    """Return the evidence package of a request, a ZIP that anybody checks by himself."""
    return package_of(request, call, who, w)


def package_of(request: str, call: Request, who: Actor, w: Wiring) -> Response:
    """Return the package as a file with the request's id in its name, once all of it was verified here too."""
    publish.catch_up(w)
    gathered = oversee.gather(oversee.Inspect(actor=who, subject=request), w)
    data = pack(_content(gathered), call.app.state.write_account(gathered))
    verify_package(data, gathered.vkey)
    return PackageFile(data, headers={"content-disposition": f'attachment; filename="bewijs-{request}.zip"'})


def _content(gathered: oversee.Gathered) -> dict[str, Any]:
    return {
        "version": 1,
        "request": gathered.request,
        "log": gathered.vkey,
        "checkpoint": gathered.checkpoint.note,
        "decisions": [
            {
                "digest": one.digest,
                "salt": encode_base64(one.salt) if one.salt else None,
                "document": one.document,
                "decision": document_of(one.decision),
            }
            for one in gathered.decisions
        ],
        "events": [EventOut.of(event).model_dump(mode="json", exclude={"checkpoint"}) for event in gathered.events],
    }

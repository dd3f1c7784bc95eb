"""What every endpoint needs: the wiring, and who acts."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from broker.domain.directory import Actor
from broker.domain.ports import Wiring
from broker.identity import TokenVerifier
from broker.kernel.errors import IdentityError


def wiring(request: Request) -> Wiring:
    """Return the wiring that the composition root chose."""
    chosen: Wiring = request.app.state.wiring
    return chosen


def actor(request: Request) -> Actor:
    """Return who acts: the token says who the person is, the directory says everything else.

    Raises IdentityError when the token or its proof does not hold, or nobody in the directory goes by it.
    """
    w = wiring(request)
    verifier: TokenVerifier = request.app.state.verifier
    now = w.clock()
    caller = verifier.verify(
        authorization=request.headers.get("authorization"),
        proof=request.headers.get("dpop"),
        method=request.method,
        url=request.app.state.public_url + request.url.path,
        now=now,
    )
    request.state.caller = caller
    with w.store.transaction() as tx:
        found = tx.directory.find_actor(caller.issuer, caller.subject, caller.assurance, now.date())
    if found is None:
        raise IdentityError("nobody in the directory goes by this subject", code="identity.not_enrolled")
    return found


W = Annotated[Wiring, Depends(wiring)]
Who = Annotated[Actor, Depends(actor)]

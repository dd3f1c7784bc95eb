"""What endpoints and pages need: the wiring, who acts, and identifiers in the address."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Security
from fastapi.security.http import HTTPBase

from broker.api.shapes import ID
from broker.domain.directory import Actor
from broker.domain.ports import Wiring
from broker.identity import Caller, TokenVerifier
from broker.kernel.errors import IdentityError

# For the OpenAPI description; the verifier reads the headers itself.
_SIGNED_IN = HTTPBase(
    scheme="DPoP",
    scheme_name="DPoP",
    description="An access token bound to a key, with a fresh proof in the header DPoP (RFC 9449).",
    auto_error=False,
)


def wiring(request: Request) -> Wiring:
    """Return the wiring that the composition root chose."""
    chosen: Wiring = request.app.state.wiring
    return chosen


def actor(request: Request, _: Annotated[object, Security(_SIGNED_IN)]) -> Actor:
    """Return who acts: the token says who the person is, the directory says everything else.

    Raises IdentityError when the token or its proof does not hold, or nobody in the directory goes by it.
    """
    w = wiring(request)
    verifier: TokenVerifier = request.app.state.verifier
    now = w.clock()

    def known(caller: Caller) -> None:
        request.state.caller = caller

    caller = verifier.verify(
        authorization=_single(request, "authorization", "identity.malformed"),
        proof=_single(request, "dpop", "identity.proof_invalid"),
        method=request.method,
        url=request.app.state.public_url + request.url.path,
        now=now,
        known=known,
    )
    with w.store.transaction() as tx:
        found = tx.directory.find_actor(caller.issuer, caller.subject, caller.assurance, now.date())
    if found is None:
        raise IdentityError("nobody in the directory goes by this subject", code="identity.not_enrolled")
    return found


def _single(request: Request, name: str, code: str) -> str | None:
    """Return the header's value; raise IdentityError when it is there twice (RFC 9449 section 4.3, check 1)."""
    values = request.headers.getlist(name)
    if len(values) > 1:
        raise IdentityError("a header that may be there once is there twice", code=code)
    return values[0] if values else None


W = Annotated[Wiring, Depends(wiring)]
Id = Annotated[str, Path(pattern=ID)]
Before = Annotated[str | None, Query(pattern=ID)]
Who = Annotated[Actor, Depends(actor)]

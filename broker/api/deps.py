"""What endpoints and pages need: the wiring, who acts, and identifiers in the address.

These are coroutines because FastAPI goes to another thread for a function, and they only pass on what is there.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query, Request, Security
from fastapi.security.http import HTTPBase

from broker.api.shapes import ID, KEY_ID
from broker.domain.directory import Actor
from broker.domain.wiring import Wiring

# For the OpenAPI description; sign-in reads the headers itself.
_SIGNED_IN = HTTPBase(
    scheme="DPoP",
    scheme_name="DPoP",
    description="An access token bound to a key, with a fresh proof in the header DPoP (RFC 9449).",
    auto_error=False,
)


async def wiring(request: Request) -> Wiring:
    """Return the wiring that the composition root chose."""
    chosen: Wiring = request.app.state.wiring
    return chosen


async def actor(request: Request, _: Annotated[object, Security(_SIGNED_IN)]) -> Actor:
    """Return who acts, as the route found out before it read anything else (`signed_in`)."""
    found: Actor = request.state.actor
    return found


W = Annotated[Wiring, Depends(wiring)]
Id = Annotated[str, Path(pattern=ID)]
KeyId = Annotated[str, Path(pattern=KEY_ID)]
Before = Annotated[str | None, Query(pattern=ID)]
Who = Annotated[Actor, Depends(actor)]

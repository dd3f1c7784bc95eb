"""The body of a call: as many bytes as its route takes, in as much time as they need, and not one before they are read.

A route says by the shape of its body how large that may be. Who is too slow holds no more than his own call.
"""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import HTTPException
from starlette.types import Receive, Scope

PATIENCE = 30.0
"""Seconds for a small body; a larger one has the time it takes at `SLOWEST`."""

SLOWEST = 64 * 1024
"""Bytes a second that a line carries at least."""

CLOSING = {"Connection": "close"}
"""What follows on this connection would be the rest of a body that nobody reads."""


def declared(scope: Scope) -> int | None:
    """Return how many bytes of body the headers announce; 0 without a body, None when they do not say."""
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        return None
    return int(headers.get(b"content-length", b"0"))  # the server refused what is no number


def bounded(scope: Scope, receive: Receive, *, most: int) -> Receive:
    """Return what gives the body of this call piece by piece.

    It raises HTTPException 413 as soon as the body is, or says it is, larger than `most` bytes, and 408 when it does
    not come in time.
    """
    loop, announced = asyncio.get_running_loop(), declared(scope) or 0
    read, complete, began = 0, False, loop.time()

    async def piece() -> dict[str, Any]:
        nonlocal read, complete
        if complete:
            return dict(await receive())  # whoever waits for the caller to go away has all the time
        if announced > most:
            raise HTTPException(413, headers=CLOSING)
        try:
            async with asyncio.timeout_at(began + PATIENCE + read / SLOWEST):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, headers=CLOSING) from None
        read += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if read > most:
            raise HTTPException(413, headers=CLOSING)
        return dict(message)

    return piece

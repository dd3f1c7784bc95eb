"""Routes for who is signed in: who calls is known before a byte of what he sends is read.

FastAPI reads the body before it asks any dependency, so this is the route's own doing: sign-in by the headers alone,
then the caller's share (`callers`), then a body no larger than its shape allows.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, get_type_hints

from anyio import CapacityLimiter, to_thread
from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from broker.api.body import bounded
from broker.api.callers import Callers
from broker.api.edge import called_by
from broker.api.shapes import Body
from broker.domain.directory import Actor
from broker.domain.wiring import Wiring
from broker.identity import Caller, TokenVerifier
from broker.kernel.errors import IdentityError, ParseError
from broker.kernel.strict_json import read_json
from broker.kernel.values import legal_day

_SIGNING_IN = CapacityLimiter(8)
"""Threads in which sign-in is checked: an issuer or a database that does not answer holds no more than these."""


class SignedInRoute(APIRoute):
    """A route for who is signed in; `deps.actor` tells the endpoint who that is."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **given: Any) -> None:
        """Take what APIRoute takes."""
        super().__init__(path, _answering(endpoint, status_code=given.get("status_code") or 200), **given)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what serves a call (FastAPI: custom Request and APIRoute class)."""
        handle, most = super().get_route_handler(), _most_bytes(self)

        async def signed_in(request: Request) -> Response:
            request.state.actor = await to_thread.run_sync(_sign_in, request, limiter=_SIGNING_IN)
            with callers_of(request).turn(request.state.actor.staff.id):
                receive = request.receive if most is None else bounded(request.scope, request.receive, most=most)
                return await handle(_Call(request.scope, receive))

        return signed_in


class _Call(Request):
    """A call whose body means one thing to everybody who reads it."""

    async def json(self) -> Any:
        """Return the body; ParseError for what strict JSON is not."""
        try:
            return read_json(await self.body())
        except ParseError as error:
            raise ParseError("the body is not JSON", errors=(f"/body: {error}",)) from None


def _answering(endpoint: Callable[..., Any], *, status_code: int) -> Callable[..., Any]:
    """Return the endpoint that makes its own response, in the thread that it runs in.

    FastAPI would go to another thread to check the answer, which the type checker has done, and write it on the loop.
    """
    shape = get_type_hints(endpoint)["return"]
    if isinstance(shape, type) and issubclass(shape, Response):
        return endpoint
    write = TypeAdapter(shape).dump_json

    @wraps(endpoint)
    def answer(*given: Any, **named: Any) -> Response:
        said = write(endpoint(*given, **named), by_alias=True)
        return Response(said, status_code=status_code, media_type="application/json")

    return answer


def callers_of(request: Request) -> Callers:
    """Return who is calling this app."""
    callers: Callers = request.app.state.callers
    return callers


def _sign_in(request: Request) -> Actor:
    """Return who acts: the token says who the person is, the directory says everything else.

    Raises IdentityError when the token or its proof does not hold, or nobody in the directory goes by it.
    """
    w: Wiring = request.app.state.wiring
    verifier: TokenVerifier = request.app.state.verifier
    now = w.clock()

    def known(caller: Caller) -> None:
        request.state.caller = caller

    caller = verifier.verify(
        authorization=_single(request, "authorization", "identity.malformed"),
        proof=_single(request, "dpop", "identity.proof_invalid"),
        method=called_by(request.scope),
        url=request.app.state.public_url + request.scope["raw_path"].decode("ascii"),
        now=now,
        known=known,
    )
    with w.store.looking() as tx:
        found = tx.directory.find_actor(caller.account, caller.assurance, legal_day(now))
    if found is None:
        raise IdentityError("nobody in the directory goes by this subject", code="identity.not_enrolled")
    return found


def _single(request: Request, name: str, code: str) -> str | None:
    """Return the header's value; raise IdentityError when it is there twice (RFC 9449 section 4.3, check 1)."""
    values = request.headers.getlist(name)
    if len(values) > 1:
        raise IdentityError("a header that may be there once is there twice", code=code)
    return values[0] if values else None


def _most_bytes(route: APIRoute) -> int | None:
    shape = route.body_field.field_info.annotation if route.body_field else None
    return shape.most_bytes if isinstance(shape, type) and issubclass(shape, Body) else None

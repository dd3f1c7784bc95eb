"""Who reads a page, and whether a form came from a page of his.

The browser holds a random value in a cookie that no script can read; behind it is a session. Who acts in it is found
anew at every page. What the menu offers is what the policy lets this reader do, by the same question that the page
itself asks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Annotated, cast

from fastapi import Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData, QueryParams

from broker.api.deps import W
from broker.api.signed_in import callers_of
from broker.domain.deciding import authorise
from broker.domain.directory import Actor
from broker.domain.gate import Gate
from broker.domain.session import LASTS, SIGN_IN_TAKES, Session
from broker.domain.vocabulary import Operation
from broker.domain.wiring import Wiring
from broker.flows import sign_in
from broker.kernel.errors import RefusedError
from broker.web.page import place_of

_MENU: tuple[tuple[str, str, Operation], ...] = (
    ("requests", "/requests", "read_worklist"),
    ("inbox", "/inbox", "read_inbox"),
    ("oversight", "/decisions", "inspect"),
    ("key", "/key", "enrol_key"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MenuItem:
    """One of the pages that this reader may see."""

    key: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Who reads a page, in which session, and what he may go to."""

    actor: Actor
    session: Session
    menu: tuple[MenuItem, ...]

    @property
    def csrf(self) -> str:
        """What each form of this session's pages carries."""
        return self.session.csrf


class SignInNeeded(Exception):  # noqa: N818  not an error: the way on is to sign in
    """Nobody is signed in, or not any more; then the session that ran out."""

    def __init__(self, session: Session | None) -> None:
        super().__init__("nobody is signed in")
        self.session = session


async def visit(request: Request, w: W) -> AsyncIterator[Visit]:
    """Have who reads this page make one call; SignInNeeded when nobody is signed in."""
    found = await run_in_threadpool(find_visit, request, w)
    if not isinstance(found, Visit):
        raise SignInNeeded(found)
    with callers_of(request).turn(found.actor.staff.id):
        yield found


def find_visit(request: Request, w: Wiring) -> Visit | Session | None:
    """Return who reads this page, the session of his that ran out, or None."""
    secret = request.cookies.get(_cookie(request, "session"))
    visited = sign_in.visit(secret, w) if secret else None
    if visited is None or visited.actor is None:
        return visited.session if visited else None
    session, actor = visited.session, visited.actor
    request.state.actor = actor
    request.state.visit = Visit(actor=actor, session=session, menu=_menu(actor, w))
    return cast("Visit", request.state.visit)


async def form(request: Request, visit: Visitor) -> FormData:
    """Return the form that was sent; RefusedError when it does not come from a page of this session."""
    typed = await request.form()
    if not _is_ours(request, typed, visit.session):
        raise RefusedError("the form is not of this session's page", code="web.csrf")
    return typed


Visitor = Annotated[Visit, Depends(visit)]
Form = Annotated[FormData, Depends(form)]


def take_kept(request: Request, visit: Visit) -> FormData | None:
    """Return what this reader had typed here when an earlier session of his ran out, once."""
    kept = sign_in.take_form(visit.session, request.url.path, request.app.state.wiring)
    return FormData([*kept]) if kept else None


async def ask_to_sign_in(request: Request, error: Exception) -> Response:
    """Send the browser to sign in and back here; what was typed is kept for whoever typed it."""
    assert isinstance(error, SignInNeeded)  # noqa: S101  FastAPI hands over what was registered
    if "x-fragment" in request.headers:
        return Response(status_code=401)
    to = place_of(request)
    if request.method == "POST" and error.session is not None:
        typed = await request.form()
        if _is_ours(request, typed, error.session):
            fields = [(name, value) for name, value in typed.multi_items() if isinstance(value, str)]
            await run_in_threadpool(sign_in.keep_form, error.session, to, fields, request.app.state.wiring)
    return RedirectResponse("/sign-in?" + str(QueryParams({"to": to})), status_code=303)


def set_cookie(response: Response, request: Request, kind: str, secret: str) -> None:
    """Give the browser a secret that goes nowhere but here, and that no script can read."""
    lasts = LASTS if kind == "session" else SIGN_IN_TAKES
    response.set_cookie(
        _cookie(request, kind),
        secret,
        max_age=int(lasts.total_seconds()),
        secure=_is_https(request),
        httponly=True,
        samesite="lax",  # strict would keep it from whoever comes back from his identity provider
    )


def forget_cookie(response: Response, request: Request, kind: str) -> None:
    """Take a secret back from the browser."""
    response.delete_cookie(_cookie(request, kind), secure=_is_https(request), httponly=True, samesite="lax")


def cookie_of(request: Request, kind: str) -> str:
    """Return the secret of this kind that the browser holds, or nothing."""
    return request.cookies.get(_cookie(request, kind), "")


def _menu(actor: Actor, w: Wiring) -> tuple[MenuItem, ...]:
    hour = w.clock().replace(minute=0, second=0, microsecond=0)
    return _menu_of(actor, hour, w.gate, w.gate.bundle_digest)  # type: ignore[arg-type]  # a gate is itself alone


# The same for a reader, as the directory knows him, within an hour and under one bundle; each page still asks itself.
@lru_cache(maxsize=1000)
def _menu_of(actor: Actor, now: datetime, gate: Gate, _bundle: str | None) -> tuple[MenuItem, ...]:
    return tuple(MenuItem(key=key, path=path) for key, path, operation in _MENU if _may(actor, operation, now, gate))


def _may(actor: Actor, operation: Operation, now: datetime, gate: Gate) -> bool:
    try:
        authorise(operation, actor, now, gate)
    except RefusedError:
        return False
    return True


def _is_ours(request: Request, typed: FormData, session: Session) -> bool:
    token, origin = typed.get("csrf"), request.headers.get("origin")
    return (
        isinstance(token, str)
        and session.has_form_token(token)
        and request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
        and (origin is None or origin == request.app.state.public_url)
    )


def _is_https(request: Request) -> bool:
    return str(request.app.state.public_url).startswith("https:")


def _cookie(request: Request, kind: str) -> str:
    # `__Host-` (RFC 6265bis 4.1.3.2): set by this host alone, over https, for all its paths.
    return f"__Host-deelgrond-{kind}" if _is_https(request) else f"deelgrond-{kind}"

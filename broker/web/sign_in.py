"""Signing in and out, the first page, and the language of the pages."""

from __future__ import annotations

from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from broker.api.body import bounded
from broker.api.deps import W
from broker.domain.session import local_path
from broker.domain.wiring import Wiring
from broker.flows import read, sign_in
from broker.openid import OpenIdProvider
from broker.web.guard import Form, Visit, Visitor, cookie_of, find_visit, forget_cookie, set_cookie
from broker.web.page import LANGUAGES, render

router = APIRouter()


@router.get("/")
def first_page(request: Request, w: W) -> Response:
    """Lead a reader who is signed in to his work, and others to signing in."""
    found = find_visit(request, w)
    if isinstance(found, Visit):
        return RedirectResponse(_work_of(found, w), status_code=303)
    return render(request, "first.html")


def _work_of(visit: Visit, w: W) -> str:
    """Return where this reader's work is: at what waits for him, else at the first thing he may do."""
    paths = [item.path for item in visit.menu]
    if "/inbox" in paths and read.inbox(visit.actor, w, limit=1):
        return "/inbox"
    return paths[0] if paths else "/key"


_AT_PROVIDER = CapacityLimiter(8)
"""Threads that may wait for the identity provider: nobody who is signed in waits with them."""


@router.get("/sign-in")
async def begin(
    request: Request,
    w: W,
    *,
    to: Annotated[str, Query(max_length=500)] = "/",
    login_hint: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Send the browser to the identity provider."""
    return await to_thread.run_sync(_begin, request, w, to, login_hint, limiter=_AT_PROVIDER)


@router.get("/sign-in/return")
async def come_back(request: Request, w: W) -> Response:
    """Begin a session for whoever the identity provider says came back, in the browser that went."""
    return await to_thread.run_sync(_come_back, request, w, limiter=_AT_PROVIDER)


def _begin(request: Request, w: Wiring, to: str, login_hint: str) -> Response:
    """By a page and not by a redirect, because a form may have led here.

    A form's way must not leave this site (Content Security Policy 3, form-action).
    """
    begun, sealed = sign_in.begin(local_path(to), w)
    provider: OpenIdProvider = request.app.state.provider
    address = provider.address(state=begun.state, nonce=begun.nonce, verifier=begun.verifier, login_hint=login_hint)
    response = render(request, "sign_in.html", address=address)
    set_cookie(response, request, "sign-in", sealed)
    return response


def _come_back(request: Request, w: Wiring) -> Response:
    answer = dict(request.query_params)
    # The cookie binds the way back to the browser that set out, so that nobody is signed in as somebody else.
    under_way = sign_in.under_way(cookie_of(request, "sign-in"), answer.get("state", ""), w)
    provider: OpenIdProvider = request.app.state.provider
    caller = provider.caller(answer, under_way, now=w.clock())
    enter = sign_in.Enter(account=caller.account, assurance=caller.assurance)
    secret = sign_in.sign_in(enter, w)
    response = RedirectResponse(under_way.to, status_code=303)
    set_cookie(response, request, "session", secret)
    forget_cookie(response, request, "sign-in")
    return response


@router.post("/sign-out")
def sign_out(request: Request, visit: Visitor, _: Form, w: W) -> Response:
    """End the session; the key file stays in the browser, closed."""
    sign_in.sign_out(visit.session.id, visit.actor, w)
    response = RedirectResponse("/", status_code=303)
    forget_cookie(response, request, "session")
    return response


_CHOICE = 4096
"""Bytes that a choice of language takes at most: it is open to who is not signed in."""


@router.post("/language")
async def choose_language(request: Request) -> Response:
    """Remember in which language somebody wants to read; it says nothing about him, so it needs no session."""
    typed = await Request(request.scope, bounded(request.scope, request.receive, most=_CHOICE)).form()
    to, chosen = typed.get("to"), typed.get("language")
    response = RedirectResponse(local_path(to if isinstance(to, str) else "/"), status_code=303)
    if chosen in LANGUAGES:
        response.set_cookie("language", str(chosen), max_age=365 * 86400, httponly=True, samesite="lax")
    return response

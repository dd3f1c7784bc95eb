"""The pages as a part of the app: their routes, their files, and their errors as pages."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from broker import words
from broker.api.headers import is_page
from broker.api.problems import problem
from broker.web import answer, consent, key, oversee, request, sign_in
from broker.web.guard import SignInNeeded, ask_to_sign_in
from broker.web.page import STATIC, Pages, render


def install(app: FastAPI, pages: Pages) -> None:
    """Serve the pages; `app.state.provider` is where people sign in."""
    app.state.pages = pages
    for noun in (sign_in, request, answer, consent, key, oversee):
        app.include_router(noun.router, include_in_schema=False)
    # Only files are made smaller: what a page says beside its form token is not (BREACH).
    app.mount("/static", GZipMiddleware(StaticFiles(directory=STATIC)))
    app.add_exception_handler(SignInNeeded, ask_to_sign_in)


def tell(
    request: Request,
    status: int,
    code: str,
    *,
    findings: tuple[str, ...] = (),
    headers: dict[str, str] | None = None,
) -> Response:
    """Tell of an error by a page where people read and by a problem where programs do (see `problems.Answer`)."""
    if not is_page(request.url.path):
        return problem(request, status, code, findings=findings, headers=headers)
    reasons = [words.explain_reason(finding) for finding in findings if finding in words.REASONS]
    facts = {"code": code, "told": words.explain_error(code), "reasons": reasons}
    response = render(request, "fault.html", status=status, **facts)
    response.headers.update(headers or {})
    return response

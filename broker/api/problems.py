"""Every error as application/problem+json (RFC 9457), by one table, once its attempt is in the log.

The detail is a sentence for people, found by the error's code; the exception's own text is for the server's log and
never leaves. NL API Design Rules: /core/error-handling/problem-details, invalid-input 400, all-errors.
"""

from __future__ import annotations

import logging
import re
from dataclasses import asdict
from typing import Any, Protocol

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from broker.api.headers import HEADERS, echoed
from broker.api.shapes import findings
from broker.domain.event import Event
from broker.domain.wiring import Wiring
from broker.flows.attempt import record
from broker.kernel import errors
from broker.kernel.values import new_id
from broker.words import explain_error, finding_words

log = logging.getLogger(__name__)

STATUS: dict[type[errors.BrokerError], int] = {
    errors.InputError: 400,
    errors.ParseError: 400,
    errors.IdentityError: 401,
    errors.RefusedError: 403,
    errors.NotFoundError: 404,
    errors.ConflictError: 409,
    errors.CrowdedError: 429,
    errors.PolicyError: 503,
    errors.PolicyUnavailable: 503,
    errors.PolicyMalformed: 503,
    errors.StoreUnavailable: 503,
    errors.KeyUnavailable: 503,
    errors.IntegrityError: 500,
    errors.SignatureError: 400,
    errors.ProofError: 500,
    errors.SealError: 500,
    errors.LogForkError: 500,
    errors.NotSent: 503,
    errors.SettingsError: 500,
}
"""A signature that does not verify is what the caller sent, so 400; every other broken evidence is ours, so 500."""

MEDIA_TYPE = "application/problem+json"

PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string", "description": "what is wrong, for people"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what to do, for people"},
        "code": {"type": "string", "description": "what is wrong, for programs"},
        "errors": {
            "type": "array",
            "items": {"type": "object", "required": ["detail"], "properties": {"detail": {"type": "string"}}},
        },
    },
}
"""The schema of every problem document (RFC 9457) in the OpenAPI description."""

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
    for status, said in (
        ("4XX", "Nothing was done, because of who calls, what was sent or how things stand."),
        ("5XX", "Nothing was done, because of a fault on this side; it may be tried again."),
    )
}
"""The error answers of every route in the OpenAPI description."""

PROTECTED_RESOURCE = "/.well-known/oauth-protected-resource"
"""Where a client that was not let in reads where to sign in (RFC 9728)."""

_DRAWN = re.compile("[0-9A-Fa-f-]{16,64}")
_ARAP = "urn:openid:authzen:access-request:error:"
_OWN_STATUS = {"access.too_many": 413, "access.expired_denial": 410}
_OWN_TYPE = {
    "access.not_requestable": _ARAP + "not_requestable",
    "access.expired_denial": _ARAP + "expired_denial",
    "access.invalid_denial_binding": _ARAP + "invalid_denial_binding",
    "access.unknown_task": _ARAP + "unknown_task",
}
# Where a standard gives a status or a problem type of its own to something that is ours by class.

_HTTP_CODES = {
    400: "input.malformed",
    404: "store.not_found",
    405: "input.method",
    408: "input.too_slow",
    413: "input.too_large",
    415: "input.media_type",
}


class Answer(Protocol):
    """How an error is told to who made this call; `findings` are all errors at once."""

    def __call__(
        self,
        request: Request,
        status: int,
        code: str,
        /,
        *,
        findings: tuple[str, ...] = (),
        headers: dict[str, str] | None = None,
    ) -> Response:
        """Return the response."""


def problem(
    _: Request, status: int, code: str, *, findings: tuple[str, ...] = (), headers: dict[str, str] | None = None
) -> JSONResponse:
    """Tell a program: a problem document with the words of the code."""
    body = document_of(status, code)
    if findings:
        body["errors"] = [{"detail": finding_words(finding).nl} for finding in findings]
    return JSONResponse(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def document_of(status: int, code: str) -> dict[str, Any]:
    """Return the problem document of this code (RFC 9457 section 3); its members may be added to (3.2)."""
    explained = explain_error(code)
    return {
        "type": _OWN_TYPE.get(code, f"urn:deelgrond:problem:{code}"),
        "title": explained.what.nl,
        "status": status,
        "detail": explained.advice.nl,
        "code": code,
    }


def install(app: FastAPI, w: Wiring, answer: Answer = problem) -> None:
    """Answer every error of this app, once the attempt is on record."""

    def _broker_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, errors.BrokerError)  # noqa: S101  FastAPI hands over what was registered
        try:
            remember(request, w, error)
        except errors.BrokerError as unwritten:
            error = unwritten
        status = status_of(error)
        log.log(
            logging.ERROR if status >= 500 else logging.INFO,
            "call.ended",
            extra={"code": error.code, "status": status, **_request_id(request)},
        )
        return answer(request, status, error.code, findings=error.errors, headers=_headers(error, request))

    def _invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101
        return _broker_error(request, errors.InputError("the body does not fit", errors=findings(error)))

    def _http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101
        if isinstance(error.__cause__, errors.BrokerError):  # FastAPI: what went wrong while the body was read
            return _broker_error(request, error.__cause__)
        code = _HTTP_CODES.get(error.status_code, "broker.error")
        return answer(request, error.status_code, code, headers=dict(error.headers or {}))

    def _bug(request: Request, error: Exception) -> Response:
        told = {"code": "broker.error", "error": type(error).__name__, **_request_id(request)}
        log.error("call.broke", extra=told, exc_info=error)
        remember(request, w, errors.BrokerError("a bug"))
        # This answer is given outside of the edge, which would have set them.
        headers = {**HEADERS, **echoed(request.headers.get("x-request-id"))}
        return answer(request, 500, "broker.error", headers=headers)

    app.add_exception_handler(errors.BrokerError, _broker_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _bug)


def remember(request: Request, w: Wiring, error: errors.BrokerError) -> None:
    """Put on record that a call, or one question of it, ended in this error, if the caller proved who he is.

    A fault of ours may be that nothing can be written: its attempt is written later. Anything else is on record when
    this returns; raises what keeps it from being written, and that is then what the caller is told.
    """
    who = _who(request)
    if who is None:
        return
    now, refused = w.clock(), isinstance(error, errors.RefusedError)
    # The route's pattern, so that the path names nothing.
    path = getattr(request.scope.get("route"), "path", "")
    attempt = Event(
        id=new_id("evt", now),
        tag="attempt:call:refused" if refused else "attempt:call:failed",
        at=now,
        outcome=error.code,
        detail={
            **who,
            "call": f"{request.method} {path}",
            "reasons": list(error.errors) if refused else [],
        },
    )
    if status_of(error) >= 500:
        w.attempts.note(attempt)
    else:
        record(attempt, w)


def _request_id(request: Request) -> dict[str, str]:
    """Return the caller's X-Request-ID for a line of the log, so that both sides find the same call.

    Only one that is drawn, such as a UUID: anything else may name somebody.
    """
    given = request.headers.get("x-request-id", "")
    return {"request_id": given} if _DRAWN.fullmatch(given) else {}


def _who(request: Request) -> dict[str, str] | None:
    """Return who calls: a member of staff, or an account that the directory does not know; None for a nobody."""
    actor, caller = getattr(request.state, "actor", None), getattr(request.state, "caller", None)
    if actor is not None:
        return {"staff": actor.staff.id, "organisation": actor.organisation.id}
    return None if caller is None else asdict(caller.account)


def status_of(error: errors.BrokerError) -> int:
    """Return the HTTP status of an error."""
    return _OWN_STATUS.get(error.code, STATUS.get(type(error), 500))


def _headers(error: errors.BrokerError, request: Request) -> dict[str, str] | None:
    if isinstance(error, errors.IdentityError):
        # RFC 9728 section 5.1: who has no token finds there where to get one.
        metadata = f"{request.app.state.public_url}{PROTECTED_RESOURCE}"
        return {"WWW-Authenticate": f'DPoP algs="ES256 EdDSA", resource_metadata="{metadata}"'}
    return {"Retry-After": str(error.retry_after)} if isinstance(error, errors.CrowdedError) else None

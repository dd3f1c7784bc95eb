"""The edge of every call: size, media type, and headers (NL API Design Rules, transport/*; or a page's)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broker.api.body import CLOSING, bounded, declared
from broker.api.headers import HEADERS, echoed, headers_of, is_page
from broker.api.problems import Answer

_JSON = frozenset({b"application/json"})
_FORM = frozenset({b"application/x-www-form-urlencoded"})


_CALLED_BY = "deelgrond.called_by"


def called_by(scope: Scope) -> str:
    """Return the method that the caller used; HEAD is served as the GET that it asks about (RFC 9110 section 9.3.2)."""
    return str(scope.get(_CALLED_BY, scope["method"]))


class Edge:
    """Refuses what the headers say is too large (413) or of another kind (415), bounds the reading, and sets headers.

    Programs send JSON; pages, where they are served, send forms. Where there is GET there is HEAD.
    """

    def __init__(self, app: ASGIApp, *, max_body: int, answer: Answer, pages: bool) -> None:
        self._app, self._max_body, self._answer, self._pages = app, max_body, answer, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        headers = dict(scope["headers"])
        page = self._pages and is_page(scope["path"])
        request_id = headers.get(b"x-request-id", b"").decode("latin-1")
        given_back = [(name.encode(), value.encode()) for name, value in echoed(request_id).items()]

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                every = headers_of(scope["path"], message["status"]) if self._pages else HEADERS
                own = [(name.encode(), value.encode()) for name, value in every.items()] + given_back
                if scope["path"] == "/v1/openapi.json":
                    own.append((b"access-control-allow-origin", b"*"))
                names = {name for name, _ in own}
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in names]
                message = {**message, "headers": kept + own}
            await send(message)

        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", _CALLED_BY: "HEAD"}  # the server sends no body
        if scope["method"] in {"POST", "PUT", "PATCH"}:
            size = declared(scope)
            if size is not None and size > self._max_body:
                await self._answer(Request(scope), 413, "input.too_large", headers=CLOSING)(scope, receive, answer)
                return
            if headers.get(b"content-encoding", b"identity").lower() != b"identity":
                await self._answer(Request(scope), 415, "input.encoding", headers=CLOSING)(scope, receive, answer)
                return
            media = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
            if size != 0 and media not in (_FORM if page else _JSON):
                # AuthZEN's certification wants 400 for what HTTP calls 415 (2.4.3).
                status = 400 if scope["path"].startswith("/access/") else 415
                await self._answer(Request(scope), status, "input.media_type")(scope, receive, answer)
                return
        await self._app(scope, bounded(scope, receive, most=self._max_body), answer)

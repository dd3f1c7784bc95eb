"""The edge of every call: size, media type, and the headers that the NL API Design Rules ask for (transport/*)."""

from __future__ import annotations

from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broker.api.headers import HEADERS
from broker.api.headers import VERSION as VERSION  # app names the API by it
from broker.api.problems import problem

_HEADERS = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


class Edge:
    """Refuses bodies that are too large (413) or not JSON (415) before anything reads them, and sets the headers."""

    def __init__(self, app: ASGIApp, *, max_body: int) -> None:
        self._app, self._max_body = app, max_body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one call (ASGI 3)."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [*_HEADERS]
                if scope["path"] == "/v1/openapi.json":
                    own.append((b"access-control-allow-origin", b"*"))
                names = {name for name, _ in own}
                kept = [(name, value) for name, value in message["headers"] if name.lower() not in names]
                message = {**message, "headers": kept + own}
            await send(message)

        headers = dict(scope["headers"])
        body, complete = b"", False
        if scope["method"] in {"POST", "PUT", "PATCH"}:
            while not complete:
                message = await receive()
                if message["type"] != "http.request":
                    return
                body += message.get("body", b"")
                complete = not message.get("more_body", False)
                if len(body) > self._max_body:
                    await problem(413, "input.too_large")(scope, receive, answer)
                    return
            media = headers.get(b"content-type", b"").split(b";")[0].strip().lower()
            if body and media != b"application/json":
                await problem(415, "input.media_type")(scope, receive, answer)
                return
            receive = _replay(body, receive)
        await self._app(scope, receive, answer)


def _replay(body: bytes, receive: Receive) -> Receive:
    sent = False

    async def again() -> dict[str, Any]:
        nonlocal sent
        if sent:
            return dict(await receive())
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again

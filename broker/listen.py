"""How the broker listens: HTTP/1.1 on which nobody keeps a connection for nothing (RFC 9112 section 9.5).

Whoever opens a connection begins a call on it, whoever was answered begins the next, and whoever is called listens to
the answer; who does none of it is hung up on. The body of a call has its own limits (`api/body.py`).
"""

from __future__ import annotations

import asyncio
import resource
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

LOOK_EVERY = 15.0
"""Seconds between two looks at a connection: who began no call between the two loses it, so after 15 to 30 seconds."""

CALL_LASTS = 300.0
"""Seconds after which a call has ended, or its connection does: the caller does not listen to the answer."""

LINGER = 2.0
"""Seconds for who is still sending to hear that he is refused, before the connection ends (RFC 9112 section 9.6)."""


class Connection(H11Protocol):
    """One connection, looked at from time to time; everything else is uvicorn's."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look."""
        super().connection_made(transport)
        self._seen: object | None = None
        self._looks = 0
        self._timer = self.loop.call_later(LOOK_EVERY, self._look)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking."""
        self._timer.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Wait for the next call; not for the rest of a body that nobody will read."""
        super().on_response_complete()
        if self.conn.their_state is h11.SEND_BODY:
            self.loop.call_later(LINGER, self._leave, self.cycle)

    def _leave(self, call: object) -> None:
        if self.cycle is call and self.conn.their_state is h11.SEND_BODY:
            self.transport.close()

    def _look(self) -> None:
        call: Any = self.cycle  # None before the first one
        is_waiting = call is None or call.response_complete
        self._looks = self._looks + 1 if call is self._seen else 0
        self._seen = call
        if (is_waiting and self._looks) or self._looks * LOOK_EVERY >= CALL_LASTS:
            self.transport.abort()
        else:
            self._timer = self.loop.call_later(LOOK_EVERY, self._look)


LISTENING: dict[str, Any] = {
    "http": Connection,
    "ws": "none",
    "server_header": False,
    "access_log": False,
    "log_config": None,
    "timeout_graceful_shutdown": 20,
}
"""What uvicorn is told wherever the broker is served."""


def allow_connections() -> None:
    """Let this process have as many files open as it may: each connection is one, and the usual limit is 1024."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

"""The headers of every answer, faults included (NL API Design Rules, transport/* and core/version-header)."""

from __future__ import annotations

import re

VERSION = "1.0.0"
"""The version of the API (/core/version-header)."""

HEADERS = {
    "api-version": VERSION,
    "cache-control": "no-store",
    "content-security-policy": "frame-ancestors 'none'",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=31536000",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

PAGE_HEADERS = HEADERS | {
    # No script but ours, from our own address; nothing of ours in another's frame; forms go nowhere else.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "img-src data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "cross-origin-opener-policy": "same-origin",
    # With none at all a browser would hide where a form comes from, and that is what tells our forms from others'.
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}
"""What the pages have beside it; browsers hold them to it."""

_FILE = {"cache-control": "public, max-age=31536000, immutable"}
"""A file that pages bring along has its hash in its address, so it never changes there."""

_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,200}")


def is_page(path: str) -> bool:
    """Tell whether a path is for people, in a browser; the others are for programs."""
    return not path.startswith(("/v1/", "/access/", "/.well-known/", "/healthz/"))


def headers_of(path: str, status: int) -> dict[str, str]:
    """Return the headers of an answer at this path of a broker that serves pages."""
    if not is_page(path):
        return HEADERS
    return PAGE_HEADERS | _FILE if path.startswith("/static/") and status == 200 else PAGE_HEADERS


def echoed(request_id: str | None) -> dict[str, str]:
    """Return the header that gives a caller's X-Request-ID back (AuthZEN 1.0, 10.1.4), if it is one line of text."""
    return {"x-request-id": request_id} if request_id and _REQUEST_ID.fullmatch(request_id) else {}

"""The headers of every answer, faults included (NL API Design Rules, transport/* and core/version-header)."""

from __future__ import annotations

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

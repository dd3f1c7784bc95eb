"""An answer on its way: sealed parts that the broker keeps and cannot read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from broker.kernel.errors import ConflictError


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPart:
    """One part of an answer, sealed to one recipient's key."""

    question: str
    person: str
    category: str
    recipient: str
    sealed: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What one professional released on one request, under one decision; not to be opened after `expires_at` (OB-05).

    `signing` is the responder's public key that signed each part; `event` the log event that must be covered by a
    signed checkpoint before any part is handed out (G12).
    """

    id: str
    request: str
    decision: str
    signing: bytes
    released_at: datetime
    expires_at: datetime
    event: str
    parts: tuple[SealedPart, ...]


def check_kept(release: Release | None, now: datetime) -> Release:
    """Return the release when there is one and it has not run out, else raise ConflictError."""
    if release is None:
        raise ConflictError("nothing has been released on this request", code="release.none_yet")
    if now >= release.expires_at:
        raise ConflictError("the answer is no longer kept here", code="release.expired")
    return release

"""An answer on its way: sealed parts that the broker keeps and cannot read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from broker.crypto.base64text import encode_base64
from broker.crypto.commitment import commit
from broker.domain.decision import Decision
from broker.domain.directory import Actor
from broker.domain.vocabulary import Category
from broker.domain.weighing import Weighing
from broker.kernel.errors import ConflictError
from broker.kernel.values import format_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedPart:
    """One part of an answer, sealed to one recipient's key."""

    question: str
    person: str
    category: Category
    recipient: str
    sealed: bytes = field(repr=False)

    @property
    def key(self) -> tuple[str, str, str]:
        """Which part of the request this is the answer to."""
        return self.question, self.person, self.category


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What one professional released on one request, under one decision; not to be opened after `expires_at` (OB-05).

    `responder_public` is the public key that signed each part; `event` the log event that must be covered by a
    signed checkpoint before any part is handed out (G12). That event commits to the manifest under `salt`, so that
    nobody who can write to the database can put another answer in this one's place.
    """

    id: str
    request: str
    decision: str
    responder_public: bytes
    released_at: datetime
    expires_at: datetime
    event: str
    parts: tuple[SealedPart, ...]
    salt: bytes | None = field(default=None, repr=False)
    """None in a release from before there were manifests; it opens no more."""
    erased_at: datetime | None = None
    """When its parts were deleted because it had run out."""

    def manifest(self) -> dict[str, Any]:
        """Return what was released without the parts themselves: their SHA-256, the keys, and the end."""
        return {
            "v": 1,
            "release": self.id,
            "request": self.request,
            "decision": self.decision,
            "signing": encode_base64(self.responder_public),
            "expires_at": format_moment(self.expires_at),
            "parts": [
                {
                    "question": part.question,
                    "person": part.person,
                    "category": part.category,
                    "recipient": part.recipient,
                    "sha256": hashlib.sha256(part.sealed).hexdigest(),
                }
                for part in self.parts
            ],
        }

    def commitment(self) -> str | None:
        """Return the commitment to the manifest, as it stands in the log; None without a salt."""
        return None if self.salt is None else commit(self.manifest(), salt=self.salt)


def as_released(weighing: Weighing, release: Release, decision: Decision) -> Weighing:
    """Return what was weighed of what left under this decision: whoever opens it is to learn nothing of the rest.

    A statement about somebody else that the decision stripped stayed with the professional.
    """
    left = {(part.question, part.category): part.person for part in release.parts}
    stripped = {(reason.question, reason.person) for reason in decision.reasons if reason.question}
    parts = tuple(
        part
        for part in weighing.parts
        if part.give
        and (part.question, part.category) in left
        and (part.about == left[part.question, part.category] or (part.question, part.about) not in stripped)
    )
    return replace(weighing, parts=parts)


def check_kept(release: Release | None, now: datetime) -> Release:
    """Return the release when there is one and it has not run out, else raise ConflictError."""
    if release is None:
        raise ConflictError("nothing has been released on this request", code="release.none_yet")
    if release.erased_at is not None or now >= release.expires_at:
        raise ConflictError("the answer is no longer kept here", code="release.expired")
    return release


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOut:
    """A release that ran out: its id and its request's."""

    id: str
    request: str


class Releases(Protocol):
    """Sealed answers."""

    def add(self, release: Release) -> None:
        """Keep a release with its sealed parts; a second one on the same request is ConflictError."""

    def find_of(self, request: str, *, reader: Actor) -> Release | None:
        """Return the release on a request that the reader sees, with all its sealed parts, or None."""

    def run_out(self, now: datetime, *, limit: int) -> tuple[RunOut, ...]:
        """Return releases that ran out and still have their parts, the longest ago first."""

    def erase(self, release: str, at: datetime) -> None:
        """Delete the parts of a release for good."""

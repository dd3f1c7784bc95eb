"""A person's session in a browser, and the sign-in that begins it: who, how surely known, and until when.

The browser holds a random value; here is only its hash, so that a copy of the database signs nobody in.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from broker.domain.vocabulary import Assurance

IDLE = timedelta(minutes=30)
"""A practice's computer that is left alone is nobody's after half an hour (NEN 7510, 8.5)."""

LASTS = timedelta(hours=12)
"""The longest working day; after it one signs in again however busy the session was."""

KEPT = timedelta(hours=12)
"""How long a session that ran out is known still, so that what was typed in it is given back to the same person."""

SIGN_IN_TAKES = timedelta(minutes=10)
"""How long somebody may take at his identity provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who is signed in; `id` is the hash of what the browser holds, `csrf` what its forms must carry."""

    id: str
    staff: str
    assurance: Assurance
    csrf: str = field(repr=False)
    created_at: datetime
    seen_at: datetime

    def is_live(self, now: datetime) -> bool:
        """Tell whether this session still signs anybody in."""
        return now < self.seen_at + IDLE and now < self.created_at + LASTS

    def has_form_token(self, token: str) -> bool:
        """Tell, in constant time, whether a form came from a page of this session."""
        return hmac.compare_digest(token.encode(), self.csrf.encode())


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """A sign-in under way (OpenID Connect Core 3.1, RFC 7636); `to` is where it leads."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    to: str
    created_at: datetime


def new_secret() -> str:
    """Return 256 random bits as text for a cookie or a form."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """Return the hash under which a secret of a browser is known here."""
    return hashlib.sha256(secret.encode()).hexdigest()


def local_path(to: str) -> str:
    """Return `to` when it is a path of this site, else `/`: a link to elsewhere must not ride on our sign-in."""
    plain = to.isascii() and to.isprintable() and "\\" not in to
    return to if plain and to.startswith("/") and not to.startswith("//") and len(to) <= 500 else "/"


class Sessions(Protocol):
    """Sessions in browsers. Not case data, so no reader; a kept form is encrypted and goes to its writer only."""

    def add(self, session: Session) -> None:
        """Keep a new session."""

    def find(self, session: str) -> Session | None:
        """Return the session of this id, whether it is live or not."""

    def touch(self, session: str, now: datetime) -> None:
        """Keep that the session was used."""

    def remove(self, session: str) -> None:
        """Forget a session and what was kept for it."""

    def keep_form(self, session: str, path: str, fields: Sequence[tuple[str, str]]) -> None:
        """Keep a form that came too late, encrypted; a later one takes its place."""

    def take_form(self, staff: str, path: str) -> list[tuple[str, str]] | None:
        """Return the newest form kept for this person and place, and forget it."""

    def sweep(self, now: datetime) -> None:
        """Forget sessions whose time is over."""

    def put_program(self, digest: str, now: datetime) -> bool:
        """Remember which program the pages bring along from now on; tell whether it is another than before."""

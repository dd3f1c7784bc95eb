"""The session file of who is signed in from the terminal: where the broker is, the token, and the key it is bound to.

Only its owner can read it. The token is short-lived; with a refresh token beside it, it is renewed when it is needed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from broker.kernel.errors import InputError
from broker.proof import ProofMaker


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewal:
    """How a token is renewed: at which endpoint, as which client, with what; and when the one there is ends."""

    token_endpoint: str
    revocation_endpoint: str | None
    client_id: str
    refresh_token: str = field(repr=False)
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Somebody signed in at one broker; `ahead` is how far the broker's clock is before this machine's."""

    address: str
    token: str = field(repr=False)
    proofs: ProofMaker = field(repr=False)
    ahead: timedelta = timedelta()
    renewal: Renewal | None = None


def read_session(path: Path) -> Session:
    """Return the session in a file.

    Raises InputError `client.signed_out` when there is none, `client.session` when the file is not one.
    """
    try:
        stored = json.loads(path.read_bytes())
        renewal = stored.get("renewal")
        return Session(
            address=stored["address"],
            token=stored["token"],
            proofs=ProofMaker.from_jwk(stored["proof_key"]),
            ahead=timedelta(seconds=float(stored["ahead"])),
            renewal=_renewal(renewal) if renewal else None,
        )
    except FileNotFoundError:
        raise InputError("nobody is signed in here", code="client.signed_out") from None
    except (OSError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError("the session file is not one", code="client.session") from error


def write_session(path: Path, session: Session) -> None:
    """Write a session file that only its owner can read, in the place of what was there, at once or not at all."""
    renewal = session.renewal
    content = {
        "address": session.address,
        "token": session.token,
        "proof_key": session.proofs.as_jwk(),
        "ahead": session.ahead.total_seconds(),
        "renewal": None
        if renewal is None
        else {
            "token_endpoint": renewal.token_endpoint,
            "revocation_endpoint": renewal.revocation_endpoint,
            "client_id": renewal.client_id,
            "refresh_token": renewal.refresh_token,
            "ends_at": renewal.ends_at.timestamp(),
        },
    }
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    with open(fresh, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        json.dump(content, file, indent=1)
        file.write("\n")
    fresh.replace(path)


def _renewal(stored: Mapping[str, Any]) -> Renewal:
    return Renewal(
        token_endpoint=stored["token_endpoint"],
        revocation_endpoint=stored["revocation_endpoint"],
        client_id=stored["client_id"],
        refresh_token=stored["refresh_token"],
        ends_at=datetime.fromtimestamp(float(stored["ends_at"]), UTC),
    )

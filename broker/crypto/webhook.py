"""Signed webhooks as Standard Webhooks 1.0 has them: who receives one can tell that it is ours, new and unchanged."""

from __future__ import annotations

import base64
import hashlib
import hmac

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECRET_BYTES = 32

_INFO = b"deelgrond/webhook/v1\x00"


def derive_secret(*, key: bytes, organisation: str) -> bytes:
    """Return the secret (32 bytes) that what this organisation is told is signed with (HKDF, RFC 5869)."""
    return HKDF(SHA256(), SECRET_BYTES, salt=None, info=_INFO + organisation.encode()).derive(key)


def format_secret(secret: bytes) -> str:
    """Return a secret as programs take it: `whsec_` and base64."""
    return "whsec_" + base64.b64encode(secret).decode("ascii")


def sign(*, secret: bytes, identifier: str, timestamp: int, body: bytes) -> str:
    """Return the signature over a message, its id and its moment in seconds since 1970: `v1,` and base64."""
    signed = f"{identifier}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode("ascii")

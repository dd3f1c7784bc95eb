"""Commitments: the log holds a salted digest, the personal detail stands beside it and can be destroyed.

With detail and salt anyone can check that the log spoke of exactly this; when both are gone the digest says nothing
about anyone, so erasure (AVG art. 17) and evidence can coexist. HMAC-SHA-256 keyed with the salt, over canonical JSON.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from broker.crypto.canonical import canonical
from broker.kernel.errors import InputError, IntegrityError

SALT_BYTES = 32

_PREFIX = b"deelgrond/commitment/v1\x00"


def new_salt() -> bytes:
    """Return 32 fresh random bytes; one salt serves one detail, or destroying one would not destroy it alone."""
    return secrets.token_bytes(SALT_BYTES)


def commit(detail: object, *, salt: bytes) -> str:
    """Return the commitment to a JSON value: 64 hex digits; raises InputError for another salt length or no JSON."""
    if len(salt) != SALT_BYTES:
        raise InputError("the salt of a commitment has 32 bytes")
    return hmac.digest(salt, _PREFIX + canonical(detail), hashlib.sha256).hex()


def verify_commitment(detail: object, *, salt: bytes, commitment: str) -> None:
    """Raise IntegrityError unless `commitment` is the one to this detail under this salt."""
    if not hmac.compare_digest(commit(detail, salt=salt).encode(), commitment.encode()):
        raise IntegrityError("the detail is not what was committed to", code="integrity.commitment")

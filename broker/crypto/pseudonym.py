"""Pseudonyms: a person's stand-in that only one organisation, for one purpose, can recognise.

HMAC-SHA-256 (RFC 2104) over purpose, organisation and identifier with a secret key of the broker's. Without the key
nobody can link two pseudonyms or try out identifiers; with it, only by recomputing. Losing the key is losing the link.
"""

from __future__ import annotations

import base64
import hashlib
import hmac

from broker.kernel.errors import InputError, KeyUnavailable

KEY_BYTES = 32

_PREFIX = b"deelgrond/pseudonym/v1\x00"
# 160 bits: no collision among all people who will ever live, and a whole number of base32 digits.
_KEPT_BYTES = 20


def pseudonym(*, key: bytes, purpose: str, organisation: str, identifier: str) -> str:
    """Return `ps_` and 32 base32 digits (lower case) that stand for this identifier here and nowhere else.

    Each part is preceded by its length in bytes (4, big-endian), so no two different triples are the same input. The
    identifier is taken as it stands: the caller brings it into one form first. Raises InputError for an empty part or
    one that is not text, KeyUnavailable for a key that is not 32 bytes.
    """
    if len(key) != KEY_BYTES:
        raise KeyUnavailable("the pseudonym key has 32 bytes", code="key.wrong_kind")
    message = _PREFIX + b"".join(_framed(part) for part in (purpose, organisation, identifier))
    tag = hmac.digest(key, message, hashlib.sha256)[:_KEPT_BYTES]
    return "ps_" + base64.b32encode(tag).decode("ascii").lower()


def _framed(part: str) -> bytes:
    try:
        encoded = part.encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("a part of the pseudonym is not valid text") from None
    if not encoded:
        raise InputError("a pseudonym needs a purpose, an organisation and an identifier")
    return len(encoded).to_bytes(4, "big") + encoded

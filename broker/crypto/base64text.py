"""Base64 with one spelling: padded in notes, checkpoints and key files (RFC 4648 section 4), and base64url without.

Python's decoder lets the unused bits of the last digit be anything, so that one value has several spellings; what is
compared or signed as text may not.
"""

from __future__ import annotations

import base64

from broker.kernel.errors import ParseError


def encode_base64(data: bytes) -> str:
    """Return the base64 of the bytes."""
    return base64.b64encode(data).decode("ascii")


def decode_base64(text: str) -> bytes:
    """Return the bytes; raises ParseError for any text that `encode_base64` does not write."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise ParseError("the base64 is malformed") from error
    if encode_base64(data) != text:
        raise ParseError("the base64 is not in its canonical form")
    return data


def encode_base64url(data: bytes) -> str:
    """Return the base64url of the bytes, without padding (RFC 7515 section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decode_base64url(text: str) -> bytes:
    """Return the bytes; raises ParseError for any text that `encode_base64url` does not write."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as error:
        raise ParseError("this is not base64url") from error
    if encode_base64url(data) != text:
        raise ParseError("the base64url is not in its canonical form")
    return data

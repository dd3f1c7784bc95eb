"""Base64 as it stands in notes, checkpoints and key files: standard, padded, one spelling (RFC 4648 section 4).

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

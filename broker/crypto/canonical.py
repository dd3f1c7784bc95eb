"""Canonical JSON: one value has one sequence of bytes, so that it can be hashed and signed (RFC 8785, JCS).

Everything the broker commits to (decision documents, log details, sealing contexts) passes through here. Numbers are
IEEE 754 doubles; a whole number outside ±(2**53 - 1) is refused because two readers could round it differently.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import rfc8785

from broker.kernel.errors import InputError, ParseError
from broker.kernel.strict_json import read_json

# The largest thing we hash is a decision document with its data, some tens of kilobytes; a megabyte is far above that
# and still too little for a hostile body to keep a process busy.
MAX_BYTES = 1_048_576

_LARGEST_SAFE = 2**53 - 1

_PLAIN = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def canonical(value: object) -> bytes:
    """Return the one canonical form of a JSON value, UTF-8 bytes (RFC 8785).

    The value is made of dict with str keys, list, tuple, str, int, float, bool and None. Anything else, NaN, infinity,
    a whole number outside ±(2**53 - 1), a lone surrogate or nesting beyond the interpreter's depth raises InputError.
    """
    try:
        if _is_plain(value):
            return _PLAIN.encode(value).encode("utf-8")
        return rfc8785.dumps(value)  # type: ignore[arg-type]  # the library checks what its type says
    except (ValueError, RecursionError):
        # Without the cause: the library's text repeats the value, which may identify a person.
        raise InputError("the value has no canonical JSON form (RFC 8785)", code="input.not_canonical") from None


def _is_plain(value: object) -> bool:
    """Tell whether the standard library writes this value as RFC 8785 does: no floats, small ints, ASCII names.

    Nearly all we hash is, and its encoder in C is several times faster; everything else goes to the library. Where the
    two may differ is the writing of doubles and the order of names beyond ASCII (UTF-16 units, section 3.2.3).
    """
    # Plain loops: a decision document has a thousand values, and a generator for each costs more than the writing.
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return -_LARGEST_SAFE <= value <= _LARGEST_SAFE  # type: ignore[operator]
    if kind is dict:
        for name, item in value.items():  # type: ignore[attr-defined]
            if type(name) is not str or not name.isascii() or not _is_plain(item):
                return False
        return True
    if kind is list or kind is tuple:
        return all(map(_is_plain, value))  # type: ignore[call-overload]
    return False


def digest(value: object) -> str:
    """Return `sha256:` and the hex SHA-256 of the canonical bytes; raises InputError as `canonical` does."""
    return "sha256:" + hashlib.sha256(canonical(value)).hexdigest()


def parse_canonical(data: bytes, *, most_bytes: int = MAX_BYTES) -> Any:
    """Parse bytes that are exactly what `canonical` writes for the value they hold; anything else is a ParseError.

    So there are no duplicate keys, no spare white space, no other spelling of a number, and at most `most_bytes`.
    Whole numbers outside ±(2**53 - 1) come back as float, because that is what they were when they were written.
    """
    if len(data) > most_bytes:
        raise ParseError(f"the JSON is larger than {most_bytes // MAX_BYTES} megabyte")
    try:
        value = read_json(data, whole=_whole_number, most_nested=None)
        same = canonical(value) == data
    except InputError as error:
        raise ParseError(f"the bytes are not canonical JSON (RFC 8785): {error}") from None
    if not same:
        raise ParseError("the JSON is not in its canonical form (RFC 8785)")
    return value


def _whole_number(digits: str) -> int | float:
    # RFC 8785 writes 1e20 as 100000000000000000000: only a float gives the same digits back.
    if len(digits) <= len(str(-_LARGEST_SAFE)) and abs(int(digits)) <= _LARGEST_SAFE:
        return int(digits)
    return float(digits)

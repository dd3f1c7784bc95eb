"""JSON read strictly: one object, one meaning (RFC 8259 with the advice of its sections 4 and 6 as a rule)."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, NoReturn

from broker.kernel.errors import ParseError

MOST_NESTED = 64
"""How deep lists and objects may stand in each other; no document of ours comes near it."""


def read_json(data: bytes, *, whole: Callable[[str], int | float] = int, most_nested: int | None = MOST_NESTED) -> Any:
    """Return the value that these UTF-8 bytes hold.

    `whole` makes whole numbers of their digits. Raises ParseError, with the line and never with what stands there, for
    what is no JSON, another encoding, a name twice in one object, NaN and infinity, half of a surrogate pair, and
    nesting beyond `most_nested`, or beyond the interpreter's own depth when that is None.
    """
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_named_once,
            parse_constant=_refuse_constant,
            parse_int=whole,
            parse_float=_finite,
        )
        if most_nested is not None or b"\\u" in data:  # half a character can only have been written as a number
            check_whole(value, most_nested)
    except ParseError:
        raise
    except json.JSONDecodeError as error:
        raise ParseError(f"this is not JSON; reading stopped in line {error.lineno}") from None
    except UnicodeDecodeError:
        raise ParseError("JSON is text in UTF-8") from None
    except RecursionError:
        raise ParseError("lists and objects stand too deep in each other") from None
    except ValueError:  # a number of more digits than the interpreter takes
        raise ParseError("this is not JSON") from None
    return value


def check_whole(value: object, most_nested: int | None = MOST_NESTED, *, depth: int = 0) -> None:
    """Raise ParseError where a value that was read holds half a character, or nests deeper than this."""
    if isinstance(value, str):
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise ParseError("half of a character stands alone (a surrogate)")
    elif isinstance(value, dict | list):
        if most_nested is not None and depth >= most_nested:
            raise ParseError(f"lists and objects stand more than {most_nested} deep in each other")
        for inner in value if isinstance(value, list) else [*value, *value.values()]:
            check_whole(inner, most_nested, depth=depth + 1)


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError("the JSON has a key twice in one object")
    return found


def _refuse_constant(_name: str) -> NoReturn:
    raise ParseError("NaN and infinity are not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ParseError("a number is too large")
    return number

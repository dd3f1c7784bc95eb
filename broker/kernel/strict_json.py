"""JSON read strictly: one object, one meaning (RFC 8259 with the advice of its sections 4 and 6 as a rule)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NoReturn

from broker.kernel.errors import ParseError


def read_json(data: bytes, *, what: str = "JSON", whole: Callable[[str], int | float] = int) -> Any:
    """Return the value that these UTF-8 bytes hold; `what` is the name of the format in an error's text.

    `whole` makes whole numbers of their digits. Raises ParseError for what is no JSON, another encoding, a name twice
    in one object, NaN and infinity, and nesting beyond the interpreter's depth; without the cause, whose text repeats
    the input.
    """
    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_named_once, parse_constant=_refuse_constant, parse_int=whole
        )
    except ParseError:
        raise
    except (ValueError, RecursionError):
        raise ParseError(f"this is not {what}") from None


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ParseError("the JSON has a key twice in one object")
    return found


def _refuse_constant(_name: str) -> NoReturn:
    raise ParseError("NaN and infinity are not JSON")

"""Pages of a search: a token says after which candidate to go on, how many at a time, and of which search it is.

A token is not a secret and grants nothing: whoever changes it starts elsewhere among what he may see anyhow. It is
bound to its search, because a page of another search would be a wrong answer that looks right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from broker.api.authzen_shapes import MOST_RESULTS
from broker.crypto.base64text import decode_base64url, encode_base64url
from broker.crypto.canonical import digest
from broker.domain.access import Found, Page
from broker.kernel.errors import InputError, ParseError
from broker.kernel.strict_json import read_json


def page_of(limit: int, token: str, asked: Mapping[str, Any]) -> Page:
    """Return the page to give; InputError `access.page` for a token that is none, or is another search's."""
    if not token:
        return Page(limit=min(limit, MOST_RESULTS))
    try:
        after, size, of = read_json(decode_base64url(token))
    except (ParseError, ValueError, TypeError) as error:
        raise InputError("the page token cannot be read", code="access.page") from error
    if not isinstance(after, str) or type(size) is not int or size < 1 or of != _search(asked):
        raise InputError("the page token is of another search", code="access.page")
    return Page(limit=min(size, MOST_RESULTS), after=after)


def token_of(found: Found, page: Page, asked: Mapping[str, Any]) -> str:
    """Return the token of the next page; empty at the end."""
    if not found.after:
        return ""
    return encode_base64url(json.dumps([found.after, page.limit, _search(asked)]).encode())


def _search(asked: Mapping[str, Any]) -> str:
    return digest(dict(asked))

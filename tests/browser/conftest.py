"""One client in Node for all tests of this folder: it keeps nothing between two calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import BrowserClient, client_in


@pytest.fixture(scope="session")
def browser(node_program: str) -> Iterator[BrowserClient]:
    """Yield the client that the browser gets."""
    with client_in(node_program) as client:
        yield client

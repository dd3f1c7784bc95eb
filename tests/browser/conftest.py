"""What the browser gets, run in Node, and a real Chromium for its pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from browsing import BrowserClient, client_in
from playwright.sync_api import Browser
from windows import started_chromium


@pytest.fixture(scope="session")
def browser(node_program: str) -> Iterator[BrowserClient]:
    """Yield the client that the browser gets; it keeps nothing between two calls."""
    with client_in(node_program) as client:
        yield client


@pytest.fixture(scope="module")
def chromium(chromium_program: str) -> Iterator[Browser]:
    """Yield a Chromium; while it runs, no other loop of asyncio can run in its thread."""
    with started_chromium(chromium_program) as started:
        yield started

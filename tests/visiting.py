"""A browser without script in which somebody is signed in to the pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape

import httpx

from broker.discovery import authorities

LINK = re.compile(r'<a [^>]*href="([^"]+)"')


@contextmanager
def signed_in(address: str, subject: str) -> Iterator[httpx.Client]:
    """Yield a browser without script in which the person with this subject is signed in."""
    with httpx.Client(base_url=address, follow_redirects=True, verify=authorities()) as browser:
        page = browser.get("/sign-in", params={"login_hint": subject})
        away = next(unescape(link) for link in LINK.findall(page.text) if "/authorize?" in link)
        assert browser.get(away).status_code == 200
        yield browser

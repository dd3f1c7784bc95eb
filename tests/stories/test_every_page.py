"""Every page that the three people of the story can reach by its links is there, after all that happened in it."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urljoin, urlsplit

import httpx
from visiting import LINK, signed_in

from broker.demo.casefile import load_case
from broker.demo.people import People
from broker.demo.story import play

REACHED = {
    "worker": {"/", "/requests", "/requests/{id}", "/requests/new/{id}", "/consents/{id}", "/key"},
    "gp": {"/", "/inbox", "/inbox/{id}", "/key"},
    "officer": {
        *("/", "/decisions", "/decisions/{id}", "/decisions/figures", "/decisions/attempts"),
        *("/decisions/evidence/{id}", "/key"),
    },
}
"""What each of them comes to at least, identifiers left out."""

_ID = re.compile(r"[a-z]{3}_[0-9a-z]{26}")


def reached_from(browser: httpx.Client, start: str) -> dict[str, httpx.Response]:
    """Return each page of this site that links lead to, by its address."""
    waiting, found = [start], {}
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found[path] = page = browser.get(path)
        if not page.headers["content-type"].startswith("text/html"):
            continue
        for link in LINK.findall(page.text):
            there = urlsplit(urljoin(str(page.url), unescape(link)))
            same_site = there.scheme in ("http", "https") and there.netloc == urlsplit(str(browser.base_url)).netloc
            if same_site and not there.path.startswith(("/static/", "/sign-")):
                waiting.append(there.path + (f"?{there.query}" if there.query else ""))
    return found


def test_every_page_that_links_lead_to_is_there() -> None:
    seen: dict[str, dict[str, httpx.Response]] = {}

    def stay(people: People) -> None:
        for name in REACHED:
            with signed_in(people.address, name) as browser:
                seen[name] = reached_from(browser, "/")

    assert not play(load_case("amsterdam"), stay=stay).surprises
    for name, pages in seen.items():
        assert {path: page.status_code for path, page in pages.items() if page.status_code != 200} == {}
        assert {_ID.sub("{id}", urlsplit(path).path) for path in pages} >= REACHED[name], name


def test_officer_has_a_decision_made_again() -> None:
    again: list[httpx.Response] = []

    def stay(people: People) -> None:
        with signed_in(people.address, "officer") as browser:
            decisions = [path for path in reached_from(browser, "/decisions") if _ID.search(path)]
            page = browser.get(decisions[0]).text
            token = re.search(r'name="csrf" value="([^"]+)"', page)
            assert token is not None
            again.append(browser.post(f"{urlsplit(decisions[0]).path}/replay", data={"csrf": token[1]}))

    play(load_case("amsterdam"), stay=stay)
    assert again[0].status_code == 200
    assert "replay" in str(again[0].url)

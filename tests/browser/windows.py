"""Windows of a real Chromium on the pages of a running broker: one for each person, as on a desk of his own.

Each window has its own cookies and its own kept keys. What a page complains of in its console (a blocked script or
style, a fault of a program) fails the test when the window closes, so that no story passes over it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, expect, sync_playwright
from running import Broker, running
from staff import SUBJECTS

ROOT = Path(__file__).parents[2]
SHOTS = ROOT / ".cache" / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
"""What `make setup` installs where there is Node."""

PATIENCE = 20_000
"""Milliseconds that a page may take: scrypt, on a machine that runs other tests too."""

PASSPHRASE = "vier woorden en een getal 12"

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 320, "height": 700}
"""320 CSS pixels is also what is left of a wide screen at 400 % zoom (WCAG 2.2, 1.4.10)."""

HALF = {"width": 640, "height": 450}
"""And this at 200 %."""

expect.set_options(timeout=PATIENCE)


class Window:
    """What one person has in front of him; he points and types."""

    def __init__(self, page: Page, broker: Broker, name: str) -> None:
        self.page, self.name, self.broker = page, name, broker
        self.complaints: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        if message.type in ("error", "warning") and place.startswith(self.broker.people.address):
            self.complaints.append(f"{message.text} ({place})")

    def go(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(self.broker.people.address + path)

    def sign_in(self, to: str = "/") -> None:
        """Sign in at the identity provider, and come back to this page."""
        self.go(f"/sign-in?login_hint={SUBJECTS[self.name]}&to={to}")
        self.page.wait_for_url(lambda url: "/sign-in" not in url)

    def says_who_he_is(self) -> None:
        """Answer the identity provider, which asks when a session ran out."""
        self.follow(SUBJECTS[self.name])

    def at(self, id_: str) -> Locator:
        """Return the element with this id."""
        return self.page.locator(f"[id='{id_}']")

    def press(self, name: str) -> None:
        """Press the button with this text."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow the first link with this text."""
        self.page.get_by_role("link", name=name).first.click()

    def fill(self, id_: str, text: str) -> None:
        """Type a text into a field."""
        self.at(id_).fill(text)

    def choose(self, id_: str, value: str) -> None:
        """Choose an entry of a list."""
        self.at(id_).select_option(value)

    def tick(self, id_: str) -> None:
        """Tick a box, or choose one of a few."""
        self.at(id_).check()

    def unfold(self, id_: str) -> None:
        """Show what is folded away around the field with this id."""
        self.at(id_).locator("xpath=ancestor::details/summary").click()

    def sees(self, text: str) -> None:
        """Expect this text in the page."""
        expect(self.page.get_by_text(text).first).to_be_visible()

    def enrol_key(self) -> None:
        """Make a key of one's own on its page; it waits for somebody to confirm it."""
        self.go("/key")
        self.fill("passphrase", PASSPHRASE)
        self.fill("again", PASSPHRASE)
        self.press("Sleutel maken")
        expect(self.at("backup")).to_be_visible()
        self.sees("Uw nieuwe sleutel wacht op een collega")

    def make_key(self) -> None:
        """Enrol a key of one's own, and have the operator confirm whose it is."""
        self.enrol_key()
        shown = self.page.locator("main code").first.text_content()
        assert shown
        self.broker.people.confirm(shown)

    def shot(self, name: str) -> None:
        """Keep a picture of the whole page."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)

    def look(self, name: str) -> None:
        """Keep pictures of the page in both widths and themes; in each axe finds nothing and nothing is cut off."""
        for width, size in (("wide", WIDE), ("half", HALF), ("narrow", NARROW)):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)
                if size is not HALF:
                    self.shot(f"{name}-{width}-{scheme}")
                    assert self.barriers() == [], f"{name}, {width}, {scheme}"
            cut = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert cut <= 0, f"{name} is wider than its window, {width}"
        self.page.emulate_media(color_scheme="light", media="print")
        self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        self.shot(f"{name}-print")
        self.page.emulate_media(media="screen")

    def barriers(self) -> list[str]:
        """Return what axe finds wrong with the page: the rules of WCAG 2.2, level A and AA, and its best practices."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE.read_text() + "\n;null;")
        found: Any = self.page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"]]


class KeyboardWindow(Window):
    """The same for somebody who uses nothing but the keyboard."""

    def look(self, name: str) -> None:
        """Leave it: the pointer's story looks at every state already."""

    def _to(self, place: Locator) -> None:
        """Go to a place with the Tab key, as often as it takes; it must be reached, and be seen to be."""
        place.wait_for(state="visible")
        for _ in range(250):
            if place.evaluate("element => element === document.activeElement"):
                break
            self.page.keyboard.press("Tab")
        else:
            raise AssertionError(f"the keyboard does not come to {place}")
        expect(place).to_be_in_viewport()
        outline = place.evaluate("e => getComputedStyle(e).outlineStyle + getComputedStyle(e).boxShadow")
        assert outline != "nonenone", f"nobody sees that the focus is on {place}"

    def press(self, name: str) -> None:
        """Press the button with this text, by the keyboard."""
        self._to(self.page.get_by_role("button", name=name, exact=True))
        self.page.keyboard.press("Enter")

    def follow(self, name: str) -> None:
        """Follow the first link with this text, by the keyboard."""
        self._to(self.page.get_by_role("link", name=name).first)
        self.page.keyboard.press("Enter")

    def fill(self, id_: str, text: str) -> None:
        """Type a text into a field, key by key; what stands there is replaced."""
        place = self.at(id_)
        self._to(place)
        if place.get_attribute("type") == "date":
            year, month, day = text.split("-")
            self.page.keyboard.type(month + day + year)  # as this Chromium writes days
        else:
            self.page.keyboard.press("Control+A")
            self.page.keyboard.type(text)
        expect(place).to_have_value(text)

    def choose(self, id_: str, value: str) -> None:
        """Choose an entry of a list with the arrows."""
        place = self.at(id_)
        self._to(place)
        self.page.keyboard.press("Home")
        for _ in range(place.locator("option").count()):
            if place.input_value() == value:
                break
            self.page.keyboard.press("ArrowDown")
        expect(place).to_have_value(value)

    def tick(self, id_: str) -> None:
        """Tick a box with the space bar, or go to one of a few with the arrows."""
        place = self.at(id_)
        if place.get_attribute("type") == "radio" and not place.is_checked():
            group = self.page.locator(f"[name='{place.get_attribute('name')}']")
            chosen = self.page.locator(f"[name='{place.get_attribute('name')}']:checked")
            self._to(chosen if chosen.count() else group.first)
            for _ in range(group.count()):
                if place.is_checked():
                    break
                self.page.keyboard.press("ArrowDown")
        elif not place.is_checked():
            self._to(place)
            self.page.keyboard.press("Space")
        expect(place).to_be_checked()

    def unfold(self, id_: str) -> None:
        """Show what is folded away around the field with this id, by the keyboard."""
        self._to(self.at(id_).locator("xpath=ancestor::details/summary"))
        self.page.keyboard.press("Enter")


@contextmanager
def started_chromium(program: str) -> Iterator[Browser]:
    """Start a Chromium that asks nobody else for anything."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-background-networking"]
        )
        try:
            yield started
        finally:
            started.close()


@contextmanager
def serving_pages() -> Iterator[Broker]:
    """Serve a broker with pages to which nobody has enrolled a key yet: people make theirs in the pages."""
    with running(pages=True) as broker:
        broker.people.enrolling = False
        yield broker


@contextmanager
def window_of(
    browser: Browser,
    broker: Broker,
    name: str,
    *,
    way: type[Window] = Window,
    expected: tuple[str, ...] = (),
    **options: Any,
) -> Iterator[Window]:
    """Open a window for somebody, signed in; at its end its pages have complained of nothing but what was expected."""
    context = browser.new_context(**{"locale": "nl-NL", "viewport": WIDE, **options})
    context.set_default_timeout(PATIENCE)
    try:
        window = way(context.new_page(), broker, name)
        window.sign_in()
        yield window
        surprises = [one for one in window.complaints if not any(part in one for part in expected)]
        assert surprises == [], surprises
    finally:
        context.close()

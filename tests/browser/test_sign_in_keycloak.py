"""People sign in at a real Keycloak, in the pages, from the terminal and on another device; then they can work."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from keycloak import PASSWORD, Keycloak, keycloak
from playwright.sync_api import Browser, Page
from serving import Server, free_port
from staff import SUBJECTS

from broker.client.session import Session, read_session, write_session
from broker.client.sign_in import renew
from broker.clock import system_clock
from broker.store.migrations import migrate

_ADDRESS = re.compile(r"^\s+(http\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class House:
    """A broker as an operator runs it, and the Keycloak that it believes."""

    server: Server
    keycloak: Keycloak

    @property
    def address(self) -> str:
        return self.server.people.address


@pytest.fixture(scope="module")
def house(keycloak_folder: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder, port = tmp_path_factory.mktemp("house"), free_port()
    people = [SUBJECTS[name] for name in ("worker", "doctor")]
    address = f"http://127.0.0.1:{port}"
    with keycloak(folder, broker=address, people=people) as provider:
        url = f"sqlite:///{folder / 'broker.db'}"
        migrate(url)
        more = {"BROKER_PAGES__CLIENT_ID": "deelgrond-pages", "BROKER_IDENTITY__AUDIENCE": "deelgrond"}
        server = Server(folder, url=url, issuer=provider, more=more, port=port)
        server.start()
        try:
            yield House(server, provider)
        finally:
            server.stop()


@contextmanager
def page_of(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(locale="nl-NL")
    try:
        yield context.new_page()
    finally:
        context.close()


def says_who_he_is(page: Page, name: str) -> None:
    """Fill in the form of Keycloak."""
    page.fill("#username", SUBJECTS[name])
    page.fill("#password", PASSWORD)
    page.click("#kc-login")


@contextmanager
def terminal(folder: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run a command of the client with a session of its own; no browser opens by itself."""
    process = subprocess.Popen(
        [sys.executable, "-m", "broker", "client", "--session", str(folder / "session.json"), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={"PATH": os.environ["PATH"], "BROWSER": "true", "PYTHONUNBUFFERED": "1"},
        cwd=Path(__file__).parents[2],
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def told(process: subprocess.Popen[str]) -> str:
    """Return the address that the command says to go to."""
    assert process.stderr is not None
    said = ""
    for line in process.stderr:
        said += line
        if found := _ADDRESS.search(said):
            return found[1]
    raise AssertionError(said)


def does(folder: Path, *arguments: str, exit_code: int = 0) -> str:
    with terminal(folder, *arguments) as process:
        out, err = process.communicate(timeout=60)
        assert process.returncode == exit_code, err
        return out + err


def ended(session: Session) -> Session:
    """Return the session as it is when its token has ended."""
    assert session.renewal is not None
    return replace(session, renewal=replace(session.renewal, ends_at=datetime.now(UTC)))


@pytest.mark.chromium
def test_professional_signs_in_to_the_pages(house: House, chromium: Browser) -> None:
    with page_of(chromium) as page:
        page.goto(house.address + "/inbox")
        says_who_he_is(page, "doctor")
        page.wait_for_url(house.address + "/inbox")
        assert page.get_by_role("heading", name="Postvak").is_visible()


@pytest.mark.chromium
def test_worker_signs_in_from_the_terminal_and_works(house: House, chromium: Browser, tmp_path: Path) -> None:
    with page_of(chromium) as page, terminal(tmp_path, "sign-in", house.address) as process:
        page.goto(told(process))
        says_who_he_is(page, "worker")
        page.get_by_role("heading", name="Aangemeld").wait_for()
        _, err = process.communicate(timeout=30)
        assert process.returncode == 0, err
    file = tmp_path / "session.json"
    assert file.stat().st_mode & 0o077 == 0
    assert "Er is geen zaak" in does(tmp_path, "cases")

    session = read_session(file)
    assert session.renewal is not None
    write_session(file, ended(session))
    assert "Er is niets" in does(tmp_path, "worklist"), "a token that ends is renewed before it is needed"
    renewed = read_session(file)
    assert renewed.renewal is not None
    assert renewed.token != session.token
    assert renewed.renewal.ends_at > datetime.now(UTC)
    assert renew(renewed, system_clock) is renewed

    stolen = httpx.get(house.address + "/v1/requests", headers={"Authorization": f"DPoP {renewed.token}"})
    assert stolen.json()["code"] == "identity.proof_required"
    metadata = re.search(r'resource_metadata="([^"]+)"', stolen.headers["www-authenticate"])
    assert metadata is not None
    assert httpx.get(metadata[1]).json()["authorization_servers"] == [house.keycloak.issuer]

    does(tmp_path, "sign-out")
    assert not file.exists()
    assert "client.signed_out" in does(tmp_path, "worklist", exit_code=2)
    write_session(file, ended(renewed))
    assert "identity.sign_in_refused" in does(tmp_path, "worklist", exit_code=1), "what was withdrawn renews nothing"


@pytest.mark.chromium
def test_doctor_signs_in_on_another_device(house: House, chromium: Browser, tmp_path: Path) -> None:
    with page_of(chromium) as page, terminal(tmp_path, "sign-in", house.address, "--device") as process:
        page.goto(told(process))
        says_who_he_is(page, "doctor")
        page.get_by_role("button", name=re.compile("Ja|Yes")).click()
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert json.loads(does(tmp_path, "inbox", "--json")) == []


def test_broker_that_is_none_is_said(tmp_path: Path, house: House) -> None:
    assert "client.no_provider" in does(tmp_path, "sign-in", house.keycloak.issuer, exit_code=1)

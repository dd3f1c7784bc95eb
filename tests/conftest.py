"""What every test may ask for: PostgreSQL, OPA, Node, Chromium, Keycloak, and no network beyond this machine.

A test says what it needs by using one of the fixtures below, or the marker that goes with it; each implies the other.
Where the program is missing the test is skipped with the reason, and in CI (`CI=true`) it fails.
"""

from __future__ import annotations

import os
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from effort import IN_FULL
from hypothesis import settings

from broker.bench.postgres import MAINTENANCE, private_postgres
from broker.kernel.errors import StoreUnavailable

ROOT = Path(__file__).parent.parent
FIXTURE_OF_MARKER = {
    "postgres": "postgres_url",
    "opa": "opa_program",
    "node": "node_program",
    "chromium": "chromium_program",
    "keycloak": "keycloak_folder",
}
_LACKING = "this machine has no"
LOOPBACK = {"127.0.0.1", "::1", "localhost", "testserver", None}

# Deadlines measure the machine, not the code; the blob lets a failure seen in CI be replayed by hand.
settings.register_profile("deelgrond", deadline=None, print_blob=True)
settings.load_profile("deelgrond")


LONGEST = (
    "test_kill.py",
    "test_access_matrix.py",
    "test_two_sides_life.py",
    "test_schemathesis.py",
    "test_races.py",
    "test_tamper_matrix.py",
    "test_lifecycle.py",
    "test_case_files.py",
    "test_faults.py",
    "test_stories_in_chromium.py",
)
"""Files that take longest, which begin first: of what begins last one worker has to wait for the other."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let marker and fixture imply each other, so that `-m "not postgres"` and a bare marker mean what they say."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))
    for item in items:
        fixtures: list[str] = getattr(item, "fixturenames", [])
        for marker, fixture in FIXTURE_OF_MARKER.items():
            if fixture in fixtures:
                item.add_marker(marker)
            elif item.get_closest_marker(marker) is not None:
                fixtures.append(fixture)


def pytest_report_header() -> str:
    """Say how much of the tests that prove by repeating is run."""
    return "repeating tests: in full" if IN_FULL else "repeating tests: a sample; make torture runs them in full"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests this machine could not run, for each program it lacks."""
    skipped = [report.longrepr for report in terminalreporter.getreports("skipped")]
    reasons = Counter(entry[2].removeprefix("Skipped: ") for entry in skipped if isinstance(entry, tuple))
    for reason, number in reasons.items():
        if reason.startswith(_LACKING):
            terminalreporter.write_line(f"{number} tests were skipped: {reason}.")


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """Refuse every connection and name look-up that leaves this machine: a test that needs the network is no test."""
    connect, getaddrinfo = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX and isinstance(address, tuple) and address[0] not in LOOPBACK:
            raise PermissionError("a test tried to connect to another machine")
        connect(self, address)  # type: ignore[arg-type]

    def guarded_getaddrinfo(host: str | None, *args: object, **kwargs: object) -> object:
        if host not in LOOPBACK:
            raise PermissionError("a test tried to look up another machine")
        return getaddrinfo(host, *args, **kwargs)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
        yield


@pytest.fixture(scope="session")
def opa_program() -> str:
    """Return the path of the OPA program in the version that the policies are built with."""
    return _program("find-opa", "OPA in the version of deploy/install/opa-version; `make setup` builds it")


@pytest.fixture(scope="session")
def node_program() -> str:
    """Return the path of Node, which runs what the browser gets outside a browser."""
    return _program("find-node", "Node, 20.19 or newer; `make setup` says how to get it")


@pytest.fixture(scope="session")
def chromium_program() -> str:
    """Return the path of Chromium, in which the pages are read as people read them."""
    return _program("find-chromium", "Chromium; `make setup` says how to get it")


@pytest.fixture(scope="session")
def keycloak_folder() -> str:
    """Return the folder of Keycloak, at which people sign in as they do in an organisation."""
    return _program("find-keycloak", "Keycloak in the version of deploy/install/keycloak-version; `make setup` gets it")


@pytest.fixture(scope="session")
def postgres_programs() -> Path:
    """Return the directory with the programs of PostgreSQL."""
    return Path(_program("find-postgresql", "PostgreSQL server, 15 or newer; `make setup` says how to get one"))


@pytest.fixture(scope="session")
def postgres_url(postgres_programs: Path) -> Iterator[str]:
    """Yield the SQLAlchemy URL of an empty database on a private PostgreSQL server that ends with the test run.

    It is the server that `make bench` measures on: nobody else meets it, and it syncs to disk as a real one does. Its
    user may create further databases.
    """
    try:
        with private_postgres(postgres_programs) as server:
            yield server.url(MAINTENANCE)
    except StoreUnavailable as error:
        pytest.fail(str(error), pytrace=False)


def _program(finder: str, what: str) -> str:
    """Return what one of the finders that `make` uses too has found; without it the test is skipped, in CI it fails."""
    done = subprocess.run([ROOT / "deploy" / "install" / finder], capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return done.stdout.strip()
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have: {what}", pytrace=False)
    pytest.skip(f"{_LACKING} {what}")

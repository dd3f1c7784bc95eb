"""The policies as they are committed, on the embedded engine, on a real OPA server, and on both."""

from __future__ import annotations

import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from broker.policy.agree import AgreeingEngines
from broker.policy.bundle import SERVER, Bundle, load_bundle, policies_path
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate
from broker.policy.opa import OpaEngine


@pytest.fixture(scope="session")
def policies() -> Path:
    """Return the folder of the policies in this checkout."""
    return policies_path()


@pytest.fixture(scope="session")
def bundle(policies: Path) -> Bundle:
    """Return the committed bundle, checked."""
    return load_bundle(policies)


@pytest.fixture(scope="session")
def embedded(bundle: Bundle) -> EmbeddedEngine:
    """Return the engine in this process."""
    return EmbeddedEngine(bundle)


@pytest.fixture(scope="session")
def gate(embedded: EmbeddedEngine, bundle: Bundle, policies: Path) -> PolicyGate:
    """Return the gate over the embedded engine."""
    return PolicyGate(engine=embedded, bundle=bundle, policies=policies)


@pytest.fixture(scope="session")
def opa_engine(opa_program: str, policies: Path) -> Iterator[OpaEngine]:
    """Yield the engine that asks a real OPA server with the committed bundle."""
    with opa_server(opa_program, policies / "bundle" / SERVER) as address:
        yield OpaEngine(address, timeout=10)


@pytest.fixture(params=["embedded", "opa", "both"])
def any_gate(request: pytest.FixtureRequest, embedded: EmbeddedEngine, bundle: Bundle, policies: Path) -> PolicyGate:
    """Return the gate over each engine in turn."""
    if request.param == "embedded":
        return PolicyGate(engine=embedded, bundle=bundle, policies=policies)
    opa = request.getfixturevalue("opa_engine")
    engine = opa if request.param == "opa" else AgreeingEngines(embedded, opa)
    return PolicyGate(engine=engine, bundle=bundle, policies=policies)


@contextmanager
def opa_server(program: str, *bundles: Path) -> Iterator[str]:
    """Run an OPA server with these bundles on a free port of the loopback address and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [program, "run", "--server", f"--addr=127.0.0.1:{port}", "--skip-version-check", "--log-level=error"]
    for one in bundles:
        command += ["--bundle", str(one)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_healthy(server, f"http://127.0.0.1:{port}/health?bundles=true")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_until_healthy(server: subprocess.Popen[bytes], health: str) -> None:
    give_up_at = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(health, timeout=2) as response:  # noqa: S310  our own loopback address
                json.load(response)
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            if server.poll() is not None or time.monotonic() > give_up_at:
                pytest.fail("the OPA server did not start")
            time.sleep(0.05)

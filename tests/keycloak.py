"""A real Keycloak for as long as a block lasts, as deploy/keycloak/run has it: people sign in with a password."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from serving import free_port

RUN = Path(__file__).parent.parent / "deploy" / "keycloak" / "run"

PASSWORD = "een wachtwoord voor de proef"

_PATIENCE = 120.0
"""Seconds that it gets to come up, beside other tests on a busy machine."""


@dataclass(frozen=True)
class Keycloak:
    """Where it is: an issuer as the broker's settings want it."""

    issuer: str


@contextmanager
def keycloak(folder: Path, *, broker: str, people: Sequence[str]) -> Iterator[Keycloak]:
    """Run Keycloak for a broker at this address, with these people; what it says is in a file in the folder."""
    port, log = free_port(), folder / "keycloak.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [RUN, "--broker", broker, "--port", str(port), *people], stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )
    issuer = f"http://127.0.0.1:{port}/realms/deelgrond"
    try:
        _wait(process, issuer, log)
        yield Keycloak(issuer)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait(process: subprocess.Popen[bytes], issuer: str, log: Path) -> None:
    give_up_at = time.monotonic() + _PATIENCE
    while time.monotonic() < give_up_at:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{issuer}/.well-known/openid-configuration", timeout=5).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.5)
    raise AssertionError(f"Keycloak did not start: {log.read_text()}")

"""A real Keycloak with the realm of deploy/keycloak, for as long as a block lasts: people sign in with a password."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from serving import free_port

REALM = Path(__file__).parent.parent / "deploy" / "keycloak" / "deelgrond-realm.json"

PASSWORD = "een wachtwoord voor de proef"

_PATIENCE = 120.0
"""Seconds that it gets to come up, beside other tests on a busy machine."""


@dataclass(frozen=True)
class Keycloak:
    """Where it is; an issuer as the broker's settings want it."""

    issuer: str


@contextmanager
def keycloak(program: Path, folder: Path, *, broker: str, people: Mapping[str, str]) -> Iterator[Keycloak]:
    """Run Keycloak for a broker at this address, with these people: their names, by the subject of their tokens."""
    home = folder / "keycloak"
    (home / "data" / "import").mkdir(parents=True)
    # Its start script finds everything from where it stands itself; only what it writes must be our own.
    shutil.copytree(program / "bin", home / "bin")
    for name in ("lib", "conf", "providers", "themes", "version.txt"):
        (home / name).symlink_to(program / name)
    realm = json.loads(REALM.read_text().replace("https://broker.example.nl", broker))
    realm["users"] = [_person(subject, name) for subject, name in people.items()]
    (home / "data" / "import" / REALM.name).write_text(json.dumps(realm))
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    options = ["--optimized", "--import-realm", "--http-enabled=true", "--http-host=127.0.0.1", f"--http-port={port}"]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [home / "bin" / "kc.sh", "start", *options, f"--hostname={address}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={"PATH": os.environ["PATH"], "JAVA_OPTS_KC_HEAP": "-Xms128m -Xmx512m"},
        )
    try:
        issuer = f"{address}/realms/{realm['realm']}"
        _wait(process, issuer, home / "log")
        yield Keycloak(issuer)
    finally:
        process.terminate()
        process.wait(timeout=30)


def _person(subject: str, name: str) -> dict[str, Any]:
    credentials: Sequence[dict[str, Any]] = [{"type": "password", "value": PASSWORD, "temporary": False}]
    return {
        "id": subject,
        "username": name,
        "enabled": True,
        "email": f"{name}@example.nl",
        "emailVerified": True,
        "firstName": name,
        "lastName": "Proef",
        "credentials": credentials,
        "realmRoles": ["offline_access"],
    }


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

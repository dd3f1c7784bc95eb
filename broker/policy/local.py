"""An OPA server on this machine for the length of a block, serving the bundle of this installation.

For `broker decide` without an OPA address, the demonstration, the tests and the benchmarks; an operator runs his own.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

from broker.kernel.errors import PolicyUnavailable, SettingsError
from broker.policy.bundle import SERVER, policies_path

PATIENCE = 20.0
"""Seconds that OPA gets to load the bundle; it takes less than one, unless the machine is very busy."""


def find_opa() -> str:
    """Return the path of the OPA program: in OPA, on the PATH, or where `make` puts it; SettingsError when nowhere."""
    made = policies_path().parent / ".tools" / "opa"
    found = os.environ.get("OPA") or shutil.which("opa") or (str(made) if made.is_file() else None)
    if not found:
        raise SettingsError("the OPA program is not there; set OPA to its path", code="policy.no_opa")
    return found


@contextmanager
def local_opa(program: str, *, bundle: Path | None = None) -> Iterator[str]:
    """Serve the bundle and yield the address; raises PolicyUnavailable when OPA does not come up with it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    served = bundle or policies_path() / "bundle" / SERVER
    command = [program, "run", "--server", "--addr", f"127.0.0.1:{port}", "--log-level", "error", "--disable-telemetry"]
    server = subprocess.Popen(  # noqa: S603  the program the operator named, and no shell
        [*command, "--bundle", str(served)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(server, address)
        yield address
    finally:
        server.terminate()
        server.wait(timeout=10)


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            if requests.get(f"{address}/health?bundles", timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise PolicyUnavailable("the OPA program did not come up with the bundle")

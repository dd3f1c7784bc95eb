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
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import requests

from broker.kernel.errors import PolicyUnavailable, SettingsError
from broker.policy.bundle import policies_path
from broker.policy.edition import own_edition

PATIENCE = 20.0
"""Seconds that OPA gets to load the bundle; it takes less than one, unless the machine is very busy."""


def find_opa() -> str:
    """Return the path of the OPA program: in OPA, on the PATH, or where `make` puts it; SettingsError when nowhere."""
    made = policies_path().parent / ".tools" / "opa"
    found = os.environ.get("OPA") or shutil.which("opa") or (str(made) if made.is_file() else None)
    if not found:
        raise SettingsError("the OPA program is not there; set OPA to its path", code="policy.no_opa")
    return str(Path(found).absolute())  # it runs in the folder of the policies


@contextmanager
def local_opa(
    program: str, *, bundle: Path | None = None, key: Path | None = None, port: int | None = None
) -> Iterator[str]:
    """Serve a bundle and yield the address; raises PolicyUnavailable when OPA does not come up with it.

    With a public key, in PEM, OPA serves only what is signed by it. Without a bundle it is the one of this
    installation, signed for the occasion, so that OPA takes it as it does where it matters.
    """
    with ExitStack() as stack:
        if bundle is None:
            folder = Path(stack.enter_context(TemporaryDirectory(prefix="deelgrond-")))
            edition, _ = own_edition(policies_path(), folder)
            (bundle,), key = edition.glob("opa-*.tar.gz"), folder / "signer.pub"
        port = port or _free_port()
        address = f"http://127.0.0.1:{port}"
        signed = ["--verification-key", str(key), "--signing-alg", "ES256"] if key else []
        options = ["--addr", f"127.0.0.1:{port}", "--log-level", "error", "--disable-telemetry", *signed]
        server = subprocess.Popen(  # noqa: S603  the program the operator named, and no shell
            [program, "run", "--server", *options, "--bundle", str(bundle)],
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(server: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            if requests.get(f"{address}/health?bundles", timeout=1).ok:
                return
        except requests.RequestException:
            time.sleep(0.05)
    raise PolicyUnavailable("the OPA program did not come up with the bundle")

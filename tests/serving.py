"""A broker in a process of its own, as an operator runs it: `broker serve` with settings from the environment."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from broker_keys import fresh_keys, key_uris
from matter import Matter
from people import AUDIENCE, People
from running import embedded_gate
from staff import everybody
from waiting import PATIENCE

from broker.discovery import authorities
from broker.domain.wiring import Wiring
from broker.flows.attempt import PendingAttempts
from broker.flows.enrol import enrol_directory
from broker.policy.bundle import policies_path
from broker.policy.edition import own_edition
from broker.store.base import Store


def present() -> datetime:
    """Return the present moment: a process of its own has the clock of the machine."""
    return datetime.now(UTC).replace(microsecond=0)


class Server:
    """One installation of the broker, whose process can be started, killed and started again."""

    def __init__(
        self,
        directory: Path,
        *,
        url: str,
        issuer: Any,
        more: Mapping[str, str] | None = None,
        port: int = 0,
    ) -> None:
        """Make the keys, enrol everybody, and have the settings ready; nothing runs yet.

        `issuer` is whom it believes: a DemoIssuer, or anything with an `issuer` when nobody is to call through it.
        """
        self.keys = fresh_keys(directory, present)
        self.store = Store(url, self.keys)
        self.wiring = Wiring(
            store=self.store, gate=embedded_gate(), keys=self.keys, clock=present, attempts=PendingAttempts()
        )
        self.log = directory / "server.log"
        port = port or free_port()
        self.people = People(address=f"http://127.0.0.1:{port}", issuer=issuer, now=present, w=self.wiring)
        enrol_directory(everybody(issuer.issuer, present().date()), self.wiring)
        uris = key_uris(directory)
        edition, signers = own_edition(policies_path(), directory)
        self._environment = {
            "PATH": os.environ["PATH"],
            "BROKER_DATABASE__URL": url,
            **{f"BROKER_KEYS__{role.upper()}": uri for role, uri in uris.items()},
            "BROKER_POLICY__EDITION": str(edition),
            "BROKER_POLICY__SIGNERS": str(signers),
            "BROKER_IDENTITY__ISSUER": issuer.issuer,
            "BROKER_IDENTITY__AUDIENCE": AUDIENCE,
            "BROKER_IDENTITY__ASSURANCE": json.dumps({"high": "high"}),
            "BROKER_HTTP__PORT": str(port),
            "BROKER_HTTP__PUBLIC_URL": self.people.address,
            **(more or {}),
        }
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def matter(self) -> Matter:
        """The family matter."""
        return Matter(self.people)

    @property
    def pid(self) -> int:
        """The id of the process that serves."""
        assert self._process is not None
        return self._process.pid

    def start(self, *options: str) -> None:
        """Start the process, with these options of `broker serve`, and wait until it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "broker", "serve", *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                cwd=Path(__file__).parent.parent,
            )
        give_up_at = time.monotonic() + PATIENCE
        while True:
            with suppress(httpx.TransportError):
                # Whatever it says: some start closed.
                httpx.get(self.people.address + "/v1/health", verify=authorities())
                return
            assert self._process.poll() is None, self.log.read_text()
            assert time.monotonic() < give_up_at, "the server did not start"
            time.sleep(0.05)

    def does(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Return how a command of the operator ended, with the settings that the process has."""
        return subprocess.run(
            [sys.executable, "-m", "broker", *command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env=self._environment,
            cwd=Path(__file__).parent.parent,
        )

    def kill(self) -> None:
        """End the process with SIGKILL, in the middle of whatever it does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()

    def stop(self) -> None:
        """End the process as an operator does, and let go of everything."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(timeout=PATIENCE)
        self.people.close()
        self.store.close()


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return int(door.getsockname()[1])

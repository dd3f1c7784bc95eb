"""A private PostgreSQL server for the length of a block, durable as a real one, and the programs that come with it.

It listens on a unix socket in its own temporary directory only, so that two runs never meet. Settings are PostgreSQL's
own, `fsync` on included. The tests run on it too: one way to start a server, and one to be sure that it is gone.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from broker.kernel.errors import StoreUnavailable

PATIENCE = 60.0
"""Seconds that the server gets to come up and to shut down."""

MAINTENANCE = "postgres"
"""The empty database that every server begins with, for who needs one to create others from."""

_USER = "deelgrond"


class PostgresServer:
    """A running server; `programs` is the directory of its programs, `directory` that of its socket."""

    def __init__(self, programs: Path, directory: Path) -> None:
        self._programs, self._directory = programs, directory

    def url(self, database: str) -> str:
        """Return the SQLAlchemy URL of a database."""
        return f"postgresql+psycopg://{_USER}@/{database}?host={self._directory}"

    def create(self, database: str, *, template: str = "template1") -> str:
        """Create a database, empty or as a copy of another that nobody is connected to, and return its URL."""
        self.run("createdb", "--template", template, database)
        return self.url(database)

    def vacuum(self, database: str) -> None:
        """Do now what autovacuum would do in time: clear dead rows and look at the statistics."""
        self.run("vacuumdb", "--quiet", "--analyze", database)

    def run(self, program: str, *arguments: str) -> str:
        """Run one of the programs against this server and return what it printed; StoreUnavailable when it fails."""
        done = subprocess.run(  # noqa: S603  a program of the installation the caller named, and no shell
            [str(self._programs / program), "--host", str(self._directory), "--username", _USER, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise StoreUnavailable(f"{program} failed: {done.stderr.strip()}")
        return done.stdout


@contextmanager
def private_postgres(programs: Path) -> Iterator[PostgresServer]:
    """Make and start a server from the programs in this directory and yield it; it is gone afterwards.

    `initdb` and `postgres` are enough; what else came with them is for who uses the server. StoreUnavailable, with the
    server's own last words, when it does not come up.
    """
    directory = Path(tempfile.mkdtemp(prefix="deelgrond-postgres-"))
    try:
        account = _unprivileged_account()
        if account is not None:
            shutil.chown(directory, account.pw_uid, account.pw_gid)
        log = directory / "server.log"
        process = _start(programs, directory, account, log)
        try:
            _wait(process, directory, log)
            yield PostgresServer(programs, directory)
        finally:
            _stop(process)
    finally:
        shutil.rmtree(directory)


def _unprivileged_account() -> pwd.struct_passwd | None:
    """Return the account to run the server as when we are root, which PostgreSQL refuses; otherwise None."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _start(programs: Path, directory: Path, account: pwd.struct_passwd | None, log: Path) -> subprocess.Popen[bytes]:
    data = str(directory / "data")
    with log.open("wb") as written:
        how: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": written,
            "stderr": written,
            "cwd": directory,
            "env": {"PATH": os.environ["PATH"], "HOME": str(directory), "LC_ALL": "C", "TZ": "UTC"},
            "user": account.pw_uid if account else None,
            "group": account.pw_gid if account else None,
            "extra_groups": [] if account else None,
        }
        made = subprocess.run(  # noqa: S603
            [str(programs / "initdb"), f"--username={_USER}", "--auth=trust", "--encoding=UTF8", "--no-locale", data],
            check=False,
            **how,
        )
        if made.returncode != 0:
            raise StoreUnavailable(f"initdb ended with {made.returncode}:\n{_words(log)}")
        return subprocess.Popen(  # noqa: S603
            [str(programs / "postgres"), "-D", data, "-k", str(directory), "-c", "listen_addresses=", "-c", "fsync=on"],
            **how,
        )


def _wait(process: subprocess.Popen[bytes], directory: Path, log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            psycopg.connect(host=str(directory), user=_USER, dbname=MAINTENANCE).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
        else:
            return
    raise StoreUnavailable(f"the private PostgreSQL server did not come up:\n{_words(log)}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    # SIGINT is PostgreSQL's fast shutdown: it does not wait for connections that were left open.
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        # Its directory is about to go; a server that stayed would write into nothing. Its children end with it.
        process.kill()
        process.wait()
        raise


def _words(log: Path) -> str:
    return log.read_text(errors="replace").strip()

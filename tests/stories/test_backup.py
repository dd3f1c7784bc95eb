"""A broker on PostgreSQL is backed up while it serves, destroyed and brought back, as deploy/backup.md says."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from databases import fresh_postgres
from logged import publish_all
from serving import Server
from sqlalchemy import create_engine, make_url
from waiting import wait_until

from broker.demo.issuer import DemoIssuer

pytestmark = pytest.mark.postgres
ROOT = Path(__file__).parents[2]


class Premises:
    """One broker with its two places that are backed up: the database, and the folder of keys and edition."""

    def __init__(self, server: Server, url: str, folder: Path) -> None:
        self.server, self.folder = server, folder
        self._url = make_url(url).set(drivername="postgresql")
        found = subprocess.run([ROOT / "deploy/install/find-postgresql"], capture_output=True, text=True, check=True)
        self._programs = Path(found.stdout.strip())

    def dump(self, to: Path) -> Path:
        """Dump the database, whoever works in it."""
        self._run("pg_dump", "--format=custom", f"--file={to}", self._address())
        return to

    def lose_database(self) -> None:
        """Have an empty database in the place of this one."""
        name = self._url.database
        admin = create_engine(self._url.set(drivername="postgresql+psycopg", database="postgres"))
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        admin.dispose()

    def restore(self, dump: Path) -> None:
        """Put back what a dump holds, into an empty database."""
        self._run("pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={self._address()}", str(dump))

    def _address(self) -> str:
        return self._url.render_as_string(hide_password=False)

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run([self._programs / program, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.fixture
def premises(postgres_url: str, tmp_path: Path) -> Iterator[Premises]:
    folder = tmp_path / "premises"
    folder.mkdir()
    with fresh_postgres(postgres_url) as url, DemoIssuer() as issuer:
        server = Server(folder, url=url, issuer=issuer)
        try:
            yield Premises(server, url, folder)
        finally:
            server.stop()


@contextmanager
def at_work(server: Server) -> Iterator[None]:
    """Have it serve; it has recorded and signed all that was done when it ends."""
    server.start()
    try:
        yield
        publish_all(server.wiring)
    finally:
        server.kill()
        server.store.close()


def refusal_of(server: Server) -> str:
    """Return the code of what is wrong by what `/healthz/ready` says, once it says that anything is."""
    address = server.people.address + "/healthz/ready"
    wait_until(lambda: httpx.get(address).status_code == 503)
    return str(httpx.get(address).json()["code"])


def test_destroyed_broker_is_brought_back_from_its_backup(premises: Premises, tmp_path: Path) -> None:
    server = premises.server
    with at_work(server):
        request, _ = server.matter.released()
        publish_all(server.wiring)
        # Keys and checkpoint first, the database after them, and work goes on in between.
        shutil.copytree(premises.folder, tmp_path / "kept")
        later = server.matter.case()
        dump = premises.dump(tmp_path / "kept.dump")
        oldest = server.people.client("officer").decisions()[-1]["id"]

    premises.lose_database()
    shutil.rmtree(premises.folder)
    assert server.does("verify").returncode != 0

    shutil.copytree(tmp_path / "kept", premises.folder)
    premises.restore(dump)
    assert server.does("migrate").returncode == 0
    verified = server.does("verify")
    assert verified.returncode == 0, verified.stderr
    assert json.loads(verified.stdout)["releases"] == 1

    with at_work(server):
        assert len(server.matter.opened(request)["parts"]) == 2
        assert server.people.client("officer").replay(oldest)["same"] is True
        assert later in {case["id"] for case in server.people.client("worker").cases()}
        server.matter.released()
    assert server.does("verify").returncode == 0


def test_database_older_than_the_remembered_checkpoint_is_refused(premises: Premises, tmp_path: Path) -> None:
    server = premises.server
    with at_work(server):
        server.matter.released()
        publish_all(server.wiring)
        older = premises.dump(tmp_path / "older.dump")
        request, _ = server.matter.released()
    newer = premises.dump(tmp_path / "newer.dump")

    premises.lose_database()
    premises.restore(older)
    for command in ("verify", "checkpoint"):
        refused = server.does(command)
        assert refused.returncode == 1
        assert "integrity.fork" in refused.stderr
        assert "zet een nieuwere terug" in refused.stderr
    server.start()
    assert refusal_of(server) == "integrity.fork"
    server.kill()
    server.store.close()

    premises.lose_database()
    premises.restore(newer)
    assert server.does("verify").returncode == 0
    with at_work(server):
        assert len(server.matter.opened(request)["parts"]) == 2
    assert server.does("verify").returncode == 0


def test_log_of_which_the_end_is_lost_for_good_goes_on_when_people_decide_so(
    premises: Premises, tmp_path: Path
) -> None:
    server, remembered = premises.server, premises.folder / "log.json.checkpoint"
    with at_work(server):
        request, _ = server.matter.released()
        publish_all(server.wiring)
        older = premises.dump(tmp_path / "older.dump")
        server.matter.case()
    premises.lose_database()
    premises.restore(older)

    lost = remembered.rename(tmp_path / "lost.checkpoint")
    assert server.does("checkpoint").returncode == 0
    assert server.does("verify").returncode == 0
    assert "integrity.fork" in server.does("verify", "--checkpoint", str(lost)).stderr
    with at_work(server):
        assert len(server.matter.opened(request)["parts"]) == 2
    assert server.does("verify").returncode == 0


def test_key_folder_older_than_the_database_goes_on(premises: Premises, tmp_path: Path) -> None:
    server = premises.server
    with at_work(server):
        server.matter.case()
        publish_all(server.wiring)
        shutil.copytree(premises.folder, tmp_path / "kept")
        server.matter.case()

    shutil.rmtree(premises.folder)
    shutil.copytree(tmp_path / "kept", premises.folder)
    assert server.does("verify").returncode == 0
    with at_work(server):
        server.matter.released()
    assert server.does("verify").returncode == 0

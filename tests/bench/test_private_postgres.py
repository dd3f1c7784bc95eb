"""The private PostgreSQL server says why it does not come up, and is gone when its block ends, however it ends."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from broker.bench import postgres
from broker.bench.postgres import MAINTENANCE, private_postgres
from broker.kernel.errors import StoreUnavailable

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("failing", ["initdb", "postgres"])
def test_server_that_does_not_come_up_leaves_its_last_words_and_nothing_else(
    failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs, place = tmp_path / "programs", tmp_path / "place"
    for folder in (programs, place):
        folder.mkdir()
    for name in ("initdb", "postgres"):
        fails = "echo no room on this disk\nexit 1\n" if name == failing else ""
        (programs / name).write_text("#!/bin/sh\n" + fails)
        (programs / name).chmod(0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    # Another account may not look into the folder of a test.
    monkeypatch.setattr(postgres, "_unprivileged_account", lambda: None)

    with pytest.raises(StoreUnavailable, match="no room on this disk"), private_postgres(programs):
        pytest.fail("it came up")
    assert not list(place.iterdir())


@pytest.mark.postgres
def test_server_is_gone_after_a_failure_with_a_connection_left_open() -> None:
    found = subprocess.run([ROOT / "deploy/install/find-postgresql"], capture_output=True, text=True, check=True)
    left_open: list[tuple[Path, psycopg.Connection]] = []

    def fail_inside() -> None:
        with private_postgres(Path(found.stdout.strip())) as server:
            directory = Path(str(make_url(server.url(MAINTENANCE)).query["host"]))
            assert (directory / "data" / "postmaster.pid").exists()
            left_open.append((directory, psycopg.connect(host=str(directory), user="deelgrond", dbname=MAINTENANCE)))
            raise KeyError

    with pytest.raises(KeyError):
        fail_inside()
    [(directory, connection)] = left_open
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")
    connection.close()
    assert not directory.exists()

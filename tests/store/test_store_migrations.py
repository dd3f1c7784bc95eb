"""Migrations: from nothing to the tables of the code, and back; a store opens on that schema only."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect

import broker.store.base  # noqa: F401  all tables
from broker.kernel.errors import SettingsError, StoreUnavailable
from broker.keyring import Keyring
from broker.store.base import Store
from broker.store.engine import open_engine
from broker.store.migrations import config_for, is_current, migrate
from broker.store.schema import metadata


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Yield an engine on a migrated database."""
    opened = open_engine(url)
    yield opened
    opened.dispose()


def test_migrated_database_has_the_tables_of_the_code(engine: Engine) -> None:
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        command.check(config_for(connection))


def test_migrating_again_changes_nothing(url: str) -> None:
    assert is_current(url)
    migrate(url)
    assert is_current(url)


def test_downgrade_leaves_nothing_and_upgrade_brings_it_back(engine: Engine, url: str, keys: Keyring) -> None:
    with engine.begin() as connection:
        command.downgrade(config_for(connection), "-1")
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    assert not is_current(url)
    with pytest.raises(SettingsError, match="broker migrate"):
        Store(url, keys)
    migrate(url)
    Store(url, keys).close()


def test_empty_file_is_migrated(tmp_path: Path, keys: Keyring) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with pytest.raises(SettingsError, match="broker migrate"):
        Store(url, keys)
    migrate(url)
    Store(url, keys).close()


def test_failed_migration_leaves_the_database_as_it_was(engine: Engine, url: str) -> None:
    with engine.begin() as connection:
        command.downgrade(config_for(connection), "base")
        connection.exec_driver_sql("CREATE TABLE checkpoints (other INTEGER)")
    with pytest.raises(StoreUnavailable):
        migrate(url)
    with engine.connect() as connection:
        assert sorted(inspect(connection).get_table_names()) == ["alembic_version", "checkpoints"]


@pytest.mark.parametrize("bad", ["mysql://host/name", "no url", "postgresql://user:geheim@host:port/x"])
def test_other_url_is_refused_without_repeating_it(bad: str, keys: Keyring) -> None:
    with pytest.raises(SettingsError) as caught:
        Store(bad, keys)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_database_that_is_not_there_is_unavailable(tmp_path: Path, keys: Keyring) -> None:
    with pytest.raises(StoreUnavailable):
        Store(f"sqlite:///{tmp_path / 'no' / 'folder.db'}", keys)
    with pytest.raises(StoreUnavailable):
        Store(f"postgresql://nobody@/nothing?host={tmp_path}", keys)

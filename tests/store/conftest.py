"""A fresh database with the current schema for each test, on SQLite and on PostgreSQL, with real keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from broker_keys import fresh_keys
from databases import fresh_postgres, fresh_sqlite
from family import NOW
from sqlalchemy import Engine, create_engine, text

from broker.crypto.note import VerifierKey
from broker.domain.wiring import Wiring
from broker.keyring import Keyring
from broker.store.base import Store
from broker.store.engine import open_engine


@pytest.fixture
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keyring:
    """Return a key ring with fresh keys: a log key remembers the one log that it signed."""
    return fresh_keys(tmp_path_factory.mktemp("keys"), lambda: NOW)


@pytest.fixture
def stranger(tmp_path: Path) -> Keyring:
    """Return another key ring under the same names: what a forger would have."""
    directory = tmp_path / "stranger"
    directory.mkdir()
    return fresh_keys(directory, lambda: NOW)


@pytest.fixture(scope="session")
def server(postgres_url: str) -> Iterator[Engine]:
    """Yield an engine on the test server, past everybody's databases."""
    engine = create_engine(postgres_url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_database(tmp_path: Path) -> str:
    """Return the URL of an SQLite file of this test's own."""
    return fresh_sqlite(tmp_path)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """Yield the URL of a PostgreSQL database of this test's own."""
    with fresh_postgres(postgres_url) as url:
        yield url


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest) -> str:
    """Return the URL of this test's own database, on each kind."""
    return cast("str", request.getfixturevalue(f"{request.param}_database"))


@pytest.fixture
def store(url: str, keys: Keyring) -> Iterator[Store]:
    """Yield a store on this test's own database."""
    opened = Store(url, keys)
    yield opened
    opened.close()


@pytest.fixture
def store_on(keys: Keyring) -> Iterator[Callable[[str], Store]]:
    """Yield a function that opens a store on a URL, for tests about one kind of database."""
    opened: list[Store] = []

    def open_store(url: str) -> Store:
        opened.append(Store(url, keys))
        return opened[-1]

    yield open_store
    for each in opened:
        each.close()


@pytest.fixture
def tamper(url: str) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """Yield a function that runs SQL past the store and returns its rows: the forger's way in."""
    engine = open_engine(url)

    def run(sql: str, **values: object) -> list[tuple[Any, ...]]:
        with engine.begin() as connection:
            result = connection.execute(text(sql), values)
            return [tuple(row) for row in result] if result.returns_rows else []

    yield run
    engine.dispose()


@pytest.fixture
def wiring(store: Store, keys: Keyring) -> Wiring:
    """Return what publishing needs: it asks no policy and notes no attempts."""
    nothing: Any = None
    return Wiring(store=store, gate=nothing, keys=keys, clock=lambda: NOW, attempts=nothing)


@pytest.fixture
def vkeys(keys: Keyring) -> tuple[VerifierKey, ...]:
    """Return the verifier key of the log."""
    signer = keys.log_signer()
    return (VerifierKey(signer.name, signer.public),)

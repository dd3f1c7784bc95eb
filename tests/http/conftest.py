"""A running broker: one for each module, on SQLite or on both databases, or one of a test's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from databases import fresh_postgres
from running import Broker, running


@contextmanager
def on(kind: str, request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Serve a broker on a fresh database of this kind."""
    if kind == "sqlite":
        with running() as broker:
            yield broker
    else:
        with fresh_postgres(request.getfixturevalue("postgres_url")) as url, running(url) as broker:
            yield broker


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """Yield a broker on SQLite that the tests of a module share."""
    with running() as served:
        yield served


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Yield a broker that the tests of a module share, on SQLite and on PostgreSQL."""
    with on(request.param, request) as served:
        yield served


@pytest.fixture
def own_broker() -> Iterator[Broker]:
    """Yield a broker of this test's own, whose clock and keys it may move."""
    with running() as served:
        yield served


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def own_either(request: pytest.FixtureRequest) -> Iterator[Broker]:
    """Yield a broker of this test's own, on SQLite and on PostgreSQL."""
    with on(request.param, request) as served:
        yield served

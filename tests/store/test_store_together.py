"""Statements that go to PostgreSQL in one piece: answered in turn, begun and committed with it, and never half."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from broker.store.engine import open_engine
from broker.store.together import say_together

pytestmark = pytest.mark.postgres

INSERT = "INSERT INTO numbers (number, text) VALUES (%(number)s, %(text)s)"
COUNT = "SELECT count(*), coalesce(sum(number), 0) FROM numbers"
LARGE = "é" * 100_000


@pytest.fixture
def line(postgres_database: str) -> Iterator[psycopg.Connection[Any]]:
    """Yield a connection of the store with an empty table; statements on it have a second."""
    engine = open_engine(postgres_database, patience=1)
    with engine.connect() as connection:
        line: Any = connection.connection.driver_connection
        line.execute("CREATE TABLE numbers (number integer PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, text text)")
        line.commit()
        yield line
        connection.invalidate()
    engine.dispose()


def insert(number: int, text: str = "") -> tuple[str, dict[str, Any]]:
    """Return the statement that inserts a number."""
    return INSERT, {"number": number, "text": text}


def kept(line: psycopg.Connection[Any]) -> tuple[int, int]:
    """Return how many numbers there are and their sum, in a transaction of its own."""
    line.rollback()
    found: tuple[int, int] = line.execute(COUNT).fetchall()[0]
    line.rollback()
    return found


def test_each_is_answered_in_its_turn_and_all_is_committed(line: psycopg.Connection[Any]) -> None:
    for turn in range(8):  # psycopg prepares a statement at its sixth time
        number = 2 * turn
        found = say_together(line, [insert(number), (COUNT, {}), insert(number + 1), (COUNT, {})], commit=True)
        assert [found[place].fetchall()[0][0] for place in (1, 3)] == [number + 1, number + 2]
        assert [found[place].rowcount for place in (0, 2)] == [1, 1]
        assert line.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert kept(line) == (16, 120)


def test_transaction_begins_with_the_first_and_goes_on(line: psycopg.Connection[Any]) -> None:
    say_together(line, [insert(1)])
    say_together(line, [insert(2)])
    assert line.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
    line.execute(*insert(3))
    assert kept(line) == (0, 0)


def test_nothing_to_say_is_nothing(line: psycopg.Connection[Any]) -> None:
    assert say_together(line, [], commit=True) == []
    assert kept(line) == (0, 0)


@pytest.mark.parametrize("commit", [False, True])
@pytest.mark.parametrize("place", range(4))
def test_after_one_that_fails_nothing_is_said_and_nothing_is_kept(
    line: psycopg.Connection[Any], place: int, commit: bool
) -> None:
    said: list[Any] = [insert(1), insert(2), insert(3)]
    said.insert(place, ("SELECT 1 / %(by)s", {"by": 0}))
    for _ in range(8):  # psycopg prepares a statement at its sixth time, which one before it can keep from happening
        with pytest.raises(psycopg.errors.DivisionByZero):
            say_together(line, said, commit=commit)
        assert kept(line) == (0, 0)
    say_together(line, said[:place] + said[place + 1 :], commit=True)
    assert kept(line) == (3, 6)


def test_commit_that_is_refused_keeps_nothing(line: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        say_together(line, [insert(1), insert(1)], commit=True)
    assert kept(line) == (0, 0)


def test_value_that_cannot_be_sent_sends_nothing(line: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.DataError):
        say_together(line, [insert(1), insert(2, "nought\x00")], commit=True)
    assert kept(line) == (0, 0)


@pytest.mark.parametrize("fails", [False, True])
def test_more_than_any_buffer_holds_goes_both_ways(line: psycopg.Connection[Any], fails: bool) -> None:
    asked = ("SELECT text FROM numbers ORDER BY number", {})
    wrong: list[Any] = [("SELECT 1 / %(by)s", {"by": 0})] if fails else []
    said: list[Any] = [*wrong, *(each for number in range(20) for each in (insert(number, LARGE), asked))]
    if fails:
        with pytest.raises(psycopg.errors.DivisionByZero):
            say_together(line, said, commit=True)
        assert kept(line) == (0, 0)
        return
    found = say_together(line, said, commit=True)
    assert [len(cursor.fetchall()) for cursor in found[1::2]] == list(range(1, 21))
    assert kept(line) == (20, 190)


def test_server_that_hangs_up_in_the_middle_is_told(line: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.OperationalError):
        say_together(line, [insert(1), ("SELECT pg_terminate_backend(pg_backend_pid())", {}), insert(2)], commit=True)
    assert line.closed
    with pytest.raises(psycopg.OperationalError):
        say_together(line, [insert(1)])
    assert line._pipeline is None


def test_server_that_takes_too_long_is_told_and_serves_again(line: psycopg.Connection[Any]) -> None:
    with pytest.raises(psycopg.errors.QueryCanceled):
        say_together(line, [insert(1), ("SELECT pg_sleep(30)", {}), insert(2)], commit=True)
    assert kept(line) == (0, 0)


def test_server_that_falls_silent_is_not_waited_for(line: psycopg.Connection[Any]) -> None:
    say_together(line, [("SET statement_timeout = 0", {})], commit=True)
    with pytest.raises(psycopg.OperationalError, match="did not answer in time"):
        say_together(line, [insert(1), ("SELECT pg_sleep(30)", {}), insert(2)], commit=True)
    assert line.closed

"""A statement that comes again is said without SQLAlchemy's way round it, and nobody can tell the difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from family import NOW
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Delete,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Update,
    bindparam,
    delete,
    event,
    exc,
    func,
    insert,
    literal,
    select,
    update,
)

from broker.kernel.errors import ConflictError, InputError, StoreUnavailable
from broker.store.compiled import Lookup, _Connection, insert_later, look_ahead
from broker.store.engine import errors_named, for_turns, open_engine
from broker.store.schema import Moment, Nested, insert_or_ignore, insert_or_replace

things = Table(
    "things",
    MetaData(),
    Column("id", Text, primary_key=True),
    Column("of_case", Text, key="case"),
    Column("number", Integer),
    Column("sealed", LargeBinary),
    Column("at", Moment),
    Column("day", Date),
    Column("nested", Nested),
    Column("other", JSON),
    Column("free", Boolean),
)


def thing(name: str, **fields: Any) -> dict[str, Any]:
    """Return a row with a value of each type that the store's tables have."""
    return {
        "id": name,
        "case": "c1",
        "number": 7,
        "sealed": b"\x00\xff",
        "at": NOW,
        "day": NOW.date(),
        "nested": {"list": [1, "%(x)s"], "none": None},
        "other": ["é"],
        "free": True,
        **fields,
    }


BARE = thing("c") | dict.fromkeys(("case", "number", "sealed", "at", "day", "nested", "free"))
READ = select(things).order_by(things.c.id)
ONE = READ.where(things.c.id == bindparam("thing", type_=Text()))
LISTED = READ.where(things.c.id.in_(bindparam("things", expanding=True)))
SHAPES: dict[str, tuple[Any, Any]] = {
    "all": (READ, None),
    "one": (ONE, {"thing": "a"}),
    "none": (ONE, {"thing": "nobody"}),
    "since": (READ.where(things.c.at >= bindparam("since", type_=Moment())), {"since": NOW - timedelta(days=1)}),
    "constants": (READ.where(things.c.id.in_(("a", "b")), things.c.number == 7), {}),
    "expanding": (LISTED, {"things": ["a", "c"]}),
    "expanding nothing": (LISTED, {"things": []}),
    "expanding twice": (LISTED.where(things.c.number.in_(bindparam("of"))), {"things": ["a", "b"], "of": [7]}),
    "aggregate": (select(func.aggregate_strings(things.c.id, "\n").label("names")).where(things.c.free), None),
    "literal": (select(literal("100%").label("per cent"), func.count().label("number")).select_from(things), None),
    "labelled": (select(*(column.label(f"x_{column.key}") for column in things.c)).order_by(things.c.id), None),
    "limit": (READ.limit(bindparam("limit", type_=Integer())), {"limit": 2}),
    "insert": (insert(things), thing("new")),
    "insert list of one": (insert(things), [thing("new")]),
    "insert many": (insert(things), [thing("new"), thing("newer", nested=None)]),
    "insert some columns": (insert(things), {"id": "new", "case": "c2"}),
    "insert value": (insert(things).values(number=func.length("four")), {"id": "new"}),
    "insert returning": (insert(things).returning(things.c.id, things.c.at), thing("new")),
    "update": (update(things).where(things.c.id == bindparam("which")).values(number=1), {"which": "a"}),
    "update given": (
        update(things).where(things.c.id == bindparam("which")),
        {"which": "a", "number": 3, "case": "c9"},
    ),
    "update returning": (update(things).values(nested={"x": 1}, at=NOW).returning(*things.c), None),
    "delete": (delete(things).where(things.c.id != bindparam("which")), {"which": "a"}),
    "delete returning": (delete(things).returning(*things.primary_key), None),
}


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Yield an engine of the store with a table of three rows."""
    engine = open_engine(url)
    with engine.begin() as connection:
        things.create(connection)
        Connection.execute(connection, insert(things), [thing("a"), thing("b", number=8), BARE])
    yield engine
    engine.dispose()


def told(connection: Connection, ours: bool, statement: Any, values: Any) -> list[Any]:
    """Return what a statement answers and what it leaves, and undo it."""
    way = type(connection).execute if ours else Connection.execute
    with connection.begin():
        result = way(connection, statement, values)
        rowcount, returns = result.rowcount, result._metadata.returns_rows
        rows = result.all() if returns else []
        columns = [dict(row._mapping) for row in rows]
        known = [[row._mapping[column] for column in things.c] for row in rows if "nested" in row._fields]
        left = Connection.execute(connection, READ).all()
        connection.get_transaction().rollback()  # type: ignore[union-attr]
    changed = rowcount if isinstance(statement, Update | Delete) else None  # of others SQLAlchemy promises no number
    return [rows, [row._fields for row in rows], columns, known, left, changed]


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_answers_as_sqlalchemy_does(engine: Engine, name: str) -> None:
    statement, values = SHAPES[name]
    with engine.connect() as connection:
        expected = told(connection, False, statement, values)
        for _ in range(4):
            assert told(connection, True, statement, values) == expected
        if isinstance(connection, _Connection):
            learned = [value for key, value in connection._memory.compiled.items() if key[0] is statement]
            # A list of rows is SQLAlchemy's each time.
            assert len(learned) == (0 if isinstance(values, list) else 1)
            assert None not in learned


def test_the_same_statement_with_other_values_answers_for_those(engine: Engine) -> None:
    with engine.begin() as connection:
        found = [connection.execute(ONE, {"thing": name}).one_or_none() for name in ("a", "a", "a", "b", "c", "x")]
        assert [row and (row.id, row.number) for row in found] == [("a", 7)] * 3 + [("b", 8), ("c", None), None]
        assert connection.execute(ONE, {"thing": "b"}).scalar_one() == "b"
        assert connection.scalars(READ).all() == connection.execute(READ).scalars().all() == ["a", "b", "c"]


def test_a_list_of_another_length_is_another_text(engine: Engine) -> None:
    lists = (["a"], ["b", "c"], [], ["c", "a"], ["b"], ["a", "b", "c"], [])
    with engine.begin() as connection:
        for _ in range(3):
            found = [connection.execute(LISTED, {"things": names}).scalars().all() for names in lists]
            assert found == [sorted(names) for names in lists]


def test_two_statements_that_differ_in_a_constant_only_are_not_mixed_up(engine: Engine) -> None:
    first, second = (READ.where(things.c.number == number) for number in (7, 8))
    with engine.begin() as connection:
        for _ in range(4):
            assert connection.execute(first).scalars().all() == ["a"]
            assert connection.execute(second).scalars().all() == ["b"]


def test_a_row_that_may_be_there_is_replaced_or_left(engine: Engine) -> None:
    with engine.begin() as connection:
        for number in range(5):
            insert_or_replace(connection, things, [thing("a", number=number), thing("n", number=number)])
            insert_or_ignore(connection, things, [thing("b", number=100)])
        assert dict(connection.execute(select(things.c.id, things.c.number)).all()) == {  # type: ignore[arg-type]
            "a": 4, "b": 8, "c": None, "n": 4,
        }  # fmt: skip


ADD = insert(things)
FAILURES: dict[str, tuple[Any, Any, type[Exception], type[Exception]]] = {
    "constraint": (ADD, thing("a"), exc.IntegrityError, ConflictError),
    "constraint of many": (ADD, [thing("d"), thing("a")], exc.IntegrityError, ConflictError),
    "value": (ADD, thing("secret", number=2**40), exc.DataError, InputError),
    "a moment without zone": (
        ADD,
        thing("secret", at=NOW.replace(tzinfo=None)),
        exc.StatementError,
        exc.StatementError,
    ),
}


@pytest.mark.postgres
@pytest.mark.parametrize("name", FAILURES)
def test_an_error_is_named_as_sqlalchemy_names_it_and_tells_no_value(postgres_database: str, name: str) -> None:
    statement, values, raw, ours = FAILURES[name]
    engine = open_engine(postgres_database)
    with engine.begin() as connection:
        things.create(connection)
        for number in range(3):
            connection.execute(ADD, thing(f"x{number}"))
            connection.execute(ADD, [thing(f"y{number}"), thing(f"z{number}")])
        connection.execute(ADD, thing("a"))

    def fail(way: Any) -> Exception:
        with pytest.raises(raw) as raised, engine.begin() as connection:
            way(connection, statement, values)
        return raised.value

    expected, found = fail(Connection.execute), fail(_Connection.execute)
    assert type(found) is type(expected)
    assert str(found) == str(expected)
    assert "secret" not in str(found)
    with pytest.raises(ours), errors_named(), engine.begin() as connection:
        connection.execute(statement, values)
    with engine.begin() as connection:
        assert connection.execute(select(func.count()).select_from(things)).scalar_one() == 10
    engine.dispose()


@pytest.mark.postgres
def test_a_connection_that_broke_is_given_up_and_the_next_one_serves(postgres_database: str) -> None:
    engine = open_engine(postgres_database)
    statement = select(func.pg_backend_pid())
    for _ in range(3):
        with engine.begin() as connection:
            process = connection.execute(statement).scalar_one()
    with engine.connect() as connection, engine.begin() as other:
        process = connection.execute(statement).scalar_one()
        other.execute(select(func.pg_terminate_backend(process)))
        with pytest.raises(StoreUnavailable), errors_named():
            connection.execute(statement)
        assert connection.invalidated
    with engine.begin() as connection:
        assert connection.execute(statement).scalar_one() != process
    engine.dispose()


@pytest.mark.postgres
def test_who_listens_hears_each_statement_once(postgres_database: str) -> None:
    engine, heard = open_engine(postgres_database), []

    @event.listens_for(engine, "before_cursor_execute")
    def hear(_: object, __: object, text: str, values: Any, ___: object, ____: bool) -> None:
        heard.append((text, values))

    statement = select(literal("a").label("a"), bindparam("b", type_=Text()).label("b"))
    with engine.begin() as connection:
        for _ in range(4):
            connection.execute(statement, {"b": "c"})
    assert len(heard) == 4
    assert all(each == heard[0] for each in heard)
    event.remove(engine, "before_cursor_execute", hear)
    with engine.begin() as connection:
        assert not connection._is_heard()  # type: ignore[attr-defined]
    engine.dispose()


@pytest.fixture
def learned(postgres_database: str) -> Iterator[Engine]:
    """Yield an engine that has learned to add things, and a table with one thing in it."""
    engine = open_engine(postgres_database)
    for number in range(3):
        with engine.begin() as connection:
            things.create(connection, checkfirst=True)
            insert_later(connection, ADD, [thing(f"x{number}")])
            insert_later(connection, ADD, [thing(f"y{number}"), thing(f"z{number}")])
    yield engine
    engine.dispose()


def names(engine: Engine) -> list[str]:
    """Return what is kept."""
    with engine.begin() as connection:
        return list(connection.execute(READ).scalars())


def add_later(engine: Engine, *several: list[dict[str, Any]], then: Callable[[Connection], object] = id) -> None:
    """Add these things for later, do this, and commit."""
    with errors_named(), engine.begin() as connection:
        for rows in several:
            insert_later(connection, ADD, rows)
        then(connection)


KEPT = [f"{letter}{number}" for letter in "xyz" for number in range(3)]


@pytest.mark.postgres
def test_rows_for_later_are_there_for_whoever_looks_and_after_the_commit(learned: Engine) -> None:
    with learned.begin() as connection:
        insert_later(connection, ADD, [thing("later")])
        insert_later(connection, ADD, [thing("later1"), thing("later2")])
        assert len(connection._later) == 2  # type: ignore[attr-defined]
        assert connection.execute(ONE, {"thing": "later2"}).scalar_one() == "later2"
        insert_later(connection, ADD, [thing("later3")])
        assert connection.scalar(select(func.count()).select_from(things)) == len(KEPT) + 4
        insert_later(connection, ADD, [thing("later4")])
        assert connection.exec_driver_sql("SELECT count(*) FROM things").scalar() == len(KEPT) + 5
        insert_later(connection, ADD, [thing("later5")])
    assert names(learned) == sorted([*KEPT, "later", *(f"later{number}" for number in range(1, 6))])


@pytest.mark.postgres
def test_rows_for_later_go_with_what_is_undone(learned: Engine) -> None:
    with learned.connect() as connection:
        with connection.begin() as transaction:
            insert_later(connection, ADD, [thing("undone")])
            transaction.rollback()
        with connection.begin():
            insert_later(connection, ADD, [thing("kept")])
    assert names(learned) == sorted([*KEPT, "kept"])


AT_COMMIT = "at the commit"
WRONG: dict[str, tuple[dict[str, Any], type[Exception]]] = {
    "constraint": (thing("x0"), ConflictError),
    "value": (thing("secret", number=2**40), InputError),
    "letter": (thing("nought\x00"), InputError),
}


@pytest.mark.postgres
@pytest.mark.parametrize("told", [AT_COMMIT, "at the next statement"])
@pytest.mark.parametrize("name", WRONG)
def test_row_for_later_that_cannot_be_is_an_error_of_the_transaction(learned: Engine, name: str, told: str) -> None:
    wrong, error = WRONG[name]
    then: Callable[[Connection], object] = (
        id if told == "at the commit" else lambda connection: connection.execute(READ)
    )
    with pytest.raises(error) as raised:
        add_later(learned, [thing("before")], [wrong], [thing("after"), thing("after2")], then=then)
    assert raised.value.__cause__ is None
    assert names(learned) == KEPT


@pytest.mark.postgres
def test_commit_that_the_database_refuses_keeps_nothing_of_what_went_with_it(learned: Engine) -> None:
    with learned.begin() as connection:
        connection.execute(delete(things).where(things.c.id != "x0"))
        connection.exec_driver_sql("ALTER TABLE things ADD UNIQUE (number, day) DEFERRABLE INITIALLY DEFERRED")
    with pytest.raises(ConflictError):
        add_later(learned, [thing("twice")], [thing("other", number=9)])
    assert names(learned) == ["x0"]
    add_later(learned, [thing("other", number=9)])
    assert names(learned) == ["other", "x0"]


@pytest.mark.postgres
def test_server_that_hangs_up_before_the_commit_is_not_there(learned: Engine) -> None:
    def hang_up(connection: Connection) -> None:
        process = connection.scalar(select(func.pg_backend_pid()))
        insert_later(connection, ADD, [thing("lost")])
        with learned.begin() as other:
            other.execute(select(func.pg_terminate_backend(process, 5000)))

    with pytest.raises(StoreUnavailable):
        add_later(learned, then=hang_up)
    assert names(learned) == KEPT


@pytest.mark.parametrize("number", [1, 2, 5, 6, 7, 123])
def test_however_many_rows_are_inserted_each_is_there_as_it_was_given(engine: Engine, number: int) -> None:
    for turn in range(4):
        rows = [
            thing(f"n{turn} {place:03}", number=place, nested=None if place % 2 else {"place": place})
            for place in range(number)
        ]
        with engine.begin() as connection:
            insert_later(connection, ADD, rows)
        with engine.connect() as connection, connection.begin() as transaction:
            insert_later(connection, ADD, [dict(row, id=f"undone {row['id']}") for row in rows])
            transaction.rollback()
        with engine.begin() as connection:
            kept = connection.execute(READ.where(things.c.id.startswith(f"n{turn}"))).all()
            undone = connection.execute(READ.where(things.c.id.startswith("undone"))).all()
        assert [(row.id, row.number, row.nested, row.at) for row in kept] == [
            (row["id"], row["number"], row["nested"], NOW) for row in rows
        ]
        assert undone == []


def test_a_row_that_is_given_twice_is_replaced_by_the_later_one(engine: Engine) -> None:
    for number in range(5):
        with engine.begin() as connection:
            insert_or_replace(connection, things, [thing("a", number=-1), thing("a", number=number)])
            insert_or_ignore(connection, things, [thing(f"i{number}"), thing(f"i{number}", number=-1)])
            kept = dict(connection.execute(select(things.c.id, things.c.number)).all())  # type: ignore[arg-type]
        assert (kept["a"], kept[f"i{number}"]) == (number, 7)


LOOKUPS: tuple[Lookup, ...] = ((ONE, {"thing": "x0"}), (ONE, {"thing": "nobody"}), (LISTED, {"things": ["x1", "y1"]}))


def answers(connection: Connection) -> list[list[str]]:
    """Return what each lookup finds."""
    return [list(connection.execute(*lookup).scalars()) for lookup in LOOKUPS]


def number_of(connection: Connection) -> int:
    """Return the number of the thing x0, as it is said now."""
    found: int = connection.execute(ONE, {"thing": "x0"}).one().number
    return found


def renumber(engine: Engine, number: int) -> None:
    """Have somebody else give the thing x0 another number."""
    with engine.begin() as connection:
        connection.execute(update(things).where(things.c.id == "x0").values(number=number))


@contextmanager
def turn(engine: Engine) -> Iterator[Connection]:
    """Begin a transaction in which each statement sees what was committed before it."""
    with engine.connect() as connection, for_turns(connection).begin():
        yield connection


@pytest.fixture
def looking(learned: Engine) -> Engine:
    """Return an engine that knows the lookups."""
    for _ in range(3):
        with learned.begin() as connection:
            assert answers(connection) == [["x0"], [], ["x1", "y1"]]
    return learned


def test_what_is_looked_up_ahead_is_what_is_found(engine: Engine) -> None:
    lookups: tuple[Lookup, ...] = ((ONE, {"thing": "b"}), (LISTED, {"things": ["a", "c"]}))
    for _ in range(5):
        with engine.begin() as connection:
            look_ahead(connection, lookups)
            assert [list(connection.execute(*lookup).scalars()) for lookup in lookups] == [["b"], ["a", "c"]]


@pytest.mark.postgres
def test_where_no_lookup_is_known_yet_nothing_is_sent(postgres_database: str) -> None:
    engine = open_engine(postgres_database)
    with engine.begin() as connection:
        look_ahead(connection, LOOKUPS)
        line: Any = connection.connection.driver_connection
        assert line.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    engine.dispose()


@pytest.mark.postgres
def test_lookup_is_answered_once_with_what_was_found_ahead(looking: Engine) -> None:
    with turn(looking) as connection:
        look_ahead(connection, LOOKUPS)
        renumber(looking, 100)
        assert number_of(connection) == 7
        assert number_of(connection) == 100
        assert answers(connection) == [["x0"], [], ["x1", "y1"]]


@pytest.mark.postgres
@pytest.mark.parametrize(
    "write",
    [
        lambda connection: insert_later(connection, ADD, [thing("new")]),
        lambda connection: connection.execute(delete(things).where(things.c.id == "y0")),
        lambda connection: connection.execute(update(things).where(things.c.id == "y0").values(free=False)),
        lambda connection: connection.exec_driver_sql("UPDATE things SET free = false WHERE id = 'y0'"),
    ],
)
def test_who_writes_forgets_what_was_found_ahead(looking: Engine, write: Callable[[Connection], object]) -> None:
    with turn(looking) as connection:
        look_ahead(connection, LOOKUPS)
        renumber(looking, 100)
        write(connection)
        assert number_of(connection) == 100


@pytest.mark.postgres
@pytest.mark.parametrize("end", ["commit", "rollback"])
def test_what_was_found_ahead_ends_with_the_transaction(looking: Engine, end: str) -> None:
    with looking.connect() as connection:
        for_turns(connection)
        with connection.begin() as transaction:
            look_ahead(connection, LOOKUPS)
            getattr(transaction, end)()
        renumber(looking, 100)
        with connection.begin():
            assert number_of(connection) == 100


@pytest.mark.postgres
def test_rows_that_wait_are_seen_by_who_looks_ahead(looking: Engine) -> None:
    with looking.begin() as connection:
        insert_later(connection, ADD, [thing("new")])
        look_ahead(connection, [(ONE, {"thing": "new"}), (ONE, {"thing": "x0"})])
        assert connection.execute(ONE, {"thing": "new"}).scalar_one() == "new"


@pytest.mark.postgres
def test_lookup_that_cannot_be_answered_is_an_error_of_the_transaction(looking: Engine) -> None:
    halved = select(literal(1) / bindparam("by", type_=Integer()))
    for _ in range(3):
        with looking.begin() as connection:
            connection.execute(halved, {"by": 1})
    with pytest.raises(InputError):
        add_later(
            looking,
            [thing("lost")],
            then=lambda connection: look_ahead(connection, [LOOKUPS[0], (halved, {"by": 0}), LOOKUPS[1]]),
        )
    with looking.begin() as connection:
        look_ahead(connection, LOOKUPS)
        assert answers(connection) == [["x0"], [], ["x1", "y1"]]
    assert names(looking) == KEPT

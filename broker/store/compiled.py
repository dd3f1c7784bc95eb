"""A connection on which a statement that comes again is said at once: compiled, and its rows understood, one time.

SQLAlchemy looks for the compiled form of a statement at every execution, and makes a context, a cursor result and a
description of the columns anew; that is a fifth of the time that a question takes. A statement that was made once, as
those of a module are, is recognised here by being the same object. Its second execution is SQLAlchemy's and is looked
at: the text, what each parameter goes through, and what the rows mean. From the third on only these are used.

Rows that an act writes need not be there before it reads again or commits. `insert_later` keeps them until then and
sends them together, with the commit, so that the server is waited for once (libpq's pipeline).

What is sent, what comes back and what is raised are SQLAlchemy's. A list in `IN` makes another text for each length, so
each length is looked at by itself. All that is not as simple as this (rows page by page, no transaction) is left to
SQLAlchemy, each time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self, cast
from weakref import WeakKeyDictionary, WeakSet

import psycopg
from sqlalchemy import ClauseElement, Connection, CursorResult, Delete, Engine, Insert, Select, Update
from sqlalchemy.engine.result import IteratorResult

MOST = 1000
"""Compiled statements that one engine remembers; the store has fewer."""

_Said = list[dict[str, Any]]
_Rows = Sequence[Mapping[str, Any]]
_Lists = tuple[str, ...]
_Key = tuple[object, _Lists, bool, tuple[int, ...]]


class _Given(NamedTuple):
    """A parameter: its name in the text, its name in what is given, its place in that list, what it goes through."""

    name: str
    key: str
    place: int | None
    process: Any


@dataclass(frozen=True, slots=True)
class _Compiled:
    """One statement as it is sent, and what its rows mean."""

    text: str
    fixed: Mapping[str, Any]
    given: tuple[_Given, ...]
    columns: Any

    @classmethod
    def of(cls, result: CursorResult[Any], given: Mapping[str, Any]) -> Self | None:
        """Return what a result of SQLAlchemy tells of its statement; None when it is not always sent like this."""
        context: Any = result.context
        compiled = context.compiled
        names = {
            bind: (name, next((key for key in (bind.key, name) if key in given), None))
            for bind, name in compiled.bind_names.items()
        }
        if (
            compiled.insert_prefetch
            or compiled.update_prefetch
            or compiled.implicit_returning
            or (context.executemany and compiled.effective_returning)
            or any(bind.callable for bind in names)
            # Written into the text itself.
            or any(names[bind][1] for bind in compiled.literal_execute_params)
        ):
            return None
        escaped, processors = compiled.escaped_bind_names, compiled._bind_processors
        taken = []
        for name, key in names.values():
            if key is None:
                continue
            several = context._expanded_parameters.get(name)
            if several is None:
                taken.append(_Given(escaped.get(name, name), key, None, processors.get(name)))
            else:
                taken += [_Given(one, key, place, processors.get(name)) for place, one in enumerate(several)]
        own = {each.name for each in taken}
        fixed = {name: value for name, value in context.parameters[0].items() if name not in own}
        return cls(context.statement, fixed, tuple(taken), result._metadata)

    def values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters as they are sent."""
        values = dict(self.fixed)
        for name, key, place, process in self.given:
            value = row[key] if place is None else row[key][place]
            values[name] = value if process is None else process(value)
        return values


@dataclass(frozen=True, slots=True)
class _Memory:
    """The statements of one engine: those that came by, and how those that came again are sent."""

    seen: WeakSet[Any] = field(default_factory=WeakSet)
    lists: WeakKeyDictionary[Any, _Lists] = field(default_factory=WeakKeyDictionary)
    compiled: dict[_Key, _Compiled | None] = field(default_factory=dict)


def _say_to(cursor: Any, text: str, values: Any) -> None:
    if isinstance(values, list):
        cursor.executemany(text, values)
    else:
        cursor.execute(text, values)


def insert_later(connection: Connection, statement: Insert, rows: _Rows) -> None:
    """Insert rows before the next thing is said on this connection or it commits; what is wrong with them is told then.

    On PostgreSQL, in a transaction. Elsewhere at once.
    """
    if isinstance(connection, _Connection):
        connection.insert_later(statement, rows)
    else:
        connection.execute(statement, rows)


def compile_once(engine: Engine) -> None:
    """Have the connections of this engine compile a statement once; for PostgreSQL, whose parameters have names."""
    memory = _Memory()
    engine._connection_cls = lambda engine: _Connection(engine, memory)  # type: ignore[assignment]


class _Connection(Connection):
    def __init__(self, engine: Engine, memory: _Memory) -> None:
        super().__init__(engine)
        self._memory = memory
        self._later: list[tuple[str, _Said]] = []

    def insert_later(self, statement: Insert, rows: _Rows) -> None:
        compiled = self._memory.compiled.get(self._key(statement, rows)) if self._is_plain() else None
        said = self._values(compiled, rows) if compiled is not None and not self._is_heard() else None
        if compiled is None or said is None:
            self.execute(statement, rows)
        else:
            self._later.append((compiled.text, said))

    def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> CursorResult[Any]:
        if execution_options or not self._is_plain():
            return super().execute(statement, parameters, execution_options=execution_options)
        rows: _Rows = parameters if isinstance(parameters, Sequence) else (parameters or {},)
        key = self._key(statement, rows)
        compiled = self._memory.compiled.get(key)
        if compiled is not None:
            said = self._values(compiled, rows)
            if said is not None:
                return self._say(compiled, said)
        result = super().execute(statement, parameters)
        if key not in self._memory.compiled and isinstance(statement, Select | Insert | Update | Delete):
            self._learn(statement, result, rows)
        return result

    def _values(self, compiled: _Compiled, rows: _Rows) -> _Said | None:
        """Return the parameters as they are sent; None where one cannot be, of which SQLAlchemy says what is wrong."""
        with suppress(TypeError, ValueError, KeyError, AttributeError):
            return [compiled.values(row) for row in rows or ({},)]
        return None

    def _is_heard(self) -> bool:
        """Tell whether somebody listens to what is said."""
        return (self._has_events or self.engine._has_events) and bool(self.dispatch.before_cursor_execute)

    def _key(self, statement: Any, rows: _Rows) -> _Key:
        """Return what a text depends on: the statement, what is given, whether once, and how long each list is."""
        first = rows[0] if rows else {}
        lists = self._memory.lists.get(statement, ()) if isinstance(statement, ClauseElement) else ()
        return statement, tuple(first), len(rows) > 1, tuple(len(first.get(name, ())) for name in lists)

    def _is_plain(self) -> bool:
        """Tell whether this is the ordinary case: a transaction that goes on, and rows that are read all at once."""
        transaction = self._transaction
        return (
            transaction is not None
            and transaction.is_active
            and self._nested_transaction is None
            and self._dbapi_connection is not None
            and "yield_per" not in self._execution_options
        )

    def _learn(self, statement: Any, result: CursorResult[Any], rows: _Rows) -> None:
        memory, given = self._memory, rows[0] if rows else {}
        if statement not in memory.seen:
            memory.seen.add(statement)
            return
        if len(memory.compiled) >= MOST:  # then they are no constants; what is one comes again
            memory.compiled.clear()
        compiled = _Compiled.of(result, given)
        if compiled is not None:
            expanded = cast("Any", result.context)._expanded_parameters
            memory.lists[statement] = tuple(name for name in given if name in expanded)
        memory.compiled[self._key(statement, rows)] = compiled

    def _say(self, compiled: _Compiled, said: _Said) -> CursorResult[Any]:
        self._send_later()
        text, several = compiled.text, len(said) > 1
        values: Any = said if several else said[0]
        cursor: Any = None
        try:
            cursor = cast("Any", self._dbapi_connection).cursor()
            if self._is_heard():
                for heard in self.dispatch.before_cursor_execute:
                    text, values = heard(self, cursor, text, values, None, several)
            _say_to(cursor, text, values)
            found = cursor.fetchall() if compiled.columns.returns_rows else ()
        except (psycopg.Error, KeyboardInterrupt, SystemExit) as error:
            # SQLAlchemy names it, and gives up a connection that broke.
            named = text if isinstance(error, psycopg.Error) else None
            self._handle_dbapi_exception(error, named, values, cursor, None)
        result: Any = IteratorResult(compiled.columns, iter(found))
        result.rowcount = cursor.rowcount
        return cast("CursorResult[Any]", result)

    def _execute_context(self, *given: Any, **named: Any) -> CursorResult[Any]:  # all that SQLAlchemy says passes here
        self._send_later()
        return super()._execute_context(*given, **named)

    def _commit_impl(self) -> None:
        with self._together():
            super()._commit_impl()

    def _rollback_impl(self) -> None:
        self._later = []
        super()._rollback_impl()

    def _send_later(self) -> None:
        if self._later:
            with self._together():
                pass

    @contextmanager
    def _together(self) -> Iterator[None]:
        """Send what waits, and what is said in the block, before any answer is waited for."""
        later, self._later = self._later, []
        if not later:
            yield
            return
        try:
            line = cast("Any", self._dbapi_connection)
            with line.pipeline():
                for text, said in later:
                    _say_to(line.cursor(), text, said)
                yield
        except (psycopg.Error, KeyboardInterrupt, SystemExit) as error:
            self._handle_dbapi_exception(error, None, None, None, None)

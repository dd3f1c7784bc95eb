"""A connection on which a statement that comes again is said at once: compiled, and its rows understood, one time.

SQLAlchemy looks for the compiled form of a statement at every execution, and makes a context, a cursor result and a
description of the columns anew; that is a fifth of the time that a question takes. A statement that was made once, as
those of a module are, is recognised here by being the same object. Its second execution is SQLAlchemy's and is looked
at: the text, what each parameter goes through, and what the rows mean. From the third on only these are used.

While many act at the same time, waiting for the server costs more than what it is asked: who waits falls asleep and is
woken. So what can go together does (libpq's pipeline):

* rows that an act writes need not be there before it reads again or commits: `insert_later` keeps them until then and
  sends them with the commit;
* what an act will read is known before it reads it: `look_ahead` sends the lookups together, and each of them finds
  its answer there when it is said.

What is sent, what comes back and what is raised are SQLAlchemy's. A list in `IN` makes another text for each length, so
each length is looked at by itself. All that is not as simple as this (several rows at once, rows page by page, no
transaction) is left to SQLAlchemy, each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple, Self, cast
from weakref import WeakKeyDictionary, WeakSet

import psycopg
from sqlalchemy import ClauseElement, Connection, CursorResult, Delete, Engine, Insert, Select, Update, bindparam
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.result import IteratorResult

from broker.store.together import Statement, say_together

MOST = 1000
"""Compiled statements that one engine remembers; the store has fewer."""

VALUES = 50
"""Values of one statement that inserts several rows: psycopg understands a text with more of them anew each time."""

_Values = Mapping[str, Any]

Lookup = tuple[Select[Any], _Values]
"""A statement that reads, and its values."""

_Rows = Sequence[_Values]
_Names = tuple[str, ...]
_Key = tuple[object, _Names, tuple[int, ...]]


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

    def values(self, given: _Values) -> _Values:
        """Return the parameters as they are sent."""
        values = dict(self.fixed)
        for name, key, place, process in self.given:
            value = given[key] if place is None else given[key][place]
            values[name] = value if process is None else process(value)
        return values


@dataclass(frozen=True, slots=True)
class _Memory:
    """The statements of one engine: those that came by, and how those that came again are sent."""

    seen: WeakSet[Any] = field(default_factory=WeakSet)
    lists: WeakKeyDictionary[Any, _Names] = field(default_factory=WeakKeyDictionary)
    compiled: dict[_Key, _Compiled | None] = field(default_factory=dict)


def insert_later(connection: Connection, statement: Insert, rows: _Rows) -> None:
    """Insert rows before the next thing is said on this connection or it commits; what is wrong with them is told then.

    On PostgreSQL, in a transaction. Elsewhere at once.
    """
    if isinstance(connection, _Connection):
        connection.insert_later(statement, rows)
    else:
        connection.execute(statement, rows)


def look_ahead(connection: Connection, lookups: Iterable[Lookup]) -> None:
    """Send these together; whoever says one of them before something is written is told what was found.

    On PostgreSQL, in a transaction; what went wrong with one of them is told here. Elsewhere each is sent when it is
    said, as if this were not there.
    """
    if isinstance(connection, _Connection):
        connection.look_ahead(lookups)


def _in_fewer(statement: Insert, rows: _Rows) -> Iterator[tuple[Insert, _Values]]:
    """Yield statements that insert these rows, which name the same columns, several at once."""
    names = tuple(rows[0])
    # One statement cannot replace a row that it inserted itself (ON CONFLICT, which PostgreSQL's own insert has).
    number = 1 if isinstance(statement, postgresql.Insert) else max(1, VALUES // len(names))
    for some in (rows[start : start + number] for start in range(0, len(rows), number)):
        if len(some) == 1:
            yield statement, some[0]
        else:
            values = {f"{name}_{place}": row[name] for place, row in enumerate(some) for name in names}
            yield _of_several(statement, names, len(some)), values


@cache
def _of_several(statement: Insert, names: tuple[str, ...], number: int) -> Insert:
    """Return the statement with values for so many rows; those of the first end in `_0`."""
    types = {name: statement.table.c[name].type for name in names}
    return statement.values(
        [{name: bindparam(f"{name}_{place}", type_=types[name]) for name in names} for place in range(number)]
    )


def compile_once(engine: Engine) -> None:
    """Have the connections of this engine compile a statement once; for PostgreSQL, whose parameters have names."""
    memory = _Memory()
    engine._connection_cls = lambda engine: _Connection(engine, memory)  # type: ignore[assignment]


class _Connection(Connection):
    def __init__(self, engine: Engine, memory: _Memory) -> None:
        super().__init__(engine)
        self._memory = memory
        self._later: list[Statement] = []
        self._ahead: list[tuple[_Compiled, _Values, Any]] = []

    def look_ahead(self, lookups: Iterable[Lookup]) -> None:
        if not self._is_plain() or self._is_heard():
            return
        sent = [self._as_sent(*lookup) for lookup in lookups]
        known = [each for each in sent if each is not None]
        if known:
            found = self._together([(compiled.text, values) for compiled, values in known])
            self._ahead += [(*each, cursor) for each, cursor in zip(known, found, strict=True)]

    def _found_ahead(self, compiled: _Compiled, values: _Values) -> Any:
        """Return the cursor with what was found for this; None when it was not looked for."""
        for place, (known, asked, cursor) in enumerate(self._ahead):
            if known is compiled and asked == values:
                del self._ahead[place]
                return cursor
        return None

    def insert_later(self, statement: Insert, rows: _Rows) -> None:
        for one, given in _in_fewer(statement, rows):
            sent = self._as_sent(one, given) if self._is_plain() and not self._is_heard() else None
            if sent is None:
                self.execute(one, given)
            else:
                compiled, values = sent
                self._ahead = []
                self._later.append((compiled.text, values))

    def execute(self, statement: Any, parameters: Any = None, *, execution_options: Any = None) -> CursorResult[Any]:
        if execution_options or isinstance(parameters, Sequence) or not self._is_plain():
            return super().execute(statement, parameters, execution_options=execution_options)
        given: _Values = parameters or {}
        sent = self._as_sent(statement, given)
        if sent is not None:
            if not isinstance(statement, Select):
                self._ahead = []
            return self._say(*sent)
        result = super().execute(statement, parameters)
        if isinstance(statement, Select | Insert | Update | Delete):
            self._learn(statement, result, given)
        return result

    def _as_sent(self, statement: Any, given: _Values) -> tuple[_Compiled, _Values] | None:
        """Return how this is sent; None before it is compiled, and where SQLAlchemy is to say what is wrong with it."""
        compiled = self._memory.compiled.get(self._key(statement, given))
        if compiled is not None:
            with suppress(TypeError, ValueError, KeyError, AttributeError):
                return compiled, compiled.values(given)
        return None

    def _is_heard(self) -> bool:
        """Tell whether somebody listens to what is said."""
        return (self._has_events or self.engine._has_events) and bool(self.dispatch.before_cursor_execute)

    def _key(self, statement: Any, given: _Values) -> _Key:
        """Return what a text depends on: the statement, what is given, and how long each list is."""
        lists = self._memory.lists.get(statement, ()) if isinstance(statement, ClauseElement) else ()
        return statement, tuple(given), tuple(len(given.get(name, ())) for name in lists)

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

    def _learn(self, statement: Any, result: CursorResult[Any], given: _Values) -> None:
        memory = self._memory
        if self._key(statement, given) in memory.compiled:
            return
        if statement not in memory.seen:
            memory.seen.add(statement)
            return
        if len(memory.compiled) >= MOST:  # then they are no constants; what is one comes again
            memory.compiled.clear()
        compiled = _Compiled.of(result, given)
        if compiled is not None:
            expanded = cast("Any", result.context)._expanded_parameters
            memory.lists[statement] = tuple(name for name in given if name in expanded)
        memory.compiled[self._key(statement, given)] = compiled

    def _say(self, compiled: _Compiled, values: Any) -> CursorResult[Any]:
        if (found := self._found_ahead(compiled, values)) is not None:
            return cast("CursorResult[Any]", IteratorResult(compiled.columns, iter(found.fetchall())))
        self._send_later()
        text = compiled.text
        cursor: Any = None
        try:
            cursor = cast("Any", self._dbapi_connection).cursor()
            if self._is_heard():
                for heard in self.dispatch.before_cursor_execute:
                    text, values = heard(self, cursor, text, values, None, False)  # noqa: FBT003  as SQLAlchemy calls it
            cursor.execute(text, values)
            found = cursor.fetchall() if compiled.columns.returns_rows else ()
        except (psycopg.Error, KeyboardInterrupt, SystemExit) as error:
            # SQLAlchemy names it, and gives up a connection that broke.
            named = text if isinstance(error, psycopg.Error) else None
            self._handle_dbapi_exception(error, named, values, cursor, None)
        result: Any = IteratorResult(compiled.columns, iter(found))
        result.rowcount = cursor.rowcount
        return cast("CursorResult[Any]", result)

    def _execute_context(self, *given: Any, **named: Any) -> CursorResult[Any]:  # all that SQLAlchemy says passes here
        self._ahead = []
        self._send_later()
        return super()._execute_context(*given, **named)

    def _commit_impl(self) -> None:
        self._ahead = []
        if self._later:
            self._together(commit=True)
        super()._commit_impl()

    def _rollback_impl(self) -> None:
        self._later, self._ahead = [], []
        super()._rollback_impl()

    def _send_later(self) -> None:
        if self._later:
            self._together()

    def _together(self, also: Sequence[Statement] = (), *, commit: bool = False) -> list[Any]:
        """Say what waits, and this; return a cursor for each of this."""
        later, self._later = self._later, []
        try:
            line = cast("Any", self._dbapi_connection).driver_connection
            return say_together(line, [*later, *also], commit=commit)[len(later) :]
        except (psycopg.Error, KeyboardInterrupt, SystemExit) as error:
            self._handle_dbapi_exception(error, None, None, None, None)

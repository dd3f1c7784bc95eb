"""What a block of code says to PostgreSQL, written down as a script with which pgbench says the same.

The statements, their order, the transactions and the sizes of the values are those of the block. Values travel as
parameters of prepared statements, since that is how psycopg sends them. The block is recorded twice: identifiers and
digests that differ between the two are drawn anew in each run of the script, as long as the originals and with the
same beginning, so that the same indexes grow in the same way.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Binary
from psycopg.types.json import Json, Jsonb
from sqlalchemy import Connection, Engine, event

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_CHANGING = re.compile(r"([a-z]{3}_|sha256:)[0-9a-z]{26,}")
_DRAW = 10**17, 10**18 - 1
_DRAWN_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Spoken:
    """One statement with its parameters by name."""

    statement: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Script:
    """A script for pgbench, the variables to `--define` with it, and how many statements and commits it has."""

    text: str
    variables: Mapping[str, str]
    statements: int
    commits: int


@contextmanager
def recorded() -> Iterator[list[Spoken]]:
    """Yield a list that fills with all that is said through SQLAlchemy in the block, by any thread."""
    said: list[Spoken] = []

    def level(connection: Connection) -> str:
        # As store/engine.py opens PostgreSQL, unless this transaction asks for another.
        return str(connection.get_execution_options().get("isolation_level", "REPEATABLE READ"))

    def begin(connection: Connection) -> None:
        if level(connection) != "AUTOCOMMIT":  # then nothing is said to begin or end it
            said.append(Spoken(f"BEGIN ISOLATION LEVEL {level(connection)}", {}))

    def commit(connection: Connection) -> None:
        if level(connection) != "AUTOCOMMIT":
            said.append(Spoken("COMMIT", {}))

    def execute(_: Connection, __: object, statement: str, parameters: Any, *___: object) -> None:
        several = parameters if isinstance(parameters, Sequence) else [parameters]
        said.extend(Spoken(statement, each) for each in several)

    listeners: dict[str, Callable[..., None]] = {"begin": begin, "commit": commit, "before_cursor_execute": execute}
    for name, listener in listeners.items():
        event.listen(Engine, name, listener)
    try:
        yield said
    finally:
        for name, listener in listeners.items():
            event.remove(Engine, name, listener)


def script_of(
    first: Sequence[Spoken], second: Sequence[Spoken], *, known: Collection[str] = (), prefix: str = "v"
) -> Script:
    """Return the script that says what was said both times; ValueError when the two differ in more than values.

    What is `known` in the first stays as it is, for what was there before; names of variables begin with `prefix`.
    """
    if [said.statement for said in first] != [said.statement for said in second]:
        raise ValueError("the block does not say the same each time")
    variables: dict[str, str] = {}
    drawn: dict[str, str] = {}

    def written(value: Any, other: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, str) and value != other and value not in known and _CHANGING.fullmatch(value):
            name = drawn.setdefault(value, f"id{len(drawn)}")
            beginning = value[:-_DRAWN_DIGITS]
            if ":" in beginning:  # pgbench would take what follows the colon for a variable, also inside quotes
                constant = f"{prefix}{len(variables)}"
                variables[constant] = beginning
                return f"(:{constant}::TEXT || :{name})"
            return f"('{beginning}' || :{name})"
        name = f"{prefix}{len(variables)}"
        variables[name] = _text(value)
        return f":{name}"

    lines = []
    for said, again in zip(first, second, strict=True):
        values = {name: written(value, again.parameters[name]) for name, value in said.parameters.items()}
        text = _PLACEHOLDER.sub(lambda found, values=values: values[found[1]], said.statement)  # type: ignore[misc]
        lines.append(" ".join(text.split()) + ";")
    low, high = _DRAW
    draws = [f"\\set {name} random({low}, {high})" for name in drawn.values()]
    commits = sum(said.statement == "COMMIT" for said in first)
    spoken = sum(bool(said.parameters) for said in first)
    return Script("\n".join([*draws, *lines]) + "\n", variables, spoken, commits)


def _text(value: Any) -> str:
    """Return a value as PostgreSQL reads it from a text parameter."""
    if isinstance(value, Json | Jsonb):
        return json.dumps(value.obj)
    if isinstance(value, Binary):
        return "\\x" + bytes(value.obj).hex()
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, datetime | date) else str(value)

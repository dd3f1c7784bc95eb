"""What a block of code says to PostgreSQL, written down as a script with which pgbench says the same.

The statements, their order, the transactions and the sizes of the values are those of the block. Identifiers that the
block made are drawn anew in each run of the script, as long as the originals and in the same alphabet, so that the
same indexes grow in the same way. Values travel as parameters of prepared statements: that is how psycopg sends them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Json, Jsonb
from sqlalchemy import Connection, Engine, event

from broker.kernel.errors import InputError

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
# An identifier of kernel.values.new_id: ten characters of time, then sixteen of chance, of which pgbench draws all.
_MADE = re.compile(r"[a-z]{3}_[0-9a-z]{26}")
_DRAWN = 10**17, 10**18 - 1
_TIME_CHARACTERS = 26 - 18


@dataclass(slots=True)
class Replay:
    """The statements of a block, in order, and the values they carried."""

    lines: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    statements: int = 0
    _made: dict[str, str] = field(default_factory=dict)

    def script(self) -> str:
        """Return the script for pgbench; its variables are in `values`, to be given with --define."""
        low, high = _DRAWN
        draws = [f"\\set {name} random({low}, {high})" for name in self._made.values()]
        return "\n".join([*draws, *self.lines]) + "\n"

    def begin(self) -> None:
        """Note that a transaction begins, as store/engine.py begins one."""
        self.lines.append("BEGIN ISOLATION LEVEL REPEATABLE READ;")

    def end(self, word: str) -> None:
        """Note that it ends in COMMIT or ROLLBACK."""
        self.lines.append(f"{word};")

    def add(self, statement: str, parameters: Mapping[str, Any]) -> None:
        """Note one statement with its parameters by name."""
        self.statements += 1
        text = _PLACEHOLDER.sub(lambda found: self._value(parameters[found[1]]), statement.replace("%%", "%"))
        self.lines.append(" ".join(text.split()) + ";")

    def _value(self, value: Any) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, str) and _MADE.fullmatch(value) and value in self._fresh:
            return self._drawn(value)
        name = f"v{len(self.values)}"
        self.values[name] = _written(value)
        return f":{name}"

    _fresh: frozenset[str] = frozenset()

    def _drawn(self, identifier: str) -> str:
        name = self._made.setdefault(identifier, f"id{len(self._made)}")
        return f"('{identifier[: 4 + _TIME_CHARACTERS]}' || :{name})"


def _written(value: Any) -> str:
    """Return a value as PostgreSQL reads it from a text parameter."""
    if isinstance(value, Json | Jsonb):
        raise InputError("a wrapped JSON value has no text of its own here")
    if isinstance(value, bytes):
        return "\\x" + value.hex()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)

"""A filled-in form: what was typed, read by name, and what is wrong with it by name.

Names in a form are those of the body that a program would send, so that pages and API check by the same shapes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.datastructures import FormData

from broker.words import PROBLEMS, Words

Body = TypeVar("Body", bound=BaseModel)
Location = Sequence[int | str]
MOST_ROWS = 40
"""More questions or statements than this on one page serve nobody; a program may send more."""


class Filled:
    """What was typed into a form."""

    def __init__(self, data: FormData) -> None:
        self.data = data

    def value(self, name: str, default: str = "") -> str:
        """Return what was typed under this name."""
        typed = self.data.get(name, default)
        return typed if isinstance(typed, str) else default

    def chosen(self, name: str) -> list[str]:
        """Return everything that was ticked under this name."""
        return [value for value in self.data.getlist(name) if isinstance(value, str)]

    def ticked(self, name: str, value: str = "yes") -> bool:
        """Tell whether this was ticked."""
        return value in self.data.getlist(name)

    def number(self, name: str) -> int | str | None:
        """Return the whole number under this name, None for nothing; else what it is, for the shape to refuse."""
        typed = self.value(name).strip()
        return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 7 else typed or None

    def count(self, name: str) -> int:
        """Return how many rows the form had under this name: between 1 and MOST_ROWS."""
        number = self.number(name)
        return max(1, min(MOST_ROWS, number)) if isinstance(number, int) else 1

    def exceptions(self, persons: Iterable[str]) -> list[dict[str, Any]]:
        """Return why each of these persons was not asked or told, where a reason was chosen."""
        return [
            {
                "person": person,
                "code": self.value(f"untold.{person}"),
                "reviewed_on": self.value(f"reviewed_on.{person}") or None,
                **{name: self.number(f"{name}.{person}") or 0 for name in ("attempts", "channels", "days")},
            }
            for person in persons
            if self.value(f"untold.{person}")
        ]


def checked(
    shape: type[Body], body: Any, field: Callable[[Location], str], problems: dict[str, Words]
) -> tuple[Body | None, dict[str, Words]]:
    """Return the body in its shape, or None and every problem by the name of its field.

    `field` names the field of the form for a place in the body; `problems` are those found before.
    """
    found = dict(problems)
    try:
        fits = shape.model_validate(body)
    except ValidationError as error:
        for finding in error.errors(include_input=False, include_url=False, include_context=False):
            found.setdefault(field(finding["loc"]), PROBLEMS.get(finding["type"], PROBLEMS["other"]))
        return None, found
    return (None if found else fits), found

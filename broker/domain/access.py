"""A question of access as other systems ask it: whether a subject may do an action to a resource.

The words are those of the OpenID AuthZEN Authorization API 1.0. What a decision point must give is a protocol, so that
the endpoints are one thing and the policies behind them another; and the pages of a search are cut here, purely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from broker.domain.directory import Actor

MOST_CANDIDATES = 100
"""What one page of a search weighs at most; it may find fewer than asked for, and then says how to go on."""

Sought = Literal["subject", "resource", "action"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A subject or a resource: an id that means something within its type. In a search the id sought is empty."""

    type: str
    id: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What the subject would do."""

    name: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessQuestion:
    """The four things a decision is asked on. Nothing in `properties` or `context` is believed about who acts."""

    subject: Entity
    action: Action
    resource: Entity
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Yes or no, and in `context` what the asker may know about it."""

    decision: bool
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """How many results at most, from after which candidate on."""

    limit: int
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The names of what was found, in order, and after which candidate the next page begins; empty at the end."""

    names: tuple[str, ...]
    after: str = ""


class DecisionPoint(Protocol):
    """What answers: the broker's own policies, or whatever else stands behind the same endpoints.

    Both raise RefusedError when the caller may not ask this, NotFoundError for what is not there for the subject,
    ConflictError when the state of things says no, InputError for a question that cannot be understood.
    """

    def evaluate(self, question: AccessQuestion, *, caller: Actor) -> Verdict:
        """Decide one question."""

    def search(self, sought: Sought, question: AccessQuestion, page: Page, *, caller: Actor) -> Found:
        """Return the ids, or names of actions, that would get a yes."""


def select(candidates: Iterable[str], page: Page, permitted: Callable[[str], bool]) -> Found:
    """Go through the candidates by name from where the last page ended, and keep the permitted ones of one page."""
    left = sorted(name for name in set(candidates) if name > page.after)
    names: list[str] = []
    for number, name in enumerate(left):
        if len(names) == page.limit or number == MOST_CANDIDATES:
            return Found(names=tuple(names), after=left[number - 1])
        if permitted(name):
            names.append(name)
    return Found(names=tuple(names))

"""Why the policy says no, and the smallest sets of facts that would make it say yes, found by asking the policy.

The changes that may be tried are those of `change`: what somebody can honestly do. From all of them together the search
takes away what is not needed until nothing more can go; leaving out each member of a set in turn finds the other sets
(Reiter's hitting-set tree, as in MARCO). Every set that is reported was put to the policy and permits, and with any one
of its changes left out it does not. Where no set permits, there is nothing to offer, and that is said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from broker.domain.decision import PERMITS
from broker.policy.change import Change, Document, changed, worlds

MOST_QUESTIONS = 400
MOST_SETS = 5

Decide = Callable[[Document], Mapping[str, Any]]
_Goal = Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Help:
    """What would help: `part` is the question and category it would open, None for the request as a whole."""

    part: tuple[str, str] | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A decision and what would turn its refusals; `complete` is false when the search stopped at its bound.

    `helpless` are the parts, or None for the request as a whole, for which nobody can honestly do anything.
    """

    decision: Mapping[str, Any]
    helps: tuple[Help, ...]
    helpless: tuple[tuple[str, str] | None, ...]
    complete: bool


@dataclass(slots=True)
class _Search:
    document: Document
    decide: Decide
    asked: dict[frozenset[str], Mapping[str, Any]] = field(default_factory=dict)
    complete: bool = True

    def reaches(self, changes: Sequence[Change], goal: _Goal) -> bool:
        names = frozenset(change.name for change in changes)
        if names not in self.asked:
            if len(self.asked) >= MOST_QUESTIONS:
                self.complete = False
                return False
            self.asked[names] = self.decide(changed(self.document, changes))
        return goal(self.asked[names])


def explain(document: Document, decide: Decide, *, roles: Sequence[str] = ()) -> Explanation:
    """Explain the decision on a document; `decide` is the gate's, and raises as it does.

    `roles` are the roles that the policy's parameters let act at this stage for this organisation.
    """
    decision = decide(document)
    search = _Search(document, decide)
    helps: list[Help] = []
    helpless: list[tuple[str, str] | None] = []
    for part, goal in _goals(decision):
        found = _smallest(search, worlds(document, roles), goal)
        helps += [Help(part=part, changes=changes) for changes in found]
        if not found:
            helpless.append(part)
    return Explanation(decision=decision, helps=tuple(helps), helpless=tuple(helpless), complete=search.complete)


def _goals(decision: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str] | None, _Goal]]:
    if decision["outcome"] not in PERMITS:
        yield None, lambda answer: answer["outcome"] in PERMITS
        return
    for part in decision["parts"]:
        if part["verdict"] == "withhold":
            yield (part["question"], part["category"]), _opens(part["question"], part["category"])


def _opens(question: str, category: str) -> _Goal:
    return lambda answer: (
        answer["outcome"] in PERMITS
        and any(
            (part["question"], part["category"]) == (question, category) and part["verdict"] != "withhold"
            for part in answer["parts"]
        )
    )


def _smallest(search: _Search, choices: Sequence[Sequence[Change]], goal: _Goal) -> list[tuple[Change, ...]]:
    """Return the smallest sets, those that can simply be done first."""
    found: dict[frozenset[str], tuple[Change, ...]] = {}
    for changes in choices:
        waiting = deque([tuple(changes)])
        tried: set[frozenset[str]] = set()
        while waiting and len(found) < MOST_SETS:
            allowed = waiting.popleft()
            names = frozenset(change.name for change in allowed)
            if names in tried or not search.reaches(allowed, goal):
                continue
            tried.add(names)
            smallest = _shrunk(search, allowed, goal)
            found.setdefault(frozenset(change.name for change in smallest), smallest)
            waiting.extend(tuple(c for c in allowed if c.name != member.name) for member in smallest)
    return sorted((one for one in found.values() if not _asks_too_many(one, found.values())), key=_order)


def _asks_too_many(changes: Sequence[Change], others: Iterable[Sequence[Change]]) -> bool:
    """Tell whether another set does with fewer people of the same ones, all else being equal."""
    asked = {ref for change in changes for ref in change.asks}
    acts = {(change.kind, change.what) for change in changes}
    return any(
        {(change.kind, change.what) for change in other} == acts
        and {ref for change in other for ref in change.asks} < asked
        for other in others
    )


def _shrunk(search: _Search, changes: tuple[Change, ...], goal: _Goal) -> tuple[Change, ...]:
    """Take away every change that is not needed, those that ask most first, by halves and then one by one."""
    kept = list(changes)
    size = max(len(kept) // 2, 1)
    while True:
        end = len(kept)
        while end > 0:
            fewer = [*kept[: max(end - size, 0)], *kept[end:]]
            if search.reaches(fewer, goal):
                kept = fewer
            end -= size
        if size == 1:
            break
        size = max(size // 2, 1)
    # Once more one by one: what helps one thing may have stood in the way of another.
    for change in reversed(tuple(kept)):
        fewer = [other for other in kept if other is not change]
        if search.reaches(fewer, goal):
            kept = fewer
    return tuple(kept)


def _order(changes: Sequence[Change]) -> tuple[Any, ...]:
    return (
        sum(bool(c.asks) for c in changes),
        sum(c.only_if_so for c in changes),
        len(changes),
        [c.name for c in changes],
    )

"""The engine `both`: ask two engines; any difference is a fault, and a fault never permits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker.crypto.canonical import canonical
from broker.kernel.errors import InputError, PolicyMalformed
from broker.policy.answer import ordered
from broker.policy.engine import Engine


class AgreeingEngines:
    """Two engines that must give the same answer, apart from the order of sets."""

    name = "both"

    def __init__(self, first: Engine, second: Engine) -> None:
        self._first, self._second = first, second

    def evaluate(self, document: Mapping[str, Any]) -> object:
        """Return what both say; raise PolicyMalformed when they differ, PolicyUnavailable when either is silent."""
        first, second = self._first.evaluate(document), self._second.evaluate(document)
        try:
            same = canonical(ordered(first)) == canonical(ordered(second))
        except InputError as error:
            raise PolicyMalformed("an engine's answer is not JSON") from error
        if not same:
            raise PolicyMalformed(f"the engines {self._first.name} and {self._second.name} disagree")
        return first

"""What an engine is: it takes a document that was checked and returns whatever the policies said, unchecked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Engine(Protocol):
    """One way to evaluate the policies."""

    name: str

    def evaluate(self, document: Mapping[str, Any]) -> object:
        """Return the value of the entry point; raise PolicyUnavailable when there is none, for whatever cause."""

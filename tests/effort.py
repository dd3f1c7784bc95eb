"""How often the tests repeat that prove by repeating: a sample with `make test`, in full with `make torture`."""

from __future__ import annotations

import os

IN_FULL = os.environ.get("TORTURE") == "1"


def times(sample: int, *, in_full: int) -> int:
    """Return how often to repeat in this run."""
    return in_full if IN_FULL else sample

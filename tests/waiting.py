"""Waiting for what another thread or process does, and giving up when it takes too long."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from broker.client.http import ClientError

PATIENCE = 20.0
"""Seconds to wait for what another thread or process does."""


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; fail when it takes too long."""
    give_up_at = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < give_up_at, "waited too long"
        time.sleep(0.02)


def eventually(call: Callable[[], dict[str, Any]], *, unless: str) -> dict[str, Any]:
    """Return what the call gives, as soon as it no longer fails with this code."""
    give_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            return call()
        except ClientError as error:
            if error.code != unless or time.monotonic() > give_up_at:
                raise
        time.sleep(0.05)

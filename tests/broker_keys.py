"""The keys of a broker: made afresh, found by URI, and moved away as if they were lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from broker.keyring import Keyring, make_key, open_keyring, write_key

ROLES = ("log", "storage", "pseudonym")


def fresh_keys(directory: Path, clock: Callable[[], datetime]) -> Keyring:
    """Make the broker's keys in this directory and open them."""
    for role in ROLES:
        text = make_key(role, identifier=f"{role}-1", now=clock(), name="broker.example/log")
        write_key(directory / f"{role}.json", text)
    return open_keyring(key_uris(directory), clock=clock)


def key_uris(directory: Path) -> dict[str, str]:
    """Return where the keys of `fresh_keys` are, as URIs."""
    return {role: (directory / f"{role}.json").as_uri() for role in ROLES}


@contextmanager
def moved_away(path: Path) -> Iterator[None]:
    """Move a file away, and back afterwards."""
    hidden = path.with_suffix(".hidden")
    path.rename(hidden)
    try:
        yield
    finally:
        hidden.rename(path)

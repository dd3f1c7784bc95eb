"""A new key is made complete, written once, and readable by its owner only."""

from __future__ import annotations

import base64
import json
import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broker.kernel.errors import ConflictError, InputError, KeyUnavailable
from broker.keyring import KINDS, make_key, write_key

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ORIGIN = "log.example.org/deelgrond"


@pytest.mark.parametrize("role", sorted(KINDS))
def test_new_key_says_what_it_is_for_and_since_when(role: str) -> None:
    end = NOW + timedelta(days=730)
    made = json.loads(make_key(role, identifier="key-2026", now=NOW, name=ORIGIN, not_after=end))
    assert len(base64.b64decode(made.pop("key"))) == 32
    assert made == {
        "version": 1,
        "kind": KINDS[role],
        "id": "key-2026",
        "name": ORIGIN,
        "made_at": "2026-11-22T10:00:00Z",
        "not_after": "2028-11-21T10:00:00Z",
    }


def test_new_keys_differ() -> None:
    first, second = (make_key("storage", identifier="storage-1", now=NOW, name="") for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    "change",
    [
        {"role": "seal"},
        {"role": "log", "name": ""},
        {"role": "log", "name": "a name"},
        {"role": "log", "name": "a+b"},
        {"identifier": ""},
        {"identifier": "A"},
        {"identifier": "-a"},
        {"identifier": "a\x00"},
        {"identifier": "a" * 33},
        {"not_after": NOW},
        {"now": datetime(2026, 11, 22)},
        {"name": "\ud800"},
    ],
)
def test_key_that_could_not_be_used_is_not_made(change: dict[str, object]) -> None:
    right = {"role": "storage", "identifier": "storage-1", "now": NOW, "name": ORIGIN, "not_after": None} | change
    with pytest.raises(InputError):
        make_key(**right)  # type: ignore[arg-type]


def test_key_file_is_for_its_owner_only_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_key(tmp_path / "log.json", "text\n")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "log.json").stat().st_mode) == 0o600
    assert (tmp_path / "log.json").read_text() == "text\n"


def test_key_file_is_never_overwritten(tmp_path: Path) -> None:
    write_key(tmp_path / "log.json", "first\n")
    with pytest.raises(ConflictError) as caught:
        write_key(tmp_path / "log.json", "second\n")
    assert caught.value.code == "key.exists"
    assert (tmp_path / "log.json").read_text() == "first\n"


def test_key_file_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConflictError):
        write_key(tmp_path / "link", "text\n")
    assert not (tmp_path / "elsewhere").exists()


def test_key_file_that_cannot_be_written_says_so_without_the_path(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable) as caught:
        write_key(tmp_path / "no-such" / "log.json", "text\n")
    assert caught.value.code == "key.not_written"
    assert str(tmp_path) not in str(caught.value)

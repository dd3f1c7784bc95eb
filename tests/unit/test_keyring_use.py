"""The key ring hands out operations and never bytes, and none of them without its key."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from broker.crypto.note import parse_verifier_key, sign_note, verify_note
from broker.crypto.pseudonym import pseudonym
from broker.crypto.signature import verify_signature
from broker.kernel.errors import KeyUnavailable, SealError, SettingsError
from broker.keyring import Keyring, make_key, open_keyring, write_key

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ORIGIN = "log.example.org/deelgrond"
DATA_KEY = bytes(range(32))


@dataclass
class Place:
    """A directory with the three keys, the URIs they are found at, and a clock the test moves."""

    directory: Path
    now: datetime = NOW
    uris: dict[str, str] = field(default_factory=dict)

    def path(self, identifier: str) -> Path:
        return self.directory / f"{identifier}.json"

    def make(self, role: str, identifier: str, *, not_after: datetime | None = None) -> str:
        text = make_key(role, identifier=identifier, now=NOW, name=ORIGIN, not_after=not_after)
        write_key(self.path(identifier), text)
        return f"file:{self.path(identifier)}"

    def open(self) -> Keyring:
        return open_keyring(self.uris, clock=lambda: self.now)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path)
    found.uris = {role: found.make(role, f"{role}-1") for role in ("log", "storage", "pseudonym")}
    return found


def use(ring: Keyring, role: str) -> object:
    if role == "log":
        return ring.log_signer().sign(b"message")
    if role == "storage":
        return ring.wrap_data_key(DATA_KEY, context=b"person")
    return ring.pseudonym(purpose="request", organisation="org", identifier="person")


@contextmanager
def unavailable(code: str, role: str) -> Iterator[None]:
    """Expect KeyUnavailable with this code that names the role and nothing of the path."""
    with pytest.raises(KeyUnavailable) as caught:
        yield
    assert caught.value.code == code
    assert role in str(caught.value)
    assert "/" not in str(caught.value)
    assert caught.value.__cause__ is None or "/" not in str(caught.value.__cause__)


ROLES = pytest.mark.parametrize("role", ["log", "storage", "pseudonym"])


def test_signer_signs_what_its_published_key_verifies(place: Place) -> None:
    signer = place.open().log_signer()
    note = sign_note("text\n", name=signer.name, public=signer.public, sign=signer.sign)
    assert verify_note(note, [parse_verifier_key(signer.vkey)]) == (ORIGIN,)
    verify_signature(public=signer.public, signature=signer.sign(b"message"), message=b"message")


def test_data_key_comes_back_for_its_context_only(place: Place) -> None:
    wrapped = place.open().wrap_data_key(DATA_KEY, context=b"person-1")
    assert place.open().unwrap_data_key(wrapped, context=b"person-1") == DATA_KEY
    assert wrapped.startswith(b"storage-1\x00")
    assert DATA_KEY not in wrapped
    with pytest.raises(SealError):
        place.open().unwrap_data_key(wrapped, context=b"person-2")


@pytest.mark.parametrize("wrapped", [b"", b"storage-1", b"storage-1\x00", b"storage-1\x00\x01junk"])
def test_bytes_that_are_no_wrapped_key_do_not_open(place: Place, wrapped: bytes) -> None:
    with pytest.raises(SealError):
        place.open().unwrap_data_key(wrapped, context=b"person")


def test_pseudonyms_are_those_of_the_key_in_the_file(place: Place) -> None:
    ring = place.open()
    found = ring.pseudonym(purpose="request", organisation="org", identifier="person")
    assert found == place.open().pseudonym(purpose="request", organisation="org", identifier="person")
    assert found != ring.pseudonym(purpose="insight", organisation="org", identifier="person")
    assert found != pseudonym(key=bytes(32), purpose="request", organisation="org", identifier="person")


def test_rotated_storage_key_still_opens_and_no_longer_wraps(place: Place) -> None:
    before = place.open().wrap_data_key(DATA_KEY, context=b"person")
    place.uris["storage"] = f"{place.make('storage', 'storage-2')},{place.uris['storage']}"
    ring = place.open()
    after = ring.wrap_data_key(DATA_KEY, context=b"person")
    assert after.startswith(b"storage-2\x00")
    assert [ring.unwrap_data_key(each, context=b"person") for each in (before, after)] == [DATA_KEY, DATA_KEY]


def test_storage_key_taken_off_the_ring_opens_nothing(place: Place) -> None:
    before = place.open().wrap_data_key(DATA_KEY, context=b"person")
    place.uris["storage"] = place.make("storage", "storage-2")
    with unavailable("key.missing", "storage"):
        place.open().unwrap_data_key(before, context=b"person")


def test_expired_log_key_opens_and_still_says_what_its_signatures_verify_with(place: Place) -> None:
    place.uris["log"] = place.make("log", "log-2", not_after=NOW + timedelta(days=1))
    before = place.open().log_signer().vkey
    place.now = NOW + timedelta(days=1)
    ring = place.open()
    assert ring.vkey == before
    with unavailable("key.expired", "log"):
        ring.log_signer()


def test_expired_storage_key_opens_what_it_wrapped_and_wraps_nothing(place: Place) -> None:
    place.uris["storage"] = place.make("storage", "storage-2", not_after=NOW + timedelta(days=1))
    ring = place.open()
    wrapped = ring.wrap_data_key(DATA_KEY, context=b"person")
    place.now = NOW + timedelta(days=1)
    assert ring.unwrap_data_key(wrapped, context=b"person") == DATA_KEY
    with unavailable("key.expired", "storage"):
        ring.wrap_data_key(DATA_KEY, context=b"person")


@ROLES
def test_key_serves_until_its_end_and_not_after(place: Place, role: str) -> None:
    place.uris[role] = place.make(role, f"{role}-2", not_after=NOW + timedelta(days=1))
    ring = place.open()
    place.now = NOW + timedelta(days=1) - timedelta(microseconds=1)
    use(ring, role)
    place.now = NOW + timedelta(days=1)
    with unavailable("key.expired", role):
        use(ring, role)


@ROLES
def test_key_that_is_not_there_is_missed_at_the_start(place: Place, role: str) -> None:
    place.path(f"{role}-1").unlink()
    with unavailable("key.missing", role):
        place.open()


@ROLES
def test_key_removed_while_running_is_missed_at_the_next_use_and_welcome_back(place: Place, role: str) -> None:
    ring = place.open()
    use(ring, role)
    text = place.path(f"{role}-1").read_text()
    place.path(f"{role}-1").unlink()
    with unavailable("key.missing", role):
        use(ring, role)
    write_key(place.path(f"{role}-1"), text)
    use(ring, role)


def test_signer_in_hand_signs_nothing_once_the_key_is_removed(place: Place) -> None:
    signer = place.open().log_signer()
    place.path("log-1").unlink()
    with unavailable("key.missing", "log"):
        signer.sign(b"message")


def test_data_key_does_not_open_once_the_storage_key_is_removed(place: Place) -> None:
    ring = place.open()
    wrapped = ring.wrap_data_key(DATA_KEY, context=b"person")
    place.path("storage-1").unlink()
    with unavailable("key.missing", "storage"):
        ring.unwrap_data_key(wrapped, context=b"person")


@ROLES
def test_key_replaced_while_running_is_another_key(place: Place, role: str) -> None:
    ring = place.open()
    place.path(f"{role}-1").unlink()
    place.make(role, f"{role}-1")
    with unavailable("key.replaced", role):
        use(ring, role)
    use(place.open(), role)


@ROLES
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o601])
def test_key_open_to_others_is_not_used(place: Place, role: str, mode: int) -> None:
    ring = place.open()
    place.path(f"{role}-1").chmod(mode)
    with unavailable("key.exposed", role):
        use(ring, role)
    with unavailable("key.exposed", role):
        place.open()


@ROLES
def test_key_of_another_account_is_not_used(place: Place, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = place.open()
    monkeypatch.setattr(os, "geteuid", lambda: place.path(f"{role}-1").stat().st_uid + 1)
    with unavailable("key.foreign", role):
        use(ring, role)
    with unavailable("key.foreign", "log"):  # the first that is opened
        place.open()


def test_data_key_is_wrapped_anew_under_the_first_storage_key(place: Place) -> None:
    wrapped = place.open().wrap_data_key(DATA_KEY, context=b"person")
    older = place.uris["storage"]
    newer = place.make("storage", "storage-2")
    place.uris["storage"] = f"{newer},{older}"
    ring = place.open()
    anew = ring.rewrap_data_key(wrapped, context=b"person")
    assert anew is not None
    assert ring.rewrap_data_key(anew, context=b"person") is None
    place.uris["storage"] = newer
    assert place.open().unwrap_data_key(anew, context=b"person") == DATA_KEY
    with unavailable("key.missing", "storage"):
        place.open().rewrap_data_key(wrapped, context=b"person")


@ROLES
def test_key_of_another_role_is_the_wrong_kind(place: Place, role: str) -> None:
    other = "log" if role != "log" else "storage"
    place.uris[role] = place.uris[other]
    with unavailable("key.wrong_kind", role):
        place.open()


@ROLES
@pytest.mark.parametrize(
    "change",
    [
        {"key": "c2hvcnQ="},
        {"key": "A" * 43 + "=="},
        {"key": 1},
        {"kind": "rsa"},
        {"kind": None},
        {"version": 2},
        {"id": "../log"},
        {"id": None},
        {"name": 1},
        {"not_after": "soon"},
        {"not_after": 0},
        {"not_after": False},
        {"extra": 1},
    ],
)
def test_file_with_something_else_in_it_is_the_wrong_kind(place: Place, role: str, change: dict[str, object]) -> None:
    path = place.path(f"{role}-1")
    path.write_text(json.dumps(json.loads(path.read_text()) | change, sort_keys=True, separators=(",", ":")))
    with unavailable("key.wrong_kind", role):
        place.open()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b"\xff", b"x" * 5000, b"-----BEGIN " + b"PRIVATE KEY-----\n"]
)
def test_file_that_is_no_key_file_is_the_wrong_kind(place: Place, content: bytes) -> None:
    place.path("log-1").write_bytes(content)
    with unavailable("key.wrong_kind", "log"):
        place.open()


def test_directory_is_no_key(place: Place) -> None:
    place.uris["log"] = f"file:{place.directory}"
    with unavailable("key.missing", "log"):
        place.open()


def test_pipe_is_no_key_and_nobody_waits_for_it(place: Place) -> None:
    os.mkfifo(place.directory / "pipe", 0o600)
    place.uris["log"] = f"file:{place.directory / 'pipe'}"
    with unavailable("key.missing", "log"):
        place.open()


def test_key_behind_a_symbolic_link_is_taken_as_orchestrators_mount_them(place: Place) -> None:
    link = place.directory / "current"
    link.symlink_to(place.path("log-1"))
    place.uris["log"] = f"file://{link}"
    use(place.open(), "log")


@pytest.mark.parametrize(
    "uri",
    [
        "pkcs11:token=broker;object=log?pin-value=4711",
        "awskms:alias/log",
        "",
        "4711",
        "file:relative.json",
        "file://elsewhere/4711.json",
        "file:/4711%00.json",
        "file:/4711?pin=1",
        "http://[4711",
    ],
)
def test_key_elsewhere_than_in_a_file_is_refused_without_repeating_the_uri(place: Place, uri: str) -> None:
    place.uris["log"] = uri
    with pytest.raises(SettingsError) as caught:
        place.open()
    assert "log" in str(caught.value)
    assert "4711" not in str(caught.value)


def test_pkcs11_is_said_to_be_not_supported_yet(place: Place) -> None:
    place.uris["storage"] = "pkcs11:object=storage"
    with pytest.raises(SettingsError, match="not supported yet"):
        place.open()


def test_ring_has_exactly_the_three_roles(place: Place) -> None:
    for uris in ({}, {"log": place.uris["log"]}, {**place.uris, "seal": place.uris["log"]}):
        with pytest.raises(SettingsError):
            open_keyring(uris, clock=lambda: NOW)


@pytest.mark.parametrize("role", ["log", "pseudonym"])
def test_list_of_keys_is_for_storage_only(place: Place, role: str) -> None:
    place.uris[role] = f"{place.uris[role]},{place.make(role, 'second')}"
    with pytest.raises(SettingsError):
        place.open()


def test_two_storage_keys_with_one_id_are_refused(place: Place) -> None:
    place.uris["storage"] = f"{place.uris['storage']},{place.uris['storage']}"
    with pytest.raises(SettingsError):
        place.open()


def test_ring_and_signer_show_roles_and_ids_only(place: Place) -> None:
    ring = place.open()
    assert repr(ring) == "Keyring(log='log-1', storage=['storage-1'], pseudonym='pseudonym-1')"
    assert repr(ring.log_signer()) == f"LogSigner(name='{ORIGIN}', key='log-1')"
    secrets = [json.loads(place.path(f"{role}-1").read_text())["key"] for role in place.uris]
    held = [ring._log, *ring._storage, ring._pseudonym]
    shown = " ".join(repr(item) for each in held for item in (each, each.use(now=None)))
    assert not any(secret in shown for secret in secrets)
    assert os.fspath(place.directory) not in repr(ring)

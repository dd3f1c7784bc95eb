"""The broker's keys, by URI: it hands out what can be done with them, never their bytes.

Three roles, each with its own kind of key, so that none can stand in for another:

    log        Ed25519, signs checkpoints of the log under the log's name
    storage    AES-256, wraps the data keys of persons; after a rotation older ones stay on the ring for reading
    pseudonym  HMAC-SHA-256, makes pseudonyms; it cannot be rotated without cutting every link made with it

A ring file is canonical JSON (`make_key`), readable by its owner only. Every use looks at the file again: when it is
gone, readable by others, past its `not_after` or no longer the same key, the use raises KeyUnavailable and nothing is
released. A replaced file is another key and is taken only at the next start, where the operator sees its id. Errors
name the role of a key, never its place or content. Beside the log key stands what was signed with it last
(`log.json.checkpoint`): who can write to the database cannot take that back. `keys/README.md` says who holds which key
and what losing it costs.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typing_extensions import override

from broker.crypto import envelope, pseudonym
from broker.crypto.base64text import decode_base64, encode_base64
from broker.crypto.canonical import canonical, parse_canonical
from broker.crypto.checkpoint import read_checkpoint
from broker.crypto.note import VerifierKey, format_verifier_key
from broker.crypto.webhook import derive_secret
from broker.domain.keys import Keys as KeysPort
from broker.domain.keys import Signer as SignerPort
from broker.domain.wiring import Clock
from broker.kernel.errors import ConflictError, InputError, KeyUnavailable, ParseError, SealError, SettingsError
from broker.kernel.values import format_moment, parse_moment

KINDS = {"log": "log-ed25519", "storage": "storage-aes256gcm", "pseudonym": "pseudonym-hmac-sha256"}
"""The `kind` in the ring file of each role."""

KEY_BYTES = 32

_VERSION = 1
_FIELDS = {"id", "key", "kind", "made_at", "name", "not_after", "version"}
_IDENTIFIER = re.compile(r"[a-z0-9][a-z0-9-]{0,31}", re.ASCII)
_MAX_FILE_BYTES = 4096  # a ring file has some 250
_END_OF_ID = b"\x00"


@dataclass(frozen=True, slots=True)
class _Key:
    """What stands in one ring file."""

    id: str
    name: str
    not_after: datetime | None
    secret: bytes = field(repr=False)


class _Held:
    """One key of the ring and the file it must keep standing in."""

    def __init__(self, role: str, path: Path) -> None:
        self._role, self._path = role, path
        self._key, self._seen = _read(role, path)

    @property
    def id(self) -> str:
        return self._key.id

    def use(self, *, now: datetime | None) -> _Key:
        """Return the key after looking at its file; without `now` (reading what was made before) it may be expired."""
        if _look(self._role, self._path) != self._seen:
            key, seen = _read(self._role, self._path)
            if key != self._key:
                raise KeyUnavailable(f"the {self._role} key was replaced since the start", code="key.replaced")
            self._seen = seen
        if now is not None and self._key.not_after is not None and now >= self._key.not_after:
            raise KeyUnavailable(f"the {self._role} key has expired", code="key.expired")
        return self._key


class LogSigner(SignerPort):
    """Signs checkpoints under the log's name; holds no key itself. `public` is the raw Ed25519 key, 32 bytes."""

    __slots__ = ("_clock", "_held", "name", "public")

    def __init__(self, held: _Held, clock: Clock) -> None:
        self._held, self._clock = held, clock
        key = held.use(now=clock())
        self.name = key.name
        self.public = _public(key)

    @property
    def vkey(self) -> str:
        """The verifier key to publish: `name+id+key` (c2sp.org/signed-note)."""
        return format_verifier_key(VerifierKey(self.name, self.public))

    @override
    def sign(self, message: bytes) -> bytes:
        key = self._held.use(now=self._clock())
        return Ed25519PrivateKey.from_private_bytes(key.secret).sign(message)

    def __repr__(self) -> str:
        return f"LogSigner(name={self.name!r}, key={self._held.id!r})"


class Keyring(KeysPort):
    """The broker's keys, opened; see `open_keyring`."""

    def __init__(
        self, *, log: _Held, storage: tuple[_Held, ...], pseudonym: _Held, checkpoint: Path, clock: Clock
    ) -> None:
        self._log, self._storage, self._pseudonym, self._clock = log, storage, pseudonym, clock
        self._checkpoint = checkpoint
        key = log.use(now=None)  # also of a key that has expired: what it signed is verified for ever
        self._vkey = format_verifier_key(VerifierKey(key.name, _public(key)))

    @override
    def log_signer(self) -> LogSigner:
        return LogSigner(self._log, self._clock)

    @override
    @property
    def vkey(self) -> str:
        return self._vkey

    @override
    def check(self) -> None:
        now = self._clock()
        for held in (self._log, self._storage[0], self._pseudonym):
            held.use(now=now)
        for held in self._storage[1:]:
            held.use(now=None)

    @override
    def recall_checkpoint(self) -> str | None:
        """Return the note of the newest checkpoint that was remembered; None when there is none.

        Raises KeyUnavailable when the file cannot be read.
        """
        try:
            return self._checkpoint.read_text("utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise KeyUnavailable(
                f"the remembered checkpoint cannot be read ({_cause(error)})", code="key.checkpoint"
            ) from None

    @override
    def remember_checkpoint(self, note: str) -> None:
        """Have this checkpoint on disk when this returns, unless a larger one is remembered already.

        Raises KeyUnavailable when it cannot be written.
        """
        try:
            folder = os.open(self._checkpoint.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)  # processes share the file: the larger one stays
                remembered = self.recall_checkpoint()
                if remembered is None or read_checkpoint(remembered).size < read_checkpoint(note).size:
                    _replace(self._checkpoint, note)
                    os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise KeyUnavailable(
                f"the checkpoint cannot be remembered ({_cause(error)})", code="key.checkpoint"
            ) from None

    @override
    def wrap_data_key(self, data_key: bytes, *, context: bytes) -> bytes:
        """Wrap a data key (32 bytes) under the first storage key, for this context only.

        The result is the storage key's id, a zero byte, and what `envelope.wrap` gives.
        """
        key = self._storage[0].use(now=self._clock())
        wrapped = envelope.wrap(data_key, key_encryption_key=key.secret, context=context)
        return key.id.encode("ascii") + _END_OF_ID + wrapped

    @override
    def unwrap_data_key(self, wrapped: bytes, *, context: bytes) -> bytes:
        identifier, end, rest = wrapped.partition(_END_OF_ID)
        if not end:
            raise SealError("the wrapped key names no storage key")
        for held in self._storage:
            if held.id.encode("ascii") == identifier:
                return envelope.unwrap(rest, key_encryption_key=held.use(now=None).secret, context=context)
        raise KeyUnavailable("the storage key that wrapped this is not on the ring", code="key.missing")

    @override
    def rewrap_data_key(self, wrapped: bytes, *, context: bytes) -> bytes | None:
        identifier, _, _ = wrapped.partition(_END_OF_ID)
        if identifier == self._storage[0].id.encode("ascii"):
            return None
        return self.wrap_data_key(self.unwrap_data_key(wrapped, context=context), context=context)

    @override
    def webhook_secret(self, organisation: str) -> bytes:
        return derive_secret(key=self._pseudonym.use(now=self._clock()).secret, organisation=organisation)

    @override
    def pseudonym(self, *, purpose: str, organisation: str, identifier: str) -> str:
        key = self._pseudonym.use(now=self._clock())
        return pseudonym.pseudonym(key=key.secret, purpose=purpose, organisation=organisation, identifier=identifier)

    def __repr__(self) -> str:
        storage = [held.id for held in self._storage]
        return f"Keyring(log={self._log.id!r}, storage={storage!r}, pseudonym={self._pseudonym.id!r})"


def open_keyring(uris: Mapping[str, str | None], *, clock: Clock) -> Keyring:
    """Open the keys of the roles log, storage and pseudonym, each at `file:/absolute/path`.

    For storage it may be a list with commas between: the first wraps, all unwrap. `checkpoint` may say where the newest
    checkpoint is remembered; else that is beside the log key. Raises SettingsError for a role that is missing or
    unknown and for any other scheme, KeyUnavailable for a key that cannot be had.
    """
    if uris.keys() - {"checkpoint"} != KINDS.keys():
        raise SettingsError("the keys are those of the roles log, storage and pseudonym, each with a URI")
    held = {role: tuple(_Held(role, _path(role, uri)) for uri in (uris[role] or "").split(",")) for role in KINDS}
    said = uris.get("checkpoint")
    log = _path("log", uris["log"] or "")
    checkpoint = _path("checkpoint", said) if said else log.with_name(log.name + ".checkpoint")
    for role, several in held.items():
        if len(several) > 1 and role != "storage":
            raise SettingsError(f"there is one {role} key, not a list")
        if len({each.id for each in several}) < len(several):
            raise SettingsError(f"two {role} keys have the same id")
    return Keyring(
        log=held["log"][0],
        storage=held["storage"],
        pseudonym=held["pseudonym"][0],
        checkpoint=checkpoint,
        clock=clock,
    )


def make_key(role: str, *, identifier: str, now: datetime, name: str, not_after: datetime | None = None) -> str:
    """Make a new key and return the text of its file.

    `identifier` is at most 32 of a-z, 0-9 and hyphen; `name` is the log's name for the role log, and a remark for the
    others; from `not_after` on the key makes nothing new. Raises InputError when one of these cannot be.
    """
    if role not in KINDS:
        raise InputError("the roles are log, storage and pseudonym")
    if not _IDENTIFIER.fullmatch(identifier):
        raise InputError("a key id has 1 to 32 of a-z, 0-9 and hyphen, and no hyphen in front")
    if not_after is not None and not_after <= now:
        raise InputError("a key expires after it is made")
    key = _Key(identifier, name, not_after, secrets.token_bytes(KEY_BYTES))
    if role == "log":
        VerifierKey(name, _public(key))  # a name no note can hold would make a key that cannot sign one
    document = {
        "version": _VERSION,
        "kind": KINDS[role],
        "id": identifier,
        "name": name,
        "made_at": format_moment(now),
        "not_after": None if not_after is None else format_moment(not_after),
        "key": encode_base64(key.secret),
    }
    return canonical(document).decode("utf-8") + "\n"


def write_key(path: Path, text: str) -> None:
    """Write the file of a new key, that only its owner can read, on disk before this returns.

    Raises ConflictError when there is a file already: a key is never overwritten. KeyUnavailable when it cannot be
    written.
    """
    try:
        _write_new(path, text)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
    except FileExistsError:
        raise ConflictError("there is a file already; keys are not overwritten", code="key.exists") from None
    except OSError as error:
        raise KeyUnavailable(f"the key cannot be written ({_cause(error)})", code="key.not_written") from None


def _write_new(path: Path, text: str) -> None:
    """Write a file that was not there and that only its owner can read, its bytes on disk before this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode("utf-8"))
        file.flush()
        os.fsync(file.fileno())


def _replace(path: Path, text: str) -> None:
    """Put this text in the place of the file's, on disk, so that at any moment one of the two stands there whole."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    try:
        _write_new(fresh, text)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def _path(role: str, uri: str) -> Path:
    # The text never repeats the URI: other schemes carry a PIN in it.
    try:
        parts = urlsplit(uri.strip())
    except ValueError:
        raise SettingsError(f"the URI of the {role} key is malformed") from None
    if parts.scheme != "file":
        raise SettingsError(f"the {role} key is at file:/path; pkcs11: and other schemes are not supported yet")
    path = unquote(parts.path)
    if parts.netloc or parts.query or parts.fragment or not path.startswith("/") or not path.isprintable():
        raise SettingsError(f"the {role} key is at file:/path, an absolute path on this machine")
    return Path(path)


def _look(role: str, path: Path) -> tuple[int, ...]:
    """Return what changes when the file does; raises KeyUnavailable when it is gone or others may read it."""
    try:
        return _fingerprint(role, path.stat())
    except OSError as error:
        raise _unreadable(role, error) from None


def _read(role: str, path: Path) -> tuple[_Key, tuple[int, ...]]:
    """Return the key in the file and the fingerprint of the very file it was read from."""
    _look(role, path)  # before opening: to open a pipe is to wait for whoever writes it
    try:
        with path.open("rb") as file:
            seen = _fingerprint(role, os.fstat(file.fileno()))
            data = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise _unreadable(role, error) from None
    try:
        return _parse(role, data), seen
    except ParseError as error:
        raise KeyUnavailable(f"the file of the {role} key is not a ring file", code="key.wrong_kind") from error


def _fingerprint(role: str, status: os.stat_result) -> tuple[int, ...]:
    if not stat.S_ISREG(status.st_mode):
        raise KeyUnavailable(f"the {role} key is not in a file", code="key.missing")
    if status.st_uid != os.geteuid():
        raise KeyUnavailable(f"the file of the {role} key belongs to another account", code="key.foreign")
    if status.st_mode & 0o077:
        raise KeyUnavailable(f"the file of the {role} key is open to others than its owner", code="key.exposed")
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _parse(role: str, data: bytes) -> _Key:
    if len(data) > _MAX_FILE_BYTES:
        raise ParseError("a ring file is short")
    found: Any = parse_canonical(data.removesuffix(b"\n"))
    if not isinstance(found, dict) or found.keys() != _FIELDS or found["version"] != _VERSION:
        raise ParseError("a ring file has the members of version 1")
    if found["kind"] != KINDS[role]:
        raise KeyUnavailable(f"the {role} key is a key for something else", code="key.wrong_kind")
    texts = (found["id"], found["name"], found["key"], "" if found["not_after"] is None else found["not_after"])
    if not all(isinstance(text, str) for text in texts) or not _IDENTIFIER.fullmatch(found["id"]):
        raise ParseError("a member of the ring file is malformed")
    not_after = None if found["not_after"] is None else parse_moment(found["not_after"])
    key = _Key(found["id"], found["name"], not_after, decode_base64(found["key"]))
    if len(key.secret) != KEY_BYTES:
        raise KeyUnavailable(f"the {role} key has not 32 bytes", code="key.wrong_kind")
    if role == "log":
        VerifierKey(key.name, _public(key))
    return key


def _public(key: _Key) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(key.secret).public_key().public_bytes_raw()


def _unreadable(role: str, error: OSError) -> KeyUnavailable:
    return KeyUnavailable(f"the {role} key cannot be read ({_cause(error)})", code="key.missing")


def _cause(error: OSError | UnicodeDecodeError) -> str:
    # The error's own text has the path in it.
    return errno.errorcode.get((error.errno or 0) if isinstance(error, OSError) else 0, "unknown")

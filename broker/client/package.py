"""The evidence package of one request: a file that anybody checks without network and without the broker.

A ZIP of two members, stored and dated alike so that the same content is the same file. `package.json` is canonical JSON
and holds what a privacy officer may see: the decisions with the documents they were made on, the events with their
proofs, and the signed checkpoint (docs/evidence-package.md). `account.html` says the same in words for people.

Nothing stands in package.json but what the log's signature covers, by a proof or by a commitment, and the digest of
account.html: so no byte of it can be changed unnoticed. Nothing here calls anybody.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from broker.client.evidence import verify_event
from broker.crypto.base64text import decode_base64
from broker.crypto.canonical import canonical, digest, parse_canonical
from broker.crypto.checkpoint import verify_checkpoint
from broker.crypto.commitment import verify_commitment
from broker.crypto.note import parse_verifier_key
from broker.kernel.errors import InputError, IntegrityError, ParseError

MAX_BYTES = 32 * 1024 * 1024
"""The largest package that is read; members are stored as they are, so that none is larger than the file."""

MEMBERS = ("package.json", "account.html")

_MADE = (1980, 1, 1, 0, 0, 0)
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    ArithmeticError,
    RuntimeError,
    EOFError,
    OSError,
)
# What `zipfile` raises for bytes that are no ZIP, or one of a kind that it does not read.


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class PackedDecision(_Shape):
    """A decision with the document it was made on; `digest` is the commitment to both under `salt`, base64."""

    digest: str
    salt: str | None
    document: dict[str, Any]
    decision: dict[str, Any]


class PackedEvent(_Shape):
    """An event of the request with its entry bytes and its proof, base64; without detail and salt where not for him."""

    id: str
    tag: str
    index: Annotated[int, Field(ge=0)]
    entry: str
    detail: dict[str, Any] | None
    salt: str | None
    proof: list[str]


class Package(_Shape):
    """What package.json says.

    `log` is the log's verifier key by the word of who made it, `checkpoint` the signed note that every proof leads to,
    `account` the SHA-256 of account.html in hexadecimal.
    """

    version: Literal[1]
    request: str
    log: str
    checkpoint: str
    decisions: list[PackedDecision]
    events: Annotated[list[PackedEvent], Field(min_length=1)]
    account: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a package that holds is about, and how much of it can be seen.

    `size` is how many events the log had; `closed` how many details are not in it, `elsewhere` how many decisions that
    its events name.
    """

    request: str
    size: int
    events: int
    decisions: int
    details: int
    closed: int
    elsewhere: int


def pack(content: Mapping[str, Any], account: str) -> bytes:
    """Return the package with this content, which is a `Package` without the digest of its account."""
    told = account.encode()
    said = canonical({**content, "account": hashlib.sha256(told).hexdigest()})
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, data in zip(MEMBERS, (said, told), strict=True):
            member = zipfile.ZipInfo(name, _MADE)
            member.create_system, member.external_attr = 3, 0o644 << 16
            archive.writestr(member, data)
    return file.getvalue()


def verify_package(data: bytes, vkey: str | None = None) -> Verified:
    """Return what a package is about, when all of it holds under the log's verifier key, had from elsewhere.

    Without a key it is held against the key that it names itself, which shows only that it is whole.

    Raises ParseError `package.malformed` for what is no package, IntegrityError for one that does not hold; `errors`
    names the event or decision.
    """
    said, account = _members(data)
    try:
        package = Package.model_validate(parse_canonical(said, most_bytes=MAX_BYTES))
    except (ParseError, ValidationError) as error:
        raise IntegrityError("package.json is not as it was written", code="package.changed") from error
    if hashlib.sha256(account).hexdigest() != package.account:
        raise IntegrityError("account.html is another one", code="package.account")
    if vkey is not None and vkey != package.log:
        raise IntegrityError("the package is of another log", code="package.other_log")
    return _verified(package, package.log)


def _members(data: bytes) -> tuple[bytes, bytes]:
    """Return the two members; nothing is unpacked, since they are stored as they are."""
    try:
        if len(data) > MAX_BYTES:
            raise ValueError("too large")
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = archive.infolist()
            stored = all(
                one.compress_type == zipfile.ZIP_STORED and one.file_size == one.compress_size for one in found
            )
            if tuple(one.filename for one in found) != MEMBERS or not stored:
                raise ValueError("other members")
            said, account = (archive.read(one) for one in found)
    except _UNREADABLE:
        raise ParseError("this is no evidence package", code="package.malformed") from None
    return said, account


def _verified(package: Package, vkey: str) -> Verified:
    entries = {}
    for event in package.events:
        try:
            entries[event.index] = _entry_of(event, package, vkey)
        except (InputError, IntegrityError) as error:
            code = error.code if isinstance(error, IntegrityError) else "integrity.broken"
            raise IntegrityError(str(error), code=code, errors=(f"{event.id}: {error}",)) from error
    if list(entries) != sorted(entries) or len(entries) != len(package.events):
        raise IntegrityError("the events are not in the order of the log", code="package.changed")
    named = [entry["decision"] for entry in entries.values() if entry["decision"]]
    places = []
    for decision in package.decisions:
        try:
            _verify_decision(decision)
            places.append(named.index(decision.digest))
        except (InputError, IntegrityError, ValueError) as error:
            raise IntegrityError(
                "a decision is not the one in the log", code="package.decision", errors=(f"{decision.digest}: {error}",)
            ) from error
    if places != sorted(set(places)):
        raise IntegrityError("the decisions are not in the order of the log", code="package.changed")
    details = sum(event.detail is not None for event in package.events)
    return Verified(
        request=package.request,
        size=verify_checkpoint(package.checkpoint, [parse_verifier_key(vkey)]).size,
        events=len(package.events),
        decisions=len(package.decisions),
        details=details,
        closed=len(package.events) - details,
        elsewhere=len(set(named)) - len(package.decisions),
    )


def _entry_of(event: PackedEvent, package: Package, vkey: str) -> Any:
    """Return what an event's entry says, once the event is proven and of this request."""
    if (event.detail is None) != (event.salt is None):
        raise IntegrityError("an event has its detail and its salt, or neither")
    verify_event({**event.model_dump(), "checkpoint": package.checkpoint}, vkey)
    entry = parse_canonical(decode_base64(event.entry))
    if entry["request"] != package.request:
        raise IntegrityError("the event is of another request")
    return entry


def _verify_decision(found: PackedDecision) -> None:
    both = {"document": found.document, "decision": found.decision}
    if found.salt is not None:
        verify_commitment(both, salt=decode_base64(found.salt), commitment=found.digest)
    elif digest(both) != found.digest:  # as decisions were before there were salts
        raise IntegrityError("the decision is not what was committed to", code="integrity.commitment")

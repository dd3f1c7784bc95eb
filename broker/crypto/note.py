"""Signed notes: text with signatures by named keys beneath it, readable and checkable with public tools.

Implements C2SP signed-note (c2sp.org/signed-note) with signature type 0x01, Ed25519. The form is

    <text, ends in a newline>
    <empty line>
    — <key name> <base64(4-byte key id || signature)>

The text must be ignored until `verify_note` has accepted a signature by a key the reader already trusted. Parsing is
the exact inverse of formatting: what `parse_note` accepts, `format_note` gives back unchanged.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from broker.crypto.base64text import decode_base64, encode_base64
from broker.crypto.signature import Sign, check_public_key, sign_with, verify_signature
from broker.kernel.errors import ParseError, SignatureError

ED25519 = 0x01
"""The signature type byte of Ed25519 over the note text."""

# The specification demands at least 16; a log, its successor key and a dozen witnesses, each signing twice, fit in 32.
MAX_SIGNATURES = 32
# 32 signatures of the largest kind in sight (post-quantum, nearly 5 kB, 7 kB in base64) and room for the text.
MAX_NOTE_BYTES = 262_144
# Cosignature formats write the length of a name in one byte.
MAX_NAME_BYTES = 255

_KEY_ID_BYTES = 4
_DASH = "\u2014 "


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line: who says to have signed, the short id of the key, and the signature, not yet verified."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.key_id) != _KEY_ID_BYTES or not self.signature:
            raise ParseError("a note signature is four bytes of key id and a signature")


@dataclass(frozen=True, slots=True)
class Note:
    """A text that ends in a newline, with at least one signature; raises ParseError when it cannot be written down."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        _check_text(self.text)
        if not 1 <= len(self.signatures) <= MAX_SIGNATURES:
            raise ParseError(f"a note has 1 to {MAX_SIGNATURES} signatures")
        if len(format_note(self).encode()) > MAX_NOTE_BYTES:
            raise ParseError("the note is too long")


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """An Ed25519 public key (32 raw bytes) under the name it signs with."""

    name: str
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        check_public_key(self.public)

    @property
    def key_id(self) -> bytes:
        """The four bytes that, with the name, say which key made a signature."""
        return key_id(self.name, ED25519, self.public)


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return SHA-256(name || 0x0A || type byte || public key)[:4]: an address for the key, not a fingerprint of it."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:_KEY_ID_BYTES]


def parse_verifier_key(text: str) -> VerifierKey:
    """Parse `name+hex id+base64(type || public key)`, the form verifier keys are published in; raises ParseError."""
    parts = text.split("+", 2)  # a name holds no plus, base64 may
    if len(parts) != 3:
        raise ParseError("a verifier key is written as name+id+key")
    name, _, encoded = parts
    material = decode_base64(encoded)
    if material[:1] != bytes([ED25519]):
        raise ParseError("the verifier key is not of type Ed25519")
    key = VerifierKey(name, material[1:])
    if format_verifier_key(key) != text:
        raise ParseError("the id in the verifier key is not that of the key")
    return key


def format_verifier_key(key: VerifierKey) -> str:
    """Format a verifier key as it is published; `parse_verifier_key` is the exact inverse."""
    return f"{key.name}+{key.key_id.hex()}+{encode_base64(bytes([ED25519]) + key.public)}"


def parse_note(text: str) -> Note:
    """Parse a signed note; nothing in it is verified yet. Raises ParseError for all that `format_note` cannot write."""
    if len(text) > MAX_NOTE_BYTES:
        raise ParseError("the note is too long")
    body, separator, block = text.rpartition("\n\n")
    if not separator or not block.endswith("\n"):
        raise ParseError("a note is text, an empty line and signature lines")
    lines = block.removesuffix("\n").split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise ParseError(f"a note has 1 to {MAX_SIGNATURES} signatures")
    return Note(body + "\n", tuple(_parse_signature(line) for line in lines))


def format_note(note: Note) -> str:
    """Format a signed note: the text, an empty line, one line for each signature."""
    lines = (f"{_DASH}{item.name} {encode_base64(item.key_id + item.signature)}\n" for item in note.signatures)
    return f"{note.text}\n{''.join(lines)}"


def sign_note(text: str, *, name: str, public: bytes, sign: Sign) -> Note:
    """Return the note of this text with one Ed25519 signature over it, under the name and public key of the signer.

    `sign` gets the text's UTF-8 bytes. Raises ParseError for a text or name that no note can hold, KeyUnavailable when
    the signer gives something else than an Ed25519 signature.
    """
    key = VerifierKey(name, public)
    _check_text(text)
    return Note(text, (NoteSignature(name, key.key_id, sign_with(sign, text.encode())),))


def verify_note(note: Note, verifier_keys: Sequence[VerifierKey]) -> tuple[str, ...]:
    """Return the names of the trusted keys that signed, in the order of their signatures.

    Signatures by unknown keys are passed over, also when only the name or only the id is known. Raises SignatureError
    when a signature by a trusted key does not verify, or when there is none by a trusted key at all. Whether these
    names are enough (the log itself, a quorum of witnesses) is the caller's to say.
    """
    trusted = {(key.name, key.key_id): key.public for key in verifier_keys}
    verified: dict[str, None] = {}
    for item in note.signatures:
        public = trusted.get((item.name, item.key_id))
        if public is not None:
            verify_signature(public=public, signature=item.signature, message=note.text.encode())
            verified[item.name] = None
    if not verified:
        raise SignatureError("no trusted key signed the note", code="integrity.signature.untrusted")
    return tuple(verified)


def _parse_signature(line: str) -> NoteSignature:
    name, separator, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not separator:
        raise ParseError("a signature line is a dash, a name and base64")
    material = decode_base64(encoded)
    return NoteSignature(name, material[:_KEY_ID_BYTES], material[_KEY_ID_BYTES:])


def _check_text(text: str) -> None:
    if not text.endswith("\n"):
        raise ParseError("a note's text ends in a newline")
    _check_characters(text)


def _check_name(name: str) -> None:
    _check_characters(name)
    if not name or "+" in name or any(character.isspace() for character in name):
        raise ParseError("a key name is not empty and has no space and no plus")
    if len(name.encode()) > MAX_NAME_BYTES:
        raise ParseError("a key name has at most 255 bytes")


def _check_characters(text: str) -> None:
    """Refuse what is not valid UTF-8 and any ASCII control character but the newline."""
    if any(character < " " and character != "\n" for character in text):
        raise ParseError("a note has no control characters")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise ParseError("a note is valid UTF-8")

"""A person's key file: the two secret seeds of one professional, closed with a passphrase.

The file is canonical JSON, version 1. Under scrypt (RFC 7914) and AES-256-GCM it holds 64 bytes: the X-Wing seed parts
are sealed to (see `seal`) and the Ed25519 seed answers are signed with. Public keys, key ids and all parameters stand
in clear and are associated data of the encryption: whoever changes one of them makes the file useless, not misleading.

The broker never sees a passphrase or an open key file; this runs in a client.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from broker.crypto.base64text import decode_base64, encode_base64
from broker.crypto.canonical import canonical, parse_canonical
from broker.crypto.seal import SEED_BYTES, OpeningKey, key_id
from broker.kernel.errors import InputError, KeyUnavailable, ParseError

MIN_PASSPHRASE = 12
"""Characters. Below this a stolen file falls to guessing, whatever the cost of one guess."""

# 2**17 with r=8 takes 128 MiB and a few tenths of a second: once per session for a person, much for a guesser.
_COST = 2**17
_R, _P = 8, 1
# A file from elsewhere may not make us spend more than 512 MiB, nor pass off cheap protection as ours.
_COST_BOUNDS = range(_COST, 2**19 + 1)

_KIND = "deelgrond-keyfile"
_VERSION = 1
_MAX_FILE_BYTES = 16_384  # a file is under three kilobytes
_SALT_BYTES, _NONCE_BYTES, _SECRET_BYTES = 16, 12, 2 * SEED_BYTES
_FIELDS = {"kdf", "kind", "nonce", "public", "secret", "version"}


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class PersonalKeys:
    """An opened key file: opens what was sealed to this person and signs in their name; shows only key ids."""

    opening_key: OpeningKey
    _signing_key: Ed25519PrivateKey

    @classmethod
    def from_seeds(cls, seeds: bytes) -> Self:
        """Return the keys of the 64 secret bytes that a key file holds: the X-Wing seed, then the Ed25519 seed."""
        signing = Ed25519PrivateKey.from_private_bytes(seeds[SEED_BYTES:])
        return cls(OpeningKey.from_seed(seeds[:SEED_BYTES]), signing)

    @property
    def public_opening(self) -> bytes:
        """The X-Wing public key, 1216 raw bytes: what others seal to."""
        return self.opening_key.public

    @property
    def public_signing(self) -> bytes:
        """The Ed25519 public key, 32 raw bytes: what others verify with."""
        return self._signing_key.public_key().public_bytes_raw()

    @property
    def key_id(self) -> str:
        """The key id of the opening key: the `recipient` of a SealContext."""
        return self.opening_key.key_id

    @property
    def signing_key_id(self) -> str:
        """The key id of the signing key."""
        return key_id(self.public_signing)

    def sign(self, message: bytes) -> bytes:
        """Return the Ed25519 signature (64 bytes) over the message."""
        return self._signing_key.sign(message)

    def enrolment(self) -> dict[str, str]:
        """Return the public halves with the proof that their holder enrols them, as a body of `POST /v1/keys`."""
        opening, signing = self.public_opening, self.public_signing
        proof = self.sign(enrolment_message(opening, signing))
        return {
            "public_opening": encode_base64(opening),
            "public_signing": encode_base64(signing),
            "proof": encode_base64(proof),
        }

    def __repr__(self) -> str:
        return f"PersonalKeys(key_id={self.key_id!r}, signing_key_id={self.signing_key_id!r})"


def enrolment_message(opening: bytes, signing: bytes) -> bytes:
    """Return what is signed to enrol these public keys: who does not hold the key cannot enrol it first."""
    return b"deelgrond enrolment v1\n" + opening + signing


def new_seeds() -> bytes:
    """Return new secret bytes, 64, of which `PersonalKeys.from_seeds` makes a person's keys."""
    return secrets.token_bytes(_SECRET_BYTES)


def make_keyfile(passphrase: str, *, seeds: bytes | None = None) -> str:
    """Return the text of a key file with new keys, or with those of these seeds.

    Raises InputError for fewer than MIN_PASSPHRASE characters.
    """
    if len(unicodedata.normalize("NFC", passphrase)) < MIN_PASSPHRASE:
        raise InputError("a passphrase has at least twelve characters", code="key.passphrase_too_short")
    return _make_keyfile_from(
        passphrase,
        seeds=new_seeds() if seeds is None else seeds,
        salt=secrets.token_bytes(_SALT_BYTES),
        nonce=secrets.token_bytes(_NONCE_BYTES),
        cost=_COST,
    )


def unlock_keyfile(text: str, passphrase: str) -> PersonalKeys:
    """Open a key file; takes 128 MiB and a few tenths of a second for a file of ours.

    Raises ParseError for a file that is malformed or asks for another cost than we accept, and KeyUnavailable with
    code `key.wrong_passphrase` when the passphrase is not the one, or the file was changed: the two look the same.
    """
    return _unlock_with(text, passphrase, costs=_COST_BOUNDS)


def _make_keyfile_from(passphrase: str, *, seeds: bytes, salt: bytes, nonce: bytes, cost: int) -> str:
    """Make the file from given randomness and cost: the seam for vectors and quick tests."""
    keys = PersonalKeys.from_seeds(seeds)
    header = {
        "kdf": {"name": "scrypt", "n": cost, "p": _P, "r": _R, "salt": encode_base64(salt)},
        "kind": _KIND,
        "nonce": encode_base64(nonce),
        "public": _public_parts(keys),
        "version": _VERSION,
    }
    secret = AESGCM(_stretch(passphrase, salt, cost)).encrypt(nonce, seeds, canonical(header))
    return canonical({**header, "secret": encode_base64(secret)}).decode("utf-8")


def _unlock_with(text: str, passphrase: str, *, costs: range) -> PersonalKeys:
    file = _parse(text)
    salt, nonce, secret = (
        decode_base64(_text(file["kdf"]["salt"])),
        decode_base64(_text(file["nonce"])),
        decode_base64(_text(file["secret"])),
    )
    if (len(salt), len(nonce), len(secret)) != (_SALT_BYTES, _NONCE_BYTES, _SECRET_BYTES + 16):
        raise ParseError("a length in the key file is wrong")
    cost = file["kdf"]["n"]
    if type(cost) is not int or cost not in costs or cost & (cost - 1):
        raise ParseError("the key file asks for another scrypt cost than we accept", code="key.cost")
    header = canonical({name: value for name, value in file.items() if name != "secret"})
    try:
        seeds = AESGCM(_stretch(passphrase, salt, cost)).decrypt(nonce, secret, header)
    except InvalidTag as error:
        raise KeyUnavailable("the key file does not open with this passphrase", code="key.wrong_passphrase") from error
    keys = PersonalKeys.from_seeds(seeds)
    if _public_parts(keys) != file["public"]:
        raise ParseError("the public keys in the key file are not those of its secret ones")
    return keys


def _parse(text: str) -> dict[str, Any]:
    """Return the members of a file that has exactly those of version 1."""
    if len(text) > _MAX_FILE_BYTES or not text.isascii():
        raise ParseError("this is not a key file")
    file = parse_canonical(text.encode("ascii"))
    if not isinstance(file, dict) or file.keys() != _FIELDS or file["kind"] != _KIND:
        raise ParseError("this is not a key file")
    if file["version"] != _VERSION:
        raise ParseError("the key file is of an unknown version", code="key.version")
    kdf = file["kdf"]
    if not isinstance(kdf, dict) or kdf.keys() != {"name", "n", "p", "r", "salt"}:
        raise ParseError("the key file names no key derivation")
    if (kdf["name"], kdf["r"], kdf["p"]) != ("scrypt", _R, _P):
        raise ParseError("the key file names another key derivation than ours", code="key.cost")
    return file


def _public_parts(keys: PersonalKeys) -> dict[str, str]:
    return {
        "opening": encode_base64(keys.public_opening),
        "opening_key_id": keys.key_id,
        "signing": encode_base64(keys.public_signing),
        "signing_key_id": keys.signing_key_id,
    }


def _stretch(passphrase: str, salt: bytes, cost: int) -> bytes:
    # One passphrase can be typed as different code points on different keyboards: NFC makes them one.
    try:
        typed = unicodedata.normalize("NFC", passphrase).encode("utf-8")
    except UnicodeEncodeError:
        raise InputError("the passphrase is not valid text", code="key.passphrase_not_text") from None
    return Scrypt(salt=salt, length=32, n=cost, r=_R, p=_P).derive(typed)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ParseError("the key file has no base64 where it should")
    return value

"""Sealing: one part of an answer for one recipient, bound to what it answers, signed by who gives it.

The client of the responder seals, the client of the requester opens; the broker in between can only check the
signature and the shape. Layout of the sealed bytes, version 1:

    0x01 || HPKE single shot (1120-byte encapsulated key || ciphertext || 16-byte tag) || 64-byte Ed25519 signature

* HPKE (RFC 9180) in base mode with X-Wing (ML-KEM-768 and X25519, KEM 0x647a), HKDF-SHA256 and AES-256-GCM, so that
  what is copied today stays closed when either key exchange falls. `info` is `deelgrond/seal/v1`, a zero byte and the
  canonical context: a part moved to another request, question, category, person or decision does not open.
* Base mode says nothing about the sender, so the responder signs the prefix, SHA-256(info) and all bytes before the
  signature. Who opens verifies first.
* The plaintext is led by its 4-byte big-endian length and filled with zeros to a multiple of 1024 bytes, so that the
  length of a part does not tell a yes from a page of history.

All randomness is drawn inside the `cryptography` library. Public keys travel as raw bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from broker.crypto.canonical import canonical
from broker.crypto.signature import SIGNATURE_BYTES, Sign, sign_with, verify_signature
from broker.kernel.errors import InputError, ParseError, SealError

# A part answers one question in one category: text, or a short scanned letter. A megabyte holds either, and is what a
# process can check and hand out without being slowed by a caller who sends many.
MAX_PLAINTEXT_BYTES = 1_048_576
PADDING_BYTES = 1024

OPENING_KEY_BYTES = 1216
"""An X-Wing public key: 1184 bytes ML-KEM-768 encapsulation key || 32 bytes X25519."""
SEED_BYTES = 32
"""An X-Wing private key as it is kept: the seed both private keys come from."""

_PREFIX = b"deelgrond/seal/v1\x00"
_VERSION = b"\x01"
_ML_KEM_BYTES = 1184
_LENGTH_BYTES = 4
_OVERHEAD = len(_VERSION) + 1120 + 16 + SIGNATURE_BYTES
_MAX_PADDED = -(-(_LENGTH_BYTES + MAX_PLAINTEXT_BYTES) // PADDING_BYTES) * PADDING_BYTES

_SUITE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


@dataclass(frozen=True, slots=True, kw_only=True)
class SealContext:
    """All that a sealed part is bound to; both clients must name the same eight values or it does not open.

    Identifiers of the broker's own, pseudonyms for persons; `recipient` is the key id of the recipient's opening key.
    """

    request: str
    question: str
    category: str
    person: str
    decision: str
    requester: str
    responder: str
    recipient: str

    @property
    def info(self) -> bytes:
        """The HPKE `info`: `deelgrond/seal/v1`, a zero byte, the canonical JSON of the eight values."""
        return _PREFIX + canonical(asdict(self))


@dataclass(frozen=True, slots=True)
class RecipientKey:
    """A public opening key (1216 raw bytes) that has been seen to work; raises ParseError for any other bytes."""

    public: bytes

    def __post_init__(self) -> None:
        try:
            # The library refuses a degenerate X25519 half only when it is used: find that out here, at enrolment, and
            # not when somebody's answer has to go out.
            _SUITE.encrypt(b"", _public_key(self.public))
        except ValueError as error:
            raise ParseError("the bytes are not an X-Wing public key") from error

    @property
    def key_id(self) -> str:
        """The short name of this key; see `key_id`."""
        return key_id(self.public)


@dataclass(frozen=True, slots=True, repr=False)
class OpeningKey:
    """A private opening key; made from its seed by `from_seed`, shows only its key id."""

    public: bytes
    _private: hpke.MLKEM768X25519PrivateKey = field(compare=False)

    @classmethod
    def from_seed(cls, seed: bytes) -> OpeningKey:
        """Expand a seed: SHAKE-256 gives 64 bytes ML-KEM seed || 32 bytes X25519 (draft-connolly-cfrg-xwing-kem).

        Raises ParseError unless the seed has 32 bytes.
        """
        if len(seed) != SEED_BYTES:
            raise ParseError("an X-Wing seed has 32 bytes")
        expanded = hashlib.shake_256(seed).digest(96)
        ml_kem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64])
        x25519 = X25519PrivateKey.from_private_bytes(expanded[64:])
        public = ml_kem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        return cls(public, hpke.MLKEM768X25519PrivateKey(ml_kem, x25519))

    @property
    def key_id(self) -> str:
        """The short name of this key; see `key_id`."""
        return key_id(self.public)

    def __repr__(self) -> str:
        return f"OpeningKey(key_id={self.key_id!r})"


def key_id(public: bytes) -> str:
    """Return the short name of a public key, opening or signing: the first 32 hex digits of its SHA-256."""
    return hashlib.sha256(public).hexdigest()[:32]


def seal(*, plaintext: bytes, context: SealContext, recipient: RecipientKey, sign: Sign) -> bytes:
    """Seal a part for one recipient; sealing the same part twice gives different bytes.

    `sign` is the responder's Ed25519 key. Raises InputError for more than MAX_PLAINTEXT_BYTES or when the context names
    another recipient, KeyUnavailable when the signer gives something else than an Ed25519 signature.
    """
    if len(plaintext) > MAX_PLAINTEXT_BYTES:
        raise InputError("a part is at most a megabyte", code="seal.too_large")
    if context.recipient != recipient.key_id:
        raise InputError("the context names another recipient key", code="seal.other_recipient")
    body = _VERSION + _SUITE.encrypt(_pad(plaintext), _public_key(recipient.public), context.info)
    return body + sign_with(sign, _signed_message(context, body))


def verify_seal(*, sealed: bytes, context: SealContext, responder_public: bytes) -> None:
    """Check what can be checked without opening: raises ParseError for the shape, SignatureError for the signature.

    Afterwards it is certain that the responder's key signed these bytes for this context; not that they can be opened.
    """
    _check_shape(sealed)
    verify_signature(
        public=responder_public,
        signature=sealed[-SIGNATURE_BYTES:],
        message=_signed_message(context, sealed[:-SIGNATURE_BYTES]),
    )


def open_sealed(*, sealed: bytes, context: SealContext, private: OpeningKey, responder_public: bytes) -> bytes:
    """Return the plaintext of a part that was sealed to this key, for this context, by this responder.

    Verifies first, as `verify_seal`; then raises SealError when the key or context is another, or the bytes inside are
    not as `seal` makes them.
    """
    verify_seal(sealed=sealed, context=context, responder_public=responder_public)
    if context.recipient != private.key_id:
        raise SealError("the part was sealed to another key", code="integrity.seal.other_recipient")
    try:
        padded = _SUITE.decrypt(sealed[len(_VERSION) : -SIGNATURE_BYTES], private._private, context.info)
    except InvalidTag as error:
        raise SealError("the part does not open with this key and context") from error
    return _unpad(padded)


def _signed_message(context: SealContext, body: bytes) -> bytes:
    return _PREFIX + hashlib.sha256(context.info).digest() + body


def _check_shape(sealed: bytes) -> None:
    if sealed[:1] != _VERSION:
        raise ParseError("the sealed part is of an unknown version", code="seal.version")
    padded = len(sealed) - _OVERHEAD
    if not 0 < padded <= _MAX_PADDED or padded % PADDING_BYTES:
        raise ParseError("no sealed part has this length", code="seal.length")


def _public_key(public: bytes) -> hpke.MLKEM768X25519PublicKey:
    if len(public) != OPENING_KEY_BYTES:
        raise ParseError("an X-Wing public key has 1216 bytes")
    return hpke.MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public[:_ML_KEM_BYTES]),
        X25519PublicKey.from_public_bytes(public[_ML_KEM_BYTES:]),
    )


def _pad(plaintext: bytes) -> bytes:
    framed = len(plaintext).to_bytes(_LENGTH_BYTES, "big") + plaintext
    return framed + bytes(-len(framed) % PADDING_BYTES)


def _unpad(padded: bytes) -> bytes:
    """Undo `_pad` and nothing else: one plaintext has one padded form."""
    length = int.from_bytes(padded[:_LENGTH_BYTES], "big")
    plaintext = padded[_LENGTH_BYTES : _LENGTH_BYTES + length]
    if length > MAX_PLAINTEXT_BYTES or _pad(plaintext) != padded:
        raise SealError("the part was not padded as a part is", code="integrity.seal.padding")
    return plaintext

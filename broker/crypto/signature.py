"""Ed25519 signatures, checked in one place (RFC 8032); making them is left to whoever holds the key."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.kernel.errors import KeyUnavailable, ParseError, SignatureError

PUBLIC_KEY_BYTES = 32
SIGNATURE_BYTES = 64

# The y coordinates of the eight points whose order divides 8. Under such a "key" one signature holds for many texts or
# for all, so who enrols one could deny whatever they signed; the library accepts them (RFC 8032 leaves it open).
_P = 2**255 - 19
_Y8 = int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little")
_SMALL_ORDER = frozenset({0, 1, _P - 1, _P, _P + 1, _Y8, _P - _Y8})

Sign = Callable[[bytes], bytes]
"""Signs a message with Ed25519 and gives the 64 bytes; the key itself stays where it is (file, token, HSM)."""


def sign_with(sign: Sign, message: bytes) -> bytes:
    """Return the signature that `sign` gives; raise KeyUnavailable when that is not an Ed25519 signature's length."""
    signature = sign(message)
    if len(signature) != SIGNATURE_BYTES:
        raise KeyUnavailable("the signer did not give an Ed25519 signature", code="key.wrong_kind")
    return signature


def check_public_key(public: bytes) -> None:
    """Raise ParseError unless these 32 raw bytes can serve as somebody's Ed25519 public key."""
    if len(public) != PUBLIC_KEY_BYTES:
        raise ParseError("an Ed25519 public key has 32 bytes")
    if int.from_bytes(public, "little") & (2**255 - 1) in _SMALL_ORDER:
        raise ParseError("this Ed25519 public key binds nobody", code="key.small_order")


def verify_signature(*, public: bytes, signature: bytes, message: bytes) -> None:
    """Raise SignatureError unless `signature` is over `message` under `public`; ParseError if `public` is no key."""
    check_public_key(public)
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature as error:
        raise SignatureError("the signature does not verify under this key") from error

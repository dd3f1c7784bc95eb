from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from broker.crypto.signature import check_public_key, sign_with, verify_signature
from broker.kernel.errors import KeyUnavailable, ParseError, SignatureError

KEY = Ed25519PrivateKey.generate()
PUBLIC = KEY.public_key().public_bytes_raw()
# y = 1 is the neutral point: with S = 0 and R the same point, the equation of RFC 8032 5.1.7 holds for any text.
NEUTRAL = (1).to_bytes(32, "little")
FOR_ALL_TEXTS = NEUTRAL + bytes(32)


def test_signature_verifies_for_its_message_only():
    signature = sign_with(KEY.sign, b"text")
    verify_signature(public=PUBLIC, signature=signature, message=b"text")
    for changed, message in ((signature, b"other"), (signature[:-1], b"text"), (bytes(64), b"text"), (b"", b"text")):
        with pytest.raises(SignatureError):
            verify_signature(public=PUBLIC, signature=changed, message=message)


def test_key_under_which_one_signature_holds_for_every_text_is_refused():
    Ed25519PublicKey.from_public_bytes(NEUTRAL).verify(FOR_ALL_TEXTS, b"anything")  # the library would let it pass
    with pytest.raises(ParseError, match="binds nobody"):
        verify_signature(public=NEUTRAL, signature=FOR_ALL_TEXTS, message=b"anything")


@pytest.mark.parametrize(
    "public",
    [
        bytes(32),
        bytes(31) + b"\x80",
        NEUTRAL[:-1] + b"\x80",
        bytes.fromhex("ec" + "ff" * 30 + "7f"),
        bytes.fromhex("ed" + "ff" * 30 + "7f"),
        bytes.fromhex("ee" + "ff" * 30 + "7f"),
        bytes.fromhex("ee" + "ff" * 30 + "ff"),
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
    ],
)
def test_key_of_small_order_is_refused_in_every_spelling(public):
    with pytest.raises(ParseError):
        check_public_key(public)


@pytest.mark.parametrize("public", [b"", PUBLIC[:-1], PUBLIC + b"\x00"], ids=["empty", "short", "long"])
def test_key_of_another_length_is_refused(public):
    with pytest.raises(ParseError):
        check_public_key(public)


def test_signer_of_another_kind_is_refused():
    with pytest.raises(KeyUnavailable):
        sign_with(lambda _message: b"short", b"text")

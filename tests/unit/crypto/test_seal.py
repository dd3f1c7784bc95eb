from __future__ import annotations

import secrets
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.crypto import seal as sealing
from broker.crypto.seal import (
    MAX_PLAINTEXT_BYTES,
    OpeningKey,
    RecipientKey,
    SealContext,
    key_id,
    open_sealed,
    seal,
    verify_seal,
)
from broker.kernel.errors import InputError, KeyUnavailable, ParseError, SealError, SignatureError

RECIPIENT = OpeningKey.from_seed(secrets.token_bytes(32))
RESPONDER = Ed25519PrivateKey.generate()
PUBLIC = RESPONDER.public_key().public_bytes_raw()
CONTEXT = SealContext(
    request="irq_1",
    question="q_1",
    category="zorg_betrokkenheid",
    person="ps_1",
    decision="dec_1",
    requester="org_a",
    responder="org_b",
    recipient=RECIPIENT.key_id,
)


def sealed_part(plaintext: bytes = b"Ja.", context: SealContext = CONTEXT) -> bytes:
    return seal(plaintext=plaintext, context=context, recipient=RecipientKey(RECIPIENT.public), sign=RESPONDER.sign)


def opened(sealed: bytes, *, context: SealContext = CONTEXT, private: OpeningKey = RECIPIENT) -> bytes:
    return open_sealed(sealed=sealed, context=context, private=private, responder_public=PUBLIC)


def signed_anew(sealed: bytes, context: SealContext = CONTEXT) -> bytes:
    body = sealed[:-64]
    return body + RESPONDER.sign(sealing._signed_message(context, body))


@pytest.mark.parametrize("size", [0, 1, 1019, 1020, 1021, MAX_PLAINTEXT_BYTES])
def test_seal_opens_to_the_same_plaintext(size):
    plaintext = secrets.token_bytes(size)
    assert opened(sealed_part(plaintext)) == plaintext


def test_seal_length_does_not_tell_a_short_answer_from_a_shorter_one():
    assert len(sealed_part(b"Ja.")) == len(sealed_part(b"Nee, nooit gezien." * 50)) == 1 + 1120 + 1024 + 16 + 64


def test_seal_refuses_more_than_a_megabyte():
    with pytest.raises(InputError, match="megabyte"):
        sealed_part(bytes(MAX_PLAINTEXT_BYTES + 1))


def test_seal_refuses_a_context_that_names_another_recipient():
    with pytest.raises(InputError, match="recipient"):
        sealed_part(context=replace(CONTEXT, recipient="0" * 32))


def test_seal_refuses_a_signer_of_another_kind():
    with pytest.raises(KeyUnavailable):
        seal(plaintext=b"", context=CONTEXT, recipient=RecipientKey(RECIPIENT.public), sign=lambda _message: b"")


def test_verify_seal_accepts_without_any_private_key():
    verify_seal(sealed=sealed_part(), context=CONTEXT, responder_public=PUBLIC)


def test_verify_seal_refuses_another_responder():
    other = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    with pytest.raises(SignatureError):
        verify_seal(sealed=sealed_part(), context=CONTEXT, responder_public=other)


def test_verify_seal_refuses_a_public_key_of_another_length():
    with pytest.raises(ParseError):
        verify_seal(sealed=sealed_part(), context=CONTEXT, responder_public=PUBLIC[:-1])


def test_seal_does_not_open_with_another_key_even_for_a_context_that_names_it():
    other = OpeningKey.from_seed(secrets.token_bytes(32))
    context = replace(CONTEXT, recipient=other.key_id)
    with pytest.raises(SealError):
        opened(signed_anew(sealed_part(), context), context=context, private=other)


@pytest.mark.parametrize(
    "padded",
    [
        (4).to_bytes(4, "big") + b"Ja." + bytes(1016) + b"x",
        (1021).to_bytes(4, "big") + bytes(1020),
        (MAX_PLAINTEXT_BYTES + 1).to_bytes(4, "big") + bytes(1020),
        bytes(2048),
    ],
    ids=["not zeros", "longer than it is", "longer than may be", "a block too many"],
)
def test_seal_does_not_open_when_padded_in_another_way(padded):
    # What a responder with a program of his own could make: rightly sealed, rightly signed, wrong inside.
    key = sealing._public_key(RECIPIENT.public)
    body = b"\x01" + sealing._SUITE.encrypt(padded, key, CONTEXT.info)
    with pytest.raises(SealError, match="padded"):
        opened(signed_anew(body + bytes(64)))


def test_seal_shape_is_refused_before_anything_else():
    for sealed in (b"", b"\x01", b"\x02" + sealed_part()[1:], sealed_part() + bytes(1), bytes(3_000_000)):
        with pytest.raises(ParseError):
            opened(sealed)


@pytest.mark.parametrize(
    "public",
    [b"", RECIPIENT.public[:-1], b"\xff" * 1216, RECIPIENT.public[:1184] + bytes(32)],
    ids=["nothing", "a byte short", "not reduced", "degenerate X25519 half"],
)
def test_recipient_key_that_cannot_be_sealed_to_is_refused(public):
    with pytest.raises(ParseError):
        RecipientKey(public)


def test_opening_key_seed_has_32_bytes():
    with pytest.raises(ParseError):
        OpeningKey.from_seed(bytes(31))


def test_key_id_is_the_start_of_the_sha256():
    assert key_id(b"") == "e3b0c44298fc1c149afbf4c8996fb924"
    assert RecipientKey(RECIPIENT.public).key_id == RECIPIENT.key_id == key_id(RECIPIENT.public)


def test_opening_key_shows_only_its_id():
    assert repr(RECIPIENT) == f"OpeningKey(key_id='{RECIPIENT.key_id}')"

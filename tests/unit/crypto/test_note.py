from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.crypto.note import (
    MAX_SIGNATURES,
    Note,
    NoteSignature,
    VerifierKey,
    format_note,
    parse_note,
    parse_verifier_key,
    sign_note,
    verify_note,
)
from broker.kernel.errors import KeyUnavailable, ParseError, SignatureError

LOG = Ed25519PrivateKey.generate()
WITNESS = Ed25519PrivateKey.generate()
PUBLIC = LOG.public_key().public_bytes_raw()
TEXT = "log.example.nl\n1\nroot\n"


def signed(key: Ed25519PrivateKey, name: str, text: str = TEXT) -> Note:
    return sign_note(text, name=name, public=key.public_key().public_bytes_raw(), sign=key.sign)


def verifier_key(key: Ed25519PrivateKey, name: str) -> VerifierKey:
    return VerifierKey(name, key.public_key().public_bytes_raw())


def test_verify_note_names_all_trusted_signers():
    note = Note(TEXT, signed(LOG, "log").signatures + signed(WITNESS, "witness").signatures)
    assert verify_note(note, [verifier_key(WITNESS, "witness"), verifier_key(LOG, "log")]) == ("log", "witness")


def test_verify_note_names_a_signer_once():
    note = Note(TEXT, signed(LOG, "log").signatures * 2)
    assert verify_note(note, [verifier_key(LOG, "log")]) == ("log",)


def test_verify_note_passes_over_unknown_keys():
    note = Note(TEXT, signed(LOG, "log").signatures + signed(WITNESS, "log").signatures)
    assert verify_note(note, [verifier_key(LOG, "log")]) == ("log",)


def test_verify_note_refuses_when_one_trusted_signature_is_wrong():
    wrong = signed(WITNESS, "witness", text="another text\n").signatures
    note = Note(TEXT, signed(LOG, "log").signatures + wrong)
    with pytest.raises(SignatureError):
        verify_note(note, [verifier_key(LOG, "log"), verifier_key(WITNESS, "witness")])


def test_verify_note_refuses_without_a_trusted_key():
    with pytest.raises(SignatureError):
        verify_note(signed(LOG, "log"), [])


def test_note_text_may_have_empty_lines():
    note = signed(LOG, "log", text="a\n\n\nb\n\n")
    assert parse_note(format_note(note)) == note


@pytest.mark.parametrize("text", ["", "a", "a\r\n", "\ud800\n"])
def test_sign_note_refuses_a_text_no_note_can_hold_before_signing(text):
    def sign(_message: bytes) -> bytes:
        raise AssertionError

    with pytest.raises(ParseError):
        sign_note(text, name="log", public=PUBLIC, sign=sign)


def test_sign_note_refuses_a_signer_of_another_kind():
    with pytest.raises(KeyUnavailable):
        sign_note(TEXT, name="log", public=PUBLIC, sign=lambda _message: b"short")


def test_note_has_a_signature_and_not_too_many():
    (signature,) = signed(LOG, "log").signatures
    assert Note(TEXT, (signature,) * MAX_SIGNATURES)
    for signatures in ((), (signature,) * (MAX_SIGNATURES + 1)):
        with pytest.raises(ParseError):
            Note(TEXT, signatures)


def test_note_has_a_longest_length():
    with pytest.raises(ParseError, match="too long"):
        parse_note("a" * 300_000)
    with pytest.raises(ParseError, match="too long"):
        signed(LOG, "log", text="é" * 150_000 + "\n")


def test_note_signature_keeps_any_key_and_length():
    note = Note(TEXT, (NoteSignature("witness", b"\x00\x01\x02\x03", bytes(2420)),))
    assert parse_note(format_note(note)) == note


def test_verifier_key_has_32_bytes():
    with pytest.raises(ParseError):
        VerifierKey("log", bytes(31))


def test_verifier_key_refuses_another_signature_type():
    with pytest.raises(ParseError, match="Ed25519"):
        parse_verifier_key("log+00000000+BAAA")

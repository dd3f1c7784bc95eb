"""Sealed parts: they open for one key in one context, and tell nothing else; pseudonyms link only where they may."""

from __future__ import annotations

import secrets
from dataclasses import asdict, fields, replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given
from hypothesis import strategies as st

from broker.crypto import seal as sealing
from broker.crypto.pseudonym import pseudonym
from broker.crypto.seal import OpeningKey, RecipientKey, SealContext, open_sealed, seal, verify_seal
from broker.kernel.errors import BrokerError, ParseError, SealError, SignatureError

RECIPIENT = OpeningKey.from_seed(secrets.token_bytes(32))
OTHER = OpeningKey.from_seed(secrets.token_bytes(32))
RESPONDER = Ed25519PrivateKey.generate()
PUBLIC = RESPONDER.public_key().public_bytes_raw()
WORD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
CONTEXT = st.builds(SealContext, **{f.name: WORD for f in fields(SealContext)}).map(
    lambda context: replace(context, recipient=RECIPIENT.key_id)
)
PLAINTEXT = st.binary(max_size=5_000)


def sealed_part(plaintext: bytes, context: SealContext) -> bytes:
    return seal(plaintext=plaintext, context=context, recipient=RecipientKey(RECIPIENT.public), sign=RESPONDER.sign)


def signed_anew(sealed: bytes, context: SealContext) -> bytes:
    return sealed[:-64] + RESPONDER.sign(sealing._signed_message(context, sealed[:-64]))


def opened(sealed: bytes, context: SealContext, private: OpeningKey = RECIPIENT) -> bytes:
    return open_sealed(sealed=sealed, context=context, private=private, responder_public=PUBLIC)


@given(PLAINTEXT, CONTEXT)
def test_sealed_part_opens_in_its_context(plaintext, context):
    sealed = sealed_part(plaintext, context)
    verify_seal(sealed=sealed, context=context, responder_public=PUBLIC)
    assert opened(sealed, context) == plaintext
    assert plaintext not in sealed or len(plaintext) < 4


@given(PLAINTEXT, CONTEXT)
def test_sealed_twice_shares_no_bytes_to_compare(plaintext, context):
    one, two = sealed_part(plaintext, context), sealed_part(plaintext, context)
    assert len(one) == len(two)
    assert one[1:1121] != two[1:1121]
    assert one[1121:] != two[1121:]


@given(PLAINTEXT, CONTEXT, st.sampled_from([f.name for f in fields(SealContext)]), WORD)
def test_sealed_part_does_not_move_to_another_context(plaintext, context, name, value):
    other = replace(context, **{name: value})
    assume(other != context)
    sealed = sealed_part(plaintext, context)
    with pytest.raises(SignatureError):
        opened(sealed, other)
    with pytest.raises(SealError):  # not even when the responder signs the move
        opened(signed_anew(sealed, other), other)


@given(PLAINTEXT, CONTEXT)
def test_sealed_part_opens_with_no_other_key(plaintext, context):
    sealed = sealed_part(plaintext, context)
    with pytest.raises(SealError):
        opened(sealed, context, OTHER)
    stolen = replace(context, recipient=OTHER.key_id)
    with pytest.raises(SealError):
        opened(signed_anew(sealed, stolen), stolen, OTHER)


@given(CONTEXT, CONTEXT)
def test_two_contexts_have_one_info_only_when_they_are_one(one, two):
    assert (one.info == two.info) == (asdict(one) == asdict(two))


@given(PLAINTEXT, CONTEXT, st.data())
def test_sealed_part_with_a_changed_byte_is_refused(plaintext, context, data):
    changed = bytearray(sealed_part(plaintext, context))
    position = data.draw(st.integers(0, len(changed) - 1))
    changed[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises((ParseError, SignatureError)):
        opened(bytes(changed), context)
    if 0 < position < len(changed) - 64:
        with pytest.raises(SealError):
            opened(signed_anew(bytes(changed), context), context)


@given(st.binary(max_size=2_500), CONTEXT)
def test_random_bytes_are_never_a_sealed_part(data, context):
    for candidate in (data, b"\x01" + data, b"\x01" + data.ljust(2224, b"\x00")[:2224]):
        with pytest.raises(BrokerError):
            opened(candidate, context)


@given(PLAINTEXT.filter(lambda plaintext: len(plaintext) > 3), CONTEXT)
def test_errors_and_representations_do_not_repeat_the_text(plaintext, context):
    text = plaintext.hex()
    sealed = sealed_part(text.encode(), context)
    with pytest.raises(SealError) as caught:
        opened(sealed, context, OTHER)
    assert text not in repr(caught.value) + repr(RECIPIENT) + repr(context)


KEY = secrets.token_bytes(32)


@given(st.lists(st.tuples(WORD, WORD, WORD), min_size=2, max_size=30, unique=True))
def test_pseudonyms_are_equal_exactly_when_purpose_organisation_and_identifier_are(triples):
    found = {pseudonym(key=KEY, purpose=p, organisation=o, identifier=i) for p, o, i in triples}
    again = {pseudonym(key=KEY, purpose=p, organisation=o, identifier=i) for p, o, i in triples}
    assert len(found) == len(triples)
    assert found == again

from __future__ import annotations

import pytest

from broker.crypto.envelope import decrypt_field, encrypt_field, new_data_key, unwrap, wrap
from broker.kernel.errors import InputError, KeyUnavailable, SealError

KEY = new_data_key()
KEK = new_data_key()
PLACE = {"table": "subject", "column": "name", "row": "sub_1"}


def test_field_comes_back_in_its_own_place():
    assert decrypt_field(KEY, encrypt_field(KEY, "Zoë", **PLACE), **PLACE) == "Zoë"


def test_field_encrypted_twice_differs():
    assert encrypt_field(KEY, "Zoë", **PLACE) != encrypt_field(KEY, "Zoë", **PLACE)


@pytest.mark.parametrize("part", PLACE)
def test_field_moved_elsewhere_does_not_open(part):
    encrypted = encrypt_field(KEY, "Zoë", **PLACE)
    with pytest.raises(SealError):
        decrypt_field(KEY, encrypted, **{**PLACE, part: "other"})


def test_field_place_keeps_its_borders():
    encrypted = encrypt_field(KEY, "Zoë", table="a", column="bc", row="1")
    with pytest.raises(SealError):
        decrypt_field(KEY, encrypted, table="ab", column="c", row="1")


def test_field_changed_anywhere_does_not_open():
    encrypted = encrypt_field(KEY, "Zoë", **PLACE)
    for position in range(len(encrypted)):
        changed = bytearray(encrypted)
        changed[position] ^= 1
        with pytest.raises(SealError):
            decrypt_field(KEY, bytes(changed), **PLACE)


def test_field_cut_off_anywhere_does_not_open():
    encrypted = encrypt_field(KEY, "Zoë", **PLACE)
    for length in range(len(encrypted)):
        with pytest.raises(SealError):
            decrypt_field(KEY, encrypted[:length], **PLACE)


def test_field_under_another_key_does_not_open():
    with pytest.raises(SealError):
        decrypt_field(new_data_key(), encrypt_field(KEY, "Zoë", **PLACE), **PLACE)


def test_field_that_is_not_text_is_refused():
    with pytest.raises(InputError):
        encrypt_field(KEY, "\ud800", **PLACE)


def test_data_key_comes_back_under_its_key_and_context():
    assert unwrap(wrap(KEY, key_encryption_key=KEK, context=b"sub_1"), key_encryption_key=KEK, context=b"sub_1") == KEY


def test_data_key_of_another_person_does_not_unwrap():
    wrapped = wrap(KEY, key_encryption_key=KEK, context=b"sub_1")
    for kek, context in ((KEK, b"sub_2"), (new_data_key(), b"sub_1")):
        with pytest.raises(SealError):
            unwrap(wrapped, key_encryption_key=kek, context=context)


def test_wrapped_key_does_not_pass_for_a_field():
    wrapped = wrap(KEY, key_encryption_key=KEK, context=b"")
    with pytest.raises(SealError):
        decrypt_field(KEK, wrapped, **PLACE)


@pytest.mark.parametrize("key", [b"", bytes(16), bytes(31)])
def test_keys_of_another_length_are_refused(key):
    with pytest.raises(KeyUnavailable):
        wrap(key, key_encryption_key=KEK, context=b"")
    with pytest.raises(KeyUnavailable):
        wrap(KEY, key_encryption_key=key, context=b"")
    with pytest.raises(KeyUnavailable):
        encrypt_field(key, "Zoë", **PLACE)

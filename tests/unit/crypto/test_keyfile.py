from __future__ import annotations

import json
import secrets
import unicodedata

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from broker.crypto import keyfile
from broker.crypto.base64text import decode_base64, encode_base64
from broker.crypto.canonical import canonical
from broker.crypto.keyfile import make_keyfile, unlock_keyfile
from broker.crypto.seal import OpeningKey, key_id
from broker.crypto.signature import verify_signature
from broker.kernel.errors import InputError, KeyUnavailable, ParseError

PASSPHRASE = "vier losse woorden hier"
SEEDS = secrets.token_bytes(64)
CHEAP = 2**4


def cheap_file(passphrase: str = PASSPHRASE, seeds: bytes = SEEDS) -> str:
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    return keyfile._make_keyfile_from(passphrase, seeds=seeds, salt=salt, nonce=nonce, cost=CHEAP)


def unlock(text: str, passphrase: str = PASSPHRASE) -> keyfile.PersonalKeys:
    return keyfile._unlock_with(text, passphrase, costs=range(CHEAP, CHEAP + 1))


def test_new_keyfile_unlocks_at_its_real_cost():
    text = make_keyfile(PASSPHRASE)
    keys = unlock_keyfile(text, PASSPHRASE)
    assert json.loads(text)["kdf"]["n"] == 2**17
    assert json.loads(text)["public"]["opening_key_id"] == keys.key_id


def test_keyfile_gives_the_keys_of_its_seeds():
    keys = unlock(cheap_file())
    assert keys.opening_key == OpeningKey.from_seed(SEEDS[:32])
    assert keys.key_id == key_id(keys.public_opening)
    assert keys.signing_key_id == key_id(keys.public_signing)


def test_personal_keys_sign_for_their_public_key():
    keys = unlock(cheap_file())
    verify_signature(public=keys.public_signing, signature=keys.sign(b"text"), message=b"text")


def test_keyfile_with_a_wrong_passphrase_says_so():
    with pytest.raises(KeyUnavailable) as caught:
        unlock(cheap_file(), PASSPHRASE + "!")
    assert caught.value.code == "key.wrong_passphrase"


def test_keyfile_takes_a_passphrase_however_its_accents_are_typed():
    passphrase = "één café één"
    text = cheap_file(unicodedata.normalize("NFD", passphrase))
    assert unlock(text, unicodedata.normalize("NFC", passphrase)).key_id


def test_keyfile_refuses_a_short_passphrase():
    with pytest.raises(InputError) as caught:
        make_keyfile("elf tekens!")
    assert caught.value.code == "key.passphrase_too_short"


def test_keyfile_refuses_a_passphrase_that_is_not_text():
    with pytest.raises(InputError):
        unlock(cheap_file(), "\ud800" * 12)


@pytest.mark.parametrize("member", ["opening", "opening_key_id", "signing", "signing_key_id"])
def test_keyfile_does_not_open_with_another_public_part(member):
    file = json.loads(cheap_file())
    file["public"][member] = json.loads(cheap_file(seeds=secrets.token_bytes(64)))["public"][member]
    with pytest.raises(KeyUnavailable):
        unlock(canonical(file).decode())


def test_keyfile_whose_maker_lied_about_the_public_keys_is_refused():
    file = json.loads(cheap_file())
    file["public"] = json.loads(cheap_file(seeds=secrets.token_bytes(64)))["public"]
    header = canonical({name: value for name, value in file.items() if name != "secret"})
    key = keyfile._stretch(PASSPHRASE, decode_base64(file["kdf"]["salt"]), CHEAP)
    file["secret"] = encode_base64(AESGCM(key).encrypt(decode_base64(file["nonce"]), SEEDS, header))
    with pytest.raises(ParseError, match="not those of its secret ones"):
        unlock(canonical(file).decode())


def test_keyfile_that_is_too_long_is_refused():
    with pytest.raises(ParseError, match="not a key file"):
        unlock(" " * 20_000)


def test_public_unlock_refuses_a_cheap_file():
    with pytest.raises(ParseError) as caught:
        unlock_keyfile(cheap_file(), PASSPHRASE)
    assert caught.value.code == "key.cost"


def test_personal_keys_show_only_key_ids():
    keys = unlock(cheap_file())
    assert repr(keys) == f"PersonalKeys(key_id='{keys.key_id}', signing_key_id='{keys.signing_key_id}')"


def test_two_keyfiles_of_one_person_share_no_secret_bytes():
    first, second = json.loads(cheap_file()), json.loads(cheap_file())
    assert first["public"] == second["public"]
    assert first["secret"] != second["secret"]

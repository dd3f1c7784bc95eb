"""The browser's client and the Python one agree: what either makes the other takes, what either refuses both refuse."""

from __future__ import annotations

import base64
import json
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsing import BrowserClient, outcome
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broker.crypto import checkpoint, keyfile, note, seal, signature
from broker.crypto.base64text import decode_base64
from broker.crypto.canonical import canonical, parse_canonical
from broker.kernel.errors import BrokerError, InputError, ParseError

TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(["__proto__", "toJSON", "constructor"])
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
NEARLY_JSON = st.binary(max_size=60) | st.text(string.digits + '{}[]",:.eE-+ntf\\u ', max_size=30).map(str.encode)
# Near misses are likelier to get past a parser than random text.
SCRAPS = st.lists(
    st.sampled_from(
        ["\n", "\n\n", "— ", "a", " ", "AAAAAAA=", "+", "0", "7", "A" * 43 + "=", "é", "\t", "\x85", "\ufeff", "\u3000"]
    ),
    max_size=14,
).map("".join)
KEYFILE = Path(__file__).parent.parent / "vectors" / "ours" / "keyfile.json"
SEED = st.binary(min_size=32, max_size=32)


@given(value=JSON)
def test_browser_writes_canonical_json_as_python_does(browser: BrowserClient, value: object) -> None:
    written = canonical(value)
    assert browser("canonical", json.dumps(value)) == written
    assert browser("parseCanonical", written) == written


@given(data=NEARLY_JSON | JSON.map(lambda value: json.dumps(value).encode()))
@example(data=b'{"a":1,"a":1}')
@example(data=b"[" * 100 + b"]" * 100)
@example(data=b'"' + b"a" * 1_048_575 + b'"')
def test_browser_takes_as_canonical_exactly_what_python_takes(browser: BrowserClient, data: bytes) -> None:
    assert outcome(lambda: browser("parseCanonical", data)) == outcome(lambda: canonical(parse_canonical(data)))


@pytest.mark.parametrize("text", ['"\\ud800"', '{"\\udfff":1}', "1e999", "[[-1e999]]"])
def test_browser_refuses_to_write_what_python_refuses(browser: BrowserClient, text: str) -> None:
    refused = outcome(lambda: canonical(json.loads(text)))
    assert refused == ("InputError", "input.not_canonical")
    assert outcome(lambda: browser("canonical", text)) == refused


@given(
    text=st.text("AQgw/+=- \n", max_size=9) | st.binary(max_size=9).map(lambda data: base64.b64encode(data).decode())
)
def test_browser_takes_as_base64_exactly_what_python_takes(browser: BrowserClient, text: str) -> None:
    assert outcome(lambda: browser("decodeBase64", text)) == outcome(lambda: decode_base64(text))


def test_browser_writes_long_base64_as_python_does(browser: BrowserClient) -> None:
    data = bytes(range(256)) * 1000
    assert browser("encodeBase64", data) == base64.b64encode(data).decode()


@given(text=SCRAPS | st.builds("{}\n\n— {} {}\n".format, SCRAPS, SCRAPS, st.just("AAAAAAAA")))
def test_browser_takes_as_note_exactly_what_python_takes(browser: BrowserClient, text: str) -> None:
    expected = outcome(lambda: note.format_note(note.parse_note(text)))
    assert outcome(lambda: browser("rewriteNote", text)) == expected


@given(text=SCRAPS | st.builds("{}\n{}\n{}\n".format, SCRAPS, st.integers(0, 2**65), st.just("A" * 43 + "=")))
def test_browser_takes_as_checkpoint_exactly_what_python_takes(browser: BrowserClient, text: str) -> None:
    def read() -> dict[str, object]:
        found = checkpoint.parse_checkpoint(text)
        return {"origin": found.origin, "size": str(found.size), "root": found.root}

    assert outcome(lambda: browser("parseCheckpoint", text)) == outcome(read)


@given(name=SCRAPS, seed=SEED, kind=st.sampled_from([1, 1, 1, 2]))
def test_browser_takes_as_verifier_key_exactly_what_python_takes(
    browser: BrowserClient, name: str, seed: bytes, kind: int
) -> None:
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    material = base64.b64encode(bytes([kind]) + public).decode()
    text = f"{name}+{note.key_id(name, kind, public).hex()}+{material}"

    def read() -> dict[str, object]:
        found = note.parse_verifier_key(text)
        return {"name": found.name, "publicKey": found.public, "keyId": found.key_id}

    assert outcome(lambda: browser("parseVerifierKey", text)) == outcome(read)


# --- keys


@pytest.mark.parametrize("y", sorted(signature._SMALL_ORDER))
@pytest.mark.parametrize("sign", [0, 1])
def test_browser_refuses_the_public_keys_that_bind_nobody(browser: BrowserClient, y: int, sign: int) -> None:
    public = (y | sign << 255).to_bytes(32, "little")
    refused = outcome(lambda: signature.check_public_key(public))
    assert refused == ("ParseError", "key.small_order")
    assert outcome(lambda: browser("checkPublicKey", public)) == refused


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: raw[:-1],
        lambda raw: raw + b"\0",
        lambda raw: b"\xff" * 1184 + raw[1184:],
        lambda raw: raw[:1184] + bytes(32),
        lambda raw: raw[:1184] + b"\1" + bytes(31),
    ],
    ids=["short", "long", "ML-KEM beyond its modulus", "X25519 of nought", "X25519 of order 1"],
)
def test_browser_refuses_the_recipient_keys_that_python_refuses(
    browser: BrowserClient, spoil: Callable[[bytes], bytes]
) -> None:
    raw = spoil(seal.OpeningKey.from_seed(bytes(32)).public)
    with pytest.raises(ParseError):
        seal.RecipientKey(raw)
    assert outcome(lambda: browser("recipientKeyId", raw)) == ("ParseError", "input.malformed")


def test_python_unlocks_the_key_file_that_the_browser_made(browser: BrowserClient) -> None:
    # Typed as e and an accent, unlocked as one character: NFC makes them one.
    text = browser("makeKeyfile", "geheim van Zoe\u0308 de Boer")
    keys = keyfile.unlock_keyfile(text, "geheim van Zo\u00eb de Boer")
    assert browser("unlockKeyfile", text, "geheim van Zo\u00eb de Boer", b"m") == {
        "opening": keys.public_opening,
        "signing": keys.public_signing,
        "signature": keys.sign(b"m"),
    }
    assert browser("makeKeyfile", "een ander geheim") != text


def test_browser_unlocks_the_key_file_that_python_made(browser: BrowserClient) -> None:
    text = keyfile.make_keyfile("geheim van Zo\u00eb de Boer")
    keys = keyfile.unlock_keyfile(text, "geheim van Zo\u00eb de Boer")
    found = browser("unlockKeyfile", text, "geheim van Zoe\u0308 de Boer", b"m")
    assert (found["opening"], found["signing"]) == (keys.public_opening, keys.public_signing)


@pytest.mark.parametrize("passphrase", ["", "elf tekens.", "e\u0308" * 11, "\U0001f511" * 11, "\ud800" * 12])
def test_browser_refuses_the_passphrases_that_python_refuses(browser: BrowserClient, passphrase: str) -> None:
    with pytest.raises(InputError) as expected:
        keyfile.make_keyfile(passphrase)
    assert outcome(lambda: browser("makeKeyfile", passphrase)) == ("InputError", expected.value.code)


def test_browser_refuses_a_key_file_whose_public_half_is_of_another(browser: BrowserClient) -> None:
    (row,) = json.loads(KEYFILE.read_text("ascii"))["generate"]
    file = json.loads(row["file"])
    file["public"] = keyfile._public_parts(keyfile.PersonalKeys.from_seeds(bytes(64)))
    secret, salt, nonce = file.pop("secret"), bytes.fromhex(row["salt"]), bytes.fromhex(row["nonce"])
    assert outcome(lambda: browser("unlockKeyfile", written({**file, "secret": secret}), row["passphrase"], b"")) == (
        "KeyUnavailable",
        "key.wrong_passphrase",
    )
    stretched = keyfile._stretch(row["passphrase"], salt, keyfile._COST)
    secret = base64.b64encode(AESGCM(stretched).encrypt(nonce, bytes.fromhex(row["seeds"]), canonical(file))).decode()
    assert outcome(lambda: browser("unlockKeyfile", written({**file, "secret": secret}), row["passphrase"], b"")) == (
        "ParseError",
        "input.malformed",
    )


def written(file: dict[str, Any]) -> str:
    return canonical(file).decode()


# --- seal


def context_for(key: seal.OpeningKey, question: str = "q1") -> dict[str, str]:
    return {
        "request": "irq_test",
        "question": question,
        "category": "zorg_betrokkenheid",
        "person": "ps_tést",
        "decision": "dec_test",
        "requester": "org:a",
        "responder": "org:b",
        "recipient": key.key_id,
    }


PLAINTEXT = st.binary(max_size=3000) | st.sampled_from([1019, 1020, 1021, 2044, seal.MAX_PLAINTEXT_BYTES]).map(bytes)


@given(opening_seed=SEED, signing_seed=SEED, plaintext=PLAINTEXT)
@settings(max_examples=30)
def test_python_opens_what_the_browser_sealed(
    browser: BrowserClient, opening_seed: bytes, signing_seed: bytes, plaintext: bytes
) -> None:
    key, responder = seal.OpeningKey.from_seed(opening_seed), Ed25519PrivateKey.from_private_bytes(signing_seed)
    context = context_for(key)
    part = {"plaintext": plaintext, "context": context, "recipient": key.public, "seed": signing_seed}
    sealed = browser("seal", part)
    public = responder.public_key().public_bytes_raw()
    opened = seal.open_sealed(sealed=sealed, context=seal.SealContext(**context), private=key, responder_public=public)
    assert opened == plaintext
    assert browser("seal", part) != sealed


@given(opening_seed=SEED, signing_seed=SEED, plaintext=PLAINTEXT)
@settings(max_examples=30)
def test_browser_opens_what_python_sealed(
    browser: BrowserClient, opening_seed: bytes, signing_seed: bytes, plaintext: bytes
) -> None:
    key, responder = seal.OpeningKey.from_seed(opening_seed), Ed25519PrivateKey.from_private_bytes(signing_seed)
    context = context_for(key)
    sealed = seal.seal(
        plaintext=plaintext,
        context=seal.SealContext(**context),
        recipient=seal.RecipientKey(key.public),
        sign=responder.sign,
    )
    public = responder.public_key().public_bytes_raw()
    part = {"sealed": sealed, "context": context, "seed": opening_seed, "responderPublic": public}
    assert browser("openSealed", part) == plaintext


def test_browser_refuses_to_seal_too_much_or_to_another_key(browser: BrowserClient) -> None:
    key = seal.OpeningKey.from_seed(bytes(32))
    part = {"plaintext": b"", "context": context_for(key), "recipient": key.public, "seed": bytes(32)}
    too_much = {**part, "plaintext": bytes(seal.MAX_PLAINTEXT_BYTES + 1)}
    assert outcome(lambda: browser("seal", too_much)) == ("InputError", "seal.too_large")
    other = {**part, "recipient": seal.OpeningKey.from_seed(b"\1" * 32).public}
    assert outcome(lambda: browser("seal", other)) == ("InputError", "seal.other_recipient")


@pytest.mark.parametrize(
    "padded",
    [
        (5).to_bytes(4, "big") + b"hallo" + bytes(1014) + b"\1",
        (1021).to_bytes(4, "big") + bytes(1020),
        (5).to_bytes(4, "big") + bytes(2044),
        b"\xff" * 1024,
    ],
    ids=["filled with something", "longer than it is", "a block too many", "absurd length"],
)
def test_browser_refuses_another_padding(browser: BrowserClient, padded: bytes) -> None:
    key, responder = seal.OpeningKey.from_seed(bytes(32)), Ed25519PrivateKey.from_private_bytes(bytes(32))
    context = seal.SealContext(**context_for(key))
    body = seal._VERSION + seal._SUITE.encrypt(padded, seal._public_key(key.public), context.info)
    sealed = body + responder.sign(seal._signed_message(context, body))
    public = responder.public_key().public_bytes_raw()
    with pytest.raises(BrokerError) as expected:
        seal.open_sealed(sealed=sealed, context=context, private=key, responder_public=public)
    part: dict[str, Any] = {"sealed": sealed, "context": context_for(key), "seed": bytes(32), "responderPublic": public}
    assert expected.value.code == "integrity.seal.padding"
    assert outcome(lambda: browser("openSealed", part)) == ("SealError", "integrity.seal.padding")

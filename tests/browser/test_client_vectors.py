"""The browser's client against the published and our own vectors: what they accept and what they refuse."""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from browsing import BrowserClient, Refusal
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.crypto import keyfile, seal
from broker.kernel.errors import BrokerError

VECTORS = Path(__file__).parent.parent / "vectors"
OURS = {path.stem: json.loads(path.read_text("ascii")) for path in (VECTORS / "ours").glob("*.json")}
PUBLISHED = {path.stem: json.loads(path.read_text("ascii")) for path in (VECTORS / "published").glob("*.json")}


def rows(items: list[dict[str, Any]]) -> pytest.MarkDecorator:
    names = [item.get("name", str(number)) for number, item in enumerate(items)]
    return pytest.mark.parametrize("row", items, ids=names)


def unhex(items: list[str]) -> list[bytes]:
    return [bytes.fromhex(item) for item in items]


# --- canonical


@rows(PUBLISHED["canonical"]["numbers"])
def test_browser_canonical_number_is_that_of_rfc_8785(browser: BrowserClient, row: dict[str, Any]) -> None:
    assert browser("canonicalNumber", row["bits"]) == row["canonical"].encode()
    assert browser("parseCanonical", row["canonical"].encode()) == row["canonical"].encode()


@rows(PUBLISHED["canonical"]["invalid"])
def test_browser_canonical_refuses_what_rfc_8785_refuses(browser: BrowserClient, row: dict[str, Any]) -> None:
    with pytest.raises(Refusal) as refused:
        browser("canonicalNumber", row["bits"])
    assert (refused.value.name, refused.value.code) == ("InputError", "input.not_canonical")


@rows(PUBLISHED["canonical"]["generate"])
def test_browser_canonical_object_is_the_published_one(browser: BrowserClient, row: dict[str, Any]) -> None:
    assert browser("canonical", row["json"]) == row["canonical"].encode()
    assert browser("parseCanonical", row["canonical"].encode()) == row["canonical"].encode()


@rows(OURS["canonical"]["generate"])
def test_browser_canonical_digest_is_the_recorded_one(browser: BrowserClient, row: dict[str, Any]) -> None:
    written = browser("canonical", json.dumps(row["value"]))
    assert written == row["canonical"].encode()
    assert "sha256:" + hashlib.sha256(written).hexdigest() == row["digest"]


@rows(OURS["canonical"]["invalid"])
def test_browser_canonical_parser_refuses(browser: BrowserClient, row: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=row["expect"]) as refused:
        browser("parseCanonical", bytes.fromhex(row["bytes"]))
    assert (refused.value.name, refused.value.code) == ("ParseError", "input.malformed")


# --- merkle


def test_browser_merkle_hashes_are_the_published_ones(browser: BrowserClient) -> None:
    leaf, node = PUBLISHED["merkle"]["hashes"]
    assert browser("leafHash", bytes.fromhex(leaf["leaf"])).hex() == leaf["hash"]
    assert browser("nodeHash", bytes.fromhex(node["left"]), bytes.fromhex(node["right"])).hex() == node["hash"]


def claim(row: dict[str, Any], leaf: bytes, root: str) -> dict[str, Any]:
    return {
        "index": row["index"],
        "size": row["size"],
        "leaf": leaf,
        "proof": unhex(row["proof"]),
        "root": bytes.fromhex(root),
    }


@rows(PUBLISHED["merkle"]["inclusion"])
def test_browser_accepts_the_published_inclusion_proof(browser: BrowserClient, row: dict[str, Any]) -> None:
    roots = {item["size"]: item["root"] for item in PUBLISHED["merkle"]["generate"]}
    leaf = browser("leafHash", bytes.fromhex(PUBLISHED["merkle"]["leaves"][row["index"]]))
    browser("verifyInclusion", claim(row, leaf, roots[row["size"]]))


@rows(OURS["merkle"]["inclusion"])
def test_browser_accepts_the_recorded_inclusion_proof(browser: BrowserClient, row: dict[str, Any]) -> None:
    assert browser("leafHash", f"entry {row['index']}".encode()).hex() == row["leaf"]
    browser("verifyInclusion", claim(row, bytes.fromhex(row["leaf"]), row["root"]))


@rows(OURS["merkle"]["invalid"]["inclusion"])
def test_browser_refuses_inclusion_with(browser: BrowserClient, row: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=row["expect"]) as refused:
        browser("verifyInclusion", claim(row, bytes.fromhex(row["leaf"]), row["root"]))
    assert refused.value.name == "ProofError"


# --- note and checkpoint


@rows(PUBLISHED["note"]["generate"])
def test_browser_verifies_the_published_note(browser: BrowserClient, row: dict[str, Any]) -> None:
    assert browser("verifyNote", row["note"], row["verifier"]) == [row["name"]]
    assert browser("rewriteNote", row["note"]) == row["note"]


@rows(PUBLISHED["note"]["parse"])
def test_browser_reads_the_published_note(browser: BrowserClient, row: dict[str, Any]) -> None:
    assert browser("signersOf", row["note"]) == row["names"]
    assert browser("rewriteNote", row["note"]) == row["note"]


def test_browser_reads_the_published_checkpoint(browser: BrowserClient) -> None:
    row = PUBLISHED["note"]["parse"][1]
    found = browser("parseCheckpoint", row["note"].rpartition("\n\n")[0] + "\n")
    assert {**found, "size": int(found["size"]), "root": found["root"].hex()} == row["checkpoint"]


@rows(PUBLISHED["note"]["verifier_keys"])
def test_browser_reads_the_published_verifier_key(browser: BrowserClient, row: dict[str, Any]) -> None:
    found = browser("parseVerifierKey", row["vkey"])
    material = base64.b64encode(b"\x01" + found["publicKey"]).decode()
    assert f"{found['name']}+{found['keyId'].hex()}+{material}" == row["vkey"]


@rows(PUBLISHED["note"]["invalid"] + OURS["note"]["invalid_vkey"])
def test_browser_refuses_the_verifier_key(browser: BrowserClient, row: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=row["expect"]) as refused:
        browser("parseVerifierKey", row["vkey"])
    assert refused.value.name == "ParseError"


def test_browser_says_that_it_does_not_verify_ml_dsa(browser: BrowserClient) -> None:
    material = base64.b64encode(b"\x06" + bytes(1312)).decode()
    with pytest.raises(Refusal, match="not supported here") as refused:
        browser("parseVerifierKey", f"log.example.nl+00000000+{material}")
    assert (refused.value.name, refused.value.code) == ("KeyUnavailable", "key.not_supported")


@rows(OURS["note"]["generate"])
def test_browser_verifies_the_recorded_note(browser: BrowserClient, row: dict[str, Any]) -> None:
    name = row["vkey"].partition("+")[0]
    assert browser("verifyNote", row["note"], row["vkey"]) == [name]
    assert browser("parseCheckpoint", row["text"])["origin"] == name


@rows(OURS["note"]["unverified"])
def test_browser_does_not_verify_a_note_with(browser: BrowserClient, row: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=row["expect"]) as refused:
        browser("verifyNote", row["note"], row["vkey"])
    assert refused.value.name == "SignatureError"


@rows(OURS["note"]["invalid"])
def test_browser_note_parser_refuses(browser: BrowserClient, row: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=row["expect"]) as refused:
        browser("rewriteNote", row["note"])
    assert refused.value.name == "ParseError"


@rows(OURS["note"]["invalid_checkpoint"])
def test_browser_checkpoint_parser_refuses(browser: BrowserClient, row: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match=row["expect"]) as refused:
        browser("parseCheckpoint", row["text"])
    assert refused.value.name == "ParseError"


# --- seal


@rows(PUBLISHED["seal"]["xwing"])
def test_browser_opening_key_from_seed_is_that_of_the_draft(browser: BrowserClient, row: dict[str, Any]) -> None:
    assert browser("openingPublic", bytes.fromhex(row["seed"])).hex() == row["public"]


def recorded_seal() -> dict[str, Any]:
    table = OURS["seal"]
    return {
        "sealed": bytes.fromhex(table["verify"][0]["sealed"]),
        "context": table["context"],
        "responderPublic": bytes.fromhex(table["responder_public"]),
        "seed": bytes.fromhex(table["recipient_seed"]),
    }


def test_browser_opens_the_recorded_seal(browser: BrowserClient) -> None:
    table, part = OURS["seal"], recorded_seal()
    public = browser("openingPublic", part["seed"])
    assert hashlib.sha256(public).hexdigest() == table["recipient_public_sha256"]
    assert browser("recipientKeyId", public) == browser("keyId", public) == table["recipient_key_id"]
    assert browser("sealInfo", part["context"]).hex() == table["info"]
    assert browser("openSealed", part).hex() == table["verify"][0]["plaintext"]


@rows(OURS["seal"]["invalid"])
def test_browser_does_not_open_a_seal_with(browser: BrowserClient, row: dict[str, Any]) -> None:
    part = recorded_seal()
    responder = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(OURS["seal"]["responder_seed"]))
    changed = bytearray(part["sealed"][: len(part["sealed"]) - row.get("cut", 0)])
    if "flip" in row:
        changed[row["flip"]] ^= 1
    if "change" in row:
        part["context"] = {**part["context"], row["change"]: "another"}
    context = seal.SealContext(**part["context"])
    if "resign" in row:
        changed[-64:] = responder.sign(seal._signed_message(context, bytes(changed[:-64])))
    part["sealed"] = bytes(changed)

    with pytest.raises(BrokerError) as expected:
        seal.open_sealed(
            sealed=part["sealed"],
            context=context,
            private=seal.OpeningKey.from_seed(part["seed"]),
            responder_public=part["responderPublic"],
        )
    with pytest.raises(Refusal, match=row["expect"]) as refused:
        browser("openSealed", part)
    assert (refused.value.name, refused.value.code) == (type(expected.value).__name__, expected.value.code)


# --- key file and commitment


def test_browser_makes_the_recorded_key_file_of_the_recorded_randomness(browser: BrowserClient) -> None:
    (row,) = OURS["keyfile"]["generate"]
    drawn = {name: bytes.fromhex(row[name]) for name in ("seeds", "salt", "nonce")}
    assert browser("makeKeyfileFrom", row["passphrase"], drawn) == row["file"]


def test_browser_unlocks_the_recorded_key_file_and_only_with_its_passphrase(browser: BrowserClient) -> None:
    (row,) = OURS["keyfile"]["generate"]
    keys = keyfile.PersonalKeys.from_seeds(bytes.fromhex(row["seeds"]))
    found = browser("unlockKeyfile", row["file"], row["passphrase"], b"message")
    expected = {"opening": keys.public_opening, "signing": keys.public_signing, "signature": keys.sign(b"message")}
    assert found == expected
    with pytest.raises(Refusal) as refused:
        browser("unlockKeyfile", row["file"], row["passphrase"] + " ", b"")
    assert (refused.value.name, refused.value.code) == ("KeyUnavailable", "key.wrong_passphrase")


@rows(OURS["keyfile"]["invalid"])
def test_browser_key_file_parser_refuses(browser: BrowserClient, row: dict[str, Any]) -> None:
    text = OURS["keyfile"]["generate"][0]["file"].replace(row["from"], row["to"])
    with pytest.raises(BrokerError) as expected:
        keyfile.unlock_keyfile(text, "dit is geen geheim")
    with pytest.raises(Refusal, match=row["expect"]) as refused:
        browser("unlockKeyfile", text, "dit is geen geheim", b"")
    assert (refused.value.name, refused.value.code) == (type(expected.value).__name__, expected.value.code)


@rows(OURS["commitment"]["generate"])
def test_browser_commitment_is_the_recorded_one(browser: BrowserClient, row: dict[str, Any]) -> None:
    salt, detail = bytes.fromhex(OURS["commitment"]["salt"]), json.dumps(row["detail"])
    assert browser("commit", detail, salt) == row["commitment"]
    browser("verifyCommitment", detail, salt, row["commitment"])
    with pytest.raises(Refusal) as refused:
        browser("verifyCommitment", detail, bytes(32), row["commitment"])
    assert (refused.value.name, refused.value.code) == ("IntegrityError", "integrity.commitment")


# --- answer


@rows(OURS["answer"]["seal"])
def test_browser_answer_seals_what_was_weighed_and_decided(browser: BrowserClient, row: dict[str, Any]) -> None:
    if "refused" in row:
        with pytest.raises(Refusal) as refused:
            browser("plaintexts", row["previewed"], row["answers"])
        assert refused.value.code == row["refused"]
    else:
        found = browser("plaintexts", row["previewed"], row["answers"])
        assert [{**part, "plaintext": part["plaintext"].hex()} for part in found] == row["plaintexts"]


@rows(OURS["answer"]["open"])
def test_browser_answer_holds_statements_and_nothing_else(browser: BrowserClient, row: dict[str, Any]) -> None:
    plaintext = bytes.fromhex(row["plaintext"])
    if row["statements"] is None:
        with pytest.raises(Refusal) as refused:
            browser("statementsIn", plaintext)
        assert refused.value.name == "SealError"
    else:
        assert browser("statementsIn", plaintext) == row["statements"]

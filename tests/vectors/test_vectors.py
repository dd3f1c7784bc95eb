"""Published and own vectors against the code, and our own against the program that writes them."""

from __future__ import annotations

import base64
import json
import runpy
import struct
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from broker.client import parts
from broker.crypto import canonical, checkpoint, commitment, envelope, keyfile, merkle, note, pseudonym, seal
from broker.kernel.errors import InputError, KeyUnavailable, ParseError, ProofError, SealError, SignatureError

HERE = Path(__file__).parent
OURS = {path.stem: json.loads(path.read_text("ascii")) for path in (HERE / "ours").glob("*.json")}
PUBLISHED = {path.stem: json.loads(path.read_text("ascii")) for path in (HERE / "published").glob("*.json")}


def rows(items: list[dict[str, Any]]) -> pytest.MarkDecorator:
    names = [item.get("name", str(number)) for number, item in enumerate(items)]
    return pytest.mark.parametrize("row", items, ids=names)


def unhex(items: list[str]) -> list[bytes]:
    return [bytes.fromhex(item) for item in items]


def test_own_vectors_are_what_the_program_writes():
    made = runpy.run_path(str(HERE / "build.py"))["files"]()
    assert made == {path.name: path.read_text("ascii") for path in (HERE / "ours").glob("*.json")}


# --- canonical


@rows(PUBLISHED["canonical"]["numbers"])
def test_canonical_number_is_that_of_rfc_8785(row):
    (number,) = struct.unpack(">d", bytes.fromhex(row["bits"]))
    assert canonical.canonical(number) == row["canonical"].encode()
    assert canonical.parse_canonical(row["canonical"].encode()) == number


@rows(PUBLISHED["canonical"]["invalid"])
def test_canonical_refuses_what_rfc_8785_refuses(row):
    (number,) = struct.unpack(">d", bytes.fromhex(row["bits"]))
    with pytest.raises(InputError):
        canonical.canonical(number)


@rows(PUBLISHED["canonical"]["generate"])
def test_canonical_object_is_the_published_one(row):
    written = canonical.canonical(json.loads(row["json"]))
    assert written == row["canonical"].encode()
    assert canonical.canonical(canonical.parse_canonical(written)) == written


@rows(OURS["canonical"]["generate"])
def test_canonical_digest_is_the_recorded_one(row):
    assert canonical.canonical(row["value"]) == row["canonical"].encode()
    assert canonical.digest(row["value"]) == row["digest"]


@rows(OURS["canonical"]["invalid"])
def test_canonical_parser_refuses(row):
    with pytest.raises(ParseError, match=row["expect"]):
        canonical.parse_canonical(bytes.fromhex(row["bytes"]))


# --- merkle


@rows(PUBLISHED["merkle"]["generate"])
def test_merkle_root_is_the_published_one(row):
    leaves = [merkle.leaf_hash(entry) for entry in unhex(PUBLISHED["merkle"]["leaves"])]
    assert merkle.root(leaves[: row["size"]]).hex() == row["root"]


def test_merkle_hashes_are_the_published_ones():
    leaf, node = PUBLISHED["merkle"]["hashes"]
    assert merkle.leaf_hash(bytes.fromhex(leaf["leaf"])).hex() == leaf["hash"]
    assert merkle.node_hash(bytes.fromhex(node["left"]), bytes.fromhex(node["right"])).hex() == node["hash"]


def subtree(leaves: list[bytes]) -> merkle.Node:
    return lambda level, i: merkle.root(leaves[i << level : (i + 1) << level])


@rows(PUBLISHED["merkle"]["inclusion"])
def test_merkle_inclusion_proof_is_the_published_one(row):
    leaves = [merkle.leaf_hash(entry) for entry in unhex(PUBLISHED["merkle"]["leaves"])]
    index, size, proof = row["index"], row["size"], unhex(row["proof"])
    assert merkle.inclusion_proof(index, size, subtree(leaves)) == tuple(proof)
    merkle.verify_inclusion(
        index=index, size=size, leaf_hash=leaves[index], proof=proof, root=merkle.root(leaves[:size])
    )


@rows(PUBLISHED["merkle"]["consistency"])
def test_merkle_consistency_proof_is_the_published_one(row):
    leaves = [merkle.leaf_hash(entry) for entry in unhex(PUBLISHED["merkle"]["leaves"])]
    old, new, proof = row["old"], row["new"], unhex(row["proof"])
    assert merkle.consistency_proof(old, new, subtree(leaves)) == tuple(proof)
    merkle.verify_consistency(
        old_size=old,
        new_size=new,
        old_root=merkle.root(leaves[:old]),
        new_root=merkle.root(leaves[:new]),
        proof=proof,
    )


def verify_inclusion_of(row: dict[str, Any]) -> None:
    merkle.verify_inclusion(
        index=row["index"],
        size=row["size"],
        leaf_hash=bytes.fromhex(row["leaf"]),
        proof=unhex(row["proof"]),
        root=bytes.fromhex(row["root"]),
    )


def verify_consistency_of(row: dict[str, Any]) -> None:
    old_root, new_root = unhex(row["roots"])
    merkle.verify_consistency(
        old_size=row["old"], new_size=row["new"], old_root=old_root, new_root=new_root, proof=unhex(row["proof"])
    )


@rows(OURS["merkle"]["inclusion"])
def test_merkle_recorded_inclusion_verifies(row):
    verify_inclusion_of(row)


@rows(OURS["merkle"]["consistency"])
def test_merkle_recorded_consistency_verifies(row):
    verify_consistency_of(row)


@rows(OURS["merkle"]["invalid"]["inclusion"])
def test_merkle_refuses_inclusion_with(row):
    with pytest.raises(ProofError, match=row["expect"]):
        verify_inclusion_of(row)


@rows(OURS["merkle"]["invalid"]["consistency"])
def test_merkle_refuses_consistency_with(row):
    with pytest.raises(ProofError, match=row["expect"]):
        verify_consistency_of(row)


# --- note and checkpoint


def test_note_by_the_published_key_is_the_published_note():
    (row,) = PUBLISHED["note"]["generate"]
    material = base64.b64decode(row["signer"].split("+", 4)[4])
    key = Ed25519PrivateKey.from_private_bytes(material[1:])
    verifier_key = note.parse_verifier_key(row["verifier"])
    signed = note.sign_note(row["text"], name=verifier_key.name, public=verifier_key.public, sign=key.sign)
    assert note.format_note(signed) == row["note"]
    assert note.verify_note(note.parse_note(row["note"]), [verifier_key]) == ("PeterNeumann",)


@rows(PUBLISHED["note"]["parse"])
def test_note_published_example_reads_and_writes_back(row):
    parsed = note.parse_note(row["note"])
    assert [item.name for item in parsed.signatures] == row["names"]
    assert note.format_note(parsed) == row["note"]


def test_checkpoint_published_example_reads_and_writes_back():
    row = PUBLISHED["note"]["parse"][1]
    text = note.parse_note(row["note"]).text
    found = checkpoint.parse_checkpoint(text)
    assert {"origin": found.origin, "size": found.size, "root": found.root.hex()} == row["checkpoint"]
    assert checkpoint.format_checkpoint(found) == text


@rows(PUBLISHED["note"]["verifier_keys"])
def test_verifier_key_published_example_reads_and_writes_back(row):
    assert note.format_verifier_key(note.parse_verifier_key(row["vkey"])) == row["vkey"]


@rows(PUBLISHED["note"]["invalid"] + OURS["note"]["invalid_vkey"])
def test_verifier_key_refuses(row):
    with pytest.raises(ParseError, match=row["expect"]):
        note.parse_verifier_key(row["vkey"])


def test_note_recorded_one_is_made_and_verified():
    (row,) = OURS["note"]["generate"]
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(row["seed"]))
    verifier_key = note.parse_verifier_key(row["vkey"])
    signed = note.sign_note(row["text"], name=verifier_key.name, public=verifier_key.public, sign=key.sign)
    assert note.format_note(signed) == row["note"]
    assert note.verify_note(note.parse_note(row["note"]), [verifier_key]) == (verifier_key.name,)
    assert checkpoint.format_checkpoint(checkpoint.parse_checkpoint(row["text"])) == row["text"]


@rows(OURS["note"]["unverified"])
def test_note_is_not_verified_with(row):
    with pytest.raises(SignatureError, match=row["expect"]):
        note.verify_note(note.parse_note(row["note"]), [note.parse_verifier_key(row["vkey"])])


@rows(OURS["note"]["invalid"])
def test_note_parser_refuses(row):
    with pytest.raises(ParseError, match=row["expect"]):
        note.parse_note(row["note"])


@rows(OURS["note"]["invalid_checkpoint"])
def test_checkpoint_parser_refuses(row):
    with pytest.raises(ParseError, match=row["expect"]):
        checkpoint.parse_checkpoint(row["text"])


# --- seal


@rows(PUBLISHED["seal"]["xwing"])
def test_opening_key_from_seed_is_that_of_the_draft(row):
    assert seal.OpeningKey.from_seed(bytes.fromhex(row["seed"])).public.hex() == row["public"]


@rows(PUBLISHED["seal"]["hpke"])
def test_hpke_of_the_library_opens_the_published_ciphertext(row):
    # The published ones have associated data, which the library only takes through the door its own tests use.
    suite = hpke.Suite(getattr(hpke.KEM, row["kem"]), getattr(hpke.KDF, row["kdf"]), getattr(hpke.AEAD, row["aead"]))
    private: Any = (
        X25519PrivateKey.from_private_bytes(bytes.fromhex(row["private"]))
        if row["kem"] == "X25519"
        else seal.OpeningKey.from_seed(bytes.fromhex(row["private"]))._private
    )
    sealed = bytes.fromhex(row["enc"] + row["ct"])
    opened = openssl.hpke._decrypt_with_aad(
        suite, sealed, private, bytes.fromhex(row["info"]), bytes.fromhex(row["aad"])
    )
    assert opened.hex() == row["pt"]


def recorded_seal() -> tuple[seal.OpeningKey, Ed25519PrivateKey, seal.SealContext, bytes]:
    table = OURS["seal"]
    return (
        seal.OpeningKey.from_seed(bytes.fromhex(table["recipient_seed"])),
        Ed25519PrivateKey.from_private_bytes(bytes.fromhex(table["responder_seed"])),
        seal.SealContext(**table["context"]),
        bytes.fromhex(table["verify"][0]["sealed"]),
    )


def test_seal_recorded_one_opens():
    private, responder, context, sealed = recorded_seal()
    table = OURS["seal"]
    assert context.info.hex() == table["info"]
    assert private.key_id == table["recipient_key_id"]
    public = responder.public_key().public_bytes_raw()
    opened = seal.open_sealed(sealed=sealed, context=context, private=private, responder_public=public)
    assert opened.hex() == table["verify"][0]["plaintext"]


@rows(OURS["seal"]["invalid"])
def test_seal_does_not_open_with(row):
    private, responder, context, sealed = recorded_seal()
    changed = bytearray(sealed[: len(sealed) - row.get("cut", 0)])
    if "flip" in row:
        changed[row["flip"]] ^= 1
    if "change" in row:
        context = seal.SealContext(**{**OURS["seal"]["context"], row["change"]: "another"})
    if "resign" in row:  # a responder who signs what he did not seal for this
        changed[-64:] = responder.sign(seal._signed_message(context, bytes(changed[:-64])))
    public = responder.public_key().public_bytes_raw()
    with pytest.raises((ParseError, SignatureError, SealError), match=row["expect"]):
        seal.open_sealed(sealed=bytes(changed), context=context, private=private, responder_public=public)


# --- key file


def test_keyfile_recorded_one_unlocks_at_real_cost_and_only_with_its_passphrase():
    (row,) = OURS["keyfile"]["generate"]
    keys = keyfile.unlock_keyfile(row["file"], row["passphrase"])
    assert keys.opening_key == seal.OpeningKey.from_seed(bytes.fromhex(row["seeds"])[:32])
    with pytest.raises(KeyUnavailable) as caught:
        keyfile.unlock_keyfile(row["file"], row["passphrase"] + " ")
    assert caught.value.code == "key.wrong_passphrase"


@rows(OURS["keyfile"]["invalid"])
def test_keyfile_parser_refuses(row):
    text = OURS["keyfile"]["generate"][0]["file"]
    assert row["from"] in text
    with pytest.raises(ParseError, match=row["expect"]):
        keyfile.unlock_keyfile(text.replace(row["from"], row["to"]), "dit is geen geheim")


# --- answer


@rows(OURS["answer"]["seal"])
def test_answer_seals_what_was_weighed_and_decided(row):
    if "refused" in row:
        with pytest.raises(SealError) as refused:
            list(parts.plaintexts(row["previewed"], row["answers"]))
        assert refused.value.code == row["refused"]
    else:
        found = parts.plaintexts(row["previewed"], row["answers"])
        assert [{**part, "plaintext": plaintext.hex()} for part, plaintext in found] == row["plaintexts"]


@rows(OURS["answer"]["open"])
def test_answer_holds_statements_and_nothing_else(row):
    plaintext = bytes.fromhex(row["plaintext"])
    if row["statements"] is None:
        with pytest.raises(SealError):
            parts.statements_in(plaintext)
    else:
        assert parts.statements_in(plaintext) == row["statements"]


# --- pseudonym, commitment, envelope


@rows(OURS["pseudonym"]["generate"])
def test_pseudonym_is_the_recorded_one(row):
    arguments = {name: row[name] for name in ("purpose", "organisation", "identifier")}
    assert pseudonym.pseudonym(key=bytes.fromhex(OURS["pseudonym"]["key"]), **arguments) == row["pseudonym"]


@rows(OURS["commitment"]["generate"])
def test_commitment_is_the_recorded_one(row):
    salt = bytes.fromhex(OURS["commitment"]["salt"])
    assert commitment.commit(row["detail"], salt=salt) == row["commitment"]
    commitment.verify_commitment(row["detail"], salt=salt, commitment=row["commitment"])


def test_envelope_recorded_ones_open():
    table = OURS["envelope"]
    data_key, key_encryption_key = bytes.fromhex(table["data_key"]), bytes.fromhex(table["key_encryption_key"])
    (field,), (wrapped,) = table["verify"], table["unwrap"]
    place = {name: field[name] for name in ("table", "column", "row")}
    assert envelope.decrypt_field(data_key, bytes.fromhex(field["encrypted"]), **place) == field["plaintext"]
    context = wrapped["context"].encode()
    found = envelope.unwrap(bytes.fromhex(wrapped["wrapped"]), key_encryption_key=key_encryption_key, context=context)
    assert found == data_key

"""Regenerates our own vectors in `ours/`; `published/` holds those of others and is never written by a program.

Run from the checkout: `python tests/vectors/build.py`. A test compares what this writes with what is committed, byte by
byte. Every key in here is a test key, made from a sentence that says so. HPKE draws its randomness inside the library,
so the one sealed part is recorded: it is kept for as long as it opens, and made anew only when the file is gone.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.client.parts import plaintexts
from broker.crypto import canonical, checkpoint, commitment, envelope, keyfile, merkle, note, pseudonym, seal
from broker.kernel.errors import SealError

OURS = Path(__file__).parent / "ours"
ORIGIN = "log.example.nl/deelgrond-test"


def example_bytes(what: str, count: int = 32) -> bytes:
    """Return bytes that anyone can make from a sentence: no secret."""
    return hashlib.shake_256(f"deelgrond test vector, not a secret: {what}".encode()).digest(count)


LOG_KEY = Ed25519PrivateKey.from_private_bytes(example_bytes("log key"))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(example_bytes("other log key"))
RESPONDER_KEY = Ed25519PrivateKey.from_private_bytes(example_bytes("responder key"))
RECIPIENT_SEED = example_bytes("recipient seed")


def canonical_table() -> dict[str, Any]:
    values = [
        {"b": 1, "a": [True, None, "é"], "A": {}},
        [],
        "",
        {"dag": "2026-11-22", "personen": ["ps_b", "ps_a"], "aantal": 2},
    ]
    return {
        "generate": [
            {"value": v, "canonical": canonical.canonical(v).decode(), "digest": canonical.digest(v)} for v in values
        ],
        "invalid": [
            {"name": name, "bytes": data.hex(), "expect": expect}
            for name, data, expect in [
                ("nothing", b"", "not canonical JSON"),
                ("white space", b'{"a": 1}', "not in its canonical form"),
                ("final newline", b"{}\n", "not in its canonical form"),
                ("byte order mark", b"\xef\xbb\xbf{}", "not canonical JSON"),
                ("keys out of order", b'{"b":1,"a":2}', "not in its canonical form"),
                ("key twice", b'{"a":1,"a":1}', "key twice"),
                ("other spelling of a number", b"1.0", "not in its canonical form"),
                ("negative zero", b"-0", "not in its canonical form"),
                ("beyond a double", b"1e999", "not canonical JSON"),
                ("many digits", b"9" * 500, "not canonical JSON"),
                ("digits a double does not keep", b"9007199254740993", "not in its canonical form"),
                ("not a number", b"NaN", "NaN and infinity"),
                ("spare escape", b'"\\u0041"', "not in its canonical form"),
                ("lone surrogate", b'"\\ud800"', "not canonical JSON"),
                ("lone surrogate in a key", b'{"\\ud800":1}', "not canonical JSON"),
                ("not UTF-8", b'"\xff"', "not canonical JSON"),
                ("something after it", b"{}{}", "not canonical JSON"),
                ("too deep", b"[" * 2_000, "not canonical JSON"),
            ]
        ],
    }


def merkle_table() -> dict[str, Any]:
    entries = [f"entry {i}".encode() for i in range(70)]
    leaves = [merkle.leaf_hash(entry) for entry in entries]
    nodes: dict[tuple[int, int], bytes] = {}
    for size, leaf in enumerate(leaves):
        nodes.update({(level, i): h for level, i, h in merkle.append(size, leaf, lambda *at: nodes[at])})

    def node(level: int, index: int) -> bytes:
        return nodes[level, index]

    def roots(*sizes: int) -> list[str]:
        return [merkle.root(leaves[:size]).hex() for size in sizes]

    inclusion = [
        {
            "index": i,
            "size": n,
            "leaf": leaves[i].hex(),
            "root": roots(n)[0],
            "proof": _hex(merkle.inclusion_proof(i, n, node)),
        }
        for i, n in [(0, 1), (6, 7), (3, 8), (64, 65), (41, 70), (69, 70)]
    ]
    consistency = [
        {"old": m, "new": n, "roots": roots(m, n), "proof": _hex(merkle.consistency_proof(m, n, node))}
        for m, n in [(0, 5), (3, 7), (4, 8), (7, 7), (33, 70), (64, 70)]
    ]
    i5, c = inclusion[4], consistency[4]
    flipped = [f"{int(i5['proof'][0][:2], 16) ^ 1:02x}{i5['proof'][0][2:]}", *i5["proof"][1:]]
    return {
        "entries": "entry 0, entry 1, … in ASCII",
        "generate": [{"size": n, "root": roots(n)[0]} for n in (0, 1, 2, 3, 7, 8, 64, 65, 70)],
        "inclusion": inclusion,
        "consistency": consistency,
        "invalid": {
            "inclusion": [
                {**i5, "name": "a flipped bit", "proof": flipped, "expect": "does not lead to the root"},
                {**i5, "name": "other index", "index": 40, "expect": "does not lead to the root"},
                {**i5, "name": "index outside", "index": 70, "expect": "outside the tree"},
                {**i5, "name": "wrong tree size", "size": 7_000, "expect": "too short"},
                {**i5, "name": "a hash dropped", "proof": i5["proof"][:-1], "expect": "too short"},
                {**i5, "name": "a hash added", "proof": [*i5["proof"], i5["root"]], "expect": "too long"},
                {
                    **i5,
                    "name": "a hash cut off",
                    "proof": [i5["proof"][0][:-2], *i5["proof"][1:]],
                    "expect": "not 32 bytes",
                },
            ],
            "consistency": [
                {**c, "name": "other old root", "roots": [c["roots"][1]] * 2, "expect": "does not lead to both roots"},
                {**c, "name": "sizes exchanged", "old": 70, "new": 33, "expect": "larger than the newer"},
                {**c, "name": "a hash dropped", "proof": c["proof"][:-1], "expect": "too short"},
                {**c, "name": "no hashes", "proof": [], "expect": "too short"},
                {**c, "name": "a hash added", "proof": [*c["proof"], c["roots"][1]], "expect": "too long"},
                {**c, "name": "a proof for equal sizes", "old": 70, "expect": "too long"},
                {
                    "name": "two roots for one size",
                    "old": 7,
                    "new": 7,
                    "roots": roots(7, 8),
                    "proof": [],
                    "expect": "two roots",
                },
                {
                    "name": "empty tree with a root",
                    "old": 0,
                    "new": 5,
                    "roots": roots(1, 5),
                    "proof": [],
                    "expect": "empty tree",
                },
            ],
        },
    }


def note_table() -> dict[str, Any]:
    leaves = [merkle.leaf_hash(f"entry {i}".encode()) for i in range(70)]
    text = checkpoint.format_checkpoint(checkpoint.Checkpoint(ORIGIN, 70, merkle.root(leaves)))
    signed = note.format_note(
        note.sign_note(text, name=ORIGIN, public=LOG_KEY.public_key().public_bytes_raw(), sign=LOG_KEY.sign)
    )
    line = signed.rpartition("\n\n")[2]
    vkeys = [
        note.format_verifier_key(note.VerifierKey(ORIGIN, key.public_key().public_bytes_raw()))
        for key in (LOG_KEY, OTHER_KEY)
    ]
    root = text.split("\n")[2]
    return {
        "generate": [{"seed": example_bytes("log key").hex(), "vkey": vkeys[0], "text": text, "note": signed}],
        "unverified": [
            {"name": "another key of that name", "note": signed, "vkey": vkeys[1], "expect": "no trusted key"},
            {
                "name": "another text",
                "note": signed.replace("\n70\n", "\n71\n"),
                "vkey": vkeys[0],
                "expect": "does not verify",
            },
        ],
        "invalid": [
            {"name": "nothing", "note": "", "expect": "text, an empty line"},
            {"name": "no signature", "note": text, "expect": "text, an empty line"},
            {"name": "no empty line", "note": text + line, "expect": "text, an empty line"},
            {"name": "no final newline", "note": signed[:-1], "expect": "text, an empty line"},
            {"name": "carriage return", "note": signed.replace("\n", "\r\n"), "expect": "text, an empty line"},
            {"name": "tab in the text", "note": "a\tb\n\n" + line, "expect": "control characters"},
            {"name": "hyphen for dash", "note": f"{text}\n-{line[1:]}", "expect": "signature line"},
            {
                "name": "two spaces",
                "note": f"{text}\n{line.replace(' ', '  ')}",
                "expect": "base64 is malformed",
            },
            {"name": "no base64", "note": f"{text}\n— a b$==\n", "expect": "base64 is malformed"},
            {"name": "spare bits in the base64", "note": f"{text}\n— a AAAAAAB=\n", "expect": "canonical form"},
            {"name": "key id only", "note": f"{text}\n— a AAAAAA==\n", "expect": "key id and a signature"},
            {"name": "plus in the name", "note": f"{text}\n— a+b AAAAAAA=\n", "expect": "no plus"},
            {"name": "space in the name", "note": f"{text}\n— a\u00a0b AAAAAAA=\n", "expect": "no space"},
            {"name": "a long name", "note": f"{text}\n— {'a' * 256} AAAAAAA=\n", "expect": "255 bytes"},
            {"name": "33 signatures", "note": f"{text}\n{line * 33}", "expect": "1 to 32 signatures"},
        ],
        "invalid_vkey": [
            {"name": "other id", "vkey": vkeys[0].replace("+", "+0", 1), "expect": "not that of the key"},
            {"name": "no key", "vkey": ORIGIN, "expect": "name.id.key"},
        ],
        "invalid_checkpoint": [
            {"name": "leading zero", "text": text.replace("\n70\n", "\n070\n"), "expect": "three lines"},
            {"name": "plus sign", "text": text.replace("\n70\n", "\n+70\n"), "expect": "three lines"},
            {"name": "other digits", "text": text.replace("\n70\n", "\n７０\n"), "expect": "three lines"},
            {"name": "extension line", "text": text + "extension\n", "expect": "three lines"},
            {"name": "no final newline", "text": text[:-1], "expect": "three lines"},
            {"name": "no origin", "text": text.removeprefix(ORIGIN), "expect": "three lines"},
            {"name": "a long origin", "text": "a" * 256 + text.removeprefix(ORIGIN), "expect": "255 bytes"},
            {"name": "control character", "text": "\x7f\x1f" + text, "expect": "one line"},
            {"name": "too many leaves", "text": text.replace("\n70\n", f"\n{2**63}\n"), "expect": "0 to 2"},
            {
                "name": "spare bits in the root",
                "text": text.replace(root, root[:-2] + "/="),
                "expect": "canonical form",
            },
            {"name": "a root of 33 bytes", "text": text.replace(root, "A" * 44), "expect": "32 bytes"},
            {"name": "a root without leaves", "text": text.replace("\n70\n", "\n0\n"), "expect": "empty tree"},
        ],
    }


def seal_table() -> dict[str, Any]:
    opening_key = seal.OpeningKey.from_seed(RECIPIENT_SEED)
    context = seal.SealContext(
        request="irq_test",
        question="q1",
        category="zorg_betrokkenheid",
        person="ps_test",
        decision="dec_test",
        requester="00000001003214345000",
        responder="00000001802327497000",
        recipient=opening_key.key_id,
    )
    plaintext = b"Ja, sinds maart in behandeling; laatste contact 3 november."
    sealed = _recorded(opening_key, context, plaintext)
    return {
        "recipient_seed": RECIPIENT_SEED.hex(),
        "recipient_public_sha256": hashlib.sha256(opening_key.public).hexdigest(),
        "recipient_key_id": opening_key.key_id,
        "responder_seed": example_bytes("responder key").hex(),
        "responder_public": RESPONDER_KEY.public_key().public_bytes_raw().hex(),
        "context": asdict(context),
        "info": context.info.hex(),
        "verify": [{"name": "recorded", "plaintext": plaintext.hex(), "sealed": sealed.hex()}],
        "invalid": [
            {"name": "version", "flip": 0, "expect": "unknown version"},
            {"name": "encapsulated key", "flip": 1, "expect": "does not verify"},
            {"name": "ciphertext", "flip": 1200, "expect": "does not verify"},
            {"name": "signature", "flip": len(sealed) - 1, "expect": "does not verify"},
            {"name": "a byte short", "cut": 1, "expect": "this length"},
            {"name": "a block short", "cut": 1024, "expect": "this length"},
            *({"name": f"other {name}", "change": name, "expect": "does not verify"} for name in asdict(context)),
            {"name": "signed anew after a change inside", "flip": 1200, "resign": True, "expect": "does not open"},
            {
                "name": "signed anew for another question",
                "change": "question",
                "resign": True,
                "expect": "does not open",
            },
            {"name": "signed anew for another key", "change": "recipient", "resign": True, "expect": "another key"},
        ],
    }


def _recorded(opening_key: seal.OpeningKey, context: seal.SealContext, plaintext: bytes) -> bytes:
    public = RESPONDER_KEY.public_key().public_bytes_raw()
    path = OURS / "seal.json"
    if path.exists():
        sealed = bytes.fromhex(json.loads(path.read_text("ascii"))["verify"][0]["sealed"])
        if plaintext == seal.open_sealed(sealed=sealed, context=context, private=opening_key, responder_public=public):
            return sealed
    recipient = seal.RecipientKey(opening_key.public)
    return seal.seal(plaintext=plaintext, context=context, recipient=recipient, sign=RESPONDER_KEY.sign)


def keyfile_table() -> dict[str, Any]:
    seeds, salt, nonce = example_bytes("personal seeds", 64), example_bytes("salt", 16), example_bytes("nonce", 12)
    passphrase = "dit is geen geheim"
    text = keyfile._make_keyfile_from(passphrase, seeds=seeds, salt=salt, nonce=nonce, cost=2**17)
    return {
        "generate": [
            {"passphrase": passphrase, "seeds": seeds.hex(), "salt": salt.hex(), "nonce": nonce.hex(), "file": text}
        ],
        "invalid": [
            {"name": name, "from": old, "to": new, "expect": expect}
            for name, old, new, expect in [
                ("nothing", text, "", "not canonical JSON"),
                ("other JSON", text, "[]", "not a key file"),
                ("not ASCII", "deelgrond", "deelgrønd", "not a key file"),
                ("another kind", "deelgrond", "geldgrond", "not a key file"),
                ("a member more", '{"kdf"', '{"jaar":1,"kdf"', "not a key file"),
                ("version 2", '"version":1', '"version":2', "unknown version"),
                ("half a derivation", '"name":"scrypt",', "", "no key derivation"),
                ("another derivation", "scrypt", "pbkdf2", "another key derivation"),
                ("cheap", "131072", "65536", "another scrypt cost"),
                ("ruinous", "131072", str(2**30), "another scrypt cost"),
                ("not a power of two", "131072", "131073", "another scrypt cost"),
                ("a fraction", "131072", "131072.5", "another scrypt cost"),
                ("a number for base64", base64.b64encode(nonce).decode().join('""'), "7", "no base64"),
                ("a short nonce", base64.b64encode(nonce).decode(), "AAAA", "a length"),
                ("no base64", base64.b64encode(nonce).decode(), "A", "base64 is malformed"),
            ]
        ],
    }


def pseudonym_table() -> dict[str, Any]:
    key = example_bytes("pseudonym key")
    inputs = [("request", "00000001003214345000", "123"), ("request", "0000000100321434500", "0123"), ("log", "é", "x")]
    return {
        "key": key.hex(),
        "generate": [
            {
                "purpose": p,
                "organisation": o,
                "identifier": i,
                "pseudonym": pseudonym.pseudonym(key=key, purpose=p, organisation=o, identifier=i),
            }
            for p, o, i in inputs
        ],
    }


def answer_table() -> dict[str, Any]:
    """Return which bytes are sealed for which part, and what a part may hold."""

    def part(question: str, person: str, category: str, verdict: str = "allow") -> dict[str, str]:
        return {"question": question, "person": person, "category": category, "verdict": verdict}

    def said(question: str, category: str, about: str, kind: str = "fact") -> dict[str, str]:
        return {"question": question, "category": category, "about": about, "kind": kind}

    def answer(text: str, *row: str) -> dict[str, str]:
        return {**said(*row), "text": text}

    def stripped(question: str | None, person: str) -> dict[str, str | None]:
        return {"question": question, "person": person}

    q1 = part("q1", "child1", "veiligheid")
    fact, other = said("q1", "veiligheid", "child1"), said("q1", "veiligheid", "father")
    cases: list[tuple[str, list[Any], list[Any], list[Any], list[Any]]] = [
        ("one part, one fact", [q1], [], [fact], [answer("Blauwe plekken.", "q1", "veiligheid", "child1")]),
        (
            "two statements stay in their order",
            [q1],
            [],
            [fact, said("q1", "veiligheid", "child1", "observation")],
            [
                answer("Stil en bang.", "q1", "veiligheid", "child1", "observation"),
                answer("Zoë, 7 jaar: “au”.", "q1", "veiligheid", "child1"),
            ],
        ),
        (
            "what is not allowed stays here",
            [part("q1", "child1", "gez_kern", "withhold"), q1],
            [],
            [fact, said("q1", "gez_kern", "child1")],
            [answer("Astma.", "q1", "gez_kern", "child1"), answer("Veilig.", "q1", "veiligheid", "child1")],
        ),
        (
            "what was weighed as a fact does not go as an opinion",
            [q1],
            [],
            [fact],
            [
                answer("Een ramp.", "q1", "veiligheid", "child1", "opinion"),
                answer("Feit.", "q1", "veiligheid", "child1"),
            ],
        ),
        (
            "what is about another goes along when weighed",
            [q1],
            [],
            [fact, other],
            [answer("Feit.", "q1", "veiligheid", "child1"), answer("Vader was erbij.", "q1", "veiligheid", "father")],
        ),
        (
            "what the decision stripped about another does not",
            [q1],
            [stripped("q1", "father")],
            [fact, other],
            [answer("Feit.", "q1", "veiligheid", "child1"), answer("Vader was erbij.", "q1", "veiligheid", "father")],
        ),
        (
            "a reason about the person himself strips nothing of his",
            [q1],
            [stripped("q1", "child1"), stripped(None, "father")],
            [fact, other],
            [answer("Feit.", "q1", "veiligheid", "child1"), answer("Vader.", "q1", "veiligheid", "father")],
        ),
        ("no allowed part, nothing to seal", [part("q1", "child1", "veiligheid", "withhold")], [], [fact], []),
        ("an allowed part without an answer", [q1], [], [fact], []),
        ("an answer to another question", [q1], [], [fact], [answer("Feit.", "q2", "veiligheid", "child1")]),
    ]
    rows = []
    for name, decided, reasons, weighed, answers in cases:
        previewed = {"decision": {"parts": decided, "reasons": reasons}, "weighed": weighed}
        try:
            found = [{**of, "plaintext": bytes_.hex()} for of, bytes_ in plaintexts(previewed, answers)]
            rows.append({"name": name, "previewed": previewed, "answers": answers, "plaintexts": found})
        except SealError as error:
            rows.append({"name": name, "previewed": previewed, "answers": answers, "refused": error.code})
    contents = [
        ("a name too many in a statement is left out", {"v": 1, "statements": [{**_STATEMENT, "more": 1}]}, True),
        ("no statements at all", {"v": 1, "statements": []}, True),
        ("which part it is, said inside", {"v": 1, "statements": [_STATEMENT], "question": "q9"}, True),
        ("another version", {"v": 2, "statements": [_STATEMENT]}, False),
        ("no version", {"statements": [_STATEMENT]}, False),
        ("no list", {"v": 1, "statements": _STATEMENT}, False),
        ("a number for a text", {"v": 1, "statements": [{**_STATEMENT, "text": 1}]}, False),
        ("a statement without its kind", {"v": 1, "statements": [{"about": "child1", "text": "x"}]}, False),
        ("a text", "statements", False),
    ]
    return {
        "seal": rows,
        "open": [
            {"name": name, "plaintext": canonical.canonical(content).hex(), "statements": _statements(content, ok=ok)}
            for name, content, ok in contents
        ],
    }


_STATEMENT = {"about": "child1", "kind": "fact", "text": "Feit."}


def _statements(content: Any, *, ok: bool) -> list[dict[str, str]] | None:
    return [{name: one[name] for name in ("about", "kind", "text")} for one in content["statements"]] if ok else None


def commitment_table() -> dict[str, Any]:
    salt = example_bytes("commitment salt")
    details = [{"actor": "stf_1", "outcome": "allowed"}, None, [1, "é"]]
    return {
        "salt": salt.hex(),
        "generate": [{"detail": d, "commitment": commitment.commit(d, salt=salt)} for d in details],
    }


def envelope_table() -> dict[str, Any]:
    data_key, kek, nonce = (
        example_bytes("data key"),
        example_bytes("key-encryption key"),
        example_bytes("envelope nonce", 12),
    )
    place = {"table": "subject", "column": "name", "row": "sub_1"}
    field = envelope._encrypt_with(data_key, b"Noor", envelope._place(**place), nonce=nonce)
    wrapped = envelope._encrypt_with(kek, data_key, envelope._WRAP_PREFIX + b"sub_1", nonce=nonce)
    return {
        "data_key": data_key.hex(),
        "key_encryption_key": kek.hex(),
        "verify": [{"plaintext": "Noor", **place, "encrypted": field.hex()}],
        "unwrap": [{"context": "sub_1", "wrapped": wrapped.hex()}],
    }


def _hex(hashes: tuple[bytes, ...]) -> list[str]:
    return [item.hex() for item in hashes]


def files() -> dict[str, str]:
    """Return the text of every file in `ours/`, by name."""
    tables = {
        "answer": answer_table,
        "canonical": canonical_table,
        "commitment": commitment_table,
        "envelope": envelope_table,
        "keyfile": keyfile_table,
        "merkle": merkle_table,
        "note": note_table,
        "pseudonym": pseudonym_table,
        "seal": seal_table,
    }
    note_on_keys = {"source": "ours, by tests/vectors/build.py; every key in here is a test key and no secret"}
    return {f"{name}.json": json.dumps({**note_on_keys, **make()}, indent=1) + "\n" for name, make in tables.items()}


if __name__ == "__main__":
    OURS.mkdir(exist_ok=True)
    for name, text in files().items():
        (OURS / name).write_text(text, "ascii")

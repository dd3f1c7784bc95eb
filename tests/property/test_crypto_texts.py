"""Canonical JSON, notes and checkpoints: reading is the exact inverse of writing, nonsense a ParseError."""

from __future__ import annotations

import contextlib
import json
import string

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from broker.crypto.canonical import canonical, parse_canonical
from broker.crypto.checkpoint import Checkpoint, format_checkpoint, parse_checkpoint
from broker.crypto.merkle import EMPTY_ROOT
from broker.crypto.note import (
    Note,
    NoteSignature,
    VerifierKey,
    format_note,
    format_verifier_key,
    parse_note,
    parse_verifier_key,
)
from broker.kernel.errors import ParseError

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
LINE = st.text(st.characters(exclude_categories=["Cs"], min_codepoint=0x20))
NAME = st.text(st.characters(exclude_categories=["Cs", "Zs", "Zl", "Zp", "Cc"], exclude_characters="+"), min_size=1)
SHORT_NAME = NAME.filter(lambda name: len(name.encode()) <= 255)
ORIGIN = st.text(LINE.map(lambda line: line[:1] or "a"), min_size=1, max_size=60)
SIGNATURE = st.builds(NoteSignature, SHORT_NAME, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=100))
NOTE = st.builds(
    Note,
    st.lists(LINE, min_size=1, max_size=5).map(lambda lines: "\n".join(lines) + "\n"),
    st.lists(SIGNATURE, min_size=1, max_size=4).map(tuple),
)
PUBLIC = st.binary(min_size=32, max_size=32).map(
    lambda seed: Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
)
ROOT = st.binary(min_size=32, max_size=32)
CHECKPOINT = st.builds(Checkpoint, ORIGIN, st.integers(1, 2**63 - 1), ROOT) | st.builds(
    Checkpoint, ORIGIN, st.just(0), st.just(EMPTY_ROOT)
)
# Near misses are likelier to get past a parser than random text.
SCRAPS = st.lists(
    st.sampled_from(["\n", "\n\n", "— ", "a", " ", "AAAAAAA=", "+", "0", "7", "A" * 43 + "=", "é", "\t", "\ud800"]),
    max_size=14,
).map("".join)


@given(JSON)
def test_canonical_bytes_are_those_of_the_library(value):
    assert canonical(value) == rfc8785.dumps(value)


@given(JSON)
def test_canonical_value_comes_back(value):
    assert parse_canonical(canonical(value)) == value


@given(JSON)
def test_canonical_bytes_are_json_and_their_own_canonical_form(value):
    data = canonical(value)
    assert json.loads(data, parse_int=float) == value
    assert canonical(parse_canonical(data)) == data


@given(st.binary(max_size=60) | st.text(string.digits + '{}[]",:.eE-+ntf\\u ', max_size=30).map(str.encode))
def test_canonical_parser_takes_its_own_form_or_raises_parse_error(data):
    with contextlib.suppress(ParseError):
        assert canonical(parse_canonical(data)) == data


@given(NOTE)
def test_note_comes_back(note):
    assert parse_note(format_note(note)) == note


@given(SCRAPS | st.text(max_size=60))
def test_note_parser_takes_its_own_form_or_raises_parse_error(text):
    with contextlib.suppress(ParseError):
        assert format_note(parse_note(text)) == text


@given(NOTE, st.data())
def test_note_with_one_other_character_reads_as_another_note_or_not_at_all(note, data):
    text = format_note(note)
    position = data.draw(st.integers(0, len(text) - 1))
    changed = text[:position] + data.draw(st.characters(exclude_categories=["Cs"])) + text[position + 1 :]
    with contextlib.suppress(ParseError):
        assert (parse_note(changed) == note) == (changed == text)


@given(CHECKPOINT)
def test_checkpoint_comes_back(checkpoint):
    assert parse_checkpoint(format_checkpoint(checkpoint)) == checkpoint


@given(SCRAPS | st.text(max_size=60))
def test_checkpoint_parser_takes_its_own_form_or_raises_parse_error(text):
    with contextlib.suppress(ParseError):
        assert format_checkpoint(parse_checkpoint(text)) == text


@given(SHORT_NAME, PUBLIC)
def test_verifier_key_comes_back(name, public):
    key = VerifierKey(name, public)
    assert parse_verifier_key(format_verifier_key(key)) == key


@given(SCRAPS | st.text(max_size=60))
def test_verifier_key_parser_takes_its_own_form_or_raises_parse_error(text):
    with contextlib.suppress(ParseError):
        assert format_verifier_key(parse_verifier_key(text)) == text

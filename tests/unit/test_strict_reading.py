"""One way to read JSON and one to read YAML: what stands there is what was meant, or the line is named."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from broker.kernel.errors import ParseError
from broker.kernel.strict_json import MOST_NESTED, read_json
from broker.kernel.strict_yaml import lines_of, read_yaml

SECRET = "Noor de Boer"


def nested(depth: int) -> st.SearchStrategy[Any]:
    texts = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20)
    leaves = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | texts
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=depth)


@given(nested(20))
def test_json_is_read_as_it_was_written(value: Any) -> None:
    assert read_json(json.dumps(value).encode()) == value
    assert read_json(json.dumps(value, ensure_ascii=False).encode()) == value


@given(nested(20))
def test_yaml_is_read_as_it_was_written(value: Any) -> None:
    assert read_yaml(yaml.safe_dump(json.loads(json.dumps(value)), allow_unicode=True).encode()) == value


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"{'a': 1}", b'{"a": 1} x', b'{"a": 1, "a": 1}', b'[{"b": {"a": 1, "a": 2}}]', b"NaN", b"-Infinity",
        b"[1e999]", b'["\\ud800"]', b'{"\\udc00": 1}', b"\xff", b'"\xe9"', b"\xef\xbb\xbf{}", "{}".encode("utf-16"),
        b"9" * 5000, b"[" * 100_000, b'{"a":' * 200 + b"1" + b"}" * 200, b"[01]", b"[.5]",
    ],
)  # fmt: skip
def test_what_is_not_strict_json_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError):
        read_json(data)


def test_nesting_has_a_limit_that_is_the_same_for_both() -> None:
    deepest = b"[" * MOST_NESTED + b"]" * MOST_NESTED
    assert read_json(deepest) == read_yaml(deepest)
    for read in (read_json, read_yaml):
        with pytest.raises(ParseError, match="deep"):
            read(b"[" + deepest + b"]")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("nee", "nee"), ("no", "no"), ("on", "on"), ("yes", "yes"), ("True", "True"), ("true", True), ("false", False),
        ("null", None), ("~", None), ("", None), ("0123", "0123"), ("0x1f", "0x1f"), ("1_000", "1_000"), ("12", 12),
        ("-3", -3), ("1.50", 1.5), ("1:30", "1:30"), (".inf", ".inf"), (".nan", ".nan"), ("1e3", "1e3"), ("+1", "+1"),
        ("2026-11-22", "2026-11-22"), ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00Z"), ("=", "="), ("<<", "<<"),
        ("Is er letsel gezien?", "Is er letsel gezien?"), ('"Wat? En: hoe"', "Wat? En: hoe"), ('"no"', "no"),
    ],
)  # fmt: skip
def test_yaml_does_not_guess(written: str, meant: object) -> None:
    read = read_yaml(f"a: {written}\n".encode())
    assert read == {"a": meant}
    assert type(read["a"]) is type(meant)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a: 1\nb:\n  c: 1\n  c: 2\n", 4, "twice"),
        ("a: 1\na: 2\n", 2, "twice"),
        ("on: 1\non: 2\n", 2, "twice"),
        ("a: &x 1\nb: *x\n", 1, "&"),
        ("a: 1\nb: {<<: *x}\n", 2, "&"),
        ("a: !!python/object:os.system x\n", 1, "type"),
        ("a: !!binary eA==\n", 1, "type"),
        ("a: 1\n2026: x\n", 2, "name"),
        ("? [a]\n: b\n", 1, "name"),
        ("a: 1\nb: \x07\n", 2, "character"),
        ("a: 1\nb: [1, 2\n", 3, "YAML"),
        ("a: 1\nt: Wat is er: hoe?\n", 2, "quotes"),
        (f"a: 1\nb: {{text: {SECRET}?}}\n", 2, "quotes"),
        ("a: 1\n---\nb: 2\n", 2, "YAML"),
    ],
)
def test_yaml_that_is_refused_names_its_line_and_nothing_that_stands_there(text: str, line: int, said: str) -> None:
    with pytest.raises(ParseError, match=f"^line {line}: .*{said}") as refused:
        read_yaml(text.encode())
    assert SECRET not in str(refused.value)


def test_yaml_is_utf_8() -> None:
    assert read_yaml("\ufeffnaam: Zoë\r\n".encode()) == {"naam": "Zoë"}
    with pytest.raises(ParseError, match="line 2: a file is text in UTF-8"):
        read_yaml("a: 1\nnaam: Zoë\n".encode("latin-1"))
    with pytest.raises(ParseError):
        read_yaml("a: 1\n".encode("utf-16"))


def test_aliases_do_not_make_a_small_file_large() -> None:
    lines = ["a0: &a0 [x, x, x]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))]
    with pytest.raises(ParseError, match="line 1"):
        read_yaml("\n".join(lines).encode())


def test_files_of_our_own_may_point_to_another_place() -> None:
    assert read_yaml(b"a: &x {b: 1}\nc: {<<: *x, d: 2}\n", references=True)["c"] == {"b": 1, "d": 2}


def test_each_place_has_its_line() -> None:
    text = "staff:\n  - {id: a,\n     role: b}\n  - id: c\nleft: []\n"
    lines = lines_of(text.encode())
    assert [lines["staff", "0", "role"], lines["staff", "1"], lines["staff", "1", "id"], lines["left",]] == [3, 4, 4, 5]
    as_json = json.dumps(read_yaml(text.encode()), indent=2)
    assert as_json.splitlines()[lines_of(as_json.encode())["staff", "0", "role"] - 1] == '      "role": "b"'


@pytest.mark.parametrize("data", [b"", b"\xff", b"{", b"a: *b", b"a: &a [*a]"])
def test_what_cannot_be_read_has_no_lines(data: bytes) -> None:
    assert lines_of(data) == {}

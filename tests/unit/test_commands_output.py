"""What a command prints steers no terminal, and a wrong file is named with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from broker.commands.output import read_document, show, shown
from broker.kernel.errors import InputError

STEERING = [
    *range(0x20),
    *range(0x7F, 0xA0),
    0xAD,
    0x61C,
    0x200B,
    0x200E,
    0x200F,
    *range(0x2028, 0x202F),
    0x2066,
    0x2069,
    0xFEFF,
]


@pytest.mark.parametrize("code", [code for code in STEERING if chr(code) not in "\t\n"])
def test_what_steers_a_terminal_is_written_as_its_number(code: int, capsys: pytest.CaptureFixture[str]) -> None:
    written = {"text": f"Geen zorgen{chr(code)}31m"}
    show(written)
    printed = capsys.readouterr().out
    assert chr(code) not in printed
    assert json.loads(printed) == written
    assert shown(chr(code)) == f"\\u{code:04x}"


def test_letters_stay_letters() -> None:
    for text in ("Zoë Çelik", "Ёлка", "می\u200cخواهم", "李", "نور", "👶🏽", "een\ttab\nen een regel"):
        assert shown(text) == text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.json", b'{"a": 1,\n "a": 2}', "a.json: the JSON has a key twice in one object"),
        ("a.json", b'{"a": 1,\n b: 2}', "a.json: this is not JSON; reading stopped in line 2"),
        ("a.yaml", b"a: 1\na: 2\n", "a.yaml: line 2: this name stands twice"),
        ("a.yaml", b"a: 1\nb: \xe9\n", "a.yaml: line 2: a file is text in UTF-8"),
        ("a", b"a: *b\n", "a: line 1: & and * point to another place, which is not done here"),
    ],
)
def test_file_that_is_wrong_is_named_with_its_line(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError) as refused:
        read_document(tmp_path / name)
    assert (refused.value.code, refused.value.errors) == ("file.malformed", (said,))


def test_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(InputError) as refused:
            read_document(path)
        assert refused.value.code == "file.unreadable"

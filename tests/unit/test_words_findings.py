"""What is wrong with one place of a body or a file is said in Dutch, with the place and the numbers kept."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from broker import words
from broker.api.directory_file import DirectoryIn
from broker.api.requests import AskIn
from broker.api.shapes import findings
from broker.api.weighing import RecordIn
from broker.kernel.errors import ParseError
from broker.kernel.strict_json import read_json
from broker.kernel.strict_yaml import read_yaml

WRONG: tuple[tuple[type[Any], Any], ...] = (
    (RecordIn, {"steps": {"ST-04": "gedaan", "ST-77": {}, "ST-05": {"day": "gisteren", "note": 3, "channel": "duif"}}}),
    (RecordIn, {"exceptions": [{}], "weighing": {"relevant": "ja", "parts": {}, "bsn_of": ["a", "a"]}}),
    (RecordIn, {"steps": {"ST-04": {"note": "\x07", "outcome": "x" * 10_001}}, "strange": 1}),
    (AskIn, {"persons": "child1", "questions": [{"id": "?", "period_months": 1.5}], "danger": {"within_hours": -1}}),
    (DirectoryIn, {"organisations": [{"notices": {}}], "mandates": [{"staff": 1, "from_on": None}]}),
    (DirectoryIn, {"left": ["st:a", "st:a"]}),
)
UNREADABLE = (b"{", b'{"a": 1, "a": 2}', b"[NaN]", b'"\\ud800"', b"\xff", b"[" * 5000, b"")
NO_FILE = (b"a: {", b"a: 1\na: 2", b"a: &x 1", b"a: !!int 1", b"? [a]\n: 1", b"\xff", b"a: \x01", b"[" * 5000)


def said_of(shape: type[Any], body: Any) -> tuple[str, ...]:
    """Return the findings about a body."""
    with pytest.raises(ValidationError) as caught:
        shape.model_validate(body)
    return findings(caught.value)


@pytest.mark.parametrize(("shape", "body"), WRONG)
def test_each_finding_about_a_body_has_dutch_words(shape: type[Any], body: Any) -> None:
    for finding in said_of(shape, body):
        place, _, _ = finding.partition(": ")
        told = words.finding_words(finding)
        assert told.nl != finding
        assert told.nl.startswith(f"{place}: ")
        assert told.en == finding or "Value error" in finding


@pytest.mark.parametrize(
    ("read", "data"), [(read_json, data) for data in UNREADABLE] + [(read_yaml, data) for data in NO_FILE]
)
def test_each_way_in_which_a_file_cannot_be_read_has_dutch_words(read: Any, data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        read(data)
    for lead in ("", "vraag.yaml: ", "/body: "):
        told = words.finding_words(f"{lead}{caught.value}")
        assert told.nl.startswith(lead)
        assert told.nl != told.en == f"{lead}{caught.value}"


def test_what_has_no_words_stays_as_it_is() -> None:
    for finding in ("/steps: niets van dit alles", "req_1", "", "{", "100%"):
        assert words.finding_words(finding) == words.Words(finding, finding)


def test_numbers_and_choices_are_kept() -> None:
    said = words.finding_words("/weighing/outcome: Input should be 'give', 'partly' or 'refuse'").nl
    assert said == "/weighing/outcome: hoort een van deze te zijn: 'give', 'partly' of 'refuse'"
    assert "10000" in words.finding_words("/a: String should have at most 10000 characters").nl


def test_name_that_a_caller_chose_takes_no_longer_than_another() -> None:
    for name in (
        "names x twice " * 20_000,
        "a: " * 20_000,
        "Value error, " * 20_000,
        "List should have at most " * 20_000,
    ):
        assert words.finding_words(f"/{name}: nothing known").nl.endswith("nothing known")
    assert (
        words.finding_words("/persons/0: Value error, names something twice").nl == "/persons/0: noemt iets twee keer"
    )

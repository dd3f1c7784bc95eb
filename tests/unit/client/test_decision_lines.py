"""A decision in words: nothing wider than the terminal, colour only where it is wanted, every person by name."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any

import pytest

from broker.client.explain import WIDTH, day, decision_lines, duty_lines, joined, paint_for

DECISION: dict[str, Any] = {
    "outcome": "deny",
    "parts": [
        {"question": "q1", "person": "child1", "category": "veiligheid", "verdict": "withhold", "ground": None},
        {"question": "q2", "person": "mother", "category": "gez_kern", "verdict": "allow", "ground": "WMO-5.2.6"},
    ],
    "reasons": [
        {"code": "DN-16", "remedy": "record_steps", "question": None, "person": None},
        {"code": "DN-17", "remedy": "strip", "question": "q1", "person": "child1"},
    ],
    "obligations": [
        {"code": "OB-02", "on": "requester", "due": "2026-12-20T10:00:00Z", "person": "mother"},
        {"code": "OB-02", "on": "requester", "due": "2026-12-20T10:00:00Z", "person": "father"},
        {"code": "OB-10", "on": "requester", "due": None, "person": None},
        {"code": "OB-05", "on": "broker", "due": "2026-11-29T10:00:00Z", "person": None},
    ],
    "referrals": ["ES-01"],
    "todo": ["ST-04"],
    "exceptions": ["X5"],
}
NAMES = {"child1": "Noor", "mother": "Marieke", "father": "Tim"}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def plain(text: str, _: str) -> str:
    return text


def test_decision_is_told_with_reasons_steps_and_whom_to_ask() -> None:
    told = "\n".join(decision_lines(DECISION, names=NAMES, paint=plain))

    assert told.startswith("Besluit: Dit mag zo niet.")
    assert "- q1 Noor, veiligheid" in told
    assert "+ q2 Marieke, gezondheid" in told
    assert "artikel 5.2.6 Wmo 2015" in told
    assert "Wat helpt: Kijk welke stap nog openstaat" in told
    assert "Overleg zonder namen met een collega" in told
    assert "vertrouwensarts van Veilig Thuis" in told


def test_decision_keeps_within_the_width() -> None:
    names = {"child1": "Een heel lange naam van iemand " * 9, "mother": "x" * 300}

    assert all(len(line) <= WIDTH for line in decision_lines(DECISION, names=names, paint=plain))


def test_decision_with_equal_parts_says_so_once() -> None:
    alike = {**DECISION, "parts": [DECISION["parts"][0], DECISION["parts"][0]]}

    assert "  - beide onderdelen: gesloten" in list(decision_lines(alike, names=NAMES, paint=plain))


def test_duties_come_by_date_with_their_persons_together() -> None:
    lines = [line for line in duty_lines(DECISION, names=NAMES) if line.startswith("  =")]

    assert [line.split(":")[0] for line in lines] == [
        "  = Deelgrond, uiterlijk 29 november 2026",
        "  = de vrager, uiterlijk 20 december 2026",
        "  = de vrager, doorlopend",
    ]
    assert "Marieke en Tim" in "\n".join(duty_lines(DECISION, names=NAMES))


def test_colour_is_for_terminals_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)

    assert paint_for(Terminal())("mag", "green") == "\x1b[32mmag\x1b[0m"
    assert paint_for(io.StringIO())("mag", "green") == "mag"


def test_colour_is_left_out_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert paint_for(Terminal())("mag", "green") == "mag"


def test_names_and_dates_are_written_as_in_dutch() -> None:
    assert joined(["Noor"]) == "Noor"
    assert joined(["Noor", "Tim", "Marieke"]) == "Noor, Tim en Marieke"
    assert day(datetime(2026, 3, 1, tzinfo=UTC)) == "1 maart 2026"

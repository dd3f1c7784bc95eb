"""What law.md section 7 wants on record is on record where docs/evidence.md says, and nothing goes without it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from broker.domain.consent import StepException
from broker.domain.decision import Decided
from broker.domain.event import Event
from broker.domain.obligation import Obligation
from broker.domain.release import Release
from broker.domain.request import Concern, Declination
from broker.domain.weighing import STEPS, StepDone, StepRecord, Weighing
from broker.policy.bundle import open_schema
from broker.policy.cases import changed
from broker.policy.gate import PolicyGate

ROOT = Path(__file__).parents[2]
NOUNS: dict[str, type] = {
    noun.__name__: noun
    for noun in (
        Concern,
        Decided,
        Declination,
        Event,
        Obligation,
        Release,
        StepDone,
        StepException,
        StepRecord,
        Weighing,
    )
}
LAW = ROOT / "policies" / "law.md"
ROWS: Mapping[str, list[str]] = {
    (cells := [cell.strip() for cell in line.strip("|").split(" | ")])[0]: cells[1:]
    for line in (ROOT / "docs" / "evidence.md").read_text().splitlines()
    if line.startswith("| EV-")
}


def stands_in(path: str, of: str) -> bool:
    """Tell whether a document of this schema has this path; `[]` is each entry of a list."""
    whole: Any = open_schema(ROOT / "policies", of)
    node = whole
    for step in path.replace("[]", ".[]").split("."):
        while "$ref" in node or "anyOf" in node or "oneOf" in node:
            node = (
                whole["$defs"][node["$ref"].rsplit("/", 1)[1]]
                if "$ref" in node
                else next(one for one in node.get("anyOf") or node["oneOf"] if one.get("type") != "null")
            )
        node = node.get("items") if step == "[]" else node.get("properties", {}).get(step)
        if node is None:
            return False
    return True


def test_every_kind_of_evidence_has_a_place() -> None:
    assert list(ROWS) == re.findall(r"^\| (EV-\d+) ", LAW.read_text(), re.MULTILINE)


@pytest.mark.parametrize("code", ROWS)
def test_every_place_is_there(code: str) -> None:
    places = re.findall(r"`([^`]+)`", ROWS[code][1])
    assert places
    for place in places:
        noun, _, attribute = place.partition(".")
        if noun in NOUNS:
            assert attribute in {field.name for field in fields(NOUNS[noun])}, place
        elif noun == "decision":
            assert stands_in(attribute, "decision"), place
        else:
            assert stands_in(place, "document"), place
    assert set(re.findall(r"ST-\d+", ROWS[code][1])) <= set(STEPS)


WITHOUT: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("EV-01", "DN-01", "ask", {"actor.assurance": "low"}),
    ("EV-01", "DN-03", "ask", {"actor.role": "privacy_officer"}),
    ("EV-01", "DN-04", "ask", {"actor.mandate": None}),
    ("EV-02", "DN-16", "answer", {"steps.identify": False}),
    ("EV-03", "DN-08", "ask", {"framework.vt_phase": None}),
    ("EV-03", "DN-09", "raad_ask", {"framework.rvdk_task": None}),
    ("EV-03", "DN-10", "supervision_ask", {"framework.order": None}),
    ("EV-04", "DN-06", "ask", {"purpose": "behandeling"}),
    ("EV-04", "DN-07", "ask", {"concern.nature": False}),
    ("EV-04", "DN-07", "ask", {"concern.seriousness": False}),
    ("EV-04", "DN-07", "ask", {"concern.content": False}),
    ("EV-05", "DN-12", "ask", {"questions": []}),
    ("EV-07", "DN-14", "acute_ask", {"danger.person_named": False}),
    ("EV-07", "DN-14", "acute_ask", {"danger.threat_named": False}),
    ("EV-07", "DN-14", "acute_ask", {"danger.within_hours": None}),
    ("EV-08", "DN-14", "school_ask", {"consents": []}),
    ("EV-08", "DN-15", "school_ask", {"questions": [{"person": "father", "categories": ["straf"]}]}),
    ("EV-09", "DN-16", "answer", {"steps.consult": False}),
    ("EV-10", "DN-14", "school_ask", {"consents": []}),
    ("EV-11", "DN-16", "excused_answer", {"exceptions": []}),
    ("EV-12", "DN-17", "answer", {"weighing.proportionate": False}),
    ("EV-15", "DN-16", "answer", {"weighing.registration": "none"}),
    ("EV-16", "DN-16", "answer", {"steps.record": False}),
)
"""Per evidence a base case without it, and the reason it is refused for."""


@pytest.mark.parametrize(("code", "reason", "base", "change"), WITHOUT)
def test_nothing_goes_without_it(gate: PolicyGate, code: str, reason: str, base: str, change: dict[str, Any]) -> None:
    decision = gate.decide(changed(base, change)).decision

    assert reason in ROWS[code][2]
    assert decision.outcome in ("deny", "refer")
    assert reason in {one.code for one in decision.reasons}


def test_every_reason_of_the_page_was_seen() -> None:
    said = {(code, reason) for code, cells in ROWS.items() for reason in re.findall(r"DN-\d+", cells[2])}

    assert said == {(code, reason) for code, reason, _, _ in WITHOUT}

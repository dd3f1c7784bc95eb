"""Every case beside the rules holds on every engine, and no code that the policies know goes without one.

A case lies in `policies/sharing/<dimension>/cases.yaml`: a sentence, what it changes in a base, and what it expects.
`reasons` is the whole set of codes; `obligations`, `referrals`, `todo`, `exceptions`, `grounds` (sets of codes) and
`parts` (the verdicts, in the order asked) are the whole of theirs where a case names them. `duties` says of a code on
whom it is, about whom and by when ("responder mother 2026-12-20", "-" for nobody in particular or at no time); `about`
says of a reason to whom and to which question it belongs ("child1 q1").
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from broker.kernel.errors import RefusedError
from broker.policy.bundle import Bundle, policies_path
from broker.policy.cases import BASES, changed
from broker.policy.gate import PolicyGate

RULES = policies_path() / "sharing"
WITHOUT_CASES = {"calendar", "facts"}  # they judge nothing; test_terms.py and every case here go through them
EXPECTATIONS = (
    "outcome",
    "reasons",
    "parts",
    "grounds",
    "obligations",
    "referrals",
    "todo",
    "exceptions",
    "duties",
    "about",
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case: what is changed in which base, and what is expected."""

    dimension: str
    name: str
    base: str
    outcome: str
    reasons: list[str]
    change: dict[str, Any] = field(default_factory=dict)
    parts: list[str] | None = None
    grounds: list[str] | None = None
    obligations: list[str] | None = None
    referrals: list[str] | None = None
    todo: list[str] | None = None
    exceptions: list[str] | None = None
    duties: dict[str, list[str]] | None = None
    about: dict[str, list[str]] | None = None

    def expected(self) -> dict[str, Any]:
        """Return what the case expects, sets in order."""
        named = {name: getattr(self, name) for name in EXPECTATIONS if getattr(self, name) is not None}
        return {
            name: sorted(value) if isinstance(value, list) and name != "parts" else value
            for name, value in named.items()
        }


CASES = [
    Case(dimension=path.parent.name, **entry)
    for path in sorted(RULES.glob("*/cases.yaml"))
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))
]


def observed(gate: PolicyGate, case: Case) -> dict[str, Any]:
    """Return what the gate says to a case, in the words of a case."""
    document = changed(case.base, case.change)
    if document["stage"] == "operate":
        try:
            lacking = gate.authorise(document)
        except RefusedError as refusal:
            return {"outcome": "deny", "reasons": sorted(refusal.reasons), "todo": []}
        return {"outcome": "permit", "reasons": [], "todo": sorted(lacking)}
    decision = gate.document(document)
    codes = {
        name: sorted({entry["code"] for entry in decision[name]}) for name in ("reasons", "grounds", "obligations")
    }
    return {
        "outcome": decision["outcome"],
        "parts": [part["verdict"] for part in decision["parts"]],
        **{name: decision[name] for name in ("referrals", "todo", "exceptions")},
        **codes,
        "duties": {code: _who_and_when(decision["obligations"], code) for code in case.duties or ()},
        "about": {code: _about(decision["reasons"], code) for code in case.about or ()},
    }


def _who_and_when(duties: list[dict[str, Any]], code: str) -> list[str]:
    return [
        f"{duty['on']} {duty['person'] or '-'} {(duty['due'] or '-')[:10]}" for duty in duties if duty["code"] == code
    ]


def _about(reasons: list[dict[str, Any]], code: str) -> list[str]:
    return sorted(
        f"{reason['person'] or '-'} {reason['question'] or '-'}" for reason in reasons if reason["code"] == code
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.dimension}: {case.name}")
def test_case_holds(any_gate: PolicyGate, case: Case) -> None:
    seen, expected = observed(any_gate, case), case.expected()

    assert {name: seen[name] for name in expected} == expected


def test_every_dimension_has_its_cases() -> None:
    dimensions = {path.name for path in RULES.iterdir() if path.is_dir()}

    assert {case.dimension for case in CASES} | WITHOUT_CASES == dimensions
    assert not {case.dimension for case in CASES} & WITHOUT_CASES


def test_cases_are_told_apart_by_name_and_use_every_base() -> None:
    names = [(case.dimension, case.name) for case in CASES]

    assert len(names) == len(set(names))
    assert {case.base for case in CASES} == set(BASES)


def known_codes(bundle: Bundle) -> set[str]:
    """Return every code that the rules or the tables can give."""
    rules = "".join(path.read_text(encoding="utf-8") for path in RULES.glob("*/*.rego"))
    law = bundle.data["law"]
    tables = ("reasons", "obligations", "escalations", "exceptions", "grounds")
    return {
        *(code for table in tables for code in law[table]),
        *(step for steps in law["steps"]["edition"]["lists"].values() for step in steps),
        *re.findall(r'"((?:DN|OB|ES)-[0-9]{2}b?|X[0-9])"', rules),
    }


def _codes(answer: dict[str, Any]) -> set[str]:
    sets = ("reasons", "grounds", "obligations", "referrals", "todo", "exceptions")
    return {code for name in sets for code in answer.get(name, ())}


def _are_near(one: Case, other: Case) -> bool:
    paths = {*one.change, *other.change}
    return one.base == other.base and sum(one.change.get(path) != other.change.get(path) for path in paths) == 1


def test_every_code_fires_in_a_case_and_not_in_its_near_twin(gate: PolicyGate, bundle: Bundle) -> None:
    """A twin has the same base and differs in one path, so that the one thing that makes the code fire is visible."""
    seen = {id(case): _codes(observed(gate, case)) for case in CASES}
    firing: dict[str, list[Case]] = defaultdict(list)
    for case in CASES:
        for code in _codes(case.expected()):
            firing[code].append(case)

    never = known_codes(bundle) - set(firing)
    alone = {
        code
        for code, cases in firing.items()
        if not any(_are_near(case, twin) and code not in seen[id(twin)] for case in cases for twin in CASES)
    }
    assert not never, "no case expects these codes"
    assert not alone, "no near twin shows what makes these codes fire"


def test_case_files_lie_beside_rules() -> None:
    assert all((Path(path).parent / f"{path.parent.name}.rego").is_file() for path in RULES.glob("*/cases.yaml"))

"""A decision uses the law of its own date: shown with a rehearsal of a change that is announced and not yet known.

Jeugdwet art. 7.3.11 is reported to change on 1 January 2027. The rehearsal takes the hardest change to think of, the
duty becomes a right, writes it as rows with dates in a copy of the policies, builds that, and looks at both sides of
the day on both engines. What the law really becomes is entered the same way, and the bundle can go out before the day.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_cases import CASES

from broker.policy.agree import AgreeingEngines
from broker.policy.bundle import SERVER, build_bundles, load_bundle
from broker.policy.cases import Document, changed
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate
from broker.policy.local import local_opa
from broker.policy.opa import OpaEngine

DUTY, RIGHT = "JW-7.3.11-4-D", "JW-7.3.11-4-R"
THE_DAY = "2027-01-01"


def _edit(path: Path, change: Any) -> None:
    table = yaml.safe_load(path.read_text())
    change(table)
    path.write_text(yaml.safe_dump(table, allow_unicode=True))


def _rehearse(law: Path) -> None:
    """Write the change as rows: what was ends on the day, what comes begins on it."""

    def grounds(table: Any) -> None:
        table[RIGHT] = {**table[DUTY], "kind": "right", "valid_from": THE_DAY}
        table[DUTY]["valid_to"] = THE_DAY

    def pairs(table: Any) -> None:
        old = [row for row in table["rows"] if DUTY in row["grounds"]]
        new = [
            {**row, "grounds": [RIGHT if code == DUTY else code for code in row["grounds"]], "valid_from": THE_DAY}
            for row in old
        ]
        for row, successor in zip(old, new, strict=True):
            successor["conditions"] = {
                (RIGHT if code == DUTY else code): needs for code, needs in row["conditions"].items()
            }
            row["valid_to"] = THE_DAY
        table["rows"] += new

    _edit(law / "grounds" / "data.yaml", grounds)
    _edit(law / "pairs" / "data.yaml", pairs)


@pytest.fixture(scope="module")
def rehearsed(opa_program: str, policies: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PolicyGate]:
    """Yield the gate over both engines with the rehearsed bundle."""
    copied = shutil.copytree(policies, tmp_path_factory.mktemp("rehearsal") / "policies")
    _rehearse(copied / "data" / "law")
    build_bundles(copied, opa_program)
    bundle = load_bundle(copied)
    with local_opa(opa_program, bundle=copied / "bundle" / SERVER) as address:
        engine = AgreeingEngines(EmbeddedEngine(bundle), OpaEngine(address, timeout=10))
        yield PolicyGate(engine=engine, bundle=bundle, policies=copied)


def _on(day: str) -> Document:
    return changed(
        "supervision_ask",
        {
            "now": f"{day}T10:00:00Z",
            "actor.mandate": {"from": "2026-01-01", "until": "2028-01-01"},
            "framework.order.until": "2027-03-01",
        },
    )


def _seen(decision: Document) -> tuple[str, set[str]]:
    return decision["outcome"], {ground["code"] for ground in decision["grounds"]}


def test_until_the_day_it_is_a_duty_and_from_the_day_a_right(rehearsed: PolicyGate, gate: PolicyGate) -> None:
    assert _seen(rehearsed.document(_on("2026-12-31"))) == ("permit_duty", {DUTY})
    assert _seen(rehearsed.document(_on("2027-01-01"))) == ("permit_pending", {RIGHT})
    assert _seen(gate.document(_on("2027-01-01"))) == ("permit_duty", {DUTY})


def test_before_the_day_nothing_else_is_decided_differently(rehearsed: PolicyGate, gate: PolicyGate) -> None:
    """The bundle with tomorrow's law can serve today."""
    for case in CASES:
        document = changed(case.base, case.change)
        if document["now"] >= THE_DAY:
            continue

        before, after = gate.document(document), rehearsed.document(document)

        assert {**after, "policy": None, "engine": None} == {**before, "policy": None, "engine": None}, case.name


def test_decision_says_which_days_law_it_used(rehearsed: PolicyGate) -> None:
    decision = rehearsed.document(_on("2027-01-01"))

    assert decision["law_as_of"] == "2027-01-01"
    assert [ground["valid_from"] for ground in decision["grounds"]] == [THE_DAY]

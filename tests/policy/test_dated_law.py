"""A decision uses the law of its own date: shown with a rehearsal of a change that is announced and not yet known.

Jeugdwet art. 7.3.11 is reported to change on 1 January 2027. The rehearsal takes the hardest change to think of, the
duty becomes a right, writes it as rows with dates in a copy of the policies, builds that, and looks at both sides of
the day on both engines. What the law really becomes is entered the same way, and the bundle can go out before the day.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_cases import CASES

from broker.kernel.errors import SettingsError
from broker.policy.agree import AgreeingEngines
from broker.policy.bundle import SERVER, build_bundles, load_bundle
from broker.policy.cases import Document, changed
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate
from broker.policy.law import reason_on, rows_by_code
from broker.policy.local import local_opa
from broker.policy.opa import OpaEngine
from broker.policy.pages import write_pages

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


_FOLLOWED: dict[str, tuple[tuple[str, ...], dict[str, Any]]] = {
    "grounds": ((DUTY,), {"kind": "right"}),
    "obligations": (("OB-02",), {"term": "P6W"}),
    "reasons": (("DN-03",), {"by": "operator"}),
    "organisations": (("veilig_thuis", "asks"), {"roles": ["casemanager"]}),
    "steps": (("edition",), {"lists": {"full": ["ST-01"]}}),
}
"""What each table says of one code from the day on, where it stays the same code."""


def _follow(law: Path) -> None:
    """Write the change as a second row on the same code."""

    def followed(at: tuple[str, ...], changed: dict[str, Any]) -> Callable[[Any], None]:
        def change(table: Any) -> None:
            *steps, last = at
            for step in steps:
                table = table[step]
            row = table[last]
            lists = {name: {**row[name], **value} for name, value in changed.items() if isinstance(value, dict)}
            table[last] = [{**row, "valid_to": THE_DAY}, {**row, **changed, **lists, "valid_from": THE_DAY}]

        return change

    for name, (at, changed_to) in _FOLLOWED.items():
        _edit(law / name / "data.yaml", followed(at, changed_to))


@pytest.fixture(scope="module")
def rehearsed(opa_program: str, policies: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PolicyGate]:
    """Yield the gate over both engines with the rehearsed bundle."""
    copied = Path(shutil.copytree(policies, tmp_path_factory.mktemp("rehearsal") / "policies"))
    _rehearse(copied / "data" / "law")
    yield from _built(copied, opa_program)


@pytest.fixture(scope="module")
def followed(opa_program: str, policies: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PolicyGate]:
    """Yield the gate over both engines with a bundle in which rows follow each other on one code."""
    copied = Path(shutil.copytree(policies, tmp_path_factory.mktemp("followed") / "policies"))
    _follow(copied / "data" / "law")
    yield from _built(copied, opa_program)


def _built(copied: Path, opa_program: str) -> Iterator[PolicyGate]:
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


def _of_veilig_thuis(day: str) -> Document:
    return changed("ask", {"now": f"{day}T10:00:00Z", "actor.mandate": {"from": "2026-01-01", "until": "2028-01-01"}})


def _answered(day: str, *, consult: bool = True) -> Document:
    changes = {"actor.mandate": {"from": "2026-01-01", "until": "2028-01-01"}, "steps.consult": consult}
    return changed("answer", {"now": f"{day}T10:00:00Z", "asked_at": f"{day}T09:00:00Z", **changes})


def _terms_of(code: str, decision: Document) -> set[str]:
    return {duty["due"][:10] for duty in decision["obligations"] if duty["code"] == code}


def _seen(decision: Document) -> tuple[str, set[str]]:
    return decision["outcome"], {ground["code"] for ground in decision["grounds"]}


def test_until_the_day_it_is_a_duty_and_from_the_day_a_right(rehearsed: PolicyGate, gate: PolicyGate) -> None:
    assert _seen(rehearsed.document(_on("2026-12-31"))) == ("permit_duty", {DUTY})
    assert _seen(rehearsed.document(_on("2027-01-01"))) == ("permit_pending", {RIGHT})
    assert _seen(gate.document(_on("2027-01-01"))) == ("permit_duty", {DUTY})


def test_rows_on_one_code_follow_each_other_on_their_day(followed: PolicyGate, gate: PolicyGate) -> None:
    before, after = (followed.document(_on(day)) for day in ("2026-12-31", THE_DAY))
    assert [_seen(before), _seen(after)] == [("permit_duty", {DUTY}), ("permit_pending", {DUTY})]
    assert [one["grounds"][0]["valid_from"] for one in (before, after)] == ["2015-01-01", THE_DAY]

    before, after = (followed.document(_of_veilig_thuis(day)) for day in ("2026-12-31", THE_DAY))
    assert _seen(before) == _seen(gate.document(_of_veilig_thuis("2026-12-31")))
    assert [{reason["code"] for reason in one["reasons"]} for one in (before, after)] == [set(), {"DN-03"}]

    before, after = (followed.document(_answered(day)) for day in ("2026-12-31", THE_DAY))
    assert [_terms_of("OB-02", one) for one in (before, after)] == [{"2027-01-28"}, {"2027-02-12"}]

    before, after = (followed.document(_answered(day, consult=False)) for day in ("2026-12-31", THE_DAY))
    assert [one["todo"] for one in (before, after)] == [["ST-04"], []]


def test_readers_take_the_row_of_the_decisions_day(followed: PolicyGate) -> None:
    law = followed.law
    said = [reason_on("DN-03", law, date.fromisoformat(day))["by"] for day in ("2026-12-31", THE_DAY)]
    assert said == ["requester", "operator"]
    assert len([row for code, row in rows_by_code(law["obligations"]) if code == "OB-02"]) == 2
    assert {"P4W", "P6W"} <= {row.get("term") for _, row in rows_by_code(law["obligations"])}


def test_pages_show_what_was_and_what_comes(policies: Path, tmp_path: Path, opa_program: str) -> None:
    copied = Path(shutil.copytree(policies, tmp_path / "policies"))
    _follow(copied / "data" / "law")
    build_bundles(copied, opa_program)

    write_pages(copied)

    pages = {path.stem: path.read_text() for path in (copied / "pages").iterdir()}
    for name, marks in (("grounds", ("plicht", "spreekrecht of meldrecht")), ("organisations", ("casemanager",))):
        assert f"tot {THE_DAY}" in pages[name]
        assert f"vanaf {THE_DAY}" in pages[name]
        assert all(mark in pages[name] for mark in marks)


def test_row_that_begins_before_the_one_before_it_ends_is_not_built(policies: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(policies, tmp_path / "policies"))
    _follow(copied / "data" / "law")

    def overlap(table: Any) -> None:
        table["OB-02"][0]["valid_to"] = "2027-01-02"

    _edit(copied / "data" / "law" / "obligations" / "data.yaml", overlap)

    with pytest.raises(SettingsError) as caught:
        build_bundles(copied, "no program is needed to say so")
    assert caught.value.code == "policy.parameters"
    assert caught.value.errors == (f"/obligations/OB-02: a row begins on {THE_DAY}, before the one before it ends",)


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

"""The law is in the tree: what is cited of `law.md` stands there, and what stands there is in the policies, or not yet.

`decision.md` is held to the schemas, and to what the policies answer to its own example.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from broker.domain.decision import decision_of, document_of
from broker.policy.bundle import Bundle
from broker.policy.installed import installed_gate

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "policies"
LAW, CONTRACT = (POLICIES / "law.md").read_text(), (POLICIES / "decision.md").read_text()

NOT_YET = {
    "C3": "a conference without consent is not a route through this broker yet",
    "C4": "so is one without names",
    "C5": "and one that the Raad convenes",
    "O12": "Veilig Thuis explaining its question is the request itself",
    "O14": "research is refused by a reason of its own, DN-28",
    "O15": "a victim's place of hiding is withheld by a reason of its own, DN-19",
}
"""Rows of section 5 that no row of the policies bears, and why."""

_REF = r"(?:[A-Z]{1,5}-(?:[\d.]+-?[\dA-Za-z.:]*|[A-Z]+\d?)|[A-Z]\d{1,2}b?|\d+(?:\.\d+)*)"
_CITED = re.compile(rf"law\.md (?:sections? )?({_REF}(?: \([^)]*\))?(?:(?:, | and ){_REF}(?: \([^)]*\))?)*)")
_CODE = re.compile(r"\b(?:DN|OB|ES|ST|EV|KN|HP|OMG|CO|RK|MC)-[A-Z\d][\w.-]*\b")
_READ = ("policies/**/*.rego", "policies/**/*.yaml", "policies/schema/*.json", "policies/pages/*.md", "broker/**/*.py")


def rows() -> Mapping[str, list[str]]:
    """Return the cells of each row of a table of the law, by what its first cell begins with."""
    found: dict[str, list[str]] = {}
    for line in LAW.splitlines():
        if line.startswith("| ") and not line.startswith("| -"):
            cells = [cell.strip() for cell in line.strip("|").split(" | ")]
            first = cells[0].strip("*` ")
            found.setdefault(first.split(" ")[0].strip("*`,"), cells)
            for name in re.split(r"[ ,/]+", first):
                found.setdefault(name.strip("*`"), cells)
    return found


def places() -> set[str]:
    """Return what a citation may name: a section, or a row of a table."""
    return set(re.findall(r"^##+ (\d+(?:\.\d+)?)", LAW, re.MULTILINE)) | set(rows())


def texts() -> Iterator[tuple[str, str]]:
    """Yield path and text of everything that may cite the law."""
    for pattern in _READ:
        for path in sorted(ROOT.glob(pattern)):
            yield str(path.relative_to(ROOT)), path.read_text()


def numbered(prefix: str) -> set[str]:
    """Return the rows of the law that are this and a number."""
    return {name for name in rows() if re.fullmatch(rf"{prefix}\d+b?", name)}


def test_every_citation_leads_somewhere() -> None:
    known, cited = places(), 0
    for path, text in texts():
        for found in _CITED.finditer(text):
            for ref in re.findall(_REF, re.sub(r"\([^)]*\)", "", found[1])):
                assert ref in known, f"{path} cites law.md {ref}, which is not there"
                cited += 1
        assert not re.search(r"law\.md [A-Z]", _CITED.sub("", text)), f"{path} cites law.md in a way nobody can follow"
    assert cited > 100


def test_every_code_that_is_named_is_in_the_law() -> None:
    known = places()
    for path, text in texts():
        for code in _CODE.findall(text):
            is_there = code in known or any(name.startswith(f"{code}.") for name in known)
            assert is_there, f"{path} names {code}, which law.md does not know"


def test_every_row_and_code_of_the_law_is_in_the_policies(bundle: Bundle) -> None:
    law = bundle.data["law"]

    assert numbered("DN-") == set(law["reasons"])
    assert numbered("OB-") == set(law["obligations"])
    assert numbered("ES-") == set(law["escalations"])
    assert numbered("ST-") - {"ST-11"} == set(law["steps"]["edition"]["names"]), (
        "ST-11 comes after the answer: it is OB-03"
    )
    assert numbered("X") == set(law["exceptions"])
    borne = {row["row"] for row in law["pairs"]["rows"]} | {law["pairs"]["known_only"]["row"]}
    in_law = set().union(*(numbered(letter) for letter in "VRJOC"))
    assert in_law - borne == set(NOT_YET)
    assert {row for row in borne if not row[0].isdigit()} <= in_law


def test_what_can_be_cured_is_what_the_law_says(bundle: Bundle) -> None:
    said = {code: rows()[code][3].startswith("y") for code in numbered("DN-")}

    assert said == {code: row["curable"] for code, row in bundle.data["law"]["reasons"].items()}


_PURPOSES = {
    "VT_ONDERZOEK": "vt_onderzoek",
    "VT_VEIL.BEOORD.": "vt_veiligheidsbeoordeling",
    "RVDK_BESCH.": "rvdk_bescherming",
    "RVDK_GEZAG": "rvdk_gezag_omgang",
    "OTS": "ots_uitvoering",
    "GI_VRIJW.": "gi_vrijwillig",
    "ZVH": "casusoverleg_zvh",
}


_FINER = {("gi_vrijwillig", "straf"): "p"}
"""n on consent, as the column says; what the police give to who carries out a penal measure (J6) comes under it too."""


def test_ceilings_are_those_of_the_law(bundle: Bundle) -> None:
    """Where the law says y, a or n without more the table does; where it says more, the table has a word of its own."""
    section = LAW.split("\n## 6. ")[1].split("\n## ")[0]
    header, _, *lines = [line for line in section.splitlines() if line.startswith("|")]
    columns = [cell.strip().split(" ")[0] for cell in header.strip("|").split("|")]
    compared = 0
    for line in lines:
        categories, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        for column, cell in zip(columns[1:], cells, strict=True):
            for name in re.findall(r"[A-Z_]{2,}", categories):
                if column in _PURPOSES and cell in ("y", "a", "n"):
                    purpose, category = _PURPOSES[column], name.lower()
                    expected = _FINER.get((purpose, category), cell)
                    assert bundle.data["law"]["ceilings"][purpose]["cells"][category] == expected, (column, category)
                    compared += 1
    assert compared > 90


@pytest.mark.parametrize(
    ("key", "default"),
    [
        ("consent.joint_authority_mode", "both_required"),
        ("consent.age12_15_mode", "child_and_parents"),
        ("consent.max_age_days", 90),
        ("period.default_months", 24),
        ("bsn.care_to_safety_chain", False),
    ],
)
def test_parameters_stand_as_the_law_proposes(bundle: Bundle, key: str, default: object) -> None:
    section, name = key.split(".")
    assert f"| `{key}` | `{str(default).lower()}` |" in LAW or f"| `{key}` | {default} |" in LAW
    assert bundle.data["parameters"][section][name] == default


def examples() -> tuple[Any, Any]:
    """Return the document and the decision that the contract shows."""
    document, decision = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", CONTRACT, re.DOTALL))
    return document, decision


def test_contract_names_every_field_of_the_schemas() -> None:
    for name in ("document", "decision"):
        schema = json.loads((POLICIES / "schema" / f"{name}.schema.json").read_text())
        missing = {field for field in _fields(schema) if not re.search(rf"\b{field}\b", CONTRACT)}
        assert missing == set()


def _fields(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for inner in schema.values():
            yield from _fields(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _fields(inner)


def test_example_of_the_contract_is_decided_as_it_says() -> None:
    document, said = examples()
    assert document_of(decision_of(said)) == said

    decision = installed_gate().decide(document).decision
    assert decision.outcome == said["outcome"]
    verdicts = {part.key: part.verdict for part in decision.parts}
    assert verdicts == {(part["question"], part["person"], part["category"]): part["verdict"] for part in said["parts"]}
    assert {duty["code"] for duty in said["obligations"]} <= {duty.code for duty in decision.obligations}
    assert {reason["code"] for reason in said["reasons"]} == {reason.code for reason in decision.reasons}

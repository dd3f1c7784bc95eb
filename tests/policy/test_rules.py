"""The house rules of Rego: OPA's own strict check and layout, and words beside everything that others may use."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from broker.policy.bundle import Bundle

CODE = re.compile(r"(?:DN|OB|ES)-[0-9]{2}b?")


def _opa(program: str, policies: Path, *arguments: str) -> str:
    run = subprocess.run([program, *arguments], cwd=policies, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def annotations(opa_program: str, policies: Path) -> list[dict[str, Any]]:
    """Return what METADATA says, with the path of the rule or package it stands at."""
    found = json.loads(_opa(opa_program, policies, "inspect", "--annotations", "--format", "json", "sharing"))
    return list(found["annotations"])


@pytest.fixture(scope="module")
def exported(opa_program: str, policies: Path) -> dict[str, set[str]]:
    """Return the names of the rules of each package that do not begin with an underscore."""
    names: dict[str, set[str]] = {}
    for path in sorted((policies / "sharing").rglob("*.rego")):
        module = json.loads(_opa(opa_program, policies, "parse", "--format", "json", str(path)))
        heads = {rule["head"].get("name") or rule["head"]["ref"][0]["value"] for rule in module["rules"]}
        names[path.parent.name] = {name for name in heads if not name.startswith("_")}
    return names


def _path(annotation: dict[str, Any]) -> tuple[str, ...]:
    return tuple(step["value"] for step in annotation["path"])[2:]


@pytest.fixture(scope="module")
def schemas(policies: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the schemas as OPA takes them: each whole in itself, for it follows no reference by name."""
    folder = tmp_path_factory.mktemp("schemas")
    shared = json.loads((policies / "schema" / "document.schema.json").read_text())
    for path in (policies / "schema").glob("*.schema.json"):
        schema = json.loads(path.read_text().replace(f"{shared['$id']}#/", "#/"))
        (folder / path.name).write_text(json.dumps({**schema, "$defs": {**shared["$defs"], **schema.get("$defs", {})}}))
    return folder


def _check(program: str, schemas: Path, *rules: Path) -> subprocess.CompletedProcess[str]:
    command = [
        program,
        "check",
        "--strict",
        "--max-errors",
        "100",
        "--ignore",
        "cases.yaml",
        "--schema",
        str(schemas),
        *map(str, rules),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_opa_finds_nothing_to_say(opa_program: str, policies: Path, schemas: Path) -> None:
    run = _check(opa_program, schemas, policies / "sharing", policies / "data")

    assert run.returncode == 0, run.stdout + run.stderr


def test_each_rule_reads_only_what_the_schema_of_its_document_has(
    opa_program: str, policies: Path, schemas: Path, tmp_path: Path
) -> None:
    """A misspelled field is undefined to OPA, and what is undefined can open as well as close; the schemas catch it."""
    rules = shutil.copytree(policies / "sharing", tmp_path / "sharing")
    for path in rules.rglob("*.rego"):
        path.write_text(path.read_text() + "\n_misspelled if input.purpos\n")

    run = _check(opa_program, schemas, rules, policies / "data")

    found = set(re.findall(r"(\w+)\.rego:[0-9]+: rego_type_error: undefined ref: input\.purpos", run.stderr))
    assert found == {path.stem for path in rules.rglob("*.rego")}


def test_rules_are_laid_out_as_opa_does(opa_program: str, policies: Path) -> None:
    assert _opa(opa_program, policies, "fmt", "--diff", "sharing") == ""


def test_every_package_lies_in_its_folder_and_says_where_it_comes_from(
    annotations: list[dict[str, Any]], exported: dict[str, set[str]]
) -> None:
    packages = {_path(one)[0]: one["annotations"] for one in annotations if one["annotations"]["scope"] == "package"}

    assert set(packages) == set(exported)
    for package in packages.values():
        assert package["title"]
        assert package["description"].rstrip().endswith(".")
        assert package["custom"]["source"]


def test_every_exported_rule_says_what_it_promises_and_on_what_law(
    annotations: list[dict[str, Any]], exported: dict[str, set[str]]
) -> None:
    described = defaultdict(set)
    for one in annotations:
        if one["annotations"]["scope"] != "package" and (
            one["annotations"].get("description") or one["annotations"].get("title")
        ):
            described[_path(one)[0]].add(_path(one)[1])

    assert not {name: missing for name, rules in exported.items() if (missing := rules - described[name])}


def test_kind_of_a_rule_is_law_code_or_policy(annotations: list[dict[str, Any]]) -> None:
    customs = [one["annotations"].get("custom", {}) for one in annotations]

    assert {custom["kind"] for custom in customs if "kind" in custom} == {"LAW", "CODE", "POLICY"}
    assert all(custom.get("source") for custom in customs if "code" in custom or "codes" in custom)


def test_every_code_comes_from_a_rule_that_names_it_or_from_a_row(
    annotations: list[dict[str, Any]], policies: Path, bundle: Bundle
) -> None:
    law = bundle.data["law"]
    customs = [one["annotations"].get("custom", {}) for one in annotations]
    named = {code for custom in customs for code in [custom.get("code", ""), *custom.get("codes", [])]}
    fields = ("refusals", "escalations")
    of_rows = {
        code for row in law["pairs"]["rows"] for code in (*(c for f in fields for c in row[f]), row["unnecessary"])
    } | {code for codes in law["pairs"]["obligations"].values() for code in codes}
    lines = [line for path in (policies / "sharing").rglob("*.rego") for line in path.read_text().splitlines()]
    written = set(CODE.findall("\n".join(line for line in lines if not line.lstrip().startswith("#"))))

    known = {*law["reasons"], *law["obligations"], *law["escalations"]}
    assert {code for code in named if CODE.fullmatch(code)} | of_rows == known
    assert written <= known
    of_categories = {code for row in law["categories"].values() for code in (row["above"], row["helped_by"])}
    assert of_categories - {None} <= known
    assert {row.get("when_refused") for row in law["grounds"].values()} - {None} <= set(law["escalations"])


def test_every_reason_has_a_gate_and_a_cure_or_none(bundle: Bundle) -> None:
    for code, reason in bundle.data["law"]["reasons"].items():
        assert re.fullmatch(r"DN-[0-9]{2}", code)
        assert re.fullmatch(r"G([0-9]|1[0-2])", reason["gate"])
        assert isinstance(reason["curable"], bool)
        assert reason["remedy"] if reason["curable"] else True


def _dated(value: Any) -> Iterator[dict[str, Any]]:
    """Yield every row of a table that is in force for a time."""
    if isinstance(value, dict) and "valid_from" in value:
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _dated(inner)


def test_every_row_of_law_is_dated_and_has_a_source_of_its_own_time(bundle: Bundle) -> None:
    law = bundle.data["law"]
    tables = {name: list(_dated(table)) for name, table in law.items()}

    assert not {name for name, rows in tables.items() if not rows}, "a table without dates is law of no time"
    for name, rows in tables.items():
        for row in rows:
            assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", row["valid_from"]), (name, row)
            assert row["valid_to"] is None or row["valid_from"] < row["valid_to"], (name, row)
            assert row["status"] in {"LAW", "CODE", "POLICY"}, (name, row)
            assert row["confidence"] in {"high", "medium", "low"}, (name, row)
            assert name == "sources" or row["source"] in law["sources"], (name, row)


def test_source_of_law_names_its_text_and_article(bundle: Bundle) -> None:
    for key, source in bundle.data["law"]["sources"].items():
        assert source["title"], key
        if source["status"] == "LAW":
            assert source["jci"].startswith(("jci1.3:c:BWBR", "https://eur-lex.europa.eu/eli/reg/2016/679/")), key
            assert source["bwb"] is None or source["bwb"] in source["jci"], key


def test_rows_of_pairs_name_what_exists(bundle: Bundle) -> None:
    law = bundle.data["law"]
    for row in law["pairs"]["rows"]:
        assert set(row["grounds"]) <= set(law["grounds"])
        assert set(row["conditions"]) <= set(row["grounds"])
        assert row["steps"] in law["steps"]["edition"]["lists"]
        assert set(row["exceptions"]) <= set(law["exceptions"])
        assert row["obligations"] in law["pairs"]["obligations"]
        assert {*row["refusals"], row["unnecessary"]} <= set(law["reasons"])
        assert set(row["escalations"]) <= set(law["escalations"])
        assert set(row["requesters"]) & {kind for purpose in row["purposes"] for kind in _askers(law, purpose)}

    on_rows = {code for code, duty in law["obligations"].items() if not duty["everywhere"]}
    assert set().union(*law["pairs"]["obligations"].values()) <= on_rows


def _askers(law: dict[str, Any], purpose: str) -> list[str]:
    return [kind for kind, row in law["organisations"].items() if purpose in row["tasks"]]


def test_operations_are_of_roles_that_exist(bundle: Bundle) -> None:
    known = {"asking", "owing", "anyone", *bundle.data["parameters"]["roles"]}
    for name, row in bundle.data["law"]["operations"].items():
        assert row["by"], name
        assert set(row["by"]) <= known, name
        assert row["side"] in {None, "asking", "answering"}, name


def test_no_two_rows_answer_the_same_question(bundle: Bundle) -> None:
    """For one requester, responder, purpose, role and branch at one time there is one row, or an order would decide."""
    rows = bundle.data["law"]["pairs"]["rows"]
    for row, other in combinations(rows, 2):
        assert (
            row["branch"] != other["branch"]
            or not all(set(row[field]) & set(other[field]) for field in ("requesters", "responders", "purposes"))
            or not (
                row["gi_roles"] is None or other["gi_roles"] is None or set(row["gi_roles"]) & set(other["gi_roles"])
            )
            or (row["valid_to"] or "9999") <= other["valid_from"]
            or (other["valid_to"] or "9999") <= row["valid_from"]
        ), (row["row"], other["row"])


def test_rego_reads_no_clock_no_network_and_no_chance(policies: Path) -> None:
    forbidden = re.compile(r"\b(?:time\.|http\.|rand\.|uuid\.|opa\.runtime|trace\(|print\(|with input)")
    for path in (policies / "sharing").rglob("*.rego"):
        assert not forbidden.search(path.read_text()), path.name

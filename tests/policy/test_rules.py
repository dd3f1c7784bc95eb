"""The house rules of Rego: OPA's own strict check and layout, and words beside everything that others may use."""

from __future__ import annotations

import json
import re
import subprocess
from collections import defaultdict
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


def test_opa_finds_nothing_to_say(opa_program: str, policies: Path) -> None:
    _opa(opa_program, policies, "check", "--strict", "--ignore", "cases.yaml", "sharing", "data")


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


def test_codes_in_the_words_are_those_in_the_rules(annotations: list[dict[str, Any]], policies: Path) -> None:
    customs = [one["annotations"].get("custom", {}) for one in annotations]
    named = {code for custom in customs for code in [custom.get("code", ""), *custom.get("codes", [])]}
    lines = [line for path in (policies / "sharing").rglob("*.rego") for line in path.read_text().splitlines()]
    given = set(CODE.findall("\n".join(line for line in lines if not line.lstrip().startswith("#"))))

    assert {code for code in named if CODE.fullmatch(code)} == given


def test_every_reason_has_a_gate_and_a_cure_or_none(bundle: Bundle) -> None:
    for code, reason in bundle.data["law"]["reasons"].items():
        assert re.fullmatch(r"DN-[0-9]{2}", code)
        assert re.fullmatch(r"G([0-9]|1[0-2])", reason["gate"])
        assert isinstance(reason["curable"], bool)
        assert reason["remedy"] if reason["curable"] else True


def test_rows_of_law_are_dated_and_name_grounds_that_exist(bundle: Bundle) -> None:
    law = bundle.data["law"]
    for row in [*law["pairs"]["rows"], *law["pairs"]["acute"], *law["grounds"].values()]:
        assert re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", row["valid_from"])
        assert row["valid_to"] is None or row["valid_from"] < row["valid_to"]
        assert set(row.get("grounds", ())) <= set(law["grounds"])
    assert set(law["purposes"]) == {purpose for purpose in law["purposes"] if law["purposes"][purpose]}


def test_rego_reads_no_clock_no_network_and_no_chance(policies: Path) -> None:
    forbidden = re.compile(r"\b(?:time\.|http\.|rand\.|uuid\.|opa\.runtime|trace\(|print\(|with input)")
    for path in (policies / "sharing").rglob("*.rego"):
        assert not forbidden.search(path.read_text()), path.name

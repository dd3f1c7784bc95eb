"""Every line of the policies is gone through by a case, as `opa test --coverage` counts them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from test_cases import CASES

from broker.policy.cases import changed
from broker.policy.gate import with_legal_days

TEST = Path(__file__).parent / "cases_test.rego"


def write_cases(path: Path) -> Path:
    """Write every case as OPA wants it, its whole document and what is expected, and return the path."""
    content = {
        f"{case.dimension}: {case.name}": {
            "document": with_legal_days(changed(case.base, case.change)),
            "expected": case.expected(),
        }
        for case in CASES
    }
    path.write_text(json.dumps({"cases": content, "bundle": {"revision": "unbuilt", "digest": "unbuilt"}}))
    return path


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file with every case."""
    return write_cases(tmp_path_factory.mktemp("cases") / "cases.json")


def _opa_test(program: str, policies: Path, cases: Path, *options: str) -> subprocess.CompletedProcess[str]:
    sources = [str(policies / "sharing"), str(policies / "data"), str(TEST), str(cases)]
    command = [program, "test", "--ignore", "cases.yaml", "--timeout", "120s", *options, *sources]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_cases_hold_in_opa_test_and_go_through_every_line(opa_program: str, policies: Path, cases: Path) -> None:
    run = _opa_test(opa_program, policies, cases, "--coverage", "--format", "json")

    assert run.returncode == 0, run.stdout + run.stderr
    files: dict[str, Any] = json.loads(run.stdout)["files"]
    missed = {
        f"{Path(name).name}:{gap['start']['row']}-{gap['end']['row']}"
        for name, file in files.items()
        if "sharing" in Path(name).parts
        for gap in file.get("not_covered", ())
    }
    assert {path.name for path in (policies / "sharing").rglob("*.rego")} <= {Path(name).name for name in files}
    assert not missed


def test_case_that_does_not_hold_fails_in_opa_test(opa_program: str, policies: Path, tmp_path: Path) -> None:
    wrong = {"document": with_legal_days(changed("ask", {})), "expected": {"outcome": "deny", "reasons": []}}
    path = tmp_path / "cases.json"
    path.write_text(json.dumps({"cases": {"wrong": wrong}}))

    run = _opa_test(opa_program, policies, path)

    assert run.returncode != 0

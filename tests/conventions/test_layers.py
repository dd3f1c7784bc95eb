"""Imports point down: the contracts in pyproject.toml hold, and all of them were checked."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path


def test_layers_contracts_are_kept(root: Path) -> None:
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert contracts

    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{len(contracts)} kept, 0 broken" in done.stdout

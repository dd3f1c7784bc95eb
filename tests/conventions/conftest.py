"""What the house rules are checked against: the files git knows and the parsed modules of the broker."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the top of the checkout."""
    return Path(__file__).parents[2]


@pytest.fixture(scope="session")
def tree_files(root: Path) -> list[Path]:
    """Return every file that is or would be committed, counted from the top of the checkout."""
    if not (root / ".git").exists():
        pytest.skip("which files belong to the tree is only known in a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    files = [Path(name) for name in listed.split("\0") if name and (root / name).is_file()]
    assert Path("pyproject.toml") in files
    return files


@pytest.fixture(scope="session")
def broker_modules(root: Path) -> dict[str, ast.Module]:
    """Return every module of the broker, parsed, by its path from the top of the checkout."""
    modules = {
        path.relative_to(root).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((root / "broker").rglob("*.py"))
    }
    assert "broker/kernel/values.py" in modules
    return modules

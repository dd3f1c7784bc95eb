"""House rules about the files themselves: what they are called and what must never stand in one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

NAMES_THAT_SAY_NOTHING = {"utils", "util", "common", "helpers", "helper", "misc", "base2"}

# PEM in any of its private forms, and the signer's form of a C2SP note key. No pattern here matches its own line.
PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY|PRIVATE[+]KEY[+]")
MACHINE_PATH = re.compile(r"(?<![A-Za-z0-9_])/(?:tmp/|root/|home/[a-z]+/|work/)")
PACKAGE_INDEX = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|registry\.yarnpkg\.com|proxy\.golang\.org|sum\.golang\.org"
    r"|index\.crates\.io|static\.crates\.io|repo1?\.maven\.|deb\.debian\.org|--index[-]url|--find[-]links",
)
LOCKS = ["requirements.lock", "requirements-dev.lock", "deploy/install/uv-requirements.lock"]

# The option that keeps these addresses out of a lock file names them; nothing else may.
OPTION_AGAINST_IT = re.compile(r"--no-emit-(?:index-url|find-links)")


def text_of(path: Path) -> str | None:
    """Return a file's text, or None for a file that is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def test_files_are_named_for_what_is_in_them(tree_files: list[Path]) -> None:
    breaches = [
        str(file)
        for file in tree_files
        if any(set(re.split(r"[_.-]", part.lower())) & NAMES_THAT_SAY_NOTHING for part in file.parts)
    ]

    assert not breaches


def test_tree_holds_no_private_key_outside_the_vectors(root: Path, tree_files: list[Path]) -> None:
    assert PRIVATE_KEY.search(b"-----BEGIN EC PRIVATE" + b" KEY-----")
    breaches = [
        str(file)
        for file in tree_files
        if not file.is_relative_to("tests/vectors") and PRIVATE_KEY.search((root / file).read_bytes())
    ]

    assert not breaches


@pytest.mark.parametrize(
    ("pattern", "planted"),
    [
        (MACHINE_PATH, "open('" + "/".join(["", "home", "jan", "case"]) + "')"),
        (MACHINE_PATH, "=" + "/".join(["", "tmp", "x"])),
        (PACKAGE_INDEX, "https://" + "pypi" + ".org/simple"),
        (PACKAGE_INDEX, "https://" + "registry.npmjs" + ".org/left-pad"),
    ],
)
def test_pattern_finds_what_is_planted(pattern: re.Pattern[str], planted: str) -> None:
    assert pattern.search(planted)


@pytest.mark.parametrize("pattern", [MACHINE_PATH, PACKAGE_INDEX], ids=["machine path", "package index"])
def test_text_names_no_machine_and_no_package_index(
    root: Path, tree_files: list[Path], pattern: re.Pattern[str]
) -> None:
    texts = {file: text for file in tree_files if (text := text_of(root / file)) is not None}
    assert {Path("Makefile"), *map(Path, LOCKS)} <= texts.keys()

    breaches = [
        f"{file}:{number}: {line.strip()[:100]}"
        for file, text in texts.items()
        for number, line in enumerate(OPTION_AGAINST_IT.sub("", text).splitlines(), start=1)
        if pattern.search(line)
    ]

    assert not breaches, "\n".join(breaches)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_pins_every_package_with_a_hash(root: Path, name: str) -> None:
    requirements = re.split(r"\n(?=\S)", re.sub(r"^ *#.*\n", "", (root / name).read_text(), flags=re.MULTILINE).strip())

    assert len(requirements) >= (1 if name.startswith("deploy/") else 20)
    for requirement in requirements:
        assert re.match(r"[a-z0-9-]+(\[[a-z,-]+\])?==\S+( ; [^\\]+)? \\\n {4}--hash=sha256:[0-9a-f]{64}", requirement)


def pins_of(lock: Path) -> dict[str, str]:
    """Return the pinned version by package name."""
    return dict(re.findall(r"^([a-z0-9-]+)==(\S+)", lock.read_text(), flags=re.MULTILINE))


def test_dev_lock_agrees_with_the_lock_of_what_runs(root: Path) -> None:
    assert pins_of(root / "requirements.lock").items() < pins_of(root / "requirements-dev.lock").items()


@pytest.mark.parametrize(
    ("name", "groups"),
    [("requirements.lock", ("build",)), ("requirements-dev.lock", ("build", "dev"))],
    ids=["runs", "dev"],
)
def test_lock_satisfies_what_the_project_declares(root: Path, name: str, groups: tuple[str, ...]) -> None:
    file = tomllib.loads((root / "pyproject.toml").read_text())
    declared = [
        *file["project"]["dependencies"],
        *(one for group in groups for one in file["dependency-groups"][group]),
    ]
    assert {"fastapi", "hatchling"} <= {Requirement(one).name for one in declared}
    pins = pins_of(root / name)

    unmet = [
        str(requirement)
        for requirement in map(Requirement, declared)
        if (version := pins.get(canonicalize_name(requirement.name))) is None or version not in requirement.specifier
    ]

    assert not unmet, "pyproject.toml changed after the last make lock"

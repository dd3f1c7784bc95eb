"""What the tree tells others about itself: publiccode.yml is whole and true, and a commit's hooks fetch nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from broker.web.page import LANGUAGES

# Version 0.5 of the standard: what must be there, and where it closes the list of what may be said.
MANDATORY = {
    "publiccodeYmlVersion",
    "name",
    "url",
    "platforms",
    "categories",
    "developmentStatus",
    "softwareType",
    "description",
    "legal",
    "maintenance",
    "localisation",
}
OPTIONAL = {"landingURL", "logo", "usedBy", "roadmap", "intendedAudience", "dependsOn"}
STATUSES = {"concept", "development", "beta", "stable", "obsolete"}
TYPES = {
    "standalone/mobile",
    "standalone/iot",
    "standalone/desktop",
    "standalone/web",
    "standalone/backend",
    "standalone/other",
    "addon",
    "library",
    "configurationFiles",
}
LOCAL_PATH = re.compile(r"(?<![\w/.:-])[\w.-]+(?:/[\w.-]+)*\.(?:md|txt|png|jpg|svg|svgz)\b")


def texts_of(value: object) -> Iterator[str]:
    """Yield every text in a document, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from texts_of(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_of(one)


def local_paths(value: object) -> set[str]:
    """Return the files of this tree that a document names."""
    return {path for text in texts_of(value) for path in LOCAL_PATH.findall(text)}


@pytest.fixture(scope="module")
def catalogued(root: Path) -> dict[str, Any]:
    """Return what publiccode.yml says."""
    read: dict[str, Any] = yaml.safe_load((root / "publiccode.yml").read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="module")
def project(root: Path) -> dict[str, Any]:
    """Return what pyproject.toml says of the package."""
    read: dict[str, Any] = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return read


def test_paths_are_found_and_addresses_are_not() -> None:
    assert local_paths({"a": ["see deploy/README.md.", {"logo": "docs/logo.svg"}]}) == {
        "deploy/README.md",
        "docs/logo.svg",
    }
    assert not local_paths("https://example.org/deelgrond/README.md")


def test_keys_that_the_standard_asks_for_are_there(catalogued: dict[str, Any]) -> None:
    assert catalogued.keys() >= MANDATORY
    assert catalogued["publiccodeYmlVersion"] == "0.5"
    assert urlsplit(catalogued["url"]).scheme == "https"
    assert catalogued["platforms"]
    assert catalogued["categories"]
    assert catalogued["developmentStatus"] in STATUSES
    assert catalogued["softwareType"] in TYPES
    assert catalogued["maintenance"]["type"] in {"internal", "community"}
    assert all(contact["name"] for contact in catalogued["maintenance"]["contacts"])
    assert catalogued["maintenance"]["contacts"]
    assert catalogued["localisation"]["localisationReady"] is True


def test_nothing_stands_in_it_that_only_a_release_could_keep_true(catalogued: dict[str, Any]) -> None:
    assert catalogued.keys() <= MANDATORY | OPTIONAL


@pytest.mark.parametrize("language", LANGUAGES)
def test_description_has_the_length_of_the_standard(catalogued: dict[str, Any], language: str) -> None:
    described = catalogued["description"][language]

    assert 0 < len(described["shortDescription"]) <= 150
    assert 150 <= len(described["longDescription"]) <= 10_000
    assert described["features"]
    assert all(isinstance(feature, str) for feature in described["features"])


def test_catalogue_says_what_the_project_says(catalogued: dict[str, Any], project: dict[str, Any]) -> None:
    python = next(one for one in catalogued["dependsOn"]["open"] if one["name"] == "Python")

    assert catalogued["name"].lower() == project["name"]
    assert catalogued["legal"]["license"] == project["license"]
    assert catalogued["description"]["en"]["shortDescription"].rstrip(".") == project["description"]
    assert f">={python['versionMin']}" == project["requires-python"]
    assert tuple(catalogued["localisation"]["availableLanguages"]) == LANGUAGES


def test_files_that_the_catalogue_names_exist(root: Path, catalogued: dict[str, Any]) -> None:
    named = local_paths(catalogued)

    assert "deploy/README.md" in named
    assert not [path for path in named if not (root / path).is_file()]


def test_hooks_are_the_checks_of_make_lint_and_fetch_nothing(root: Path) -> None:
    repositories = yaml.safe_load((root / ".pre-commit-config.yaml").read_text())["repos"]
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", (root / "Makefile").read_text(), flags=re.MULTILINE)
    assert recipe
    linted = {line.strip().removeprefix("@").replace("$(PY)", ".venv/bin/python") for line in recipe[1].splitlines()}
    hooks = [hook for repository in repositories for hook in repository["hooks"]]

    assert [repository["repo"] for repository in repositories] == ["local"]
    assert {hook["language"] for hook in hooks} == {"system"}
    assert {hook["entry"] for hook in hooks} == {line for line in linted if line.startswith(".venv/bin/")}
    assert len(hooks) == 4

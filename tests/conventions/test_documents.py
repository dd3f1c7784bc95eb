"""The documents say what is there: targets, the map of the tree, and every setting.

The map in README.md is the one fenced block whose opening fence says `map`, as in "```text map". A line is one or more
paths with single spaces between them, then two or more spaces, then what it is for; what is indented under a folder
(a path that ends in /) stands in that folder.
"""

from __future__ import annotations

import re
import typing
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel
from pydantic_settings import BaseSettings


def make_targets(makefile: str) -> set[str]:
    """Return the targets that `make` lists."""
    return set(re.findall(r"^([a-z]+):.*## ", makefile, flags=re.MULTILINE))


def used_targets(document: str) -> set[str]:
    """Return the targets a document tells its reader to run, in a fenced block or between backticks."""
    return set(re.findall(r"(?:^|`|&& |[$] )(?:[A-Z_]+=\S+ )*make ([a-z]+)", document, flags=re.MULTILINE))


def map_paths(document: str) -> list[str]:
    """Return the paths of the document's map, counted from the top of the tree; folders end in /."""
    block = re.search(r"^```[^\n]*\bmap\b[^\n]*\n(.*?)^```", document, flags=re.MULTILINE | re.DOTALL)
    assert block, "README.md has a fenced block marked as the map"
    folders: list[tuple[int, str]] = []
    paths = []
    for line in block[1].splitlines():
        line_of_spaces = re.sub(r"[│├└─]", " ", line)
        if not line_of_spaces.strip():
            continue
        indent = len(line_of_spaces) - len(line_of_spaces.lstrip())
        folders = [(depth, folder) for depth, folder in folders if depth < indent]
        parent = folders[-1][1] if folders else ""
        for name in re.split(r" {2,}", line_of_spaces.strip())[0].split(" "):
            paths.append(parent + name)
        if paths[-1].endswith("/"):
            folders.append((indent, paths[-1]))
    return paths


def setting_names(model: type[BaseModel], prefix: str, delimiter: str) -> Iterator[str]:
    """Yield the environment variable of every setting, those of nested models too."""
    for name, field in model.model_fields.items():
        variable = f"{prefix}{name}".upper()
        nested = [one for one in (field.annotation, *typing.get_args(field.annotation)) if _is_model(one)]
        for one in nested:
            yield from setting_names(one, f"{variable}{delimiter}", delimiter)
        if not nested:
            yield variable


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def test_map_is_read_with_its_folders() -> None:
    text = (
        "```text map\nLICENSE SECURITY.md  law\nbroker/   code\n  kernel/  words\n    values.py  small\n  app.py\n```\n"
    )

    assert map_paths(text) == [
        "LICENSE",
        "SECURITY.md",
        "broker/",
        "broker/kernel/",
        "broker/kernel/values.py",
        "broker/app.py",
    ]


def test_settings_are_found_in_nested_models() -> None:
    class Database(BaseModel):
        url: str

    class Example(BaseSettings):
        database: Database | None = None
        name: str = ""

    assert list(setting_names(Example, "BROKER_", "__")) == ["BROKER_DATABASE__URL", "BROKER_NAME"]


def test_make_lists_every_target_for_people(root: Path) -> None:
    makefile = (root / "Makefile").read_text()

    checked = {"test", "check", "torture", "lint", "mutate", "bench"}
    targets = {"help", "setup", "demo", "shell", "policies", "pages", "lock", "clean"} | checked
    assert make_targets(makefile) == targets


def test_readme_uses_only_targets_that_exist(root: Path) -> None:
    used = used_targets((root / "README.md").read_text())

    assert {"demo", "test"} <= used
    assert used <= make_targets((root / "Makefile").read_text())


def test_readme_map_names_what_exists(root: Path) -> None:
    paths = map_paths((root / "README.md").read_text())

    missing = [path for path in paths if not (root / path).exists() or path.endswith("/") != (root / path).is_dir()]
    assert not missing


def test_readme_map_names_every_top_level_entry(root: Path, tree_files: list[Path]) -> None:
    top_level = {file.parts[0] + ("/" if len(file.parts) > 1 else "") for file in tree_files}
    assert {"broker/", "pyproject.toml"} <= top_level
    mapped = {
        path if path.count("/") == 0 else path.split("/")[0] + "/"
        for path in map_paths((root / "README.md").read_text())
    }

    assert top_level - {".gitignore"} <= mapped


def test_every_setting_is_documented(root: Path) -> None:
    from broker.settings import Settings

    prefix = Settings.model_config.get("env_prefix", "")
    delimiter = Settings.model_config.get("env_nested_delimiter") or "__"
    names = list(setting_names(Settings, prefix, delimiter))
    documents = (root / "README.md").read_text() + (root / "deploy" / "README.md").read_text()

    assert prefix == "BROKER_"
    assert names
    missing = [name for name in names if not re.search(rf"\b{name}\b", documents)]
    assert not missing

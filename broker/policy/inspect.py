"""What is in a bundle, for whoever has to accept it: counted from the bundle itself, not from sources beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from broker.policy.bundle import EMBEDDED, SERVER, members_of, open_packed, read_packed
from broker.policy.edition import SIGNATURES, read_signatures
from broker.policy.embedded import builtins_of

# A rule begins at the margin with its name; what follows it there is not one (`else` begins with a closing brace).
_PACKAGE = re.compile(r"^package ([a-z_.]+)", re.MULTILINE)
_RULE = re.compile(r"^(?!package |import |default )([a-z_][a-z0-9_]*)", re.MULTILINE)


def inspect_bundle(folder: Path, policies: Path) -> dict[str, Any]:
    """Return what a folder's bundle holds; the signatures are named, not verified.

    Raises SettingsError when there is no bundle, or it is not the one in its manifest, or a parameter is wrong.
    """
    packed = read_packed(folder)
    bundle = open_packed(packed, policies)
    manifest = json.loads(members_of(packed.files[EMBEDDED]).get(".manifest", b"{}"))
    return {
        "revision": bundle.revision,
        "digest": bundle.digest,
        "signed_by": sorted(read_signatures(folder)) if (folder / SIGNATURES).is_file() else [],
        "entry_points": [module["entrypoint"] for module in manifest.get("wasm", ())],
        "builtins": list(builtins_of(bundle)),
        "rules": _rules(members_of(packed.files[SERVER])),
        "tables": {name: _rows(table) for name, table in sorted(bundle.data["law"].items())},
        "parameters": bundle.data["parameters"],
    }


def _rules(members: Mapping[str, bytes]) -> dict[str, int]:
    """Return how many rules each package has; definitions of one name count together, as they are one rule."""
    found = {}
    for name in sorted(members):
        if name.endswith(".rego"):
            text = members[name].decode("utf-8")
            package = _PACKAGE.search(text)
            found[package[1] if package else name] = len(set(_RULE.findall(text)))
    return found


def _rows(table: Any) -> int:
    """Return the number of rows: those under `rows` where a table has them, else its entries."""
    return len(table["rows"]) if isinstance(table, dict) and isinstance(table.get("rows"), list) else len(table)

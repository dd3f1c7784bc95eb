"""What is served to the browser: all of it is in the manifest, none of it is proprietary or fetched from elsewhere."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "broker" / "web" / "static"
STYLE = (STATIC / "page.css").read_text("utf-8")
# The two names of Python's licence are of argparse in JavaScript, which only reads the generator's command line.
OPEN_LICENCES = {"MIT", "EUPL-1.2", "OFL-1.1", "Apache-2.0", "MPL-2.0", "Python-2.0", "PSF-2.0"}
PACKAGES = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]


def test_manifest_has_the_digest_of_every_file_and_no_other() -> None:
    found = {
        path.name: {
            "sha384": base64.b64encode(hashlib.sha384(path.read_bytes()).digest()).decode(),
            "bytes": path.stat().st_size,
        }
        for path in STATIC.iterdir()
        if path.name != "manifest.json"
    }
    assert {"client.js", "page.css", "LICENSES.txt"} <= found.keys()
    manifest = json.loads((STATIC / "manifest.json").read_text("ascii"))
    assert manifest == found
    assert list(manifest) == sorted(manifest)


def test_style_is_small_and_names_no_city_and_no_logo() -> None:
    assert len(STYLE.encode()) < 60_000
    assert ".ams-button" in STYLE
    assert not re.search(r"amsterdam|logo", STYLE, re.IGNORECASE)


def test_style_leaves_no_name_of_the_design_system_without_a_value() -> None:
    used = set(re.findall(r"var\((--_?[a-z0-9_-]+)", STYLE))
    given = set(re.findall(r"(--_?[a-z0-9_-]+):", STYLE))
    assert "--ink" in used
    assert used <= given


def test_built_files_fetch_nothing_from_elsewhere() -> None:
    for path in [*STATIC.glob("*.js"), *STATIC.glob("*.css")]:
        text = path.read_text("utf-8")
        assert "sourceMappingURL" not in text
        # The name of the SVG language stands inside the arrows of the style, and is never fetched.
        assert not re.findall(r"(?:https?:)?//[a-z]", text.replace("http://www.w3.org/2000/svg", "")), path.name
    urls = re.findall(r"url\(\"?([^)\"]+)", STYLE)
    assert {url for url in urls if not url.startswith("data:")} == {f"./{path.name}" for path in STATIC.glob("*.woff2")}


def test_licences_of_what_is_built_in_are_there() -> None:
    text = (STATIC / "LICENSES.txt").read_text("utf-8")
    for name in ("@amsterdam/design-system-css", "@fontsource/source-sans-3", "@hpke/core", "@noble/hashes", "mlkem"):
        version = PACKAGES[f"node_modules/{name}"]["version"]
        assert re.search(rf"^{re.escape(name)} {re.escape(version)} \((MIT|EUPL-1\.2|OFL-1\.1)\)$", text, re.MULTILINE)
    assert "noble-curves - MIT License" in text


def test_packages_are_open_pinned_and_hashed() -> None:
    """The design system's own values and fonts are proprietary to the city: neither may come in as a peer."""
    project = json.loads((ROOT / "package.json").read_text("utf-8"))
    declared = project["dependencies"] | project["devDependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in declared.values())
    installed = {name: entry for name, entry in PACKAGES.items() if name}
    assert len(installed) > len(declared)
    for name, entry in installed.items():
        assert entry["integrity"].startswith("sha512-"), name
        assert "resolved" not in entry, name
        assert entry["license"] in OPEN_LICENCES, name


def test_types_of_the_client_have_the_members_of_the_api() -> None:
    """That types.mjs writes exactly this file is held by `make test` where there is Node; this holds without it."""
    schemas = json.loads((ROOT / "docs" / "api" / "openapi.json").read_text("utf-8"))["components"]["schemas"]
    text = (ROOT / "broker" / "web" / "client" / "api.ts").read_text("utf-8")
    written = dict(re.findall(r"^export interface (\w+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL))

    assert {"PreviewedOut", "OpeningOut", "ReleaseIn", "EventOut"} <= written.keys()
    for name, body in written.items():
        assert set(re.findall(r"^  readonly (\w+)\??:", body, re.MULTILINE)) == schemas[name]["properties"].keys(), name

"""The bundle in the tree is what the sources build, byte for byte, and a changed one does not serve."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from pathlib import Path
from typing import Any

import pytest

from broker.kernel.errors import SettingsError
from broker.policy.bundle import (
    EMBEDDED,
    MANIFEST,
    SERVER,
    Bundle,
    build_bundles,
    load_bundle,
    open_schema,
    source_digest,
    source_files,
)
from broker.policy.embedded import EmbeddedEngine, builtins_of


@pytest.fixture
def copied(policies: Path, tmp_path: Path) -> Path:
    """Return a copy of the policies that a test may spoil."""
    return Path(shutil.copytree(policies, tmp_path / "policies"))


def _files(policies: Path) -> dict[str, bytes]:
    return {name: (policies / "bundle" / name).read_bytes() for name in (EMBEDDED, SERVER, MANIFEST)}


def _refuses(policies: Path, code: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_bundle(policies)
    assert caught.value.code == code


def test_committed_bundle_is_fresh_and_builds_the_same_bytes(
    opa_program: str, policies: Path, copied: Path, tmp_path: Path
) -> None:
    second = Path(shutil.copytree(copied, tmp_path / "elsewhere" / "policies"))
    for place in (copied, second):
        shutil.rmtree(place / "bundle")
        build_bundles(place, opa_program)

    assert _files(copied) == _files(second)
    assert _files(copied) == _files(policies)


def test_bundle_carries_no_case(opa_program: str, bundle: Bundle, copied: Path) -> None:
    with_cases = _files(copied)
    for cases in (copied / "sharing").rglob("cases.yaml"):
        cases.unlink()
    build_bundles(copied, opa_program)

    assert _files(copied) == with_cases
    assert set(bundle.data) == {"bundle", "law", "parameters"}


def test_bundle_names_itself(bundle: Bundle, policies: Path) -> None:
    assert bundle.data["bundle"] == {"revision": bundle.revision, "digest": bundle.digest}
    assert bundle.revision == (policies / "REVISION").read_text().strip()
    assert bundle.digest == source_digest(policies)


def test_compiled_policy_calls_for_no_builtin_from_outside(bundle: Bundle) -> None:
    assert builtins_of(bundle) == ()


def test_policy_that_reads_the_clock_does_not_load(opa_program: str, copied: Path) -> None:
    rules = copied / "sharing" / "requester" / "requester.rego"
    rules.write_text(rules.read_text() + '\nmet contains "DN-04" if time.now_ns() < 0\n')
    build_bundles(copied, opa_program)

    with pytest.raises(SettingsError) as caught:
        EmbeddedEngine(load_bundle(copied))
    assert caught.value.code == "policy.builtin"
    assert "time.now_ns" in str(caught.value)


def test_policy_that_does_not_compile_says_why(opa_program: str, copied: Path) -> None:
    with (copied / "sharing" / "facts" / "facts.rego").open("a") as rules:
        rules.write("\nlost := nowhere\n")

    with pytest.raises(SettingsError, match="nowhere") as caught:
        build_bundles(copied, opa_program)
    assert caught.value.code == "policy.build"


def test_sources_are_rules_tables_and_revision(policies: Path) -> None:
    names = {path.name for path in source_files(policies)}

    assert {"decision.rego", "data.yaml", "REVISION"} <= names
    assert not {name for name in names if name == "cases.yaml" or name.endswith("_test.rego")}


def test_digest_tells_names_and_contents_apart(copied: Path) -> None:
    before = source_digest(copied)
    first, second = (copied / "sharing" / name / f"{name}.rego" for name in ("facts", "phase"))
    contents = first.read_bytes(), second.read_bytes()
    first.write_bytes(contents[1])
    second.write_bytes(contents[0])
    swapped = source_digest(copied)
    first.write_bytes(contents[0])
    second.write_bytes(contents[1])

    assert swapped != before
    assert source_digest(copied) == before


@pytest.mark.parametrize("name", [EMBEDDED, SERVER])
def test_bundle_with_a_changed_byte_is_refused(copied: Path, name: str) -> None:
    path = copied / "bundle" / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)

    _refuses(copied, "policy.changed")


@pytest.mark.parametrize("source", ["sharing/phase/phase.rego", "data/parameters/data.yaml", "REVISION"])
def test_bundle_older_than_its_sources_is_refused(copied: Path, source: str) -> None:
    with (copied / source).open("a") as file:
        file.write("\n")

    _refuses(copied, "policy.stale")


def test_bundle_with_a_rule_added_beside_it_is_refused(copied: Path) -> None:
    (copied / "sharing" / "facts" / "more.rego").write_text("package sharing.facts\n")

    _refuses(copied, "policy.stale")


@pytest.mark.parametrize("name", [EMBEDDED, SERVER, MANIFEST])
def test_bundle_with_a_file_missing_is_refused(copied: Path, name: str) -> None:
    (copied / "bundle" / name).unlink()

    _refuses(copied, "policy.no_bundle")


@pytest.mark.parametrize("manifest", ["", "{}", "[]", "null", "{", '{"files": {}, "revision": "1"}', '{"files": 1}'])
def test_manifest_that_is_none_is_refused(copied: Path, manifest: str) -> None:
    (copied / "bundle" / MANIFEST).write_text(manifest)

    _refuses(copied, "policy.no_bundle")


def _with_manifest(policies: Path, **changes: Any) -> None:
    path = policies / "bundle" / MANIFEST
    manifest = {**json.loads(path.read_text()), **changes}
    for name in manifest["files"]:
        content = (policies / "bundle" / name).read_bytes()
        manifest["files"][name] = "sha256:" + hashlib.sha256(content).hexdigest()
    path.write_text(json.dumps(manifest))


def test_manifest_of_another_revision_is_refused(copied: Path) -> None:
    _with_manifest(copied, revision="1999.1.1")

    _refuses(copied, "policy.changed")


def test_manifest_of_other_sources_is_refused_with_and_without_them(copied: Path) -> None:
    _with_manifest(copied, digest="sha256:" + "0" * 64)
    _refuses(copied, "policy.stale")

    shutil.rmtree(copied / "sharing")
    _refuses(copied, "policy.changed")


@pytest.mark.parametrize(
    "content",
    [b"", b"no archive", gzip.compress(b"no archive"), gzip.compress(b"x" * 10_000)[:-9]],
    ids=["empty", "not gzip", "not tar", "cut off"],
)
def test_archive_that_is_none_is_refused_even_when_the_manifest_names_it(copied: Path, content: bytes) -> None:
    (copied / "bundle" / EMBEDDED).write_bytes(content)
    _with_manifest(copied)

    _refuses(copied, "policy.changed")


def test_archive_without_a_policy_is_refused(copied: Path) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz"):
        pass
    (copied / "bundle" / EMBEDDED).write_bytes(packed.getvalue())
    _with_manifest(copied)

    _refuses(copied, "policy.changed")


def test_installed_policies_serve_without_their_sources(copied: Path, bundle: Bundle) -> None:
    for folder in ("sharing", "data"):
        shutil.rmtree(copied / folder)

    assert load_bundle(copied) == bundle


def test_schema_that_is_missing_is_said_to_be(copied: Path) -> None:
    (copied / "schema" / "answer.schema.json").write_text("{")
    for name in ("answer", "nowhere"):
        with pytest.raises(SettingsError) as caught:
            open_schema(copied, name)
        assert caught.value.code == "policy.no_schema"

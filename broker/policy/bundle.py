"""The policy bundles: built from the sources by OPA, kept in the tree, and checked before they serve.

One set of sources makes two bundles. `embedded.tar.gz` holds the policies compiled to WebAssembly; `opa.tar.gz` holds
the Rego for an OPA server, because the WebAssembly bundle leaves its entry point out of its Rego. `manifest.json` says
which revision they are, the digest of the sources they were made from, and the digest of each file. The revision and
digest also stand inside both bundles, so that every answer says which bundle gave it.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema_rs

from broker.crypto.canonical import canonical
from broker.kernel.errors import ParseError, SettingsError
from broker.kernel.strict_yaml import read_yaml

ENTRYPOINT = "sharing/decision/decision"
EMBEDDED, SERVER, MANIFEST = "embedded.tar.gz", "opa.tar.gz", "manifest.json"
_TYPES = "organisations"
_SIDE_BY_SIDE = {"rows", "acute", "givers", "told", "no_withdrawal"}
"""Lists of law whose rows stand beside each other; any other list of rows is what one code says, day after day."""


def policies_path() -> Path:
    """Return the folder of the policies: the one in the installed package, or the checkout's."""
    installed = Path(__file__).parent.parent / "policies"
    return installed if installed.is_dir() else Path(__file__).parent.parent.parent / "policies"


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle that was checked: its revision, the digest of its sources, the compiled policy and its data."""

    revision: str
    digest: str
    wasm: bytes = field(repr=False)
    data: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Packed:
    """Both bundles as they lie in a folder, and the exact bytes of the manifest that names them."""

    revision: str
    digest: str
    manifest: bytes = field(repr=False)
    files: Mapping[str, bytes] = field(repr=False)


def source_files(policies: Path) -> tuple[Path, ...]:
    """Return the files that the bundles are made of: rules without their tests, tables, and the revision."""
    rules = (path for path in (policies / "sharing").rglob("*.rego") if not path.name.endswith("_test.rego"))
    return tuple(sorted([*rules, *(policies / "data").rglob("data.yaml"), policies / "REVISION"]))


def source_digest(policies: Path) -> str:
    """Return "sha256:" and the hash over the names and bytes of the sources, in the order of their names."""
    summary = hashlib.sha256()
    for path in source_files(policies):
        content = path.read_bytes()
        summary.update(f"{path.relative_to(policies).as_posix()}\0{len(content)}\0".encode())
        summary.update(content)
    return f"sha256:{summary.hexdigest()}"


def build_bundles(policies: Path, opa: str) -> Mapping[str, Any]:
    """Build both bundles and the manifest with the OPA program; the same sources give the same bytes.

    Raises SettingsError with OPA's own words when the sources do not compile, and with each finding when a parameter
    or a table of law is not what it may be; then what was built before stays.
    """
    law = {path.name: _table(policies, f"law/{path.name}") for path in sorted((policies / "data" / "law").iterdir())}
    check_data(policies, {"parameters": _table(policies, "parameters"), "law": law})
    bundle = policies / "bundle"
    bundle.mkdir(exist_ok=True)
    about = {"revision": (policies / "REVISION").read_text().strip(), "digest": source_digest(policies)}
    with tempfile.TemporaryDirectory() as folder:
        stamp = Path(folder) / "stamp" / "bundle"
        stamp.mkdir(parents=True)
        (stamp / "data.json").write_bytes(canonical(about))
        for name, target in ((EMBEDDED, "wasm"), (SERVER, "rego")):
            built = Path(folder) / name
            command = [
                *(opa, "build", "--target", target, "--entrypoint", ENTRYPOINT),
                *("--ignore", "*_test.rego", "--ignore", "cases.yaml"),
                *("--revision", about["revision"], "--output", str(built)),
                *("data", "sharing", str(stamp.parent)),
            ]
            run = subprocess.run(command, cwd=policies, capture_output=True, text=True, check=False)  # noqa: S603
            if run.returncode != 0:
                raise SettingsError(
                    f"the policies do not compile: {(run.stderr or run.stdout).strip()}", code="policy.build"
                )
            (bundle / name).write_bytes(_repacked(built))
    files = {name: _digest((bundle / name).read_bytes()) for name in (EMBEDDED, SERVER)}
    manifest = {**about, "files": files}
    (bundle / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")
    return manifest


def load_bundle(policies: Path) -> Bundle:
    """Return the embedded bundle after checking it against its manifest, and the manifest against the sources.

    Raises SettingsError when a file was changed, or when the sources beside it are newer than the bundle: a broker that
    starts then would decide by other rules than the ones people read.
    """
    packed = read_packed(policies / "bundle")
    if (policies / "sharing").is_dir() and source_digest(policies) != packed.digest:
        raise SettingsError(
            "the policy sources changed since the bundle was built; run make policies", code="policy.stale"
        )
    return open_packed(packed, policies)


def read_packed(folder: Path) -> Packed:
    """Return what a folder holds, each file as its manifest says; SettingsError when one is missing or changed."""
    try:
        return check_packed({name: (folder / name).read_bytes() for name in (MANIFEST, EMBEDDED, SERVER)})
    except OSError as error:
        raise SettingsError("there is no usable policy bundle here", code="policy.no_bundle") from error


def check_packed(contents: Mapping[str, bytes]) -> Packed:
    """Return what these files by name hold; raises as `read_packed` does."""
    try:
        manifest, files = contents[MANIFEST], {name: contents[name] for name in (EMBEDDED, SERVER)}
        about = json.loads(manifest)
        expected = {name: str(about["files"][name]) for name in about["files"]}
        packed = Packed(str(about["revision"]), str(about["digest"]), manifest, files)
    except (ValueError, KeyError, TypeError) as error:
        raise SettingsError("there is no usable policy bundle here", code="policy.no_bundle") from error
    if expected.keys() != files.keys():
        raise SettingsError("the manifest of the policy bundle names other files", code="policy.no_bundle")
    for name, content in files.items():
        if _digest(content) != expected[name]:
            raise SettingsError(f"the policy bundle {name} is not the one in its manifest", code="policy.changed")
    return packed


def open_packed(packed: Packed, policies: Path, *, to_serve: bool = True) -> Bundle:
    """Return the embedded bundle; SettingsError when it is of another build, or what it is to serve by is wrong.

    One that is only compared with may have the parameters and tables of an earlier version of the program.
    """
    try:
        members = members_of(packed.files[EMBEDDED])
        wasm, data = members["policy.wasm"], json.loads(members["data.json"])
    except (KeyError, ValueError) as error:
        raise SettingsError("the embedded policy bundle cannot be read", code="policy.changed") from error
    if data.get("bundle") != {"revision": packed.revision, "digest": packed.digest}:
        raise SettingsError("the embedded policy bundle is of another build", code="policy.changed")
    if to_serve:
        check_data(policies, data)
    return Bundle(packed.revision, packed.digest, wasm, data)


def members_of(content: bytes) -> dict[str, bytes]:
    """Return the files in a bundle by name, without the slash that OPA puts first; ValueError when it is no archive."""
    try:
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            opened = {member.name.lstrip("/"): archive.extractfile(member) for member in archive.getmembers()}
            return {name: file.read() for name, file in opened.items() if file is not None}
    except (tarfile.TarError, EOFError, OSError, zlib.error) as error:
        raise ValueError("this is no bundle") from error


def check_data(policies: Path, data: Mapping[str, Any]) -> None:
    """Raise SettingsError with the path of what is wrong in the parameters or the tables of law, and why."""
    law = data.get("law", {})
    findings = (
        *_findings(policies, "parameters", data.get("parameters")),
        *(f"/{_TYPES}{finding}" for finding in _findings(policies, _TYPES, law.get(_TYPES))),
        *(f"/{place}: a row begins on {day}, before the one before it ends" for place, day in _overlaps(law)),
    )
    if findings:
        raise SettingsError("a parameter of the policy is not right", code="policy.parameters", errors=findings)


def _overlaps(law: Mapping[str, Any], place: str = "") -> Iterator[tuple[str, str]]:
    """Yield where rows that should follow each other do not, and when the later one begins."""
    for name, entry in law.items():
        if isinstance(entry, Mapping):
            yield from _overlaps(entry, f"{place}{name}/")
        elif isinstance(entry, list) and name not in _SIDE_BY_SIDE and all(_is_row(one) for one in entry):
            for earlier, later in pairwise(entry):
                if earlier["valid_to"] is None or earlier["valid_to"] > later["valid_from"]:
                    yield f"{place}{name}", later["valid_from"]


def _is_row(entry: object) -> bool:
    return isinstance(entry, Mapping) and entry.keys() >= {"valid_from", "valid_to"}


def _findings(policies: Path, name: str, value: object) -> list[str]:
    shared = open_schema(policies, "document")
    validator = jsonschema_rs.Draft202012Validator(
        open_schema(policies, name), registry=jsonschema_rs.Registry([(shared["$id"], shared)])
    )
    # These are choices of an organisation and text of law, about nobody: the value may be in the message.
    return [
        f"/{'/'.join(str(step) for step in error.instance_path)}: {error.message}"
        for error in validator.iter_errors(value)
    ]


def open_schema(policies: Path, name: str) -> dict[str, Any]:
    """Return one of the JSON Schemas of the policy folder; raise SettingsError when it is missing."""
    try:
        schema = json.loads((policies / "schema" / f"{name}.schema.json").read_text())
    except (OSError, ValueError) as error:
        raise SettingsError(f"the schema {name} is missing or broken", code="policy.no_schema") from error
    return dict(schema)


def _table(policies: Path, name: str) -> object:
    try:
        return read_yaml((policies / "data" / name / "data.yaml").read_bytes(), references=True)
    except OSError as error:
        raise SettingsError("a table of the policy cannot be read", code="policy.parameters") from error
    except ParseError as error:
        finding = f"{name}/data.yaml: {error}"
        raise SettingsError(
            "a table of the policy cannot be read", code="policy.parameters", errors=(finding,)
        ) from None


def _repacked(built: Path) -> bytes:
    """Return the archive gzipped again without a time, so that equal content is equal bytes on every machine."""
    content = gzip.decompress(built.read_bytes())
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", mtime=0, filename="", compresslevel=9) as packed:
        packed.write(content)
    return target.getvalue()


def _digest(content: bytes) -> str:
    return "sha256:" + hashlib.sha256(content).hexdigest()

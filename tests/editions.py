"""Other bundles than the committed one, made from it without OPA, and signed by keys of the test's own."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from broker.crypto.base64text import encode_base64url
from broker.crypto.canonical import canonical
from broker.policy.bundle import EMBEDDED, MANIFEST, SERVER, policies_path
from broker.policy.edition import SIGNATURES, sign_edition
from broker.policy.signer import Signer, add_signer, make_signer

CURRENT = (policies_path() / "REVISION").read_text().strip()
"""The revision of the committed bundle; the tests' own are in a year that nobody will see."""

Change = Callable[[dict[str, Any]], None]


class Desk:
    """A folder with an edition and the key set of who may sign it, and the keys to do so."""

    def __init__(self, folder: Path) -> None:
        """Make one signer, whom the key set names; nothing is signed yet."""
        folder.mkdir(exist_ok=True)
        self.folder, self.edition, self.signers = folder, folder / "edition", folder / "signers.json"
        self.signer = make_signer()
        add_signer(self.signers, self.signer.public)

    def policies(self, revision: str, change: Change | None = None) -> Path:
        """Return a folder of policies of this revision, whose digest is other than the committed one's."""
        target = self.folder / f"policies-{len(list(self.folder.iterdir()))}"
        shutil.copytree(policies_path() / "schema", target / "schema")
        shutil.copytree(policies_path() / "bundle", target / "bundle")
        rebuild(target / "bundle", revision, change)
        return target

    def offer(self, revision: str | None = None, change: Change | None = None) -> None:
        """Sign the committed bundle into the edition, or one of another revision."""
        sign_edition(self.policies(revision, change) if revision else policies_path(), self.signer, self.edition)

    def offer_anyway(self, revision: str, change: Change) -> None:
        """Put a bundle into the edition that `broker policy sign` would refuse, signed all the same."""
        shutil.rmtree(self.edition, ignore_errors=True)
        shutil.copytree(self.policies(revision, change) / "bundle", self.edition)
        sign_manifest(self.edition, self.signer)


def rebuild(bundle: Path, revision: str, change: Change | None = None) -> None:
    """Give both bundles another revision, a digest that goes with it, and changed data."""
    about = {"revision": revision, "digest": "sha256:" + hashlib.sha256(repr((revision, change)).encode()).hexdigest()}
    for name in (EMBEDDED, SERVER):
        members = read_members(bundle / name)
        data = json.loads(members["/data.json"])
        data["bundle"] = about
        if change:
            change(data)
        write_members(bundle / name, {**members, "/data.json": canonical(data)})
    rewrite_manifest(bundle, **about)


def rewrite_manifest(bundle: Path, **about: str) -> None:
    """Make the manifest true for the files beside it."""
    manifest = {**json.loads((bundle / MANIFEST).read_bytes()), **about}
    manifest["files"] = {
        name: "sha256:" + hashlib.sha256((bundle / name).read_bytes()).hexdigest() for name in (EMBEDDED, SERVER)
    }
    (bundle / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n")


def sign_manifest(edition: Path, *signers: Signer) -> None:
    """Sign the manifest as it lies there, whatever it says."""
    manifest = (edition / MANIFEST).read_bytes()
    signatures = {signer.id: encode_base64url(signer.sign(manifest)) for signer in signers}
    (edition / SIGNATURES).write_text(json.dumps({"version": 1, "signatures": signatures}))


def read_members(path: Path) -> dict[str, bytes]:
    """Return the files in a bundle by their names as they stand there."""
    with tarfile.open(path) as archive:
        files = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        return {name: file.read() for name, file in files.items() if file}


def write_members(path: Path, members: Mapping[str, bytes]) -> None:
    """Write a bundle with these files."""
    with tarfile.open(path, mode="w:gz") as archive:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))

"""A signed edition: a folder with both bundles, and the signatures of those who accepted them.

    manifest.json        revision, digest of the sources, digest of each bundle
    embedded.tar.gz      for the embedded engine, as it was built
    opa.tar.gz           for an OPA server, as it was built, without a signature: OPA refuses it when it has a key
    signatures.json      {"version": 1, "signatures": {key id: ES256 signature over the bytes of manifest.json}}
    opa-<key id>.tar.gz  the same as opa.tar.gz with OPA's own `.signatures.json` in it, by this key

What was built is never changed, so that anybody can build it again and compare. One good signature by a key of the key
set is enough; a bad one by such a key refuses the edition, and keys that are not in the set count for nothing.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from broker.crypto.base64text import decode_base64url, encode_base64url
from broker.crypto.canonical import canonical
from broker.domain.bundle import revision_number
from broker.kernel.errors import ParseError, SettingsError, SignatureError
from broker.kernel.strict_json import read_json
from broker.policy.bundle import MANIFEST, SERVER, Bundle, Packed, load_bundle, members_of, open_packed, read_packed
from broker.policy.signer import (
    Public,
    Signer,
    add_signer,
    format_public,
    make_signer,
    read_signers,
    replace_file,
    verify_by,
)

SIGNATURES = "signatures.json"
_OF_OPA = ".signatures.json"


@dataclass(frozen=True, slots=True)
class Edition:
    """A bundle that was checked, the ids of the known keys that signed it, sorted, and the files to keep it by.

    Not among these are the bundles for OPA with OPA's own signatures: nothing but OPA reads them.
    """

    bundle: Bundle
    signers: tuple[str, ...]
    files: Mapping[str, bytes] = field(repr=False)


def sign_edition(policies: Path, signer: Signer, folder: Path) -> Mapping[str, Any]:
    """Sign the bundle of these policies into a folder, and return who signed what is there now.

    A folder that holds the same bundle gets one more signature; one that holds another is replaced. Raises
    SettingsError when the bundle is not the one that the sources build, so that nobody signs what he cannot read.
    """
    bundle = load_bundle(policies)
    revision_number(bundle.revision)
    packed = read_packed(policies / "bundle")
    folder.mkdir(parents=True, exist_ok=True)
    signatures: dict[str, str] = {}
    if (folder / MANIFEST).is_file() and (folder / MANIFEST).read_bytes() == packed.manifest:
        signatures = dict(read_signatures(folder))
    else:
        for older in folder.glob("opa-*.tar.gz"):
            older.unlink()
    signatures[signer.id] = encode_base64url(signer.sign(packed.manifest))
    contents = {
        **packed.files,
        server_bundle(signer.id): _with_signature(packed.files[SERVER], signer),
        SIGNATURES: canonical({"version": 1, "signatures": signatures}) + b"\n",
        # Last: a broker that watches this folder looks again when the manifest changes.
        MANIFEST: packed.manifest,
    }
    for name, content in contents.items():
        replace_file(folder / name, content)
    return {"revision": bundle.revision, "digest": bundle.digest, "signers": sorted(signatures)}


def server_bundle(key: str) -> str:
    """Return the name of the bundle for an OPA server that believes this key."""
    return f"opa-{key}.tar.gz"


def own_edition(policies: Path, folder: Path) -> tuple[Path, Path]:
    """Sign with a key that is made for the occasion and thrown away; return the edition and the key set that names it.

    Its public half is beside them in `signer.pub`, as OPA takes it. For demonstrations, measurements and tests.
    """
    signer, signers = make_signer(), folder / "signers.json"
    add_signer(signers, signer.public)
    (folder / "signer.pub").write_text(format_public(signer.public))
    sign_edition(policies, signer, folder / "edition")
    return folder / "edition", signers


def read_edition(folder: Path | None, signers: Path | None, policies: Path) -> Edition:
    """Return the edition in a folder once everything in it was checked; the signature before what it covers is used.

    Raises SettingsError when there is no edition or no key set, when nobody known signed it, when a file in it was
    changed or a parameter is wrong; SignatureError when a known key's signature is not over this manifest.
    """
    known = read_signers(signers)
    if folder is None or not (folder / MANIFEST).is_file():
        raise SettingsError("there is no signed edition of the policies", code="policy.no_edition")
    signatures = _signatures_in(folder)
    read = parse_signatures(signatures)
    packed = read_packed(folder)
    by = known_signers(packed, read, known)
    if not by:
        raise SettingsError("nobody in the key set signed this bundle", code="policy.unknown_signer")
    files = {**packed.files, MANIFEST: packed.manifest, SIGNATURES: signatures}
    return Edition(open_packed(packed, policies), by, files)


def read_signatures(folder: Path) -> Mapping[str, str]:
    """Return the signatures of a folder by key id; SettingsError when there is none."""
    return parse_signatures(_signatures_in(folder))


def _signatures_in(folder: Path) -> bytes:
    try:
        return (folder / SIGNATURES).read_bytes()
    except OSError as error:
        raise SettingsError("the policy bundle is not signed", code="policy.unsigned") from error


def parse_signatures(content: bytes) -> Mapping[str, str]:
    """Return the signatures in the bytes of `signatures.json` by key id; SettingsError when there is none."""
    try:
        read = read_json(content)
        signatures = {str(key): str(signature) for key, signature in read["signatures"].items()}
        known_version = read["version"] == 1
    except (ParseError, KeyError, TypeError, AttributeError) as error:
        raise SettingsError("the policy bundle is not signed", code="policy.unsigned") from error
    if not signatures or not known_version:
        raise SettingsError("the policy bundle is not signed", code="policy.unsigned")
    return signatures


def verify_server_bundles(folder: Path, known: Mapping[str, Public]) -> tuple[str, ...]:
    """Return the ids of the known keys whose bundle for OPA is there and good; raise SignatureError for a bad one."""
    plain = members_of(read_packed(folder).files[SERVER])
    found = []
    for key, public in sorted(known.items()):
        path = folder / server_bundle(key)
        if path.is_file():
            _verify_server_bundle(path.read_bytes(), plain, public)
            found.append(key)
    return tuple(found)


def known_signers(packed: Packed, signatures: Mapping[str, str], known: Mapping[str, Public]) -> tuple[str, ...]:
    """Return the ids of the known keys that signed a bundle, sorted; SignatureError when one's signature is bad."""
    by = tuple(sorted(signatures.keys() & known.keys()))
    for key in by:
        try:
            verify_by(known[key], decode_base64url(signatures[key]), packed.manifest)
        except ParseError as error:
            raise SignatureError("the signature is not written as base64url", code="policy.signature") from error
    return by


def _with_signature(server: bytes, signer: Signer) -> bytes:
    """Return OPA's bundle with the file that OPA looks for: a JWT over the hash of every other file in it.

    https://www.openpolicyagent.org/docs/latest/management-bundles/#signature-format
    """
    header = {"alg": "ES256", "kid": signer.id, "typ": "JWT"}
    text = ".".join(encode_base64url(canonical(part)) for part in (header, {"files": _hashes(members_of(server))}))
    token = f"{text}.{encode_base64url(signer.sign(text.encode('ascii')))}"
    signatures, packed = canonical({"signatures": [token]}), io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(server)) as before,
        tarfile.open(fileobj=packed, mode="w:gz") as after,
    ):
        for member in before.getmembers():
            after.addfile(member, before.extractfile(member))
        member = tarfile.TarInfo(f"/{_OF_OPA}")
        member.size = len(signatures)
        after.addfile(member, io.BytesIO(signatures))
    return packed.getvalue()


def _hashes(members: Mapping[str, bytes]) -> list[dict[str, str]]:
    """Return what OPA expects of each file; it hashes JSON with its keys in order, whatever order they stand in."""
    structured = {name: name.endswith(".json") or name == ".manifest" for name in members}
    hashed = {name: canonical(json.loads(file)) if structured[name] else file for name, file in members.items()}
    return [
        {"name": name, "hash": hashlib.sha256(file).hexdigest(), "algorithm": "SHA-256"}
        for name, file in sorted(hashed.items())
    ]


def _verify_server_bundle(content: bytes, plain: Mapping[str, bytes], public: Public) -> None:
    try:
        members = members_of(content)
        (token,) = json.loads(members.pop(_OF_OPA))["signatures"]
        text, _, signature = token.rpartition(".")
        files = json.loads(decode_base64url(text.partition(".")[2]))["files"]
        verify_by(public, decode_base64url(signature), text.encode("ascii"))
    except (ValueError, KeyError, TypeError, AttributeError, ParseError) as error:
        raise SignatureError("the bundle for OPA is not signed by this key", code="policy.signature") from error
    if members != plain or files != _hashes(plain):
        raise SignatureError("the bundle for OPA is not the one in the manifest", code="policy.signature")

"""Who may vouch for a bundle: an ES256 key that signs it, and the key set of those whose signature is believed.

A signature under a bundle says: this organisation accepted this edition of the law. The private key is a PEM file
(PKCS #8, P-256) that stays with whoever reviews the policies; no broker needs it. The public halves are a JSON Web Key
Set (RFC 7517). A key is known by its thumbprint (RFC 7638), so that a name can never be given to another key. Several
keys at once are how one key follows another: add the new one, sign with it, take the old one out.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from broker.kernel.errors import KeyUnavailable, ParseError, SettingsError, SignatureError
from broker.kernel.strict_json import read_json

Public = ec.EllipticCurvePublicKey

_ES256 = ec.ECDSA(hashes.SHA256())
_HALF = 32  # bytes of r and of s (RFC 7518 section 3.4)
_MAX_KEYS = 100  # a key set of people, not of machines


@dataclass(frozen=True, slots=True)
class Signer:
    """A key that signs bundles, opened."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def public(self) -> Public:
        """The public half."""
        return self.key.public_key()

    @property
    def id(self) -> str:
        """The id of the key: its thumbprint."""
        return key_id(self.public)

    def sign(self, message: bytes) -> bytes:
        """Return the ES256 signature over a message, r and s side by side (RFC 7518 section 3.4)."""
        r, s = decode_dss_signature(self.key.sign(message, _ES256))
        return r.to_bytes(_HALF, "big") + s.to_bytes(_HALF, "big")


def make_signer() -> Signer:
    """Make a new key."""
    return Signer(ec.generate_private_key(ec.SECP256R1()))


def format_signer(signer: Signer) -> str:
    """Return the text of a key's file: PEM, unencrypted, so for its owner's eyes only."""
    return signer.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def open_signer(path: Path) -> Signer:
    """Return the key in a PEM file.

    Raises KeyUnavailable when it is not there, is readable by others than its owner, or is not a P-256 key without a
    passphrase.
    """
    try:
        status = path.stat()
        content = path.read_bytes()
    except OSError:
        raise KeyUnavailable("the signing key cannot be read", code="key.missing") from None
    if not stat.S_ISREG(status.st_mode) or status.st_mode & 0o077:
        raise KeyUnavailable("the file of the signing key is open to others than its owner", code="key.exposed")
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise KeyUnavailable("the signing key is no PEM file without passphrase", code="key.wrong_kind") from None
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyUnavailable("a signing key is on the curve P-256", code="key.wrong_kind")
    return Signer(key)


def key_id(public: Public) -> str:
    """Return the id of a key: its JWK thumbprint (RFC 7638, SHA-256, base64url)."""
    return ECKey.import_key(_pem(public)).thumbprint()


def format_public(public: Public) -> str:
    """Return a public key as PEM, as `opa run --verification-key` takes it."""
    return _pem(public).decode("ascii")


def verify_by(public: Public, signature: bytes, message: bytes) -> None:
    """Raise SignatureError unless this is this key's ES256 signature over exactly this message."""
    if len(signature) != 2 * _HALF:
        raise SignatureError("an ES256 signature has 64 bytes", code="policy.signature")
    r, s = int.from_bytes(signature[:_HALF], "big"), int.from_bytes(signature[_HALF:], "big")
    try:
        public.verify(encode_dss_signature(r, s), message, _ES256)
    except InvalidSignature:
        raise SignatureError("the signature is not this key's over this text", code="policy.signature") from None


def read_signers(path: Path | None) -> Mapping[str, Public]:
    """Return the keys of a key set by their ids.

    Raises SettingsError when there is no such file or nobody in it, and when a key in it is of another kind, is there
    twice, carries an id that is not its thumbprint, or is private: a private key that lies here has leaked.
    """
    if path is None or not path.is_file():
        raise SettingsError("there is no key set of signers", code="policy.no_signers")
    try:
        entries = read_json(path.read_bytes())["keys"]
        found = [_public(entry) for entry in entries]
    except (OSError, ParseError, ValueError, KeyError, TypeError, JoseError) as error:
        raise SettingsError("the key set of signers is not one", code="policy.signers") from error
    if not found:
        raise SettingsError("nobody is in the key set of signers", code="policy.no_signers")
    signers = {key_id(public): public for public in found}
    if len(signers) != len(found) or len(found) > _MAX_KEYS:
        raise SettingsError("the key set of signers has a key twice, or too many", code="policy.signers")
    return signers


def add_signer(path: Path, public: Public) -> None:
    """Add a key to a key set, or begin one; those in it stay. Raises SettingsError when the file is no key set."""
    before = read_signers(path) if path.exists() else {}
    keys = [{**ECKey.import_key(_pem(each)).as_dict(), "kid": name, "alg": "ES256", "use": "sig"}
            for name, each in {**before, key_id(public): public}.items()]  # fmt: skip
    replace_file(path, (json.dumps({"keys": keys}, indent=2) + "\n").encode())


def replace_file(path: Path, content: bytes) -> None:
    """Give a file new content at once, so that whoever reads it finds the old or the new, never half of it."""
    beside = path.with_name(f".{path.name}.new")
    with beside.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _public(entry: Mapping[str, Any]) -> Public:
    key = ECKey.import_key({name: entry[name] for name in ("kty", "crv", "x", "y")})
    public = key.public_key
    if "d" in entry or entry["crv"] != "P-256" or entry.get("kid", key.thumbprint()) != key.thumbprint():
        raise ValueError("not a public P-256 key under its own id")
    return public


def _pem(public: Public) -> bytes:
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

"""An approval: a second person's ES256 signature over the digest of a plan for the directory, as a small file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from broker.crypto.base64text import decode_base64url, encode_base64url
from broker.kernel.errors import ParseError, SettingsError, SignatureError
from broker.kernel.strict_json import read_json
from broker.policy.signer import Signer, read_signers, verify_by


def approve(digest: str, signer: Signer) -> Mapping[str, Any]:
    """Return this key's approval of the plan with this digest."""
    return {"version": 1, "key": signer.id, "signature": encode_base64url(signer.sign(_message(digest)))}


def approvers_of(digest: str, approvals: Iterable[Path], key_set: Path | None) -> tuple[str, ...]:
    """Return the ids of the keys in the key set that approved the plan with this digest, sorted.

    Raises SettingsError `directory.approvers` without a usable key set, ParseError for what is no approval, and
    SignatureError `directory.not_approved` for one by another key or of another plan.
    """
    try:
        known = read_signers(key_set)
    except SettingsError as error:
        raise SettingsError("there is no usable key set of approvers", code="directory.approvers") from error
    found = set()
    for path in approvals:
        try:
            read = read_json(path.read_bytes())
            key, signature = str(read["key"]), decode_base64url(str(read["signature"]))
        except (OSError, ParseError, KeyError, TypeError):
            raise ParseError(f"{path.name} is no approval", code="directory.no_approval") from None
        try:
            verify_by(known[key], signature, _message(digest))
        except (KeyError, SignatureError):
            said = f"{path.name} is not by an approver over this plan"
            raise SignatureError(said, code="directory.not_approved") from None
        found.add(key)
    return tuple(sorted(found))


def _message(digest: str) -> bytes:
    # Says what is signed, so that no signature under an edition of the policies is one under a plan.
    return b"deelgrond directory plan 1\n" + digest.encode()

"""What the client verifies itself, without believing the server's word for it; nothing here calls anybody.

That each recipient's key is the one that a second person of the requester confirmed (`verify_binding`), that a part is
the one that was released under the responder's key (`verify_release`), that an event is in the log as signed
(`verify_event`), and that the log only grew (`verify_growth`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from broker.crypto.base64text import decode_base64
from broker.crypto.canonical import parse_canonical
from broker.crypto.checkpoint import verify_checkpoint
from broker.crypto.commitment import verify_commitment
from broker.crypto.merkle import leaf_hash, verify_consistency, verify_inclusion
from broker.crypto.note import parse_verifier_key
from broker.domain.event import CONFIRMED, RELEASED
from broker.kernel.errors import ConflictError, IntegrityError, ProofError
from broker.kernel.values import parse_moment

_PART = ("question", "person", "category", "recipient")


def verify_event(event: Mapping[str, Any], vkey: str) -> None:
    """Verify that an event is in the log as signed by this key, and that its detail is the one committed to.

    `event` is one of `Client.events`; `vkey` the log's verifier key, had from elsewhere than the server. Raises
    ProofError, SignatureError or IntegrityError; returns nothing when all is well.
    """
    if event["proof"] is None:
        raise ProofError("the event is not covered by a checkpoint yet")
    checkpoint = verify_checkpoint(event["checkpoint"], [parse_verifier_key(vkey)])
    entry = decode_base64(event["entry"])
    verify_inclusion(
        index=event["index"],
        size=checkpoint.size,
        leaf_hash=leaf_hash(entry),
        proof=tuple(decode_base64(node) for node in event["proof"]),
        root=checkpoint.root,
    )
    said = parse_canonical(entry)
    if said["id"] != event["id"] or said["tag"] != event["tag"]:
        raise IntegrityError("the event is not the one in its entry")
    if event["detail"] is not None:
        verify_commitment(event["detail"], salt=decode_base64(event["salt"]), commitment=said["commitment"])


def verify_release(request: str, opening: Mapping[str, Any], vkey: str, *, now: datetime) -> None:
    """Verify that what was handed out is what was released on this request: the log says so, and under which keys.

    `opening` is the answer of POST /v1/requests/{id}/opening. Raises IntegrityError `integrity.release` when the log
    speaks of another answer, ConflictError `release.expired`, and what `verify_event` raises.
    """
    manifest, said = opening["manifest"], {"tag": RELEASED, "request": request}
    _verify_committed(opening, manifest, vkey, said=said, code="integrity.release")
    if (manifest["request"], manifest["decision"], manifest["signing"]) != (
        request,
        opening["sealed_under"],
        opening["responder_public"],
    ):
        raise IntegrityError("the answer is not the one that was released", code="integrity.release")
    if now >= parse_moment(manifest["expires_at"]):
        raise ConflictError("the answer may not be opened any more", code="release.expired")
    released = {tuple(part[name] for name in (*_PART, "sha256")) for part in manifest["parts"]}
    for part in opening["parts"]:
        found = hashlib.sha256(decode_base64(part["sealed"])).hexdigest()
        if (*(part[name] for name in _PART), found) not in released:
            raise IntegrityError("a part is not one of those that were released", code="integrity.release")


def verify_binding(organisation: str, recipient: Mapping[str, Any], vkey: str) -> None:
    """Verify that a key is a person's of this organisation: the log says so, and that a second person confirmed it.

    `recipient` is one of the recipients of POST /v1/requests/{id}/preview. Raises IntegrityError `integrity.key` when
    the log speaks of another key, and what `verify_event` raises.
    """
    binding = recipient["binding"]
    _verify_committed(recipient, binding, vkey, said={"tag": CONFIRMED}, code="integrity.key")
    if (
        binding["key"] != recipient["key_id"]
        or binding["opening"] != hashlib.sha256(decode_base64(recipient["public_opening"])).hexdigest()
        or binding["organisation"] != organisation
        or binding["confirmed_by"] == binding["staff"]
    ):
        raise IntegrityError("the key is not one of the requester's", code="integrity.key")


def _verify_committed(
    shown: Mapping[str, Any], manifest: Mapping[str, Any], vkey: str, *, said: Mapping[str, str], code: str
) -> None:
    """Verify that the event shown is in the log, says this, and commits to the manifest under the salt shown."""
    verify_event(shown["event"], vkey)
    entry = parse_canonical(decode_base64(shown["event"]["entry"]))
    if "manifest" not in entry or any(entry.get(name) != value for name, value in said.items()):
        raise IntegrityError("the event is of something else", code=code)
    verify_commitment(manifest, salt=decode_base64(shown["salt"]), commitment=entry["manifest"])


def verify_growth(held: str, answer: Mapping[str, Any], vkey: str) -> str:
    """Return the newest checkpoint, when the log's key signed it and it continues the one that was held.

    `answer` is that of GET /v1/log/consistency for the size of `held`. Raises ProofError, SignatureError or ParseError.
    """
    keys = [parse_verifier_key(vkey)]
    before, after = verify_checkpoint(held, keys), verify_checkpoint(answer["checkpoint"], keys)
    verify_consistency(
        old_size=before.size,
        new_size=after.size,
        old_root=before.root,
        new_root=after.root,
        proof=tuple(decode_base64(node) for node in answer["proof"]),
    )
    return str(answer["checkpoint"])

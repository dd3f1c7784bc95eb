"""Keys: the public halves of key files, and who said whose they are."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field

from broker.api.deps import KeyId, W, Who
from broker.api.problems import PROBLEMS
from broker.api.shapes import Base64, Out, Shape
from broker.api.signed_in import SignedInRoute
from broker.crypto.base64text import encode_base64
from broker.domain.directory import StaffKey
from broker.flows import enrol

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute, tags=["keys"])


class KeyIn(Shape):
    """The public halves of a key file, base64; `proof` is the signature over both with that key."""

    public_opening: Base64 = Field(max_length=4096)
    public_signing: Base64 = Field(max_length=64)
    proof: Base64 = Field(max_length=128)


class KeyOut(Out):
    """A person's public keys, base64, and whether they are in use or wait for a second person."""

    key_id: str
    staff: str
    status: Literal["in_use", "waits"]
    public_opening: str
    public_signing: str

    @classmethod
    def of(cls, key: StaffKey) -> KeyOut:
        """Return a key as it is shown."""
        return cls(**public_halves(key))


def public_halves(key: StaffKey) -> dict[str, Any]:
    """Return what is shown of a key wherever it is shown."""
    return {
        "key_id": key.key_id,
        "staff": key.staff,
        "status": "in_use" if key.is_confirmed else "waits",
        "public_opening": encode_base64(key.public_opening),
        "public_signing": encode_base64(key.public_signing),
    }


@router.post("/keys", status_code=201)
def enrol_key(body: KeyIn, who: Who, w: W) -> KeyOut:
    """Enrol the public halves of the caller's key file; they wait for a second person of his organisation."""
    return KeyOut.of(enrol.enrol_key(enrol.EnrolKey(actor=who, **dict(body)), w))


@router.get("/keys")
def keys(who: Who, w: W) -> list[KeyOut]:
    """Return the caller's keys, in use and waiting, and those of his colleagues that wait to be confirmed."""
    return [KeyOut.of(key) for key in enrol.keys_here(who, w)]


@router.post("/keys/{key}/confirmation")
def confirm_key(key: KeyId, who: Who, w: W) -> KeyOut:
    """Confirm that a waiting key is a colleague's, who said its id himself; his earlier key is revoked."""
    return KeyOut.of(enrol.confirm_key(enrol.ConfirmKey(actor=who, key=key), w))

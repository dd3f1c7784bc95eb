"""Who takes part: organisations, their staff, the mandates they act under, and the keys they enrolled.

Everything here comes from the broker's own records. Nothing a caller says about its role or organisation is believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from broker.kernel.values import Oin


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A party of the chain. `type` is one of the organisation types of the decision document."""

    id: str
    oin: Oin
    name: str
    type: str
    active: bool
    connected: bool
    profession: str = "overig"
    holds_information_professionally: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A person who acts for an organisation, known by issuer and subject of the identity provider."""

    id: str
    organisation: str
    issuer: str
    subject: str
    role: str
    profession: str
    registration: str
    supervised_by_registered: bool
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """Why this member of staff may act in this role: from a date, until (exclusive) another."""

    staff: str
    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A member of staff at work: who, for which organisation, how surely known, under which mandate."""

    staff: Staff
    organisation: Organisation
    assurance: str
    mandate: Mandate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffKey:
    """The public halves of a person's key file; the private halves never leave the person's machine.

    `opening` is the raw X-Wing public key (1216 bytes), `signing` the raw Ed25519 public key (32 bytes).
    """

    key_id: str
    staff: str
    opening: bytes
    signing: bytes
    enrolled_at: datetime
    revoked_at: datetime | None = None

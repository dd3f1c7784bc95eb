"""Who takes part: organisations, their staff, the mandates they act under, and the keys they enrolled.

Everything here comes from the broker's own records. Nothing a caller says about its role or organisation is believed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, Protocol

from broker.crypto.base64text import encode_base64
from broker.crypto.commitment import commit, new_salt
from broker.domain.vocabulary import Assurance, OrganisationType, Profession, Registration
from broker.kernel.values import Oin


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """How an organisation wants to hear that it has something to do: by mail, by webhook or both; daily or at once."""

    mail: tuple[str, ...] = ()
    webhook: str | None = None
    when: Literal["at_once", "daily"] = "at_once"

    def __str__(self) -> str:
        """Return it as the operator reads it in a plan."""
        return ", ".join([*self.mail, *([self.webhook] if self.webhook else []), self.when])


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """A party of the chain. `type` is one of the organisation types of the decision document."""

    id: str
    oin: Oin
    name: str
    type: OrganisationType
    active: bool
    connected: bool
    profession: Profession = "overig"
    holds_information_professionally: bool = False
    notices: Notified | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A person who acts for an organisation."""

    id: str
    organisation: str
    role: str
    profession: Profession
    registration: Registration
    supervised_by_registered: bool
    active: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How a person is known to his identity provider (OpenID Connect Core 2: `iss`, `sub`).

    The directory does not keep it: it knows him by a stand-in that only the pseudonym key can make.
    """

    issuer: str
    subject: str = field(repr=False)


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
    assurance: Assurance
    mandate: Mandate | None


OPERATOR = "operator"
"""Who confirmed a key when no colleague could: the operator, by a channel that is not the broker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffKey:
    """The public halves of a person's key file; the private halves never leave the person's machine.

    `public_opening` is the raw X-Wing public key (1216 bytes), `public_signing` the raw Ed25519 public key (32 bytes).
    A key waits until a second person of the organisation says that it is its holder's; from then on answers are sealed
    to it. The event of that (`event`) commits to the binding under `salt`, so that nobody who can write to the database
    can put another key in this one's place.
    """

    key_id: str
    staff: str
    public_opening: bytes
    public_signing: bytes
    enrolled_at: datetime
    revoked_at: datetime | None = None
    organisation: str | None = None
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    event: str | None = None
    salt: bytes | None = field(default=None, repr=False)

    @property
    def is_confirmed(self) -> bool:
        """Whether a second person said that this is its holder's key."""
        return self.confirmed_at is not None

    def confirmed(self, *, organisation: str, by: str, at: datetime, event: str) -> StaffKey:
        """Return the key as this person of this organisation, or the operator, confirmed it in this event."""
        return replace(self, organisation=organisation, confirmed_by=by, confirmed_at=at, event=event, salt=new_salt())

    def binding(self) -> dict[str, Any]:
        """Return whose key this is and who said so: what the log commits to and who seals checks."""
        return {
            "v": 1,
            "key": self.key_id,
            "staff": self.staff,
            "organisation": self.organisation,
            "opening": hashlib.sha256(self.public_opening).hexdigest(),
            "signing": encode_base64(self.public_signing),
            "confirmed_by": self.confirmed_by,
        }

    def commitment(self) -> str | None:
        """Return the commitment to the binding, as it stands in the log; None while the key waits."""
        return None if self.salt is None else commit(self.binding(), salt=self.salt)


class Directory(Protocol):
    """Organisations, staff, mandates and enrolled keys. Not case data, so no reader."""

    def put_organisation(self, organisation: Organisation) -> None:
        """Add or replace an organisation by its id."""

    def put_staff(self, staff: Staff, account: Account | None = None) -> None:
        """Add or replace a member of staff by id; None keeps the account he has, NotFoundError when he is new.

        An account is one person's, else ConflictError.
        """

    def put_mandate(self, mandate: Mandate) -> None:
        """Add a mandate; the same one twice is no change."""

    def withdraw_mandate(self, mandate: Mandate) -> None:
        """Take a mandate away; one that is not there is no change."""

    def revoke_keys(self, staff: Sequence[str], at: datetime) -> None:
        """Revoke at this moment the keys of these members of staff, in use or waiting."""

    def staff(self) -> tuple[Staff, ...]:
        """Return all staff, active or not, by id."""

    def mandates(self) -> tuple[Mandate, ...]:
        """Return all mandates, past and to come, by staff and day."""

    def stand_ins(self) -> Mapping[str, str]:
        """Return by id of staff what stands in for the account that he signs in with."""

    def stand_in(self, account: Account) -> str:
        """Return what stands in for this account."""

    def get_organisation(self, organisation: str) -> Organisation:
        """Return the organisation or raise NotFoundError."""

    def organisations(self) -> tuple[Organisation, ...]:
        """Return all organisations, by name."""

    def get_staff(self, staff: str) -> Staff:
        """Return the member of staff with this id, active or not, or raise NotFoundError."""

    def find_actor(self, account: Account, assurance: Assurance, on: date) -> Actor | None:
        """Return who acts, with the mandate covering `on` or else the latest; None for unknown or inactive staff."""

    def actor(self, staff: str, assurance: Assurance, on: date) -> Actor | None:
        """Return the member of staff with this id as he acts, as `find_actor` does."""

    def colleagues(self, organisation: str, assurance: Assurance, on: date) -> tuple[Actor, ...]:
        """Return the active staff of an organisation as they would act, by id; signed in this surely."""

    def put_key(self, key: StaffKey) -> StaffKey:
        """Enrol a key, which waits to be confirmed, and return it as it is on record.

        One of the same member that waited is revoked at its moment. Enrolling the same key again is no change. A key id
        that is another's, was revoked or stands for other bytes raises ConflictError `key.taken`.
        """

    def find_key(self, key_id: str) -> StaffKey | None:
        """Return the key with this id, revoked or not."""

    def confirm_key(self, key: StaffKey) -> None:
        """Keep a key as it was confirmed; the holder's earlier key in use is revoked at that moment."""

    def keys_of(self, staff: Sequence[str]) -> tuple[StaffKey, ...]:
        """Return the keys of these members of staff that are in use or wait, the oldest first."""

    def current_keys(self, staff: Sequence[str]) -> tuple[StaffKey, ...]:
        """Return the keys in use of these members of staff, by key id."""

"""The directory file: organisations, staff, mandates and who left, as the operator writes them down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, ValidationError, ValidationInfo, model_validator

from broker.api.shapes import Day, Line, OrganisationId, Shape, StaffId, findings
from broker.discovery import is_safe
from broker.domain import vocabulary as v
from broker.domain.directory import Account, Mandate, Notified, Organisation, Staff
from broker.domain.directory_plan import DirectoryFile
from broker.kernel.errors import InputError
from broker.kernel.values import Oin

Role = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


def _known(role: str, info: ValidationInfo) -> str:
    if info.context is not None and role not in info.context["roles"]:
        raise ValueError("no table of the policies knows this role, so who has it could do nothing")
    return role


def _safe(address: str) -> str:
    parts = urlsplit(address)
    if not is_safe(address) or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("a webhook is https://, a host and a path, without a user or a fragment")
    return address


_LABEL = "[A-Za-z0-9-]{1,63}"
Mail = Annotated[str, StringConstraints(pattern=rf"^[A-Za-z0-9.+_-]{{1,64}}@{_LABEL}(\.{_LABEL}){{1,8}}$")]
Webhook = Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,500}$"), AfterValidator(_safe)]


class NoticesIn(Shape):
    """How an organisation wants to hear that it has something to do; a mailbox of several people, not of one."""

    mail: Annotated[list[Mail], Field(max_length=10)] = []
    webhook: Webhook | None = None
    when: Literal["at_once", "daily"] = "at_once"

    @model_validator(mode="after")
    def _says_where(self) -> Self:
        if not self.mail and self.webhook is None:
            raise ValueError("name a mail address or a webhook")
        return self

    def notified(self) -> Notified:
        """Return the choice."""
        return Notified(mail=tuple(self.mail), webhook=self.webhook, when=self.when)


class OrganisationIn(Shape):
    """An organisation; `oin` as it stands in the OIN register."""

    id: OrganisationId
    oin: Annotated[str, StringConstraints(pattern=r"^[0-9]{20}$")]
    name: Line
    type: v.OrganisationType
    active: bool = True
    connected: bool = True
    profession: v.Profession = "overig"
    holds_information_professionally: bool = False
    notices: NoticesIn | None = None

    def organisation(self) -> Organisation:
        """Return the organisation."""
        notices = self.notices.notified() if self.notices else None
        return Organisation(**{**self.model_dump(), "oin": Oin(self.oin), "notices": notices})


class StaffIn(Shape):
    """A member of staff; `issuer` and `subject` are those of the tokens that he signs in with."""

    id: StaffId
    organisation: OrganisationId
    issuer: Annotated[str, StringConstraints(pattern=r"^https?://[!-~]{1,500}$")]
    subject: Annotated[str, StringConstraints(pattern=r"^[ -~]{1,255}$")]
    role: Annotated[Role, AfterValidator(_known)]
    profession: v.Profession
    registration: v.Registration
    supervised_by_registered: bool
    active: bool

    def staff(self) -> Staff:
        """Return the member of staff, without his account."""
        return Staff(**self.model_dump(exclude={"issuer", "subject"}))


class MandateIn(Shape):
    """A mandate, from a day until (exclusive) another."""

    staff: StaffId
    from_on: Day
    until_on: Day

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.until_on <= self.from_on:
            raise ValueError("until_on is the first day without the mandate, so it comes after from_on")
        return self


class DirectoryIn(Shape):
    """The whole file."""

    organisations: list[OrganisationIn] = []
    staff: list[StaffIn] = []
    mandates: list[MandateIn] = []
    left: list[StaffId] = []

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        listed = [entry.id for entry in self.staff]
        _once([entry.id for entry in self.organisations])
        _once([*listed, *self.left])
        _once([f"the account of {name}" for name in self._sharing()])
        held = {entry.staff for entry in self.mandates} & set(self.left)
        if held:
            raise ValueError(f"gives a mandate to {', '.join(sorted(held))}, who left")
        return self

    def _sharing(self) -> list[str]:
        """Return the first who has it for each account, once more for each other who has it too."""
        first: dict[tuple[str, str], str] = {}
        return [first.setdefault((entry.issuer, entry.subject), entry.id) for entry in self.staff]

    def says(self) -> DirectoryFile:
        """Return what stands in it."""
        return DirectoryFile(
            organisations=tuple(entry.organisation() for entry in self.organisations),
            staff=tuple(entry.staff() for entry in self.staff),
            accounts={entry.id: Account(issuer=entry.issuer, subject=entry.subject) for entry in self.staff},
            mandates=tuple(Mandate(**entry.model_dump()) for entry in self.mandates),
            left=tuple(self.left),
        )


def _once(names: list[str]) -> None:
    twice = [name for name, number in Counter(names).items() if number > 1]
    if twice:
        raise ValueError(f"names {', '.join(twice)} twice")


def directory_of(document: Any, roles: Collection[str] | None = None) -> DirectoryFile:
    """Return what a directory file says; with `roles` nobody in it may have another.

    Raises InputError `directory.malformed` with every finding and its place.
    """
    try:
        return DirectoryIn.model_validate(document, context=None if roles is None else {"roles": roles}).says()
    except ValidationError as error:
        raise InputError(
            "the directory file does not fit", code="directory.malformed", errors=findings(error)
        ) from None

"""A plan: what the directory would become by a file, as changes that somebody reads before they are made.

The file says what is so from today on of the organisations and staff that it names; of the others it says nothing. What
is past stays as it was: a mandate that ended is evidence. A change widens when somebody can do more by it, or somebody
else can; that takes a second person.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal

from broker.crypto.canonical import canonical
from broker.domain.directory import Account, Mandate, Organisation, Staff

Kind = Literal[
    "organisation_new", "organisation_changed", "staff_new", "staff_changed", "staff_left", "mandate_added",
    "mandate_longer", "mandate_shorter", "mandate_ended", "mandate_removed", "key_revoked",
]  # fmt: skip

_ALWAYS_WIDENS = frozenset({"role", "organisation", "registration", "account", "type", "oin", "profession"})
_WIDENS_WHEN_TRUE = frozenset(
    {"active", "connected", "supervised_by_registered", "holds_information_professionally"}
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryFile:
    """What a directory file says; `accounts` by id of staff, `left` are the ids of who left."""

    organisations: tuple[Organisation, ...] = ()
    staff: tuple[Staff, ...] = ()
    accounts: Mapping[str, Account] = field(default_factory=dict)
    mandates: tuple[Mandate, ...] = ()
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecord:
    """What the directory holds: `accounts` are the stand-ins, `keys` the ids of keys not revoked, both by staff id."""

    organisations: Mapping[str, Organisation]
    staff: Mapping[str, Staff]
    accounts: Mapping[str, str]
    mandates: frozenset[Mandate]
    keys: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change to an organisation or a member of staff, `of` his id: a field, a mandate or a key, old and new."""

    kind: Kind
    of: str
    field: str | None = None
    before: Any = None
    after: Any = None
    widens: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The changes in the order in which people read them, and the rows that make them so."""

    today: date
    changes: tuple[Change, ...]
    organisations: tuple[Organisation, ...] = ()
    staff: tuple[Staff, ...] = ()
    mandates: tuple[Mandate, ...] = ()
    withdrawn: tuple[Mandate, ...] = ()
    revoked: tuple[str, ...] = ()

    @property
    def widens(self) -> bool:
        """Whether anybody can do more by it."""
        return any(change.widens for change in self.changes)

    @property
    def digest(self) -> str:
        """The hash over the day and the changes, each with what it changes from: 64 hex digits of SHA-256.

        The day is in it so that an approval is for the plan that was read, and not for the same one in a year.
        """
        return hashlib.sha256(canonical(self.as_json())).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """Return what the digest is over."""
        return {"today": self.today.isoformat(), "changes": [dataclasses.asdict(change) for change in self.changes]}


def make_plan(file: DirectoryFile, known: OnRecord, accounts: Mapping[str, str], today: date) -> Plan:
    """Return what the file changes on this day; `accounts` are the stand-ins of its accounts by id of staff."""
    organisations = tuple(one for one in _by_id(file.organisations) if known.organisations.get(one.id) != one)
    leaving = tuple(replace(known.staff[one], active=False) for one in sorted(file.left) if known.staff[one].active)
    joining = tuple(
        one
        for one in _by_id(file.staff)
        if known.staff.get(one.id) != one or known.accounts.get(one.id) != accounts[one.id]
    )
    mandates = _MandatePlan(file, known, today)
    revoked = {one: known.keys[one] for one in sorted(file.left) if known.keys.get(one)}
    return Plan(
        today=today,
        changes=(
            *(change for one in organisations for change in _organisation(one, known)),
            *(change for one in joining for change in _member(one, known, accounts)),
            *(Change(kind="staff_left", of=one.id, field="active", before=True, after=False) for one in leaving),
            *mandates.changes,
            *(Change(kind="key_revoked", of=one, before=key) for one, keys in revoked.items() for key in sorted(keys)),
        ),
        organisations=organisations,
        staff=(*joining, *leaving),
        mandates=tuple(mandates.added),
        withdrawn=tuple(mandates.withdrawn),
        revoked=tuple(revoked),
    )


def _by_id(entries: tuple[Any, ...]) -> list[Any]:
    return sorted(entries, key=lambda entry: str(entry.id))


def _organisation(one: Organisation, known: OnRecord) -> Iterator[Change]:
    before, after = known.organisations.get(one.id), _said(one)
    if before is None:
        yield Change(kind="organisation_new", of=one.id, after=after, widens=one.active)
    else:
        yield from _fields("organisation_changed", one.id, _said(before), after)


def _member(one: Staff, known: OnRecord, accounts: Mapping[str, str]) -> Iterator[Change]:
    before, after = known.staff.get(one.id), {**_said(one), "account": accounts[one.id]}
    if before is None:
        yield Change(kind="staff_new", of=one.id, after=after, widens=one.active)
    else:
        yield from _fields("staff_changed", one.id, {**_said(before), "account": known.accounts[one.id]}, after)


def _said(entry: Organisation | Staff) -> dict[str, Any]:
    said = dataclasses.asdict(entry)
    if isinstance(entry, Organisation):
        return said | {"oin": entry.oin.digits, "notices": str(entry.notices or "none")}
    return said


def _fields(kind: Kind, of: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    for name, value in after.items():
        if before[name] != value:
            widens = name in _ALWAYS_WIDENS or (name in _WIDENS_WHEN_TRUE and value)
            yield Change(kind=kind, of=of, field=name, before=before[name], after=value, widens=widens)


class _MandatePlan:
    """What becomes of mandates: those in the file are all that the people in it have from today on."""

    def __init__(self, file: DirectoryFile, known: OnRecord, today: date) -> None:
        self.changes: list[Change] = []
        self.added: list[Mandate] = []
        self.withdrawn: list[Mandate] = []
        self._today = today
        wanted, had = set(file.mandates), known.mandates
        asked, gone = self._from_today(wanted - had), self._from_today(had - wanted)
        for staff in sorted({one.id for one in file.staff} | {one.staff for one in wanted} | set(file.left)):
            new = asked.get(staff, [])
            for mandate in gone.get(staff, []):
                follows = next((one for one in new if one.from_on == mandate.from_on), None)
                if follows is not None:
                    new.remove(follows)
                self._replace(mandate, follows)
            for mandate in new:
                self._add(mandate, Change(kind="mandate_added", of=staff, after=_days(mandate), widens=True))

    def _from_today(self, mandates: Set[Mandate]) -> dict[str, list[Mandate]]:
        """Return the mandates that are not past, by staff and in the order of their days."""
        found: dict[str, list[Mandate]] = {}
        for mandate in sorted(mandates, key=_days):
            if mandate.until_on > self._today:
                found.setdefault(mandate.staff, []).append(mandate)
        return found

    def _replace(self, mandate: Mandate, follows: Mandate | None) -> None:
        self.withdrawn.append(mandate)
        before, of = _days(mandate), mandate.staff
        if follows is not None:
            longer = follows.until_on > mandate.until_on
            kind: Kind = "mandate_longer" if longer else "mandate_shorter"
            self._add(follows, Change(kind=kind, of=of, before=before, after=_days(follows), widens=longer))
        elif mandate.from_on < self._today:
            ended = replace(mandate, until_on=self._today)
            self._add(ended, Change(kind="mandate_ended", of=of, before=before, after=_days(ended)))
        else:
            self.changes.append(Change(kind="mandate_removed", of=of, before=before))

    def _add(self, mandate: Mandate, change: Change) -> None:
        self.added.append(mandate)
        self.changes.append(change)


def _days(mandate: Mandate) -> list[str]:
    return [mandate.from_on.isoformat(), mandate.until_on.isoformat()]

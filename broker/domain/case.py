"""A family matter as the requester keeps it: the case, its persons and who works on it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date

from broker.domain.vocabulary import GiRole, OrderKind, Relation, RvdkTask, VirRisk, VtPhase


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A child-protection order of the court (BW 1:255 and further); `until_on` is exclusive."""

    kind: OrderKind
    from_on: date
    until_on: date
    executing_organisation: str
    child: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexMatch:
    """A match in the reference index, the verwijsindex risicojongeren (Jeugdwet 7.1.1.2).

    `authorised`: the reporter may report there; `risk` is the letter of article 7.1.4.1 it was reported for.
    """

    authorised: bool
    risk: VirRisk


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody the case is about. `ref` means something within this case only; name and birth date stay sealed at rest.

    `authority` lists the refs of those who hold parental authority or represent this person.
    """

    id: str
    ref: str
    relation: Relation
    name: str = field(repr=False)
    birth_on: date | None = field(repr=False)
    unborn: bool = False
    capable: bool = False
    authority: tuple[str, ...] = ()
    source_protected: bool = False
    informed_by_requester: bool = False

    @property
    def identity(self) -> str:
        """What a pseudonym of this person is made from: the same in every case that knows his name and birth date.

        However the name was typed (capitals, accents written in two ways, spaces); without both it is this case's own.
        """
        name = " ".join(unicodedata.normalize("NFKC", self.name).casefold().split())
        return f"{name}\n{self.birth_on.isoformat()}" if name and self.birth_on else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One matter of one requesting organisation, with the facts of its phase or measure and the staff on it."""

    id: str
    organisation: str
    reference: str = field(repr=False)
    persons: tuple[Person, ...]
    staff: frozenset[str]
    vt_phase: VtPhase | None = None
    investigation_determined_on: date | None = None
    rvdk_task: RvdkTask | None = None
    gi_role: GiRole | None = None
    order: Order | None = None
    zvh_case: bool = False
    litigation_between_parents: bool = False
    vir: IndexMatch | None = None

    def person(self, ref: str) -> Person | None:
        """Return the person with this ref, or None."""
        return next((person for person in self.persons if person.ref == ref), None)


def age_on(birth_on: date | None, on: date) -> int | None:
    """Return the age in whole years on a day, None when the birth date is unknown or later.

    A child born on 29 February turns a year older on 1 March in other years (BW gives no rule; this is the later day).
    """
    if birth_on is None or birth_on > on:
        return None
    return on.year - birth_on.year - ((on.month, on.day) < (birth_on.month, birth_on.day))

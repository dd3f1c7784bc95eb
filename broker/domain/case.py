"""A family matter as the requester keeps it: the case, its persons and who works on it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from broker.domain.directory import Actor
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
class PersonFacts:
    """What the policy may know of a person besides his age: each fact by its name in the decision document.

    `authority` lists the refs of those who hold parental authority or represent this person.
    """

    relation: Relation
    unborn: bool = False
    capable: bool = False
    authority: tuple[str, ...] = ()
    source_protected: bool = False
    informed_by_requester: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEntry(PersonFacts):
    """A person as the worker enters him. `ref` means something within this case only."""

    ref: str
    name: str = field(repr=False)
    birth_on: date | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(PersonEntry):
    """Somebody the case is about; name and birth date are encrypted at rest, the facts are not."""

    id: str

    @property
    def identity(self) -> str:
        """What a pseudonym of this person is made from: the same in every case that knows his name and birth date.

        However the name was typed (capitals, accents written in two ways, spaces); without both it is this case's own.
        """
        name = " ".join(unicodedata.normalize("NFKC", self.name).casefold().split())
        return f"{name}\n{self.birth_on.isoformat()}" if name and self.birth_on else self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFacts:
    """What is known of a case apart from its people: its reference, and its phase, task, role or measure."""

    reference: str = field(repr=False)
    vt_phase: VtPhase | None = None
    investigation_determined_on: date | None = None
    rvdk_task: RvdkTask | None = None
    gi_role: GiRole | None = None
    order: Order | None = None
    zvh_case: bool = False
    litigation_between_parents: bool = False
    vir: IndexMatch | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case(CaseFacts):
    """One matter of one requesting organisation, with its persons and the staff on it."""

    id: str
    organisation: str
    persons: tuple[Person, ...]
    staff: frozenset[str]

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


class Cases(Protocol):
    """Cases and their persons, in the requester's file."""

    def add(self, case: Case) -> None:
        """Keep a new case with its persons and staff; one with the same id is ConflictError."""

    def save(self, case: Case) -> None:
        """Keep changed facts of a case (phase, order, staff, persons); names are re-encrypted.

        A person who is no longer in it is deleted, with the data key. Raises NotFoundError for an unknown case.
        """

    def get(self, case: str, *, reader: Actor) -> Case:
        """Return the case with its persons for this reader, or raise NotFoundError."""

    def of_request(self, request: str, *, reader: Actor) -> Case:
        """Return the case of a request that this reader sees; also for the responder's side."""

    def all_of(self, *, reader: Actor) -> tuple[Case, ...]:
        """Return the cases this reader sees, newest first."""

"""What a person allowed, refused or withdrew, and why a consent step was left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from broker.domain.directory import Actor
from broker.domain.vocabulary import Category, ConsentEvidence, ConsentStatus, ExceptionCode, Purpose, Side
from broker.kernel.errors import ConflictError


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentFacts:
    """What was said: about whom, given by whom, to which recipient, for which purpose and categories.

    `recipient` is an organisation id or `type:` and an organisation type; `until_on` is exclusive.
    """

    about: str
    given_by: tuple[str, ...]
    status: ConsentStatus
    recipient: str
    purpose: Purpose
    categories: tuple[Category, ...]
    on: date
    until_on: date | None
    free: bool
    explicit: bool
    evidence: ConsentEvidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent(ConsentFacts):
    """One record of consent; `organisation` is the one whose member of staff recorded it."""

    id: str
    case: str
    recorded_by: str
    organisation: str
    changed_at: datetime

    def withdrawn(self, at: datetime) -> Consent:
        """Return the consent as withdrawn; withdrawing must be as easy as giving (AVG 7 lid 3)."""
        if self.status != "given":
            raise ConflictError("only a given consent can be withdrawn", code="consent.not_given")
        return replace(self, status="withdrawn", changed_at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepException:
    """Why asking or telling was left out for one person: X1-X5 of law.md 3.12, with its extra evidence.

    `side` says who claims it: what the asker claims is shown to the professional and fulfils no step of his.
    """

    side: Side
    person: str
    code: ExceptionCode
    recorded: bool = True
    reviewed_on: date | None = None
    attempts: int = 0
    channels: int = 0
    days: int = 0


class Consents(Protocol):
    """Consent records of a case."""

    def add(self, consent: Consent) -> None:
        """Keep a new consent record; one with the same id is ConflictError."""

    def save(self, consent: Consent) -> None:
        """Keep its changed status and since when; raise NotFoundError for an unknown one."""

    def get(self, consent: str, *, reader: Actor) -> Consent:
        """Return the record when the reader's organisation made it and he sees its case or a request on it.

        Otherwise NotFoundError.
        """

    def of_case(self, case: str, *, reader: Actor) -> tuple[Consent, ...]:
        """Return the consents about persons of this case, oldest first, for a reader as above.

        Who is asked also gets those of the asking organisation about the persons of its requests to him.
        """

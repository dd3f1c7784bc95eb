"""A duty whose clock runs: who owes what, towards whom, by when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from broker.domain.directory import Actor
from broker.domain.vocabulary import DutyCode, DutyOn
from broker.kernel.errors import ConflictError

RECORD = ("OB-13", "responder")
"""Code and party of the duty to complete the record of an answer in acute danger (law.md 4.3 item 6)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """An obligation of a decision, kept until it is done; `code` is an OB code of law.md section 8.

    `overdue_at` is when it was put on record that its term had passed without that.
    """

    id: str
    request: str
    decision: str
    code: DutyCode
    on: DutyOn
    person: str | None
    due: datetime | None
    done_at: datetime | None = None
    overdue_at: datetime | None = None

    def done(self, at: datetime) -> Obligation:
        """Return the duty as done; ConflictError when it was before, or when it is one that never ends."""
        if self.done_at is not None:
            raise ConflictError("this duty was done before", code="duty.done")
        if self.due is None:
            raise ConflictError("a duty without a date goes on", code="duty.goes_on")
        return replace(self, done_at=at)


class Obligations(Protocol):
    """Duties whose clocks run."""

    def add(self, obligations: Sequence[Obligation]) -> None:
        """Keep new obligations, in one statement; one with the same id is ConflictError."""

    def of_request(self, request: str, *, reader: Actor) -> tuple[Obligation, ...]:
        """Return the obligations of a request that the reader sees, by due date, those without one last.

        What the responder owes, and to whom, is not for the asking side.
        """

    def get(self, obligation: str, *, reader: Actor) -> Obligation:
        """Return a duty that the reader may owe: of his side of a request he sees, or an officer's of who answered."""

    def save(self, obligations: Sequence[Obligation]) -> None:
        """Keep that they were done, or are overdue; ConflictError `store.race` when one was done in the meantime."""

    def due(self, request: str, *, on: str, code: str | None = None) -> tuple[Obligation, ...]:
        """Return the duties of this party on a request that have a date and are not done."""

    def passed(self, now: datetime, *, limit: int) -> tuple[tuple[Obligation, str], ...]:
        """Return duties of people whose term passed and of which that is not on record, each with whose it is."""

    def for_officer(self, *, reader: Actor) -> tuple[Obligation, ...]:
        """Return what waits for an officer of this organisation: his own duties, and his colleagues' overdue ones."""

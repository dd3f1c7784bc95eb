"""An erasure: somebody asks for it, and it happens when somebody else of the organisation confirms it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from broker.domain.directory import Actor
from broker.kernel.errors import ConflictError


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What is to be erased of a case: the personal detail of one person, or with `person` None of the whole case."""

    id: str
    case: str
    person: str | None
    organisation: str
    asked_by: str
    asked_at: datetime
    confirmed_by: str | None = None
    done_at: datetime | None = None

    def confirmed(self, by: str, at: datetime) -> Erasure:
        """Return the erasure as carried out; ConflictError when it was before."""
        if self.done_at is not None:
            raise ConflictError("this was erased before", code="erasure.done")
        return replace(self, confirmed_by=by, done_at=at)


class Erasures(Protocol):
    """Erasures asked for and carried out."""

    def add(self, erasure: Erasure) -> None:
        """Keep what was asked for."""

    def save(self, erasure: Erasure) -> None:
        """Keep that it was carried out; ConflictError `store.race` when it was in the meantime."""

    def get(self, erasure: str, *, reader: Actor) -> Erasure:
        """Return what was asked for at the reader's organisation, or raise NotFoundError."""

    def waiting(self, *, reader: Actor) -> tuple[Erasure, ...]:
        """Return what waits for a second person of the reader's organisation, the oldest first."""

    def subjects(self, case: str, person: str | None) -> tuple[str, ...]:
        """Return whose data keys an erasure destroys: a person's, or those of a case, its persons and its requests.

        Raises NotFoundError for a person who is not in it, ConflictError `erasure.in_use` while a question on the case
        is open or an answer is kept.
        """


class DataKeys(Protocol):
    """The data keys under which texts lie encrypted, wrapped under a storage key."""

    def destroy(self, subject: str) -> None:
        """Destroy the subject's data key: what was encrypted under it is gone for good, in backups of the texts too."""

    def rewrap(self, after: str, *, limit: int) -> tuple[str | None, int]:
        """Wrap the next data keys after this subject under the newest storage key.

        Returns the last subject that was looked at, None when there was none left, and how many were wrapped anew. One
        that was destroyed in the meantime stays so.
        """

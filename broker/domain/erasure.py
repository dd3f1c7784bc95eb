"""An erasure: somebody asks for it, and it happens when somebody else of the organisation confirms it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

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

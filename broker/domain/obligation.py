"""A duty whose clock runs: who owes what, towards whom, by when."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

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

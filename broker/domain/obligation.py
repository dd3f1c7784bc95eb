"""A duty whose clock runs: who owes what, towards whom, by when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """An obligation of a decision, kept until it is done; `code` is an OB code of law.md section 8."""

    id: str
    request: str
    decision: str
    code: str
    on: str
    person: str | None
    due: datetime | None
    done_at: datetime | None = None

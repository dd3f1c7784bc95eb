"""What refused and failed calls are found by: whose people made them, and how they ended.

Who called stands in the encrypted detail of the attempt's event alone; the search is by organisation and code.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, ForeignKey, Table, Text

from broker.domain.event import ATTEMPTS
from broker.store.schema import metadata

attempt_marks = Table(
    "attempt_marks",
    metadata,
    Column("organisation", Text, primary_key=True),
    Column("event", ForeignKey("events.id"), primary_key=True),
    Column("code", Text, primary_key=True),
    info={"derived": "from the event and its detail, which are committed to"},
)


def marks_of_attempt(event: str, tag: str, code: str | None, detail: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """Return the row of `attempt_marks` for an event; none when it is no attempt, or of nobody who is known."""
    organisation = (detail or {}).get("organisation")
    if tag not in ATTEMPTS or organisation is None or code is None:
        return []
    return [{"organisation": organisation, "event": event, "code": code}]

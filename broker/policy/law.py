"""The dated tables of law: which row holds on a day, the source behind it, and where that can be read.

On a code stands one row, or a list of rows that follow each other: what it says until a day, and from that day on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

Row = Mapping[str, Any]


def rows_of(entry: Row | Sequence[Row]) -> Sequence[Row]:
    """Return what stands on a code as rows, the oldest first."""
    return entry if isinstance(entry, list) else [entry]  # type: ignore[list-item]


def rows_by_code(table: Mapping[str, Any]) -> Iterator[tuple[str, Row]]:
    """Yield each row of a table with its code; codes of which rows follow each other come more than once."""
    yield from ((code, row) for code, entry in table.items() for row in rows_of(entry))


def row_on(entry: Row | Sequence[Row], day: date) -> Row:
    """Return the row of a code that holds on this day; the only one whenever there is one, as the policies do."""
    rows = rows_of(entry)
    return rows[0] if len(rows) == 1 else next(row for row in rows if _holds(row, day.isoformat()))


def _holds(row: Row, day: str) -> bool:
    return bool(row["valid_from"] <= day and (row["valid_to"] is None or day < row["valid_to"]))


def reason_on(code: str, law: Mapping[str, Any], day: date) -> Row:
    """Return what the table of reasons says of a code on this day."""
    return row_on(law["reasons"][code], day)


def source_of(row: Row, law: Mapping[str, Any]) -> Row:
    """Return the source of law behind a row."""
    return dict(law["sources"][row["source"]])


def source_at(link: str, law: Mapping[str, Any]) -> Row:
    """Return the row of the source that a decision's ground links to."""
    return next(dict(row) for row in law["sources"].values() if row["jci"] == link)


def article_of(source: Row) -> str:
    """Return title and article in one line."""
    return f"{source['title']}, {source['article']}" if source["article"] else str(source["title"])


def link_of(source: Row) -> str | None:
    """Return where the article can be read: a jci link resolves at wetten.overheid.nl."""
    jci = source["jci"]
    return f"https://wetten.overheid.nl/{jci}" if jci and jci.startswith("jci") else jci

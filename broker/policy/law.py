"""What the dated tables say of a reason: the source of law behind it, and where that can be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def source_of(code: str, law: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the row of the source behind a reason code."""
    return dict(law["sources"][law["reasons"][code]["source"]])


def source_at(link: str, law: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the row of the source that a decision's ground links to."""
    return next(dict(row) for row in law["sources"].values() if row["jci"] == link)


def article_of(source: Mapping[str, Any]) -> str:
    """Return title and article in one line."""
    return f"{source['title']}, {source['article']}" if source["article"] else str(source["title"])


def link_of(source: Mapping[str, Any]) -> str | None:
    """Return where the article can be read: a jci link resolves at wetten.overheid.nl."""
    jci = source["jci"]
    return f"https://wetten.overheid.nl/{jci}" if jci and jci.startswith("jci") else jci

"""What a text is: the same thing said in both languages of the pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """One text, Dutch first."""

    nl: str
    en: str


@dataclass(frozen=True, slots=True)
class Explained:
    """What is the matter, and what the reader can do about it."""

    what: Words
    advice: Words

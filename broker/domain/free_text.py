"""What should not stand in free text: citizen service numbers, and the names of those a question is about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from broker.domain.case import Person

# Nine digits in a row; or nine that are parted, or eight in a row (a number that begins with nought), which stand apart
# from other digits: a telephone number has ten.
_NUMBER = re.compile(
    r"(?<![0-9])[0-9]{9}(?![0-9])"
    r"|(?<![0-9])(?<![0-9][ .\-/])(?:[0-9](?:[ .\-/]?[0-9]){8}|[0-9]{8})(?![ .\-/]?[0-9])"
)
_EIGHT = re.compile(r"(?:[0-9][ .\-/]?){8}")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_PARTICLES = frozenset({"van", "von", "der", "den", "ten", "ter", "het", "aan", "bij", "uit", "voor", "del", "bin"})
_SHORTEST = 3
"""Letters. A shorter part of a name is a word of its own too often."""


def has_citizen_number(text: str) -> bool:
    """Tell whether a number in this text can be a citizen service number: it passes the eleven test (law.md 3.10)."""
    plain = unicodedata.normalize("NFKC", text)
    if not _EIGHT.search(plain):  # most texts, at a tenth of the time
        return False
    return any(_passes(re.sub(r"\D", "", found)) for found in _NUMBER.findall(plain))


def numbered(texts: Mapping[str, str]) -> tuple[str, ...]:
    """Return the places of those texts, by place, that hold what can be a citizen service number."""
    return tuple(place for place, text in texts.items() if has_citizen_number(text))


def named(text: str, persons: Iterable[Person]) -> Iterator[Person]:
    """Yield the persons of whose name a part stands in this text; initials and particles are no part."""
    words = set(_words(text))
    for person in persons:
        if words & {word for word in _words(person.name) if len(word) >= _SHORTEST and word not in _PARTICLES}:
            yield person


def _words(text: str) -> Iterator[str]:
    return (found.casefold() for found in _WORD.findall(unicodedata.normalize("NFKC", text)))


def _passes(digits: str) -> bool:
    number = [int(digit) for digit in digits.zfill(9)]
    total = sum((9 - place) * digit for place, digit in enumerate(number[:8])) - number[8]
    return any(number) and total % 11 == 0

"""What another bundle would decide otherwise: the same documents, put to both, and each difference that matters.

A flip is an outcome, the verdict on a part, or a reason that is there with one bundle and not with the other. When a
bundle gives no usable decision that is its outcome, by the code of the fault: a new bundle that fails on a document of
last year is a difference too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from broker.domain.decision import document_of
from broker.domain.gate import DecidingAgain
from broker.kernel.errors import InputError, PolicyError
from broker.policy.bundle import Bundle
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate

Document = Mapping[str, Any]
Decide = Callable[[Document], Document]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """One difference. `subject` is empty for an outcome, question/person/category for a part, the code for a reason."""

    document: str
    what: Literal["outcome", "part", "reason"]
    subject: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """How many documents both bundles decided, and every flip among them."""

    documents: int
    flips: tuple[Flip, ...]


def decide_by(bundle: Bundle, policies: Path) -> Decide:
    """Return what decides by this bundle, in process; raises SettingsError when it cannot be loaded."""
    gate = PolicyGate(engine=EmbeddedEngine(bundle), bundle=bundle, policies=policies)

    def decide(document: Document) -> Document:
        try:
            return gate.document(document)
        except PolicyError as fault:
            return {"outcome": fault.code, "parts": (), "reasons": ()}

    return decide


def decide_again_by(gate: DecidingAgain) -> Decide:
    """Return what decides again, on documents that were taken in their day, by the bundle of this gate."""

    def decide(document: Document) -> Document:
        try:
            return document_of(gate.again(document).decision)
        except (InputError, PolicyError) as fault:
            return {"outcome": fault.code, "parts": (), "reasons": ()}

    return decide


def compare(old: Decide, new: Decide, documents: Iterable[tuple[str, Document]]) -> Difference:
    """Return the flips over these documents, by name; InputError, with the name, for one that is no document."""
    return compare_each(((name, document, old) for name, document in documents), new)


def compare_each(documents: Iterable[tuple[str, Document, Decide]], new: Decide) -> Difference:
    """Return the flips over these documents, each with the bundle that it is compared with; raises as `compare`."""
    number = 0
    flips: list[Flip] = []
    for name, document, old in documents:
        number += 1
        try:
            flips.extend(_flips(name, old(document), new(document)))
        except InputError as error:
            raise InputError(str(error), code=error.code, errors=(name, *error.errors)) from error
    return Difference(number, tuple(flips))


def table_of(flips: Iterable[Flip]) -> Iterator[str]:
    """Yield the lines of a table for people, with its columns under each other."""
    rows = [("document", "what", "about", "old", "new")]
    rows += [(flip.document, flip.what, flip.subject, flip.before, flip.after) for flip in flips]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows if len(rows) > 1 else ():
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _flips(name: str, before: Document, after: Document) -> Iterator[Flip]:
    pairs: tuple[tuple[Literal["outcome", "part", "reason"], Mapping[str, str], Mapping[str, str]], ...] = (
        ("outcome", {"": before["outcome"]}, {"": after["outcome"]}),
        ("part", _verdicts(before), _verdicts(after)),
        ("reason", _reasons(before), _reasons(after)),
    )
    for what, was, is_now in pairs:
        for subject in sorted(was.keys() | is_now.keys()):
            pair = was.get(subject, "-"), is_now.get(subject, "-")
            if pair[0] != pair[1]:
                yield Flip(document=name, what=what, subject=subject, before=pair[0], after=pair[1])


def _verdicts(decision: Document) -> Mapping[str, str]:
    return {
        f"{part['question']}/{part['person']}/{part['category']}": str(part["verdict"]) for part in decision["parts"]
    }


def _reasons(decision: Document) -> Mapping[str, str]:
    return {str(reason["code"]): "given" for reason in decision["reasons"]}

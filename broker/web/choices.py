"""What can be chosen in a form: the codes that the law's tables know for this place, in the order of their words.

This only saves reading. What may be asked is decided by the policy, whatever a form offers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from broker import words
from broker.domain.case import Case
from broker.domain.decision import Decided
from broker.domain.directory import Organisation
from broker.domain.request import InformationRequest
from broker.flows.oversee import Attempt
from broker.policy.law import row_on

_SAID_ONCE = {"y", "a"}
"""The cells of law/ceilings for what a purpose may need: when it answers a question, or after a separate approval."""


PAGE = 50
"""How many lines a list has on one page."""


def paged(name: str, found: Sequence[InformationRequest | Decided | Attempt]) -> dict[str, Any]:
    """Return, under this name, one page of a list that was asked for with one more, and where the next page begins."""
    shown = found[:PAGE]
    return {name: shown, "next": shown[-1].id if len(found) > PAGE else None}


def names_of(organisations: Iterable[Organisation]) -> dict[str, str]:
    """Return the names of organisations by id."""
    return {organisation.id: organisation.name for organisation in organisations}


def persons_of(case: Case) -> dict[str, str]:
    """Return the names of a case's persons by ref; whose name was erased is called by his ref."""
    return {person.ref: person.name or person.ref for person in case.persons}


def purposes(organisation_type: str, law: Mapping[str, Any]) -> list[str]:
    """Return the purposes for which the tables let organisations of this type ask anybody."""
    found = (
        purpose for row in law["pairs"]["rows"] if organisation_type in row["requesters"] for purpose in row["purposes"]
    )
    return list(dict.fromkeys(found))


def records(law: Mapping[str, Any], today: date) -> Mapping[str, Mapping[str, Any]]:
    """Return what the record of each step must at least hold, by step and field: `text`, `day` or the channels."""
    found: Mapping[str, Mapping[str, Any]] = row_on(law["steps"]["edition"], today)["records"]
    return found


def categories(purpose: str, law: Mapping[str, Any], today: date) -> tuple[list[str], list[str]]:
    """Return the categories that a purpose usually needs, and the others."""
    cells = row_on(law["ceilings"][purpose], today)["cells"] if purpose in law["ceilings"] else {}
    usual = [code for code in words.CATEGORIES if cells.get(code) in _SAID_ONCE]
    return usual, [code for code in words.CATEGORIES if code not in usual]

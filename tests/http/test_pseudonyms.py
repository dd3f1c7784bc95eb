"""Pseudonyms in the log: the same person is the same one over cases, for one organisation and one purpose."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from running import Broker

from broker.domain.case import Person


def person(name: str, birth_on: date | None, *, identifier: str = "per_1") -> Person:
    """Return a person of some case."""
    return Person(id=identifier, ref="father", relation="parent", name=name, birth_on=birth_on)


BORN = date(1990, 1, 1)


@pytest.mark.parametrize("name", ["Tim de Boer", "TIM DE BOER", " tim  de boer ", "Tim\u00a0de Boer"])
def test_person_is_the_same_however_the_name_was_typed(name: str) -> None:
    known = person("Tim de Boer", BORN)
    assert person(name, BORN, identifier="per_2").identity == known.identity


@pytest.mark.parametrize(
    "other",
    [
        person("Tom de Boer", BORN),
        person("Tim de Boer", date(1990, 1, 2)),
        person("Tim de Boer", None, identifier="per_2"),
        person("", BORN, identifier="per_2"),
    ],
    ids=["name", "birth date", "no birth date", "no name"],
)
def test_anybody_else_is_not(other: Person) -> None:
    assert other.identity != person("Tim de Boer", BORN).identity


def test_person_without_a_birth_date_is_of_his_case_only() -> None:
    assert person("Tim", None, identifier="per_1").identity != person("Tim", None, identifier="per_2").identity


def pseudonyms(broker: Broker, request: str) -> list[str]:
    """Return the pseudonyms of those whom a question is about, as an officer of the asking side reads them."""
    events = broker.people.send("officer", "GET", f"/v1/requests/{request}/events").json()
    detail: dict[str, Any] = next(event["detail"] for event in events if event["tag"] == "request:question:asked")
    return list(detail["persons"])


def test_two_cases_link_the_same_people(broker: Broker) -> None:
    first, second = broker.matter.delivered(), broker.matter.delivered()
    assert pseudonyms(broker, first) == pseudonyms(broker, second)
    assert len(set(pseudonyms(broker, first))) == len(pseudonyms(broker, first))

"""The form of a new request: what the worker typed, as the body of the same call that a program would make.

What belongs to the first question has `q1.` before its name. A question of which nothing was filled in is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import FormData

from broker.api.requests import AskIn
from broker.domain.case import Person
from broker.domain.free_text import named, numbered
from broker.web.filled import Filled, Location, checked
from broker.words import PROBLEMS, Words

_CONCERN = ("nature", "seriousness", "content", "compelling_need")
_DANGER = ("acute", "person_named", "threat_named", "grave_to_adult")
_NAMES = {"period_months": "months", "only_whether_known": "known"}


class RequestForm(Filled):
    """The form on one case."""

    def __init__(self, data: FormData, case: str) -> None:
        super().__init__(data)
        self._case = case
        self.rows = min(self.count("rows") + (self.value("do") == "add"), 40)

    def parse(self) -> tuple[AskIn | None, dict[str, Words]]:
        """Return the body, or None and what is wrong by the name of the field."""
        problems: dict[str, Words] = {}
        body = self._body(problems)
        texts = {name: self.value(name) for name in _CONCERN} | self._questions()
        problems |= dict.fromkeys(numbered(texts), PROBLEMS["number"])
        return checked(AskIn, body, lambda location: _field(location, body), problems)

    def naming(self, persons: Sequence[Person]) -> list[tuple[int, str]]:
        """Return the number of each question with the name of a person that stands in its words."""
        return [
            (number, person.name)
            for number, text in enumerate(self._questions().values(), start=1)
            for person in named(text, persons)
        ]

    def _questions(self) -> dict[str, str]:
        return {f"q{number}.text": self.value(f"q{number}.text") for number in range(1, self.rows + 1)}

    def _body(self, problems: dict[str, Words]) -> dict[str, Any]:
        persons = self.chosen("persons")
        asked = [question for number in range(1, self.rows + 1) if (question := self._question(number, problems))]
        if not persons:
            problems["persons"] = PROBLEMS["no_person"]
        if not asked:
            problems["q1.text"] = PROBLEMS["no_question"]
        return {
            "case": self._case,
            "responder": self.value("responder"),
            "purpose": self.value("purpose"),
            "concern": {name: self.value(name).strip() for name in _CONCERN},
            "danger": {name: self.ticked(name) for name in _DANGER} | {"within_hours": self.number("within_hours")},
            "persons": persons,
            "patients": self.chosen("patients"),
            "questions": asked,
            "exceptions": self.exceptions(persons),
            "directly_involved": self.ticked("directly_involved"),
        }

    def _question(self, number: int, problems: dict[str, Words]) -> dict[str, Any] | None:
        name = f"q{number}"
        text, categories = self.value(f"{name}.text").strip(), self.chosen(f"{name}.categories")
        if not text and not categories:
            return None
        if not text:
            problems[f"{name}.text"] = PROBLEMS["no_text"]
        if not categories:
            problems[f"{name}.categories"] = PROBLEMS["no_category"]
        return {
            "id": name,
            "person": self.value(f"{name}.person"),
            "text": text,
            "categories": categories,
            "specific": not self.ticked(f"{name}.whole"),
            "period_months": self.number(f"{name}.months"),
            "only_whether_known": self.ticked(f"{name}.known"),
        }


def _field(location: Location, body: Mapping[str, Any]) -> str:
    """Return the name in the form of the place in the body that a finding is about."""
    match location:
        case ("questions", int(number), str(field), *_):
            return f"{body['questions'][number]['id']}.{_NAMES.get(field, field)}"
        case ("exceptions", int(number), *_):
            return f"untold.{body['exceptions'][number]['person']}"
        case ("concern" | "danger", str(field), *_):
            return field
        case (str(field), *_):
            return field
    return "responder"

"""The form of a weighing, as the body of the API's call: steps, why somebody was not told, and per part what is given.

What belongs to the first statement on question q1 in the category `veiligheid` has `q1.veiligheid.1.` before its name,
and what is recorded of the step ST-04 has `.ST-04` after it. The text of a statement is not in the form: it never
leaves the professional's machine but sealed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.datastructures import FormData, UploadFile

from broker.api.answers import DeclineIn
from broker.api.shapes import Text
from broker.api.weighing import RecordIn
from broker.domain.request import InformationRequest
from broker.domain.weighing import STEPS, StepDone, StepRecord, WeighedPart, Weighing
from broker.web.filled import MOST_ROWS, Filled, Location, checked
from broker.words import PROBLEMS, Words

_TESTS = ("relevant", "contributes", "no_lesser_means", "proportionate")


class WeighingForm(Filled):
    """The form on one request; `taken` are the steps that are on record already."""

    def __init__(self, data: FormData, request: InformationRequest, taken: Mapping[str, StepDone]) -> None:
        super().__init__(data)
        self._request, self._taken = request, taken

    def rows(self, question: str, category: str) -> int:
        """Return how many statements there is room for on this part."""
        part = f"{question}.{category}"
        return min(self.count(f"{part}.rows") + (self.value("add") == part), MOST_ROWS)

    def parse(self) -> tuple[RecordIn | None, dict[str, Words]]:
        """Return the body, or None and what is wrong by the name of the field."""
        problems: dict[str, Words] = {}
        if self.value("do") == "decline" and not self.value("reasons").strip():
            problems["reasons"] = PROBLEMS["no_reasons"]
        parts = list(self._parts())
        exceptions = self.exceptions(self._request.persons)
        body = {
            "steps": steps_of(self, self._taken),
            "exceptions": exceptions,
            "weighing": {
                "outcome": "refuse" if self.value("do") == "decline" else self.value("outcome", "give"),
                "reasons": self.value("reasons"),
                **{test: self.ticked(test) for test in _TESTS},
                "good_care": self.ticked("good_care"),
                "acute": not self.ticked("not_acute"),
                "parts": [part for _, part in parts],
            },
        }
        names = [name for name, _ in parts]
        return checked(RecordIn, body, lambda location: _field(location, names, exceptions), problems)

    def declination(self) -> tuple[DeclineIn | None, dict[str, Words]]:
        """Return what the asker is told, or None and what is wrong by the name of the field."""
        body = {"because": self.value("because"), "message": self.value("message")}
        return checked(DeclineIn, body, lambda location: str(location[0]) if location else "because", {})

    def _parts(self) -> Any:
        for question in self._request.questions:
            for category in question.categories:
                for row in range(1, self.rows(question.id, category) + 1):
                    name = f"{question.id}.{category}.{row}"
                    yield (
                        name,
                        {
                            "question": question.id,
                            "category": category,
                            "about": self.value(f"{name}.about", question.person),
                            "give": self.value(f"{name}.give") == "yes",
                            "kind": self.value(f"{name}.kind", "fact"),
                            "approved_separately": self.ticked(f"{name}.approved"),
                            "third_party_needed": self.ticked(f"{name}.third"),
                            "necessary": not self.ticked(f"{name}.unneeded"),
                        },
                    )


class CompletionIn(RecordIn):
    """What completes the record of an answer: steps, and the reasons when there was no time for them."""

    reasons: Text = ""

    def completed(self, weighing: Weighing | None) -> Weighing | None:
        """Return the weighing with the reasons that it lacked; None when nothing is added to it."""
        is_open = weighing is not None and not weighing.reasons_given and self.reasons.strip()
        return replace(weighing, reasons=self.reasons) if weighing and is_open else None


def completion_of(form: Filled, taken: Mapping[str, StepDone]) -> tuple[CompletionIn | None, dict[str, Words]]:
    """Return what completes the record, or None and what is wrong by the name of the field."""
    body = {"steps": steps_of(form, taken), "reasons": form.value("reasons")}
    return checked(CompletionIn, body, lambda location: _field(location, (), ()), {})


def steps_of(form: Filled, taken: Mapping[str, StepDone]) -> dict[str, dict[str, Any]]:
    """Return the steps to record: those ticked, and those of which the form says something else than is on record."""
    found: dict[str, dict[str, Any]] = {}
    for step in STEPS:
        before = record_fields(taken.get(step))
        said = {name: form.value(f"{name}.{step}", value) for name, value in before.items()}
        if said != before or form.ticked("steps", step):
            found[step] = {**said, "day": said["day"] or None, "channel": said["channel"] or None}
    return found


def record_fields(done: StepDone | None) -> dict[str, str]:
    """Return what is on record of a step as its fields in the form."""
    record = done.record if done else StepRecord()
    return {
        "whom": record.whom,
        "day": record.day.isoformat() if record.day else "",
        "channel": record.channel or "",
        "outcome": record.outcome,
        "note": record.note,
    }


def form_of(weighing: Weighing | None, exceptions: Sequence[Any]) -> FormData:
    """Return the form as it was when this weighing was recorded, to be filled in further."""
    fields: list[tuple[str, str | UploadFile]] = []
    for exception in exceptions:
        fields += [(f"untold.{exception.person}", exception.code)]
        fields += [
            (f"{name}.{exception.person}", str(getattr(exception, name) or ""))
            for name in ("reviewed_on", "attempts", "channels", "days")
        ]
    if weighing is not None:
        fields += [("outcome", weighing.outcome), ("reasons", weighing.reasons)]
        fields += [(test, "yes") for test in (*_TESTS, "good_care") if getattr(weighing, test)]
        fields += [] if weighing.acute else [("not_acute", "yes")]
        rows: dict[str, int] = {}
        for part in weighing.parts:
            place = f"{part.question}.{part.category}"
            rows[place] = rows.get(place, 0) + 1
            fields += _fields_of(part, f"{place}.{rows[place]}")
        fields += [(f"{place}.rows", str(count)) for place, count in rows.items()]
    return FormData(fields)


def _fields_of(part: WeighedPart, name: str) -> list[tuple[str, str]]:
    ticks = {"approved": part.approved_separately, "third": part.third_party_needed, "unneeded": not part.necessary}
    return [
        (f"{name}.about", part.about),
        (f"{name}.give", "yes" if part.give else "no"),
        (f"{name}.kind", part.kind),
        *((f"{name}.{tick}", "yes") for tick, is_set in ticks.items() if is_set),
    ]


def _field(location: Location, names: Sequence[str], exceptions: Sequence[Mapping[str, Any]]) -> str:
    """Return the name in the form of the place in the body that a finding is about."""
    match location:
        case ("weighing", "parts", int(number), str(field), *_):
            return f"{names[number]}.{field}"
        case ("weighing", str(field), *_) | (str(field),):
            return field
        case ("steps", str(step), str(field), *_):
            return f"{field}.{step}"
        case ("exceptions", int(number), *_):
            return f"untold.{exceptions[number]['person']}"
    return "outcome"

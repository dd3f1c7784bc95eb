"""A document that does not fit the closed space reaches no engine, and the refusal repeats nothing of it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

import pytest

from broker.domain.case import age_on
from broker.kernel.errors import InputError
from broker.kernel.values import legal_day
from broker.policy.cases import ASK, BASES, SCHEMA, Document, a, changed
from broker.policy.gate import PolicyGate

# Everything that a document can hold, so that every field of the schema is under test.
FULL = changed(
    "answer",
    {
        "framework.order": BASES["supervision_ask"]["framework"]["order"],
        "consents": [{}],
        "exceptions": [{}],
        "payload.bsn_of": ["child1"],
    },
)


def _nodes(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every object in a document."""
    if isinstance(value, dict):
        yield path
        for key, inner in value.items():
            yield from _nodes(inner, (*path, key))
    if isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _nodes(inner, (*path, place))


def _at(document: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        document = document[step]
    return document


FIELDS = [(path, key) for path in _nodes(FULL) for key in _at(FULL, path)]


def _refused(gate: PolicyGate, document: object) -> InputError:
    with pytest.raises(InputError) as caught:
        gate.document(document)  # type: ignore[arg-type]
    assert caught.value.errors, "a finding says where"
    return caught.value


def test_full_document_fits(gate: PolicyGate) -> None:
    assert gate.document(FULL)["outcome"] == "permit"


@pytest.mark.parametrize(("path", "key"), FIELDS, ids=lambda part: str(part))
def test_document_without_a_field_is_refused(gate: PolicyGate, path: tuple[str | int, ...], key: str) -> None:
    document = deepcopy(FULL)
    del _at(document, path)[key]

    _refused(gate, document)


@pytest.mark.parametrize("path", list(_nodes(FULL)), ids=str)
def test_document_with_a_field_too_many_is_refused(gate: PolicyGate, path: tuple[str | int, ...]) -> None:
    document = deepcopy(FULL)
    _at(document, path)["name"] = "Jansen"

    assert "Jansen" not in str(_refused(gate, document).errors)


@pytest.mark.parametrize(
    "value", ["Jan de Vries", "jan@example.nl", "123456782", "", "a" * 65, "Renée", "kind 1", None, 7]
)
@pytest.mark.parametrize(
    "path",
    [
        "persons.0.ref", "persons.0.authority.0", "questions.0.id", "questions.0.person", "consents.0.about",
        "consents.0.given_by.0", "exceptions.0.person", "weighing.parts.0.question", "weighing.parts.0.about",
        "payload.bsn_of.0", "framework.order.child", "requester.id", "consents.0.recipient",
        "framework.order.executing_organisation", "actor.role", "purpose", "questions.0.categories.0",
    ],
)  # fmt: skip
def test_name_number_or_free_text_is_refused_and_not_repeated(gate: PolicyGate, path: str, value: object) -> None:
    document = deepcopy(FULL)
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    _at(document, tuple(steps))[last] = value

    refusal = _refused(gate, document)

    assert not (isinstance(value, str) and len(value) > 1 and value in f"{refusal}{refusal.errors}")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("now", "2026-11-22"), ("now", "2026-11-22T10:00:00+01:00"), ("now", "2026-02-30T10:00:00Z"),
        ("now", "2026-11-22T24:00:00Z"), ("consents.0.on", "2026-02-29"), ("consents.0.on", "22-11-2026"),
        ("actor.mandate.until", None), ("version", 2), ("version", "1"), ("version", True), ("stage", "operate"),
        ("stage", "inspect"), ("persons", []), ("persons.0.age", -1), ("persons.0.age", 7.5), ("persons.0.age", "7"),
        ("actor.assigned_to_case", 1), ("actor.assigned_to_case", "true"), ("danger.within_hours", -1),
        ("questions.0.categories", []), ("weighing", {}), ("steps", {}), ("framework", None),
    ],
)  # fmt: skip
def test_value_outside_the_closed_space_is_refused(gate: PolicyGate, path: str, value: object) -> None:
    document = deepcopy(FULL)
    *steps, last = (int(step) if step.isdigit() else step for step in path.split("."))
    _at(document, tuple(steps))[last] = value

    _refused(gate, document)


@pytest.mark.parametrize("document", [{}, [], None, "{}", 1, [ASK]], ids=repr)
def test_thing_that_is_no_document_is_refused(gate: PolicyGate, document: object) -> None:
    _refused(gate, document)


@pytest.mark.parametrize(
    ("field", "entries"),
    [
        ("persons", [a("persons", age=7), a("persons", age=40)]),
        ("questions", [a("questions"), a("questions", categories=["gez_detail"])]),
    ],
)
def test_name_that_stands_for_two_things_is_refused(gate: PolicyGate, field: str, entries: list[Document]) -> None:
    _refused(gate, {**ASK, field: entries})


@pytest.mark.parametrize(
    "path", ["persons.0.authority", "questions.0.categories", "payload.bsn_of", "consents.0.given_by"]
)
def test_list_with_something_twice_is_refused(gate: PolicyGate, path: str) -> None:
    document = deepcopy(FULL)
    entries = _at(document, tuple(int(step) if step.isdigit() else step for step in path.split(".")))
    entries.append(entries[0])

    _refused(gate, document)


# What a document may leave out, and what it then means (decision.md: fields are added with a default).
OPTIONAL = [
    ("framework", "directly_involved", False),
    ("framework", "vir", None),
    ("concern", "compelling_need", False),
    ("questions.0", "only_whether_known", False),
    ("weighing", "acute", True),
    ("weighing", "good_care", False),
    ("weighing.parts.0", "necessary", True),
    ("weighing.parts.0", "police_article", "8"),
]


def _optional(node: Any, path: str = "") -> Iterator[tuple[str, str, Any]]:
    """Yield the fields of the schema that have a default, with their place in a document."""
    for form in [node, *node.get("anyOf", [])]:
        for name, inner in form.get("properties", {}).items():
            if "default" in inner:
                yield path, name, inner["default"]
            yield from _optional(inner, f"{path}.{name}".lstrip("."))
        if "items" in form:
            yield from _optional(form["items"], f"{path}.0")


def test_optional_fields_are_those_that_the_schema_gives_a_default() -> None:
    assert sorted(map(str, _optional(SCHEMA))) == sorted(map(str, OPTIONAL))


@pytest.mark.parametrize("base", ["answer", "supervision_answer", "police_answer", "table_answer", "custody_ask"])
@pytest.mark.parametrize(("path", "name", "default"), OPTIONAL)
def test_field_that_is_left_out_means_its_default(
    gate: PolicyGate, base: str, path: str, name: str, default: Any
) -> None:
    said, left_out = deepcopy(dict(BASES[base])), deepcopy(dict(BASES[base]))
    steps = tuple(int(step) if step.isdigit() else step for step in path.split("."))
    if "weighing" in steps and not said["weighing"]:
        return
    _at(said, steps)[name] = default
    _at(left_out, steps).pop(name, None)

    assert gate.document(said) == gate.document(left_out)


@pytest.mark.parametrize("base", ["operate", "postpone", "escalate"])
def test_document_of_another_stage_is_as_closed(gate: PolicyGate, base: str) -> None:
    document = dict(BASES[base])
    for path in _nodes(document):
        for key in _at(document, path):
            incomplete = deepcopy(document)
            del _at(incomplete, path)[key]
            _refused(gate, incomplete)
        too_much = deepcopy(document)
        _at(too_much, path)["name"] = "Jansen"
        _refused(gate, too_much)


@pytest.mark.parametrize(
    ("change", "stage", "remedy"),
    [
        ({"weighing.parts": []}, "G9", "decide"),
        ({"weighing": None}, "G9", "decide"),
        ({"steps.weigh": False}, "G8", "record_steps"),
        (
            {"questions.q1.categories": ["gez_detail"], "weighing.parts": [{"category": "gez_detail"}]},
            "G10",
            "approve_separately",
        ),
    ],
)
def test_missing_record_of_the_professional_names_its_own_gate_and_cure(
    gate: PolicyGate, change: Document, stage: str, remedy: str
) -> None:
    """DN-16 serves three gates; what to do differs."""
    reasons = gate.document(changed("answer", change))["reasons"]

    assert {(reason["code"], reason["stage"], reason["remedy"]) for reason in reasons} == {("DN-16", stage, remedy)}


@pytest.mark.parametrize(
    ("now", "today"),
    [
        ("2026-07-01T21:59:59Z", "2026-07-01"), ("2026-07-01T22:00:00Z", "2026-07-02"),
        ("2026-11-22T22:59:59.999999Z", "2026-11-22"), ("2026-11-22T23:00:00Z", "2026-11-23"),
        ("2026-03-28T23:30:00Z", "2026-03-29"), ("2026-10-24T22:30:00Z", "2026-10-25"),
        ("2026-12-31T23:00:00Z", "2027-01-01"),
    ],
)  # fmt: skip
def test_legal_day_begins_at_midnight_in_the_netherlands(gate: PolicyGate, now: str, today: str) -> None:
    document = changed("ask", {"now": now, "actor.mandate": {"from": "2026-01-01", "until": "2028-01-01"}})
    assert gate.document(document)["law_as_of"] == today
    assert gate.document({**document, "today": today}) == gate.document(document)
    for other in ("2026-06-30", "2028-02-29"):
        with pytest.raises(InputError) as refused:
            gate.document({**document, "today": other})
        assert refused.value.errors == ("/today: is not the day in the Netherlands of the moment beside it",)


def test_moment_beyond_the_calendar_is_refused(gate: PolicyGate) -> None:
    with pytest.raises(InputError) as refused:
        gate.document(changed("ask", {"now": "9999-12-31T23:30:00Z"}))
    assert refused.value.errors == ("/now: is beyond the calendar",)
    late = changed(
        "postpone", {"duty.due": "9999-12-31T23:30:00Z", "duty.since_on": "2026-01-01", "today": "2026-01-01"}
    )
    with pytest.raises(InputError) as refused:
        gate.document(late)
    assert [finding.partition(":")[0] for finding in refused.value.errors] == ["/today", "/duty/due", "/duty/since_on"]


@pytest.mark.parametrize(("born", "age"), [("2010-11-23", 15), ("2010-11-22", 16)])
def test_somebody_is_sixteen_from_midnight(born: str, age: int) -> None:
    assert age_on(date.fromisoformat(born), legal_day(datetime(2026, 11, 22, 22, 59, tzinfo=UTC))) == age
    assert age_on(date.fromisoformat(born), legal_day(datetime(2026, 11, 22, 23, 0, tzinfo=UTC))) == 16

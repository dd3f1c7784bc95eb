"""The facts that the decision document came to have: what each says in it, and nothing while it says nothing new.

That keeps the digest of a document that was made before there were such facts, and so its decision can be replayed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from broker.crypto.canonical import digest
from broker.domain.case import Case, IndexMatch, Person
from broker.domain.directory import Actor, Organisation, Staff
from broker.domain.document import DEFAULTS, Facts, decision_document
from broker.domain.request import Concern, Danger, InformationRequest, Question
from broker.domain.weighing import WeighedPart, Weighing
from broker.kernel.values import Oin
from broker.policy.bundle import open_schema, policies_path

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
RAAD = Organisation(
    id="org:raad", oin=Oin("0" * 20), name="R", type="rvdk", active=True, connected=True, profession="overig",
    holds_information_professionally=True,
)  # fmt: skip
STAFF = Staff(
    id="d", organisation="org:gp", role="raadsonderzoeker", profession="overig",
    registration="skj", supervised_by_registered=False, active=True,
)  # fmt: skip
CHILD = Person(id="p", ref="child1", relation="child", name="N", birth_on=date(2019, 5, 14))
CASE = Case(id="k", organisation="org:raad", reference="R", persons=(CHILD,), staff=frozenset({"s"}))
QUESTION = Question(
    id="q1", person="child1", text="?", categories=("veiligheid",), specific=True, period_months=12
)  # fmt: skip
REQUEST = InformationRequest(
    id="r", case="k", requester="org:raad", asker="s", responder="org:gp", purpose="rvdk_gezag_omgang",
    concern=Concern(nature="n"), danger=Danger(), persons=("child1",), patients=frozenset(), questions=(QUESTION,),
    asked_at=NOW, taken_by="d",
)  # fmt: skip
PART = WeighedPart(question="q1", category="veiligheid", about="child1", give=True, kind="fact")
WEIGHING = Weighing(
    staff="d", by_profession="arts", registration="big", outcome="give", reasons="r", reasons_given=True, relevant=True,
    contributes=True, no_lesser_means=True, proportionate=True, parts=(PART,),
)  # fmt: skip


def document(case: Case = CASE, request: InformationRequest = REQUEST, weighing: Weighing = WEIGHING) -> dict[str, Any]:
    return decision_document(
        stage="answer",
        now=NOW,
        actor=Actor(staff=STAFF, organisation=RAAD, assurance="high", mandate=None),
        request=request,
        facts=Facts(
            case=case, requester=RAAD, responder=replace(RAAD, id="org:gp", type="huisarts"), weighing=weighing
        ),
    )


def test_document_without_the_facts_is_the_one_it_always_was() -> None:
    always = {
        name: fact for name, fact in document().items() if name != "today"
    }  # each document has it since 2026.11.11
    assert digest(always) == "sha256:f5d6bf5bd71d32aaaa4f90c7230196e730b668fe3e392dfed0f8792b1b734cc9"


FACTS: dict[str, tuple[dict[str, Any], tuple[str | int, ...], Any]] = {
    "compelling_need": (
        {"request": replace(REQUEST, concern=replace(REQUEST.concern, compelling_need="w"))},
        ("concern", "compelling_need"),
        True,
    ),
    "directly_involved": (
        {"request": replace(REQUEST, directly_involved=True)},
        ("framework", "directly_involved"),
        True,
    ),
    "vir": (
        {"case": replace(CASE, vir=IndexMatch(authorised=False, risk="l"))},
        ("framework", "vir"),
        {"authorised": False, "risk": "l"},
    ),
    "only_whether_known": (
        {"request": replace(REQUEST, questions=(replace(QUESTION, only_whether_known=True),))},
        ("questions", 0, "only_whether_known"),
        True,
    ),
    "good_care": ({"weighing": replace(WEIGHING, good_care=True)}, ("weighing", "good_care"), True),
    "police_article": (
        {"weighing": replace(WEIGHING, parts=(replace(PART, police_article="13-1"),))},
        ("weighing", "parts", 0, "police_article"),
        "13-1",
    ),
}


def at(content: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        content = content[step]
    return content


@pytest.mark.parametrize("name", FACTS)
def test_fact_stands_in_the_document_when_it_is_said_and_only_there(name: str) -> None:
    said, path, value = FACTS[name]
    found = document(**said)

    assert at(found, path) == value
    del at(found, path[:-1])[path[-1]]
    assert found == document()


def test_need_of_spaces_only_is_none() -> None:
    blank = replace(REQUEST, concern=replace(REQUEST.concern, compelling_need=" \n"))

    assert document(request=blank) == document()


def test_numbers_in_the_request_and_in_the_answer_are_named_once_each_in_order() -> None:
    request = replace(REQUEST, bsn_of=frozenset({"mother", "child1"}))
    weighing = replace(WEIGHING, bsn_of=frozenset({"father", "child1"}))

    assert document(request=request, weighing=weighing)["payload"]["bsn_of"] == ["child1", "father", "mother"]


def test_defaults_are_those_of_the_schema_and_no_optional_fact_is_forgotten() -> None:
    optional = dict(_optional(open_schema(policies_path(), "document")["properties"]))

    # `necessary` was in the document before its default had a meaning, and stays in it.
    assert optional == {**DEFAULTS, "necessary": True}


def _optional(fields: dict[str, Any]) -> list[tuple[str, Any]]:
    found = []
    for name, field in fields.items():
        if "default" in field:
            found.append((name, field["default"]))
        for form in (field, field.get("items", {}), *field.get("anyOf", ())):
            found.extend(_optional(form.get("properties", {})))
    return found

"""What is said to help does help, is as small as it can be, and is honest: asked of the policy, on any document."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from drawn_documents import documents
from hypothesis import HealthCheck, given, settings
from typer.testing import CliRunner

from broker.__main__ import app
from broker.client.explain import WIDTH
from broker.domain.decision import PERMITS
from broker.policy.cases import BASES, Document, changed
from broker.policy.change import Change, worlds
from broker.policy.change import changed as after
from broker.policy.explain import Explanation, Help, explain
from broker.policy.gate import PolicyGate
from broker.words import CHANGES, change_words

ROLES = ("onderzoeker", "jeugdbeschermer")

# What only the world, or the judgement of whoever is asked, can make so.
UNTOUCHED = (
    "danger", "persons", "purpose", "now", "framework.order", "framework.zvh_case", "framework.vir",
    "framework.directly_involved", "framework.litigation_between_parents", "framework.investigation_determined_on",
    "weighing.outcome", "weighing.relevant", "weighing.contributes", "weighing.no_lesser_means",
    "weighing.proportionate", "weighing.good_care", "weighing.by_profession", "weighing.registration",
    "responder.holds_information_professionally", "actor.registration",
)  # fmt: skip
OF_A_PART = ("question", "category", "about", "give", "kind", "third_party_needed", "necessary", "police_article")


def _at(document: Document, path: str) -> Any:
    node: Any = document
    for step in path.split("."):
        node = (node or {}).get(step)
    return node


def _opens(decision: dict[str, Any], help_: Help) -> bool:
    if decision["outcome"] not in PERMITS:
        return False
    if help_.part is None:
        return True
    return any(
        (part["question"], part["category"]) == help_.part and part["verdict"] != "withhold"
        for part in decision["parts"]
    )


def _explained(gate: PolicyGate, base: str, change: dict[str, Any]) -> Explanation:
    return explain(changed(base, change), gate.document, roles=ROLES)


def _names(found: Explanation) -> list[set[str]]:
    return [{change.name for change in help_.changes} for help_ in found.helps]


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(document=documents())
def test_every_set_permits_and_none_of_it_can_be_left_out(gate: PolicyGate, document: Document) -> None:
    found = explain(document, gate.document, roles=ROLES)

    for help_ in found.helps:
        assert help_.changes
        assert _opens(gate.document(after(document, help_.changes)), help_)
        for left_out in help_.changes:
            fewer = [change for change in help_.changes if change is not left_out]
            assert not _opens(gate.document(after(document, fewer)), help_)


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(document=documents())
def test_nothing_is_offered_that_only_the_world_can_make_so(document: Document) -> None:
    for changes in worlds(document, ROLES):
        result = after(document, changes)
        for path in UNTOUCHED:
            assert _at(result, path) == _at(document, path)
        for before, then in zip(
            (document["weighing"] or {}).get("parts", ()), (result["weighing"] or {}).get("parts", ()), strict=True
        ):
            assert {name: before.get(name) for name in OF_A_PART} == {name: then.get(name) for name in OF_A_PART}
        assert result["consents"][: len(document["consents"])] == [
            {**now, "evidence": then["evidence"]}
            for now, then in zip(document["consents"], result["consents"], strict=False)
        ]


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(document=documents())
def test_nobody_who_said_no_is_asked_again(document: Document) -> None:
    said_no = {
        ref
        for consent in document["consents"]
        if consent["status"] in {"refused", "withdrawn"}
        for ref in (consent["about"], *consent["given_by"])
    }
    for changes in worlds(document, ROLES):
        for change in changes:
            assert not said_no & {*change.asks}
            assert change.kind != "ask_consent" or change.what not in said_no


def test_example_of_the_decision_document(gate: PolicyGate) -> None:
    """Describe the seriousness, and inform or record why not: the two things that are missing, and nothing else."""
    found = _explained(gate, "answer", {"concern.seriousness": False, "steps.consent_or_inform": False})

    assert _names(found) == [
        {"describe_seriousness", "take_step:ST-05"},
        {"describe_seriousness", "record_reason:X1"},
        {"describe_seriousness", "record_reason:X2"},
    ]
    assert [change.only_if_so for change in found.helps[1].changes] == [False, True]


def test_consent_is_a_question_to_a_person_and_comes_last(gate: PolicyGate) -> None:
    found = _explained(gate, "custody_ask", {"consents": []})

    assert _names(found) == [{"explain_compelling_need"}, {"ask_consent:mother:mother"}]
    assert found.helps[1].changes[0].asks == ("mother",)


@pytest.mark.parametrize(
    ("base", "change"),
    [
        ("victim_ask", {"consents": [{"about": "victim", "given_by": ["victim"], "status": "refused"}]}),
        ("supervision_ask", {"framework.order.until": "2026-11-22"}),
        ("ask", {"framework.vt_phase": "afgesloten"}),
        ("police_answer", {"weighing.relevant": False}),
        ("answer", {"weighing": None}),
        ("research_ask", {}),
    ],
)
def test_where_nothing_honest_helps_that_is_said(gate: PolicyGate, base: str, change: dict[str, Any]) -> None:
    found = _explained(gate, base, change)

    assert found.helps == ()
    assert found.helpless == (None,)
    assert found.complete


def test_withheld_part_of_a_permit_has_help_of_its_own(gate: PolicyGate) -> None:
    found = _explained(gate, "ask", {"questions": [{}, {"id": "q2", "specific": False}]})

    assert [help_.part for help_ in found.helps] == [("q2", "veiligheid")]
    assert _names(found) == [{"ask_concretely:q2"}]


@settings(max_examples=30, suppress_health_check=list(HealthCheck), deadline=None)
@given(document=documents())
def test_explanation_is_the_same_each_time(gate: PolicyGate, document: Document) -> None:
    assert explain(document, gate.document, roles=ROLES) == explain(document, gate.document, roles=ROLES)


@settings(max_examples=300, suppress_health_check=list(HealthCheck), deadline=None)
@given(document=documents())
def test_every_change_has_its_sentence(document: Document) -> None:
    for changes in worlds(document, ROLES):
        for change in changes:
            said = change_words(change.kind, change.what, change.asks)
            assert said.nl.endswith(".")
            assert said.en.endswith(".")
            assert "{" not in said.nl + said.en


def test_every_kind_of_change_that_has_words_can_be_offered() -> None:
    offered: set[str] = set()
    for base in BASES.values():
        emptied = json.loads(json.dumps(base).replace("true", "false"))
        if "framework" in emptied:
            emptied["framework"] |= {"vt_phase": None, "rvdk_task": None, "gi_role": None}
        for document in (base, emptied):
            offered |= {change.kind for world in worlds(document, ROLES) for change in world}

    claimed = changed("ask", {"consents": [{"evidence": "claimed_by_requester"}]})
    numbered = changed("answer", {"payload.bsn_of": ["child1"], "exceptions": [{}], "actor.role": "planner"})
    for document in (claimed, numbered):
        offered |= {change.kind for world in worlds(document, ROLES) for change in world}
    assert offered == set(CHANGES)


def test_change_is_named_by_what_it_does() -> None:
    assert Change(kind="ask_consent", what="child1", by="responder", asks=("mother", "father")).name == (
        "ask_consent:child1:mother,father"
    )


@pytest.mark.parametrize(("language", "said"), [("nl", "Beschrijf de ernst"), ("en", "Describe the seriousness")])
def test_command_explains_in_both_languages(tmp_path: Path, language: str, said: str) -> None:
    file = tmp_path / "document.json"
    file.write_text(json.dumps(changed("answer", {"concern.seriousness": False, "steps.consent_or_inform": False})))

    run = CliRunner().invoke(app, ["explain", str(file), "--language", language])

    assert run.exit_code == 0, run.output
    assert said in run.stdout
    assert [line for line in run.stdout.splitlines() if len(line) > WIDTH] == []


def test_command_gives_programs_codes_articles_and_changes(tmp_path: Path) -> None:
    file = tmp_path / "document.json"
    file.write_text(json.dumps(changed("custody_ask", {"consents": []})))

    run = CliRunner().invoke(app, ["explain", str(file), "--json"])

    explained = json.loads(run.stdout)
    assert explained["outcome"] == "deny"
    assert [reason["code"] for reason in explained["reasons"]] == ["DN-21"]
    assert explained["reasons"][0]["link"] == "https://wetten.overheid.nl/jci1.3:c:BWBR0002656&artikel=240"
    assert [change["asks"] for help_ in explained["helps"] for change in help_["changes"]] == [[], ["mother"]]


@pytest.mark.parametrize("content", ["[]", "{}", '{"version": 1}', "no json"])
def test_command_refuses_what_is_no_document(tmp_path: Path, content: str) -> None:
    file = tmp_path / "document.json"
    file.write_text(content)

    run = CliRunner().invoke(app, ["explain", str(file)])

    assert run.exit_code == 2
    assert run.stdout == ""

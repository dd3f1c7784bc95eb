"""The policy beside what tribunals have judged: never more lenient where it can be decided, each difference by rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
import yaml
from comparison import AGREES, AGREES_IF, INCOMPARABLE, LENIENT, RULES, STRICTER, compare
from reading import goes, read, said_of, unknowns
from report import REPORT, Judged, judged_by, report
from ruling import FACTS, HERE, VERDICTS, facts_of, load_mapping, load_rulings, releases

from broker.policy.bundle import load_bundle, open_schema, policies_path
from broker.policy.gate import PolicyGate
from broker.policy.installed import installed_gate

RULINGS = {ruling["ecli"]: ruling for ruling in load_rulings()}
MAPPING = load_mapping()
DECIDABLE = [name for name, ruling in RULINGS.items() if ruling["notes"]["decidable"]]
HELD_AGAINST = [name for name in DECIDABLE if RULINGS[name]["outcome"]["release_acceptable"] != "yes"]
OUTCOME_WORDS = {
    "outcome", "complaint", "release_acceptable", "rules_broken", "rules_satisfied", "reasoning", "confidence", "notes",
    "remark", "decidable", "trigger", "scope_exceeded", "only_relevant_facts",
}  # fmt: skip


@pytest.fixture(scope="module")
def gate() -> PolicyGate:
    return installed_gate()


@pytest.fixture(scope="module")
def judged(gate: PolicyGate) -> dict[str, Judged]:
    return {one.ruling["ecli"]: one for one in judged_by(gate)}


def documents_of(ruling: dict[str, Any]) -> list[Any]:
    """Return the documents of a ruling, unknowns and all."""
    return [one.document for one in releases(facts_of(ruling), MAPPING["rulings"][ruling["ecli"]], MAPPING)]


def keys_of(tree: Any) -> Iterator[str]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield str(key)
            yield from keys_of(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from keys_of(value)


# The mapping.


def test_every_ruling_is_mapped_and_nothing_else() -> None:
    assert len(RULINGS) == len(list((HERE / "rulings").glob("*.json"))) > 30
    assert MAPPING["rulings"].keys() == RULINGS.keys()
    assert all(documents_of(ruling) for ruling in RULINGS.values())


def test_mapping_holds_facts_only() -> None:
    text = yaml.dump({key: value for key, value in MAPPING.items() if key != "unread"})

    assert not OUTCOME_WORDS & set(keys_of(MAPPING))
    assert not [word for word in (*RULES, *OUTCOME_WORDS) if re.search(rf"\b{word}\b", text)]


def test_mapping_reads_every_yes_and_no_that_a_ruling_tells() -> None:
    read_fields = {path for paths in MAPPING["fields"].values() for path in paths}
    by_hand = {"consent.asked", "consent.given", "consent.by"}
    groups = ("request", "consent", "responder_steps")
    told = {f"{group}.{name}" for one in RULINGS.values() for group in groups for name in one[group]}

    assert told == read_fields | by_hand | set(MAPPING["unread"])
    assert {f"{group}.{name}" for group, name in VERDICTS} < set(MAPPING["unread"])


def test_documents_know_nothing_of_the_outcome() -> None:
    names = list(RULINGS)
    shuffled = names[5:] + names[:5]
    hidden = {"outcome": None, "notes": None, "confidence": None, "court": None, "date": None, "url": None}

    for name, other in zip(names, shuffled, strict=True):
        swapped = {**RULINGS[name], "outcome": RULINGS[other]["outcome"], "notes": RULINGS[other]["notes"]}
        for group, field in VERDICTS:
            swapped[group] = {**swapped[group], field: not RULINGS[name][group][field]}
        assert documents_of(swapped) == documents_of(RULINGS[name])
        assert documents_of({**RULINGS[name], **hidden}) == documents_of(RULINGS[name])


def test_documents_tell_of_the_persons_and_consents_of_the_ruling_only() -> None:
    for name, ruling in RULINGS.items():
        several = MAPPING["several"]
        about = {ref for word in ruling["disclosed"]["about"] for ref in several.get(word, [word])}
        said = " ".join([*ruling["consent"]["by"], ruling["requester"]["capacity"]])
        for document in documents_of(ruling):
            assert about <= {person["ref"] for person in document["persons"]}
        for consent in MAPPING["rulings"][name].get("consents", ()):
            words = {ref: [word for word, refs in several.items() if ref in refs] for ref in consent["by"]}
            assert all(any(word in said for word in (ref, *words[ref])) for ref in consent["by"])


def test_what_is_not_told_stays_unknown() -> None:
    silent = deepcopy(RULINGS["ECLI:NL:TGZRAMS:2021:95"])
    for group in ("request", "responder_steps"):
        silent[group] = dict.fromkeys(silent[group])
    (document,) = documents_of(silent)
    on_record = read(document, lambda _: True)

    assert set(MAPPING["fields"]) <= {*unknowns(document), "concern.compelling_need"}
    assert not any(on_record["steps"].values())
    assert not any(on_record["concern"].values())


def test_a_parent_or_lawyer_is_refused_whatever_purpose_the_mapping_names(gate: PolicyGate) -> None:
    """No purpose of the list is theirs, so the one that the mapping has to choose must not decide."""
    (document,) = documents_of(RULINGS["NVO:CvT-20-20"])
    in_order = read(document, lambda _: False)

    purposes = open_schema(policies_path(), "document")["$defs"]["purpose"]["enum"]
    assert {gate.document({**in_order, "purpose": purpose})["outcome"] for purpose in purposes} == {"deny"}


# The bridge.


def test_bridge_has_every_rule_of_the_rulings_and_codes_of_the_policies_only() -> None:
    applied = {
        rule for one in RULINGS.values() for key in ("rules_broken", "rules_satisfied") for rule in one["outcome"][key]
    }  # fmt: skip
    law = load_bundle(policies_path()).data["law"]
    known = {code for table in ("reasons", "obligations", "escalations", "grounds") for code in law[table]}

    assert applied <= RULES.keys()
    assert {code for rule in RULES.values() for code in rule.codes} <= known | set(law["steps"]["edition"]["names"])


def test_no_ruling_is_an_exception() -> None:
    sources = "".join((HERE / f"{name}.py").read_text() for name in ("ruling", "reading", "comparison", "report"))

    assert not [name for name in RULINGS if name in sources]


# The promise.


@pytest.mark.parametrize("name", DECIDABLE)
def test_policy_is_never_more_lenient_where_it_can_be_decided(judged: dict[str, Judged], name: str) -> None:
    assert judged[name].comparison.verdict in {AGREES, AGREES_IF, STRICTER}


@pytest.mark.parametrize("name", HELD_AGAINST)
def test_policy_refuses_for_a_rule_that_the_tribunal_found_broken(judged: dict[str, Judged], name: str) -> None:
    """Even when all that is not told was in order: it refuses for what is told, and for the tribunal's own reason."""
    one, found = judged[name], RULINGS[name]["outcome"]

    assert not all(goes(said.rest_in_order, said.release) for said in one.said)
    assert [line for line in one.comparison.why if "The policy refuses for it" in line]
    assert len([line for line in one.comparison.why if " was broken." in line]) == len(found["rules_broken"])


@pytest.mark.parametrize("name", RULINGS)
def test_policy_is_more_lenient_nowhere(judged: dict[str, Judged], name: str) -> None:
    assert judged[name].comparison.verdict != LENIENT


@pytest.mark.parametrize("name", RULINGS)
def test_every_difference_is_explained_by_a_rule(judged: dict[str, Judged], name: str) -> None:
    one = judged[name]
    differs = one.comparison.verdict in {STRICTER, LENIENT, INCOMPARABLE, AGREES_IF}

    assert one.comparison.why or not differs
    if one.comparison.verdict == STRICTER:
        assert any(re.search(r"\b(DN|ST|ES)-\d\d \(", line) for line in one.comparison.why)


@pytest.mark.parametrize("name", RULINGS)
def test_knowing_less_never_lets_more_go(judged: dict[str, Judged], name: str) -> None:
    for said in judged[name].said:
        assert goes(said.rest_in_order, said.release) or not goes(said.as_told, said.release)


# The comparison has teeth.


def in_order(ruling: dict[str, Any]) -> dict[str, Any]:
    """Return a ruling in which everything is told and was done as it should be."""
    better = deepcopy(ruling)
    for group in ("request", "responder_steps"):
        better[group] = dict.fromkeys(better[group], True)
    better["consent"].update(asked=None, given=None)
    better["disclosed"]["categories"] = ["incident"]
    return better


@pytest.mark.parametrize(
    "name", ["ECLI:NL:TGZRSHE:2024:7", "NVO:CvB-15-01", "ECLI:NL:TGZRAMS:2021:95", "ECLI:NL:TGZCTG:2018:232"]
)
def test_policy_lets_the_same_release_go_when_it_was_done_well(gate: PolicyGate, name: str) -> None:
    better = in_order(RULINGS[name])
    (said,) = said_of(facts_of(better), MAPPING["rulings"][name], MAPPING, gate)

    assert goes(said.rest_in_order, said.release)


def test_a_yes_where_the_tribunal_said_no_is_more_lenient(gate: PolicyGate) -> None:
    better = in_order(RULINGS["ECLI:NL:TGZRSHE:2024:7"])
    said = said_of(facts_of(better), MAPPING["rulings"][better["ecli"]], MAPPING, gate)

    assert compare(said, better).verdict == LENIENT


@pytest.mark.parametrize("name", HELD_AGAINST)
def test_a_policy_that_says_yes_to_all_is_more_lenient(judged: dict[str, Judged], name: str) -> None:
    yes = {"outcome": "permit", "parts": [{"verdict": "allow"}], "reasons": [], "todo": [], "referrals": [],
           "obligations": [], "grounds": []}  # fmt: skip
    said = [replace(one, as_told=yes, rest_in_order=yes, missing={}, standing={}) for one in judged[name].said]

    assert compare(said, RULINGS[name]).verdict == LENIENT


def test_facts_are_the_groups_that_the_rulings_have() -> None:
    rest = {"ecli", "court", "date", "url", "profession", "outcome", "confidence", "notes"}
    assert all(ruling.keys() == {*FACTS, *rest} for ruling in RULINGS.values())


def test_report_is_fresh(judged: dict[str, Judged]) -> None:
    current = report(list(judged.values()), load_bundle(policies_path()).data["law"])

    assert REPORT.read_text(encoding="utf-8") == current, "run python tests/caselaw/report.py and read what changed"

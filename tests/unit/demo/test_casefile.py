"""A case file is read strictly: what does not fit is a ParseError that names the place and never the value."""

from __future__ import annotations

from importlib.resources import files

import pytest

from broker.demo.casefile import load_case, parse_case
from broker.kernel.errors import NotFoundError, ParseError

TEXT = (files("broker.demo") / "cases" / "S01.yaml").read_text(encoding="utf-8")


def changed(old: str, new: str) -> str:
    assert old in TEXT
    return TEXT.replace(old, new, 1)


def test_casefile_gives_persons_and_questions_the_key_they_stand_under() -> None:
    case = parse_case(TEXT)

    assert [person.ref for person in case.case.persons] == ["child1", "mother", "father"]
    assert [question.id for question in case.requests["to_gp"].questions] == ["q1", "q2", "q3", "q4"]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("    capable: true", "    capable: perhaps", "/case/persons/1/capable"),
        ("specific: true", "specific: true\n        hint: x", "/requests/to_gp/questions/0/hint"),
        ("vt_phase: onderzoek", "vt_phase: verhoor", "/case/vt_phase"),
        ('oin: "00000001003214345000"', 'oin: "1"', "/organisations/vt/oin"),
        ("now: 2026-11-22T10:00:00Z", "now: 2026-11-22T10:00:00", "/now"),
        ("outcome: permit_pending", "outcome: perhaps", "/acts/1/expect/outcome"),
        ("take: {by: gp", "take: {who: gp", "/acts/2/take/by"),
        ("  - take: {", "  - tale: {", "/acts/2"),
        ("organisation: practice", "organisation: hospital", "/staff/gp/organisation"),
        ("responder: practice", "responder: hospital", "/requests/to_gp/responder"),
        ("patients: [child1, mother]", "patients: [child2, mother]", "/requests/to_gp/persons"),
        ("open: {by: worker", "open: {by: nobody", "/acts/6/open/by"),
        ("verify: {by: officer}", "withdraw: {by: officer, consent: never_given}", "/acts/7/withdraw/consent"),
        ("verify: {by: officer}", "decide: {by: officer, stage: operate, facts: {}}", "/acts/7/decide/stage"),
        ("verify: {by: officer}", "decide: {by: nobody, stage: postpone, facts: {}}", "/acts/7/decide/by"),
        (
            "verify: {by: officer}",
            "decide: {by: officer, request: never_asked, stage: ask, facts: {}}",
            "/acts/7/decide/request",
        ),
        ("{OB-02/mother: 2026-12-20", "{OB-02: 2026-12-20", "/acts/5/expect/due/OB-02"),
    ],
)
def test_casefile_that_does_not_fit_names_the_place(old: str, new: str, place: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_case(changed(old, new))

    assert place in str(caught.value)


def test_casefile_error_never_repeats_a_value() -> None:
    with pytest.raises(ParseError) as caught:
        parse_case(changed("name: Noor de Boer", "name: [Noor de Boer]"))

    assert "Noor" not in str(caught.value)
    assert not any("Noor" in finding for finding in caught.value.errors)


@pytest.mark.parametrize(
    "text", ["", "- a", "a: {", changed("title:", "name: again\ntitle:"), "!!python/object:os.system {}", "name: *x"]
)
def test_casefile_that_is_not_one_mapping_with_single_keys_is_malformed(text: str) -> None:
    with pytest.raises(ParseError):
        parse_case(text)


def test_casefile_reads_on_as_a_word() -> None:
    case = load_case("S23")

    assert case.acts[1].body.on.isoformat() == "2026-11-20"


@pytest.mark.parametrize("name", ["", "S99", "../entries", "S01.yaml"])
def test_case_that_is_not_there_is_not_found(name: str) -> None:
    with pytest.raises(NotFoundError):
        load_case(name)

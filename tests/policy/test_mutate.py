"""The mutation script breaks what it says, and notices what the cases notice."""

from __future__ import annotations

from pathlib import Path

from mutate import Mutant, mutants_of_rules, mutants_of_tables, verdict

from broker.policy.bundle import Bundle


def test_every_way_of_breaking_a_rule_is_tried(opa_program: str, policies: Path) -> None:
    mutants = list(mutants_of_rules(opa_program, policies / "sharing"))

    kinds = {mutant.kind for mutant in mutants}
    assert kinds == {"rule left out", "else left out", "condition left out", "condition negated"}
    assert {mutant.file.split("/")[0] for mutant in mutants} == {path.name for path in (policies / "sharing").iterdir()}
    assert len(mutants) == len(set(mutants))


def test_each_row_of_law_is_left_out_once(bundle: Bundle) -> None:
    mutants = list(mutants_of_tables(bundle.data))

    assert {mutant.path[1] for mutant in mutants} == set(bundle.data["law"]) - {"sources"}
    assert len(mutants) == len({mutant.path for mutant in mutants})


def test_broken_rule_is_noticed_and_an_unbroken_one_is_not(opa_program: str, policies: Path) -> None:
    mutants = [one for one in mutants_of_rules(opa_program, policies / "sharing") if one.file == "record/record.rego"]
    whole = Mutant("nothing", "record/record.rego", 1, "")
    broken = Mutant("broken", "record/record.rego", 1, "", text="this is no Rego {")

    assert {verdict(mutant, program=opa_program) for mutant in mutants} <= {"killed", "invalid"}
    assert verdict(whole, program=opa_program) == "survived"
    assert verdict(broken, program=opa_program) == "invalid"


def test_missing_row_is_noticed(bundle: Bundle, opa_program: str) -> None:
    mutant = next(one for one in mutants_of_tables(bundle.data) if one.path == ("law", "reasons", "DN-07"))

    assert verdict(mutant, program=opa_program) == "killed"

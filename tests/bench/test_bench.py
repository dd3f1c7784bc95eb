"""Each measurement runs, gives ratios, and says what it could not measure. Never how fast: that is `make bench`."""

from __future__ import annotations

import json
import math
import subprocess
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from psycopg import Binary
from psycopg.types.json import Json

from broker.bench.ask import measure_acts
from broker.bench.decision import measure_decisions, measure_growth
from broker.bench.documents import EXAMPLE, family_document
from broker.bench.log import measure_logs
from broker.bench.replay import Spoken, script_of
from broker.bench.sample import interleaved, latency_of
from broker.bench.sealing import measure_sealing
from broker.bench.startup import measure_startup
from broker.bench.table import Goal, Missing, Result, Row, document_of, render
from broker.policy.bundle import load_bundle, policies_path
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate

ROOT = Path(__file__).parents[2]


@pytest.fixture
def programs(postgres_url: str) -> Path:
    """Return the directory with the programs of PostgreSQL, pgbench among them."""
    assert postgres_url
    found = subprocess.run(
        [ROOT / "deploy" / "install" / "find-postgresql"], capture_output=True, text=True, check=True
    )
    directory = Path(found.stdout.strip())
    if not (directory / "pgbench").is_file():
        pytest.skip("this PostgreSQL came without pgbench")
    return directory


def ratios_of(results: Iterable[Result]) -> dict[str, float]:
    rows = list(results)
    assert all(isinstance(row, Row) for row in rows), rows
    found = {f"{row.measure}: {row.subject} / {row.against}": row.ratio for row in rows if isinstance(row, Row)}
    assert all(math.isfinite(ratio) and ratio > 0 for ratio in found.values())
    assert len(found) == len(rows)
    return found


def missing_of(results: Iterable[Result]) -> list[str]:
    return [row.reason for row in results if isinstance(row, Missing)]


def test_decision_is_measured_against_timer_and_client(opa_program: str) -> None:
    ratios = ratios_of(measure_decisions(opa=Path(opa_program), rounds=2))

    assert len(ratios) == 12


def test_decision_without_opa_says_so() -> None:
    assert missing_of(measure_decisions(opa=None, rounds=2)) == ["there is no OPA program (OPA)"] * 3


def test_growth_is_measured_against_the_smallest_family() -> None:
    ratios = ratios_of(measure_growth(rounds=2))

    assert len(ratios) == 2


@pytest.mark.parametrize(("most_categories", "parts"), [(1, 40), (3, 80)])
def test_family_has_the_parts_it_is_measured_with(most_categories: int, parts: int) -> None:
    document = family_document(most_categories=most_categories)

    assert sum(len(question["categories"]) for question in document["questions"]) == parts


def test_large_family_is_decided_part_by_part() -> None:
    bundle = load_bundle(policies_path())
    gate = PolicyGate(engine=EmbeddedEngine(bundle), bundle=bundle, policies=policies_path())

    document = family_document()
    parts = gate.document(document)["parts"]

    assert (len(document["persons"]), len(document["questions"])) == (12, 40)
    assert {part["verdict"] for part in parts} >= {"allow", "withhold"}
    assert gate.document(EXAMPLE)["outcome"] == "permit"


def test_acts_are_measured_against_pgbench_and_a_bare_application(programs: Path) -> None:
    results = list(measure_acts(programs=programs, clients=2, asks=6, releases=4, rounds=1))

    assert len(ratios_of(results)) == 12
    assert {row.reads for row in results if isinstance(row, Row)} == {
        f"{act} / {yardstick}" for act in ("ask", "open", "release") for yardstick in ("pgbench", "bare")
    }


def test_ask_without_postgresql_says_so() -> None:
    assert missing_of(measure_acts(programs=None, clients=1, asks=1, releases=1, rounds=1)) == [
        "there is no PostgreSQL server (POSTGRES_BIN)"
    ]


def test_log_is_measured_on_both_databases(programs: Path) -> None:
    ratios = ratios_of(measure_logs(programs=programs, sizes=(10, 40), rounds=2))

    assert len(ratios) == 6


def test_log_without_postgresql_says_so() -> None:
    results = list(measure_logs(programs=None, sizes=(10, 40), rounds=2))

    assert [type(row) for row in results] == [Row, Row, Row, Missing]


def test_start_of_commands_is_measured_against_bare_python() -> None:
    assert len(ratios_of(measure_startup(rounds=1))) == 5


def test_sealing_is_measured_against_bare_hpke() -> None:
    assert len(ratios_of(measure_sealing(rounds=2))) == 4


def test_replay_draws_what_changes_and_keeps_what_does_not() -> None:
    def ask(number: int) -> list[Spoken]:
        made = f"req_{number:026d}"
        return [
            Spoken("BEGIN ISOLATION LEVEL REPEATABLE READ", {}),
            Spoken("SELECT %(id)s::VARCHAR", {"id": "cas_" + "0" * 26}),
            Spoken(
                "INSERT INTO t VALUES (%(id)s::VARCHAR, %(b)s, %(j)s, %(n)s, %(f)s)",
                {"id": made, "b": Binary(bytes([number])), "j": Json({"a": 1}), "n": None, "f": True},
            ),
            Spoken("COMMIT", {}),
        ]

    script = script_of(ask(1), ask(2))

    assert script.text.splitlines() == [
        "\\set id0 random(100000000000000000, 999999999999999999)",
        "BEGIN ISOLATION LEVEL REPEATABLE READ;",
        "SELECT :v0::VARCHAR;",
        "INSERT INTO t VALUES (('req_00000000' || :id0)::VARCHAR, :v1, :v2, NULL, :v3);",
        "COMMIT;",
    ]
    assert script.variables == {"v0": "cas_" + "0" * 26, "v1": "\\x01", "v2": '{"a": 1}', "v3": "true"}
    assert (script.statements, script.commits) == (2, 1)
    kept = script_of(ask(1), ask(2), known=[f"req_{1:026d}"], prefix="w")
    assert kept.text.splitlines()[2] == "INSERT INTO t VALUES (:w1::VARCHAR, :w2, :w3, NULL, :w4);"
    assert kept.variables["w1"] == f"req_{1:026d}"
    with pytest.raises(ValueError, match="not say the same"):
        script_of(ask(1), ask(2)[:-1])


def test_times_are_taken_in_turns_and_a_better_clock_is_believed() -> None:
    calls: list[str] = []

    def ours(number: int) -> None:
        calls.append(f"ours {number}")

    def theirs(number: int) -> float:
        calls.append(f"theirs {number}")
        return 7.0

    taken = interleaved({"ours": ours, "theirs": theirs}, rounds=2)

    assert calls == ["ours -1", "theirs -1", "ours 0", "theirs 0", "ours 1", "theirs 1"]
    assert taken["theirs"] == latency_of([7.0, 7.0])
    assert taken["ours"].number == 2


def test_table_says_what_is_met_and_what_is_missing() -> None:
    one, two = latency_of([1.0]), latency_of([2.0])
    row = Row(
        measure="log", subject="append", ours=two, other=one, against="short", ratio=2.0, reads="long / short",
        goal=Goal(1.3, at_most=True),
    )  # fmt: skip
    results: list[Result] = [row, replace(row, ratio=1.2), Missing(measure="ask", subject="ask", reason="no server")]

    lines = render(results).splitlines()
    document = document_of(results, at=datetime(2026, 11, 22, tzinfo=UTC).isoformat(), load=0.1, sizes="quick")

    assert lines[2].endswith("2.00 (long / short)  <= 1.3  NOT MET")
    assert lines[3].endswith("1.20 (long / short)  <= 1.3  met")
    assert lines[4] == "not measured: ask, ask: no server"
    assert [row["met"] for row in json.loads(json.dumps(document))["measured"]] == [False, True]

"""The embedded engine: many ask at once, editions come and go, and a policy that runs away is a fault and no more."""

from __future__ import annotations

import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from broker.kernel.errors import PolicyUnavailable, SettingsError
from broker.policy.bundle import Bundle, build_bundles, load_bundle
from broker.policy.cases import ANSWER, BASES
from broker.policy.embedded import AT_ONCE, EmbeddedEngine
from broker.policy.gate import with_legal_days


def clocks() -> int:
    """Return how many engines are watched over."""
    return [thread.name for thread in threading.enumerate()].count("policy clock")


def test_engine_that_is_gone_is_watched_no_longer(bundle: Bundle) -> None:
    before = clocks()
    engines = [EmbeddedEngine(bundle) for _ in range(3)]
    for engine in engines:
        engine.evaluate(with_legal_days(BASES["ask"]))
    assert clocks() >= 3

    engines.clear()
    del engine
    gc.collect()
    end = time.monotonic() + 10
    while clocks() > before and time.monotonic() < end:
        time.sleep(0.05)
    assert clocks() <= before


def test_many_ask_at_once_and_each_gets_his_own_answer(bundle: Bundle) -> None:
    engine, alone = EmbeddedEngine(bundle), EmbeddedEngine(bundle)
    expected = {name: alone.evaluate(with_legal_days(document)) for name, document in BASES.items()}

    with ThreadPoolExecutor(4 * AT_ONCE) as pool:
        names = [*BASES] * 20
        answers = list(pool.map(lambda name: engine.evaluate(with_legal_days(BASES[name])), names))

    assert answers == [expected[name] for name in names]


def test_document_larger_than_the_memory_changes_nothing_for_the_next(bundle: Bundle) -> None:
    engine = EmbeddedEngine(bundle)
    first = engine.evaluate(with_legal_days(ANSWER))
    large = {**ANSWER, "padding": "x" * 6_000_000}

    assert engine.evaluate(with_legal_days(large)) == first
    assert engine.evaluate(with_legal_days(ANSWER)) == first


RUNAWAY = """
met contains "DN-04" if {
	startswith(input.now, "2031")
	some a in numbers.range(1, 20000)
	some b in numbers.range(1, 20000)
	a * b < 0
}

met contains "DN-04" if {
	startswith(input.now, "2032")
	count(numbers.range(1, 100000000)) < 0
}
"""


@pytest.fixture(scope="module")
def runaway(opa_program: str, policies: Path, tmp_path_factory: pytest.TempPathFactory) -> EmbeddedEngine:
    """Return an engine whose policy never ends in 2031, and wants all the memory there is in 2032."""
    copied = tmp_path_factory.mktemp("runaway") / "policies"
    copytree(policies, copied)
    rules = copied / "sharing" / "requester" / "requester.rego"
    rules.write_text(rules.read_text() + RUNAWAY)
    build_bundles(copied, opa_program)
    return EmbeddedEngine(load_bundle(copied))


@pytest.mark.parametrize(("year", "times"), [("2031", 1), ("2032", AT_ONCE + 1)])
def test_policy_that_runs_away_is_a_fault_and_the_engine_goes_on(
    runaway: EmbeddedEngine, year: str, times: int
) -> None:
    before = runaway.evaluate(with_legal_days(ANSWER))

    for _ in range(times):
        with pytest.raises(PolicyUnavailable):
            runaway.evaluate(with_legal_days({**ANSWER, "now": f"{year}-01-01T10:00:00Z"}))

    assert runaway.evaluate(with_legal_days(ANSWER)) == before


def test_place_that_cannot_be_made_anew_is_a_fault_and_is_not_lost(
    runaway: EmbeddedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_more(_: bytes) -> object:
        raise SettingsError("there is no memory for another", code="policy.changed")

    before = runaway.evaluate(with_legal_days(ANSWER))
    for _ in range(AT_ONCE):
        with pytest.raises(PolicyUnavailable):
            runaway.evaluate(with_legal_days({**ANSWER, "now": "2032-01-01T10:00:00Z"}))
    with monkeypatch.context() as patch:
        patch.setattr(runaway._program, "instance", no_more)
        for _ in range(AT_ONCE + 1):
            with pytest.raises(PolicyUnavailable):
                runaway.evaluate(with_legal_days(ANSWER))

    assert runaway.evaluate(with_legal_days(ANSWER)) == before


def test_what_opa_did_not_compile_does_not_load(bundle: Bundle) -> None:
    empty_module = b"\x00asm\x01\x00\x00\x00"
    for wasm in (b"", b"\x00asm", empty_module, bundle.wasm[:-100]):
        with pytest.raises(SettingsError) as caught:
            EmbeddedEngine(replace(bundle, wasm=wasm))
        assert caught.value.code == "policy.changed"

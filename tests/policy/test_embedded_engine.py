"""The embedded engine comes and goes: editions replace one another while the broker runs."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading

from broker.policy.bundle import Bundle
from broker.policy.cases import BASES
from broker.policy.embedded import EmbeddedEngine

WATCHING = "opapywasm-epoch-ticker"

COLLECTED_MEANWHILE = """
import gc, sys
from broker.policy.bundle import load_bundle, policies_path
from broker.policy.cases import BASES
from broker.policy.embedded import EmbeddedEngine

def collect(frame, event, _):
    if event == "call" and frame.f_code.co_filename.endswith("wasmtime/_instance.py"):
        gc.collect()

gc.disable()
bundle = load_bundle(policies_path())
engine = EmbeddedEngine(bundle)
engine.evaluate(BASES["ask"])
engine.itself = engine
del engine  # only the collector finds it now
sys.setprofile(collect)
EmbeddedEngine(bundle)
sys.setprofile(None)
print("made")
"""


def test_engine_that_is_gone_watches_no_longer_once_there_is_another(bundle: Bundle) -> None:
    before = [thread.name for thread in threading.enumerate()].count(WATCHING)
    for _ in range(5):
        engine = EmbeddedEngine(bundle)
        engine.evaluate(BASES["ask"])
        del engine
        gc.collect()
    assert [thread.name for thread in threading.enumerate()].count(WATCHING) <= before + 1


def test_engine_can_be_collected_while_another_is_being_made() -> None:
    """Closing takes locks that the making of another engine holds; whoever closed then would wait for himself."""
    run = subprocess.run(
        [sys.executable, "-c", COLLECTED_MEANWHILE], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.stdout == "made\n", run.stderr

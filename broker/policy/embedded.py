"""The embedded engine: the policies as OPA compiled them to WebAssembly, run in this process."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Mapping
from queue import Empty, SimpleQueue
from typing import Any

from opapywasm import UNDEFINED, OpaWasmError, OpaWasmPolicy, PolicyConfig
from pydantic_core import to_json

from broker.kernel.errors import PolicyUnavailable, SettingsError
from broker.policy.bundle import ENTRYPOINT, Bundle

# 2048 pages of 64 KiB are far beyond what the largest document needs; the limit is there so that a runaway policy ends
# as a fault and not as a dead machine. The deadline is a thousand times the usual evaluation.
_CONFIG = PolicyConfig(
    pool_size=4,
    default_entrypoint=ENTRYPOINT,
    borrow_timeout_seconds=2.0,
    eval_timeout_seconds=1.0,
    max_memory_pages=2048,
    # What goes in is JSON that we wrote ourselves.
    parse_raw_json_input=False,
)


_GONE: SimpleQueue[OpaWasmPolicy] = SimpleQueue()
"""Policies whose engine is gone, to be closed by the next engine that is made.

Closing takes locks of the library. The garbage collector may come by while the library holds them, in the same thread,
and would wait for itself; so it only puts the policy here, which is safe anywhere (SimpleQueue.put is reentrant).
"""

# It warns at every start that our policy wants four pages of memory where it first tries two; that is as it should be.
logging.getLogger("opapywasm").setLevel(logging.ERROR)


class EmbeddedEngine:
    """Evaluates in process; safe to share between threads.

    Raises SettingsError at construction when the compiled policy calls for a builtin that it does not carry itself,
    because such a policy would fail at its first use and not at its load.
    """

    name = "embedded"

    def __init__(self, bundle: Bundle) -> None:
        try:
            _close_gone()
            self._policy = OpaWasmPolicy(bundle.wasm, _CONFIG)
            # The thread that watches over the time would outlive an engine that is replaced by another.
            weakref.finalize(self, _GONE.put, self._policy).atexit = False
            self._policy.set_data(dict(bundle.data))
        except OpaWasmError as error:
            raise SettingsError("the compiled policy cannot be loaded", code="policy.changed") from error
        if self._policy.builtins:
            missing = ", ".join(sorted(map(str, self._policy.builtins)))
            raise SettingsError(
                f"the compiled policy needs builtins it does not carry: {missing}", code="policy.builtin"
            )

    def evaluate(self, document: Mapping[str, Any]) -> object:
        """Return the value of the entry point; raise PolicyUnavailable when undefined, trapped or out of time."""
        try:
            result = self._policy.evaluate(to_json(document))
        except OpaWasmError as error:
            raise PolicyUnavailable(f"the embedded engine failed: {type(error).__name__}") from error
        if result is UNDEFINED:
            raise PolicyUnavailable("the embedded engine gave no answer")
        return result


def _close_gone() -> None:
    while True:
        try:
            _GONE.get_nowait().close()
        except Empty:
            return

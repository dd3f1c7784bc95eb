"""The embedded engine: the policies as OPA compiled them to WebAssembly, run in this process.

A question is one call into the compiled policy: the document is written behind the tables of law, where OPA may use the
memory again at every question, and `opa_eval` reads it there. The call takes no arguments, for each that Python hands
over costs one part in forty of a decision.
"""

from __future__ import annotations

import ctypes
import threading
import time
import weakref
from collections.abc import Mapping
from functools import lru_cache
from queue import Empty, LifoQueue
from typing import Any, cast

from pydantic_core import from_json, to_json
from wasmtime import (
    Config,
    Engine,
    Func,
    Global,
    GlobalType,
    Instance,
    Memory,
    Module,
    Store,
    Trap,
    Val,
    ValType,
    WasmtimeError,
)

from broker.kernel.errors import PolicyUnavailable, SettingsError
from broker.policy.bundle import ENTRYPOINT, Bundle

AT_ONCE = 4
"""How many questions may be under evaluation at the same time; there are never more cores for it than that."""

_WAIT = 2.0
"""Seconds to wait for the others."""

_TICK = 0.1
"""Seconds. A question that takes ten of them ends as a fault: a thousand times what the usual one takes."""

_TICKS = 10
_ALWAYS = 1 << 40

_PAGE = 1 << 16

# What OPA imports (https://www.openpolicyagent.org/docs/wasm#abis), as a module of its own: nothing in it calls back
# into Python. The memory may grow to 128 MiB, far beyond what the largest document needs, so that a policy that runs
# away ends as a fault and not as a dead machine.
_HOST = """
(module
  (memory (export "memory") 64 2048)
  (func (export "opa_abort") (param i32) unreachable)
  (func (export "opa_println") (param i32))
  (func (export "opa_builtin0") (param i32 i32) (result i32) unreachable)
  (func (export "opa_builtin1") (param i32 i32 i32) (result i32) unreachable)
  (func (export "opa_builtin2") (param i32 i32 i32 i32) (result i32) unreachable)
  (func (export "opa_builtin3") (param i32 i32 i32 i32 i32) (result i32) unreachable)
  (func (export "opa_builtin4") (param i32 i32 i32 i32 i32 i32) (result i32) unreachable))
"""


# Asks `opa_eval` for JSON about the text at $at, which stands behind its length in four bytes; what follows the text,
# from the next multiple of eight, is OPA's to use.
_QUESTION = """
(module
  (import "host" "memory" (memory 64 2048))
  (import "policy" "opa_eval" (func $opa_eval (param i32 i32 i32 i32 i32 i32 i32) (result i32)))
  (import "instance" "entry" (global $entry i32))
  (import "instance" "data" (global $data i32))
  (import "instance" "at" (global $at i32))
  (func (export "ask") (result i32) (local $text i32) (local $length i32)
    (local.set $text (i32.add (global.get $at) (i32.const 4)))
    (local.set $length (i32.load (global.get $at)))
    (call $opa_eval
      (i32.const 0) (global.get $entry) (global.get $data) (local.get $text) (local.get $length)
      (i32.and (i32.add (i32.add (local.get $text) (local.get $length)) (i32.const 7)) (i32.const -8))
      (i32.const 0))))
"""


class EmbeddedEngine:
    """Evaluates in process; safe to share between threads.

    Raises SettingsError at construction when the compiled policy cannot be loaded, or calls for a builtin that it does
    not carry itself: such a policy would fail at its first use and not at its load.
    """

    name = "embedded"

    def __init__(self, bundle: Bundle) -> None:
        self._program = _Program(bundle.wasm)
        self._data = to_json(bundle.data)
        first = self._program.instance(self._data)
        if missing := first.builtins:
            raise SettingsError(
                f"the compiled policy needs builtins it does not carry: {', '.join(missing)}", code="policy.builtin"
            )
        # The last one back is the first to go again: its memory is still near the processor.
        self._idle: LifoQueue[_Instance | None] = LifoQueue()
        for one in (*[None] * (AT_ONCE - 1), first):
            self._idle.put(one)

    def evaluate(self, document: Mapping[str, Any]) -> object:
        """Return the value of the entry point; raise PolicyUnavailable when undefined, trapped or out of time."""
        body = to_json(document)
        try:
            instance = self._idle.get(timeout=_WAIT)
        except Empty:
            raise PolicyUnavailable("the embedded engine is busy") from None
        kept = None
        try:
            instance = instance or self._program.instance(self._data)
            answer = from_json(instance.evaluate(body))
            kept = instance
        except (Trap, WasmtimeError, SettingsError, ValueError) as error:
            raise PolicyUnavailable(f"the embedded engine failed: {type(error).__name__}") from error
        finally:
            # What failed may have left its memory half written: another takes its place.
            self._idle.put(kept)
        match answer:
            case [{"result": value}]:
                return value
        raise PolicyUnavailable("the embedded engine gave no answer")


def builtins_of(bundle: Bundle) -> tuple[str, ...]:
    """Return the builtins that the compiled policy wants from outside: none, or the embedded engine refuses it.

    Raises SettingsError when it cannot be loaded.
    """
    return _Program(bundle.wasm).instance(to_json(bundle.data)).builtins


class _Program:
    """The compiled policy, and the clock over it for as long as it is there."""

    def __init__(self, wasm: bytes) -> None:
        self._engine = _new_engine()
        self._host, self._question = Module(self._engine, _HOST), Module(self._engine, _QUESTION)
        self._policy = Module.deserialize(self._engine, _machine_code(wasm))
        threading.Thread(target=_tick, args=(weakref.ref(self._engine),), name="policy clock", daemon=True).start()

    def instance(self, data: bytes) -> _Instance:
        """Return a new instance with this data; raise SettingsError when the policy is none that OPA compiled."""
        store = Store(self._engine)
        store.set_epoch_deadline(_ALWAYS)
        try:
            host = Instance(store, self._host, ()).exports(store)
            policy = Instance(store, self._policy, [host[str(one.name)] for one in self._policy.imports]).exports(store)
            return _Instance(
                store, cast(Memory, host["memory"]), cast(Mapping[str, Func], policy), self._question, data
            )
        except (Trap, WasmtimeError, KeyError, ValueError) as error:
            raise SettingsError("the compiled policy cannot be loaded", code="policy.changed") from error


def _new_engine() -> Engine:
    config = Config()
    config.epoch_interruption = True
    return Engine(config)


@lru_cache(maxsize=2)
def _machine_code(wasm: bytes) -> bytes:
    """Return the policy as this processor runs it, 1.3 MB, kept in this process for who opens the same one again.

    Making it takes 0.3 s; the policy of today and the next one are those that are opened again.
    """
    try:
        return bytes(Module(_new_engine(), wasm).serialize())
    except WasmtimeError as error:
        raise SettingsError("the compiled policy cannot be loaded", code="policy.changed") from error


def _tick(clock: weakref.ref[Engine]) -> None:
    while (engine := clock()) is not None:
        engine.increment_epoch()
        del engine
        time.sleep(_TICK)


class _Instance:
    """One memory with the tables of law in it, for one question at a time."""

    def __init__(self, store: Store, memory: Memory, policy: Mapping[str, Func], question: Module, data: bytes) -> None:
        self._store, self._memory, self._policy = store, memory, policy
        at = policy["opa_malloc"](store, len(data))
        memory.write(store, data, at)
        parsed = policy["opa_json_parse"](store, at, len(data))
        entry = self._read("entrypoints")[ENTRYPOINT]
        self.builtins = tuple(sorted(self._read("builtins")))
        self._behind = policy["opa_heap_ptr_get"](store)
        kind = GlobalType(ValType.i32(), mutable=False)
        fixed = (Global(store, kind, Val.i32(number)) for number in (entry, parsed, self._behind))
        asking = Instance(store, question, [memory, policy["opa_eval"], *fixed])
        self._ask = cast(Func, asking.exports(store)["ask"])

    def evaluate(self, body: bytes) -> bytes:
        """Return the result set as JSON; raise Trap when the policy fails or takes too long."""
        text = len(body).to_bytes(4, "little") + body
        if (short := self._behind + len(text) - self._memory.data_len(self._store)) > 0:
            self._memory.grow(self._store, short // _PAGE + 1)
        ctypes.memmove(self._address() + self._behind, text, len(text))
        self._store.set_epoch_deadline(_TICKS)
        return self._text(self._ask(self._store))

    def _read(self, table: str) -> dict[str, int]:
        policy = self._policy
        return cast(
            dict[str, int], from_json(self._text(policy["opa_json_dump"](self._store, policy[table](self._store))))
        )

    def _text(self, at: int) -> bytes:
        """Return the text that ends with a zero; JSON holds none before."""
        return ctypes.string_at(self._address() + at)

    def _address(self) -> int:
        # Asked anew at each use: memory that grew may have moved.
        return ctypes.addressof(self._memory.data_ptr(self._store).contents)

"""The client that the browser gets, run in Node: the built file, as it is served."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from broker.kernel.errors import BrokerError

HERE = Path(__file__).parent
BUNDLE = HERE.parent.parent / "broker" / "web" / "static" / "client.js"


class Refusal(Exception):  # noqa: N818  what the client refuses is a value to these tests
    """An error of the client: its name and code, and its text as the exception's own."""

    def __init__(self, name: str, code: str | None, text: str) -> None:
        super().__init__(text)
        self.name, self.code = name, code


class BrowserClient:
    """Calls functions of the client by name; bytes go in and come out as bytes, an error as Refusal."""

    def __init__(self, calls: IO[str], answers: IO[str]) -> None:
        self._calls, self._answers = calls, answers

    def __call__(self, call: str, *given: object) -> Any:
        self._calls.write(json.dumps({"call": call, "given": given}, default=lambda data: {"hex": data.hex()}) + "\n")
        self._calls.flush()
        answer = json.loads(self._answers.readline(), object_hook=_with_bytes)
        if "error" in answer:
            raise Refusal(**answer["error"])
        return answer["value"]


def _with_bytes(found: dict[str, Any]) -> Any:
    return bytes.fromhex(found["hex"]) if found.keys() == {"hex"} else found


def outcome(act: Callable[[], object]) -> object:
    """Return what it gives, or by which error and code it refuses."""
    try:
        return act()
    except Refusal as refusal:
        return refusal.name, refusal.code
    except BrokerError as error:
        return type(error).__name__, error.code


@contextmanager
def client_in(node: str) -> Iterator[BrowserClient]:
    """Run the built client in a Node process of its own, which ends when its input does."""
    with subprocess.Popen(
        [node, HERE / "client_in_node.mjs", BUNDLE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield BrowserClient(process.stdin, process.stdout)
        process.stdin.close()

"""What a command costs before it does anything: processor time from its start to its end, against bare Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from broker.bench.documents import EXAMPLE
from broker.bench.sample import Call, interleaved
from broker.bench.table import Result, Row

MEASURE = "start-up"

_PYTHON = "python"


def measure_startup(*, rounds: int) -> Iterator[Result]:
    """Yield what commands take, each in a process of its own; times are of the processor, not the clock.

    With `--help` a command only loads what it needs; a call of the client adds the network, and scrypt where
    a key file is opened.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as document:
        json.dump(EXAMPLE, document)
        document.flush()
        broker = ("-m", "broker")
        commands = {
            _PYTHON: ("-c", "pass"),
            "broker --help": (*broker, "--help"),
            "broker client --help": (*broker, "client", "--help"),
            "broker decide": (*broker, "decide", document.name),
            "broker verify --help": (*broker, "verify", "--help"),
            "broker serve --help": (*broker, "serve", "--help"),
        }
        taken = interleaved({name: _started(command) for name, command in commands.items()}, rounds=rounds)
    for name, ours in taken.items():
        if name != _PYTHON:
            yield Row(
                measure=MEASURE,
                subject=name,
                ours=ours,
                other=taken[_PYTHON],
                against="python -c pass",
                ratio=ours.median / taken[_PYTHON].median,
                reads="command / Python",
            )


def _started(arguments: tuple[str, ...]) -> Call:
    def start(_: int) -> float:
        process = subprocess.Popen([sys.executable, *arguments], stdout=subprocess.DEVNULL)  # noqa: S603  our own
        _, status, used = os.wait4(process.pid, 0)
        # Popen must not wait for a process that is waited for already.
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, arguments)
        return (used.ru_utime + used.ru_stime) * 1000

    return start

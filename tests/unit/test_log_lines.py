"""A log line is JSON with codes; what an exception says stays out of it."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys

from broker.log_lines import LogLines


def line_of(**extra: object) -> dict[str, object]:
    record = logging.makeLogRecord({"msg": "call.ended", "levelname": "INFO", **extra})
    parsed: dict[str, object] = json.loads(LogLines().format(record))
    return parsed


def test_log_line_holds_the_event_and_its_fields() -> None:
    line = line_of(code="request.stale", status=409)
    assert (line["event"], line["level"], line["code"], line["status"]) == ("call.ended", "info", "request.stale", 409)
    assert set(line) == {"at", "event", "level", "process", "code", "status"}
    assert line["process"] == os.getpid()


def test_log_line_names_an_exception_without_its_text() -> None:
    try:
        int("Noor de Boer")
    except ValueError:
        line = line_of(exc_info=sys.exc_info())
    assert line["exception"] == "ValueError"
    assert "Noor" not in json.dumps(line)


_SAID = """
import logging
from broker.log_lines import write_log_lines
write_log_lines()
logging.getLogger("psycopg").warning("error ignored terminating: %s", "DETAIL: Key (id)=(secret)")
logging.getLogger("broker.test").warning("said")
"""


def test_driver_of_the_database_does_not_quote_rows_in_the_log() -> None:
    done = subprocess.run([sys.executable, "-c", _SAID], capture_output=True, text=True, check=True)
    assert '"event": "said"' in done.stderr
    assert "secret" not in done.stderr

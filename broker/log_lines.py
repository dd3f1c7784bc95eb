"""The server's own log: one JSON object a line on standard error, from every process, with codes and no data."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class LogLines(logging.Formatter):
    """One JSON object a line: moment, level, event, process, and the fields given with `extra`, which hold codes."""

    _OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line; an exception as the name of its class, since its text may quote data."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "process": record.process,
            **{name: value for name, value in vars(record).items() if name not in self._OWN},
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
        return json.dumps(line, default=str)


def write_log_lines() -> None:
    """Have this process write its log; each does so for itself, since a process that was started anew inherits none."""
    handler = logging.StreamHandler()
    handler.setFormatter(LogLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # Its warnings quote the server's words about a row.
    logging.getLogger("psycopg").setLevel(logging.ERROR)

"""How commands speak: JSON on standard output, sentences on standard error, honest exit codes."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer
import yaml

from broker.kernel.errors import BrokerError, InputError
from broker.words import error_words


def show(value: object) -> None:
    """Print a value as JSON."""
    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def read_document(path: Path) -> Any:
    """Return what a JSON or YAML file holds; raise InputError when it cannot be read."""
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"{path.name} cannot be read as {path.suffix or 'a document'}") from error


def read_passphrase(*, confirm: bool = False) -> str:
    """Return the passphrase of a key file: from BROKER_PASSPHRASE, or typed unseen, twice with `confirm`."""
    return os.environ.get("BROKER_PASSPHRASE") or str(
        typer.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
    )


class LogLines(logging.Formatter):
    """One JSON object a line: moment, level, event, and the fields given with `extra`, which hold codes only."""

    _OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line; an exception as the name of its class, since its text may quote data."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in self._OWN},
        }
        if record.exc_info and record.exc_info[0]:
            line["exception"] = record.exc_info[0].__name__
        return json.dumps(line, default=str)


def read_checkpoint_file(path: Path) -> str:
    """Return the note of a checkpoint that somebody kept; raises InputError when the file cannot be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the checkpoint's file cannot be read", code="checkpoint.unreadable") from error


def say_error(error: BrokerError) -> None:
    """Print on standard error what is wrong, what to do, and each single finding."""
    typer.echo(f"{error.code}: {error_words(error.code).nl}", err=True)
    typer.echo(f"  ({error})", err=True)
    for finding in error.errors:
        typer.echo(f"  - {finding}", err=True)


@contextmanager
def spoken(*, exit_code: int = 1) -> Iterator[None]:
    """Turn an error into a sentence on standard error and an exit code: 2 for bad input, else `exit_code`."""
    try:
        yield
    except BrokerError as error:
        say_error(error)
        raise typer.Exit(2 if isinstance(error, InputError) else exit_code) from error

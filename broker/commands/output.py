"""How commands speak: JSON on standard output, sentences on standard error, honest exit codes."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer

from broker.kernel.errors import BrokerError, InputError, ParseError
from broker.kernel.strict_json import read_json
from broker.kernel.strict_yaml import read_yaml
from broker.words import REASONS, error_words, finding_words

# What steers a terminal, turns the direction of what follows (Unicode TR 36, section 2.10), or is no character at all.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def shown(text: str) -> str:
    """Return the text as a terminal may get it: of what would steer it, the number is written (as JSON does)."""
    return _STEERING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def say(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a text; nothing in it steers the terminal. The one way to print what somebody else wrote."""
    typer.echo(shown(text), err=err, nl=nl)


def show(value: object) -> None:
    """Print a value as JSON."""
    say(json.dumps(value, indent=2, ensure_ascii=False))


def read_document(path: Path) -> Any:
    """Return what a JSON or YAML file holds.

    Raises InputError `file.unreadable` when it is not there, `file.malformed` with the file, the line and what was
    expected when it is not what its name says: JSON for `.json`, else YAML.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError("the file cannot be read", code="file.unreadable", errors=(path.name,)) from error
    try:
        return read_json(data) if path.suffix == ".json" else read_yaml(data)
    except ParseError as error:
        finding = f"{path.name}: {error}"
        raise InputError("the file is not well formed", code="file.malformed", errors=(finding,)) from None


def read_passphrase(*, confirm: bool = False) -> str:
    """Return the passphrase of a key file: from BROKER_PASSPHRASE, or typed unseen, twice with `confirm`."""
    return os.environ.get("BROKER_PASSPHRASE") or str(
        typer.prompt("Passphrase", hide_input=True, confirmation_prompt=confirm, err=True)
    )


def read_checkpoint_file(path: Path) -> str:
    """Return the note of a checkpoint that somebody kept; raises InputError when the file cannot be read."""
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("the checkpoint's file cannot be read", code="checkpoint.unreadable") from error


def say_error(error: BrokerError) -> None:
    """Print on standard error what is wrong, what to do, and each single finding; without one, the error's own text.

    A reason of the policy is said in its words, with what helps; what was said already is not said again.
    """
    said = error_words(error.code).nl
    say(f"{error.code}: {said}", err=True)
    for finding in error.errors or (str(error),):
        if finding in REASONS:
            say(f"  - {finding}: {REASONS[finding].what.nl} {REASONS[finding].advice.nl}", err=True)
        elif finding not in said:
            say(f"  - {finding_words(finding).nl}", err=True)


@contextmanager
def spoken(*, exit_code: int = 1) -> Iterator[None]:
    """Turn an error into a sentence on standard error and an exit code: 2 for bad input, else `exit_code`."""
    try:
        yield
    except BrokerError as error:
        say_error(error)
        raise typer.Exit(2 if isinstance(error, InputError) else exit_code) from error

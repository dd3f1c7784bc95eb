"""Every `broker` command that a document shows is one the program has, with the options shown."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner

from broker.__main__ import COMMANDS, Deferred, app
from broker.api.directory_file import directory_of

DOCUMENTS = ("README.md", "deploy/README.md", "policies/README.md", "keys/README.md")
ROOT = Path(__file__).parent.parent.parent


def shown() -> list[str]:
    """Return the command lines that start with `broker` in the shell blocks of the documents."""
    blocks = [
        block for name in DOCUMENTS for block in re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text(), re.DOTALL)
    ]
    return [line.split("#")[0].strip() for block in blocks for line in block.splitlines() if line.startswith("broker ")]


def loaded(command: Any) -> Any:
    """Return a command itself, where the list of commands holds its name and line only."""
    return command.load() if isinstance(command, Deferred) else command


def path_and_options(line: str) -> tuple[list[str], set[str]]:
    """Return the command's words, down to the command itself, and its options."""
    words = shlex.split(line)[1:]
    group: Any = typer.main.get_command(app)
    path: list[str] = []
    for word in words:
        if word in getattr(group, "commands", {}):
            path.append(word)
            group = loaded(group.commands[word])
    return path, {word for word in words if word.startswith("--")}


def test_documents_show_commands() -> None:
    assert {path_and_options(line)[0][0] for line in shown()} >= {"decide", "demo", "keys", "client", "verify", "serve"}


@pytest.mark.parametrize("line", shown())
def test_command_shown_is_one_the_program_has(line: str) -> None:
    path, options = path_and_options(line)
    assert path, line
    command: Any = typer.main.get_command(app)
    known: set[str] = set()
    for word in path:
        command = loaded(command.commands[word])
        known |= {name for parameter in command.params for name in parameter.opts}
    assert options <= known


def test_program_without_arguments_says_what_it_can_do() -> None:
    answer = CliRunner().invoke(app, [])
    assert "decide" in answer.output


@pytest.mark.parametrize("name", COMMANDS)
def test_line_in_the_list_is_how_the_command_begins_its_own_help(name: str) -> None:
    command = Deferred(name)
    assert command.load().help.startswith(str(command.help))


@pytest.mark.parametrize("module", ["client", "decide", "explain", "keys"])
def test_command_for_one_person_loads_no_server_and_no_database(module: str) -> None:
    """What a command imports is what somebody waits for at each call."""
    program = f"import sys, broker.commands.{module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "broker" in done.stdout.split()
    assert not {"aiohttp", "alembic", "fastapi", "sqlalchemy", "uvicorn"} & set(done.stdout.split())


def test_list_of_commands_loads_none_of_them() -> None:
    program = "import sys, broker.__main__; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not [name for name in done.stdout.split() if name.startswith("broker.") and name != "broker.__main__"]


def test_make_targets_of_the_documents_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    used = {
        target
        for name in DOCUMENTS
        for target in re.findall(r"(?:`|^)(?:DEMO_SERVE=0 )?make ([a-z]+)", (ROOT / name).read_text(), re.MULTILINE)
    }
    assert {"demo", "test", "bench", "policies"} <= used & targets
    assert used <= targets


def test_directory_files_shown_are_ones_the_program_reads() -> None:
    shown_files = re.findall(r"```yaml\n(.*?)```", (ROOT / "deploy" / "README.md").read_text(), re.DOTALL)
    read, told = (directory_of(yaml.safe_load(shown)) for shown in shown_files)
    assert (len(read.organisations), len(read.staff), len(read.mandates)) == (1, 1, 1)
    assert [one.notices is not None for one in told.organisations] == [True]

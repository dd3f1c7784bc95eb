"""The command `broker`: what can be called, where it stands, and the one line that says what it does.

A command's module is imported when the command is called: `broker client` loads no server and `broker decide` no
database, so that each starts at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

COMMANDS = {
    "decide": ("decide", "decide", "Print the decision(s) on a document as JSON."),
    "explain": ("explain", "explain_decision", "Explain the decision on a document in plain words."),
    "demo": ("demo", "demo", "Play a story against a real server on this machine, and stay up for trying."),
    "client": ("client", "app", "Ask and answer from the terminal."),
    "keys": ("keys", "app", "Make keys: the broker's own, a person's, or one that signs policies."),
    "policy": ("policy", "app", "Build, sign, verify, inspect and compare policy bundles."),
    "init": ("init", "init", "Make a new broker in a folder: its keys, a signed edition, its settings."),
    "replay": ("replay", "replay", "Decide what is on record again, also with another bundle, and show what differs."),
    "migrate": ("migrate", "migrate", "Bring the database to the schema of this version."),
    "directory": ("directory", "app", "Check, plan and apply the directory file, and see who may do what."),
    "confirm-key": ("server", "confirm_key", "Confirm whose a key is, where there is no colleague to do it."),
    "serve": ("serve", "serve", "Serve the API with the settings of the environment."),
    "openapi": ("openapi", "openapi", "Print the OpenAPI document of the API as JSON."),
    "checkpoint": ("server", "checkpoint", "Publish a checkpoint over everything recorded, and print the newest."),
    "tick": ("server", "tick", "Do what it is time for, as a broker that serves does by itself."),
    "rewrap": ("server", "rewrap", "Wrap every data key under the newest storage key, so that an older can go."),
    "verify": ("server", "verify", "Derive the log again from the database and check everything against it."),
    "verify-package": (
        "package",
        "verify_evidence",
        "Verify an evidence package, without network and without database.",
    ),
    "bench": ("bench", "bench", "Measure decisions, asking, the log, pages, sealing, start-up and strangers."),
}
"""By name: the module in `broker.commands`, the function or group in it, and its line in the list of commands."""


class Deferred(TyperCommand):
    """A command of which only name and line are known until it is called."""

    def __init__(self, name: str) -> None:
        self._module, self._attribute, line = COMMANDS[name]
        super().__init__(name, help=line)

    def load(self) -> Any:
        """Return the command itself."""
        found = getattr(import_module(f"broker.commands.{self._module}"), self._attribute)
        if not isinstance(found, typer.Typer):
            found, function = typer.Typer(add_completion=False), found
            found.command(self.name)(function)
        return typer.main.get_command(found)

    def make_context(self, *arguments: Any, **extra: Any) -> Any:
        """Parse the rest of the line as the command itself does; what is invoked after that is the command itself."""
        return self.load().make_context(*arguments, **extra)


class Commands(TyperGroup):
    """The group of all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        for name in COMMANDS:
            self.add_command(Deferred(name))


app = typer.Typer(cls=Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)


@app.callback()
def broker() -> None:
    """Deelgrond: a broker for lawful information sharing."""


def main() -> None:
    """Run the command."""
    app()


if __name__ == "__main__":
    main()

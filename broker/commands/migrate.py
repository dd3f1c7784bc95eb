"""The operator's command that brings the database to the schema of this version."""

from __future__ import annotations

import typer

from broker.clock import system_clock
from broker.commands.output import spoken
from broker.keyring import open_keyring
from broker.settings import read_settings
from broker.store.migrations import migrate as migrate_database


def migrate() -> None:
    """Bring the database to the schema of this version."""
    with spoken():
        settings = read_settings()
        migrate_database(settings.database.url, lambda: open_keyring(settings.keys.model_dump(), clock=system_clock))
        typer.echo("The database has the schema of this version.", err=True)

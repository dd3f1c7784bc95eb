"""The operator's commands: migrate, enrol, serve, checkpoint, verify."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn

from broker.app import build_wiring, system_clock
from broker.commands.output import LogLines, read_document, say_error, show, spoken
from broker.crypto.note import parse_verifier_key
from broker.domain.directory import Mandate, Organisation, Staff
from broker.flows.enrol import EnrolDirectory, enrol_directory
from broker.flows.publish import publish
from broker.flows.verify import verify_log
from broker.kernel.errors import BrokerError, InputError
from broker.kernel.values import Oin
from broker.keyring import make_key, open_keyring, write_key
from broker.policy.bundle import policies_path
from broker.policy.edition import read_edition
from broker.policy.signer import add_signer, format_public, format_signer, make_signer
from broker.settings import Policy, read_settings
from broker.store.base import Store
from broker.store.migrations import migrate as migrate_database

app = typer.Typer(no_args_is_help=True)
keys = typer.Typer(no_args_is_help=True, help="Make keys: the broker's own, a person's, or one that signs policies.")


@app.command()
def serve(workers: Annotated[int, typer.Option(help="Processes; more than one needs PostgreSQL.")] = 1) -> None:
    """Serve the API with the settings of the environment."""
    with spoken():
        settings = read_settings()
        if workers > 1 and settings.database.url.startswith("sqlite"):
            raise InputError("several processes need PostgreSQL", code="settings.workers")
        build_wiring(settings)
        _say_whether_closed(settings.policy)
        handler = logging.StreamHandler()
        handler.setFormatter(LogLines())
        logging.basicConfig(level=logging.INFO, handlers=[handler])
        uvicorn.run(
            "broker.app:production",
            factory=True,
            host=settings.http.host,
            port=settings.http.port,
            workers=workers,
            server_header=False,
            access_log=False,
            log_config=None,
        )


def _say_whether_closed(policy: Policy) -> None:
    """Say at the start, in words, why nothing will be decided; the broker serves, and opens when an edition is good."""
    try:
        read_edition(policy.edition, policy.signers, policies_path())
    except BrokerError as error:
        say_error(error)
        typer.echo("The broker starts closed.", err=True)


@app.command()
def migrate() -> None:
    """Bring the database to the schema of this version."""
    with spoken():
        migrate_database(read_settings().database.url)
        typer.echo("The database has the schema of this version.", err=True)


@keys.command(name="server")
def make_server_keys(
    folder: Annotated[Path, typer.Argument(help="An existing folder that only the broker can read.")],
    name: Annotated[str, typer.Option(help="The log's name, such as broker.example.nl/log.")],
) -> None:
    """Make the broker's three keys in a folder; no key is ever overwritten. Prints the log's verifier key."""
    with spoken():
        now = system_clock()
        for role in ("log", "storage", "pseudonym"):
            write_key(folder / f"{role}.json", make_key(role, identifier=f"{role}-1", now=now, name=name))
        ring = open_keyring(
            {r: f"file:{(folder / r).resolve()}.json" for r in ("log", "storage", "pseudonym")}, clock=system_clock
        )
        typer.echo(ring.log_signer().vkey)


@keys.command(name="signer")
def make_signing_key(
    file: Annotated[Path, typer.Argument(help="Where the private key goes; the public half goes beside it, in .pub.")],
    signers: Annotated[Path, typer.Option(help="The key set that the public half is added to.")],
) -> None:
    """Make a key that signs policy bundles, and add its public half to a key set. Prints the key's id."""
    with spoken():
        signer = make_signer()
        write_key(file, format_signer(signer))
        file.with_name(file.name + ".pub").write_text(format_public(signer.public))
        add_signer(signers, signer.public)
        typer.echo(signer.id)


@app.command()
def enrol(file: Annotated[Path, typer.Argument(help="YAML or JSON with organisations, staff and mandates.")]) -> None:
    """Add or replace entries of the directory: what the broker believes about who acts."""
    with spoken():
        w = build_wiring(read_settings())
        command = directory_of(read_document(file))
        enrol_directory(command, w)
        typer.echo(f"{len(command.organisations)} organisations and {len(command.staff)} members of staff.", err=True)


@app.command()
def checkpoint() -> None:
    """Publish a checkpoint over everything recorded, and print the newest."""
    with spoken():
        w = build_wiring(read_settings())
        publish(w)
        with w.store.transaction() as tx:
            newest = tx.log.find_latest()
        typer.echo(newest.note if newest else "The log is empty.", nl=False)


@app.command()
def verify(
    vkey: Annotated[
        str | None, typer.Option(help="The log's verifier key; else the one of this broker's key ring.")
    ] = None,
) -> None:
    """Derive the log again from the database and check every checkpoint, detail, release and decision."""
    with spoken():
        settings = read_settings()
        ring = open_keyring(settings.keys.model_dump(), clock=system_clock)
        expected = [parse_verifier_key(vkey or ring.log_signer().vkey)]
        report = verify_log(Store(settings.database.url, ring), vkeys=expected)
        show({field: getattr(report, field) for field in report.__dataclass_fields__})


def directory_of(document: Any) -> EnrolDirectory:
    """Read organisations, staff and mandates from a document; raise InputError that names what does not fit."""
    try:
        return EnrolDirectory(
            organisations=tuple(
                Organisation(**{**entry, "oin": Oin(entry["oin"])}) for entry in document.get("organisations", ())
            ),
            staff=tuple(Staff(**entry) for entry in document.get("staff", ())),
            mandates=tuple(
                Mandate(staff=entry["staff"], from_on=_day(entry["from_on"]), until_on=_day(entry["until_on"]))
                for entry in document.get("mandates", ())
            ),
        )
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(f"the directory file does not fit: {error}", code="directory.malformed") from error


def _day(value: object) -> date:
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError as error:
        raise InputError("a date is written as 2026-11-22", code="directory.malformed") from error

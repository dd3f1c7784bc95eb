"""The commands that make keys: the broker's own, a person's, and one that signs policies; none is ever overwritten."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from broker.clock import system_clock
from broker.commands.output import read_passphrase, spoken
from broker.crypto.keyfile import make_keyfile
from broker.keyring import make_key, open_keyring, write_key
from broker.policy.signer import Signer, add_signer, format_public, format_signer, make_signer

LASTS: dict[str, timedelta | None] = {"log": timedelta(days=730), "storage": timedelta(days=183), "pseudonym": None}
"""How long a key of each role makes new things (keys/README.md); a pseudonym key has no end."""

app = typer.Typer(no_args_is_help=True, help="Make keys: the broker's own, a person's, or one that signs policies.")


@app.command(name="server")
def make_server_keys(
    folder: Annotated[Path, typer.Argument(help="An existing folder that only the broker can read.")],
    name: Annotated[str, typer.Option(help="The log's name, such as broker.example.nl/log.")],
) -> None:
    """Make the broker's three keys in a folder; no key is ever overwritten. Prints the log's verifier key.

    They end as keys/README.md says: the log key after two years, the storage key after six months.
    """
    with spoken():
        typer.echo(make_broker_keys(folder, name=name))


def make_broker_keys(folder: Path, *, name: str) -> str:
    """Make the three keys in an existing folder and return the log's verifier key; raises as `write_key` does."""
    for role in LASTS:
        _make(role, folder / f"{role}.json", identifier=f"{role}-1", name=name)
    return open_keyring({r: f"file:{(folder / r).resolve()}.json" for r in LASTS}, clock=system_clock).vkey


@app.command(name="storage")
def make_storage_key(
    file: Annotated[Path, typer.Argument(help="Where the new key goes; it then stands first in BROKER_KEYS__STORAGE.")],
    identifier: Annotated[str, typer.Option("--id", help="An id that no storage key had before: storage-2027-1.")],
) -> None:
    """Make the next storage key, for a rotation; no key is ever overwritten."""
    with spoken():
        _make("storage", file, identifier=identifier, name="")
        typer.echo(identifier)


def _make(role: str, file: Path, *, identifier: str, name: str) -> None:
    now, lasts = system_clock(), LASTS[role]
    end = None if lasts is None else now + lasts
    write_key(file, make_key(role, identifier=identifier, now=now, name=name, not_after=end))


@app.command(name="signer")
def make_signing_key(
    file: Annotated[Path, typer.Argument(help="Where the private key goes; the public half goes beside it, in .pub.")],
    signers: Annotated[Path, typer.Option(help="The key set that the public half is added to.")],
) -> None:
    """Make a key that signs policy bundles, and add its public half to a key set. Prints the key's id."""
    with spoken():
        typer.echo(make_signer_files(file, signers).id)


def make_signer_files(file: Path, signers: Path) -> Signer:
    """Make a key that signs in a file, its public half beside it and in the key set; raises as `write_key` does."""
    signer = make_signer()
    write_key(file, format_signer(signer))
    file.with_name(file.name + ".pub").write_text(format_public(signer.public))
    add_signer(signers, signer.public)
    return signer


@app.command(name="personal")
def make_personal_key(
    file: Annotated[Path, typer.Argument(help="Where to write the new key file; nothing is overwritten.")],
) -> None:
    """Make your own key file, under a passphrase of at least twelve characters."""
    with spoken():
        write_key(file, make_keyfile(read_passphrase(confirm=True)))
        typer.echo("Keep a copy of this file in a safe place: without it no answer to you can be opened.", err=True)

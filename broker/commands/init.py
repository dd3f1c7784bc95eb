"""The command that makes all a new broker needs: keys, a signed edition of the policies, and its settings."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from broker.commands.keys import make_broker_keys, make_signer_files
from broker.commands.output import say, spoken
from broker.kernel.errors import ConflictError, InputError
from broker.kernel.strict_json import read_json
from broker.keyring import write_key
from broker.policy.bundle import policies_path
from broker.policy.edition import sign_edition

SETTINGS_FILE = "broker.env"


def init(
    folder: Annotated[Path, typer.Argument(help="A folder that is not there yet; only the broker can read it.")],
    *,
    public_url: Annotated[str, typer.Option(help="The broker as callers know it: https://broker.example.nl")],
    issuer: Annotated[str, typer.Option(help="The OpenID issuer that people sign in at, as in its tokens.")],
    audience: Annotated[str, typer.Option(help="What the issuer's tokens are meant for.")] = "deelgrond",
    database: Annotated[str | None, typer.Option(help="The database; else a file of SQLite in the folder.")] = None,
    assurance: Annotated[
        str, typer.Option(help="The issuer's acr values and the eIDAS level of each, as JSON.")
    ] = '{"high": "high", "low": "low"}',
) -> None:
    """Make a new broker in a folder: its keys, a signed edition, its settings.

    Prints the verifier key of its log: publish it.

    Whoever calls this accepts the policies of this version with a key that stays in the folder; where somebody else
    reviews them, sign an edition with his key and take this one out (keys/README.md).
    """
    with spoken():
        host = urlsplit(public_url).hostname
        if not host or urlsplit(public_url).path.strip("/"):
            raise InputError("the address is https and a name, without a path", code="settings.public_url")
        levels = json.dumps(read_json(assurance.encode()))
        try:
            folder.mkdir(mode=0o700, parents=True)
        except FileExistsError:
            raise ConflictError("there is such a folder already", code="key.exists") from None
        home = folder.resolve()
        vkey = make_broker_keys(home, name=f"{host}/log")
        signer = make_signer_files(home / "signer.pem", home / "signers.json")
        sign_edition(policies_path(), signer, home / "edition")
        settings = {
            "DATABASE__URL": database or f"sqlite:///{home / 'broker.db'}",
            **{f"KEYS__{role.upper()}": f"file:{home / role}.json" for role in ("log", "storage", "pseudonym")},
            "POLICY__EDITION": str(home / "edition"),
            "POLICY__SIGNERS": str(home / "signers.json"),
            "IDENTITY__ISSUER": issuer,
            "IDENTITY__AUDIENCE": audience,
            "IDENTITY__ASSURANCE": levels,
            "HTTP__PUBLIC_URL": public_url.rstrip("/"),
            "PAGES__CLIENT_ID": "deelgrond-pages",
        }
        lines = [f"BROKER_{name}={shlex.quote(value)}" for name, value in settings.items()]
        write_key(home / SETTINGS_FILE, "\n".join(lines) + "\n")
    typer.echo(vkey)
    say(f"Next: set -a; . {shlex.quote(str(folder / SETTINGS_FILE))}; set +a; broker migrate", err=True)

"""The command that verifies an evidence package, on a machine without network and without the broker's database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from broker import words
from broker.client.package import MAX_BYTES, verify_package
from broker.commands.output import say, spoken
from broker.kernel.errors import InputError


def verify_evidence(
    file: Annotated[Path, typer.Argument(help="The evidence package, as it was received.")],
    vkey: Annotated[
        str | None, typer.Option(help="The log's verifier key, had from elsewhere than who gave the package.")
    ] = None,
) -> None:
    """Verify an evidence package, without network and without database."""
    with spoken():
        try:
            with file.open("rb") as opened:
                data = opened.read(MAX_BYTES + 1)
        except OSError as error:
            raise InputError("the file cannot be read", code="file.unreadable", errors=(file.name,)) from error
        found = verify_package(data, vkey)
    told = {"request": found.request, "size": found.size, "events": found.events, "details": found.details}
    told |= {"decisions": found.decisions, "closed": found.closed, "elsewhere": found.elsewhere}
    say(words.PAGES["package.holds"].nl.format(**told))
    for key in ("proven", "details", "digests", "account"):
        say(f"  + {words.PAGES[f'package.{key}'].nl}")
    say(words.PAGES["package.limits"].nl)
    if vkey is None:
        say(f"  - {words.PAGES['package.limit_key'].nl}")
    say(f"  - {words.PAGES['package.limit_closed'].nl.format(**told)}")
    for key in ("limit_all", "limit_account"):
        say(f"  - {words.PAGES[f'package.{key}'].nl}")

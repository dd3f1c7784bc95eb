"""`broker openapi`: what the API is, for who programs against it. It needs no settings, keys or database."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from broker.api.description import describe, operations_of

_HEAD = """\
# Every call

Written by `make pages` from the OpenAPI document beside it; the shapes named here are in its `components`. How to call:
[README.md](README.md).
"""


def openapi(
    *,
    calls: Annotated[bool, typer.Option("--calls", help="A page for people instead: one line for each call.")] = False,
) -> None:
    """Print the OpenAPI document of the API as JSON."""
    document = describe()
    if calls:
        typer.echo("\n".join([_HEAD, *operations_of(document)]))
    else:
        # One line a value and names in order, so that two versions of it compare line by line.
        typer.echo(json.dumps(document, sort_keys=True, indent=1, ensure_ascii=False))

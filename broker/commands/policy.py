"""The policy's commands: decide on a file, build the bundles."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated, Literal

import typer

from broker.app import build_gate
from broker.commands.output import read_document, show, spoken
from broker.kernel.errors import InputError, SettingsError
from broker.policy.bundle import build_bundles, policies_path
from broker.settings import Policy

app = typer.Typer(no_args_is_help=True, help="Build the policy bundles.")


def decide(
    file: Annotated[Path, typer.Argument(help="A decision document, or a JSON array of them.")],
    engine: Annotated[
        Literal["embedded", "opa", "both"], typer.Option(envvar="BROKER_POLICY__ENGINE", help="Which engine decides.")
    ] = "embedded",
    opa_address: Annotated[
        str | None, typer.Option(envvar="BROKER_POLICY__OPA_ADDRESS", help="http://host:port of the OPA server.")
    ] = None,
) -> None:
    """Print the decision(s) on a document as JSON; exit 0 whatever the outcome, 2 for a document the schema refuses.

    For testing and explaining: it takes every fact from the file and never releases anything.
    """
    with spoken(exit_code=3):
        if engine != "embedded" and not opa_address:
            raise SettingsError("name the OPA server with --opa-address", code="policy.address")
        gate = build_gate(Policy(engine=engine, opa_address=opa_address))
        document = read_document(file)
        if isinstance(document, list):
            show([gate.document(_object(entry)) for entry in document])
        else:
            show(gate.document(_object(document)))


@app.command()
def build() -> None:
    """Build both bundles from the sources, with the OPA program in OPA or on the PATH."""
    with spoken():
        opa = os.environ.get("OPA") or shutil.which("opa")
        if not opa:
            raise SettingsError("the OPA program is not there; set OPA to its path", code="policy.no_opa")
        show(build_bundles(policies_path(), opa))


def _object(document: object) -> dict[str, object]:
    if not isinstance(document, dict):
        raise InputError("a decision document is a JSON object", code="input.schema", errors=("/: is not an object",))
    return document

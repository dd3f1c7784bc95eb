"""`broker decide`: the decision on a document of a file, for testing and explaining."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from broker.commands.output import read_document, show, spoken
from broker.kernel.errors import InputError
from broker.policy.installed import EngineName, installed_gate


def decide(
    file: Annotated[Path, typer.Argument(help="A decision document, or a JSON array of them.")],
    engine: Annotated[
        EngineName, typer.Option(envvar="BROKER_POLICY__ENGINE", help="Which engine decides.")
    ] = "embedded",
    opa_address: Annotated[
        str | None,
        typer.Option(
            envvar="BROKER_POLICY__OPA_ADDRESS",
            help="http://host:port of the OPA server; without it the OPA program is started.",
        ),
    ] = None,
) -> None:
    """Print the decision(s) on a document as JSON.

    Exit 0 whatever the outcome, 2 for a document the schema refuses. For testing and explaining: it takes every fact
    from the file and never releases anything.
    """
    with spoken(exit_code=3), ExitStack() as stack:
        document = read_document(file)
        if engine != "embedded" and not opa_address:
            from broker.policy.local import find_opa, local_opa

            opa_address = stack.enter_context(local_opa(find_opa()))
        gate = installed_gate(engine, opa_address=opa_address)
        if isinstance(document, list):
            show([gate.document(_object(entry)) for entry in document])
        else:
            show(gate.document(_object(document)))


def _object(document: object) -> dict[str, object]:
    if not isinstance(document, dict):
        raise InputError("a decision document is a JSON object", code="input.schema", errors=("/: is not an object",))
    return document

"""The operator's command that stays: serving the API, the pages and what keeps the log."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Annotated

import typer
import uvicorn

from broker.commands.output import say_error, spoken
from broker.compose import build_wiring
from broker.kernel.errors import BrokerError, InputError
from broker.listen import LISTENING, allow_connections
from broker.log_lines import write_log_lines
from broker.policy.bundle import policies_path
from broker.policy.edition import read_edition
from broker.settings import Metrics, Policy, read_settings


def serve(workers: Annotated[int, typer.Option(help="Processes; more than one needs PostgreSQL.")] = 1) -> None:
    """Serve the API with the settings of the environment."""
    with spoken():
        settings = read_settings()
        if workers > 1 and settings.database.url.startswith("sqlite"):
            raise InputError("several processes need PostgreSQL", code="settings.workers")
        # Each process makes its own; this one only finds out whether there is a way to start.
        build_wiring(settings).store.close()
        _say_whether_closed(settings.policy)
        write_log_lines()
        allow_connections()
        with _counted(settings.metrics):
            uvicorn.run(
                "broker.app:production",
                factory=True,
                host=settings.http.host,
                port=settings.http.port,
                workers=workers,
                **LISTENING,
            )


def _counted(metrics: Metrics | None) -> AbstractContextManager[None]:
    """Count what the processes that begin in the block do, if that is asked for."""
    if metrics is None:
        return nullcontext()
    from broker.telemetry import counted

    return counted(host=metrics.host, port=metrics.port)


def _say_whether_closed(policy: Policy) -> None:
    """Say at the start, in words, why nothing will be decided; the broker serves, and opens when an edition is good."""
    try:
        read_edition(policy.edition, policy.signers, policies_path())
    except BrokerError as error:
        say_error(error)
        typer.echo("The broker starts closed.", err=True)

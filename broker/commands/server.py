"""The operator's commands: migrate, serve, checkpoint, verify."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from broker.app import build_wiring
from broker.clock import system_clock
from broker.commands.output import read_checkpoint_file, say_error, show, spoken
from broker.crypto.checkpoint import verify_checkpoint
from broker.crypto.note import parse_verifier_key
from broker.domain.wiring import Wiring
from broker.flows.enrol import vouch_for_key
from broker.flows.publish import newest_checkpoint, publish
from broker.flows.rewrap import rewrap as wrap_anew
from broker.flows.tick import tick as run_tick
from broker.flows.verify import verify_log
from broker.kernel.errors import BrokerError, InputError, IntegrityError
from broker.keyring import open_keyring
from broker.listen import LISTENING, allow_connections
from broker.log_lines import write_log_lines
from broker.policy.bundle import policies_path
from broker.policy.edition import read_edition
from broker.settings import Metrics, Policy, read_settings
from broker.store.base import Store
from broker.store.migrations import migrate as migrate_database


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


def migrate() -> None:
    """Bring the database to the schema of this version."""
    with spoken():
        settings = read_settings()
        migrate_database(settings.database.url, lambda: open_keyring(settings.keys.model_dump(), clock=system_clock))
        typer.echo("The database has the schema of this version.", err=True)


@contextmanager
def opened() -> Iterator[Wiring]:
    """Yield the wiring of the settings, and close its database; what goes wrong is said in words."""
    with spoken():
        w = build_wiring(read_settings())
        with closing(w.store):
            yield w


def confirm_key(
    key: Annotated[str, typer.Argument(help="The key's id, as its holder told you by another channel.")],
) -> None:
    """Confirm whose a key is, where there is no colleague to do it."""
    with opened() as w:
        confirmed = vouch_for_key(key, w)
        typer.echo(f"{confirmed.key_id} is the key of {confirmed.staff} at {confirmed.organisation}.", err=True)


def checkpoint() -> None:
    """Publish a checkpoint over everything recorded, and print the newest."""
    with opened() as w:
        publish(w)
        typer.echo(newest_checkpoint(w).note, nl=False)


def tick() -> None:
    """Do what it is time for, as a broker that serves does by itself.

    Answers that ran out are erased, and duties whose term passed are put on record.
    """
    with opened() as w:
        done = run_tick(w)
        typer.echo(f"{done} answers erased or duties reported.", err=True)


def rewrap() -> None:
    """Wrap every data key under the newest storage key, so that an older can go.

    The newest is the first of BROKER_KEYS__STORAGE; the older ones stand behind it until this is done.
    """
    with opened() as w:
        number = wrap_anew(w)
        typer.echo(f"{number} data keys are under the newest storage key; none is under another.", err=True)


def verify(
    vkey: Annotated[
        list[str] | None,
        typer.Option(help="A verifier key of the log, once for each key it had; else that of this broker's key ring."),
    ] = None,
    checkpoint: Annotated[
        list[Path] | None, typer.Option(help="A checkpoint that you kept: the log must contain what it says.")
    ] = None,
) -> None:
    """Derive the log again from the database and check everything against it.

    Every row, checkpoint, detail, release and decision, and that the log continues what is remembered beside the log
    key; exit 1 when one does not hold, or when there is nothing to verify.
    """
    with spoken():
        settings = read_settings()
        ring = open_keyring(settings.keys.model_dump(), clock=system_clock)
        expected = [parse_verifier_key(key) for key in vkey or (ring.vkey,)]
        held = [read_checkpoint_file(path) for path in checkpoint or ()]
        for note in held:
            verify_checkpoint(note, expected)
        with closing(Store(settings.database.url, ring, patience=None)) as store:
            report = verify_log(store, vkeys=expected, held=[*held, ring.recall_checkpoint()])
        if report.events + report.waiting == 0:
            raise IntegrityError("the log is empty: there is nothing to verify", code="integrity.empty")
        show({field: getattr(report, field) for field in report.__dataclass_fields__})

"""The operator's commands beside `serve`: migrate, checkpoint, verify and what else is done to a broker's database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from broker.clock import system_clock
from broker.commands.output import read_checkpoint_file, show, spoken
from broker.compose import build_wiring
from broker.crypto.checkpoint import verify_checkpoint
from broker.crypto.note import parse_verifier_key
from broker.domain.wiring import Wiring
from broker.flows.enrol import vouch_for_key
from broker.flows.publish import newest_checkpoint, publish
from broker.flows.rewrap import rewrap as wrap_anew
from broker.flows.tick import tick as run_tick
from broker.flows.verify import verify_log
from broker.kernel.errors import IntegrityError
from broker.keyring import open_keyring
from broker.settings import read_settings
from broker.store.base import Store


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

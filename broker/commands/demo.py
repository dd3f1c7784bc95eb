"""The demonstration: one story in the terminal, then an API that stays up with its people signed in."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import typer

from broker.client.explain import paint_for
from broker.client.session import Session, write_session
from broker.commands.output import spoken
from broker.demo.account import Account
from broker.demo.casefile import case_names, load_case
from broker.demo.people import People
from broker.demo.story import play
from broker.keyring import write_key
from broker.policy.local import find_opa, local_opa

SIGNED_IN = timedelta(hours=8)
"""How long the demonstration's people stay signed in: a working day."""


def demo(
    name: Annotated[str, typer.Argument(help="The case to play.")] = "amsterdam",
    *,
    engine: Annotated[
        Literal["embedded", "opa", "both"], typer.Option(envvar="BROKER_POLICY__ENGINE", help="Which engine decides.")
    ] = "embedded",
    names: Annotated[bool, typer.Option("--list", help="Name the cases and stop.")] = False,
    serve: Annotated[bool, typer.Option(envvar="DEMO_SERVE", help="Stay up after the story.")] = True,
    folder: Annotated[Path, typer.Option(help="Where sessions and keys of the people go.")] = Path("demo-data"),
) -> None:
    """Play a story against a real server on this machine, and stay up for trying.

    DEMO_SERVE=0 ends after the story.
    """
    if names:
        for each in case_names():
            typer.echo(f"{each:<18} {load_case(each).title}")
        return
    with spoken(), ExitStack() as stack:
        case = load_case(name)
        opa_address = stack.enter_context(local_opa(find_opa())) if engine != "embedded" else None
        account = Account(case, paint=paint_for(sys.stdout))
        typer.echo(account.opening())
        played = play(
            case,
            engine=engine,
            opa_address=opa_address,
            out=lambda one: typer.echo(account.of(one)),
            stay=(lambda people: _stay(people, folder)) if serve else None,
        )
        typer.echo(account.closing(played))
        if played.surprises:
            raise typer.Exit(1)


def _stay(people: People, folder: Path) -> None:
    """Write everybody's session and key file, say what can be tried, and wait for Ctrl-C."""
    folder.mkdir(mode=0o700, exist_ok=True)
    signed_in = people.signed_in(SIGNED_IN)
    names = [person.name for person in signed_in]
    for person in signed_in:
        session = Session(address=person.address, token=person.token, proofs=person.proofs, ahead=person.ahead)
        write_session(folder / f"{person.name}.json", session)
        key = folder / f"{person.name}.key"
        key.unlink(missing_ok=True)
        write_key(key, person.keyfile + "\n")
    typer.echo("The broker stays up; Ctrl-C here ends it. Its pages, one window for each person:\n")
    for who in (name for name in ("worker", "gp", "officer") if name in names):
        typer.echo(f"  {who:<8} {people.address}/sign-in?login_hint={who}")
    typer.echo(f"\nThe key of the log, for the officer to verify with:\n\n  {people.vkey}")
    typer.echo(
        f"\nTo open or seal, first restore {folder}/NAME.key on the page Mijn sleutel (the passphrase is\n"
        f"'{people.passphrase}'), or make a new key there. The same from another terminal:\n"
    )
    typer.echo(f"  export BROKER_PASSPHRASE='{people.passphrase}'")
    for name, trial in (("worker", "worklist"), ("gp", "inbox"), ("officer", "decisions")):
        if name in names:
            typer.echo(f"  {_command()} client --session {folder}/{name}.json --key {folder}/{name}.key {trial}")
    typer.echo("")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        typer.echo("")
    finally:
        for name in names:
            (folder / f"{name}.json").unlink(missing_ok=True)


def _command() -> str:
    """Return how the person can call this program from where he is."""
    here = Path(sys.argv[0])
    return os.path.relpath(here) if here.name == "broker" else f"{os.path.relpath(sys.executable)} -m broker"

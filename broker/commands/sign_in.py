"""The client's commands that begin and end a session at the broker's identity provider."""

from __future__ import annotations

from typing import Annotated

import typer

from broker.client.session import read_session, write_session
from broker.clock import system_clock
from broker.commands.output import say, spoken


def sign_in(
    context: typer.Context,
    address: Annotated[str, typer.Argument(help="The broker: https://broker.example.nl")],
    *,
    device: Annotated[
        bool, typer.Option("--device", help="Sign in on another device, with a code; for a machine without browser.")
    ] = False,
    client_id: Annotated[
        str, typer.Option(envvar="BROKER_CLIENT_ID", help="How the identity provider knows this program.")
    ] = "deelgrond-terminal",
) -> None:
    """Sign in at the broker's identity provider; the session file is made for it."""
    from broker.client import sign_in as signing_in

    with spoken():
        provider = signing_in.provider_of(address)
        if device:
            session = signing_in.by_device(address, provider, client_id=client_id, clock=system_clock, tell=_tell_code)
        else:
            session = signing_in.by_browser(
                address, provider, client_id=client_id, clock=system_clock, show=_show_in_browser
            )
        write_session(context.obj.session_file, session)
    say(f"U bent aangemeld bij {session.address}.", err=True)


def _tell_code(address: str, code: str) -> None:
    say(f"Ga op een ander apparaat naar\n\n  {address}\n", err=True)
    say(f"en vul daar deze code in, als dat gevraagd wordt:\n\n  {code}\n", err=True)


def _show_in_browser(address: str) -> None:
    say(f"Meld u aan in uw browser. Opent die niet, ga dan naar\n\n  {address}\n", err=True)
    typer.launch(address)


def sign_out(context: typer.Context) -> None:
    """Sign out: the session is withdrawn at the identity provider, and its file removed."""
    from broker.client import sign_in as signing_in

    with spoken():
        session = read_session(context.obj.session_file)
        context.obj.session_file.unlink()
        signing_in.sign_out(session, system_clock)
    say("U bent afgemeld.", err=True)

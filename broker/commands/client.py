"""The client's commands, for both sides: ask and open, weigh and answer, consent, oversee.

A session file says where the broker is and holds the access token with the key it is bound to; a key file holds the
person's own keys under a passphrase. Answers are sealed here before they leave, and opened here after they arrive.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from broker.client.evidence import verify_event, verify_growth
from broker.client.http import Client
from broker.commands.output import read_checkpoint_file, read_document, read_passphrase, say, show, spoken
from broker.crypto.checkpoint import verify_checkpoint
from broker.crypto.keyfile import PersonalKeys, unlock_keyfile
from broker.crypto.note import parse_verifier_key
from broker.domain.request import DeclinedBecause
from broker.kernel.errors import ConflictError, InputError
from broker.keyring import write_key
from broker.proof import ProofMaker

app = typer.Typer(no_args_is_help=True, help="Ask and answer from the terminal.")

FileArgument = Annotated[Path, typer.Argument(help="A YAML or JSON file.")]
RequestArgument = Annotated[str, typer.Argument(help="The request's id.")]


@dataclass(frozen=True, slots=True)
class _Session:
    client: Client


def _unlocked(path: Path | None) -> PersonalKeys | None:
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError("the key file cannot be read", code="key.unreadable") from error
    return unlock_keyfile(text.rstrip("\n"), read_passphrase())


def write_session(path: Path, *, address: str, token: str, proofs: ProofMaker, ahead: timedelta) -> None:
    """Write a session file that only its owner can read; `ahead`: how far the broker's clock is before this one's."""
    content = json.dumps(
        {"address": address, "token": token, "proof_key": proofs.as_jwk(), "ahead": ahead.total_seconds()}
    )
    path.unlink(missing_ok=True)
    write_key(path, content + "\n")


@app.callback()
def session(
    context: typer.Context,
    session_file: Annotated[
        Path | None,
        typer.Option("--session", envvar="BROKER_SESSION", help="The session file: address, token, proof key."),
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option("--key", envvar="BROKER_KEY_FILE", help="Your key file, for sealing and opening.")
    ] = None,
) -> None:
    """Ask and answer from the terminal."""
    if session_file is None:
        return  # so that each command can say its help; `_run` asks for the session
    with spoken():
        stored = read_document(session_file)
        try:
            address, token, proofs = stored["address"], stored["token"], ProofMaker.from_jwk(stored["proof_key"])
            ahead = timedelta(seconds=float(stored["ahead"]))
        except (KeyError, TypeError, ValueError) as error:
            raise InputError("the session file is not one", code="client.session") from error
        context.obj = _Session(
            Client(
                address=address,
                access=lambda: str(token),
                proofs=proofs,
                now=lambda: datetime.now(UTC) + ahead,
                keys=_unlocked(key_file),
            )
        )
        context.with_resource(context.obj.client)


def _run(context: typer.Context, call: str, *arguments: Any) -> Any:
    """Make one call of the client; a path among the arguments stands for the document in that file."""
    with spoken():
        if context.obj is None:
            raise InputError("name a session file with --session", code="client.session")
        try:
            said = [read_document(each) if isinstance(each, Path) else each for each in arguments]
            return getattr(context.obj.client, call)(*said)
        except httpx.HTTPError as error:
            raise ConflictError(
                f"the broker did not answer: {type(error).__name__}", code="client.no_answer"
            ) from error


@app.command(name="enrol-key")
def enrol_key(context: typer.Context) -> None:
    """Enrol the public halves of your key file; a colleague confirms them, by the id that you tell him."""
    show(_run(context, "enrol_key"))


@app.command()
def keys(context: typer.Context) -> None:
    """List your keys, and those of colleagues that wait to be confirmed."""
    show(_run(context, "keys_here"))


@app.command(name="confirm-key")
def confirm_key(
    context: typer.Context, key: Annotated[str, typer.Argument(help="The key's id, as your colleague told it.")]
) -> None:
    """Confirm that a key is your colleague's; compare its id with what he tells you, not with what is shown."""
    show(_run(context, "confirm_key", key))


@app.command(name="register-case")
def register_case(context: typer.Context, file: FileArgument) -> None:
    """Register a case from a file."""
    show(_run(context, "register_case", file))


@app.command()
def ask(context: typer.Context, file: FileArgument) -> None:
    """Ask; prints the request with its decision, also when it is refused."""
    show(_run(context, "ask", file))


@app.command()
def worklist(context: typer.Context) -> None:
    """List the requests on your cases."""
    show(_run(context, "worklist"))


@app.command()
def inbox(context: typer.Context) -> None:
    """List the requests that wait for you."""
    show(_run(context, "inbox"))


@app.command(name="show")
def show_request(context: typer.Context, request: RequestArgument) -> None:
    """Show one request as you may see it."""
    show(_run(context, "request", request))


@app.command()
def take(context: typer.Context, request: RequestArgument) -> None:
    """Take up a request."""
    show(_run(context, "take", request))


@app.command()
def record(context: typer.Context, request: RequestArgument, file: FileArgument) -> None:
    """Record steps, exceptions and your weighing from a file."""
    _run(context, "record", request, file)


@app.command()
def preview(context: typer.Context, request: RequestArgument) -> None:
    """Show exactly what would leave now, why the rest would not, and the ids of the keys it would be sealed to."""
    previewed = _run(context, "preview", request)
    show({"decision": previewed["decision"], "keys": [key["key_id"] for key in previewed["recipients"]]})


@app.command()
def release(
    context: typer.Context,
    request: RequestArgument,
    file: FileArgument,
    to: Annotated[
        list[str] | None, typer.Option(help="The id of a key that you approved in the preview; once for each.")
    ] = None,
) -> None:
    """Seal the answers of a file here and release those that are allowed."""
    show(_run(context, "release", request, file, to or None))


@app.command()
def decline(
    context: typer.Context,
    request: RequestArgument,
    *,
    because: Annotated[DeclinedBecause, typer.Option(help="What the asker is told of why.")] = "other",
    message: Annotated[str, typer.Option(help="A sentence for the asker; your weighing stays yours.")] = "",
) -> None:
    """Decline on your weighing, whose reasons stay yours, and tell the asker why."""
    show(_run(context, "decline", request, because, message))


@app.command(name="open")
def open_answer(context: typer.Context, request: RequestArgument) -> None:
    """Open what may be opened, here on this machine."""
    show(_run(context, "open", request))


@app.command()
def consent(context: typer.Context, file: FileArgument) -> None:
    """Record what a person said, from a file."""
    show(_run(context, "record_consent", file))


@app.command()
def withdraw(context: typer.Context, consent_id: Annotated[str, typer.Argument(help="The consent's id.")]) -> None:
    """Record that a consent was withdrawn."""
    show(_run(context, "withdraw_consent", consent_id))


@app.command(name="change-case")
def change_case(
    context: typer.Context, case: Annotated[str, typer.Argument(help="The case's id.")], file: FileArgument
) -> None:
    """Record what changed in a case, from a file: its phase, an order, its persons, who works on it."""
    show(_run(context, "change_case", case, file))


@app.command()
def duties(context: typer.Context) -> None:
    """List what waits for you as a privacy officer: your duties, and those of colleagues that are overdue."""
    show(_run(context, "obligations"))


@app.command()
def done(context: typer.Context, duty: Annotated[str, typer.Argument(help="The id of the duty.")]) -> None:
    """Say that a duty of yours was done; its clock stops."""
    show(_run(context, "fulfil", duty))


@app.command()
def erase(
    context: typer.Context,
    case: Annotated[str, typer.Argument(help="The case's id.")],
    person: Annotated[str | None, typer.Option(help="The ref of one person; without it the whole case.")] = None,
) -> None:
    """Ask that a person of a case, or the whole case, is erased; a second person confirms it."""
    show(_run(context, "ask_erasure", case, person))


@app.command()
def erasures(context: typer.Context) -> None:
    """List what waits to be erased at your organisation."""
    show(_run(context, "erasures"))


@app.command(name="confirm-erasure")
def confirm_erasure(
    context: typer.Context, erasure: Annotated[str, typer.Argument(help="The id of what was asked for.")]
) -> None:
    """Erase what a colleague asked for: nobody can read it any more."""
    show(_run(context, "confirm_erasure", erasure))


@app.command()
def decisions(context: typer.Context) -> None:
    """List decisions, for the privacy officer."""
    show(_run(context, "decisions"))


@app.command()
def replay(context: typer.Context, decision: Annotated[str, typer.Argument(help="The decision's id.")]) -> None:
    """Have a decision made again and compared."""
    show(_run(context, "replay", decision))


@app.command()
def checkpoint(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(help="Where you keep the newest checkpoint; made when it is not there.")],
    vkey: Annotated[str, typer.Option(help="The log's verifier key, had from elsewhere than the broker.")],
) -> None:
    """Fetch the newest checkpoint, check that it continues the one you kept, and keep it instead."""
    with spoken():
        held = read_checkpoint_file(file) if file.exists() else None
        if held is None:
            note = str(_run(context, "checkpoint"))
            verify_checkpoint(note, [parse_verifier_key(vkey)])
        else:
            size = verify_checkpoint(held, [parse_verifier_key(vkey)]).size
            note = verify_growth(held, _run(context, "consistency", size), vkey)
        fresh = file.with_name(file.name + ".new")
        fresh.write_text(note, "utf-8")
        fresh.replace(file)
    say(note, nl=False)


@app.command()
def events(
    context: typer.Context,
    request: RequestArgument,
    vkey: Annotated[str, typer.Option(help="The log's verifier key, had from elsewhere than the broker.")],
) -> None:
    """Fetch the events of a request and verify each proof here."""
    found = _run(context, "events", request)
    with spoken():
        for event in found:
            if event["proof"] is None:
                say(f"{'':>6}  {event['tag']:<28} waits for the next checkpoint")
                continue
            verify_event(event, vkey)
            say(f"{event['index']:>6}  {event['tag']:<28} proven")

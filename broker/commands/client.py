"""The client's commands, for both sides: ask and open, weigh and answer, consent, oversee.

A session file says where the broker is and holds the access token with the key it is bound to; a key file holds the
person's own keys under a passphrase. Answers are sealed here before they leave, and opened here after they arrive. What
came of it is said in sentences, or with `--json` as the broker said it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from typer.core import TyperGroup

from broker.client import account
from broker.client.evidence import verify_event, verify_growth
from broker.client.http import Client, ClientError
from broker.client.parts import plaintexts, statements_in
from broker.client.session import Session, read_session, write_session
from broker.clock import system_clock
from broker.commands.output import read_checkpoint_file, read_document, read_passphrase, say, show, spoken
from broker.commands.sign_in import sign_in, sign_out
from broker.crypto.checkpoint import verify_checkpoint
from broker.crypto.keyfile import PersonalKeys, unlock_keyfile
from broker.crypto.note import parse_verifier_key
from broker.domain.request import DeclinedBecause
from broker.domain.vocabulary import Outcome, Stage, VtPhase
from broker.kernel.errors import ConflictError, InputError


class _Group(TyperGroup):
    """`--json` may stand anywhere in the line: who thinks of it last need not begin again."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, sorted(args, key=lambda argument: argument != "--json"))


app = typer.Typer(cls=_Group, no_args_is_help=True, help="Ask and answer from the terminal.")

FileArgument = Annotated[Path, typer.Argument(help="A YAML or JSON file.")]
RequestArgument = Annotated[str, typer.Argument(help="The request's id.")]
CaseArgument = Annotated[str, typer.Argument(help="The case's id.")]

_EXAMPLES = files("broker.client") / "examples"

SESSION_FILE = Path(typer.get_app_dir("deelgrond")) / "session.json"
"""Where the session is of who signs in and names no file."""


@dataclass(slots=True)
class _Desk:
    """Where somebody works from: his session and key file, which are opened when a command calls for them."""

    session_file: Path
    key_file: Path | None
    as_json: bool
    client: Client | None = None

    def open(self, context: typer.Context) -> Client:
        """Return the client of the session, and have it closed when the command ends."""
        if self.client is None:
            session = read_session(self.session_file)
            self.client = Client(
                address=session.address,
                access=_Access(self.session_file, session).token,
                proofs=session.proofs,
                now=lambda: system_clock() + session.ahead,
                keys=_unlocked(self.key_file),
            )
            context.with_resource(self.client)
        return self.client


@dataclass(slots=True)
class _Access:
    """A session that is renewed when its token ends."""

    file: Path
    session: Session

    def token(self) -> str:
        """Return a token that is valid for a while; a new one is put in the session file first."""
        if self.session.renewal is not None:
            from broker.client.sign_in import renew

            renewed = renew(self.session, system_clock)
            if renewed is not self.session:
                write_session(self.file, renewed)
                self.session = renewed
        return self.session.token


def _unlocked(path: Path | None) -> PersonalKeys | None:
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError("the key file cannot be read", code="key.unreadable") from error
    return unlock_keyfile(text.rstrip("\n"), read_passphrase())


@app.callback()
def desk(
    context: typer.Context,
    session_file: Annotated[
        Path, typer.Option("--session", envvar="BROKER_SESSION", help="The session file: address, token, proof key.")
    ] = SESSION_FILE,
    key_file: Annotated[
        Path | None, typer.Option("--key", envvar="BROKER_KEY_FILE", help="Your key file, for sealing and opening.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: what the broker said, as JSON.")] = False,
) -> None:
    """Ask and answer from the terminal."""
    context.obj = _Desk(session_file, key_file, as_json)


app.command(name="sign-in")(sign_in)
app.command(name="sign-out")(sign_out)


def _run(context: typer.Context, call: str, *arguments: Any, **named: Any) -> Any:
    """Make one call of the client; a path among the arguments stands for the document in that file."""
    with spoken():
        said = [read_document(each) if isinstance(each, Path) else each for each in arguments]
        return _called(context, call, *said, **named)


def _called(context: typer.Context, call: str, *arguments: Any, **named: Any) -> Any:
    try:
        return getattr(context.obj.open(context), call)(*arguments, **named)
    except httpx.HTTPError as error:
        raise ConflictError(f"the broker did not answer: {type(error).__name__}", code="client.no_answer") from error


def _tell(context: typer.Context, answer: Any, lines: Iterable[str]) -> None:
    """Say what came of it, or print what the broker said; lines are not made unless they are said."""
    if context.obj.as_json:
        show(answer)
        return
    with spoken():
        for line in lines:
            say(line)


def _then(context: typer.Context, lines: Callable[..., Iterable[str]], answer: Any, request: str) -> Iterable[str]:
    """Yield the lines about an answer, with the request read for them: only when they are said."""
    reading = _seen(context, request)
    yield from lines(reading) if answer is None else lines(answer, reading)


def _seen(context: typer.Context, request: str) -> Any:
    """Return the request as its reader may see it, with the names that an answer does not repeat."""
    return _run(context, "request", request)


def _listed(context: typer.Context, rows: Any, *, whose: str) -> Iterable[str]:
    yield from account.listed(rows, _run(context, "organisations"), whose=whose)


@app.command()
def example(name: Annotated[str, typer.Argument(help="The command whose file it is an example of.")] = "") -> None:
    """Print an example of the file that a command takes; without a name, which there are."""
    names = sorted(entry.name.removesuffix(".yaml") for entry in _EXAMPLES.iterdir() if entry.name.endswith(".yaml"))
    with spoken():
        if name and name not in names:
            raise InputError("there is no such example", code="client.no_example", errors=tuple(names))
        say((_EXAMPLES / f"{name}.yaml").read_text("utf-8") if name else "\n".join(names), nl=not name)


@app.command(name="enrol-key")
def enrol_key(context: typer.Context) -> None:
    """Enrol the public halves of your key file; a colleague confirms them, by the id that you tell him."""
    key = _run(context, "enrol_key")
    _tell(context, key, account.enrolled(key))


@app.command()
def keys(context: typer.Context) -> None:
    """List your keys, and those of colleagues that wait to be confirmed."""
    found = _run(context, "keys_here")
    _tell(context, found, account.key_lines(found))


@app.command(name="confirm-key")
def confirm_key(
    context: typer.Context, key: Annotated[str, typer.Argument(help="The key's id, as your colleague told it.")]
) -> None:
    """Confirm that a key is your colleague's; compare its id with what he tells you, not with what is shown."""
    confirmed = _run(context, "confirm_key", key)
    _tell(context, confirmed, account.key_lines([confirmed]))


@app.command(name="register-case")
def register_case(context: typer.Context, file: FileArgument) -> None:
    """Register a case from a file."""
    registered = _run(context, "register_case", file)
    _tell(context, registered, account.case_lines([registered]))


@app.command()
def cases(context: typer.Context) -> None:
    """List your cases with their people."""
    found = _run(context, "cases")
    _tell(context, found, account.case_lines(found))


@app.command()
def ask(context: typer.Context, file: FileArgument) -> None:
    """Ask; says what is decided, also when it is refused."""
    asked = _run(context, "ask", file)
    _tell(context, asked, _then(context, account.asked, asked, asked["request"]["id"]))


@app.command()
def worklist(context: typer.Context) -> None:
    """List the requests on your cases."""
    rows = _run(context, "worklist")
    _tell(context, rows, _listed(context, rows, whose="responder"))


@app.command()
def inbox(context: typer.Context) -> None:
    """List the requests that wait for you."""
    rows = _run(context, "inbox")
    _tell(context, rows, _listed(context, rows, whose="requester"))


@app.command(name="show")
def show_request(context: typer.Context, request: RequestArgument) -> None:
    """Show one request as you may see it."""
    reading = _seen(context, request)
    _tell(context, reading, account.read(reading))


@app.command()
def take(context: typer.Context, request: RequestArgument) -> None:
    """Take up a request."""
    taken = _run(context, "take", request)
    _tell(context, taken, _then(context, account.read, None, request))


@app.command()
def record(context: typer.Context, request: RequestArgument, file: FileArgument) -> None:
    """Record steps, exceptions and your weighing from a file."""
    recorded = _run(context, "record", request, file)
    _tell(context, recorded, _then(context, account.read, None, request))


@app.command()
def preview(
    context: typer.Context,
    request: RequestArgument,
    answers: Annotated[
        Path | None, typer.Option(help="The file that release takes, to see which of its texts would leave.")
    ] = None,
) -> None:
    """Show exactly what would leave now, why the rest would not, and to whose keys it would be sealed."""
    with spoken():
        said = None if answers is None else read_document(answers)
    previewed = _run(context, "preview", request)
    _tell(context, previewed, _previewed(context, previewed, said))


def _previewed(context: typer.Context, previewed: Any, answers: Any) -> Iterable[str]:
    leaving = None if answers is None else _leaving(previewed, answers)
    yield from account.previewed(previewed, _seen(context, previewed["request"]["id"]), leaving)


def _leaving(previewed: Any, answers: Any) -> Iterable[Any]:
    """Yield each statement that would be sealed, with its question: the same bytes that release seals."""
    for part, plaintext in plaintexts(previewed, answers):
        yield from ({**said, "question": part["question"]} for said in statements_in(plaintext))


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
    released = _run(context, "release", request, file, to or None)
    _tell(context, released, _then(context, account.released, released, request))


@app.command()
def decline(
    context: typer.Context,
    request: RequestArgument,
    *,
    because: Annotated[DeclinedBecause, typer.Option(help="What the asker is told of why.")] = "other",
    message: Annotated[str, typer.Option(help="A sentence for the asker; your weighing stays yours.")] = "",
) -> None:
    """Decline on your weighing, whose reasons stay yours, and tell the asker why."""
    decision = _run(context, "decline", request, because, message)
    _tell(context, decision, account.declined({"because": because, "message": message}))


@app.command(name="open")
def open_answer(context: typer.Context, request: RequestArgument) -> None:
    """Open what may be opened, here on this machine."""
    opened = _run(context, "open", request)
    _tell(context, opened, _then(context, account.opened, opened, request))


@app.command()
def consent(context: typer.Context, file: FileArgument) -> None:
    """Record what a person said, from a file."""
    recorded = _run(context, "record_consent", file)
    _tell(context, recorded, account.consented(recorded, {}))


@app.command()
def withdraw(context: typer.Context, consent_id: Annotated[str, typer.Argument(help="The consent's id.")]) -> None:
    """Record that a consent was withdrawn; says what closes with it, and what stays open on which ground."""
    consent = _run(context, "withdraw_consent", consent_id)
    _tell(context, consent, _withdrawn(context, consent))


def _withdrawn(context: typer.Context, consent: Any) -> Iterable[str]:
    rows = {row["id"]: row for call in ("worklist", "inbox") for row in _if_allowed(context, call)}
    answered = [row["id"] for row in rows.values() if (row["case"], row["state"]) == (consent["case"], "released")]
    yield from account.withdrawn(consent, [_seen(context, request) for request in answered])


def _if_allowed(context: typer.Context, call: str) -> Any:
    """Return a list, or nothing for who has no such list: who answers has perhaps no worklist."""
    try:
        return _called(context, call)
    except ClientError as error:
        if error.status != httpx.codes.FORBIDDEN:
            raise
        return []


@app.command()
def consents(context: typer.Context, case: CaseArgument) -> None:
    """List what the people of a case said."""
    found = _run(context, "consents", case)
    _tell(context, found, account.consents(found))


@app.command(name="change-case")
def change_case(context: typer.Context, case: CaseArgument, file: FileArgument) -> None:
    """Record what changed in a case, from a file: its phase, an order, its persons, who works on it."""
    changed = _run(context, "change_case", case, file)
    _tell(context, changed, account.case_lines([changed]))


@app.command()
def phase(
    context: typer.Context,
    case: CaseArgument,
    to: Annotated[VtPhase, typer.Argument(help="The phase that the case is in from now on.")],
    *,
    determined_on: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day on which an investigation was decided on.")
    ] = None,
) -> None:
    """Record which phase a case of Veilig Thuis is in."""
    on: date | None = determined_on.date() if determined_on else None
    changes = {"vt_phase": to, **({"investigation_determined_on": on.isoformat()} if on else {})}
    changed = _run(context, "change_case", case, changes)
    _tell(context, changed, account.case_lines([changed]))


@app.command()
def duties(context: typer.Context) -> None:
    """List what waits for you as a privacy officer: your duties, and those of colleagues that are overdue."""
    found = _run(context, "obligations")
    _tell(context, found, account.owed(found))


@app.command()
def done(context: typer.Context, duty: Annotated[str, typer.Argument(help="The id of the duty.")]) -> None:
    """Say that a duty of yours was done; its clock stops."""
    fulfilled = _run(context, "fulfil", duty)
    _tell(context, fulfilled, account.owed([fulfilled]))


@app.command()
def erase(
    context: typer.Context,
    case: CaseArgument,
    person: Annotated[str | None, typer.Option(help="The ref of one person; without it the whole case.")] = None,
) -> None:
    """Ask that a person of a case, or the whole case, is erased; a second person confirms it."""
    asked = _run(context, "ask_erasure", case, person)
    _tell(context, asked, account.erasing([asked]))


@app.command()
def erasures(context: typer.Context) -> None:
    """List what waits to be erased at your organisation."""
    found = _run(context, "erasures")
    _tell(context, found, account.erasing(found))


@app.command(name="confirm-erasure")
def confirm_erasure(
    context: typer.Context, erasure: Annotated[str, typer.Argument(help="The id of what was asked for.")]
) -> None:
    """Erase what a colleague asked for: nobody can read it any more."""
    erased = _run(context, "confirm_erasure", erasure)
    _tell(context, erased, account.erasing([erased]))


@app.command()
def decisions(
    context: typer.Context,
    *,
    outcome: Annotated[Outcome | None, typer.Option(help="How they ended.")] = None,
    stage: Annotated[Stage | None, typer.Option(help="When was decided.")] = None,
    reason: Annotated[str | None, typer.Option(help="A reason that they name: DN-16.")] = None,
    request: Annotated[str | None, typer.Option(help="The request that they are on.")] = None,
    organisation: Annotated[str | None, typer.Option(help="The id of the other organisation.")] = None,
    staff: Annotated[str | None, typer.Option(help="The id of somebody of your own organisation.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day, in the Netherlands: 2026-11-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to and with this day.")] = None,
) -> None:
    """List decisions, for the privacy officer."""
    asked = {"outcome": outcome, "stage": stage, "reason": reason, "request": request}
    asked |= {"organisation": organisation, "staff": staff, "since": since, "until": until}
    found = _run(context, "decisions", **{name: value for name, value in asked.items() if value})
    _tell(context, found, account.decided(found))


@app.command()
def attempts(
    context: typer.Context,
    *,
    code: Annotated[str | None, typer.Option(help="How they ended: policy.refused.")] = None,
    since: Annotated[str | None, typer.Option(help="From this day, in the Netherlands: 2026-11-01.")] = None,
    until: Annotated[str | None, typer.Option(help="Up to and with this day.")] = None,
    before: Annotated[str | None, typer.Option(help="For the next page: the id of the last one.")] = None,
) -> None:
    """List calls of your colleagues that were refused or failed, for the privacy officer."""
    asked = {"code": code, "since": since, "until": until, "before": before}
    found = _run(context, "attempts", **{name: value for name, value in asked.items() if value})
    _tell(context, found, account.attempted(found))


@app.command()
def replay(context: typer.Context, decision: Annotated[str, typer.Argument(help="The decision's id.")]) -> None:
    """Have a decision made again and compared."""
    replayed = _run(context, "replay", decision)
    _tell(context, replayed, account.replayed(replayed))


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


@app.command()
def evidence(
    context: typer.Context,
    request: RequestArgument,
    out: Annotated[Path, typer.Option(help="Where the package goes; a file that is there is not replaced.")],
) -> None:
    """Fetch the evidence package of a request, which anybody verifies with broker verify-package."""
    data = _run(context, "evidence", request)
    with spoken():
        try:
            with out.open("xb") as file:
                file.write(data)
        except OSError as error:
            raise InputError("the file cannot be written", code="file.unwritable", errors=(out.name,)) from error
    say(str(out))

"""The directory's commands: check, plan, approve and apply its file, and see who may do what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import typer

from broker.api.directory_file import directory_of
from broker.commands.output import read_document, say, show, spoken
from broker.commands.server import opened
from broker.compose import build_edition_gate
from broker.crypto.webhook import format_secret
from broker.domain.directory import Account
from broker.domain.directory_plan import Change, DirectoryFile, Plan
from broker.flows.enrol import ApplyPlan, apply_plan, plan_directory
from broker.flows.who import Member, Members
from broker.flows.who import who as who_may
from broker.kernel.errors import InputError, SettingsError
from broker.kernel.strict_yaml import lines_of
from broker.policy.approval import approve as approve_plan
from broker.policy.approval import approvers_of
from broker.policy.bundle import load_bundle, policies_path
from broker.policy.law import rows_by_code
from broker.policy.signer import open_signer
from broker.settings import read_settings
from broker.words import directory_words

app = typer.Typer(no_args_is_help=True, help="Check, plan and apply the directory file, and see who may do what.")

File = Annotated[Path, typer.Argument(help="YAML or JSON with organisations, staff, mandates and who left.")]
Digest = Annotated[str, typer.Option("--plan", help="The digest that `broker directory plan` ends with.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]


@app.command()
def check(file: File) -> None:
    """Check a directory file without a database: its shape, its words, its roles; each finding with its line."""
    with spoken():
        found = _read(file, _roles())
        said = f"{len(found.organisations)} organisations, {len(found.staff)} members of staff, {len(found.left)} left."
        typer.echo(said, err=True)


@app.command()
def example(
    issuer: Annotated[str, typer.Option(help="The issuer that its people sign in at.")] = "https://login.example.nl",
) -> None:
    """Print an example of a directory file, with a worker, a doctor and a privacy officer."""
    text = (files("broker.commands") / "directory.example.yaml").read_text("utf-8")
    say(text.replace("https://login.example.nl", issuer), nl=False)


@app.command()
def plan(file: File, *, as_json: AsJson = False) -> None:
    """Say what applying the file would change today, and the digest of that; nothing is written."""
    with spoken():
        read = _read(file)
    with opened() as w:
        found = plan_directory(read, w)
        if as_json:
            show({**found.as_json(), "widens": found.widens, "digest": found.digest})
        else:
            for line in _sentences(found, read.accounts):
                say(line)


@app.command()
def approve(
    digest: Digest,
    key: Annotated[Path, typer.Option(help="The PEM file of your key, as `broker keys signer` makes it.")],
) -> None:
    """Approve a plan as the second person, after you made and read the same plan; prints the approval."""
    with spoken():
        show(approve_plan(_digest(digest), open_signer(key)))


@app.command()
def apply(
    file: File,
    digest: Digest,
    approval: Annotated[
        list[Path] | None, typer.Option(help="An approval of a second person, where the plan lets anybody do more.")
    ] = None,
) -> None:
    """Make exactly the changes of the plan with this digest, all or none."""
    with spoken():
        read, approvals = _read(file), approval or []
        approvers = read_settings().directory.approvers
        approved_by = approvers_of(_digest(digest), approvals, approvers) if approvals else ()
    with opened() as w:
        done = apply_plan(ApplyPlan(file=read, digest=digest, approvers=approved_by), w)
        typer.echo(f"{len(done.changes)} changes; approved by {', '.join(approved_by) or 'nobody'}.", err=True)


@app.command()
def who(*, as_json: AsJson = False) -> None:
    """Show each organisation and member of staff, the mandate of today, and what the policy lets him do today."""
    with opened() as w:
        gate = build_edition_gate(read_settings().policy)
        served = gate.refresh(lambda edition: None)
        if served.status != "LOADED":
            raise SettingsError("there is no policy to ask", code=served.reason)
        found = who_may(replace(w, gate=gate))
        if as_json:
            show([_organisation(each) for each in found])
        else:
            for line in _roster(found):
                say(line)


@app.command()
def webhook_secret(organisation: Annotated[str, typer.Argument(help="The organisation's id.")]) -> None:
    """Show the secret that an organisation's webhook is signed with, for who runs its program."""
    with opened() as w:
        with w.store.reading() as tx:
            known = tx.directory.get_organisation(organisation)
        say(format_secret(w.keys.webhook_secret(known.id)))


def _digest(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise InputError("the digest of a plan is 64 hex digits", code="directory.digest")
    return text


def _read(file: Path, roles: frozenset[str] | None = None) -> DirectoryFile:
    """Return what the file says; raises InputError as `directory_of` does, each finding with file and line."""
    document = read_document(file)
    try:
        return directory_of(document, roles)
    except InputError as error:
        lines = lines_of(file.read_bytes())
        placed = tuple(_placed(finding, file.name, lines) for finding in error.errors)
        raise InputError(str(error), code=error.code, errors=placed) from None


def _placed(finding: str, name: str, lines: Mapping[tuple[str, ...], int]) -> str:
    """Return a finding with the line of its place, or of what it is missing in."""
    place, _, said = finding.removeprefix("/").partition(": ")
    steps = tuple(place.split("/")) if place else ()
    line = next((lines[steps[:end]] for end in range(len(steps), -1, -1) if steps[:end] in lines), None)
    return ": ".join([name if line is None else f"{name}:{line}", *([place] if place else []), said])


def _roles() -> frozenset[str]:
    """Return every role that a table of the installed policies gives anything to."""
    data = load_bundle(policies_path()).data
    asking = [role for facets in data["law"]["organisations"].values() for _, row in rows_by_code(
        {name: facet for name, facet in facets.items() if name == "asks"}) for role in row["roles"]]  # fmt: skip
    return frozenset(asking).union(*data["parameters"]["roles"].values())


def _sentences(plan: Plan, accounts: Mapping[str, Account]) -> Iterator[str]:
    for change in plan.changes:
        widens = f" [{directory_words('widens').nl}]" if change.widens else ""
        yield _sentence(change, accounts.get(change.of)) + widens
    if not plan.changes:
        yield directory_words("nothing").nl
    if plan.widens:
        yield directory_words("second_person").nl
    yield directory_words("digest", digest=plan.digest).nl


def _sentence(change: Change, account: Account | None) -> str:
    """Return a change in words; an account is named as the file does, since its stand-in says nothing to people."""
    name = "account_changed" if change.field == "account" else change.kind
    values = {"of": change.of, "field": change.field, "before": _value(change.before), "after": _value(change.after)}
    signs_in = {"subject": account.subject, "issuer": account.issuer} if account else {}
    return directory_words(name, **values, **signs_in).nl


def _value(value: object) -> str:
    if isinstance(value, list):
        return directory_words("days", from_on=value[0], until_on=value[1]).nl
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_value(each)}" for name, each in value.items() if name not in {"id", "account"})
    return str(value).lower() if isinstance(value, bool) else str(value)


def _organisation(found: Members) -> dict[str, Any]:
    one = found.organisation
    about = {name: getattr(one, name) for name in ("id", "name", "type", "active", "connected")}
    return {**about, "staff": [_member(member) for member in found.members]}


def _member(found: Member) -> dict[str, Any]:
    days = found.mandate and [found.mandate.from_on.isoformat(), found.mandate.until_on.isoformat()]
    about = {name: getattr(found.staff, name) for name in ("id", "role", "active")}
    return {**about, "mandate": days, "may": list(found.may)}


def _roster(found: tuple[Members, ...]) -> Iterator[str]:
    for each in map(_organisation, found):
        active = directory_words("active" if each["active"] else "inactive").nl
        yield f"{each['id']} {each['name']}: {each['type']}, {active}"
        for member in each["staff"]:
            active = directory_words("active" if member["active"] else "inactive").nl
            mandate = _value(member["mandate"]) if member["mandate"] else directory_words("no_mandate").nl
            may = ", ".join(member["may"]) or directory_words("may_nothing").nl
            yield f"  {member['id']}: {member['role']}, {active}, {mandate}: {may}"

"""The policy's commands: build, sign, verify, inspect and compare bundles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from broker.clock import system_clock
from broker.commands.archive import app as archive
from broker.commands.output import show, spoken
from broker.domain import vocabulary as types
from broker.kernel.errors import InputError
from broker.keyring import Keyring, open_keyring
from broker.policy.bundle import build_bundles, open_packed, policies_path, read_packed
from broker.policy.cases import read_documents
from broker.policy.difference import Document, compare, decide_by, table_of
from broker.policy.edition import read_edition, sign_edition, verify_server_bundles
from broker.policy.inspect import inspect_bundle
from broker.policy.local import find_opa
from broker.policy.pages import write_pages
from broker.policy.signer import open_signer, read_signers
from broker.policy.vocabulary import write_vocabulary
from broker.settings import read_keys
from broker.store.decision import decisions_on_record

app = typer.Typer(no_args_is_help=True, help="Build, sign, verify, inspect and compare policy bundles.")

app.add_typer(archive, name="archive")

Folder = Annotated[Path, typer.Argument(help="A folder with a bundle, signed or not.")]


@app.command()
def build() -> None:
    """Build both bundles from the sources, with the OPA program in OPA or on the PATH."""
    with spoken():
        show(build_bundles(policies_path(), find_opa()))


@app.command()
def vocabulary() -> None:
    """Write the closed lists of the tables into the schemas, and those of the schemas into the types in the code."""
    with spoken():
        write_vocabulary(policies_path(), Path(types.__file__))


@app.command()
def sign(
    key: Annotated[Path, typer.Option(help="The PEM file of your signing key.")],
    to: Annotated[Path, typer.Option(help="The folder of the signed edition; another signature is added to it.")],
) -> None:
    """Sign the bundle of this checkout, for brokers and for OPA: you accept this edition of the law."""
    with spoken():
        show(sign_edition(policies_path(), open_signer(key), to))


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(help="The folder of a signed edition.")],
    signers: Annotated[Path, typer.Option(help="The key set of those whose signature is believed.")],
) -> None:
    """Check a signed edition as a broker does before it loads it, and its bundles for OPA; exit 1 when one is bad."""
    with spoken():
        edition = read_edition(folder, signers, policies_path())
        for_opa = verify_server_bundles(folder, read_signers(signers))
        bundle = edition.bundle
        show(
            {
                "revision": bundle.revision,
                "digest": bundle.digest,
                "signers": list(edition.signers),
                "for_opa": list(for_opa),
            }
        )


@app.command()
def inspect(folder: Folder) -> None:
    """Show what is in a bundle: revision, signers, entry points, builtins, rules, rows of each table, parameters.

    The signatures are not checked here; `broker policy verify` does that.
    """
    with spoken():
        show(inspect_bundle(folder, policies_path()))


@app.command()
def pages() -> None:
    """Write a page for each dimension of the policies and each table of law, from the policies and their cases."""
    with spoken():
        show(list(write_pages(policies_path())))


@app.command()
def diff(
    old: Folder,
    new: Folder,
    cases: Annotated[
        list[Path] | None,
        typer.Option(help="A cases.yaml, or decision documents as JSON; without it the cases of the policies."),
    ] = None,
    decisions: Annotated[
        str | None,
        typer.Option(help="The URL of a broker's database, its keys in the settings: decide again what is on record."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Decide the same documents with two bundles and show what flips; exit 0 when nothing does, 3 when something does.

    Nothing is released and nothing is written.
    """
    with spoken():
        before = open_packed(read_packed(old), policies_path(), to_serve=False)
        after = open_packed(read_packed(new), policies_path())
        documents = chain.from_iterable(
            [
                *map(
                    read_documents, cases or ([] if decisions else sorted(policies_path().glob("sharing/*/cases.yaml")))
                ),
                *([_on_record(decisions)] if decisions else []),
            ]
        )
        found = compare(decide_by(before, policies_path()), decide_by(after, policies_path()), documents)
        if as_json:
            show(
                {
                    "old": {"revision": before.revision, "digest": before.digest},
                    "new": {"revision": after.revision, "digest": after.digest},
                    "documents": found.documents,
                    "flips": [asdict(flip) for flip in found.flips],
                }
            )
        else:
            typer.echo(f"{before.revision} -> {after.revision}: {found.documents} documents, {len(found.flips)} flips")
            for line in table_of(found.flips):
                typer.echo(line)
        if not found.documents:
            raise InputError("there is nothing to decide", code="policy.cases", errors=("no document was found",))
    if found.flips:
        raise typer.Exit(3)


def _on_record(url: str) -> Iterator[tuple[str, Document]]:
    return ((decided.id, decided.document) for decided in decisions_on_record(url, _keys))


def _keys() -> Keyring:
    return open_keyring(read_keys().model_dump(), clock=system_clock)

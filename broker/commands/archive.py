"""The archive's commands: which bundles ever decided here, and one of them as an edition again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from broker.clock import system_clock
from broker.commands.output import show, spoken
from broker.domain.bundle import LoadedBundle
from broker.kernel.errors import InputError, IntegrityError, NotFoundError
from broker.kernel.values import format_moment
from broker.keyring import open_keyring
from broker.policy.archive import Files, open_archived
from broker.policy.bundle import MANIFEST, policies_path
from broker.policy.signer import replace_file
from broker.settings import Settings, read_settings
from broker.store.base import Store

app = typer.Typer(no_args_is_help=True, help="List the bundles that ever decided here, and take one out.")


@contextmanager
def opened_store() -> Iterator[tuple[Settings, Store]]:
    """Yield the settings and their database, and close it; what goes wrong is said in words."""
    with spoken():
        settings = read_settings()
        keys = open_keyring(settings.keys.model_dump(), clock=system_clock)
        with closing(Store(settings.database.url, keys)) as store:
            yield settings, store


@app.command("list")
def list_archive() -> None:
    """List every bundle that decided here, oldest first, whether it can decide again, and who signed it.

    `signers` are who was believed when it was taken up, `known` those of them in the key set of today.
    """
    with opened_store() as (settings, store):
        with store.reading() as tx:
            lines = [_line(one, tx.bundles.files(one.digest), settings.policy.signers) for one in tx.bundles.loaded()]
        show(lines)


@app.command()
def export(
    digest: Annotated[str, typer.Argument(help="The digest of the bundle, as it stands in a decision.")],
    to: Annotated[Path, typer.Option(help="A folder that is not there yet, for the edition.")],
) -> None:
    """Write a bundle that decided here as the edition it was, which `broker policy verify` takes."""
    with opened_store() as (settings, store):
        with store.reading() as tx:
            files = tx.bundles.files(digest)
        if not files:
            raise NotFoundError("this bundle is not in the archive", code="policy.not_archived")
        archived = open_archived(digest, files, signers=settings.policy.signers, policies=policies_path())
        if to.exists():
            raise InputError("the folder is there already", code="policy.folder_exists", errors=(to.name,))
        to.mkdir(parents=True)
        for name in sorted(files, key=lambda name: name == MANIFEST):  # last, as when an edition is signed
            replace_file(to / name, files[name])
        show({"revision": archived.bundle.revision, "digest": digest, "signers": list(archived.signers)})


def _line(bundle: LoadedBundle, files: Files, signers: Path | None) -> Mapping[str, Any]:
    said: dict[str, Any] = {
        "revision": bundle.revision,
        "digest": bundle.digest,
        "loaded_at": format_moment(bundle.loaded_at),
        "signers": list(bundle.signers),
        "archived": bool(files),
        "known": [],
        "fault": None,
    }
    try:
        if files:
            archived = open_archived(bundle.digest, files, signers=signers, policies=policies_path())
            said["known"] = list(archived.signers)
    except IntegrityError as fault:
        said["fault"] = fault.code
    return said

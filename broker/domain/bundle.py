"""Which bundle may follow which: a revision never goes back, and never stands for two bundles.

Without this, whoever can write to a folder could bring back an older edition of the law that was signed in its day.
Each that ever decided is kept with its files, so that what it decided can be decided again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from broker.kernel.errors import ConflictError, SettingsError

_REVISION = re.compile(r"(?:0|[1-9][0-9]{0,8})(?:\.(?:0|[1-9][0-9]{0,8})){1,4}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedBundle:
    """A bundle that was loaded for the first time: its revision, the digest of its sources, who signed it, when."""

    revision: str
    digest: str
    signers: tuple[str, ...]
    loaded_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What a gate decides by now.

    LOADED: the edition on offer. STALE: an earlier one, because the one on offer is not usable. ERROR: none, so that
    nothing is decided. `reason` is the code of what is wrong, None when nothing is.
    """

    status: Literal["LOADED", "STALE", "ERROR"]
    revision: str | None = None
    digest: str | None = None
    signers: tuple[str, ...] = ()
    reason: str | None = None


def revision_number(revision: str) -> tuple[int, ...]:
    """Return a revision such as 2026.11.1 as numbers, which compare as people mean it: 2026.11 before 2026.11.1.

    Raises SettingsError when it is not written so.
    """
    if not _REVISION.fullmatch(revision):
        raise SettingsError("a revision is written as 2026.11.1", code="policy.revision")
    return tuple(int(number) for number in revision.split("."))


def verify_follows(revision: str, digest: str, earlier: Iterable[LoadedBundle]) -> None:
    """Raise ConflictError when a higher revision was loaded before, or the same one with another digest."""
    number = revision_number(revision)
    for one in earlier:
        before = revision_number(one.revision)
        if before > number:
            raise ConflictError(f"revision {one.revision} was loaded before", code="policy.downgrade")
        if before == number and (one.revision, one.digest) != (revision, digest):
            raise ConflictError(f"revision {revision} was loaded with another digest", code="policy.same_revision")


class Bundles(Protocol):
    """The policy bundles that were ever loaded. Not case data, so no reader."""

    def add(self, bundle: LoadedBundle) -> None:
        """Remember a bundle; one with the same revision is ConflictError."""

    def loaded(self) -> tuple[LoadedBundle, ...]:
        """Return all bundles that were ever loaded here, oldest first."""

    def archive(self, digest: str, files: Mapping[str, bytes]) -> None:
        """Keep the files of an edition, by name, under the digest of its bundle; one kept already is ConflictError."""

    def archived(self) -> frozenset[str]:
        """Return the digests of the bundles whose files are kept."""

    def files(self, digest: str) -> Mapping[str, bytes]:
        """Return the files of an edition as they are kept, by name, unchecked; none when it is not in the archive."""

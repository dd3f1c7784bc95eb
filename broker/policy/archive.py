"""Bundles that decided before, taken out of the archive: checked again, and made to decide again.

What was archived was checked when it was taken up. It is checked again as it is taken out, because it lay in a
database: each file is the one in the manifest, the bundle is the one that was asked for, and no signature in it by a
key of the key set of today is bad. That one of these keys signed it is not asked: a signer may have left the key set
since. Nor must its parameters and tables be what this version of the broker would load, since it decides nothing new.

Who can write to the database and builds a whole bundle of his own under an old digest passes these checks, unless a
signer is still known. `broker verify` finds him: the log commits to every file.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from broker.kernel.errors import IntegrityError, SettingsError
from broker.policy.bundle import Bundle, check_packed, open_packed
from broker.policy.edition import SIGNATURES, known_signers, parse_signatures
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate
from broker.policy.signer import read_signers

Files = Mapping[str, bytes]

AT_HAND = 3
"""How many earlier bundles stay ready to decide: each holds its compiled policy and an instance or more of it."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A bundle of the archive that was checked, and the ids of the keys known today that signed it, sorted."""

    bundle: Bundle
    signers: tuple[str, ...]


def open_archived(digest: str, files: Files, *, signers: Path | None, policies: Path) -> Archived:
    """Return the bundle in these files.

    Raises IntegrityError `integrity.archive` when they are not what was archived under this digest,
    SignatureError when a known key's signature is bad, and SettingsError when there is a key set and it cannot be read.
    """
    known = read_signers(signers) if signers and signers.is_file() else {}
    try:
        packed = check_packed(files)
        by = known_signers(packed, parse_signatures(files[SIGNATURES]), known)
        bundle = open_packed(packed, policies, to_serve=False)
    except (SettingsError, KeyError) as error:
        raise IntegrityError("an archived policy bundle was changed", code="integrity.archive") from error
    if bundle.digest != digest:
        raise IntegrityError("an archived policy bundle is another one", code="integrity.archive")
    return Archived(bundle, by)


class Archive:
    """The gates of earlier bundles, of which a few stay ready; safe to share between threads."""

    def __init__(self, *, signers: Path | None, policies: Path) -> None:
        self._signers, self._policies = signers, policies
        self._ready: OrderedDict[str, PolicyGate] = OrderedDict()

    def gate(self, digest: str, files: Callable[[str], Files]) -> PolicyGate | None:
        """Return the gate of an earlier bundle, always of the embedded engine; None when it has no files.

        `files` takes them out of the archive, when the bundle is not ready. Raises as `open_archived` does, and
        SettingsError when this version of the broker cannot load the bundle.
        """
        gate = self._ready.pop(digest, None)
        if gate is None:
            found = files(digest)
            if not found:
                return None
            bundle = open_archived(digest, found, signers=self._signers, policies=self._policies).bundle
            gate = PolicyGate(engine=EmbeddedEngine(bundle), bundle=bundle, policies=self._policies)
        self._ready[digest] = gate
        while len(self._ready) > AT_HAND:
            self._ready.popitem(last=False)
        return gate

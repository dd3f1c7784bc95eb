"""The gate of a serving broker: it decides by a signed edition, and takes up a new one while it serves.

It begins closed: until an edition was read, checked and adopted, every question is PolicyUnavailable. `refresh` looks
whether something changed on disk; if so it reads the edition, has it compiled, has it adopted, and only then puts the
new gate in the place of the old one, at once. Whatever goes wrong on the way, the old one stays and `served` says why.
A decision that is under way is finished by the gate it began with.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from broker.domain.bundle import Served
from broker.domain.gate import Gated
from broker.kernel.errors import BrokerError, ConflictError, PolicyUnavailable, StoreUnavailable
from broker.policy.archive import Archive
from broker.policy.bundle import MANIFEST, Bundle
from broker.policy.edition import SIGNATURES, Edition, read_edition
from broker.policy.engine import Engine
from broker.policy.gate import PolicyGate

_Seen = tuple[tuple[int, int, int] | None, ...]

_AT_ONCE = 8
"""How many processes may take up one edition at the same moment, and none has to wait for the next look."""

_NOT_YET = Served(status="ERROR", reason="policy.not_loaded")


class EditionGate:
    """Decides by the newest usable edition in a folder; without settings for it, by nothing."""

    def __init__(
        self,
        *,
        edition: Path | None,
        signers: Path | None,
        policies: Path,
        engine: Callable[[Bundle], Engine],
    ) -> None:
        self._edition, self._signers, self._policies, self._engine = edition, signers, policies, engine
        self._gate: PolicyGate | None = None
        self._archive = Archive(signers=signers, policies=policies)
        self._seen: _Seen | None = None
        self._refreshing = threading.Lock()
        self.served = _NOT_YET

    @property
    def bundle_digest(self) -> str | None:
        """The digest of the bundle that decides now; None when none does."""
        return self._gate.bundle_digest if self._gate else None

    @property
    def law(self) -> Mapping[str, Any]:
        """The tables of law of the bundle that decides now; PolicyUnavailable while there is none."""
        return self._current().law

    def decide(self, document: Mapping[str, Any]) -> Gated:
        """Decide as `PolicyGate` does; PolicyUnavailable while there is no bundle."""
        return self._current().decide(document)

    def authorise(self, document: Mapping[str, Any]) -> frozenset[str]:
        """Authorise as `PolicyGate` does; PolicyUnavailable while there is no bundle."""
        return self._current().authorise(document)

    def again(self, document: Mapping[str, Any]) -> Gated:
        """Decide again as `PolicyGate` does; PolicyUnavailable while there is no bundle."""
        return self._current().again(document)

    def gate_of(self, digest: str, files: Callable[[str], Mapping[str, bytes]]) -> PolicyGate | None:
        """Return the gate of the bundle that decides now when it is that, else one of the archive; see `Archive`."""
        gate = self._gate
        return gate if gate and gate.bundle_digest == digest else self._archive.gate(digest, files)

    def refresh(self, adopt: Callable[[Edition], None]) -> Served:
        """Take up what changed on disk and return what is served; `adopt` may refuse an edition with a BrokerError."""
        with self._refreshing:
            seen = self._look()
            if seen != self._seen:
                self._seen = seen
                self.served = self._take_up(adopt)
            return self.served

    def _current(self) -> PolicyGate:
        gate = self._gate
        if gate is None:
            raise PolicyUnavailable("no signed policy bundle is loaded")
        return gate

    def _take_up(self, adopt: Callable[[Edition], None]) -> Served:
        try:
            edition = read_edition(self._edition, self._signers, self._policies)
            bundle = edition.bundle
            if self._gate is None or self._gate.bundle_digest != bundle.digest:
                gate = PolicyGate(engine=self._engine(bundle), bundle=bundle, policies=self._policies)
                _adopt(adopt, edition)
                self._gate = gate
        except BrokerError as error:
            if isinstance(error, _PASSING) and error.code not in _FINAL:
                self._seen = None  # nothing on disk has to change for this to go well the next time
            return self._fallen_back(error)
        return Served(status="LOADED", revision=bundle.revision, digest=bundle.digest, signers=edition.signers)

    def _fallen_back(self, error: BrokerError) -> Served:
        before = self.served
        return Served(
            status="STALE" if self._gate else "ERROR",
            revision=before.revision,
            digest=before.digest,
            signers=before.signers,
            reason=error.code,
        )

    def _look(self) -> _Seen:
        """Return what is different when the edition or the key set is."""
        paths = [self._edition / name for name in (MANIFEST, SIGNATURES)] if self._edition else []
        return tuple(_look_at(path) for path in [*paths, *([self._signers] if self._signers else [])])


def _adopt(adopt: Callable[[Edition], None], edition: Edition) -> None:
    """Have an edition adopted; again when another process that began at the same moment was first."""
    for more in reversed(range(_AT_ONCE)):
        try:
            adopt(edition)
        except ConflictError as error:
            if error.code in _FINAL or not more:
                raise
        else:
            return


# The database or OPA was not there, or another process was first. An older revision stays older.
_PASSING = (StoreUnavailable, PolicyUnavailable, ConflictError)
_FINAL = frozenset({"policy.downgrade", "policy.same_revision"})


def _look_at(path: Path) -> tuple[int, int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns

"""Asking the policy before anybody has to wait for it.

On SQLite whoever acts holds up every other writer. So the facts are gathered and the policy is asked first, in a
transaction that only reads. Then the act begins, gathers the same facts anew, and is given what was decided on them;
when a fact moved in between, its document is another one and the policy is asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from broker.crypto.canonical import canonical
from broker.domain.gate import Deciding, Gate, Gated
from broker.domain.store import Transaction
from broker.domain.wiring import Wiring


def foreseen(gather: Callable[[Transaction, Deciding], object], w: Wiring) -> Deciding:
    """Return a gate that knows already what `gather` asks on the facts of now.

    Raises what gathering raises. Where nobody waits for who acts, as on PostgreSQL, it is the gate itself.
    """
    if not w.store.holds_up_others:
        return w.gate
    gate = _Foreseeing(w.gate)
    with w.store.reading() as tx:
        gather(tx, gate)
    return gate


class _Foreseeing:
    """A gate that asks once about each document, as long as the same bundle decides."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._decided: dict[tuple[str | None, bytes], Gated] = {}
        self._authorised: dict[tuple[str | None, bytes], frozenset[str]] = {}

    def decide(self, document: Mapping[str, Any]) -> Gated:
        """Return what was decided on this document before, else ask."""
        key = self._key(document)
        if key not in self._decided:
            self._decided[key] = self._gate.decide(document)
        return self._decided[key]

    def authorise(self, document: Mapping[str, Any]) -> frozenset[str]:
        """Return what was said when this document was authorised before, else ask."""
        key = self._key(document)
        if key not in self._authorised:
            self._authorised[key] = self._gate.authorise(document)
        return self._authorised[key]

    def _key(self, document: Mapping[str, Any]) -> tuple[str | None, bytes]:
        return self._gate.bundle_digest, canonical(document)

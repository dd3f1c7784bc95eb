"""What would be decided otherwise by another bundle: every decision on record, against the bundle it was made with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer

from broker.clock import system_clock
from broker.commands.archive import opened_store
from broker.commands.output import say, show
from broker.domain.decision import Decided
from broker.kernel.errors import SettingsError
from broker.kernel.values import day_begins
from broker.keyring import open_keyring
from broker.policy.archive import Archive, Files
from broker.policy.bundle import open_packed, policies_path, read_packed
from broker.policy.difference import Decide, Document, Flip, compare_each, decide_again_by
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate
from broker.store.base import Store
from broker.store.decision import decisions_on_record

_WHAT = {"outcome": "uitkomst", "part": "deel", "reason": "reden"}
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


def replay(
    bundle: Annotated[Path, typer.Option("--with", help="The folder of a bundle or edition to decide with.")],
    since: Day = None,
    until: Day = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Decide what is on record again, also with another bundle, and show what differs.

    Each decision is compared with what its own bundle gives again. From `--since` up to and with `--until`, days in the
    Netherlands. Exit 0 when nothing differs, 3 when something does. Nothing is written. What was erased is not decided
    again, nor what was made with a bundle that is not in the archive.
    """
    with opened_store() as (settings, store):
        policies = policies_path()
        other = open_packed(read_packed(bundle), policies)
        gate = PolicyGate(engine=EmbeddedEngine(other), bundle=other, policies=policies)
        own = _Own(Archive(signers=settings.policy.signers, policies=policies), store, gate)
        recorded = decisions_on_record(
            settings.database.url,
            lambda: open_keyring(settings.keys.model_dump(), clock=system_clock),
            since=_begins(since),
            until=_begins(until, days=1),
        )
        found = compare_each(own.put(recorded), decide_again_by(gate))
        outcomes = [flip.document for flip in found.flips if flip.what == "outcome"]
        if as_json:
            show(
                {
                    "with": {"revision": other.revision, "digest": other.digest},
                    "decisions": found.documents,
                    "outcomes": outcomes,
                    "flips": [asdict(flip) for flip in found.flips],
                    "not_replayed": own.missing,
                }
            )
        else:
            for line in _told(other.revision, found.documents, outcomes, found.flips, own.missing):
                say(line)
    if found.flips:
        raise typer.Exit(3)


class _Own:
    """Decisions, each with what decides by the bundle that it was made with; counted by bundle where nothing does."""

    def __init__(self, archive: Archive, store: Store, gate: PolicyGate) -> None:
        self._archive, self._store, self._gate = archive, store, gate
        self.missing: Counter[str] = Counter()

    def put(self, recorded: Iterable[Decided]) -> Iterator[tuple[str, Document, Decide]]:
        """Yield the id and the document of each decision, and what decides by its own bundle."""
        for one in recorded:
            digest = one.decision.bundle_digest
            gate = None if digest in self.missing else self._gate_of(digest)
            if gate is None:
                self.missing[digest] += 1
            else:
                yield one.id, one.document, decide_again_by(gate)

    def _gate_of(self, digest: str) -> PolicyGate | None:
        if digest == self._gate.bundle_digest:
            return self._gate
        try:
            return self._archive.gate(digest, self._files)
        except SettingsError:  # this version of the broker cannot load it
            return None

    def _files(self, digest: str) -> Files:
        with self._store.reading() as tx:
            return tx.bundles.files(digest)


def _told(
    revision: str, number: int, outcomes: list[str], flips: tuple[Flip, ...], missing: Mapping[str, int]
) -> Iterator[str]:
    by_decision = {decision: list(some) for decision, some in groupby(flips, key=lambda flip: flip.document)}
    yield f"Opnieuw genomen, met de eigen bundel en met {revision}: {number}."
    yield f"Met een andere uitkomst: {len(outcomes)}."
    yield f"Met alleen andere delen of redenen: {len(by_decision) - len(outcomes)}."
    for digest, kept in missing.items():
        yield f"Niet opnieuw genomen, want de bundel is niet in het archief of niet meer te laden ({digest}): {kept}."
    for decision, some in by_decision.items():
        yield decision
        for flip in some:
            yield f"  {' '.join(filter(None, (_WHAT[flip.what], flip.subject)))}: {flip.before} -> {flip.after}"


def _begins(day: datetime | None, *, days: int = 0) -> datetime | None:
    return None if day is None else day_begins(date(day.year, day.month, day.day) + timedelta(days=days))

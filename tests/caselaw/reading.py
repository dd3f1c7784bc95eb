"""What the policy says of a release, read twice: what a ruling does not tell is not on record, or it was in order.

A code that stands in the second reading stands for a fact that the ruling does tell. Which missing fact brings which
code is found by taking that one fact away from the second reading, and asking the policy again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ruling import Facts, Release, Unknown, releases, without_each

from broker.domain.decision import PERMITS
from broker.policy.gate import PolicyGate


@dataclass(frozen=True)
class Said:
    """What the policy says of one release: in both readings, and by which facts.

    `missing`: which codes each fact that is not told brings by itself. `standing`: which codes of the second reading
    each fact that is told carries, so that they are gone when it is taken away; "disclosed" and the like stand for all
    the facts of that group at once, "all" for everything told.
    """

    release: Release
    as_told: Mapping[str, Any]
    rest_in_order: Mapping[str, Any]
    missing: Mapping[str, frozenset[str]]
    standing: Mapping[str, frozenset[str]]


def read(tree: Any, doubted: Callable[[str], bool]) -> Any:
    """Return the document with each unknown as "not on record" where its name is doubted, else as in order."""
    if isinstance(tree, Unknown):
        return read(tree.not_on_record if doubted(tree.name) else tree.in_order, doubted)
    if isinstance(tree, dict):
        return {name: read(value, doubted) for name, value in tree.items()}
    return [read(value, doubted) for value in tree] if isinstance(tree, list) else tree


def unknowns(tree: Any) -> Iterator[str]:
    """Yield the name of every fact that a document lacks."""
    if isinstance(tree, Unknown):
        yield tree.name
        yield from unknowns(tree.in_order)
    elif isinstance(tree, dict | list):
        for value in tree.values() if isinstance(tree, dict) else tree:
            yield from unknowns(value)


def said_of(facts: Facts, mapped: Facts, mapping: Facts, gate: PolicyGate) -> list[Said]:
    """Return what the policy says of each release of a ruling."""
    fewer = {name: releases(rest, mapped, mapping) for name, rest in without_each(facts)}
    return [
        _said(release, {name: found[number] for name, found in fewer.items()}, gate)
        for number, release in enumerate(releases(facts, mapped, mapping))
    ]


def _said(release: Release, fewer: Mapping[str, Release], gate: PolicyGate) -> Said:
    def against(of: Release, doubted: str | None = None) -> frozenset[str]:
        return refusing(gate.document(read(of.document, lambda name: name == doubted)), of)

    in_order = against(release)
    missing = {name: against(release, name) - in_order for name in sorted(set(unknowns(release.document)))}
    standing = {name: in_order - against(less) for name, less in fewer.items()}
    return Said(
        release=release,
        as_told=gate.document(read(release.document, lambda _: True)),
        rest_in_order=gate.document(read(release.document, lambda _: False)),
        missing={name: codes for name, codes in missing.items() if codes},
        standing={name: codes for name, codes in standing.items() if codes},
    )


def refusing(decision: Mapping[str, Any], release: Release) -> frozenset[str]:
    """Return the codes that stand against a release: reasons, open steps, and who must look first.

    At the question the steps are what the other side still has to do, and beside a refusal a referral is an offer of
    help: those stand against nothing.
    """
    against = {reason["code"] for reason in decision["reasons"]}
    against |= set(decision["todo"]) if release.document["stage"] == "answer" else set()
    return frozenset(against | (set(decision["referrals"]) if decision["outcome"] == "refer" else set()))


def goes(decision: Mapping[str, Any], release: Release) -> bool:
    """Tell whether the policy lets all of it go, as it was done or asked."""
    allowed = {"allow"} if release.document["stage"] == "answer" else {"allow", "needs_approval"}
    return decision["outcome"] in PERMITS and all(part["verdict"] in allowed for part in decision["parts"])

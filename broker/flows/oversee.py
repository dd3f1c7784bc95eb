"""Oversee: the privacy officer reads decisions and events, replays decisions and gets the proofs.

Whoever looks is looked at: each inspection is an event of its own (NEN 7513: access to the log is logged).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from broker.crypto.canonical import parse_canonical
from broker.domain.deciding import authorise
from broker.domain.decision import Decided, Decision, Wanted
from broker.domain.directory import Actor, Organisation
from broker.domain.event import Proven, Recorded, SignedCheckpoint, WantedAttempts, act
from broker.domain.figures import WAITS, Figures, Quarter, figures_of
from broker.domain.obligation import Obligation
from broker.domain.published import newest_published, prove
from broker.domain.request import State
from broker.domain.store import Transaction
from broker.domain.wiring import Wiring
from broker.kernel.errors import (
    ConflictError,
    InputError,
    IntegrityError,
    NotFoundError,
    PolicyMalformed,
    SettingsError,
)
from broker.kernel.values import parse_moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Decisions on requests that the officer's organisation is a party to."""

    actor: Actor
    wanted: Wanted
    before: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchAttempts:
    """Calls of the people of the officer's organisation that were refused or failed."""

    actor: Actor
    wanted: WantedAttempts
    before: str | None = None
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A call of a member of staff that was refused or failed; `times` when it stands for several of the same hour."""

    id: str
    at: datetime
    refused: bool
    code: str
    staff: str
    call: str
    reasons: tuple[str, ...]
    times: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundAttempts:
    """Attempts that were searched for, and the codes of all that there are at this organisation."""

    attempts: tuple[Attempt, ...]
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The figures of the officer's organisation over a quarter."""

    actor: Actor
    quarter: Quarter


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspect:
    """One decision, or the events of one request."""

    actor: Actor
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """A decision on record, and what the same document gives again with the same bundle.

    `same`: the two are equal in all but the engine. When this version of the broker cannot decide it again `now` is
    None, and `impossible` is the code of why.
    """

    recorded: Decided
    now: Decision | None
    same: bool
    impossible: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounted:
    """A decision as an officer reads it; `proven` is None when no event of its request carries it.

    `staff` is who made it, None when he is of the other organisation.
    """

    decided: Decided
    staff: str | None
    requester: Organisation
    responder: Organisation
    proven: Proven | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """All that an officer may see of a request, for his evidence package; every event is proven in `checkpoint`.

    `parties` are who asked and who was asked, nobody once the request was erased; `vkey` is the log's verifier key.
    """

    request: str
    decisions: tuple[Decided, ...]
    events: tuple[Proven, ...]
    parties: tuple[Organisation, ...]
    checkpoint: SignedCheckpoint
    vkey: str


def search_decisions(command: Search, w: Wiring) -> tuple[Decided, ...]:
    """Return the decisions, newest first."""
    now = w.clock()
    with w.store.transaction() as tx:
        # Who looks for one colleague looks at him: that is what goes on record.
        _inspecting(command.actor, command.wanted.staff or "decisions", tx, w, now)
        return tx.decisions.search(command.wanted, reader=command.actor, before=command.before, limit=command.limit)


def search_attempts(command: SearchAttempts, w: Wiring) -> FoundAttempts:
    """Return the calls that were refused or failed, newest first.

    Who is in no directory is of no organisation: his attempts are in the log and found by nobody.
    """
    now = w.clock()
    with w.store.transaction() as tx:
        _inspecting(command.actor, "attempts", tx, w, now)
        found = tx.log.attempts(command.wanted, reader=command.actor, before=command.before, limit=command.limit)
        return FoundAttempts(
            attempts=tuple(_attempt(recorded) for recorded in found),
            codes=tx.log.attempt_codes(reader=command.actor),
        )


def duties(actor: Actor, w: Wiring) -> tuple[Obligation, ...]:
    """Return what waits for the officer: his own duties, and those of his colleagues whose term passed."""
    now = w.clock()
    with w.store.acting(actor, now) as tx:
        _inspecting(actor, "duties", tx, w, now)
        return tx.obligations.for_officer(reader=actor)


def count(command: Count, w: Wiring) -> Figures:
    """Return the figures, with what is too small left out."""
    months = command.quarter.months()
    codes = sorted(w.gate.law["reasons"])
    by_month: dict[str, int] = {}
    by_state: dict[str, int] = {}
    by_wait: dict[str, int] = {}
    now = w.clock()
    with w.store.transaction() as tx:
        _inspecting(command.actor, "figures", tx, w, now)
        for since, until in months:
            for state, wait, number in tx.requests.waits(since, until, reader=command.actor):
                by_month[f"{since:%Y-%m}"] = by_month.get(f"{since:%Y-%m}", 0) + number
                by_state[state.value] = by_state.get(state.value, 0) + number
                if wait is not None:
                    by_wait[wait] = by_wait.get(wait, 0) + number
        refusals = tx.decisions.refusals(codes, months[0][0], months[-1][1], reader=command.actor)
    return Figures(
        quarter=command.quarter,
        months=figures_of(by_month, [f"{since:%Y-%m}" for since, _ in months]),
        states=figures_of(by_state, [state.value for state in State if state is not State.ASKED]),
        waits=figures_of(by_wait, WAITS),
        refusals=figures_of(refusals, sorted(refusals)),
    )


def account(command: Inspect, w: Wiring) -> Accounted:
    """Return a decision with its request, its parties, who made it, and its event with the proof; or NotFoundError."""
    now = w.clock()
    with w.store.acting(command.actor, now) as tx:
        _inspecting(command.actor, command.subject, tx, w, now)
        decided = tx.decisions.get(command.subject, reader=command.actor)
        published = newest_published(tx, w.keys)
        events = tx.log.of_request(decided.request, reader=command.actor) if decided.request else ()
        found = next((one for one in events if parse_canonical(one.entry).get("decision") == decided.digest), None)
        side = "responder" if decided.stage == "answer" else "requester"
        return Accounted(
            decided=decided,
            staff=decided.staff if decided.document[side]["id"] == command.actor.organisation.id else None,
            requester=tx.directory.get_organisation(decided.document["requester"]["id"]),
            responder=tx.directory.get_organisation(decided.document["responder"]["id"]),
            proven=prove(found, published, tx) if found else None,
        )


def replay(command: Inspect, w: Wiring) -> Replayed:
    """Decide again on the document on record, with the bundle that it was decided with.

    Raises ConflictError `decision.other_bundle` when that bundle is not in the archive, IntegrityError when it was
    changed there, PolicyUnavailable when the engine is not there now.
    """
    now = w.clock()
    with w.store.transaction() as tx:
        _inspecting(command.actor, command.subject, tx, w, now)
        recorded = tx.decisions.get(command.subject, reader=command.actor)
    try:
        gate = w.gate.gate_of(recorded.decision.bundle_digest, partial(_archived, w=w))
        if gate is None:
            raise ConflictError("this decision was made with another policy bundle", code="decision.other_bundle")
        again = gate.again(recorded.document).decision
    except (InputError, PolicyMalformed, SettingsError) as fault:
        # It was decided then: what changed since is the broker. That is an answer, not a failure of this call.
        return Replayed(recorded=recorded, now=None, same=False, impossible=fault.code)
    return Replayed(recorded=recorded, now=again, same=_bare(again) == _bare(recorded.decision))


def _archived(digest: str, w: Wiring) -> Mapping[str, bytes]:
    with w.store.reading() as tx:
        return tx.bundles.files(digest)


def events_of(command: Inspect, w: Wiring) -> tuple[Proven, ...]:
    """Return the events of a request with their proofs in the newest checkpoint, or raise NotFoundError."""
    now = w.clock()
    with w.store.acting(command.actor, now) as tx:
        _inspecting(command.actor, command.subject, tx, w, now)
        return _proven_events(command, newest_published(tx, w.keys), tx)


def gather(command: Inspect, w: Wiring) -> Gathered:
    """Return a request's decisions and events as the officer may see them, in the order of the log, with their proofs.

    Raises NotFoundError as `events_of` does, ConflictError `package.not_logged_yet` before a signed checkpoint covers
    each event (try again when the log has caught up), IntegrityError when no event carries one of the decisions.
    """
    now = w.clock()
    with w.store.acting(command.actor, now) as tx:
        _inspecting(command.actor, command.subject, tx, w, now)
        published = newest_published(tx, w.keys)
        events = _proven_events(command, published, tx)
        if published is None or any(event.proof is None for event in events):
            raise ConflictError("no signed checkpoint covers each event yet", code="package.not_logged_yet")
        named = [parse_canonical(event.recorded.entry).get("decision") for event in events]
        found = tx.decisions.of_request(command.subject, reader=command.actor)
        if not named or any(one.digest not in named for one in found):
            raise IntegrityError("a decision is not in the log", code="integrity.decision")
        return Gathered(
            request=command.subject,
            decisions=tuple(sorted(found, key=lambda one: named.index(one.digest))),
            events=events,
            parties=tuple(
                tx.directory.get_organisation(one.document[side]["id"])
                for one in found[:1]
                for side in ("requester", "responder")
            ),
            checkpoint=published,
            vkey=w.keys.vkey,
        )


def _proven_events(command: Inspect, published: SignedCheckpoint | None, tx: Transaction) -> tuple[Proven, ...]:
    # Every request has its decision from the start, erased or not; whose organisation is no party sees none.
    if not tx.decisions.is_decided(command.subject, reader=command.actor):
        raise NotFoundError("there is no such request for this reader")
    return tuple(prove(event, published, tx) for event in tx.log.of_request(command.subject, reader=command.actor))


def _attempt(recorded: Recorded) -> Attempt:
    entry, detail = parse_canonical(recorded.entry), recorded.detail or {}
    return Attempt(
        id=recorded.id,
        at=parse_moment(entry["at"]),
        refused=recorded.tag == "attempt:call:refused",
        code=entry["outcome"],
        staff=detail["staff"],
        call=detail["call"],
        reasons=tuple(detail["reasons"]),
        times=detail.get("times", 1),
    )


def _bare(decision: Decision) -> tuple[object, ...]:
    return (decision.outcome, decision.parts, decision.grounds, decision.reasons, decision.referrals,
            decision.obligations, decision.todo, decision.exceptions)  # fmt: skip


def _inspecting(actor: Actor, subject: str, tx: Transaction, w: Wiring, now: datetime) -> None:
    authorise("inspect", actor, now, w.gate)
    tx.log.append(act("log:record:inspected", actor, now, subject=subject))

"""Answer: the professional previews exactly what leaves, then releases it sealed, or declines with reasons.

1. `preview` asks the policy (stage `answer`) and keeps that decision; it says what goes, what is stripped and why, and
   to whose keys it is to be sealed. The professional's own machine seals; the broker never sees the text.
2. `release` asks again. Only if nothing changed since the preview, and exactly the allowed parts came sealed to exactly
   the requester's keys and signed by this professional, they are kept, under the decision that was previewed: a release
   has that one decision. Parts are handed out by `open`, and only once a signed checkpoint covers the event written
   here.
3. `decline` closes the request; a decision is made and kept all the same.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from broker.crypto.commitment import new_salt
from broker.crypto.seal import SealContext, verify_seal
from broker.domain.case import Case
from broker.domain.deciding import answering, authorise, decide
from broker.domain.decision import Decided, Decision
from broker.domain.directory import Actor, StaffKey
from broker.domain.document import Facts, changed_facts, operation_document
from broker.domain.event import RELEASED, Proven, act
from broker.domain.foresight import foreseen
from broker.domain.gate import Deciding
from broker.domain.obligation import RECORD, Obligation
from broker.domain.published import proven_bindings
from broker.domain.release import Release, SealedPart
from broker.domain.request import Declination, InformationRequest, State
from broker.domain.store import Transaction
from broker.domain.vocabulary import Operation
from broker.domain.weighing import WeighedPart, is_recorded
from broker.domain.wiring import Wiring
from broker.kernel.errors import ConflictError, InputError, RefusedError
from broker.kernel.values import legal_day, new_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The question what would leave now."""

    actor: Actor
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """The decision as it stands, the keys to seal each allowed part to, and what was weighed to be given.

    The broker cannot read an answer, so the client holds each statement against `weighed` before it seals it. Nor is
    the broker believed on whose keys these are: `bindings` are the events that say so, with their proofs, and `vkey` is
    the log's verifier key, for a client that has none from elsewhere.
    """

    request: InformationRequest
    decided: Decided
    recipients: tuple[StaffKey, ...]
    bindings: tuple[Proven, ...]
    vkey: str
    weighed: tuple[WeighedPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseAnswer:
    """The sealed parts, under the decision that was previewed."""

    actor: Actor
    request: str
    decision: str
    parts: tuple[SealedPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decline:
    """The professional gives nothing; his reasons are in his weighing, and what the asker is told is here."""

    actor: Actor
    request: str
    declination: Declination


def preview(command: Preview, w: Wiring) -> Previewed:
    """Decide what would leave now, keep the decision, and name the recipients' keys.

    Raises ConflictError `key.not_logged_yet` while the log has not caught up with one of them.
    """
    now = w.clock()
    gate = foreseen(lambda tx, gate: _gather(command, tx, gate, now), w)
    with w.store.acting(command.actor, now, on=("request", command.request)) as tx:
        request, facts, decided, recipients = _gather(command, tx, gate, now)
        tx.decisions.add(decided)
        tx.log.append(act("request:answer:previewed", command.actor, now, decided=decided))
        bindings = proven_bindings(tx, recipients, w.keys)
    weighed = tuple(part for part in facts.weighing.parts if part.give) if facts.weighing else ()
    return Previewed(
        request=request, decided=decided, recipients=recipients, bindings=bindings, vkey=w.keys.vkey, weighed=weighed
    )


def release(command: ReleaseAnswer, w: Wiring) -> Release:
    """Keep the sealed answer and write its event.

    Raises RefusedError when the policy does not permit, ConflictError `answer.changed` when it would now decide
    otherwise than previewed, InputError when the sealed parts are not exactly the allowed ones, SignatureError when a
    part was not signed by this professional. Nothing is changed then.
    """
    now = w.clock()
    gate = foreseen(lambda tx, gate: _gather(command, tx, gate, now), w)
    with w.store.acting(command.actor, now, on=("request", command.request)) as tx:
        request, facts, decided, keys = _gather(command, tx, gate, now)
        previewed = tx.decisions.get(command.decision, reader=command.actor)
        if previewed.request != request.id or not _is_still(previewed, decided):
            raise ConflictError("the decision is no longer the one previewed", code="answer.changed")
        if not decided.decision.allowed:
            raise RefusedError(
                "the policy does not permit this release",
                reasons=tuple(reason.code for reason in decided.decision.reasons),
            )
        recipients = {key.key_id for key in keys}
        responder_public = _check_sealed(tx, command, request, decided.decision, recipients)
        event = act(RELEASED, command.actor, now, decided=previewed)
        answer = Release(
            id=new_id("rel", now),
            request=request.id,
            decision=previewed.id,
            responder_public=responder_public,
            released_at=now,
            expires_at=_expiry(decided.decision),
            event=event.id,
            parts=command.parts,
            salt=new_salt(),
        )
        tx.requests.save(request.answered(State.RELEASED, now))
        tx.releases.add(answer)
        # Terms run from now, and not from the preview.
        tx.obligations.add(_obligations(decided.decision, previewed.id, request, facts, now))
        tx.log.append(replace(event, manifest=answer.commitment()))
    return answer


def decline(command: Decline, w: Wiring) -> Decided:
    """Close the request without an answer; ConflictError while the reasons are missing (KN-2018-6.4)."""
    now = w.clock()
    authorise("decline", command.actor, now, w.gate)
    gate = foreseen(lambda tx, gate: _gather(command, tx, gate, now), w)
    with w.store.acting(command.actor, now, on=("request", command.request)) as tx:
        request, facts, decided, _ = _gather(command, tx, gate, now)
        weighing = facts.weighing
        if weighing is None or not weighing.reasons_given or weighing.outcome != "refuse":
            raise ConflictError("a request is declined with a weighing that says so and why", code="answer.no_reasons")
        tx.requests.save(request.declined(command.declination, now))
        tx.decisions.add(decided)
        tx.log.append(act("request:answer:declined", command.actor, now, decided=decided))
    return decided


def _gather(
    command: Preview | ReleaseAnswer | Decline, tx: Transaction, gate: Deciding, now: datetime
) -> tuple[InformationRequest, Facts, Decided, tuple[StaffKey, ...]]:
    """Return the request, its facts, decide(answer) on them, and to whose keys an answer may be sealed.

    For who acts for the answering side and took it up; raises RefusedError and ConflictError for anybody else.
    """
    operation: Operation = "decline" if isinstance(command, Decline) else "weigh"
    request, facts = answering(operation, command.request, command.actor, now, gate, tx)
    request.check_in_hand(command.actor.staff.id)
    decided = decide("answer", command.actor, now, gate, request=request, facts=facts)
    recipients = () if isinstance(command, Decline) else _recipients(tx, gate, request, facts.case, now)
    return request, facts, decided, recipients


def _recipients(
    tx: Transaction, gate: Deciding, request: InformationRequest, case: Case, now: datetime
) -> tuple[StaffKey, ...]:
    """Return the keys of those on the case to whom the policy lets an answer be sealed today.

    Who left, whose mandate ended or who is no longer registered is none of them. How surely somebody signs in is asked
    when he opens.
    """
    receiving = [
        colleague.staff.id
        for colleague in tx.directory.colleagues(request.requester, "high", legal_day(now))
        if colleague.staff.id in case.staff
        and gate.decide(operation_document(operation="receive", now=now, actor=colleague)).decision.permits
    ]
    return tuple(
        key for key in tx.directory.current_keys(receiving) if key.organisation == request.requester
    )  # a key that was confirmed at another organisation is not known here


def _is_still(previewed: Decided, decided: Decided) -> bool:
    """Tell whether nothing changed since the preview: neither what would be decided nor the facts of the case."""
    unchanged = _substance(previewed.decision) == _substance(decided.decision)
    return unchanged and not changed_facts(previewed.document, decided.document)


def _substance(decision: Decision) -> Decision:
    """Return the decision without the dates that move with the clock between preview and release."""
    return replace(decision, obligations=tuple(replace(duty, due=None) for duty in decision.obligations))


def _check_sealed(
    tx: Transaction, command: ReleaseAnswer, request: InformationRequest, decision: Decision, recipients: set[str]
) -> bytes:
    """Check that exactly the allowed parts came, sealed to every recipient's key; return the key that signed them."""
    own = tx.directory.current_keys([command.actor.staff.id])
    if not own:
        raise ConflictError("enrol a key before releasing", code="answer.no_own_key")
    if not recipients:
        raise ConflictError("nobody at the requester has a key to seal to", code="answer.no_recipient")
    expected = {(*part.key, recipient) for part in decision.allowed for recipient in recipients}
    sealed = {(*part.key, part.recipient): part for part in command.parts}
    if len(sealed) != len(command.parts) or set(sealed) != expected:
        raise InputError("the sealed parts are not exactly the allowed ones", code="answer.not_the_allowed_parts")
    for part in command.parts:
        verify_seal(
            sealed=part.sealed,
            context=SealContext(
                request=request.id,
                question=part.question,
                category=part.category,
                person=part.person,
                decision=command.decision,
                requester=request.requester,
                responder=request.responder,
                recipient=part.recipient,
            ),
            responder_public=own[0].public_signing,
        )
    return own[0].public_signing


def _expiry(decision: Decision) -> datetime:
    """Return the moment OB-05 sets; without it there is no release, because it would never end."""
    due = [duty.due for duty in decision.obligations if duty.code == "OB-05" and duty.due]
    if not due:
        raise RefusedError("the decision sets no end to the release", reasons=("OB-05",))
    return min(due)


def _obligations(
    decision: Decision, under: str, request: InformationRequest, facts: Facts, now: datetime
) -> tuple[Obligation, ...]:
    recorded = is_recorded(facts.weighing, facts.steps)
    return tuple(
        Obligation(
            id=new_id("obl", now),
            request=request.id,
            decision=under,
            code=duty.code,
            on=duty.on,
            person=duty.person,
            due=duty.due,
            done_at=now if recorded and (duty.code, duty.on) == RECORD else None,
        )
        for duty in decision.obligations
    )

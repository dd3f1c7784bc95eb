"""Answers: what would leave, what left sealed, why there is none, and the parts to open."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body
from pydantic import Field, StringConstraints

from broker.api import shapes
from broker.api.decisions import DecisionOut
from broker.api.deps import Id, W, Who
from broker.api.events import EventOut
from broker.api.keys import KeyOut, public_halves
from broker.api.problems import PROBLEMS
from broker.api.requests import RequestLineOut
from broker.api.shapes import KEY_ID, Base64, Encoded, Out, Ref, Shape, Text
from broker.api.signed_in import SignedInRoute
from broker.crypto.base64text import encode_base64
from broker.domain import vocabulary as v
from broker.domain.directory import Actor, StaffKey
from broker.domain.event import Proven
from broker.domain.release import Release, SealedPart
from broker.domain.request import Declination, DeclinedBecause
from broker.flows import answer, open, publish  # noqa: A004

router = APIRouter(prefix="/v1", responses=PROBLEMS, route_class=SignedInRoute, tags=["answers"])


class SealedPartIn(Shape):
    """One sealed part, base64."""

    question: Ref
    person: Ref
    category: v.Category
    recipient: Annotated[str, StringConstraints(pattern=KEY_ID)]
    sealed: Base64 = Field(max_length=2 * 1024 * 1024)


class ReleaseIn(Shape):
    """The sealed answer, under the decision that was previewed."""

    most_bytes = None

    decision: shapes.Id
    parts: Annotated[list[SealedPartIn], Field(min_length=1, max_length=5000)]

    def command(self, request: str, who: Actor) -> answer.ReleaseAnswer:
        """Return the command to release it."""
        # `dict` and not `model_dump`, which would turn the sealed bytes back into base64.
        parts = tuple(SealedPart(**dict(part)) for part in self.parts)
        return answer.ReleaseAnswer(actor=who, request=request, decision=self.decision, parts=parts)


class DeclineIn(Shape):
    """What the asker is told of why he gets no answer: a reason from the list, and a sentence for him if any."""

    because: DeclinedBecause = "other"
    message: Text = ""


class RecipientOut(KeyOut):
    """A key to seal to, and the event of the log that commits to whose it is, so that who seals checks it.

    `public_opening` is the X-Wing public key; the log commits under `salt` to `binding`: whose key it is, and who
    confirmed it.
    """

    binding: dict[str, Any]
    salt: str
    event: EventOut

    @classmethod
    def bound(cls, key: StaffKey, proven: Proven) -> RecipientOut:
        """Return a key with what proves whose it is."""
        return cls(
            **public_halves(key),
            binding=key.binding(),
            salt=encode_base64(key.salt or b""),
            event=EventOut.of(proven),
        )


class WeighedOut(Out):
    """What the professional chose to give, so that his client seals nothing else."""

    question: str
    category: v.Category
    about: str
    kind: v.Kind


class PreviewedOut(Out):
    """What would leave now, and the keys that each allowed part is to be sealed to.

    `log` is the log's verifier key by the broker's word: who seals holds it against the one he had from elsewhere.
    """

    request: RequestLineOut
    decision: DecisionOut
    recipients: list[RecipientOut]
    log: str
    weighed: list[WeighedOut]

    @classmethod
    def of(cls, previewed: answer.Previewed) -> PreviewedOut:
        """Return a preview as the professional's client needs it."""
        bound = zip(previewed.recipients, previewed.bindings, strict=True)
        return cls(
            request=RequestLineOut.of(previewed.request),
            decision=DecisionOut.of(previewed.decided),
            recipients=[RecipientOut.bound(key, proven) for key, proven in bound],
            log=previewed.vkey,
            weighed=[WeighedOut.of(part) for part in previewed.weighed],
        )


class ReleasedOut(Out):
    """A release that stands; its parts are handed out once a signed checkpoint covers `event`."""

    id: str
    request: str
    event: str
    parts: int

    @classmethod
    def of(cls, released: Release) -> ReleasedOut:
        """Return what the professional is told of his release."""
        return cls(id=released.id, request=released.request, event=released.event, parts=len(released.parts))


class SealedPartOut(Out):
    """One sealed part, base64."""

    question: str
    person: str
    category: v.Category
    recipient: str
    sealed: Encoded


class ClosedOut(Out):
    """A part that was released and may not be opened now, and why."""

    question: str
    person: str
    category: v.Category
    reasons: list[v.ReasonCode]


class OpeningOut(Out):
    """The sealed parts that may be opened now with all that they are bound to, and which stay closed.

    `responder_public` is the professional's Ed25519 public key; `manifest`, what was released without the parts
    themselves, and `salt` open the commitment in `event`; `log` is the log's verifier key by the broker's word;
    `to_earlier_key` how many parts were sealed to a key that the reader had before.
    """

    decision: DecisionOut
    sealed_under: str
    requester: str
    responder: str
    responder_public: str
    manifest: dict[str, Any]
    salt: str
    event: EventOut
    log: str
    parts: list[SealedPartOut]
    closed: list[ClosedOut]
    to_earlier_key: int

    @classmethod
    def of(cls, opened: open.Opened) -> OpeningOut:
        """Return an opening as the requester's client needs it."""
        return cls(
            decision=DecisionOut.of(opened.decided),
            sealed_under=opened.release.decision,
            requester=opened.request.requester,
            responder=opened.request.responder,
            responder_public=encode_base64(opened.release.responder_public),
            manifest=opened.release.manifest(),
            salt=encode_base64(opened.release.salt or b""),
            event=EventOut.of(opened.proven),
            log=opened.vkey,
            parts=[SealedPartOut.of(part) for part in opened.parts],
            closed=[ClosedOut.of(part) for part in opened.closed],
            to_earlier_key=opened.to_earlier_key,
        )


@router.post("/requests/{request}/preview")
def preview(request: Id, who: Who, w: W) -> PreviewedOut:
    """Say exactly what would leave now, and to whose keys it is to be sealed."""
    return PreviewedOut.of(answer.preview(answer.Preview(actor=who, request=request), w))


@router.post("/requests/{request}/release", status_code=201)
def release(request: Id, body: ReleaseIn, who: Who, w: W) -> ReleasedOut:
    """Release the sealed parts under the decision that was previewed."""
    released = answer.release(body.command(request, who), w)
    publish.catch_up(w)
    return ReleasedOut.of(released)


@router.post("/requests/{request}/declination")
def decline(request: Id, who: Who, w: W, body: Annotated[DeclineIn, Body(default_factory=DeclineIn)]) -> DecisionOut:
    """Decline on a weighing with reasons; those stay with the professional, the asker is told what is sent here."""
    declination = Declination(body.because, body.message)
    return DecisionOut.of(answer.decline(answer.Decline(actor=who, request=request, declination=declination), w))


@router.post("/requests/{request}/opening")
def open_request(request: Id, who: Who, w: W) -> OpeningOut:
    """Hand out the sealed parts that may be opened now, and say why the others stay closed."""
    return OpeningOut.of(open.open_answer(open.Open(actor=who, request=request), w))

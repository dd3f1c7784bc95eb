"""The gate as the flows see it: the one way to a decision."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from broker.crypto.commitment import new_salt
from broker.domain.bundle import Served
from broker.domain.decision import Decided, Decision, decision_digest
from broker.domain.directory import Actor
from broker.kernel.values import new_id


@dataclass(frozen=True, slots=True)
class Gated:
    """The gate's answer to one document."""

    decision: Decision

    def on_record(self, *, request: str | None, actor: Actor, at: datetime, document: Mapping[str, Any]) -> Decided:
        """Return the decision as it goes on record, with the document that was decided on and a salt of its own."""
        salt = new_salt()
        return Decided(
            id=new_id("dec", at),
            request=request,
            stage=document["stage"],
            staff=actor.staff.id,
            at=at,
            document=document,
            decision=self.decision,
            digest=decision_digest(document, self.decision, salt),
            salt=salt,
        )


class Deciding(Protocol):
    """What a flow asks of the gate."""

    def decide(self, document: Mapping[str, Any]) -> Gated:
        """Validate the document, ask the engine, validate the answer; raise InputError or PolicyError, never guess."""

    def authorise(self, document: Mapping[str, Any]) -> frozenset[str]:
        """Ask whether the actor may carry out an operation; raise RefusedError with the reasons when not.

        Returns the steps that stay open by what is recorded with it.
        """


class DecidingAgain(Protocol):
    """The bundle that a decision on record was made with."""

    def again(self, document: Mapping[str, Any]) -> Gated:
        """Decide on a document that was taken before, whatever the schema of today says of it.

        Raises InputError or PolicyError when this version of the broker cannot, or cannot read the answer.
        """


class Gate(Deciding, DecidingAgain, Protocol):
    """The one way to a decision."""

    def gate_of(self, digest: str, files: Callable[[str], Mapping[str, bytes]]) -> DecidingAgain | None:
        """Return what decides again by the bundle of this digest; None when nothing does.

        It is this gate's own bundle when that is the one, else an earlier one, which `files` takes out of the archive.
        Raises IntegrityError for one that was changed there, SettingsError for one that cannot be loaded any more.
        """

    @property
    def served(self) -> Served:
        """What it decides by now, and what is wrong with that if anything is."""

    @property
    def bundle_digest(self) -> str | None:
        """The digest of the bundle it decides by; None when there is none."""

    @property
    def law(self) -> Mapping[str, Any]:
        """The dated tables of law that it decides by; raises PolicyUnavailable when there are none."""

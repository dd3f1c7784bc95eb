"""The database, as the flows see it: transactions over every noun.

Every read of case data takes the reader. What a reader may not see is not there: `NotFoundError`, never "forbidden".
A reader sees a case when it belongs to his organisation and he is assigned to it; a request, from the asking side,
when he sees its case, and from the answering side when it was delivered to his organisation and nobody else there has
taken it up. Nobody sees one request from both sides. What each side sees of it stands with each noun.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Literal, Protocol

from broker.domain.bundle import Bundles
from broker.domain.case import Cases
from broker.domain.consent import Consents
from broker.domain.decision import Decisions
from broker.domain.directory import Actor, Directory
from broker.domain.document import FactsOnRecord
from broker.domain.erasure import DataKeys, Erasures
from broker.domain.event import Log
from broker.domain.evidence import Evidence
from broker.domain.notice import Notices
from broker.domain.obligation import Obligations
from broker.domain.release import Releases
from broker.domain.request import Requests
from broker.domain.session import Sessions


class Reads(Protocol):
    """Who read what in which hour."""

    def note(self, staff: str, subjects: Sequence[str], hour: datetime) -> tuple[str, ...]:
        """Note that somebody reads these cases or requests in this hour; return those that he had not read in it."""


class Transaction(Protocol):
    """One transaction over everything; leaving the block commits, an exception rolls back."""

    directory: Directory
    cases: Cases
    requests: Requests
    consents: Consents
    facts: FactsOnRecord
    decisions: Decisions
    releases: Releases
    obligations: Obligations
    notices: Notices
    reads: Reads
    bundles: Bundles
    sessions: Sessions
    data_keys: DataKeys
    erasures: Erasures
    log: Log


Place = Literal["case", "request", "release", "consent", "erasure"]
"""What an act is on; each leads to one case. A release is known by its request."""


class Store(Protocol):
    """The database."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction; database failure of any kind is StoreUnavailable, a broken constraint ConflictError."""

    @property
    def holds_up_others(self) -> bool:
        """Whether everybody who writes waits for whoever acts."""

    def reading(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction that only reads and holds up no writer."""

    def looking(self) -> AbstractContextManager[Transaction]:
        """Begin to read without a transaction: each statement sees all that was committed before it.

        For what one statement tells, which is then the database's only work.
        """

    def acting(
        self, actor: Actor, now: datetime, *, on: tuple[Place, str] | None = None
    ) -> AbstractContextManager[Transaction]:
        """Begin a transaction in which this person acts, on the case of this place if any.

        Nobody else acts on it until the block is left, and the directory stays as it is: what was acknowledged first
        holds first. Raises ConflictError `store.race` when the actor is no longer who he was when he signed in.
        """

    def changing_directory(self, by: tuple[Actor, datetime] | None = None) -> AbstractContextManager[Transaction]:
        """Begin a transaction during which nobody acts: who is changed here is so for every act after it.

        `by` is who does it and when, None for the operator. Raises ConflictError as `acting` does.
        """

    def sequencing(self) -> AbstractContextManager[Transaction | None]:
        """Begin a transaction that alone, over all processes, may sequence and publish; None when another one does."""

    def evidence(self) -> AbstractContextManager[Evidence]:
        """Begin a read-only snapshot for verifying; it holds up no writer."""

    def close(self) -> None:
        """Close all connections."""

"""What the flows need from outside, as protocols; adapters implement them, `app.build_wiring` chooses them.

Every read of case data takes the reader. What a reader may not see is not there: `NotFoundError`, never "forbidden".
A reader sees a case when it belongs to his organisation and he is assigned to it; a request, from the asking side,
when he sees its case, and from the answering side when it was delivered to his organisation and nobody else there has
taken it up. Nobody sees one request from both sides. What each side sees of it stands with each noun.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, Protocol

from broker.crypto.commitment import new_salt
from broker.domain.bundle import LoadedBundle, Served
from broker.domain.case import Case
from broker.domain.consent import Consent, StepException
from broker.domain.decision import Decided, Decision, Wanted, decision_digest
from broker.domain.directory import Account, Actor, Mandate, Organisation, Staff, StaffKey
from broker.domain.document import Facts
from broker.domain.erasure import Erasure
from broker.domain.event import Event, Recorded, SignedCheckpoint
from broker.domain.obligation import Obligation
from broker.domain.release import Release
from broker.domain.request import InformationRequest, State
from broker.domain.session import Session
from broker.domain.vocabulary import Assurance
from broker.domain.weighing import StepDone, Weighing
from broker.kernel.values import new_id

Clock = Callable[[], datetime]
"""Returns the present moment, aware, in UTC. Taken once per flow, so that one act sees one clock."""


class Directory(Protocol):
    """Organisations, staff, mandates and enrolled keys. Not case data, so no reader."""

    def put_organisation(self, organisation: Organisation) -> None:
        """Add or replace an organisation by its id."""

    def put_staff(self, staff: Staff, account: Account | None = None) -> None:
        """Add or replace a member of staff by id; None keeps the account he has, NotFoundError when he is new.

        An account is one person's, else ConflictError.
        """

    def put_mandate(self, mandate: Mandate) -> None:
        """Add a mandate; the same one twice is no change."""

    def get_organisation(self, organisation: str) -> Organisation:
        """Return the organisation or raise NotFoundError."""

    def organisations(self) -> tuple[Organisation, ...]:
        """Return all organisations, by name."""

    def get_staff(self, staff: str) -> Staff:
        """Return the member of staff with this id, active or not, or raise NotFoundError."""

    def find_actor(self, account: Account, assurance: Assurance, on: date) -> Actor | None:
        """Return who acts, with the mandate covering `on` or else the latest; None for unknown or inactive staff."""

    def actor(self, staff: str, assurance: Assurance, on: date) -> Actor | None:
        """Return the member of staff with this id as he acts, as `find_actor` does."""

    def colleagues(self, organisation: str, assurance: Assurance, on: date) -> tuple[Actor, ...]:
        """Return the active staff of an organisation as they would act, by id; signed in this surely."""

    def put_key(self, key: StaffKey) -> StaffKey:
        """Enrol a key, which waits, in the place of one that waited; return it as it is on record.

        ConflictError `key.taken` for a key id that is another's.
        """

    def find_key(self, key_id: str) -> StaffKey | None:
        """Return the key with this id, revoked or not."""

    def confirm_key(self, key: StaffKey) -> None:
        """Keep a key as it was confirmed; the holder's earlier key in use is revoked at that moment."""

    def keys_of(self, staff: Sequence[str]) -> tuple[StaffKey, ...]:
        """Return the keys of these members of staff that are in use or wait, the oldest first."""

    def current_keys(self, staff: Sequence[str]) -> tuple[StaffKey, ...]:
        """Return the keys in use of these members of staff, by key id."""


class Cases(Protocol):
    """Cases and their persons, in the requester's file."""

    def add(self, case: Case) -> None:
        """Keep a new case with its persons and staff."""

    def save(self, case: Case) -> None:
        """Keep changed facts of a case (phase, order, staff, persons' flags); names are re-encrypted."""

    def get(self, case: str, *, reader: Actor) -> Case:
        """Return the case with its persons for this reader, or raise NotFoundError."""

    def behind(self, request: str, *, reader: Actor) -> Case:
        """Return the case behind a request that this reader sees; also for the responder's side."""

    def all_of(self, *, reader: Actor) -> tuple[Case, ...]:
        """Return the cases this reader sees, newest first."""


class Requests(Protocol):
    """Requests with everything the professional adds to them."""

    def add(self, request: InformationRequest) -> None:
        """Keep a new request."""

    def save(self, request: InformationRequest) -> None:
        """Keep a request's new state; its version must follow the stored one, else ConflictError `request.stale`."""

    def get(self, request: str, *, reader: Actor) -> InformationRequest:
        """Return the request for this reader or raise NotFoundError."""

    def asked_by(
        self, *, reader: Actor, before: str | None = None, limit: int | None = None
    ) -> tuple[InformationRequest, ...]:
        """Return the requests on the reader's cases, newest first: the worklist; those asked before this one if any."""

    def inbox(
        self, *, reader: Actor, before: str | None = None, limit: int | None = None
    ) -> tuple[InformationRequest, ...]:
        """Return the requests delivered to the reader's organisation that are his to take or taken by him."""

    def waits(self, since: datetime, until: datetime, *, reader: Actor) -> tuple[tuple[State, str | None, int], ...]:
        """Return how many requests of this period the reader's organisation is a party to, by state and wait."""

    def put_step(self, request: str, step: StepDone) -> None:
        """Record a step as done; doing it again replaces the note."""

    def steps(self, request: str, *, reader: Actor) -> tuple[StepDone, ...]:
        """Return the steps done, in their order; none for the asking side."""

    def put_exception(self, request: str, exception: StepException) -> None:
        """Record a consent-step exception; one per side, person and code."""

    def exceptions(self, request: str, *, reader: Actor) -> tuple[StepException, ...]:
        """Return the exceptions that either side claims; for the asking side its own."""

    def put_weighing(self, request: str, weighing: Weighing) -> None:
        """Record or replace the weighing."""

    def find_weighing(self, request: str, *, reader: Actor) -> Weighing | None:
        """Return the weighing so far; None for the asking side."""


class Consents(Protocol):
    """Consent records of a case."""

    def add(self, consent: Consent) -> None:
        """Keep a new consent record."""

    def save(self, consent: Consent) -> None:
        """Keep its changed status."""

    def get(self, consent: str, *, reader: Actor) -> Consent:
        """Return the record when the reader's organisation made it and he sees its case or a request on it.

        Otherwise NotFoundError.
        """

    def of_case(self, case: str, *, reader: Actor) -> tuple[Consent, ...]:
        """Return the consents about persons of this case, oldest first, for a reader as above.

        Who is asked also gets those of the asking organisation about the persons of its requests to him.
        """


class FactsOnRecord(Protocol):
    """What the policy decides on. It has no reader, because it goes into the decision document and nowhere else."""

    def of(self, request: InformationRequest) -> Facts:
        """Return all that is on record about this request, which its reader was let to before."""

    def of_released(self, request: InformationRequest, release: Release) -> Facts:
        """Return the same for the opening of what was released: weighed is only what left."""


class Decisions(Protocol):
    """Decisions on record."""

    def add(self, decided: Decided, *, case: str | None = None) -> None:
        """Keep a decision with the document that was decided on; `case` is what one without a request is about."""

    def get(self, decision: str, *, reader: Actor) -> Decided:
        """Return a decision that the reader's organisation sees from its side, else NotFoundError."""

    def of_request(self, request: str, *, reader: Actor) -> tuple[Decided, ...]:
        """Return the decisions on a request that the reader's organisation sees from its side, oldest first."""

    def is_decided(self, request: str, *, reader: Actor) -> bool:
        """Tell whether the reader's organisation sees from its side that this request was decided on, erased or not."""

    def latest_at(self, request: str) -> datetime:
        """Return when the newest decision on a request was made; each has one from the start."""

    def search(
        self, wanted: Wanted, *, reader: Actor, before: str | None = None, limit: int = 100
    ) -> tuple[Decided, ...]:
        """Return decisions that the reader's organisation sees from its side, newest first."""

    def refusals(self, codes: Sequence[str], since: datetime, until: datetime, *, reader: Actor) -> dict[str, int]:
        """Return how many requests of this period were refused or referred when asked, by reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOut:
    """A release that ran out: its id and its request's."""

    id: str
    request: str


class Releases(Protocol):
    """Sealed answers."""

    def add(self, release: Release) -> None:
        """Keep a release with its sealed parts."""

    def find_of(self, request: str, *, reader: Actor) -> Release | None:
        """Return the release on a request that the reader sees, with all its sealed parts, or None."""

    def run_out(self, now: datetime, *, limit: int) -> tuple[RunOut, ...]:
        """Return releases that ran out and still have their parts, the longest ago first."""

    def erase(self, release: str, at: datetime) -> None:
        """Delete the parts of a release for good."""


class Obligations(Protocol):
    """Duties whose clocks run."""

    def add(self, obligations: Sequence[Obligation]) -> None:
        """Keep new obligations."""

    def of_request(self, request: str, *, reader: Actor) -> tuple[Obligation, ...]:
        """Return the obligations of a request that the reader sees, by due date."""

    def get(self, obligation: str, *, reader: Actor) -> Obligation:
        """Return a duty that the reader may owe: of his side of a request he sees, or an officer's of who answered."""

    def save(self, obligations: Sequence[Obligation]) -> None:
        """Keep that they were done, or are overdue; ConflictError `store.race` when one was done in the meantime."""

    def due(self, request: str, *, on: str, code: str | None = None) -> tuple[Obligation, ...]:
        """Return the duties of this party on a request that have a date and are not done."""

    def passed(self, now: datetime, *, limit: int) -> tuple[tuple[Obligation, str], ...]:
        """Return duties of people whose term passed and of which that is not on record, each with whose it is."""

    def for_officer(self, *, reader: Actor) -> tuple[Obligation, ...]:
        """Return what waits for an officer of this organisation: his own duties, and his colleagues' overdue ones."""


class Reads(Protocol):
    """Who read what in which hour."""

    def note(self, staff: str, subjects: Sequence[str], hour: datetime) -> tuple[str, ...]:
        """Note that somebody reads these cases or requests in this hour; return those that he had not read in it."""


class Bundles(Protocol):
    """The policy bundles that were ever loaded. Not case data, so no reader."""

    def add(self, bundle: LoadedBundle) -> None:
        """Remember a bundle; one with the same revision is ConflictError."""

    def loaded(self) -> tuple[LoadedBundle, ...]:
        """Return all bundles that were ever loaded, oldest first."""


class Sessions(Protocol):
    """Sessions in browsers. Not case data, so no reader; a kept form is encrypted and goes to its writer only."""

    def add(self, session: Session) -> None:
        """Keep a new session."""

    def find(self, session: str) -> Session | None:
        """Return the session of this id, whether it is live or not."""

    def touch(self, session: str, now: datetime) -> None:
        """Keep that the session was used."""

    def remove(self, session: str) -> None:
        """Forget a session and what was kept for it."""

    def keep_form(self, session: str, path: str, fields: Sequence[tuple[str, str]]) -> None:
        """Keep a form that came too late, encrypted; a later one takes its place."""

    def take_form(self, staff: str, path: str) -> list[tuple[str, str]] | None:
        """Return the newest form kept for this person and place, and forget it."""

    def sweep(self, now: datetime) -> None:
        """Forget sessions whose time is over."""

    def put_program(self, digest: str, now: datetime) -> bool:
        """Remember which program the pages bring along from now on; tell whether it is another than before."""


class Erasures(Protocol):
    """Erasures asked for and carried out."""

    def add(self, erasure: Erasure) -> None:
        """Keep what was asked for."""

    def save(self, erasure: Erasure) -> None:
        """Keep that it was carried out; ConflictError `store.race` when it was in the meantime."""

    def get(self, erasure: str, *, reader: Actor) -> Erasure:
        """Return what was asked for at the reader's organisation, or raise NotFoundError."""

    def waiting(self, *, reader: Actor) -> tuple[Erasure, ...]:
        """Return what waits for a second person of the reader's organisation, the oldest first."""

    def subjects(self, case: str, person: str | None) -> tuple[str, ...]:
        """Return whose data keys an erasure destroys: a person's, or those of a case, its persons and its requests.

        Raises NotFoundError for a person who is not in it, ConflictError `erasure.in_use` while a question on the case
        is open or an answer is kept.
        """


class DataKeys(Protocol):
    """The data keys under which texts lie encrypted, wrapped under a storage key."""

    def destroy(self, subject: str) -> None:
        """Destroy the subject's data key: what was encrypted under it is gone for good."""

    def rewrap(self, after: str, *, limit: int) -> tuple[str | None, int]:
        """Wrap the next data keys after this subject under the newest storage key.

        Returns the last subject that was looked at, None when there was none left, and how many were wrapped anew.
        """


class Log(Protocol):
    """The event log inside one transaction: append here; sequencing and publishing are the sequencer's."""

    def append(self, event: Event) -> None:
        """Write the event's entry and its encrypted detail; its index comes after the commit, from the sequencer."""

    def get(self, event: str) -> Recorded:
        """Return an event, or raise NotFoundError."""

    def of_request(self, request: str, *, reader: Actor) -> tuple[Recorded, ...]:
        """Return the events of a request in the order of the log, those not yet sequenced last.

        Each side gets the details of its own acts only, and the asking side no event of what is still weighed.
        """

    def recorded(self, start: int, end: int) -> tuple[Recorded, ...]:
        """Return the sequenced events with start <= index < end."""

    def find_latest(self) -> SignedCheckpoint | None:
        """Return the newest signed checkpoint."""

    def checkpoints(self) -> tuple[SignedCheckpoint, ...]:
        """Return all signed checkpoints, oldest first."""

    def inclusion(self, index: int, size: int) -> tuple[bytes, ...]:
        """Return the inclusion proof of a sequenced event in the tree of `size` entries (RFC 9162 2.1.3)."""

    def consistency(self, old: int, new: int) -> tuple[bytes, ...]:
        """Return the consistency proof between two tree sizes (RFC 9162 2.1.4)."""

    def destroy_detail(self, event: str) -> None:
        """Destroy an event's detail and salt for good; entry, index and every proof stay as they are."""

    def sequence(self, limit: int) -> int:
        """Give the next indexes to at most `limit` committed events and extend the tree; return how many."""

    def size(self) -> int:
        """Return the number of sequenced events."""

    def root(self) -> bytes:
        """Return the root of the tree over all sequenced events."""

    def publish(self, published: SignedCheckpoint) -> None:
        """Keep a signed checkpoint."""

    def keep(self, published: SignedCheckpoint, event: Event) -> None:
        """Append an event that commits to a signed checkpoint, so that it cannot be taken away later."""


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
    reads: Reads
    bundles: Bundles
    sessions: Sessions
    data_keys: DataKeys
    erasures: Erasures
    log: Log


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """What the database holds of one event: the entry, and what stands beside it and must agree with it.

    `leaf` is the tree's leaf hash at the event's index; `commitment` is made anew from detail and salt, None when those
    were destroyed; `changes` is the hash over what it says of rows, made anew, None when it changed none.
    """

    id: str
    index: int | None
    waits: bool
    tag: str
    request: str | None
    decision: str | None
    entry: bytes
    leaf: bytes | None
    commitment: str | None
    changes: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDecision:
    """A decision's digest as recorded, as made anew from its documents, and whether an event carries it.

    `found` is None for a decision that was erased.
    """

    digest: str
    found: str | None
    has_event: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedRelease:
    """A release's request, and tag and request of the event it names; both None when there is no such event."""

    request: str
    event_tag: str | None
    event_request: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A row that is not as the log says: changed, missing, or one that no event speaks of (`unknown`)."""

    table: str
    key: tuple[str | int, ...]
    found: Literal["changed", "missing", "unknown"]


class Evidence(Protocol):
    """All that must add up, read in one snapshot and one by one. It has no reader: digests and ids, no case data."""

    def events(self) -> Iterator[LoggedEvent]:
        """Yield all events in log order, unsequenced ones last; SealError for a detail that does not open.

        What each says of the rows that it changed is remembered for `differences`.
        """

    def checkpoints(self) -> Iterator[SignedCheckpoint]:
        """Yield all signed checkpoints, oldest first."""

    def expect_node(self, level: int, position: int, subtree: bytes) -> None:
        """Remember a node that the tree must hold."""

    def differences(self) -> Iterator[Difference]:
        """Yield every row that is not what the events and the nodes so far say, and every one of which none does."""

    def rows(self) -> int:
        """Return how many rows were compared."""

    def decisions(self) -> Iterator[LoggedDecision]:
        """Yield all decisions."""

    def releases(self) -> Iterator[LoggedRelease]:
        """Yield all releases."""


Place = Literal["case", "request", "consent", "erasure"]
"""What an act is on; each leads to one case."""


class Store(Protocol):
    """The database."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction; database failure of any kind is StoreUnavailable, a broken constraint ConflictError."""

    @property
    def holds_up_others(self) -> bool:
        """Whether everybody who writes waits for whoever acts."""

    def reading(self) -> AbstractContextManager[Transaction]:
        """Begin a transaction that only reads and holds up no writer."""

    def acting(
        self, actor: Actor, now: datetime, *, on: tuple[Place, str] | None = None
    ) -> AbstractContextManager[Transaction]:
        """Begin a transaction in which this person acts, on the case of this case, request, consent or erasure if any.

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

    def authorise(self, document: Mapping[str, Any]) -> None:
        """Ask whether the actor may carry out an operation; raise RefusedError with the reasons when not."""


class Gate(Deciding, Protocol):
    """The one way to a decision."""

    @property
    def served(self) -> Served:
        """What it decides by now, and what is wrong with that if anything is."""

    @property
    def bundle_digest(self) -> str | None:
        """The digest of the bundle it decides by; None when there is none."""

    @property
    def law(self) -> Mapping[str, Any]:
        """The dated tables of law that it decides by; raises PolicyUnavailable when there are none."""


class Signer(Protocol):
    """Signs checkpoints under a name; hands out no key bytes."""

    name: str
    public: bytes

    def sign(self, message: bytes) -> bytes:
        """Return the raw Ed25519 signature, or raise KeyUnavailable."""


class Keys(Protocol):
    """What the key ring does for others: it hands out operations, never key bytes."""

    def log_signer(self) -> Signer:
        """Return the signer of checkpoints."""

    @property
    def vkey(self) -> str:
        """The log's verifier key, also while the key itself may not be used."""

    def recall_checkpoint(self) -> str | None:
        """Return the note of the newest checkpoint that was remembered beside the log key; None when there is none."""

    def check(self) -> None:
        """Raise KeyUnavailable when one of the keys may not be used now."""

    def remember_checkpoint(self, note: str) -> None:
        """Have this checkpoint on disk beside the log key, outside the database, when this returns."""

    def wrap_data_key(self, data_key: bytes, *, context: bytes) -> bytes:
        """Wrap a data key under the storage key, bound to its context."""

    def unwrap_data_key(self, wrapped: bytes, *, context: bytes) -> bytes:
        """Unwrap what `wrap_data_key` made for the same context."""

    def rewrap_data_key(self, wrapped: bytes, *, context: bytes) -> bytes | None:
        """Wrap the same data key under the newest storage key; None when it is already."""

    def pseudonym(self, *, purpose: str, organisation: str, identifier: str) -> str:
        """Return the stand-in for a person, different for each purpose and organisation."""


class Attempts(Protocol):
    """Remembers failed and refused calls until the log can be written."""

    def note(self, attempt: Event) -> None:
        """Remember one attempt."""

    def write(self, store: Store) -> int:
        """Write what is remembered to the log and return how many; on failure everything stays remembered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wiring:
    """Everything a flow may use, chosen once by the composition root."""

    store: Store
    gate: Gate
    keys: Keys
    clock: Clock
    attempts: Attempts

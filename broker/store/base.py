"""The database as the flows see it: one transaction over everything, the sequencer's, and the verifier's snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime

from sqlalchemy import Connection, func, select
from typing_extensions import override

from broker.domain.directory import Actor
from broker.domain.keys import Keys
from broker.domain.store import Place
from broker.domain.store import Store as StorePort
from broker.domain.store import Transaction as TransactionPort
from broker.kernel.errors import BrokerError, ConflictError, SettingsError
from broker.kernel.values import legal_day
from broker.store.bundle import Bundles
from broker.store.case import Cases
from broker.store.changes import Changes
from broker.store.consent import Consents
from broker.store.decision import Decisions
from broker.store.directory import Directory
from broker.store.encryption import Encryption
from broker.store.engine import PATIENCE, errors_named, for_looking, for_reading, for_turns, open_engine
from broker.store.erasure import Erasures
from broker.store.evidence import Evidence
from broker.store.facts import FactsOnRecord
from broker.store.log import Log
from broker.store.notice import Notices
from broker.store.obligation import Obligations
from broker.store.reads import Reads
from broker.store.release import Releases
from broker.store.replay import seen_proofs  # noqa: F401  its table belongs to the schema
from broker.store.session import Sessions
from broker.store.turn import take_directory, take_turn
from broker.store.version import has_current_schema
from broker.store.weighing import WeighedRequests

# The sequencer's place among PostgreSQL's advisory locks; they are per database, so two brokers do not meet here.
_SEQUENCER_LOCK = int.from_bytes(b"sequence", "big")
_TRY_SEQUENCER = select(func.pg_try_advisory_xact_lock(_SEQUENCER_LOCK))


class Transaction(TransactionPort):
    """Every noun over one connection; `encryption.destroy` forgets a subject."""

    def __init__(self, connection: Connection, keys: Keys) -> None:
        self.changes = changes = Changes(connection)
        self.encryption = encryption = Encryption(connection, keys, changes)
        directory, cases = Directory(connection, keys, changes), Cases(connection, encryption, changes)
        requests, consents = WeighedRequests(connection, encryption, changes), Consents(connection, changes)
        decisions = Decisions(connection, encryption, changes)
        self.directory = directory
        self.cases = cases
        self.requests = requests
        self.consents = consents
        self.facts = FactsOnRecord(connection, directory, cases, consents, requests, decisions)
        self.decisions = decisions
        self.releases = Releases(connection, changes)
        self.obligations = Obligations(connection, changes)
        self.notices = Notices(connection)
        self.reads = Reads(connection, changes)
        self.bundles = Bundles(connection, changes)
        self.sessions = Sessions(connection, encryption, changes)
        self.erasures = Erasures(connection, changes)
        self.data_keys = encryption
        log = Log(connection, encryption, changes)
        self.log = log
        self.adopt = log.adopt


class Store(StorePort):
    """A database with the current schema, on SQLite (`sqlite:///file`) or PostgreSQL (`postgresql://…`)."""

    def __init__(self, url: str, keys: Keys, *, patience: float | None = PATIENCE) -> None:
        """Connect once to look at the schema; `patience` as in `open_engine`.

        Raises SettingsError when it is not the one of this version, StoreUnavailable when the database is not there.
        """
        self._engine = open_engine(url, patience=patience)
        self._keys = keys
        try:
            with errors_named(), self._engine.connect() as connection:
                if not has_current_schema(connection):
                    raise SettingsError("the database has not the schema of this version; run `broker migrate` first")
        except BrokerError:
            self._engine.dispose()
            raise

    def __repr__(self) -> str:
        return f"<Store on {self._engine.dialect.name}>"

    @override
    @property
    def holds_up_others(self) -> bool:
        """Whether everybody who writes waits for whoever acts: on SQLite; on PostgreSQL acts on one case take turns."""
        return self._engine.dialect.name == "sqlite"

    @override
    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with errors_named(), self._engine.begin() as connection, self._adopting(connection) as transaction:
            yield transaction

    @override
    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        with self._snapshot() as connection:
            yield Transaction(connection, self._keys)

    @override
    @contextmanager
    def looking(self) -> Iterator[Transaction]:
        with errors_named(), self._engine.connect() as connection, for_looking(connection).begin():
            yield Transaction(connection, self._keys)

    @override
    @contextmanager
    def acting(self, actor: Actor, now: datetime, *, on: tuple[Place, str] | None = None) -> Iterator[Transaction]:
        with self._waiting() as connection:
            take_turn(connection, actor, legal_day(now), on=on)
            with self._adopting(connection) as transaction:
                _check_unchanged(transaction, actor, now)
                yield transaction

    @override
    @contextmanager
    def changing_directory(self, by: tuple[Actor, datetime] | None = None) -> Iterator[Transaction]:
        with self._waiting() as connection:
            take_directory(connection)
            with self._adopting(connection) as transaction:
                if by is not None:
                    _check_unchanged(transaction, *by)
                yield transaction

    @override
    @contextmanager
    def sequencing(self) -> Iterator[Transaction | None]:
        """Begin a transaction that alone, over all processes, may sequence and publish.

        On PostgreSQL it does not wait: None when another one has the lock. On SQLite writers wait for each other.
        """
        with self._waiting() as connection:
            if not _is_alone(connection):
                yield None
                return
            with self._adopting(connection) as transaction:
                yield transaction

    @override
    @contextmanager
    def evidence(self) -> Iterator[Evidence]:
        with self._snapshot() as connection, closing(Evidence(connection, self._keys)) as evidence:
            yield evidence

    @contextmanager
    def _snapshot(self) -> Iterator[Connection]:
        """Begin a database transaction that only reads."""
        with errors_named(), self._engine.connect() as connection, for_reading(connection).begin():
            yield connection

    @contextmanager
    def _waiting(self) -> Iterator[Connection]:
        """Begin a database transaction for who waits for a lock first."""
        with errors_named(), self._engine.connect() as connection, for_turns(connection).begin():
            yield connection

    @contextmanager
    def _adopting(self, connection: Connection) -> Iterator[Transaction]:
        """Yield every noun over this connection; rows that no act accounts for are taken up as the block is left."""
        transaction = Transaction(connection, self._keys)
        yield transaction
        transaction.adopt()

    @override
    def close(self) -> None:
        self._engine.dispose()


def _check_unchanged(transaction: Transaction, actor: Actor, now: datetime) -> None:
    known = transaction.directory.actor(actor.staff.id, actor.assurance, legal_day(now))
    if known != actor:
        raise ConflictError("the actor was changed in the meantime", code="store.race")


def _is_alone(connection: Connection) -> bool:
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.execute(_TRY_SEQUENCER).scalar_one())

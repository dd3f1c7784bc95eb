"""Texts encrypted at rest: a data key per subject, and forgetting somebody by destroying one.

| subject | its texts |
|---|---|
| a person | name, birth date |
| a case | the requester's reference |
| a request | question texts, concern, step notes, weighing reasons, its decisions, details of its events |
| a decision without request | itself, unless it is about a case: then the case's |
| an event without request | its detail |
| a session | the form that is kept for it; the key stands beside it |

The data keys lie here wrapped under the storage key, which the database never sees; the subject's id is bound into
the wrapping, and table, column and row into each text, so that nothing can be moved. Data keys are unwrapped at most
once in a transaction and not kept beyond it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import Column, Connection, LargeBinary, Table, Text, bindparam, delete, select, update
from typing_extensions import override

from broker.crypto.envelope import decrypt_field, encrypt_field, new_data_key
from broker.domain.erasure import DataKeys as DataKeysPort
from broker.domain.keys import Keys
from broker.store.changes import Changes
from broker.store.schema import metadata

data_keys = Table(
    "data_keys",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
)

_FIND = select(data_keys).where(data_keys.c.subject.in_(bindparam("subjects", expanding=True)))

_DESTROY = delete(data_keys).where(data_keys.c.subject == bindparam("of"))
_REWRAP = update(data_keys).where(data_keys.c.subject == bindparam("of"), data_keys.c.wrapped == bindparam("before"))


class Encryption(DataKeysPort):
    """The encrypted texts of one transaction."""

    def __init__(self, connection: Connection, keys: Keys, changes: Changes) -> None:
        self._connection, self._changes = connection, changes
        self._keys = keys
        self._data_keys: dict[str, bytes] = {}
        self._forgetting: list[Callable[[str], None]] = []

    def __repr__(self) -> str:
        return f"<Encryption of {len(self._data_keys)} subjects>"

    def begin(self, subjects: Iterable[str]) -> None:
        """Make and keep a data key for each new subject, in one statement; a subject twice is ConflictError."""
        fresh = {subject: new_data_key() for subject in subjects}
        rows = [{"subject": subject, "wrapped": self._wrap(key, subject)} for subject, key in fresh.items()]
        self._changes.insert(data_keys, rows)
        self._data_keys.update(fresh)

    def make(self, subject: str) -> bytes:
        """Make a data key for a subject and return it wrapped, for a row that keeps it itself."""
        key = self._data_keys[subject] = new_data_key()
        return self._wrap(key, subject)

    def find(self, subjects: Iterable[str]) -> frozenset[str]:
        """Have the data keys of these subjects ready, in at most one statement; return those that have one."""
        wanted = frozenset(subjects)
        missing = wanted - self._data_keys.keys()
        if missing:
            for subject, wrapped in self._connection.execute(_FIND, {"subjects": sorted(missing)}):
                self._data_keys[subject] = self._unwrap(wrapped, subject)
        return wanted & self._data_keys.keys()

    def encrypt(self, text: str, *, subject: str, table: str, column: str, row: str) -> bytes | None:
        """Encrypt a text of a subject for its place; `begin` or `find` has made the data key ready.

        None when there is no data key: who was forgotten stays forgotten, and new words are not kept either.
        """
        if subject not in self._data_keys:
            return None
        return encrypt_field(self._data_keys[subject], text, table=table, column=column, row=row)

    def decrypt(
        self, encrypted: bytes | None, *, subject: str, wrapped: bytes | None, table: str, column: str, row: str
    ) -> str | None:
        """Return the text, or None when there is none or the subject's data key was destroyed.

        `wrapped` is the data key as the same statement read it. Raises SealError for changed or moved bytes.
        """
        if encrypted is None or wrapped is None:
            return None
        if subject not in self._data_keys:
            self._data_keys[subject] = self._unwrap(wrapped, subject)
        return decrypt_field(self._data_keys[subject], encrypted, table=table, column=column, row=row)

    @override
    def destroy(self, subject: str) -> None:
        for forget in self._forgetting:
            forget(subject)
        self._changes.delete(_DESTROY, {"of": subject})
        self._data_keys.pop(subject, None)

    def when_destroyed(self, forget: Callable[[str], None]) -> None:
        """Have what follows from a subject's texts taken away too when its data key is destroyed."""
        self._forgetting.append(forget)

    @override
    def rewrap(self, after: str, *, limit: int) -> tuple[str | None, int]:
        statement = select(data_keys).where(data_keys.c.subject > after).order_by(data_keys.c.subject).limit(limit)
        rows, number = self._connection.execute(statement).all(), 0
        for subject, wrapped in rows:
            anew = self._keys.rewrap_data_key(wrapped, context=subject.encode())
            if anew is not None:
                number += self._changes.update(_REWRAP, {"of": subject, "before": wrapped, "wrapped": anew})
        return rows[-1].subject if rows else None, number

    def _wrap(self, data_key: bytes, subject: str) -> bytes:
        return self._keys.wrap_data_key(data_key, context=subject.encode())

    def _unwrap(self, wrapped: bytes, subject: str) -> bytes:
        return self._keys.unwrap_data_key(wrapped, context=subject.encode())

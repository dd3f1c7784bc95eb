"""Every table, every column: one value changed, two swapped, a row deleted, added or all gone. Each is noticed.

The matrix comes from the schema: a table or column that is added tomorrow is in it, and the test says so when nothing
is there to tamper with. What a table's `info` leaves out, and why, is asserted below word for word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import combinations
from typing import Any

import pytest
from family import (
    CASE,
    CONSENT,
    DOCTOR,
    NOW,
    OBLIGATION,
    RELEASE,
    REQUEST,
    STEP,
    VT,
    WEIGHING,
    WORKER,
    answer,
    decided,
    event,
)
from sqlalchemy import Connection, Table, and_, delete, exc, insert, select, text, update

from broker.crypto.note import VerifierKey
from broker.domain.bundle import LoadedBundle
from broker.domain.consent import StepException
from broker.domain.directory import StaffKey
from broker.domain.erasure import Erasure
from broker.domain.session import Session
from broker.domain.wiring import Wiring
from broker.flows.publish import publish
from broker.flows.verify import verify_log
from broker.kernel.errors import IntegrityError
from broker.keyring import Keyring
from broker.store.base import Store, Transaction
from broker.store.engine import open_engine
from broker.store.evidence import Evidence
from broker.store.schema import by_key, metadata

LEFT_OUT = {
    "kept_forms": "passing",
    "notice_channels": "passing",
    "notices": "passing",
    "seen_proofs": "passing",
    "sessions": "uncommitted ends",
    "attempt_marks": "derived",
    "decision_marks": "derived",
    "events": "derived",
    "log_nodes": "derived",
}
"""Whose rows no event commits to, or not in full. `derived` ones are compared with what they follow from."""

_FROM_NULL: dict[type, Any] = {
    int: 1,
    bool: False,
    str: "x",
    bytes: b"x",
    date: date(2026, 1, 1),
    object: NOW,
    dict: {"x": 1},
}

TABLES = [table for table in metadata.sorted_tables if "passing" not in table.info]


@pytest.fixture
def filled(store: Store, wiring: Wiring) -> Store:
    """Return a store with two rows or more in every table of the matrix, and everything published."""
    with store.transaction() as tx:
        answer(tx)
        _second_of_each(tx)
    publish(wiring)
    with store.transaction() as tx:
        tx.log.append(event("event:later"))
    publish(wiring)
    return store


def test_what_is_left_out_is_written_down() -> None:
    assert {table.name: " ".join(table.info) for table in metadata.sorted_tables if table.info} == LEFT_OUT


@pytest.fixture
def connection(filled: Store, url: str) -> Iterator[Connection]:
    """Yield the forger's own connection to the filled store, on which no foreign key holds."""
    engine = open_engine(url)
    with engine.connect() as opened:
        _without_foreign_keys(opened)
        yield opened
    engine.dispose()


def test_each_change_of_each_table_is_noticed(connection: Connection, keys: Keyring, vkeys: Any) -> None:
    tried = 0
    with _rolled_back(connection):
        assert _is_noticed(connection, keys, vkeys) is None, "untouched it must add up"
    for table in TABLES:
        for name, tamper in _tampering(connection, table):
            with _rolled_back(connection):
                try:
                    changed = tamper(connection)
                except (exc.IntegrityError, exc.DataError, exc.ProgrammingError):
                    continue  # the database does not let it happen
                assert changed, f"{table.name}, {name}: nothing was changed"
                found = _is_noticed(connection, keys, vkeys)
            assert found is not None, f"{table.name}, {name}: not noticed"
            tried += 1
    assert tried > 250


def test_finding_names_table_and_row(connection: Connection, keys: Keyring, vkeys: Any) -> None:
    with _rolled_back(connection):
        connection.execute(text("UPDATE staff SET registration = 'geen' WHERE id = 'staff:doctor'"))
        connection.execute(text("DELETE FROM steps WHERE step = 'ST-05'"))
        found = _is_noticed(connection, keys, vkeys)
    assert found is not None
    assert found.errors == (
        "staff staff:doctor: it was changed past the broker",
        "steps request:1 ST-05: it was taken away past the broker",
    )


def _second_of_each(tx: Transaction) -> None:
    tx.cases.add(replace(CASE, id="case:2", persons=(), order=None))
    tx.requests.add(replace(REQUEST, id="request:2", asked_at=NOW + timedelta(hours=1), purpose="vt_advies"))
    tx.consents.add(replace(CONSENT, id="consent:2", about="child1", status="refused", until_on=date(2027, 1, 1)))
    tx.requests.put_step(REQUEST.id, replace(STEP, step="ST-05", done_at=NOW + timedelta(hours=1)))
    tx.requests.put_weighing("request:2", replace(WEIGHING, outcome="refuse", parts=()))
    for side, person in (("asking", "mother"), ("answering", "child1")):
        tx.requests.put_exception(
            REQUEST.id, StepException(side=side, person=person, code="X1", recorded=True, reviewed_on=date(2026, 11, 1))
        )
    tx.decisions.add(replace(decided("decision:2", "request:2"), stage="open"))
    tx.releases.add(replace(RELEASE, id="release:2", request="request:2", event="event:released:2"))
    tx.obligations.add([replace(OBLIGATION, id="obligation:2", due=None, person="mother", code="OB-04")])
    asked = Erasure(
        id="erasure:1", case=CASE.id, person="father", organisation=VT.id, asked_by=WORKER.staff.id, asked_at=NOW
    )
    tx.erasures.add(asked.confirmed(DOCTOR.staff.id, NOW))
    tx.erasures.add(replace(asked, id="erasure:2", case="case:2", person=None, asked_at=NOW + timedelta(hours=1)))
    for number, member in enumerate((WORKER, DOCTOR)):
        key = bytes([number]) * 32
        enrolled = StaffKey(
            key_id=f"key:{number}", staff=member.staff.id, public_opening=key, public_signing=key, enrolled_at=NOW
        )
        tx.directory.put_key(enrolled)
        tx.directory.confirm_key(
            enrolled.confirmed(
                organisation=member.organisation.id, by=f"by:{number}", at=NOW, event=f"event:confirmed:{number}"
            )
        )
        tx.sessions.add(
            Session(
                id=f"session:{number}",
                staff=member.staff.id,
                assurance="high",
                csrf=str(number),
                created_at=NOW,
                seen_at=NOW,
            )
        )
        tx.bundles.add(
            LoadedBundle(revision=f"2026.11.{number}", digest=f"sha256:{number}", signers=("one",), loaded_at=NOW)
        )
        tx.bundles.archive(f"sha256:{number}", {"manifest.json": b"{}", "signatures.json": bytes([number])})
        tx.sessions.put_program(f"program {number}", NOW + timedelta(days=number))
    tx.reads.note(WORKER.staff.id, [REQUEST.id, CASE.id], NOW.replace(minute=0, second=0, microsecond=0))
    recorded = decided("decision:2", "request:2")
    for number, who in enumerate((WORKER, DOCTOR)):
        called = {"staff": who.staff.id, "organisation": who.organisation.id, "call": "GET /v1/cases", "reasons": []}
        tag, code = "attempt:call:refused", "policy.refused"
        tx.log.append(event(f"event:attempt:{number}", request=None, tag=tag, outcome=code, detail=called))
    tx.log.append(event("event:second", request="request:2", decision=recorded.digest))
    tx.log.append(event("event:released:2", request="request:2", tag="request:answer:released"))


@contextmanager
def _rolled_back(connection: Connection) -> Iterator[None]:
    transaction = connection.begin()
    try:
        yield
    finally:
        transaction.rollback()


def _without_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET session_replication_role = replica")
        connection.commit()
    else:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys = OFF")


def _is_noticed(connection: Connection, keys: Keyring, vkeys: tuple[VerifierKey, ...]) -> IntegrityError | None:
    """Verify what this open transaction sees, and return the finding; any other error is a crash and fails the test."""

    class Open:
        @contextmanager
        def evidence(self) -> Iterator[Evidence]:
            evidence = Evidence(connection, keys)
            try:
                yield evidence
            finally:
                evidence.close()

    try:
        verify_log(Open(), vkeys=vkeys)  # type: ignore[arg-type]
    except IntegrityError as finding:
        return finding
    return None


def _tampering(connection: Connection, table: Table) -> Iterator[tuple[str, Callable[[Connection], int]]]:
    with _rolled_back(connection):
        rows = [by_key(table.c, row._mapping) for row in connection.execute(select(table).order_by(*table.primary_key))]
    assert len(rows) > 1, f"{table.name} has too little to tamper with: put two rows in `_second_of_each`"
    keys = {column.key for column in table.primary_key}

    def at(row: dict[str, Any]) -> Any:
        return and_(*(table.c[name] == row[name] for name in keys))

    for column in (column for column in table.c if column.name not in table.info.get("uncommitted", {})):
        row = next((row for row in rows if row[column.key] is not None), None)
        other = _FROM_NULL[column.type.python_type] if row is None else _other(row[column.key])

        yield (
            f"{column.name} changed",
            lambda c, row=row or rows[0], name=column.key, other=other: (
                c.execute(update(table).where(at(row)).values({name: other})).rowcount
            ),
        )
        pair = next(((a, b) for a, b in combinations(rows, 2) if a[column.key] != b[column.key]), None)
        if pair and column.key not in keys and not column.unique:
            yield f"{column.name} swapped", partial(_swap, table, at, pair, column.key)
    if "ends" not in table.info:
        for place, row in (("first", rows[0]), ("last", rows[-1])):
            yield f"{place} row deleted", lambda c, row=row: c.execute(delete(table).where(at(row))).rowcount
        yield "all rows deleted", lambda c: c.execute(delete(table)).rowcount
    copy = rows[0] | {name: _other(rows[0][name]) for name in keys}
    yield "a row added", lambda c: c.execute(insert(table).values(copy)).rowcount


def _swap(table: Table, at: Callable[..., Any], pair: Any, name: str, connection: Connection) -> int:
    return sum(
        connection.execute(update(table).where(at(one)).values({name: two[name]})).rowcount
        for one, two in (pair, pair[::-1])
    )


def _other(value: Any) -> Any:
    """Return another value of the same type."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1000
    if isinstance(value, bytes | memoryview):
        return bytes([bytes(value)[0] ^ 1]) + bytes(value)[1:]
    if isinstance(value, datetime):
        return value + timedelta(seconds=1)
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, str):
        return value + "x"
    return [*value, "x"] if isinstance(value, list) else {**value, "x": 1}

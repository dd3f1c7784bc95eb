"""Migrations: from nothing to the tables of the code, and back; a store opens on that schema only."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from family import CASE, DOCTOR, NOW, REQUEST, STEP, WEIGHING, WORKER, account_named, answer, ask, decided, event
from sqlalchemy import Connection, Engine, inspect, text

import broker.store.base  # noqa: F401  all tables
from broker.crypto.canonical import canonical
from broker.domain.event import WantedAttempts
from broker.domain.weighing import StepRecord
from broker.domain.wiring import Wiring
from broker.flows.publish import publish
from broker.flows.verify import verify_log
from broker.kernel.errors import SettingsError, StoreUnavailable
from broker.keyring import Keyring
from broker.store.base import Store
from broker.store.changes import Changes
from broker.store.encryption import Encryption
from broker.store.engine import open_engine
from broker.store.migrations import config_for, migrate
from broker.store.schema import metadata
from broker.store.version import has_current_schema, newest_migration

NOBODY: Any = None


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """Yield an engine on a migrated database."""
    opened = open_engine(url)
    yield opened
    opened.dispose()


def test_migrated_database_has_the_tables_of_the_code(engine: Engine) -> None:
    with engine.begin() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        command.check(config_for(connection))


def is_current(url: str) -> bool:
    """Tell whether the database at this URL has the schema of this version."""
    engine = open_engine(url)
    with engine.connect() as connection:
        current = has_current_schema(connection)
    engine.dispose()
    return current


def test_newest_migration_is_the_one_that_alembic_runs_last(engine: Engine) -> None:
    with engine.connect() as connection:
        assert ScriptDirectory.from_config(config_for(connection)).get_heads() == [newest_migration()]
        assert MigrationContext.configure(connection).get_current_heads() == (newest_migration(),)


def test_migrating_again_changes_nothing(url: str) -> None:
    assert is_current(url)
    migrate(url)
    assert is_current(url)


def test_downgrade_leaves_nothing_and_upgrade_brings_it_back(engine: Engine, url: str, keys: Keyring) -> None:
    with engine.begin() as connection:
        command.downgrade(config_for(connection, lambda: keys), "base")
    with engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    assert not is_current(url)
    with pytest.raises(SettingsError, match="broker migrate"):
        Store(url, keys)
    migrate(url)
    Store(url, keys).close()


def test_rows_from_before_the_facts_stay_and_say_none_of_them(engine: Engine, url: str, keys: Keyring) -> None:
    plain = {
        "case": replace(CASE, vir=None),
        "request": replace(
            REQUEST,
            concern=replace(REQUEST.concern, compelling_need=""),
            questions=tuple(replace(question, only_whether_known=False) for question in REQUEST.questions),
            directly_involved=False,
            bsn_of=frozenset(),
        ),
        "weighing": replace(
            WEIGHING,
            parts=tuple(replace(part, police_article="8") for part in WEIGHING.parts),
            good_care=False,
            bsn_of=frozenset(),
        ),
    }
    store = Store(url, keys)
    with store.transaction() as tx:
        ask(tx)
        tx.requests.put_weighing(REQUEST.id, WEIGHING)
    with engine.begin() as connection:
        command.downgrade(config_for(connection, lambda: keys), "0003-1")
        _write_as_before(connection, keys)
    assert not is_current(url)
    with pytest.raises(SettingsError, match="needs the broker's keys"):
        migrate(url)
    assert not is_current(url)

    migrate(url, lambda: keys)

    with store.transaction() as tx:
        assert tx.cases.get(CASE.id, reader=WORKER) == plain["case"]
        assert tx.requests.get(REQUEST.id, reader=DOCTOR) == plain["request"]
        assert tx.requests.find_weighing(REQUEST.id, reader=DOCTOR) == plain["weighing"]
        tx.cases.save(CASE)
        tx.requests.put_weighing(REQUEST.id, WEIGHING)
    with store.transaction() as tx:
        assert tx.cases.get(CASE.id, reader=WORKER) == CASE
        assert tx.requests.find_weighing(REQUEST.id, reader=DOCTOR) == WEIGHING
    store.close()


def test_step_that_did_not_count_does_not_come_to_count_by_going_back(
    engine: Engine, url: str, keys: Keyring, vkeys: Any
) -> None:
    store = Store(url, keys)
    with store.transaction() as tx:
        ask(tx)
        tx.requests.put_step(REQUEST.id, STEP)
        tx.requests.put_step(REQUEST.id, replace(STEP, step="ST-05", complete=False))
        tx.log.append(event(request=REQUEST.id))
    with engine.begin() as connection:
        command.downgrade(config_for(connection, lambda: keys), "0016")
    migrate(url, lambda: keys)

    with store.reading() as tx:
        (left,) = tx.requests.steps(REQUEST.id, reader=DOCTOR)
    assert left == replace(STEP, record=StepRecord(note=STEP.record.note))
    publish(Wiring(store=store, gate=NOBODY, keys=keys, clock=lambda: NOW, attempts=NOBODY))
    verify_log(store, vkeys=vkeys)
    store.close()


def test_decisions_in_plain_text_are_encrypted_and_staff_still_known(
    engine: Engine, url: str, keys: Keyring, vkeys: Any
) -> None:
    store = Store(url, keys)
    with store.transaction() as tx:
        answer(tx)
        tx.decisions.add(decided("decision:2", None), case=CASE.id)
        tx.log.append(event(decision=decided("decision:2").digest))
        before = tx.decisions.get("decision:1", reader=WORKER)
    with store.transaction() as tx:
        tx.requests.add(replace(REQUEST, id="request:erased"))
        tx.decisions.add(decided("decision:3", "request:erased"))
        tx.log.append(event(decision=decided("decision:3").digest))
    with store.transaction() as tx:
        tx.encryption.destroy("request:erased")
    publish(Wiring(store=store, gate=NOBODY, keys=keys, clock=lambda: NOW, attempts=NOBODY))
    with engine.begin() as connection:
        command.downgrade(config_for(connection, lambda: keys), "0012")
        # Version 0012 left this behind of what was erased.
        left = {"question": '{"weight":9.5}'}
        connection.execute(text("UPDATE decisions SET question = :question WHERE id = 'decision:3'"), left)
        connection.execute(text("INSERT INTO decision_marks VALUES ('org:vt', 'decision', 'decision:3')"))
        assert '"weight":1.5' in connection.scalar(text("SELECT question FROM decisions WHERE id = 'decision:1'"))
        connection.execute(text("UPDATE staff SET subject = substr(id, 7)"))  # what no stand-in tells

    migrate(url, lambda: keys)

    with engine.connect() as connection:
        kept = connection.execute(text("SELECT encrypted FROM decisions ORDER BY id")).scalars().all()
    assert kept[2] is None
    assert b"weight" not in b"".join(map(bytes, kept[:2]))
    publish(Wiring(store=store, gate=NOBODY, keys=keys, clock=lambda: NOW, attempts=NOBODY))
    assert verify_log(store, vkeys=vkeys).decisions == 3
    with store.reading() as tx:
        assert tx.decisions.get("decision:1", reader=WORKER) == before
        found = tx.directory.find_actor(account_named("worker"), "high", NOW.date())
        assert found is not None
        assert found.staff == WORKER.staff
    store.close()


def test_archive_that_was_dropped_and_begun_anew_adds_up(engine: Engine, url: str, keys: Keyring, vkeys: Any) -> None:
    w = Wiring(store=Store(url, keys), gate=NOBODY, keys=keys, clock=lambda: NOW, attempts=NOBODY)
    with w.store.transaction() as tx:
        tx.bundles.archive("sha256:1", {"manifest.json": b"{}", "signatures.json": b"{}"})
        tx.log.append(event())
    publish(w)
    verify_log(w.store, vkeys=vkeys)
    with engine.begin() as connection:
        command.downgrade(config_for(connection, lambda: keys), "0015")

    migrate(url, lambda: keys)

    publish(w)
    verify_log(w.store, vkeys=vkeys)
    with w.store.transaction() as tx:
        assert tx.bundles.archived() == frozenset()
        tx.bundles.archive("sha256:1", {"manifest.json": b"{}"})
        tx.log.append(event("event:again"))
    publish(w)
    assert verify_log(w.store, vkeys=vkeys).rows
    w.store.close()


def test_attempts_from_before_are_found_and_add_up(engine: Engine, url: str, keys: Keyring, vkeys: Any) -> None:
    w = Wiring(store=Store(url, keys), gate=NOBODY, keys=keys, clock=lambda: NOW, attempts=NOBODY)
    by_worker = {"staff": WORKER.staff.id, "organisation": WORKER.organisation.id, "call": "GET /", "reasons": []}
    by_nobody = {"issuer": "https://login.example.nl", "subject": "somebody", "call": "GET /", "reasons": []}
    refused = event(request=None, tag="attempt:call:refused", outcome="policy.refused")
    with w.store.transaction() as tx:
        for name, detail in (("worker", by_worker), ("nobody", by_nobody), ("gone", by_worker)):
            tx.log.append(replace(refused, id=f"event:{name}", detail=detail))
    with w.store.transaction() as tx:
        tx.log.destroy_detail("event:gone")
        tx.log.append(event("event:after", request=None))
    with engine.begin() as connection:
        command.downgrade(config_for(connection, lambda: keys), "0017")
    with pytest.raises(SettingsError, match="needs the broker's keys"):
        migrate(url)

    migrate(url, lambda: keys)

    with w.store.reading() as tx:
        assert [one.id for one in tx.log.attempts(WantedAttempts(), reader=WORKER)] == ["event:worker"]
        assert tx.log.attempt_codes(reader=WORKER) == ("policy.refused",)
        assert tx.log.attempts(WantedAttempts(), reader=DOCTOR) == ()
    publish(w)
    verify_log(w.store, vkeys=vkeys)
    w.store.close()


def _write_as_before(connection: Connection, keys: Keyring) -> None:
    """Write what is kept inside a column as it was written before: without the names of the facts."""
    questions = [
        {
            "id": question.id,
            "person": question.person,
            "categories": list(question.categories),
            "specific": question.specific,
            "period_months": question.period_months,
        }
        for question in REQUEST.questions
    ]
    parts = [
        {
            name: getattr(part, name)
            for name in ("question", "category", "about", "give", "kind", "approved_separately", "third_party_needed")
        }
        for part in WEIGHING.parts
    ]
    concern = {name: getattr(REQUEST.concern, name) for name in ("nature", "seriousness", "content")}
    encryption = Encryption(connection, keys, Changes(connection))
    encryption.find([REQUEST.id])
    row = {
        "questions": json.dumps(questions),
        "parts": json.dumps(parts),
        "concern": encryption.encrypt(
            canonical(concern).decode(), subject=REQUEST.id, table="requests", column="concern", row=REQUEST.id
        ),
    }
    connection.execute(text("UPDATE requests SET questions = :questions, concern = :concern"), row)
    connection.execute(text("UPDATE weighings SET parts = :parts"), row)


def test_empty_file_is_migrated(tmp_path: Path, keys: Keyring) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    with pytest.raises(SettingsError, match="broker migrate"):
        Store(url, keys)
    migrate(url)
    Store(url, keys).close()


def test_failed_migration_leaves_the_database_as_it_was(engine: Engine, url: str) -> None:
    with engine.begin() as connection:
        command.downgrade(config_for(connection), "base")
        connection.exec_driver_sql("CREATE TABLE checkpoints (other INTEGER)")
    with pytest.raises(StoreUnavailable):
        migrate(url)
    with engine.connect() as connection:
        assert sorted(inspect(connection).get_table_names()) == ["alembic_version", "checkpoints"]


@pytest.mark.parametrize("bad", ["mysql://host/name", "no url", "postgresql://user:geheim@host:port/x"])
def test_other_url_is_refused_without_repeating_it(bad: str, keys: Keyring) -> None:
    with pytest.raises(SettingsError) as caught:
        Store(bad, keys)
    assert "geheim" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_database_that_is_not_there_is_unavailable(tmp_path: Path, keys: Keyring) -> None:
    with pytest.raises(StoreUnavailable):
        Store(f"sqlite:///{tmp_path / 'no' / 'folder.db'}", keys)
    with pytest.raises(StoreUnavailable):
        Store(f"postgresql://nobody@/nothing?host={tmp_path}", keys)

"""Rotation of the storage key: all goes on under the new one, and what was erased is gone from the backups too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from broker_keys import key_uris
from logged import publish_all
from running import Broker
from sqlalchemy import select

from broker.domain.wiring import Wiring
from broker.flows import rewrap as rewrapping
from broker.flows.rewrap import rewrap
from broker.kernel.errors import KeyUnavailable
from broker.keyring import make_key, open_keyring, write_key
from broker.store.base import Store
from broker.store.encryption import data_keys


@contextmanager
def reopened(broker: Broker, *storage: str) -> Iterator[Wiring]:
    """Open the broker's database again with these storage keys, the first of which wraps."""
    uris = key_uris(broker.directory) | {"storage": ",".join(storage)}
    keys = open_keyring(uris, clock=broker.clock)
    with closing(Store(broker.url, keys)) as store:
        yield replace(broker.w, store=store, keys=keys)


def new_key(broker: Broker) -> str:
    """Make the next storage key and return its URI."""
    path: Path = broker.directory / "storage-2.json"
    write_key(path, make_key("storage", identifier="storage-2", now=broker.clock(), name=""))
    return path.as_uri()


def wrapped_under(w: Any) -> set[bytes]:
    """Return the ids of the storage keys that wrap a data key now."""
    with w.store.reading() as tx:
        rows = tx.encryption._connection.execute(select(data_keys.c.wrapped)).scalars()
        return {wrapped.partition(b"\x00")[0] for wrapped in rows}


def test_everything_is_read_under_the_new_key_alone(own_either: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rewrapping, "AT_A_TIME", 3)
    worker, (request, _) = own_either.actor("worker"), own_either.matter.released()
    older, newer = key_uris(own_either.directory)["storage"], new_key(own_either)
    with reopened(own_either, newer) as w, pytest.raises(KeyUnavailable):
        replace(own_either, w=w).verify()  # what it cannot read it does not call forged
    with reopened(own_either, newer, older) as w:
        number = rewrap(w)
        assert number > 3
        assert wrapped_under(w) == {b"storage-2"}
        assert rewrap(w) == 0
    with reopened(own_either, newer) as w:
        publish_all(w)
        with w.store.transaction() as tx:
            case = tx.cases.of_request(request, reader=worker)
            assert all(person.name for person in case.persons)
            assert tx.requests.get(request, reader=worker).concern.nature
        replace(own_either, w=w).verify()


def test_what_was_erased_is_not_brought_back_by_a_backup_after_the_rotation(own_broker: Broker) -> None:
    worker, request = own_broker.actor("worker"), own_broker.matter.delivered()
    older, newer = key_uris(own_broker.directory)["storage"], new_key(own_broker)
    with own_broker.w.store.reading() as tx:
        backup = dict(tx.encryption._connection.execute(select(data_keys.c.subject, data_keys.c.wrapped)).all())
    with own_broker.w.store.transaction() as tx:
        person = tx.cases.of_request(request, reader=worker).persons[0]
        tx.encryption.destroy(person.id)
    with reopened(own_broker, newer, older) as w:
        rewrap(w)
        assert w.keys.unwrap_data_key(backup[person.id], context=person.id.encode())  # until the old key is destroyed
    with reopened(own_broker, newer) as w, pytest.raises(KeyUnavailable):
        w.keys.unwrap_data_key(backup[person.id], context=person.id.encode())

"""The gate of a serving broker: closed until an edition is good, and never opened or closed by a bad one after it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from broker_keys import fresh_keys
from databases import fresh_postgres, fresh_sqlite
from editions import CURRENT, Desk, sign_manifest
from logged import events_of, publish_all
from running import MovableClock, embedded_gate
from serving import free_port

from broker.app import keep_policy
from broker.compose import build_edition_gate
from broker.crypto.canonical import parse_canonical
from broker.domain.wiring import Wiring
from broker.flows.attempt import PendingAttempts
from broker.kernel.errors import ConflictError, PolicyUnavailable, StoreUnavailable
from broker.policy.cases import ASK
from broker.policy.edition import server_bundle
from broker.policy.local import local_opa
from broker.policy.signer import add_signer, format_public, make_signer
from broker.settings import Policy
from broker.store.base import Store

NEXT, LATER = "9000.12.1", "9000.12.10"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


@pytest.fixture
def wiring(desk: Desk, tmp_path: Path) -> Iterator[Wiring]:
    """Yield a wiring whose gate has seen nothing yet."""
    clock = MovableClock()
    keys = fresh_keys(tmp_path, clock)
    store = Store(fresh_sqlite(tmp_path), keys)
    yield Wiring(store=store, gate=_gate(desk), keys=keys, clock=clock, attempts=PendingAttempts())
    store.close()


def _gate(desk: Desk) -> Any:
    return build_edition_gate(Policy(edition=desk.edition, signers=desk.signers))


def _restarted(w: Wiring, desk: Desk) -> Wiring:
    return Wiring(store=w.store, gate=_gate(desk), keys=w.keys, clock=w.clock, attempts=w.attempts)


def _serves(w: Wiring) -> tuple[str, str | None, str | None]:
    keep_policy(w)
    served = w.gate.served
    return served.status, served.revision, served.reason


def _is_closed(w: Wiring) -> None:
    with pytest.raises(PolicyUnavailable):
        w.gate.decide(ASK)
    with pytest.raises(PolicyUnavailable):
        w.gate.authorise(ASK)
    assert w.gate.bundle_digest is None


def test_gate_is_closed_until_it_was_refreshed(wiring: Wiring, desk: Desk) -> None:
    desk.offer()
    assert (wiring.gate.served.status, wiring.gate.served.reason) == ("ERROR", "policy.not_loaded")
    _is_closed(wiring)

    assert _serves(wiring) == ("LOADED", CURRENT, None)
    decided = wiring.gate.decide(ASK).decision
    assert decided == embedded_gate().decide(ASK).decision
    assert wiring.gate.served.signers == (desk.signer.id,)


@pytest.mark.parametrize(("code", "served", "times"), [("store.race", "LOADED", 3), ("policy.downgrade", "ERROR", 1)])
def test_who_was_second_to_take_up_an_edition_tries_again_at_once(
    desk: Desk, code: str, served: str, times: int
) -> None:
    desk.offer()
    gate, tried = _gate(desk), 0

    def adopt(_: object) -> None:
        nonlocal tried
        tried += 1
        if tried < 3:
            raise ConflictError("another process was first", code=code)

    assert gate.refresh(adopt).status == served
    assert tried == times


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        (lambda _: Policy(), "policy.no_signers"),
        (lambda desk: Policy(signers=desk.signers), "policy.no_edition"),
        (lambda desk: Policy(edition=desk.edition), "policy.no_signers"),
    ],
)
def test_gate_without_its_settings_stays_closed(wiring: Wiring, desk: Desk, policy: Any, reason: str) -> None:
    desk.offer()
    w = Wiring(
        store=wiring.store,
        gate=build_edition_gate(policy(desk)),
        keys=wiring.keys,
        clock=wiring.clock,
        attempts=wiring.attempts,
    )

    assert _serves(w) == ("ERROR", None, reason)
    _is_closed(w)


def test_bad_edition_leaves_the_old_one_deciding_and_a_good_one_takes_over(wiring: Wiring, desk: Desk) -> None:
    desk.offer()
    _serves(wiring)
    before = wiring.gate.bundle_digest

    desk.offer_anyway(NEXT, lambda data: data["parameters"]["consent"].update(max_age_days=0))
    assert _serves(wiring) == ("STALE", CURRENT, "policy.parameters")
    assert wiring.gate.decide(ASK).decision.bundle_digest == before
    shutil.rmtree(desk.edition)
    assert _serves(wiring) == ("STALE", CURRENT, "policy.no_edition")

    desk.offer(NEXT)
    assert _serves(wiring) == ("LOADED", NEXT, None)
    assert wiring.gate.decide(ASK).decision.revision == NEXT
    assert wiring.gate.decide(ASK).decision.bundle_digest == wiring.gate.bundle_digest != before


def test_old_edition_put_back_is_loaded_again_without_news(wiring: Wiring, desk: Desk) -> None:
    desk.offer()
    _serves(wiring)
    kept = shutil.copytree(desk.edition, desk.folder / "kept")
    sign_manifest(desk.edition, make_signer())
    assert _serves(wiring)[0] == "STALE"
    shutil.rmtree(desk.edition)
    shutil.copytree(kept, desk.edition)

    assert _serves(wiring) == ("LOADED", CURRENT, None)
    assert len(_loads(wiring)) == 1


@pytest.mark.parametrize(
    ("revision", "reason"),
    [("9000.12.9", "policy.downgrade"), (LATER, "policy.same_revision"), ("1.0", "policy.downgrade")],
)
def test_lower_or_doubled_revision_is_refused_while_serving_and_after_a_restart(
    wiring: Wiring, desk: Desk, revision: str, reason: str
) -> None:
    desk.offer(LATER)
    assert _serves(wiring) == ("LOADED", LATER, None)
    desk.offer(revision, lambda data: data["parameters"]["consent"].update(max_age_days=30))
    assert _serves(wiring) == ("STALE", LATER, reason)

    again = _restarted(wiring, desk)
    assert _serves(again) == ("ERROR", None, reason)
    _is_closed(again)
    assert [one.revision for one in _remembered(wiring)] == [LATER]


def test_signer_taken_out_of_the_key_set_makes_the_edition_stale(wiring: Wiring, desk: Desk) -> None:
    desk.offer()
    _serves(wiring)
    desk.signers.unlink()
    desk.signer = make_signer()
    add_signer(desk.signers, desk.signer.public)
    assert _serves(wiring) == ("STALE", CURRENT, "policy.unknown_signer")

    desk.offer()
    assert _serves(wiring) == ("LOADED", CURRENT, None)
    assert wiring.gate.served.signers == (desk.signer.id,)


def test_edition_that_cannot_be_remembered_is_not_taken_up_and_tried_again(
    wiring: Wiring, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.offer()
    with monkeypatch.context() as patch:

        def unreachable(_: Store) -> Any:
            raise StoreUnavailable("the database is gone")

        patch.setattr(Store, "transaction", unreachable)
        assert _serves(wiring) == ("ERROR", None, "store.unavailable")
        _is_closed(wiring)

    assert _serves(wiring) == ("LOADED", CURRENT, None)


def test_each_load_is_an_event_that_carries_the_digest(wiring: Wiring, desk: Desk) -> None:
    desk.offer()
    _serves(wiring)
    _serves(wiring)
    desk.offer(NEXT)
    _serves(wiring)
    again = _restarted(wiring, desk)
    _serves(again)

    details = [dict(event.detail or {}) for event in _loads(wiring)]
    assert [detail["revision"] for detail in details] == [CURRENT, NEXT, NEXT]
    assert {tuple(detail["signers"]) for detail in details} == {(desk.signer.id,)}
    entries = [parse_canonical(event.entry)["outcome"] for event in _loads(wiring)]
    assert entries == [detail["digest"] for detail in details]
    assert [one.revision for one in _remembered(wiring)] == [CURRENT, NEXT]
    assert _remembered(wiring)[0].signers == (desk.signer.id,)


def test_decisions_go_on_while_editions_change(wiring: Wiring, desk: Desk) -> None:
    desk.offer()
    _serves(wiring)
    seen: set[str] = set()
    stopping = threading.Event()

    def decide() -> None:
        while not stopping.is_set():
            seen.add(wiring.gate.decide(ASK).decision.revision)

    deciding = threading.Thread(target=decide)
    deciding.start()
    try:
        for revision in ("9000.12.1", "9000.12.2", "9000.12.3"):
            desk.offer(revision)
            assert _serves(wiring) == ("LOADED", revision, None)
    finally:
        stopping.set()
        deciding.join()
    assert {CURRENT} <= seen <= {CURRENT, "9000.12.1", "9000.12.2", "9000.12.3"}


def _loads(w: Wiring) -> list[Any]:
    publish_all(w)
    return [event for event in events_of(w.store) if event.tag == "policy:bundle:loaded"]


def _remembered(w: Wiring) -> tuple[Any, ...]:
    with w.store.transaction() as tx:
        return tx.bundles.loaded()


def test_gate_that_asks_opa_waits_until_opa_has_the_bundle(wiring: Wiring, desk: Desk, opa_program: str) -> None:
    desk.offer()
    port = free_port()
    policy = Policy(
        engine="both",
        opa_address=f"http://127.0.0.1:{port}",
        opa_timeout=10,
        edition=desk.edition,
        signers=desk.signers,
    )
    w = Wiring(
        store=wiring.store,
        gate=build_edition_gate(policy),
        keys=wiring.keys,
        clock=wiring.clock,
        attempts=wiring.attempts,
    )
    assert _serves(w) == ("ERROR", None, "policy.opa_behind")

    signed, public = desk.edition / server_bundle(desk.signer.id), desk.folder / "signer.pub"
    public.write_text(format_public(desk.signer.public))
    with local_opa(opa_program, bundle=signed, key=public, port=port):
        assert _serves(w) == ("LOADED", CURRENT, None)
        assert w.gate.decide(ASK).decision.engine == "both"
        desk.offer(NEXT)
        assert _serves(w) == ("STALE", CURRENT, "policy.opa_behind")
        assert w.gate.decide(ASK).decision.revision == CURRENT
    with local_opa(opa_program, bundle=signed, key=public, port=port):
        assert _serves(w) == ("LOADED", NEXT, None)
        assert w.gate.decide(ASK).decision.revision == NEXT


def test_processes_that_start_at_once_all_take_up_the_edition(postgres_url: str, desk: Desk, tmp_path: Path) -> None:
    desk.offer()
    clock = MovableClock()
    keys = fresh_keys(tmp_path, clock)
    with fresh_postgres(postgres_url) as url:
        processes = [
            Wiring(store=Store(url, keys), gate=_gate(desk), keys=keys, clock=clock, attempts=PendingAttempts())
            for _ in range(3)
        ]
        threads = [threading.Thread(target=keep_policy, args=(w,)) for w in processes]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        # Who lost the race to remember it first is there the next time it looks.
        assert {_serves(w) for w in processes} == {("LOADED", CURRENT, None)}
        assert [one.revision for one in _remembered(processes[0])] == [CURRENT]
        for w in processes:
            w.store.close()  # type: ignore[attr-defined]

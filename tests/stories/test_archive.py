"""A decision of an earlier edition stays explainable: its bundle is kept, decides again, and can be taken out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from broker_keys import key_uris
from databases import fresh_postgres, fresh_sqlite
from editions import CURRENT, Desk, read_members, rewrite_manifest, write_members
from http_answers import codes_of
from running import Broker, running
from typer.testing import CliRunner

from broker.__main__ import app
from broker.app import keep_policy
from broker.compose import build_edition_gate
from broker.domain.decision import Decided
from broker.domain.wiring import Wiring
from broker.flows.oversee import Inspect, Replayed, replay
from broker.kernel.errors import ConflictError, InputError, IntegrityError
from broker.kernel.values import new_id
from broker.policy.bundle import EMBEDDED, MANIFEST, SERVER
from broker.policy.edition import SIGNATURES
from broker.policy.signer import add_signer, make_signer
from broker.settings import Policy

NEXT = "9000.12.1"


def stricter(data: dict[str, Any]) -> None:
    """Change what the request of these tests comes to."""
    data["parameters"]["investigation"].update(max_days=1)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yield the URL of an empty database, on each kind."""
    if request.param == "sqlite":
        yield fresh_sqlite(tmp_path)
        return
    with fresh_postgres(request.getfixturevalue("postgres_url")) as fresh:
        yield fresh


@contextmanager
def moved_on(desk: Desk, url: str) -> Iterator[tuple[Broker, Decided]]:
    """Yield a broker that decided a request by the committed bundle, and by now serves the next; and that decision."""
    desk.offer()
    with running(url, policy=_policy(desk)) as broker:
        keep_policy(broker.w)
        request = broker.matter.delivered()
        desk.offer(NEXT, stricter)
        keep_policy(broker.w)
        assert broker.w.gate.served.revision == NEXT
        with broker.w.store.reading() as tx:
            (asked,) = tx.decisions.of_request(request, reader=broker.actor("worker"))
        yield broker, asked


def _policy(desk: Desk) -> Policy:
    return Policy(edition=desk.edition, signers=desk.signers)


def restarted(broker: Broker, desk: Desk) -> Wiring:
    """Return the wiring of a broker that just started on what lies in the folder of the edition now."""
    w = replace(broker.w, gate=build_edition_gate(_policy(desk)))
    keep_policy(w)
    return w


def again(broker: Broker, decision: Decided, w: Wiring) -> Replayed:
    return replay(Inspect(actor=broker.actor("officer"), subject=decision.id), w)


def test_decision_is_made_again_by_its_own_bundle_also_after_a_restart(desk: Desk, url: str) -> None:
    with moved_on(desk, url) as (broker, asked):
        assert broker.w.gate.decide(asked.document).decision.outcome != asked.decision.outcome
        for w in (broker.w, restarted(broker, desk)):
            assert w.gate.served.revision == NEXT
            replayed = again(broker, asked, w)
            assert replayed.same
            assert replayed.now is not None
            assert (replayed.now.revision, replayed.now.outcome) == (CURRENT, asked.decision.outcome)
        broker.verify()

        # The one who signed it left; what he signed in his day is what was decided by.
        desk.signers.unlink()
        desk.signer = make_signer()
        add_signer(desk.signers, desk.signer.public)
        desk.offer(NEXT, stricter)
        assert again(broker, asked, restarted(broker, desk)).same


def test_each_bundle_is_kept_once_with_what_it_takes_to_check_it(desk: Desk, url: str) -> None:
    with moved_on(desk, url) as (broker, _):
        restarted(broker, desk)
        with broker.w.store.reading() as tx:
            assert tx.bundles.archived() == {one.digest for one in tx.bundles.loaded()}
            assert len(tx.bundles.archived()) == 2
            kept = tx.bundles.files(str(broker.w.gate.bundle_digest))
        assert kept == {name: (desk.edition / name).read_bytes() for name in (EMBEDDED, SERVER, MANIFEST, SIGNATURES)}


def test_archived_bundle_that_was_changed_is_noticed_and_decides_nothing(desk: Desk, url: str) -> None:
    with moved_on(desk, url) as (broker, asked):
        digest = asked.decision.bundle_digest
        broker.tamper(
            "UPDATE bundle_files SET content = :content WHERE name = 'embedded.tar.gz' AND digest = :digest",
            content=b"other",
            digest=digest,
        )
        with pytest.raises(IntegrityError) as found:
            broker.verify()
        assert found.value.errors == (f"bundle_files {digest} {EMBEDDED}: it was changed past the broker",)
        with pytest.raises(IntegrityError) as refused:
            again(broker, asked, restarted(broker, desk))
        assert refused.value.code == "integrity.archive"
        answer = broker.people.send("officer", "POST", f"/v1/decisions/{asked.id}/replay")
        assert codes_of(answer) == (500, "integrity.archive")


def test_signature_that_a_known_key_did_not_make_is_refused(desk: Desk, tmp_path: Path) -> None:
    with moved_on(desk, fresh_sqlite(tmp_path)) as (broker, asked):
        with broker.w.store.reading() as tx:
            of_next = tx.bundles.files(str(broker.w.gate.bundle_digest))[SIGNATURES]
        broker.tamper(
            "UPDATE bundle_files SET content = :content WHERE name = 'signatures.json' AND digest = :digest",
            content=of_next,
            digest=asked.decision.bundle_digest,
        )
        with pytest.raises(IntegrityError) as refused:
            again(broker, asked, restarted(broker, desk))
        assert refused.value.code == "policy.signature"


def test_bundle_that_is_not_in_the_archive_is_said_so(desk: Desk, tmp_path: Path) -> None:
    with moved_on(desk, fresh_sqlite(tmp_path)) as (broker, asked):
        broker.tamper("DELETE FROM bundle_files WHERE digest = :digest", digest=asked.decision.bundle_digest)
        with pytest.raises(ConflictError) as refused:
            again(broker, asked, restarted(broker, desk))
        assert refused.value.code == "decision.other_bundle"


def test_bundle_that_can_no_longer_be_loaded_is_an_answer_with_its_reason(desk: Desk, tmp_path: Path) -> None:
    with moved_on(desk, fresh_sqlite(tmp_path)) as (broker, asked):
        folder = desk.policies("8000.1") / "bundle"
        write_members(folder / EMBEDDED, {**read_members(folder / EMBEDDED), "/policy.wasm": b"of another time"})
        rewrite_manifest(folder)
        files = {name: (folder / name).read_bytes() for name in (EMBEDDED, SERVER, MANIFEST)}
        digest = str(json.loads(files[MANIFEST])["digest"])
        old = replace(asked, id=new_id("dec", asked.at), decision=replace(asked.decision, bundle_digest=digest))
        with broker.w.store.transaction() as tx:
            tx.bundles.archive(digest, {**files, SIGNATURES: b'{"version": 1, "signatures": {"gone": "x"}}'})
            tx.decisions.add(old)
        replayed = again(broker, old, broker.w)
        assert (replayed.now, replayed.same, replayed.impossible) == (None, False, "policy.changed")
        assert broker.people.client("officer").replay(old.id)["impossible"] == "policy.changed"


def test_document_of_then_is_decided_on_whatever_the_schema_says_today(desk: Desk, tmp_path: Path) -> None:
    with moved_on(desk, fresh_sqlite(tmp_path)) as (broker, asked):
        old = replace(asked, id=new_id("dec", asked.at), document={**asked.document, "of_an_earlier_version": True})
        with broker.w.store.transaction() as tx:
            tx.decisions.add(old)
        with pytest.raises(InputError):
            broker.w.gate.decide(old.document)
        assert again(broker, old, broker.w).same


def test_operator_lists_exports_and_verifies_what_decided(desk: Desk, url: str, tmp_path: Path) -> None:
    with moved_on(desk, url) as (broker, asked):
        settings, digest, to = _settings(broker, desk), asked.decision.bundle_digest, tmp_path / "taken out"
        first, second = json.loads(_run("policy", "archive", "list", **settings))
        assert (first["revision"], first["digest"], second["revision"]) == (CURRENT, digest, NEXT)
        assert first["archived"]
        assert first["known"] == first["signers"] == [desk.signer.id]
        assert first["fault"] is None

        export = ("policy", "archive", "export", digest, "--to", to)
        assert json.loads(_run(*export, **settings))["revision"] == CURRENT
        verified = json.loads(_run("policy", "verify", to, "--signers", desk.signers))
        assert (verified["digest"], verified["signers"]) == (digest, [desk.signer.id])
        assert "policy.folder_exists" in _run(*export, exit_code=2, **settings)
        other = "sha256:" + hashlib.sha256().hexdigest()
        assert "policy.not_archived" in _run(*export[:3], other, "--to", to, exit_code=1, **settings)

        broker.tamper("UPDATE bundle_files SET content = :content WHERE digest = :digest", content=b"", digest=digest)
        assert json.loads(_run("policy", "archive", "list", **settings))[0]["fault"] == "integrity.archive"
        assert "integrity.archive" in _run(*export[:4], "--to", tmp_path / "none", exit_code=1, **settings)
        assert not (tmp_path / "none").exists()


def test_operator_sees_which_decisions_another_bundle_would_make_otherwise(desk: Desk, url: str) -> None:
    with moved_on(desk, url) as (broker, asked):
        settings, before = _settings(broker, desk), broker.contents()
        with broker.w.store.reading() as tx:
            own = tx.bundles.files(asked.decision.bundle_digest)
        same = desk.folder / "same"
        same.mkdir()
        for name, content in own.items():
            (same / name).write_bytes(content)

        found = json.loads(_run("replay", "--with", desk.edition, "--json", exit_code=3, **settings))
        assert found["with"]["revision"] == NEXT
        assert found["outcomes"] == [asked.id]
        assert found["not_replayed"] == {}
        assert {flip["document"] for flip in found["flips"]} == {asked.id}
        told = _run("replay", "--with", desk.edition, exit_code=3, **settings)
        assert "Met een andere uitkomst: 1." in told
        assert f"{asked.id}\n  uitkomst: {asked.decision.outcome} -> " in told
        assert "Met een andere uitkomst: 0." in _run("replay", "--with", same, **settings)

        day = f"{asked.at:%Y-%m-%d}"
        within = _run("replay", "--with", desk.edition, "--since", day, "--until", day, exit_code=3, **settings)
        assert asked.id in within
        assert asked.id not in _run("replay", "--with", desk.edition, "--until", "2026-01-01", **settings)
        assert broker.contents() == before

        broker.tamper("DELETE FROM bundle_files WHERE digest = :digest", digest=asked.decision.bundle_digest)
        alone = json.loads(_run("replay", "--with", desk.edition, "--json", **settings))
        assert (alone["decisions"], sum(alone["not_replayed"].values())) == (0, found["decisions"])


def _settings(broker: Broker, desk: Desk) -> dict[str, str]:
    return {
        "BROKER_DATABASE__URL": broker.url,
        **{f"BROKER_KEYS__{role.upper()}": uri for role, uri in key_uris(broker.directory).items()},
        "BROKER_IDENTITY__ISSUER": "https://login.example.nl",
        "BROKER_IDENTITY__AUDIENCE": "deelgrond",
        "BROKER_HTTP__PUBLIC_URL": "https://broker.example.nl",
        "BROKER_POLICY__SIGNERS": str(desk.signers),
    }


def _run(*arguments: object, exit_code: int = 0, **environment: str) -> str:
    answer = CliRunner().invoke(app, [str(one) for one in arguments], env=environment)
    assert answer.exit_code == exit_code, answer.output
    return answer.output

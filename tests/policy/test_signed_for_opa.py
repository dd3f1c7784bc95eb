"""A real OPA server serves the bundle that a signer signed for it, and no other; `broker policy verify` agrees."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from editions import Desk, read_members, write_members

from broker.bench.documents import EXAMPLE
from broker.kernel.errors import BrokerError, SignatureError
from broker.policy.bundle import SERVER, load_bundle
from broker.policy.edition import server_bundle, sign_edition, verify_server_bundles
from broker.policy.gate import with_legal_days
from broker.policy.local import local_opa
from broker.policy.opa import OpaEngine
from broker.policy.signer import format_public, make_signer, read_signers


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk with the committed bundle signed."""
    made = Desk(tmp_path / "desk")
    made.offer()
    return made


@pytest.fixture
def public(desk: Desk) -> Path:
    """Return the signer's public key as OPA takes it."""
    path = desk.folder / "signer.pub"
    path.write_text(format_public(desk.signer.public))
    return path


def test_real_opa_serves_what_the_key_signed(desk: Desk, public: Path, opa_program: str, policies: Path) -> None:
    with local_opa(opa_program, bundle=desk.edition / server_bundle(desk.signer.id), key=public) as address:
        answer = OpaEngine(address, timeout=10).evaluate(with_legal_days(EXAMPLE))

    assert isinstance(answer, dict)
    assert answer["bundle"]["digest"] == load_bundle(policies).digest


def _unsigned(path: Path) -> None:
    shutil.copy(path.parent / SERVER, path)


def _changed_rule(path: Path) -> None:
    members = read_members(path)
    members["/sharing/ground/ground.rego"] += b"\n# changed\n"
    write_members(path, members)


def _changed_table(path: Path) -> None:
    members = read_members(path)
    data = json.loads(members["/data.json"])
    data["parameters"]["bsn"]["care_to_safety_chain"] = True
    write_members(path, {**members, "/data.json": json.dumps(data).encode()})


def _added_rule(path: Path) -> None:
    write_members(path, {**read_members(path), "/sharing/more.rego": b"package sharing.more\n"})


def _rule_left_out(path: Path) -> None:
    members = read_members(path)
    del members["/sharing/record/record.rego"]
    write_members(path, members)


@pytest.mark.parametrize("spoil", [_unsigned, _changed_rule, _changed_table, _added_rule, _rule_left_out])
def test_real_opa_and_verify_refuse_a_bundle_that_was_tampered_with(
    desk: Desk, public: Path, opa_program: str, spoil: Callable[[Path], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("broker.policy.local.PATIENCE", 5.0)
    bundle = desk.edition / server_bundle(desk.signer.id)
    spoil(bundle)

    with pytest.raises(BrokerError) as opa, local_opa(opa_program, bundle=bundle, key=public):
        pass
    assert opa.value.code == "policy.unavailable"
    with pytest.raises(SignatureError) as ours:
        verify_server_bundles(desk.edition, read_signers(desk.signers))
    assert ours.value.code == "policy.signature"


def test_real_opa_refuses_what_another_key_signed(desk: Desk, public: Path, opa_program: str, policies: Path) -> None:
    other = make_signer()
    sign_edition(policies, other, desk.edition)

    with (
        pytest.raises(BrokerError) as caught,
        local_opa(opa_program, bundle=desk.edition / server_bundle(other.id), key=public),
    ):
        pass
    assert caught.value.code == "policy.unavailable"

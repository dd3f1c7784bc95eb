"""Only what a known key signed is loaded, every byte of it; keys follow each other without a gap."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from editions import Desk, read_members, rewrite_manifest, sign_manifest, write_members
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from broker.domain.bundle import revision_number
from broker.kernel.errors import BrokerError, KeyUnavailable, SettingsError, SignatureError
from broker.policy.bundle import EMBEDDED, MANIFEST, SERVER, build_bundles, load_bundle, policies_path
from broker.policy.edition import (
    SIGNATURES,
    Edition,
    own_edition,
    read_edition,
    server_bundle,
    sign_edition,
    verify_server_bundles,
)
from broker.policy.signer import add_signer, format_signer, make_signer, open_signer, read_signers


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return a desk with the committed bundle signed."""
    made = Desk(tmp_path / "desk")
    made.offer()
    return made


def read(desk: Desk) -> Edition:
    return read_edition(desk.edition, desk.signers, policies_path())


def refused(desk: Desk) -> BrokerError:
    with pytest.raises((SettingsError, SignatureError)) as caught:
        read(desk)
    return caught.value


def test_signed_edition_is_the_committed_bundle_byte_for_byte(desk: Desk, policies: Path) -> None:
    edition = read(desk)

    files = {path.name: path.read_bytes() for path in desk.edition.iterdir() if not path.name.startswith("opa-")}
    assert edition == Edition(load_bundle(policies), (desk.signer.id,), files)
    for name in (EMBEDDED, SERVER, MANIFEST):
        assert (desk.edition / name).read_bytes() == (policies / "bundle" / name).read_bytes()
    assert verify_server_bundles(desk.edition, read_signers(desk.signers)) == (desk.signer.id,)


def test_keys_follow_each_other_without_a_gap(desk: Desk, policies: Path) -> None:
    first, second = desk.signer, make_signer()
    add_signer(desk.signers, second.public)
    assert read(desk).signers == (first.id,)

    sign_edition(policies, second, desk.edition)
    assert read(desk).signers == tuple(sorted((first.id, second.id)))
    assert set(verify_server_bundles(desk.edition, read_signers(desk.signers))) == {first.id, second.id}

    desk.signers.unlink()
    add_signer(desk.signers, second.public)
    assert read(desk).signers == (second.id,)


def test_another_bundle_takes_the_place_of_the_edition_with_all_its_signatures(desk: Desk) -> None:
    first, desk.signer = desk.signer, make_signer()
    add_signer(desk.signers, desk.signer.public)
    desk.offer("9000.12.1")

    assert read(desk).bundle.revision == "9000.12.1"
    assert read(desk).signers == (desk.signer.id,)
    assert not (desk.edition / server_bundle(first.id)).exists()


def _without_signature(desk: Desk) -> None:
    (desk.edition / SIGNATURES).unlink()


def _without_edition(desk: Desk) -> None:
    shutil.rmtree(desk.edition)


def _signed_by_a_stranger(desk: Desk) -> None:
    sign_manifest(desk.edition, make_signer())


def _signed_in_anothers_name(desk: Desk) -> None:
    sign_manifest(desk.edition, make_signer())
    path = desk.edition / SIGNATURES
    (signature,) = json.loads(path.read_text())["signatures"].values()
    path.write_text(json.dumps({"version": 1, "signatures": {desk.signer.id: signature}}))


def _manifest_changed(desk: Desk) -> None:
    path = desk.edition / MANIFEST
    path.write_bytes(path.read_bytes() + b"\n")


def _rule_changed_and_manifest_made_to_fit(desk: Desk) -> None:
    members = read_members(desk.edition / SERVER)
    members["/sharing/ground/ground.rego"] += b"\n# changed\n"
    write_members(desk.edition / SERVER, members)
    rewrite_manifest(desk.edition)


def _rule_changed(desk: Desk) -> None:
    _rule_changed_and_manifest_made_to_fit(desk)
    shutil.copy(policies_path() / "bundle" / MANIFEST, desk.edition)


def _compiled_policy_changed(desk: Desk) -> None:
    members = read_members(desk.edition / EMBEDDED)
    members["/policy.wasm"] = members["/policy.wasm"][:-1] + b"\0"
    write_members(desk.edition / EMBEDDED, members)


def _other_build_signed(desk: Desk) -> None:
    rewrite_manifest(desk.edition, revision="9000.12.1")
    sign_manifest(desk.edition, desk.signer)


def _without_bundle(desk: Desk) -> None:
    (desk.edition / EMBEDDED).unlink()


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_without_signature, "policy.unsigned"),
        (_without_edition, "policy.no_edition"),
        (_signed_by_a_stranger, "policy.unknown_signer"),
        (_signed_in_anothers_name, "policy.signature"),
        (_manifest_changed, "policy.signature"),
        (_rule_changed_and_manifest_made_to_fit, "policy.signature"),
        (_rule_changed, "policy.changed"),
        (_compiled_policy_changed, "policy.changed"),
        (_other_build_signed, "policy.changed"),
        (_without_bundle, "policy.no_bundle"),
    ],
)
def test_spoilt_edition_is_refused_by_name(desk: Desk, spoil: Callable[[Desk], None], code: str) -> None:
    spoil(desk)

    assert refused(desk).code == code


@pytest.mark.parametrize("content", ["", "[]", "null", "{}", '{"version": 1, "signatures": {}}', '{"signatures": 1}'])
def test_signatures_that_are_none_are_refused(desk: Desk, content: str) -> None:
    (desk.edition / SIGNATURES).write_text(content)

    assert refused(desk).code == "policy.unsigned"


@pytest.mark.parametrize("signature", ["", "AA", "not base64!", "A" * 86])
def test_bad_signature_of_a_known_key_refuses_though_another_is_good(desk: Desk, signature: str) -> None:
    second = make_signer()
    add_signer(desk.signers, second.public)
    sign_manifest(desk.edition, desk.signer, second)
    path = desk.edition / SIGNATURES
    signatures = json.loads(path.read_text())
    signatures["signatures"][second.id] = signature
    path.write_text(json.dumps(signatures))

    assert refused(desk).code == "policy.signature"


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_no_changed_byte_is_loaded(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    desk = _signed_once(tmp_path_factory)
    name = data.draw(st.sampled_from([EMBEDDED, SERVER, MANIFEST, SIGNATURES]))
    path = desk.edition / name
    before = path.read_bytes()
    place = data.draw(st.integers(0, len(before) - 1))
    path.write_bytes(before[:place] + bytes([before[place] ^ data.draw(st.integers(1, 255))]) + before[place + 1 :])
    try:
        refused(desk)
    finally:
        path.write_bytes(before)


_DESKS: list[Desk] = []


def _signed_once(folders: pytest.TempPathFactory) -> Desk:
    if not _DESKS:
        _DESKS.append(Desk(folders.mktemp("desk")))
        _DESKS[0].offer()
    return _DESKS[0]


def _own(desk: Desk) -> Mapping[str, Any]:
    return dict(json.loads(desk.signers.read_text())["keys"][0])


def _private(_: Desk) -> list[Any]:
    return [ECKey.generate_key("P-256", private=True).as_dict(private=True)]


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        (lambda _: [], "policy.no_signers"),
        (_private, "policy.signers"),
        (lambda _: [ECKey.generate_key("P-384", private=False).as_dict()], "policy.signers"),
        (lambda desk: [{**_own(desk), "kid": "somebody"}], "policy.signers"),
        (lambda desk: [_own(desk), _own(desk)], "policy.signers"),
        (lambda desk: [{**_own(desk), "x": "AAAA"}], "policy.signers"),
        (lambda _: [{"kty": "oct", "k": "AAAA"}], "policy.signers"),
        (lambda _: ["key"], "policy.signers"),
        (lambda _: "keys", "policy.signers"),
    ],
)
def test_key_set_that_is_none_is_refused(desk: Desk, keys: Callable[[Desk], Any], code: str) -> None:
    desk.signers.write_text(json.dumps({"keys": keys(desk)}))

    assert refused(desk).code == code


def test_key_set_that_is_not_there_is_refused(desk: Desk) -> None:
    desk.signers.unlink()
    assert refused(desk).code == "policy.no_signers"
    desk.signers.write_text("{")
    assert refused(desk).code == "policy.signers"


def _set(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(data: dict[str, Any]) -> None:
        *steps, last = path.split("/")
        node = data["law"] if steps[:1] == ["organisations"] else data["parameters"]
        for step in steps:
            node = node[step]
        node[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("consent/max_age_days", 0),
        ("consent/max_age_days", "90"),
        ("consent/joint_authority_mode", "none_required"),
        ("assurance", ["low"]),
        ("assurance", []),
        ("inform/longstop_days", 29),
        ("inform/review", "P0D"),
        ("investigation/max_days", 71),
        ("log/retention", "P1Y"),
        ("release/payload_delete", "P-7D"),
        ("vir/under_age", 24),
        ("unreachable/regular", {"attempts": 0, "channels": 1, "days": 0}),
        ("roles/answering", []),
        ("organisations/school/tasks", ["buurten"]),
        ("organisations/school/asks/roles", []),
        ("organisations/huisarts/secrecy/regime", "GEEN"),
        ("misspelt", 1),
    ],
)
def test_wrong_parameter_is_refused_at_load_with_its_path(desk: Desk, path: str, value: object) -> None:
    desk.offer_anyway("9000.12.1", _set(path, value))

    error = refused(desk)
    assert error.code == "policy.parameters"
    assert error.errors
    assert path == "misspelt" or all(finding.startswith(f"/{path}") for finding in error.errors)


def test_wrong_parameter_is_refused_at_build_and_the_old_bundle_stays(policies: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(policies, tmp_path / "policies"))
    parameters = copied / "data" / "parameters" / "data.yaml"
    parameters.write_text(parameters.read_text().replace("max_age_days: 90", "max_age_days: -1"))

    with pytest.raises(SettingsError) as caught:
        build_bundles(copied, "no program is needed to say so")
    assert caught.value.code == "policy.parameters"
    assert caught.value.errors == ("/consent/max_age_days: -1 is less than the minimum of 1",)
    for name in (EMBEDDED, SERVER, MANIFEST):
        assert (copied / "bundle" / name).read_bytes() == (policies / "bundle" / name).read_bytes()


@pytest.mark.parametrize(
    "revision", ["2026", "2026.11.", "2026.11.01", "v2026.11", "2026.11.1\n", "2026.-1", "", "1.2.3.4.5.6"]
)
def test_revision_that_cannot_be_compared_is_not_signed(desk: Desk, revision: str) -> None:
    with pytest.raises(SettingsError) as caught:
        desk.offer(revision or " ")
    assert caught.value.code == "policy.revision"
    assert read(desk).signers


def test_revisions_compare_as_numbers() -> None:
    written = ["2026.2", "2026.2.1", "2026.9.9", "2026.11.1", "2026.11.2", "2026.11.10", "2027.0"]

    assert sorted(written, key=revision_number) == written


def test_bundle_older_than_its_sources_is_not_signed(desk: Desk, policies: Path, tmp_path: Path) -> None:
    copied = Path(shutil.copytree(policies, tmp_path / "policies"))
    (copied / "REVISION").write_text("9000.12.1\n")

    with pytest.raises(SettingsError) as caught:
        sign_edition(copied, desk.signer, desk.edition)
    assert caught.value.code == "policy.stale"
    assert read(desk).signers


def test_signing_key_is_read_back_and_kept_from_others(tmp_path: Path) -> None:
    signer, path = make_signer(), tmp_path / "signer.pem"

    def code() -> str:
        with pytest.raises(KeyUnavailable) as caught:
            open_signer(path)
        return caught.value.code

    assert code() == "key.missing"
    path.write_text(format_signer(signer))
    path.chmod(0o640)
    assert code() == "key.exposed"
    path.chmod(0o600)
    assert open_signer(path).id == signer.id
    assert "PRIVATE" not in repr(open_signer(path))
    others = rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1())
    pems = [each.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) for each in others]
    for content in (*pems, b"", b"no key"):
        path.write_bytes(content)
        assert code() == "key.wrong_kind"


def test_key_made_for_the_occasion_leaves_no_private_key(policies: Path, tmp_path: Path) -> None:
    edition, signers = own_edition(policies, tmp_path)

    assert read_edition(edition, signers, policies).bundle == load_bundle(policies)
    assert not any(b"PRIVATE" in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

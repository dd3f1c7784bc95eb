"""A new edition of the law at the command line: make a key, compare, sign, inspect, verify, and what can go wrong."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from broker_keys import key_uris
from click.testing import Result
from editions import CURRENT, Desk
from running import running
from typer.testing import CliRunner

from broker.__main__ import app
from broker.bench.documents import EXAMPLE
from broker.policy.bundle import EMBEDDED, MANIFEST, load_bundle, policies_path
from broker.policy.edition import SIGNATURES

COMMITTED = str(policies_path() / "bundle")


def run(*arguments: object, exit_code: int = 0, **environment: str) -> Result:
    answer = CliRunner().invoke(app, [str(one) for one in arguments], env=environment)
    assert answer.exit_code == exit_code, answer.output
    return answer


def told(*arguments: object, exit_code: int = 0, **environment: str) -> Any:
    return json.loads(run("policy", *arguments, exit_code=exit_code, **environment).stdout)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


def test_operator_makes_a_key_signs_inspects_and_verifies(tmp_path: Path) -> None:
    key, signers, edition = tmp_path / "signer.pem", tmp_path / "signers.json", tmp_path / "edition"
    first = run("keys", "signer", key, "--signers", signers).stdout.strip()
    assert key.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "signer.pem.pub").read_text().startswith("-----BEGIN PUBLIC KEY-----")
    assert "key.exists" in run("keys", "signer", key, "--signers", signers, exit_code=1).output

    signed = told("sign", "--key", key, "--to", edition)
    bundle = load_bundle(policies_path())
    assert signed == {"revision": bundle.revision, "digest": bundle.digest, "signers": [first]}
    assert told("verify", edition, "--signers", signers) == {**signed, "for_opa": [first]}
    seen = told("inspect", edition)
    assert seen["signed_by"] == [first]
    assert seen["entry_points"] == ["sharing/decision/decision"]
    assert seen["builtins"] == []
    assert seen["tables"]["pairs"] == len(bundle.data["law"]["pairs"]["rows"])
    assert seen["parameters"] == bundle.data["parameters"]
    assert set(seen["rules"]) == {f"sharing.{path.parent.name}" for path in policies_path().glob("sharing/*/*.rego")}
    assert told("inspect", COMMITTED) == {**seen, "signed_by": []}

    second = run("keys", "signer", tmp_path / "second.pem", "--signers", signers).stdout.strip()
    told("sign", "--key", tmp_path / "second.pem", "--to", edition)
    assert told("verify", edition, "--signers", signers)["signers"] == sorted([first, second])


def test_bad_edition_is_refused_with_words_and_exit_code_1(desk: Desk) -> None:
    def code() -> str:
        answer = run("policy", "verify", desk.edition, "--signers", desk.signers, exit_code=1)
        assert answer.stdout == ""
        return answer.stderr.split(":")[0]

    assert code() == "policy.no_edition"
    desk.offer()
    (desk.edition / EMBEDDED).write_bytes(b"")
    assert code() == "policy.changed"
    (desk.edition / MANIFEST).write_text("{}")
    assert code() == "policy.no_bundle"
    (desk.edition / SIGNATURES).unlink()
    assert code() == "policy.unsigned"
    desk.signers.unlink()
    assert code() == "policy.no_signers"


def test_wrong_parameter_is_named(desk: Desk) -> None:
    desk.offer_anyway("9000.12.1", lambda data: data["parameters"]["vir"].update(under_age=99))
    answer = run("policy", "verify", desk.edition, "--signers", desk.signers, exit_code=1)
    assert "policy.parameters" in answer.stderr
    assert "/vir/under_age: 99 is greater than the maximum of 23" in answer.stderr


def test_diff_lists_what_flips_and_says_so_by_its_exit_code(desk: Desk, tmp_path: Path) -> None:
    assert told("diff", COMMITTED, COMMITTED, "--json")["flips"] == []
    desk.offer("9000.12.1", lambda data: data["parameters"].update(assurance=["high"]))
    file = tmp_path / "document.json"
    low = {**EXAMPLE, "actor": {**EXAMPLE["actor"], "assurance": "substantial"}}
    file.write_text(json.dumps([EXAMPLE, low]))

    found = told("diff", COMMITTED, desk.edition, "--cases", file, "--json", exit_code=3)
    assert (found["old"]["revision"], found["new"]["revision"]) == (CURRENT, "9000.12.1")
    assert found["documents"] == 2
    assert {flip["document"] for flip in found["flips"]} == {"document.json[1]"}
    assert {
        "what": "reason",
        "subject": "DN-01",
        "before": "-",
        "after": "given",
        "document": "document.json[1]",
    } in found["flips"]
    table = run("policy", "diff", COMMITTED, desk.edition, "--cases", file, exit_code=3).stdout
    assert table.startswith(f"{CURRENT} -> 9000.12.1: 2 documents, ")
    assert "DN-01" in table
    file.write_text(json.dumps([EXAMPLE]))
    assert run("policy", "diff", COMMITTED, desk.edition, "--cases", file).stdout.endswith(" 0 flips\n")


def test_diff_compares_with_what_an_earlier_version_of_the_program_took(desk: Desk) -> None:
    """Whoever accepts an edition wants to see what it flips, also where the tables got another shape."""

    def other_shape(data: dict[str, Any]) -> None:
        data["parameters"]["of_an_earlier_version"] = []

    old = desk.policies("9000.12.1", other_shape) / "bundle"

    assert told("diff", old, COMMITTED, "--json")["flips"] == []
    assert "policy.parameters" in run("policy", "diff", COMMITTED, old, exit_code=1).stderr


def test_diff_decides_again_what_is_on_record(desk: Desk) -> None:
    with running() as broker:
        request = broker.matter.delivered()
        url = broker.url
        worker = broker.actor("worker")
        with broker.w.store.transaction() as tx:
            (asked,) = tx.decisions.of_request(request, reader=worker)
        keys = {f"BROKER_KEYS__{role.upper()}": uri for role, uri in key_uris(broker.directory).items()}
        assert told("diff", COMMITTED, COMMITTED, "--decisions", url, "--json", **keys)["documents"] == 1
        assert "BROKER_KEYS" in run("policy", "diff", COMMITTED, COMMITTED, "--decisions", url, exit_code=1).stderr
        desk.offer("9000.12.1", lambda data: data["parameters"]["investigation"].update(max_days=1))
        before = broker.contents()
        found = told("diff", COMMITTED, desk.edition, "--decisions", url, "--json", exit_code=3, **keys)
        assert broker.contents() == before

    assert {flip["document"] for flip in found["flips"]} == {asked.id}
    assert {"outcome", "part"} <= {flip["what"] for flip in found["flips"]}


def test_diff_says_what_it_cannot_do(desk: Desk, tmp_path: Path) -> None:
    desk.folder.mkdir(exist_ok=True)
    assert "policy.no_bundle" in run("policy", "diff", COMMITTED, tmp_path, exit_code=1).stderr
    file = tmp_path / "document.json"
    for content, code in (("[]", "policy.cases"), ("{", "policy.cases"), ("{}", "input.schema")):
        file.write_text(content)
        assert code in run("policy", "diff", COMMITTED, COMMITTED, "--cases", file, exit_code=2).stderr
    nowhere = f"sqlite:///{tmp_path / 'nothing' / 'here.db'}"
    assert (
        "store.unavailable" in run("policy", "diff", COMMITTED, COMMITTED, "--decisions", nowhere, exit_code=1).stderr
    )
    shutil.rmtree(desk.folder)

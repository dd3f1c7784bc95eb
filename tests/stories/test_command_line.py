"""The command line does it all, on both sides: a whole request, the operator's work, and a decision on a file."""

from __future__ import annotations

import json
import re
import shlex
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from logged import publish_all
from matter import ANSWERS, REFUSING, WEIGHED
from people import keys_of
from running import Broker, running
from serving import present
from typer.testing import CliRunner

from broker.__main__ import app
from broker.bench.documents import EXAMPLE
from broker.client.session import Session, write_session
from broker.domain.directory import StaffKey
from broker.keyring import open_keyring
from broker.policy.bundle import policies_path
from broker.policy.edition import own_edition
from broker.store.base import Store

PASSPHRASE = "een lange zin om te onthouden"


def run(*arguments: str, exit_code: int = 0, **environment: str) -> Result:
    answer = CliRunner().invoke(app, arguments, env=environment)
    assert answer.exit_code == exit_code, answer.output
    return answer


class Person:
    """Somebody at a terminal, with a session file and perhaps a key file."""

    def __init__(self, name: str, broker: Broker, folder: Path, *, key: bool) -> None:
        self.folder, self.key = folder, folder / f"{name}.key" if key else None
        self.session = folder / f"{name}.json"
        people = broker.people
        ahead = people.now() - datetime.now(UTC)
        token, proofs = people.token(name), people._proofs[name]
        write_session(self.session, Session(address=people.address, token=token, proofs=proofs, ahead=ahead))
        if self.key:
            run("keys", "personal", str(self.key), BROKER_PASSPHRASE=PASSPHRASE)
            self.does("enrol-key")

    def does(self, *arguments: str, exit_code: int = 0, passphrase: str = PASSPHRASE) -> Any:
        answer = self.reads(*arguments, "--json", exit_code=exit_code, passphrase=passphrase)
        return answer if exit_code or not answer.stdout.startswith(("{", "[")) else json.loads(answer.stdout)

    def reads(self, *arguments: str, exit_code: int = 0, passphrase: str = PASSPHRASE) -> Result:
        options = ["--session", str(self.session), *(["--key", str(self.key)] if self.key else [])]
        return run("client", *options, *arguments, exit_code=exit_code, BROKER_PASSPHRASE=passphrase)

    def file(self, content: object) -> str:
        path = self.folder / f"{len(list(self.folder.iterdir()))}.json"
        path.write_text(json.dumps(content))
        return str(path)


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with running() as served:
        yield served


def test_command_line_carries_a_whole_request(broker: Broker, tmp_path: Path) -> None:
    worker = Person("worker", broker, tmp_path, key=True)
    doctor = Person("doctor", broker, tmp_path, key=True)
    officer = Person("answering_officer", broker, tmp_path, key=False)
    matter = broker.matter
    for name, colleague in (("worker", "colleague"), ("doctor", "partner")):
        confirming = Person(colleague, broker, tmp_path, key=False)
        waiting = [key for key in confirming.does("keys") if key["status"] == "waits"]
        assert [key["staff"] for key in waiting] == [f"st:{name}"]
        assert confirming.does("confirm-key", waiting[0]["key_id"])["status"] == "in_use"
    publish_all(broker.w)

    case = worker.does("register-case", worker.file(matter.case_body()))["id"]
    request = worker.does("ask", worker.file(matter.ask_body(case)))["request"]["id"]
    assert request in {line["id"] for line in worker.does("worklist")}
    assert request in {line["id"] for line in doctor.does("inbox")}
    doctor.does("take", request)
    consent = doctor.does("consent", doctor.file(matter.consent_body(request=request)))["id"]
    doctor.does("record", request, doctor.file(WEIGHED))
    preview = doctor.does("preview", request)
    assert preview["decision"]["outcome"] == "permit"
    other = doctor.does("release", request, doctor.file(ANSWERS), "--to", "0" * 32, exit_code=1)
    assert "seal.other_recipients" in other.output
    approved = [option for key in preview["recipients"] for option in ("--to", key["key_id"])]
    assert doctor.does("release", request, doctor.file(ANSWERS), *approved)["release"]["parts"] == 2

    opened = worker.does("open", request)
    assert {said["text"] for part in opened["parts"] for said in part["statements"]} == {
        answer["text"] for answer in ANSWERS
    }
    doctor.does("withdraw", consent)
    assert [part["reasons"] for part in worker.does("open", request)["closed"]] == [["DN-29"]]

    decision = next(
        one
        for one in officer.does("decisions", "--staff", "st:doctor")
        if one["request"] == request and one["stage"] == "answer"
    )
    assert officer.does("replay", decision["id"])["same"]
    broker.verify()  # waits until a checkpoint covers everything
    assert officer.does("events", request, "--vkey", broker.vkey).stdout.count("proven") >= 8
    package = tmp_path / "evidence.zip"
    officer.does("evidence", request, "--out", str(package))
    assert request in run("verify-package", str(package), "--vkey", broker.vkey).stdout
    assert "file.unwritable" in officer.does("evidence", request, "--out", str(package), exit_code=2).output
    assert worker.does("show", request)["request"]["state"] == "released"


def test_command_line_lists_refused_calls(broker: Broker, tmp_path: Path) -> None:
    planner, officer = (Person(name, broker, tmp_path, key=False) for name in ("planner", "officer"))
    assert "policy.refused" in planner.reads("worklist", exit_code=1).output
    (refused,) = [one for one in officer.does("attempts", "--code", "policy.refused") if one["staff"] == "st:planner"]
    told = officer.reads("attempts").stdout
    assert refused["id"] in told
    assert "Dit mag u zo niet doen." in told
    assert "Er zijn geen geweigerde aanroepen." in officer.reads("attempts", "--until", "2020-01-01").stdout


def test_command_line_declines_with_reasons(broker: Broker, tmp_path: Path) -> None:
    doctor = Person("doctor", broker, tmp_path, key=False)
    request = broker.matter.taken()
    doctor.does("record", request, doctor.file(REFUSING))
    told = ("--because", "nothing_known", "--message", "Vraag het de school.")
    assert doctor.does("decline", request, *told)["outcome"] == "deny"
    worker = Person("worker", broker, tmp_path, key=False)
    assert worker.does("show", request)["request"]["declination"]["because"] == "nothing_known"


def test_command_line_says_what_is_wrong(broker: Broker, tmp_path: Path) -> None:
    worker = Person("worker", broker, tmp_path, key=True)
    wrong = worker.does("worklist", exit_code=1, passphrase="een heel andere lange zin")
    assert "key.wrong_passphrase" in wrong.output
    assert PASSPHRASE not in wrong.output
    assert "store.not_found" in worker.does("show", "req_" + "0" * 26, exit_code=1).output
    assert "file.unreadable" in worker.does("ask", str(tmp_path / "nothing.json"), exit_code=2).output
    nowhere = str(tmp_path / "nothing")
    assert "client.signed_out" in run("client", "--session", nowhere, "inbox", exit_code=2).output
    worker.session.write_text("{}")
    assert "client.session" in worker.does("inbox", exit_code=2).output


def test_key_file_is_never_overwritten(tmp_path: Path) -> None:
    key = tmp_path / "my.key"
    run("keys", "personal", str(key), BROKER_PASSPHRASE=PASSPHRASE)
    before = key.read_bytes()
    assert "key.exists" in run("keys", "personal", str(key), exit_code=1, BROKER_PASSPHRASE=PASSPHRASE).output
    assert key.read_bytes() == before
    assert key.stat().st_mode & 0o077 == 0


def applied(file: Path, operator: dict[str, str], *options: str) -> Result:
    """Apply what the file changes, after looking at it."""
    digest = json.loads(run("directory", "plan", str(file), "--json", **operator).stdout)["digest"]
    return run("directory", "apply", str(file), "--plan", digest, *options, **operator)


DIRECTORY: dict[str, list[dict[str, Any]]] = {
    "organisations": [
        {"id": "org:vt", "oin": "0" * 20, "name": "VT", "type": "veilig_thuis", "active": True, "connected": True}
    ],
    "mandates": [],
    "staff": [],
}


@pytest.fixture
def operator(tmp_path: Path) -> dict[str, str]:
    """Return the settings of a broker whose keys were just made."""
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o700)
    vkey = run("keys", "server", str(keys), "--name", "broker.example/log").stdout.strip()
    assert vkey.startswith("broker.example/log+")
    return {
        "BROKER_DATABASE__URL": f"sqlite:///{tmp_path / 'broker.db'}",
        **{f"BROKER_KEYS__{role.upper()}": f"file:{keys / role}.json" for role in ("log", "storage", "pseudonym")},
        "BROKER_IDENTITY__ISSUER": "https://login.example.nl",
        "BROKER_IDENTITY__AUDIENCE": "deelgrond",
        "BROKER_HTTP__PUBLIC_URL": "https://broker.example.nl",
        "VKEY": vkey,
    }


def test_operator_migrates_enrols_publishes_and_verifies(operator: dict[str, str], tmp_path: Path) -> None:
    vkey, file = operator.pop("VKEY"), tmp_path / "directory.json"
    file.write_text(json.dumps(DIRECTORY))
    assert "broker migrate" in run("directory", "plan", str(file), exit_code=1, **operator).output
    run("migrate", **operator)
    applied(file, operator)
    assert run("checkpoint", **operator).stdout.startswith("broker.example/log\n1\n")
    assert json.loads(run("verify", "--vkey", vkey, **operator).stdout)["events"] == 1

    file.write_text(json.dumps({"organisations": [{**DIRECTORY["organisations"][0], "connected": False}]}))
    applied(file, operator)
    kept = tmp_path / "kept"
    kept.write_text(run("checkpoint", **operator).stdout)
    run("verify", "--checkpoint", str(kept), **operator)
    assert "checkpoint.unreadable" in run("verify", "--checkpoint", "/none", **operator, exit_code=2).output
    kept.write_text(kept.read_text().replace("\n3\n", "\n4\n"))
    assert "integrity.signature" in run("verify", "--checkpoint", str(kept), **operator, exit_code=1).output

    with closing(sqlite3.connect(tmp_path / "broker.db")) as database, database:
        database.execute("UPDATE organisations SET connected = NOT connected")
    assert "organisations org:vt" in run("verify", **operator, exit_code=1).output
    with closing(sqlite3.connect(tmp_path / "broker.db")) as database, database:
        database.execute("UPDATE organisations SET connected = NOT connected")
    run("verify", **operator)

    with closing(sqlite3.connect(tmp_path / "broker.db")) as database, database:
        database.execute("UPDATE events SET entry = CAST(replace(entry, 'enrolled', 'ENROLLED') AS BLOB)")
    assert "integrity." in run("verify", **operator, exit_code=1).output


def test_operator_confirms_a_key_where_there_is_no_colleague(operator: dict[str, str], tmp_path: Path) -> None:
    operator.pop("VKEY")
    file, key = tmp_path / "directory.json", keys_of("doctor")
    doctor = member("gp", role="huisarts", profession="arts", registration="big")
    file.write_text(json.dumps({**DIRECTORY, "staff": [doctor]}))
    run("migrate", **operator)
    applied(file, operator)
    assert "store.not_found" in run("confirm-key", key.key_id, **operator, exit_code=1).output
    uris = {role: operator[f"BROKER_KEYS__{role.upper()}"] for role in ("log", "storage", "pseudonym")}
    store = Store(operator["BROKER_DATABASE__URL"], open_keyring(uris, clock=present))
    with closing(store), store.changing_directory() as tx:
        tx.directory.put_key(
            StaffKey(
                key_id=key.key_id,
                staff="st:gp",
                public_opening=key.public_opening,
                public_signing=key.public_signing,
                enrolled_at=present(),
            )
        )
    assert "st:gp at org:vt" in run("confirm-key", key.key_id, **operator).output
    assert "store.not_found" in run("confirm-key", key.key_id, **operator, exit_code=1).output
    run("checkpoint", **operator)
    run("verify", **operator)


def test_new_broker_is_made_by_one_command(tmp_path: Path) -> None:
    home, issuer = tmp_path / "try", "http://127.0.0.1:8180/realms/deelgrond"
    options = ("--public-url", "http://127.0.0.1:8080", "--issuer", issuer)
    vkey = run("init", str(home), *options).stdout.strip()
    assert vkey.startswith("127.0.0.1/log+")
    assert home.stat().st_mode & 0o077 == 0
    lines = shlex.split((home / "broker.env").read_text())
    settings = dict(line.split("=", 1) for line in lines)
    run("migrate", **settings)
    file = tmp_path / "directory.yaml"
    file.write_text(run("directory", "example", "--issuer", issuer).stdout)
    assert "3 members of staff" in run("directory", "check", str(file)).output
    digest = re.findall("[0-9a-f]{64}", run("directory", "plan", str(file), **settings).stdout)[-1]
    run("directory", "apply", str(file), "--plan", digest, **settings)
    who = json.loads(run("directory", "who", "--json", **settings).stdout)
    may = {member["id"]: member["may"] for organisation in who for member in organisation["staff"]}
    assert "read_worklist" in may["staff:worker"]
    assert "inspect" in may["staff:officer"]
    run("checkpoint", **settings)
    assert json.loads(run("verify", "--vkey", vkey, **settings).stdout)["events"] >= 1

    assert "key.exists" in run("init", str(home), *options, exit_code=1).output
    wrong = ("--public-url", "broker.example.nl", "--issuer", issuer)
    assert "settings.public_url" in run("init", str(tmp_path / "other"), *wrong, exit_code=2).output
    assert not (tmp_path / "other").exists()
    assert "input." in run("init", str(tmp_path / "other"), *options, "--assurance", "{", exit_code=2).output
    assert not (tmp_path / "other").exists()


def test_log_that_was_emptied_is_no_success(operator: dict[str, str], tmp_path: Path) -> None:
    operator.pop("VKEY")
    file = tmp_path / "directory.json"
    file.write_text(json.dumps(DIRECTORY))
    run("migrate", **operator)
    assert "integrity.empty" in run("verify", **operator, exit_code=1).output
    applied(file, operator)
    run("checkpoint", **operator)
    (tmp_path / "broker.db").unlink()
    run("migrate", **operator)
    assert "integrity.fork" in run("verify", **operator, exit_code=1).output
    assert "integrity.fork" in run("checkpoint", **operator, exit_code=1).output


def test_auditor_keeps_the_newest_checkpoint(broker: Broker, tmp_path: Path) -> None:
    worker, kept = Person("worker", broker, tmp_path, key=False), tmp_path / "kept"
    sizes = []
    for _ in range(2):
        broker.matter.case()
        publish_all(broker.w)
        worker.does("checkpoint", str(kept), "--vkey", broker.vkey)
        sizes.append(int(kept.read_text().splitlines()[1]))
    assert sizes[0] < sizes[1]
    before = kept.read_text()
    kept.write_text(before.replace(before.splitlines()[2], "A" * 43 + "="))
    worker.does("checkpoint", str(kept), "--vkey", broker.vkey, exit_code=1)
    assert kept.read_text() != before


def member(name: str, **said: Any) -> dict[str, Any]:
    """Return the entry of a member of staff of the directory above."""
    return {
        "id": f"st:{name}", "organisation": "org:vt", "issuer": "https://login.example.nl", "subject": name,
        "role": "onderzoeker", "profession": "maatschappelijk_werker", "registration": "skj",
        "supervised_by_registered": False, "active": True, **said,
    }  # fmt: skip


def mandate(name: str) -> dict[str, str]:
    """Return a mandate around today."""
    begins, ends = (present().date() + timedelta(days=number) for number in (-30, 30))
    return {"staff": f"st:{name}", "from_on": begins.isoformat(), "until_on": ends.isoformat()}


def test_second_person_approves_what_lets_somebody_do_more(operator: dict[str, str], tmp_path: Path) -> None:
    operator.pop("VKEY")
    run("migrate", **operator)
    file, key, signers = tmp_path / "directory.json", tmp_path / "approver.pem", tmp_path / "approvers.json"
    approver = run("keys", "signer", str(key), "--signers", str(signers)).stdout.strip()
    file.write_text(json.dumps({**DIRECTORY, "staff": [member("a")], "mandates": [mandate("a")]}))
    run("directory", "check", str(file))
    applied(file, operator)

    file.write_text(json.dumps({"staff": [member("b")], "mandates": [mandate("b")]}))
    said = run("directory", "plan", str(file), **operator).stdout
    assert "st:b is een nieuwe medewerker, die zich aanmeldt als b bij https://login.example.nl: organisation" in said
    assert said.count("[verruimt]") == 2
    digest = said.split()[-1]
    apply = ("directory", "apply", str(file), "--plan", digest)
    assert "directory.approval" in run(*apply, **operator, exit_code=1).output

    approval = tmp_path / "approval.json"
    approval.write_text(run("directory", "approve", "--plan", digest, "--key", str(key)).stdout)
    approved = (*apply, "--approval", str(approval))
    assert "directory.approvers" in run(*approved, **operator, exit_code=1).output
    operator["BROKER_DIRECTORY__APPROVERS"] = str(signers)
    stranger, strange = tmp_path / "stranger.pem", tmp_path / "strange.json"
    run("keys", "signer", str(stranger), "--signers", str(tmp_path / "strangers.json"))
    for other, by in ((digest, stranger), ("0" * 64, key)):
        strange.write_text(run("directory", "approve", "--plan", other, "--key", str(by)).stdout)
        assert "directory.not_approved" in run(*apply, "--approval", str(strange), **operator, exit_code=1).output
    strange.write_text("{}")
    assert "directory.no_approval" in run(*apply, "--approval", str(strange), **operator, exit_code=2).output
    assert "directory.digest" in run("directory", "approve", "--plan", "x", "--key", str(key), exit_code=2).output

    assert f"approved by {approver}." in run(*approved, **operator).output
    assert "Er verandert niets." in run("directory", "plan", str(file), **operator).stdout
    assert "directory.plan" in run(*approved, **operator, exit_code=1).output
    run("checkpoint", **operator)
    run("verify", **operator)


def test_operator_sees_who_may_do_what(operator: dict[str, str], tmp_path: Path) -> None:
    operator.pop("VKEY")
    run("migrate", **operator)
    file = tmp_path / "directory.json"
    officer = member("officer", role="privacy_officer", registration="none")
    staff = [member("a"), member("lapsed"), member("gone", active=False), officer]
    mandates = [mandate(name) for name in ("a", "gone", "officer")]
    file.write_text(json.dumps({**DIRECTORY, "staff": staff, "mandates": mandates}))
    applied(file, operator)
    assert "policy.no_" in run("directory", "who", **operator, exit_code=1).output

    edition, signers = own_edition(policies_path(), tmp_path)
    operator |= {"BROKER_POLICY__EDITION": str(edition), "BROKER_POLICY__SIGNERS": str(signers)}
    [found] = json.loads(run("directory", "who", "--json", **operator).stdout)
    may = {one["id"]: set(one["may"]) for one in found["staff"]}
    assert {"register_case", "weigh", "read_worklist", "fulfil"} <= may["st:a"]
    assert "inspect" not in may["st:a"]
    assert {"inspect", "evaluate_colleague"} <= may["st:officer"]
    assert may["st:lapsed"] == may["st:gone"] == set()
    assert [one["mandate"] is None for one in found["staff"]] == [False, False, True, False]
    said = run("directory", "who", **operator).stdout
    assert "st:gone: onderzoeker, niet actief" in said
    assert "st:lapsed: onderzoeker, actief, vandaag geen mandaat: mag niets" in said


@pytest.mark.parametrize("name", ["directory.yaml", "directory.json"])
def test_directory_file_is_checked_with_the_line_of_each_finding(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    wrong = {"staff": [member("a", role="tovenaar"), member("b", registration="BIG")], "mandates": [{"staff": "st:a"}]}
    file.write_text(json.dumps(wrong, indent=1))
    lines = file.read_text().splitlines()
    said = run("directory", "check", str(file), exit_code=2).output
    for place, text in (("staff/0/role", "tovenaar"), ("staff/1/registration", "BIG")):
        line = next(number for number, written in enumerate(lines, 1) if text in written)
        assert f"  - {name}:{line}: {place}: " in said
    line = next(number for number, written in enumerate(lines, 1) if '"mandates"' in written) + 1
    assert f"  - {name}:{line}: mandates/0/from_on: " in said


def test_operator_is_told_what_does_not_fit(operator: dict[str, str], tmp_path: Path) -> None:
    vkey, file = operator.pop("VKEY"), tmp_path / "directory.json"
    assert vkey
    run("migrate", **operator)
    file.write_text(json.dumps({"staff": [{"id": "staff:1"}]}))
    assert "directory.malformed" in run("directory", "plan", str(file), exit_code=2, **operator).output
    missing = {name: value for name, value in operator.items() if "LOG" not in name}
    assert "BROKER_KEYS__LOG" in run("verify", exit_code=1, **missing).output


def test_decide_prints_a_decision_or_several(tmp_path: Path) -> None:
    file = tmp_path / "document.json"
    file.write_text(json.dumps(EXAMPLE))
    one = json.loads(run("decide", str(file)).stdout)
    file.write_text(json.dumps([EXAMPLE, {**EXAMPLE, "purpose": "vt_advies"}]))
    assert [decision["outcome"] for decision in json.loads(run("decide", str(file)).stdout)] == [one["outcome"], "deny"]


@pytest.mark.parametrize("content", ["{}", "[{}]", "[1]", "no JSON", '{"version": 1'])
def test_decide_refuses_what_is_no_document_with_exit_code_2(tmp_path: Path, content: str) -> None:
    file = tmp_path / "document.json"
    file.write_text(content)
    answer = run("decide", str(file), exit_code=2)
    assert answer.stdout == ""
    assert answer.stderr


@pytest.mark.opa
@pytest.mark.parametrize("engine", ["opa", "both"])
def test_decide_asks_a_real_opa(tmp_path: Path, opa_program: str, engine: str) -> None:
    file = tmp_path / "document.json"
    file.write_text(json.dumps(EXAMPLE))
    asked = json.loads(run("decide", "--engine", engine, str(file), OPA=opa_program).stdout)
    assert {**asked, "engine": "embedded"} == json.loads(run("decide", str(file)).stdout)


def test_decide_without_its_engine_fails_with_exit_code_3(tmp_path: Path) -> None:
    file = tmp_path / "document.json"
    file.write_text(json.dumps(EXAMPLE))
    nobody = "http://127.0.0.1:9"
    answer = run("decide", "--engine", "opa", "--opa-address", nobody, str(file), exit_code=3)
    assert "policy.unavailable" in answer.output


def test_operator_rotates_the_storage_key(operator: dict[str, str], tmp_path: Path) -> None:
    operator.pop("VKEY")
    file, older = tmp_path / "directory.json", operator["BROKER_KEYS__STORAGE"]
    file.write_text(json.dumps(DIRECTORY))
    run("migrate", **operator)
    applied(file, operator)
    ends = {
        role: json.loads((tmp_path / "keys" / f"{role}.json").read_text())["not_after"] for role in ("log", "storage")
    }
    assert all(ends.values())
    assert ends["storage"] < ends["log"]

    newer = tmp_path / "keys" / "storage-2.json"
    assert run("keys", "storage", str(newer), "--id", "storage-2").stdout == "storage-2\n"
    operator["BROKER_KEYS__STORAGE"] = f"file:{newer},{older}"
    assert "1 data keys" in run("rewrap", **operator).output
    assert "0 data keys" in run("rewrap", **operator).output
    operator["BROKER_KEYS__STORAGE"] = f"file:{newer}"
    run("checkpoint", **operator)
    assert "0 answers" in run("tick", **operator).output
    run("verify", **operator)
    operator["BROKER_KEYS__STORAGE"] = older
    assert "key.missing" in run("verify", **operator, exit_code=1).output


def test_database_is_readable_by_its_owner_only(operator: dict[str, str], tmp_path: Path) -> None:
    operator.pop("VKEY")
    run("migrate", **operator)
    files = list(tmp_path.glob("broker.db*"))
    assert files
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}

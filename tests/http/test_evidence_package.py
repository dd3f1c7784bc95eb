"""The evidence package: what it holds for whom, and that the file alone shows when a byte of it was changed."""

from __future__ import annotations

import io
import json
import secrets
import subprocess
import sys
import zipfile
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from broker_keys import fresh_keys
from http_answers import codes_of
from hypothesis import given
from hypothesis import strategies as st
from matter import ANSWERS, REFUSING, WEIGHED
from running import Broker, running
from spelled import found_in
from test_routes import access
from typer.testing import CliRunner
from waiting import eventually

from broker.__main__ import app
from broker.client.package import MEMBERS, Verified, pack, verify_package
from broker.kernel.errors import InputError, IntegrityError, ParseError

Content = dict[str, Any]


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with running() as served:
        yield served


@pytest.fixture(scope="module")
def request_id(broker: Broker) -> str:
    """Return a request that was answered and opened."""
    request, _ = broker.matter.released()
    broker.matter.opened(request)
    return request


@pytest.fixture(scope="module")
def packages(broker: Broker, request_id: str) -> dict[str, bytes]:
    """Return the package of each side's officer."""
    return {name: fetched(broker, name, request_id) for name in ("officer", "answering_officer")}


def fetched(broker: Broker, name: str, request: str) -> bytes:
    return eventually(lambda: broker.people.client(name).evidence(request), unless="package.not_logged_yet")


def members(data: bytes) -> tuple[bytes, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert tuple(archive.namelist()) == MEMBERS
        said, account = (archive.read(name) for name in MEMBERS)
    return said, account


def zipped(*files: tuple[str, bytes], how: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return out.getvalue()


def content_of(data: bytes) -> tuple[Content, str]:
    said, account = members(data)
    content = json.loads(said)
    del content["account"]
    return content, account.decode()


def run(*arguments: str, exit_code: int) -> str:
    answer = CliRunner().invoke(app, ["verify-package", *arguments])
    assert answer.exit_code == exit_code, answer.output
    return answer.output


@pytest.mark.parametrize("name", ["officer", "answering_officer"])
def test_package_holds_and_says_what_each_officer_may_see(
    broker: Broker, request_id: str, packages: dict[str, bytes], name: str
) -> None:
    found = verify_package(packages[name], broker.vkey)
    events = broker.people.client(name).events(request_id)
    content, _ = content_of(packages[name])

    assert isinstance(found, Verified)
    assert (found.request, found.events) == (request_id, len(events))
    assert [(one["id"], one["detail"], one["salt"]) for one in content["events"]] == [
        (one["id"], one["detail"], one["salt"]) for one in events
    ]
    decisions = [one for one in broker.people.client(name).decisions(limit="500") if one["request"] == request_id]
    assert {one["digest"] for one in content["decisions"]} == {one["digest"] for one in decisions}
    stages = {one["document"]["stage"] for one in content["decisions"]}
    assert stages == ({"ask", "open"} if name == "officer" else {"ask", "answer", "open"})


def test_same_content_is_the_same_file_and_its_fetching_is_on_record(broker: Broker, request_id: str) -> None:
    content, account = content_of(fetched(broker, "officer", request_id))
    assert pack(content, account) == pack(json.loads(json.dumps(content)), account)

    answer = broker.people.send("officer", "GET", f"/v1/requests/{request_id}/evidence")
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="bewijs-{request_id}.zip"'
    inspected = [one for one in broker.events() if one.tag == "log:record:inspected" and one.detail]
    assert inspected[-1].detail is not None
    assert inspected[-1].detail["subject"] == request_id


def test_others_get_no_package(broker: Broker, request_id: str) -> None:
    path = f"/v1/requests/{request_id}/evidence"
    assert codes_of(broker.people.send("outside_officer", "GET", path)) == (404, "store.not_found")
    assert codes_of(broker.people.send("worker", "GET", path)) == (403, "policy.refused")
    assert codes_of(broker.people.send("doctor", "GET", path)) == (403, "policy.refused")


def test_package_of_a_refused_question_holds(broker: Broker) -> None:
    request = broker.matter.refused()
    data = fetched(broker, "officer", request)
    assert verify_package(data, broker.vkey).decisions == 1
    _, account = members(data)
    assert "Dit mag zo niet." in account.decode()
    assert codes_of(broker.people.send("answering_officer", "GET", f"/v1/requests/{request}/evidence"))[0] == 404


def test_package_holds_after_everything_that_can_happen_to_a_request(broker: Broker) -> None:
    """Decisions of all kinds are in it: asked without doing, previewed and not released, declined."""
    request = broker.matter.taken()
    send = broker.people.send
    for name, action in (("worker", "ask"), ("worker", "open"), ("doctor", "answer"), ("officer", "open")):
        question = access("worker" if name == "officer" else name, action, "request", request)
        send(name, "POST", "/access/v1/evaluation", question)
        send(name, "POST", "/access/v1/search/resource", {**question, "resource": {"type": "request"}})
    broker.people.client("doctor").record(request, WEIGHED)
    broker.people.client("doctor").preview(request)
    broker.people.client("doctor").record(request, REFUSING)
    broker.people.client("doctor").decline(request)
    send("worker", "POST", f"/v1/requests/{request}/opening")
    broker.people.client("worker").request(request)
    for name in ("officer", "answering_officer"):
        found = verify_package(fetched(broker, name, request), broker.vkey)
        decisions = [one for one in broker.people.client(name).decisions(limit="500") if one["request"] == request]
        assert found.decisions == len({one["digest"] for one in decisions})


def test_package_says_that_a_request_was_erased(broker: Broker) -> None:
    case = broker.matter.victim_case()
    request = broker.matter.refused(case)
    erasure = broker.people.client("worker").ask_erasure(case)["id"]
    broker.people.client("officer").confirm_erasure(erasure)
    data = fetched(broker, "officer", request)
    found = verify_package(data, broker.vkey)
    assert (found.decisions, found.elsewhere) == (0, 1)
    assert "gewist" in members(data)[1].decode()


@given(st.data())
def test_any_changed_byte_of_package_json_is_found(
    broker: Broker, packages: dict[str, bytes], data: st.DataObject
) -> None:
    said, account = members(packages[data.draw(st.sampled_from(sorted(packages)))])
    place = data.draw(st.integers(0, len(said) - 1))
    other = bytes([said[place] ^ data.draw(st.integers(1, 255))])
    changed = said[:place] + other + said[place + 1 :]
    with pytest.raises(IntegrityError):
        verify_package(zipped((MEMBERS[0], changed), (MEMBERS[1], account)), broker.vkey)


@given(st.data())
def test_any_changed_byte_of_the_file_is_harmless_or_found(
    broker: Broker, packages: dict[str, bytes], data: st.DataObject
) -> None:
    whole = packages["officer"]
    place = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :]
    try:
        verify_package(changed, broker.vkey)
    except (IntegrityError, ParseError):
        return
    assert members(changed) == members(whole), "only what the container says of itself may differ"


def without_its_event(content: Content) -> None:
    digest = content["decisions"][0]["digest"]
    content["events"] = [one for one in content["events"] if one["detail"] is None or digest not in decoded(one)]


def decoded(event: Content) -> str:
    return b64decode(event["entry"]).decode()


def another_document(content: Content) -> None:
    content["decisions"][0]["document"]["purpose"] = "rvdk_onderzoek"


def another_outcome(content: Content) -> None:
    content["decisions"][0]["decision"]["outcome"] = "deny"


def another_detail(content: Content) -> None:
    next(one for one in content["events"] if one["detail"])["detail"]["staff"] = "st:colleague"


def detail_of_the_other_side(content: Content) -> None:
    event = next(one for one in content["events"] if one["detail"] is None)
    event.update(detail={"staff": "st:doctor"}, salt="A" * 43 + "=")


def salt_alone(content: Content) -> None:
    next(one for one in content["events"] if one["detail"] is None)["salt"] = "A" * 43 + "="


def another_request(content: Content) -> None:
    content["request"] = "req_" + "0" * 26


def another_order(content: Content) -> None:
    content["events"].reverse()


def event_twice(content: Content) -> None:
    content["events"].append(content["events"][-1])


def decision_twice(content: Content) -> None:
    content["decisions"].append(content["decisions"][-1])


def another_field(content: Content) -> None:
    content["made_by"] = "somebody"


def no_events(content: Content) -> None:
    content.update(events=[], decisions=[])


@pytest.mark.parametrize(
    "tamper",
    [
        without_its_event, another_document, another_outcome, another_detail, detail_of_the_other_side, salt_alone,
        another_request, another_order, event_twice, decision_twice, another_field, no_events,
    ],
)  # fmt: skip
def test_tampered_package_is_found(
    broker: Broker, packages: dict[str, bytes], tamper: Callable[[Content], None], tmp_path: Path
) -> None:
    content, account = content_of(packages["officer"])
    tamper(content)
    file = tmp_path / "package.zip"
    file.write_bytes(pack(content, account))
    with pytest.raises(IntegrityError):
        verify_package(file.read_bytes(), broker.vkey)
    run(str(file), "--vkey", broker.vkey, exit_code=1)


def test_another_account_is_found(broker: Broker, packages: dict[str, bytes]) -> None:
    said, account = members(packages["officer"])
    with pytest.raises(IntegrityError, match=r"account\.html"):
        verify_package(zipped((MEMBERS[0], said), (MEMBERS[1], account + b" ")), broker.vkey)


def test_another_key_is_found(broker: Broker, packages: dict[str, bytes], tmp_path: Path) -> None:
    other = fresh_keys(tmp_path, broker.clock).vkey
    with pytest.raises(IntegrityError):
        verify_package(packages["officer"], other)
    content, account = content_of(packages["officer"])
    with pytest.raises(IntegrityError):
        verify_package(pack({**content, "log": other}, account), other)


def test_what_is_no_package_is_told_apart(packages: dict[str, bytes], tmp_path: Path) -> None:
    said, account = members(packages["officer"])
    whole = [(MEMBERS[0], said), (MEMBERS[1], account)]
    bomb = zipped((MEMBERS[0], b"0" * 50_000_000), (MEMBERS[1], b""), how=zipfile.ZIP_DEFLATED)
    others = [
        b"", b"PK", said, bomb, zipped(*whole, how=zipfile.ZIP_DEFLATED), zipped(*whole, ("more", b"")),
        zipped(*reversed(whole)), zipped(whole[0]), packages["officer"][:-30], b"x" * (32 * 1024 * 1024 + 1),
    ]  # fmt: skip
    for number, other in enumerate(others):
        with pytest.raises(InputError, match="no evidence package"):
            verify_package(other)
        file = tmp_path / f"{number}.zip"
        file.write_bytes(other)
        assert "package.malformed" in run(str(file), exit_code=2)
    assert "file.unreadable" in run(str(tmp_path / "nothing.zip"), exit_code=2)
    with pytest.raises(IntegrityError):
        verify_package(zipped((MEMBERS[0], json.dumps(json.loads(said), indent=1).encode()), whole[1]))


def test_command_says_what_holds_and_what_it_cannot_show(
    broker: Broker, packages: dict[str, bytes], tmp_path: Path
) -> None:
    file = tmp_path / "package.zip"
    file.write_bytes(packages["answering_officer"])
    told = run(str(file), "--vkey", broker.vkey, exit_code=0)
    assert "klopt" in told
    assert "--vkey" not in told
    assert "--vkey" in run(str(file), exit_code=0)


def test_verifying_loads_no_server_and_no_database(broker: Broker, packages: dict[str, bytes], tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    file.write_bytes(packages["officer"])
    program = (
        "import sys; from broker.__main__ import app\n"
        f"try: app(['verify-package', {str(file)!r}, '--vkey', {broker.vkey!r}])\n"
        "except SystemExit as end: assert not end.code\n"
        "assert not {'sqlalchemy', 'fastapi', 'httpx', 'uvicorn', 'broker.store'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_account_is_a_page_by_itself_without_names_and_free_text(broker: Broker) -> None:
    marked = {name: f"MERKTEKEN{secrets.token_hex(8)}" for name in ("name", "question", "concern", "step", "answer")}
    matter, worker, doctor = broker.matter, broker.people.client("worker"), broker.people.client("doctor")
    case = matter.case_body()
    case["persons"][0]["name"] = marked["name"]
    body = matter.ask_body(worker.register_case(case)["id"])
    body["questions"][0]["text"] += marked["question"]
    body["concern"]["content"] += marked["concern"]
    request = worker.ask(body)["request"]["id"]
    doctor.take(request)
    doctor.record_consent(matter.consent_body(request=request))
    doctor.record(
        request,
        {**WEIGHED, "steps": {**WEIGHED["steps"], "ST-04": {**WEIGHED["steps"]["ST-04"], "note": marked["step"]}}},
    )
    doctor.release(request, [{**answer, "text": marked["answer"]} for answer in ANSWERS])
    matter.opened(request)

    for name in ("officer", "answering_officer"):
        data = fetched(broker, name, request)
        assert {mark for mark, text in marked.items() if found_in(data, text)} == set()
        account = members(data)[1].decode()
        assert "<script" not in account
        assert " src=" not in account
        assert "<link" not in account
        assert 'lang="nl"' in account
        assert "kind (child1)" in account
        assert "artikel" in account
        assert "antwoord geopend" in account
        assert "Besluit van de professional" in account

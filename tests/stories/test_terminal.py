"""In the terminal people read sentences: what is so, why, and what to do next. The files are those that ship."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from logged import publish_all
from running import Broker, running
from test_command_line import Person, run

from broker.api.cases import CaseChangeIn, CaseIn
from broker.api.consents import ConsentIn
from broker.api.requests import AskIn
from broker.api.weighing import RecordIn
from broker.kernel.strict_yaml import read_yaml

_NAMES = ("Noor de Boer", "Marieke Visser", "Tim de Boer")
_ANSWER = "drie ronde blauwe plekken"


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with running() as served:
        yield served


def _example(person: Person, broker: Broker, name: str, **ids: str) -> str:
    """Write an example to a file, as somebody would who fills in his own case, responder and days."""
    text = run("client", "example", name).stdout
    today = broker.people.now().date()
    text = re.sub(r"2026-11-\d\d", (today - timedelta(days=3)).isoformat(), text)
    for example, ours in {"org:praktijk-linnaeus": "org:gp", "org:vt-amsterdam": "org:vt", **ids}.items():
        text = text.replace(example, ours)
    path = person.folder / f"{name}-{len(list(person.folder.iterdir()))}.yaml"
    path.write_text(text)
    return str(path)


def test_a_whole_request_is_read_in_sentences(broker: Broker, tmp_path: Path) -> None:
    worker, doctor = (Person(name, broker, tmp_path, key=True) for name in ("worker", "doctor"))
    for name, colleague in (("worker", "colleague"), ("doctor", "partner")):
        key = json.loads(run("client", "--session", str(tmp_path / f"{name}.json"), "keys", "--json").stdout)[0]
        said = Person(colleague, broker, tmp_path, key=False).reads("confirm-key", key["key_id"]).stdout
        assert "in gebruik" in said
    publish_all(broker.w)

    said = worker.reads("register-case", _example(worker, broker, "register-case")).stdout
    case = said.split(";")[0].strip()
    assert all(name in said for name in _NAMES)
    assert case in worker.reads("cases").stdout

    said = worker.reads("ask", _example(worker, broker, "ask", cas_00000000000000000000000000=case)).stdout
    request = re.search(r"Kenmerk: (req_\w+)", said)[1]  # type: ignore[index]
    assert "Noor de Boer: Is er sinds september letsel gezien" in said
    assert f"broker client show {request}" in said
    assert "Huisartsenpraktijk" in worker.reads("worklist").stdout or "org:gp" in worker.reads("worklist").stdout

    said = doctor.reads("show", request).stdout
    assert f"De vraag oppakken: broker client take {request}" in said
    assert f"broker client record {request}" in doctor.reads("take", request).stdout
    record = _example(doctor, broker, "record")
    assert "Afweging: geven" in doctor.reads("record", request, record).stdout
    consent = doctor.reads("consent", _example(doctor, broker, "consent", req_00000000000000000000000000=request))
    assert "mother: toestemming gegeven" in consent.stdout
    consent_id = consent.stdout.split()[0]

    answers = _example(doctor, broker, "release")
    said = doctor.reads("preview", request, "--answers", answers).stdout
    assert _ANSWER in said
    assert "verzegeld aan st:worker van" in said
    assert _ANSWER not in doctor.reads("preview", request).stdout
    assert "Verstuurd: alles." in doctor.reads("release", request, answers).stdout

    publish_all(broker.w)
    said = worker.reads("open", request).stdout
    assert _ANSWER in said
    assert "(eigen waarneming)" in said
    assert consent_id in doctor.reads("consents", case).stdout
    said = doctor.reads("withdraw", consent_id).stdout
    assert "toestemming ingetrokken" in said
    assert re.search(r"\+ q1 Noor de Boer, .*: blijft\s+open", said)
    assert "voorwaarden" in worker.reads("phase", case, "voorwaarden_en_vervolg").stdout


def test_errors_say_what_helps_once_and_in_one_language(broker: Broker, tmp_path: Path) -> None:
    worker = Person("worker", broker, tmp_path, key=False)
    said = worker.reads("show", "req_" + "0" * 26, exit_code=1).output.strip()
    assert len(said.splitlines()) == 1, said
    officer = Person("officer", broker, tmp_path, key=False)
    said = officer.reads("inbox", exit_code=1).output
    assert re.search(r"- DN-\d\d: [A-Z]", said), said


def test_what_others_wrote_does_not_steer_the_terminal(broker: Broker, tmp_path: Path) -> None:
    worker, doctor = (Person(name, broker, tmp_path, key=False) for name in ("worker", "doctor"))
    case = worker.does("register-case", worker.file(broker.matter.case_body()))["id"]
    body = broker.matter.ask_body(case)
    body["questions"][0]["text"] = "Is er letsel\u202e gezien?"
    request = worker.does("ask", worker.file(body))["request"]["id"]
    said = doctor.reads("show", request).stdout
    assert not re.search("\u202e", said)
    assert "letsel\\u202e gezien" in said


@pytest.mark.parametrize(
    ("name", "shape"),
    [
        ("register-case", CaseIn),
        ("ask", AskIn),
        ("record", RecordIn),
        ("consent", ConsentIn),
        ("change-case", CaseChangeIn),
    ],
)
def test_examples_fit(name: str, shape: type[CaseIn]) -> None:
    shape.model_validate(read_yaml(run("client", "example", name).stdout.encode()))


def test_examples_are_named() -> None:
    names = run("client", "example").stdout.split()
    assert names == sorted({"ask", "change-case", "consent", "record", "register-case", "release"})
    assert "ask" in run("client", "example", "nothing", exit_code=2).output

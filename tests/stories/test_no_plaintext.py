"""What a professional answers is nowhere at the broker: not on disk, not in its output, not in its memory.

The answers carry a marker. It is looked for as it is, as wide characters, in hexadecimal, and in base64 at each of its
three alignments. Each search is first shown to find a marker that is there: a question's text in memory, a body that is
half received, a value that was planted in the database.
"""

from __future__ import annotations

import re
import secrets
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from databases import fresh_postgres, fresh_sqlite
from matter import ANSWERS, WEIGHED
from running import running
from serving import Server
from spelled import found_in, spellings
from sqlalchemy import MetaData, create_engine, make_url, select, text
from staff import SUBJECTS
from waiting import wait_until

from broker.demo.issuer import DemoIssuer


def memory_of(pid: int) -> Iterator[bytes]:
    """Yield the contents of every readable region of a process's memory (proc(5), maps and mem)."""
    process = Path("/proc") / str(pid)
    try:
        mem = (process / "mem").open("rb", buffering=0)
    except OSError:
        pytest.skip("this machine has no readable /proc/PID/mem")
    with mem:
        for line in (process / "maps").read_text().splitlines():
            match = re.match(r"([0-9a-f]+)-([0-9a-f]+) r.*?(\S*)$", line)
            if match is None or match[3] in {"[vvar]", "[vsyscall]", "[vvar_vclock]"}:
                continue
            start, end = int(match[1], 16), int(match[2], 16)
            try:
                mem.seek(start)
                yield mem.read(end - start)
            except (OSError, OverflowError, ValueError):
                continue  # the region went away, or is a device's


def found_in_memory(pid: int, marker: str) -> set[str]:
    """Return the spellings of a marker that stand anywhere in a process's memory."""
    return {name for region in memory_of(pid) for name in found_in(region, marker)}


def found_in_rows(url: str, marker: str) -> set[str]:
    """Return the spellings of a marker that stand in any value of any table, as the database itself reads them."""
    engine = create_engine(url)
    tables, found = MetaData(), set()
    with engine.connect() as connection:
        tables.reflect(connection)
        for table in tables.sorted_tables:
            for row in connection.execute(select(table)):
                for value in row:
                    found |= found_in(value if isinstance(value, bytes) else str(value).encode(), marker)
    engine.dispose()
    return found


def found_in_files(directory: Path, marker: str) -> set[str]:
    """Return the spellings of a marker that stand in any file under a directory."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    assert files
    found: set[str] = set()
    for path in files:
        # A server that runs replaces some of its files (pg_internal.init) between the listing and the reading.
        with suppress(FileNotFoundError):
            found |= found_in(path.read_bytes(), marker)
    return found


@contextmanager
def half_sent(server: Server, body: bytes) -> Iterator[None]:
    """Keep a call open whose body has come in by half, so that the server holds these bytes."""
    host, port = server.people.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as caller:
        head = (
            f"POST /v1/cases HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body) * 2}"
        )
        caller.sendall(head.encode() + b"\r\n\r\n" + body)
        yield


def marker() -> str:
    """Return a text that stands nowhere else."""
    return f"MERKTEKEN{secrets.token_hex(16)}"


class Told:
    """A story told to a server of its own, its question and its answers marked."""

    def __init__(self, server: Server) -> None:
        self.asked, self.answered = marker(), marker()
        worker, doctor = server.people.client("worker"), server.people.client("doctor")
        matter = server.matter
        body = matter.ask_body(matter.case())
        body["questions"][0]["text"] = f"Is er letsel gezien? {self.asked}"
        self.request = worker.ask(body)["request"]["id"]
        doctor.take(self.request)
        doctor.record_consent(matter.consent_body(request=self.request))
        doctor.record(self.request, WEIGHED)
        answers = [{**answer, "text": f"{answer['text']} {self.answered} "} for answer in ANSWERS]
        assert doctor.release(self.request, answers)["release"]["parts"] == 2
        opened = matter.opened(self.request)
        assert [self.answered in part["statements"][0]["text"] for part in opened["parts"]] == [True, True]
        for _ in range(20):
            assert self.asked in str(doctor.request(self.request))


@contextmanager
def told(url: str, directory: Path) -> Iterator[tuple[Server, Told]]:
    """Tell a story to a server of its own on this database."""
    with DemoIssuer() as issuer:
        server = Server(directory, url=url, issuer=issuer)
        try:
            server.start()
            yield server, Told(server)
        finally:
            server.stop()


def check_memory_and_output(server: Server, story: Told) -> None:
    """Search the server's memory and output, and show that the search finds what is there."""
    planted = marker()
    body = b" " + planted.encode() + b64encode(planted.encode()) + b64encode(b"x" + planted.encode())
    with half_sent(server, body):
        wait_until(lambda: {"as it is", "base64 at 0", "base64 at 1"} <= found_in_memory(server.pid, planted))
    assert "as it is" in found_in_memory(server.pid, story.asked)

    assert found_in_memory(server.pid, story.answered) == set()
    assert found_in(server.log.read_bytes(), story.answered) == set()
    assert found_in(server.log.read_bytes(), story.asked) == set()


def test_answer_is_nowhere_at_the_broker(tmp_path: Path) -> None:
    with told(fresh_sqlite(tmp_path), tmp_path) as (server, story):
        check_memory_and_output(server, story)
        assert (tmp_path / "broker.db-wal").stat().st_size > 0
        for secret in (story.answered, story.asked):
            assert found_in_files(tmp_path, secret) == set()
            assert found_in_rows(f"sqlite:///{tmp_path / 'broker.db'}", secret) == set()
        # How the identity provider knows the two, and what only a decision's document says.
        for secret in (SUBJECTS["worker"], SUBJECTS["doctor"], '"age":', '"law_as_of":'):
            assert found_in_files(tmp_path, secret) == set()


@pytest.mark.postgres
def test_answer_is_nowhere_in_postgresql(postgres_url: str, tmp_path: Path) -> None:
    with fresh_postgres(postgres_url) as url, told(url, tmp_path) as (server, story):
        check_memory_and_output(server, story)
        checkpoint(url)
        data = Path(str(make_url(url).query["host"])) / "data"
        for secret in (story.answered, story.asked):
            assert found_in_rows(url, secret) == set()
            assert found_in_files(data, secret) == set()


def checkpoint(url: str) -> None:
    """Have PostgreSQL write its buffers into its files."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CHECKPOINT"))
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def test_search_finds_what_is_on_record(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    planted = marker()
    with database(kind, tmp_path, request) as (url, directory):
        engine = create_engine(url)
        with engine.begin() as connection:
            for number, spelling in enumerate(spellings(planted).values()):
                connection.execute(
                    text("INSERT INTO data_keys (subject, wrapped) VALUES (:subject, :wrapped)"),
                    {"subject": f"planted-{number}", "wrapped": spelling},
                )
        engine.dispose()
        if kind == "postgres":
            checkpoint(url)
        assert found_in_rows(url, planted) == set(spellings(planted))
        assert found_in_files(directory, planted) == set(spellings(planted))


@contextmanager
def database(kind: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[tuple[str, Path]]:
    """Yield the URL of a fresh database and the directory of its files."""
    if kind == "sqlite":
        yield fresh_sqlite(folder), folder
    else:
        with fresh_postgres(request.getfixturevalue("postgres_url")) as url:
            yield url, Path(str(make_url(url).query["host"])) / "data"


@pytest.mark.parametrize("around", ["", "x", "xy", "één tekst vooraf "])
def test_spellings_find_a_marker_wherever_it_stands(around: str) -> None:
    planted = marker()
    text = f"{around}{planted}{around}"

    assert found_in(b64encode(text.encode()), planted)
    assert "as it is" in found_in(text.encode(), planted)
    assert "wide" in found_in(text.encode("utf-16-le"), planted)
    assert "hexadecimal" in found_in(text.encode().hex().upper().encode(), planted)
    assert found_in(b64encode(around.encode() + marker().encode()), planted) == set()


FREE_TEXT = {
    "CaseChangeIn.reference",
    "CaseIn.reference",
    "DeclineIn.message",
    "ConcernIn.nature",
    "ConcernIn.seriousness",
    "ConcernIn.content",
    "ConcernIn.compelling_need",
    "PersonIn.name",
    "QuestionIn.text",
    "StepIn.note",
    "StepIn.outcome",
    "StepIn.whom",
    "WeighingIn.reasons",
}
"""Every place of the API where somebody may write freely. None is for an answer: that goes sealed, as base64."""

NAMES = {
    "ActionIn.name",
    "DenialIn.expires_at",
    "EntityIn.id",
    "EntityIn.type",
    "PageIn.token",
    "SoughtIn.type",
}
"""Names and tokens that AuthZEN leaves open; what they do not name here is nothing, and they are not kept."""


def free_texts(name: str, schema: dict[str, Any]) -> set[str]:
    """Return the fields under a schema that take any text."""
    if schema.get("type") == "string" and not schema.keys() & {"enum", "pattern", "format", "contentEncoding", "const"}:
        return {name}
    inner = [*schema.get("anyOf", []), schema.get("items"), schema.get("additionalProperties")]
    found = {field for part in inner if isinstance(part, dict) for field in free_texts(name, part)}
    for field, part in schema.get("properties", {}).items():
        found |= free_texts(f"{name}.{field}", part)
    return found


def test_api_has_no_place_for_an_answer_in_plain_text() -> None:
    with running() as broker:
        described = broker.people.send(None, "GET", "/v1/openapi.json").json()
    schemas = described["components"]["schemas"]

    taken_in = {name: schema for name, schema in schemas.items() if not name.endswith("Out")}
    assert {field for name, schema in taken_in.items() for field in free_texts(name, schema)} == FREE_TEXT | NAMES
    assert set(schemas["SealedPartIn"]["properties"]) == {"question", "person", "category", "recipient", "sealed"}
    assert set(schemas["ReleaseIn"]["properties"]) == {"decision", "parts"}
    for operations in described["paths"].values():
        for operation in operations.values():
            for media in operation.get("requestBody", {"content": {}})["content"].values():
                assert set(media["schema"]) == {"$ref"}

"""What fails, fails closed: nothing is released, the caller is told what to do, and the attempt is not forgotten."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from broker_keys import moved_away
from databases import fresh_postgres, fresh_sqlite
from http_answers import check_answer, codes_of, problem_of
from matter import ANSWERS
from people import keys_of
from running import Broker, running
from serving import free_port
from sqlalchemy import Engine, create_engine, event, make_url
from waiting import wait_until

from broker.client.parts import seal_parts
from broker.policy.bundle import SERVER, policies_path
from broker.settings import Policy

SECONDS = 5.0
"""How long a call may take to fail: every wait in the broker ends."""


@contextmanager
def opa_server(program: str, port: int) -> Iterator[None]:
    """Run OPA on this port with the bundle of this checkout until the block ends."""
    bundle = policies_path() / "bundle" / SERVER
    command = [program, "run", "--server", "--log-level=error", f"--addr=127.0.0.1:{port}", str(bundle)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL) as server:
        try:
            wait_until(lambda: answers(f"http://127.0.0.1:{port}/health?bundles"))
            yield
        finally:
            server.kill()


def answers(address: str) -> bool:
    """Tell whether somebody answers 200 there."""
    try:
        return httpx.get(address).is_success
    except httpx.HTTPError:
        return False


class Case:
    """A request that could be released, and all calls that ask the policy or write."""

    def __init__(self, broker: Broker) -> None:
        self.broker = broker
        doctor = broker.people.client("doctor")
        self.case = broker.matter.case()
        self.request, self.consent = broker.matter.weighed(self.case)
        previewed = doctor.preview(self.request)
        parts = seal_parts(previewed, ANSWERS, keys_of("doctor"), previewed["log"])
        self.release = {"decision": previewed["decision"]["id"], "parts": parts}
        self.question = {
            "subject": {"type": "worker", "id": "st:worker"},
            "action": {"name": "ask"},
            "resource": {"type": "request", "id": self.request},
        }
        self.released, _ = broker.matter.released()
        broker.matter.opened(self.released)

    def calls(self) -> dict[str, tuple[str, str, str, object]]:
        """Return what people may do now, each by its name."""
        matter = self.broker.matter
        return {
            "ask": ("worker", "POST", "/v1/requests", matter.ask_body(self.case)),
            "preview": ("doctor", "POST", f"/v1/requests/{self.request}/preview", None),
            "release": ("doctor", "POST", f"/v1/requests/{self.request}/release", self.release),
            "open": ("worker", "POST", f"/v1/requests/{self.released}/opening", None),
            "register": ("worker", "POST", "/v1/cases", matter.case_body()),
            "inbox": ("doctor", "GET", "/v1/inbox", None),
            "oversee": ("officer", "GET", "/v1/decisions", None),
            "evaluate": ("worker", "POST", "/access/v1/evaluation", self.question),
        }

    def try_to(self, name: str) -> httpx.Response:
        """Make one of the calls."""
        return self.broker.people.send(*self.calls()[name])

    def fails_closed(self, name: str, *codes: str) -> None:
        """Make a call that must end in a 503 with one of these codes, soon, handing out nothing."""
        started = time.monotonic()
        answer = self.try_to(name)
        assert answer.status_code == 503, (name, answer.text)
        problem = problem_of(answer)
        assert problem["code"] in codes, name
        assert set(problem) == {"type", "title", "status", "detail", "code"}
        assert time.monotonic() - started < SECONDS

    def has_healed(self) -> None:
        """Release after all, and see that the whole log adds up; a connection that was lost shows itself once."""
        wait_until(lambda: self.try_to("release").status_code == 201)
        assert len(self.broker.matter.opened(self.request)["parts"]) == 2
        self.broker.verify()


@contextmanager
def nothing_changes(broker: Broker) -> Iterator[None]:
    """Hold what is on record after the block to what was there before."""
    before = broker.contents()
    yield
    assert broker.contents() == before


ASKING_THE_POLICY = ["ask", "preview", "release", "open", "register", "inbox", "oversee", "evaluate"]


@pytest.mark.opa
@pytest.mark.parametrize("engine", ["opa", "both"])
def test_stopped_policy_server_ends_closed(opa_program: str, engine: Any) -> None:
    port = free_port()
    policy = Policy(engine=engine, opa_address=f"http://127.0.0.1:{port}")
    with running(policy=policy) as broker:
        with opa_server(opa_program, port):
            case = Case(broker)
        with nothing_changes(broker):
            for name in ASKING_THE_POLICY:
                case.fails_closed(name, "policy.unavailable")
        assert dict(broker.attempt("attempt:call:failed", "policy.unavailable").detail or {})["reasons"] == []
        assert people_still_read_the_log(broker)
        with opa_server(opa_program, port):
            case.has_healed()


def people_still_read_the_log(broker: Broker) -> bool:
    """Tell whether what needs no policy is still there."""
    return broker.people.client("worker").checkpoint().startswith("broker.example/log\n")


class Impostor(ThreadingHTTPServer):
    """Answers in OPA's place with whatever `said` is; a float makes it silent for that many seconds."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.said: bytes | float = b""
        self.status = 200

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Answering(BaseHTTPRequestHandler):
    server: Impostor

    def do_POST(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        said = self.server.said
        if isinstance(said, float):
            time.sleep(said)
            said = b"{}"
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name of the base class
        """Keep quiet."""


@contextmanager
def impostor() -> Iterator[Impostor]:
    """Run an impostor until the block ends."""
    with Impostor() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


PERMIT = {
    "outcome": "permit", "parts": [], "grounds": [], "reasons": [], "referrals": [], "obligations": [], "todo": [],
    "exceptions": [],
}  # fmt: skip
GARBAGE: dict[str, tuple[bytes | float, int, str]] = {
    "nothing": (b"", 200, "policy.unavailable"),
    "no JSON": (b"<html>permit</html>", 200, "policy.unavailable"),
    "no result": (b"{}", 200, "policy.unavailable"),
    "a warning": (
        b'{"result": {"outcome": "permit"}, "warning": {"code": "api_usage_warning"}}',
        200,
        "policy.unavailable",
    ),
    "an error": (b'{"result": {"outcome": "permit"}}', 500, "policy.unavailable"),
    "not found": (b"{}", 404, "policy.unavailable"),
    "true": (b'{"result": true}', 200, "policy.malformed"),
    "null": (b'{"result": null}', 200, "policy.malformed"),
    "a list": (b'{"result": ["permit"]}', 200, "policy.malformed"),
    "half a permit": (b'{"result": {"outcome": "permit"}}', 200, "policy.malformed"),
    "a permit of another bundle": (
        json.dumps({"result": {**PERMIT, "bundle": {"revision": "9", "digest": "sha256:" + "0" * 64}}}).encode(),
        200,
        "policy.malformed",
    ),
    "numbers no double holds": (b'{"result": {"outcome": 1e999}}', 200, "policy.malformed"),
    "half a character": (b'{"result": {"outcome": "\\ud800"}}', 200, "policy.malformed"),
    "an integer no double holds": (b'{"result": {"outcome": ' + b"9" * 400 + b"}}", 200, "policy.malformed"),
    "a tower of lists": (b'{"result": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 200, "policy.unavailable"),
    "silence": (10.0, 200, "policy.unavailable"),
}


@pytest.mark.parametrize("engine", ["opa", "both"])
def test_answer_that_is_no_decision_ends_closed(engine: Any) -> None:
    with (
        impostor() as server,
        running(policy=Policy(engine=engine, opa_address=server.address, opa_timeout=0.3)) as broker,
        nothing_changes(broker),
    ):
        for name, (said, status, code) in GARBAGE.items():
            server.said, server.status = said, status
            answer = broker.people.send("worker", "GET", "/v1/requests")
            assert codes_of(answer) in {(503, code), (503, "policy.malformed")}, name
            register = broker.people.send("worker", "POST", "/v1/cases", broker.matter.case_body())
            assert register.status_code == 503, name
        broker.attempt("attempt:call:failed", "policy.malformed")
        broker.attempt("attempt:call:failed", "policy.unavailable")
        broker.verify()


@contextmanager
def no_more_pages(broker: Broker) -> Iterator[None]:
    """Let the SQLite file grow no further, on whichever connection: SQLite answers as on a full disk."""
    engine: Engine = broker.w.store._engine  # type: ignore[attr-defined]

    def limit(connection: Any, *_: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")

    def lift(connection: Any, *_: object) -> None:
        connection.execute("PRAGMA max_page_count = 1000000")

    event.listen(engine, "checkout", limit)
    yield
    event.remove(engine, "checkout", limit)
    event.listen(engine, "checkout", lift)


def until_it_fails(case: Case, name: str, code: str) -> None:
    """Repeat a call until there is no room left for it; what was acknowledged before stays."""
    for _ in range(2000):
        answer = case.try_to(name)
        if answer.is_error:
            assert codes_of(answer) == (503, code)
            return
    raise AssertionError("the disk was never full")


def test_full_disk_ends_closed() -> None:
    with running() as broker:
        case = Case(broker)
        with no_more_pages(broker):
            until_it_fails(case, "register", "store.unavailable")
            with nothing_changes(broker):
                for name in ("ask", "release"):
                    case.fails_closed(name, "store.unavailable")
        broker.attempt("attempt:call:failed", "store.unavailable")
        case.has_healed()


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mount a real small disk; skipped where that is not allowed."""
    with tempfile.TemporaryDirectory() as folder:
        mount = shutil.which("mount")
        mounted = mount and subprocess.run(
            [mount, "-t", "tmpfs", "-o", f"size={megabytes}m", "deelgrond", folder], capture_output=True, check=False
        )
        if not mounted or mounted.returncode != 0:
            pytest.skip("this machine has no right to mount a small disk")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


def test_really_full_disk_ends_closed() -> None:
    with small_disk(4) as disk, running(fresh_sqlite(disk)) as broker:
        case = Case(broker)
        ballast = disk / "ballast"
        with ballast.open("wb") as file:
            file.write(b"\x00" * (shutil.disk_usage(disk).free - 64 * 1024))
        until_it_fails(case, "register", "store.unavailable")
        with nothing_changes(broker):
            for name in ("ask", "release"):
                case.fails_closed(name, "store.unavailable")
        ballast.unlink()
        broker.attempt("attempt:call:failed", "store.unavailable")
        case.has_healed()


@contextmanager
def closed_database(url: str) -> Iterator[None]:
    """End every session of a PostgreSQL database and let nobody in, as a server that is down."""
    name = make_url(url).database
    admin = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        end_sessions(url)
        yield
        connection.exec_driver_sql(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    admin.dispose()


def end_sessions(url: str) -> None:
    """End the server's side of every session of this database."""
    admin = create_engine(make_url(url).set(database="postgres"), isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
            (make_url(url).database,),
        )
    admin.dispose()


@pytest.mark.postgres
def test_database_that_is_down_ends_closed(postgres_url: str) -> None:
    with fresh_postgres(postgres_url) as url, running(url) as broker:
        case = Case(broker)
        before = broker.contents()
        with closed_database(url):
            for name in ASKING_THE_POLICY:
                case.fails_closed(name, "store.unavailable")
            wait_until(lambda: codes_of(broker.people.send(None, "GET", "/v1/health")) == (503, "store.unavailable"))
        attempt = broker.attempt("attempt:call:failed", "store.unavailable")
        assert {"staff", "subject"} & dict(attempt.detail or {}).keys()
        assert broker.contents() == before
        case.has_healed()


@pytest.mark.postgres
def test_lost_sessions_lose_nothing_that_was_acknowledged(postgres_url: str) -> None:
    with fresh_postgres(postgres_url) as url, running(url) as broker:
        case = Case(broker)
        ended = threading.Event()

        def keep_ending() -> None:
            while not ended.wait(0.02):
                end_sessions(url)

        ending = threading.Thread(target=keep_ending)
        ending.start()
        answers = [case.try_to(name) for _ in range(10) for name in ("ask", "preview", "register")]
        ended.set()
        ending.join()

        assert {answer.status_code for answer in answers} <= {200, 201, 503}
        on_record = str(broker.contents())
        for answer in answers:
            if answer.is_success:
                body = answer.json()
                assert (body["decision"]["id"] if "decision" in body else body["id"]) in on_record
        case.has_healed()


@pytest.mark.parametrize("role", ["storage", "pseudonym"])
def test_missing_key_ends_closed(role: str) -> None:
    """Without the one nothing is read or written, without the other the directory knows nobody."""
    with running() as broker:
        case = Case(broker)
        before = broker.contents()
        with moved_away(broker.key_file(role)):
            for name in ("ask", "preview", "release", "open", "register", "inbox", "oversee", "evaluate"):
                case.fails_closed(name, "key.missing")
            assert broker.contents() == before
        attempt = broker.attempt("attempt:call:failed", "key.missing")
        assert {"staff", "subject"} & dict(attempt.detail or {}).keys()
        case.has_healed()


def test_missing_signing_key_hands_out_nothing_new() -> None:
    with running() as broker:
        case = Case(broker)
        with moved_away(broker.key_file("log")):
            with broker.w.store.sequencing():
                pass  # a round that had begun before the key was gone is over now
            checkpoint = broker.people.client("worker").checkpoint()
            assert case.try_to("release").status_code == 201
            path = f"/v1/requests/{case.request}/opening"
            assert codes_of(broker.people.send("worker", "POST", path)) == (409, "release.not_logged_yet")
            assert case.try_to("open").is_success
            assert broker.people.client("worker").checkpoint() == checkpoint
        assert len(broker.matter.opened(case.request)["parts"]) == 2
        broker.attempt("attempt:call:failed", "release.not_logged_yet")
        broker.verify()


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda path: path.chmod(0o644), "key.exposed"),
        (lambda path: path.write_text(path.read_text().replace('"kind":"storage', '"kind":"log-')), "key.wrong_kind"),
        (lambda path: path.write_text(path.read_text()[:-9]), "key.wrong_kind"),
        (lambda path: path.write_text(path.read_text().replace("storage-1", "storage-2")), "key.replaced"),
    ],
)
def test_damaged_key_ends_closed(damage: Callable[[Path], object], code: str) -> None:
    with running() as broker:
        case = Case(broker)
        path = broker.key_file("storage")
        whole = path.read_text()
        damage(path)
        with nothing_changes(broker):
            for name in ("ask", "release", "open"):
                case.fails_closed(name, code)
        path.write_text(whole)
        path.chmod(0o600)
        broker.attempt("attempt:call:failed", code)
        case.has_healed()


def test_every_answer_in_a_fault_has_its_headers() -> None:
    with running() as broker, moved_away(broker.key_file("storage")):
        check_answer(broker.people.send("worker", "GET", "/v1/requests"))

"""Who is not signed in costs nothing, and who is signed in cannot stop the others."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress

import httpx
import pytest
from broker_keys import moved_away
from http_answers import codes_of
from logged import outcome_of, publish_all
from running import MAX_BODY, Broker, running
from sqlalchemy import create_engine
from waiting import PATIENCE, wait_until

import broker.api.body
import broker.app
import broker.listen
from broker.api.callers import Callers
from broker.domain.request import MOST_PARTS
from broker.domain.store import Store
from broker.flows.attempt import PendingAttempts
from broker.kernel.errors import StoreUnavailable


@contextmanager
def connected(broker: Broker) -> Iterator[socket.socket]:
    """Yield a connection to the broker."""
    host, port = broker.people.address.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=PATIENCE)) as caller:
        yield caller


def ends(caller: socket.socket) -> bytes:
    """Return what is answered until the other side ends the connection."""
    answer = b""
    with suppress(ConnectionResetError):
        while piece := caller.recv(65536):
            answer += piece
    return answer


@contextmanager
def letting_in(broker: Broker, callers: Callers) -> Iterator[None]:
    """Have the broker let in who these do, until the block ends."""
    before, broker.app.state.callers = broker.app.state.callers, callers
    try:
        yield
    finally:
        broker.app.state.callers = before


def head(broker: Broker, name: str | None, length: int) -> bytes:
    """Return the head of a call that announces a body of this length."""
    lines = broker.people.signed(name, "POST", "/v1/cases") if name else {}
    lines |= {"Host": "x", "Content-Type": "application/json", "Content-Length": str(length)}
    return ("POST /v1/cases HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n").encode()


def test_who_is_not_signed_in_is_refused_before_he_sends_his_body(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_listen, "LINGER", 0.1)
    with connected(broker) as caller:
        caller.sendall(head(broker, None, MAX_BODY) + b"{")
        answer = ends(caller)
    assert answer.startswith(b"HTTP/1.1 401 ")
    assert answer.count(b"HTTP/1.1") == 1


def test_body_that_was_not_read_does_not_end_the_connection_of_who_sent_it_all(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broker_listen, "LINGER", 0.2)
    with connected(broker) as caller:
        for _ in range(3):
            caller.sendall(head(broker, None, 5))
            answer = b""
            while not answer.endswith(b'"identity.no_token"}'):
                answer += caller.recv(65536)
            caller.sendall(b"[1,2]")
            time.sleep(0.3)


@pytest.mark.parametrize(
    "began",
    [b"", b"GET", b"GET /v1/health HTTP/1.1\r\nHost: x\r\nX-Slow: a", b"GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\nG"],
)
def test_half_open_connection_ends(began: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_listen, "LOOK_EVERY", 0.3)
    with running() as served, connected(served) as caller:
        caller.sendall(began)
        stopping = threading.Event()

        def drip() -> None:
            with suppress(OSError):
                while not stopping.wait(0.05):
                    caller.sendall(b"a")

        dripping = threading.Thread(target=drip)
        if began:
            dripping.start()
        answer = ends(caller)  # times out when nobody ends it
        stopping.set()
        assert answer.count(b"HTTP/1.1 ") == began.count(b"\r\n\r\n")


def test_call_under_way_is_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_listen, "LOOK_EVERY", 0.1)
    with running() as served:
        body = b'{"persons": []}'
        with connected(served) as caller:
            caller.sendall(head(served, "worker", len(body)))
            for byte in body:
                time.sleep(0.05)
                caller.sendall(bytes([byte]))
            assert caller.recv(65536).startswith(b"HTTP/1.1 400 ")


def test_who_does_not_listen_to_his_answer_is_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_listen, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(broker_listen, "CALL_LASTS", 0.5)
    with running() as served, connected(served) as caller:
        caller.sendall(head(served, "worker", 100) + b"{")
        assert ends(caller) == b""


def test_body_that_does_not_come_ends_the_call(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker_body, "PATIENCE", 0.3)
    before = broker.contents()
    with connected(broker) as caller:
        caller.sendall(head(broker, "worker", 1000) + b"{")
        answer = ends(caller)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"input.too_slow"' in answer
    assert broker.contents() == before


def test_who_asks_too_much_at_once_waits_and_others_do_not(broker: Broker) -> None:
    callers = Callers(at_once=1)
    with letting_in(broker, callers), connected(broker) as caller:
        caller.sendall(head(broker, "worker", 1000) + b"{")
        wait_until(lambda: bool(callers._under_way))
        refused = broker.people.send("worker", "GET", "/v1/cases")
        assert codes_of(refused) == (429, "caller.at_once")
        assert refused.headers["retry-after"] == "1"
        assert broker.people.send("doctor", "GET", "/v1/inbox").is_success
        caller.close()
        wait_until(lambda: broker.people.send("worker", "GET", "/v1/cases").is_success)


def test_who_asks_too_often_is_told_when_he_may_again(broker: Broker) -> None:
    with letting_in(broker, Callers(per_second=0.5, saved_up=3)):
        codes = [broker.people.send("worker", "GET", "/v1/cases").status_code for _ in range(6)]
        assert codes[0] == 200
        assert codes[-1] == 429
        refused = broker.people.send("worker", "GET", "/v1/cases")
        assert codes_of(refused) == (429, "caller.too_often")
        assert 1 <= int(refused.headers["retry-after"]) <= 3
        assert broker.people.send("doctor", "GET", "/v1/inbox").is_success


def test_request_of_more_parts_than_anybody_needs_is_refused(broker: Broker) -> None:
    case = broker.matter.case()
    body = broker.matter.ask_body(case)
    categories = ["veiligheid", "gez_kern", "gez_detail", "opvoeding", "school"]
    question = {**body["questions"][0], "categories": categories}
    most = [{**question, "id": f"q{number}"} for number in range(MOST_PARTS // len(categories))]
    assert broker.people.send("worker", "POST", "/v1/requests", {**body, "questions": most}).status_code == 201
    one_more = {**question, "id": "q199", "categories": ["veiligheid"]}
    before = broker.contents()
    refused = broker.people.send("worker", "POST", "/v1/requests", {**body, "questions": [*most, one_more]})
    assert codes_of(refused) == (400, "request.too_many_parts")
    assert broker.contents() == before


def test_health_and_the_newest_checkpoint_wait_for_nobody(own_broker: Broker) -> None:
    own_broker.matter.delivered()
    wait_until(lambda: own_broker.people.send(None, "GET", "/v1/log/checkpoint").is_success)
    engine = create_engine(own_broker.url)
    with engine.connect() as connection:
        connection.connection.driver_connection.isolation_level = None  # type: ignore[union-attr]
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        began = time.monotonic()
        for path in ("/v1/health", "/v1/log/checkpoint", "/v1/log/consistency?size=1"):
            assert own_broker.people.send(None, "GET", path).status_code in {200, 503}, path
        assert own_broker.people.send(None, "GET", "/v1/log/checkpoint").is_success
        assert time.monotonic() - began < 3  # a writer would have waited five seconds for each
        connection.exec_driver_sql("ROLLBACK")
    engine.dispose()


def is_ready(broker: Broker, code: str | None) -> bool:
    answer = broker.people.send(None, "GET", "/v1/health")
    return code is None if answer.is_success else codes_of(answer) == (503, code)


@pytest.mark.parametrize("role", ["log", "storage", "pseudonym"])
def test_health_says_that_a_key_is_gone_or_exposed(own_broker: Broker, role: str) -> None:
    with moved_away(own_broker.key_file(role)):
        wait_until(lambda: is_ready(own_broker, "key.missing"))
    wait_until(lambda: is_ready(own_broker, None))
    own_broker.key_file(role).chmod(0o644)
    wait_until(lambda: is_ready(own_broker, "key.exposed"))
    own_broker.key_file(role).chmod(0o600)
    wait_until(lambda: is_ready(own_broker, None))
    assert own_broker.people.send(None, "GET", "/v1/health").json()["log"]["failures"] >= 2


def test_keeper_of_the_log_survives_whatever_goes_wrong(own_broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_: object) -> None:
        raise LookupError("Sanne")

    with monkeypatch.context() as broken:
        broken.setattr(broker_app, "publish", breaks)
        wait_until(lambda: is_ready(own_broker, "keeper.broke"))
    wait_until(lambda: is_ready(own_broker, None))
    request, _ = own_broker.matter.released()
    assert own_broker.matter.opened(request)["parts"]


@pytest.fixture
def unkept(monkeypatch: pytest.MonkeyPatch) -> Iterator[Broker]:
    """Yield a broker whose log's keeper has done its first round and does no other."""
    monkeypatch.setattr(broker_app, "PUBLISH_EVERY", 3600.0)
    with running() as served:
        yield served


def recorded_outcomes(unkept: Broker) -> list[str | None]:
    """Return how the attempts on record ended; publishing writes none."""
    publish_all(unkept.w)
    return [outcome_of(one) for one in unkept.events() if one.tag.startswith("attempt:")]


@pytest.mark.parametrize(
    ("name", "path", "status", "code"),
    [
        ("planner", "/v1/cases", 403, "policy.refused"),
        ("worker", "/v1/requests/req_00000000000000000000000000", 404, "store.not_found"),
        ("worker", "/v1/decisions?limit=0", 400, "input.invalid"),
    ],
)
def test_what_is_refused_is_on_record_before_it_is_told(
    unkept: Broker, name: str, path: str, status: int, code: str
) -> None:
    assert codes_of(unkept.people.send(name, "GET", path)) == (status, code)
    assert code in recorded_outcomes(unkept)


def test_who_is_in_no_directory_is_on_record_before_he_is_told(unkept: Broker) -> None:
    assert codes_of(unkept.people.send("unknown", "GET", "/v1/cases")) == (401, "identity.not_enrolled")
    assert "identity.not_enrolled" in recorded_outcomes(unkept)


def test_nothing_is_refused_off_the_record(unkept: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(_: PendingAttempts, __: Store) -> int:
        raise StoreUnavailable("the disk is full")

    with monkeypatch.context() as full:
        full.setattr(PendingAttempts, "write", cannot)
        assert codes_of(unkept.people.send("planner", "GET", "/v1/cases")) == (503, "store.unavailable")
    unkept.w.attempts.write(unkept.w.store)
    assert "policy.refused" in recorded_outcomes(unkept)


def test_flood_of_refusals_hides_none_and_fills_nothing(own_broker: Broker) -> None:
    def refused(_: int) -> int:
        return own_broker.people.send("planner", "GET", "/v1/cases").status_code

    own_broker.people.send("unknown", "GET", "/v1/cases")
    with letting_in(own_broker, Callers(at_once=100, per_second=100_000)), ThreadPoolExecutor(8) as pool:
        assert set(pool.map(refused, range(330))) == {403}
    publish_all(own_broker.w)
    told = [dict(one.detail or {}) for one in own_broker.events() if one.tag == "attempt:call:refused"]
    assert [one.get("times", 1) for one in told] == [1] * 20 + [40, 80, 160, 320]
    own_broker.attempt("attempt:call:failed", "identity.not_enrolled")


def test_a_browser_may_open_as_many_calls_as_it_does(broker: Broker) -> None:
    with ThreadPoolExecutor(6) as pool, httpx.Client(base_url=broker.people.address, timeout=PATIENCE) as http:

        def call(_: int) -> int:
            path = "/v1/cases"
            return http.get(path, headers=broker.people.signed("worker", "GET", path)).status_code

        assert set(pool.map(call, range(60))) == {200}


broker_app, broker_body, broker_listen = broker.app, broker.api.body, broker.listen

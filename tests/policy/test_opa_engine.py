"""An OPA server that is stopped, empty, slow or something else altogether never permits."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from broker.kernel.errors import PolicyError, PolicyUnavailable, SettingsError
from broker.policy.bundle import Bundle
from broker.policy.cases import ANSWER
from broker.policy.gate import PolicyGate
from broker.policy.local import local_opa
from broker.policy.opa import OpaEngine


def _gate(address: str, bundle: Bundle, policies: Path, timeout: float = 1.0) -> PolicyGate:
    return PolicyGate(engine=OpaEngine(address, timeout=timeout), bundle=bundle, policies=policies)


def test_stopped_server_is_unavailable(opa_program: str, bundle: Bundle, policies: Path) -> None:
    with local_opa(opa_program) as address:
        gate = _gate(address, bundle, policies, timeout=10)
        assert gate.document(ANSWER)["outcome"] == "permit"
    with pytest.raises(PolicyUnavailable):
        gate.document(ANSWER)


def test_server_without_the_bundle_is_unavailable(
    opa_program: str, bundle: Bundle, policies: Path, tmp_path: Path
) -> None:
    with local_opa(opa_program, bundle=tmp_path) as address, pytest.raises(PolicyUnavailable):
        _gate(address, bundle, policies, timeout=10).document(ANSWER)


def _serve(answer: bytes, *, then: Callable[[], None] = lambda: None) -> tuple[str, threading.Event]:
    """Answer every connection on a free loopback port with these bytes; the event ends it."""
    listener, over = socket.create_server(("127.0.0.1", 0)), threading.Event()
    listener.settimeout(0.1)

    def run() -> None:
        with listener:
            while not over.is_set():
                try:
                    connection, _ = listener.accept()
                except TimeoutError:
                    continue
                with connection:
                    connection.recv(65536)
                    connection.sendall(answer)
                    then()

    threading.Thread(target=run, daemon=True).start()
    return f"http://127.0.0.1:{listener.getsockname()[1]}", over


def _http(body: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (status, len(body), body)


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"nonsense\r\n\r\n", _http(b""), _http(b"{}"), _http(b"null"), _http(b"[]"), _http(b'{"result": '),
        _http(b'{"result": {}, "warning": {"code": "api_usage_warning"}}'), _http(b"{}", b"500 Oops"),
        _http(b'{"result": {"outcome": "permit"}}', b"404 Not Found"),
    ],
)  # fmt: skip
def test_server_that_speaks_something_else_is_unavailable(bundle: Bundle, policies: Path, answer: bytes) -> None:
    address, over = _serve(answer)
    try:
        with pytest.raises(PolicyUnavailable):
            _gate(address, bundle, policies).document(ANSWER)
    finally:
        over.set()


@pytest.mark.parametrize("body", [b'{"result": {}}', b'{"result": null}', b'{"result": NaN}', b'{"result": true}'])
def test_server_with_another_answer_gives_no_decision(bundle: Bundle, policies: Path, body: bytes) -> None:
    address, over = _serve(_http(body))
    try:
        with pytest.raises(PolicyError):
            _gate(address, bundle, policies).document(ANSWER)
    finally:
        over.set()


def test_server_that_hangs_is_unavailable_within_the_limit(bundle: Bundle, policies: Path) -> None:
    hang = threading.Event()
    address, over = _serve(b"", then=lambda: hang.wait(20) and None)
    started = time.monotonic()
    try:
        with pytest.raises(PolicyUnavailable):
            _gate(address, bundle, policies, timeout=0.3).document(ANSWER)
        assert time.monotonic() - started < 3
    finally:
        hang.set()
        over.set()


@pytest.mark.parametrize(
    "address", ["", "opa:8181", "ftp://127.0.0.1", "http://", "http://127.0.0.1:8181/v1", "127.0.0.1"]
)
def test_address_that_is_none_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(SettingsError):
        OpaEngine(address)

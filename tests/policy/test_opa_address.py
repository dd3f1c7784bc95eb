"""The address of OPA is taken as it stands, or refused at the start: nothing in it is dropped in silence."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from broker.kernel.errors import SettingsError
from broker.policy.opa import OpaEngine


class Answers(BaseHTTPRequestHandler):
    """Answers every question with true."""

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["content-length"]))
        body = json.dumps({"result": True}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server6(ThreadingHTTPServer):
    """A server at an IPv6 address."""

    address_family = socket.AF_INET6


@pytest.fixture(params=["127.0.0.1", "::1"])
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """Yield the address of a server, by IPv4 and by IPv6."""
    server = (Server6 if ":" in request.param else ThreadingHTTPServer)((request.param, 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    host = f"[{request.param}]" if ":" in request.param else request.param
    yield f"http://{host}:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_server_is_reached(address: str) -> None:
    for written in (address, f"{address}/"):
        assert OpaEngine(written).evaluate({}) is True


@pytest.mark.parametrize(
    "address",
    [
        "", "127.0.0.1:8181", "ftp://127.0.0.1:8181", "http://", "http://:8181", "http://opa:0", "http://opa:70000",
        "http://opa:x", "http://user@opa:8181", "http://user:word@opa:8181", "http://opa:8181/v1", "http://opa:8181?a=1",
        "http://opa:8181/#x", "http://opa:8181?", "http://[::1", "http://[x]:8181", "unix:///run/opa.sock",
    ],
)  # fmt: skip
def test_address_that_says_something_else_is_refused(address: str) -> None:
    with pytest.raises(SettingsError) as refused:
        OpaEngine(address)
    assert refused.value.code == "policy.address"
    assert "word" not in str(refused.value)

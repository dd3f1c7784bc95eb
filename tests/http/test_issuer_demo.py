"""The demonstration's issuer over real HTTP: what it publishes leads a verifier to its keys, and no further."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from joserfc.jwk import ECKey
from waiting import wait_until

import broker.discovery
from broker.demo.issuer import DemoIssuer
from broker.identity import Caller, HttpJwks, TokenVerifier
from broker.kernel.errors import IdentityError, SettingsError
from broker.proof import ProofMaker, RecentProofs

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
AUDIENCE = "https://broker.example.org"
URL = AUDIENCE + "/requests/rq_1"
CLIENT = ProofMaker()


@pytest.fixture
def issuer() -> Iterator[DemoIssuer]:
    with DemoIssuer() as started:
        yield started


def verifier_of(issuer: DemoIssuer) -> TokenVerifier:
    return TokenVerifier(
        issuer=issuer.issuer,
        audience=AUDIENCE,
        keys=HttpJwks(issuer=issuer.issuer),
        replays=RecentProofs(),
        assurance={"loa3": "high"},
    )


def call(by: TokenVerifier, issuer: DemoIssuer, *, now: datetime = NOW) -> Caller:
    token = issuer.issue("worker-1", acr="loa3", thumbprint=CLIENT.thumbprint, now=now, audience=AUDIENCE)
    proof = CLIENT.proof("GET", URL, token, now)
    return by.verify(authorization=f"DPoP {token}", proof=proof, method="GET", url=URL, now=now)


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(IdentityError) as caught:
        yield
    assert caught.value.code == code


def test_issuer_and_verifier_agree_over_http(issuer: DemoIssuer) -> None:
    assert call(verifier_of(issuer), issuer) == Caller(issuer.issuer, "worker-1", "high")


def test_issuer_publishes_no_private_key(issuer: DemoIssuer) -> None:
    discovery = httpx.get(issuer.issuer + "/.well-known/openid-configuration").json()
    keys = httpx.get(discovery["jwks_uri"]).json()["keys"]
    assert discovery["issuer"] == issuer.issuer
    assert [set(key) for key in keys] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}]


def test_issuer_answers_nothing_else(issuer: DemoIssuer) -> None:
    assert httpx.get(issuer.issuer + "/token").status_code == 404
    assert httpx.post(issuer.issuer + "/jwks").status_code == 404
    assert httpx.post(issuer.issuer + "/token").status_code == 400
    assert httpx.put(issuer.issuer + "/jwks").status_code == 501


def test_token_of_another_issuer_object_is_refused(issuer: DemoIssuer) -> None:
    with DemoIssuer() as other, refused("identity.unknown_key"):
        call(verifier_of(issuer), other)


def test_token_ends_when_its_lifetime_does(issuer: DemoIssuer) -> None:
    by = verifier_of(issuer)
    token = issuer.issue(
        "worker-1",
        acr="loa3",
        thumbprint=CLIENT.thumbprint,
        now=NOW,
        audience=AUDIENCE,
        lifetime=timedelta(minutes=1),
    )
    later = NOW + timedelta(minutes=1, seconds=30)
    with refused("identity.expired"):
        by.verify(
            authorization=f"DPoP {token}",
            proof=CLIENT.proof("GET", URL, token, later),
            method="GET",
            url=URL,
            now=later,
        )


def test_key_the_issuer_starts_to_use_is_found_without_a_restart(issuer: DemoIssuer) -> None:
    by = verifier_of(issuer)
    call(by, issuer)
    issuer.rotate()
    with refused("identity.unknown_key"):  # asked less than a minute ago
        call(by, issuer, now=NOW + timedelta(seconds=59))
    assert call(by, issuer, now=NOW + timedelta(seconds=60)).subject == "worker-1"


def test_issuer_that_is_down_from_the_start_means_no_callers(issuer: DemoIssuer) -> None:
    by = verifier_of(issuer)
    issuer.stop()
    with refused("identity.unknown_key"):
        call(by, issuer)


def test_issuer_that_goes_down_means_no_callers_after_a_quarter_of_an_hour(
    issuer: DemoIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    by = verifier_of(issuer)
    call(by, issuer)
    issuer.stop()
    with caplog.at_level(logging.WARNING, logger="broker.identity"):
        assert call(by, issuer, now=NOW + timedelta(minutes=14, seconds=59)).subject == "worker-1"
        with refused("identity.unknown_key"):
            call(by, issuer, now=NOW + timedelta(minutes=15))
    assert caplog.messages == ["identity.issuer_unavailable"]  # one attempt: the second came within its minute


Answer = Callable[[str, str], tuple[int, bytes]]


@contextmanager
def strange_issuer(answer: Answer) -> Iterator[HttpJwks]:
    """Serve what `answer(path, issuer)` gives, and yield the source of keys that reads it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, body = answer(self.path, address)
            self.send_response(status)
            self.send_header("Location", address + "/elsewhere")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

        def handle(self) -> None:
            try:
                super().handle()
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the reader had enough

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield HttpJwks(issuer=address)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


GOOD_KEY = {**ECKey.generate_key("P-256").as_dict(private=False), "kid": "k1"}


def discovery(path: str, address: str, keys: object = (GOOD_KEY,), **changed: object) -> tuple[int, bytes]:
    if path == "/jwks":
        return 200, json.dumps({"keys": keys}).encode()
    return 200, json.dumps({"issuer": address, "jwks_uri": address + "/jwks", **changed}).encode()


def test_keys_are_found_through_the_discovery_document() -> None:
    with strange_issuer(discovery) as keys:
        assert keys.find_key("k1", now=NOW) is not None
        assert keys.find_key("k2", now=NOW) is None


@pytest.mark.parametrize(
    "answer",
    [
        lambda path, issuer: (500, b""),
        lambda path, issuer: (302, b""),
        lambda path, issuer: (200, b"not json"),
        lambda path, issuer: (200, b"[]"),
        lambda path, issuer: (200, b"\xff"),
        lambda path, issuer: discovery(path, issuer, issuer="https://other.example.org"),
        lambda path, issuer: discovery(path, issuer, jwks_uri=None),
        lambda path, issuer: discovery(path, issuer, jwks_uri="http://keys.example.org/jwks"),
        lambda path, issuer: discovery(path, issuer, jwks_uri="https://[::1"),
        lambda path, issuer: discovery(path, issuer, keys="none"),
        lambda path, issuer: discovery(path, issuer, keys=[{**GOOD_KEY, "filler": "x" * 300_000}]),
    ],
)
def test_answer_that_is_not_an_issuer_s_gives_no_keys(answer: Answer, caplog: pytest.LogCaptureFixture) -> None:
    with strange_issuer(answer) as keys:
        assert keys.find_key("k1", now=NOW) is None
    assert [getattr(record, "cause", None) for record in caplog.records if record.name == "broker.identity"] == [
        "ParseError"
    ]


@pytest.mark.parametrize(
    "bad",
    [
        {"kty": "oct", "k": "c2VjcmV0", "kid": "k2"},
        {**GOOD_KEY, "kid": "k2", "use": "enc"},
        {**GOOD_KEY, "kid": "k2", "x": "AAAA"},
        {**GOOD_KEY, "kid": ["k2"]},
        "k2",
        None,
    ],
)
def test_key_that_cannot_be_used_does_not_harm_the_others(bad: object) -> None:
    with strange_issuer(lambda path, issuer: discovery(path, issuer, keys=[bad, GOOD_KEY])) as keys:
        assert keys.find_key("k2", now=NOW) is None
        assert keys.find_key("k1", now=NOW) is not None


def test_issuer_that_does_not_answer_is_given_up_after_three_seconds() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        keys = HttpJwks(issuer=f"http://127.0.0.1:{silent.getsockname()[1]}")
        begun = datetime.now(UTC)
        assert keys.find_key("k1", now=NOW) is None
        assert timedelta(seconds=2) < datetime.now(UTC) - begun < timedelta(seconds=8)


@contextmanager
def dripping_issuer() -> Iterator[str]:
    """Yield the address of an issuer that sends a byte now and then, for ever, and never gets to an end."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        over = threading.Event()

        def drip(caller: socket.socket) -> None:
            with caller, suppress(OSError):
                while not over.wait(0.05):
                    caller.sendall(b"H")

        def serve() -> None:
            with suppress(OSError):
                while True:
                    threading.Thread(target=drip, args=(door.accept()[0],), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            over.set()


def test_issuer_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(broker.discovery, "_PATIENCE", 0.3)
    with dripping_issuer() as address:
        keys = HttpJwks(issuer=address)
        begun = time.monotonic()
        assert keys.find_key("k1", now=NOW) is None
        assert time.monotonic() - begun < 5


def test_who_has_a_key_does_not_wait_for_the_issuer_to_be_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, going_on = threading.Event(), threading.Event()

    def answer(path: str, address: str) -> tuple[int, bytes]:
        if asked.is_set():
            going_on.wait(10)
        return discovery(path, address)

    monkeypatch.setattr(broker.discovery, "_PATIENCE", 10)
    with strange_issuer(answer) as keys:
        assert keys.find_key("k1", now=NOW) is not None
        asked.set()
        later = NOW + timedelta(minutes=6)
        first = threading.Thread(target=keys.find_key, args=("k1",), kwargs={"now": later})
        first.start()
        wait_until(keys._lock.locked)
        assert keys.find_key("k1", now=later) is not None
        assert first.is_alive()
        going_on.set()
        first.join()


@pytest.mark.parametrize(
    "address", ["http://login.example.org", "ftp://127.0.0.1", "login.example.org", "https://[::1"]
)
def test_issuer_without_https_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(SettingsError):
        HttpJwks(issuer=address)


@pytest.mark.parametrize("ahead", [timedelta(minutes=2), timedelta(hours=1), timedelta(days=1), timedelta(days=365)])
def test_clock_that_was_ahead_for_a_moment_holds_nothing(ahead: timedelta) -> None:
    other = {**ECKey.generate_key("P-256").as_dict(private=False), "kid": "k2"}
    published = [GOOD_KEY]
    with strange_issuer(lambda path, address: discovery(path, address, keys=published)) as keys:
        assert keys.find_key("k1", now=NOW + ahead) is not None
        published[:] = [other]
        assert keys.find_key("k2", now=NOW) is not None
        assert keys.find_key("k1", now=NOW) is None

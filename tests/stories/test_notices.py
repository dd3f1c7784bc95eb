"""Who has something to do hears it, once, by mail and by webhook, and no message says anything about anybody."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import socketserver
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from databases import fresh_postgres, fresh_sqlite
from logged import publish_all
from matter import REFUSING, TOLD
from running import Broker, running
from serving import Server, free_port, present
from waiting import wait_until

from broker.crypto.webhook import format_secret
from broker.demo.issuer import DemoIssuer
from broker.domain.directory import Notified
from broker.domain.notice import message_of
from broker.flows.enrol import EnrolDirectory, enrol_directory
from broker.flows.notify import Notify, notify
from broker.kernel.errors import NotSent, SettingsError
from broker.mail import Mail
from broker.webhook import Webhook

ADDRESS = "https://broker.example.nl"
DAY = timedelta(days=1)
GP, VT = "meldingen@gp.example.nl", "meldingen@vt.example.nl"


class _Smtp(socketserver.StreamRequestHandler):
    """One SMTP conversation (RFC 5321), without extensions."""

    def handle(self) -> None:
        server: Any = self.server
        self._say("220 here")
        recipients: list[str] = []
        while line := self.rfile.readline().strip():
            verb = line.decode().upper()
            if verb.startswith("RCPT"):
                recipients.append(line.decode().partition("<")[2].rstrip(">"))
            if verb == "DATA":
                self._say("354 go on")
                server.mails.append((recipients, b"".join(iter(self.rfile.readline, b".\r\n"))))
            self._say("221 bye" if verb == "QUIT" else "250 ok")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Hook(BaseHTTPRequestHandler):
    """Keeps what is posted and answers what the test wants."""

    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(server.answer)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Smtps(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def serving(server: Any) -> Iterator[None]:
    """Answer calls in a thread until the block ends."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Post:
    """The mailbox of everybody: a mail server that a test can stop and start again."""

    port: int = field(default_factory=free_port)
    mails: list[tuple[list[str], bytes]] = field(default_factory=list)

    @contextmanager
    def open(self) -> Iterator[None]:
        server = _Smtps(("127.0.0.1", self.port), _Smtp)
        server.mails = self.mails  # type: ignore[attr-defined]
        with serving(server):
            yield

    def taken(self) -> list[tuple[list[str], str]]:
        """Return what came since the last time: to whom, and the text."""
        came = [(to, message_from_bytes(mail, policy=policy.default)) for to, mail in self.mails]
        self.mails.clear()
        return [(to, f"{mail['Subject']}\n{mail.get_content()}".replace("\r\n", "\n")) for to, mail in came]


@dataclass
class Office:
    """A broker with its post, and a round of what is told."""

    broker: Broker
    post: Post

    def chooses(self, organisation: str, notified: Notified | None) -> None:
        with self.broker.w.store.reading() as tx:
            known = tx.directory.get_organisation(organisation)
        enrol_directory(EnrolDirectory(organisations=(replace(known, notices=notified),)), self.broker.w)
        self.round()
        self.broker.clock.move(timedelta(seconds=2))

    def round(self) -> str | None:
        mail = Mail(f"smtp://127.0.0.1:{self.post.port}", sender="broker@example.nl")
        senders = {"mail": mail, "webhook": Webhook(self.broker.w.keys.webhook_secret)}
        return notify(Notify(senders=senders, public_url=ADDRESS), self.broker.w)

    def moves(self, **by: float) -> None:
        self.broker.clock.move(timedelta(**by))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def office(request: pytest.FixtureRequest) -> Iterator[Office]:
    """Yield a broker of which both organisations chose to be told by mail at once, on each kind of database."""
    with on(request) as url, running(url) as broker:
        office = Office(broker, Post())
        office.chooses("org:gp", Notified(mail=(GP,)))
        office.chooses("org:vt", Notified(mail=(VT,)))
        yield office


@contextmanager
def on(request: pytest.FixtureRequest) -> Iterator[str | None]:
    if request.param == "sqlite":
        yield None
        return
    with fresh_postgres(request.getfixturevalue("postgres_url")) as url:
        yield url


def danger(broker: Broker, hours: int) -> str:
    """Ask in danger within so many hours, and return the request's id."""
    body = broker.matter.ask_body(broker.matter.case())
    said = {"acute": False, "person_named": True, "threat_named": True, "within_hours": hours}
    asked = broker.people.client("worker").ask({**body, "danger": said})
    assert asked["request"]["state"] == "delivered", asked["decision"]
    return str(asked["request"]["id"])


def test_question_is_told_once_to_who_answers_and_nothing_of_it(office: Office) -> None:
    request = office.broker.matter.delivered()
    with office.post.open():
        assert office.round() is None
        ((to, text),) = office.post.taken()
        assert office.round() is None
        assert office.post.taken() == []
    assert to == [GP]
    assert "- 1 nieuwe vraag\n" in text
    assert ADDRESS in text
    body = office.broker.matter.case_body()
    secrets = [request, office.broker.matter.case_of(request), body["reference"], "org:", "veiligheid", "gez_kern"]
    secrets += [person["name"] for person in body["persons"]] + [person["ref"] for person in body["persons"]]
    secrets += ["mishandeling", "letsel", "vt_onderzoek", "2019", "st:"]
    assert [secret for secret in secrets if secret in text] == []
    publish_all(office.broker.w)
    office.broker.verify()


def test_several_are_one_message_and_an_answer_goes_to_who_asked(office: Office) -> None:
    for _ in range(2):
        office.broker.matter.delivered()
    with office.post.open():
        office.round()
        ((to, text),) = office.post.taken()
        assert (to, "- 2 nieuwe vragen\n" in text) == ([GP], True)
        office.broker.matter.released()
        request = office.broker.matter.refusing()
        office.broker.people.client("doctor").decline(request, **TOLD)
        office.moves(seconds=2)
        office.round()
        ((to, text),) = office.post.taken()
        assert (to, "- 2 vragen waarop antwoord is gekomen\n" in text) == ([VT], True)
        office.round()
        assert office.post.taken() == []


def test_server_that_is_down_is_tried_again_and_nothing_is_lost_or_told_twice(office: Office) -> None:
    office.broker.matter.delivered()
    assert office.round() == "notices.not_sent"
    assert office.round() is None  # it waits
    office.broker.matter.delivered()
    office.moves(minutes=1)
    assert office.round() == "notices.not_sent"
    with office.post.open():
        office.moves(minutes=1)
        assert office.round() is None
        assert office.post.taken() == []
        office.moves(minutes=1)
        assert office.round() is None
        ((_, text),) = office.post.taken()
        assert "- 2 nieuwe vragen\n" in text
        office.moves(hours=1)
        assert office.round() is None
        assert office.post.taken() == []


def test_who_wants_it_daily_hears_it_at_eight(office: Office) -> None:
    office.chooses("org:gp", Notified(mail=(GP,), when="daily"))
    office.broker.matter.delivered()
    eight = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # in winter
    with office.post.open():
        office.broker.clock.move(eight - office.broker.clock() - timedelta(minutes=1))
        office.round()
        assert office.post.taken() == []
        office.moves(minutes=2)
        office.round()
        ((to, text),) = office.post.taken()
        assert (to, "- 1 nieuwe vraag\n" in text) == ([GP], True)
        office.broker.matter.delivered()
        office.moves(hours=1)
        office.round()
        assert office.post.taken() == []


def test_clock_is_told_at_half_and_at_its_end_while_it_runs(office: Office) -> None:
    _, answered = danger(office.broker, 48), danger(office.broker, 48)
    doctor = office.broker.people.client("doctor")
    with office.post.open():
        office.round()
        office.post.taken()
        doctor.take(answered)
        office.moves(hours=24)
        office.round()
        ((to, text),) = office.post.taken()
        assert (to, "- 2 vragen die over de helft van hun termijn zijn\n" in text) == ([GP], True)
        doctor.record(answered, REFUSING)
        doctor.decline(answered, **TOLD)
        office.moves(hours=24)
        office.round()
        heard = {to[0]: text for to, text in office.post.taken()}
    assert "- 1 vraag waarvan de termijn voorbij is\n" in heard[GP]
    assert "helft" not in heard[GP]
    assert "- 1 vraag waarop antwoord is gekomen\n" in heard[VT]


def test_duty_that_is_due_is_told_to_whose_it_is(office: Office) -> None:
    request, _ = office.broker.matter.released()
    with office.broker.w.store.reading() as tx:
        owed = [duty for on in ("requester", "responder") for duty in tx.obligations.due(request, on=on)]
    assert owed
    with office.post.open():
        office.round()
        office.post.taken()
        for duty in owed:
            assert duty.due is not None
            office.broker.clock.move(max(duty.due - office.broker.clock() - timedelta(hours=23), timedelta(0)))
            office.round()
        told = office.post.taken()
    addresses = {"requester": VT, "responder": GP}
    assert {to[0] for to, text in told if "plicht" in text} == {addresses[duty.on] for duty in owed}


@pytest.fixture
def hook() -> Iterator[Any]:
    """Yield a program that keeps what is posted to it in `calls` and answers `answer`."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Hook)
    server.calls, server.answer = [], 204
    with serving(server):
        yield server


def hooked(office: Office, hook: Any) -> None:
    """Have the GP told by webhook only."""
    office.chooses("org:gp", Notified(webhook=f"http://127.0.0.1:{hook.server_port}/notices"))


def test_webhook_is_signed_and_says_kinds_and_opaque_ids_only(office: Office, hook: Any) -> None:
    hooked(office, hook)
    request = office.broker.matter.delivered()
    assert office.round() is None
    assert office.round() is None
    ((headers, body),) = hook.calls
    said = json.loads(body)
    assert said["type"] == "notices.waiting"
    waits = [{"kind": "question", "number": 1, "subjects": [request]}]
    assert said["data"] == {"organisation": "org:gp", "waits": waits}
    secret = format_secret(office.broker.w.keys.webhook_secret("org:gp")).removeprefix("whsec_")
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    tag = hmac.digest(base64.b64decode(secret), signed, hashlib.sha256)
    assert headers["webhook-signature"] == "v1," + base64.b64encode(tag).decode()
    assert secret not in format_secret(office.broker.w.keys.webhook_secret("org:vt"))
    assert office.post.taken() == []


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
@pytest.mark.parametrize("answer", [302, 404, 500])
def test_webhook_that_does_not_take_it_is_called_again_with_the_same_id(office: Office, hook: Any, answer: int) -> None:
    hooked(office, hook)
    office.broker.matter.delivered()
    hook.answer = answer
    assert office.round() == "notices.not_sent"
    hook.answer = 204
    office.moves(minutes=1)
    assert office.round() is None
    first, second = (headers for headers, _ in hook.calls)
    assert first["webhook-id"] == second["webhook-id"]


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_channel_that_fails_holds_up_no_other(office: Office, hook: Any) -> None:
    office.chooses("org:gp", Notified(mail=(GP,), webhook=f"http://127.0.0.1:{hook.server_port}/"))
    office.broker.matter.delivered()
    assert office.round() == "notices.not_sent"
    assert len(hook.calls) == 1
    with office.post.open():
        office.moves(minutes=1)
        assert office.round() is None
        assert len(office.post.taken()) == 1
    assert len(hook.calls) == 1


def test_processes_that_look_at_once_tell_it_once(office: Office) -> None:
    office.broker.matter.delivered()
    with office.post.open(), ThreadPoolExecutor(4) as processes:
        codes = list(processes.map(lambda _: office.round(), range(8)))
        assert set(codes) == {None}
        assert len(office.post.taken()) == 1


def test_who_stopped_in_the_middle_has_it_told_again(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.broker.matter.delivered()

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    with office.post.open():
        with monkeypatch.context() as patch:
            patch.setattr(Mail, "send", stopped)
            with pytest.raises(KeyboardInterrupt):
                office.round()
        assert office.round() is None
        assert office.post.taken() == []
        office.moves(minutes=5)
        assert office.round() is None
        assert len(office.post.taken()) == 1


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_who_chooses_nothing_hears_nothing(office: Office) -> None:
    office.chooses("org:gp", None)
    office.broker.matter.delivered()
    with office.post.open():
        assert office.round() is None
        assert office.post.taken() == []


@pytest.mark.parametrize(
    "server", ["mail.example.nl", "https://mail.example.nl", "smtp://", "smtps://a:b@mail.nl", "smtp://a:x"]
)
def test_address_of_no_mail_server_does_not_start(server: str) -> None:
    with pytest.raises(SettingsError):
        Mail(server, sender="broker@example.nl")


def certificate(folder: Path) -> Path:
    """Make a certificate for localhost that signs itself, with its key in the same file."""
    key, now = ec.generate_private_key(ec.SECP256R1()), present()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - DAY, now + DAY)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = folder / "localhost.pem"
    encoded = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(made.public_bytes(Encoding.PEM) + encoded)
    return file


def test_mail_goes_over_tls_to_a_server_that_is_who_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, server = certificate(tmp_path), _Smtps(("127.0.0.1", 0), _Smtp)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # who hangs up is no error of the test
    server.mails = []  # type: ignore[attr-defined]
    message = message_of("org:gp", [], public_url=ADDRESS, now=present())
    mail = Mail(f"smtps://localhost:{server.server_address[1]}", sender="broker@example.nl")
    with serving(server):
        with pytest.raises(NotSent) as refused:
            mail.send(message, Notified(mail=(GP,)))
        assert refused.value.errors == ("SSLCertVerificationError",)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        mail.send(message, Notified(mail=(GP,)))
    assert [to for to, _ in server.mails] == [[GP]]  # type: ignore[attr-defined]


def test_broker_that_serves_tells_by_itself(tmp_path: Path) -> None:
    post = Post()
    more = {"BROKER_NOTICES__SMTP": f"smtp://127.0.0.1:{post.port}", "BROKER_NOTICES__SENDER": "broker@example.nl"}
    with DemoIssuer() as issuer, post.open():
        server = Server(tmp_path, url=fresh_sqlite(tmp_path), issuer=issuer, more=more)
        try:
            with server.store.reading() as tx:
                known = tx.directory.get_organisation("org:gp")
            chosen = replace(known, notices=Notified(mail=(GP,)))
            enrol_directory(EnrolDirectory(organisations=(chosen,)), server.wiring)
            notify(
                Notify(senders={"mail": Mail(more["BROKER_NOTICES__SMTP"], sender=GP)}, public_url=""), server.wiring
            )
            time.sleep(1.1)  # the clock of the broker has whole seconds, and the choice is of before the question
            server.start()
            server.matter.delivered()
            wait_until(lambda: bool(post.mails))
            ((to, text),) = post.taken()
            assert (to, server.people.address in text) == ([GP], True)
            secret = server.does("directory", "webhook-secret", "org:gp")
            assert secret.stdout.strip() == format_secret(server.keys.webhook_secret("org:gp"))
            assert server.does("directory", "webhook-secret", "org:nobody").returncode == 1
        finally:
            server.stop()

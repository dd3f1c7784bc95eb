"""Numbers and traces of a broker with two processes: what they say is so, and they say nothing of anybody."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from databases import fresh_postgres
from serving import Server, free_port
from waiting import wait_until

from broker.demo.issuer import DemoIssuer
from broker.store.migrations import migrate


@contextmanager
def collector(got: list[bytes]) -> Iterator[str]:
    """Take what is sent as traces, as an OpenTelemetry collector does."""

    class Page(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def numbers(text: str) -> dict[str, float]:
    """Return each number by its name and labels, as Prometheus reads them."""
    found = re.findall(r"^([a-z_]+(?:\{.*\})?) ([0-9.e+-]+)$", text, re.MULTILINE)
    return {name: float(value) for name, value in found}


@pytest.mark.postgres
def test_numbers_and_traces_say_how_much_and_never_whom(postgres_url: str, tmp_path: Path) -> None:
    port, traces = free_port(), list[bytes]()
    with fresh_postgres(postgres_url) as url, DemoIssuer() as issuer, collector(traces) as address:
        more = {
            "BROKER_METRICS__PORT": str(port),
            "OTEL_EXPORTER_OTLP_ENDPOINT": address,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        server = Server(tmp_path, url=url, issuer=issuer, more=more)
        server.start("--workers", "2")
        try:
            request = server.matter.delivered()
            case = server.matter.case_of(request)
            refused = server.people.send("officer", "GET", f"/v1/requests/{request}", None)
            assert refused.status_code == 403, refused.text + server.log.read_text()[-3000:]
            told = httpx.get(f"http://127.0.0.1:{port}/metrics").text
            wait_until(lambda: b"/v1/requests/{request}" in b"".join(traces))
        finally:
            server.stop()
    found = numbers(told)
    assert found['deelgrond_calls_total{method="POST",route="/v1/requests",status="201"}'] == 1, told
    assert found['deelgrond_calls_total{method="GET",route="/v1/requests/{request}",status="403"}'] == 1
    assert found['deelgrond_decisions_total{outcome="permit_pending",stage="ask"}'] == 1
    assert found['deelgrond_decisions_total{outcome="deny",stage="operate"}'] >= 1
    assert found['deelgrond_call_seconds_count{method="POST",route="/v1/requests"}'] == 1
    assert any(name.startswith('deelgrond_trouble{keeper="log"') and not value for name, value in found.items())
    sent = b"".join(traces)
    assert b"policy.evaluate" in sent
    assert b"permit_pending" in sent
    for whom in (request, case, "st:worker", "org:vt", "subject-worker", "Sanne de Vries", "letsel"):
        assert whom not in told
        assert whom.encode() not in sent, whom


def test_nothing_is_counted_unless_it_is_asked_for(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'broker.db'}"
    migrate(url)
    with DemoIssuer() as issuer:
        server = Server(tmp_path, url=url, issuer=issuer)
        server.start()
        try:
            assert server.people.send("worker", "GET", "/metrics", None).status_code == 404
        finally:
            server.stop()

"""Every process of the broker writes its log, each line of it JSON with codes and nothing of what was sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from databases import fresh_postgres
from serving import Server
from waiting import wait_until

from broker.demo.issuer import DemoIssuer

CALL = "5e7a2f0c-9a1e-4d0b-8a61-2f8f5c2b7d11"


@pytest.mark.postgres
def test_every_process_writes_its_log(postgres_url: str, tmp_path: Path) -> None:
    with fresh_postgres(postgres_url) as url, DemoIssuer() as issuer:
        server = Server(tmp_path, url=url, issuer=issuer)
        server.start("--workers", "2")

        def lines() -> list[dict[str, Any]]:
            return [json.loads(line) for line in server.log.read_text("utf-8").splitlines()]

        def processes(event: str) -> set[int]:
            return {line["process"] for line in lines() if line["event"] == event}

        try:
            wait_until(lambda: len(processes("broker.started")) == 2)
            secret = "Sanne de Vries"

            def both_refused() -> bool:
                body = {"reference": secret, "persons": []}
                for called in (CALL, secret):
                    # On a connection of its own, which may reach the other process.
                    headers = {"X-Request-ID": called, "Connection": "close"}
                    server.people.send("worker", "POST", "/v1/cases", body, headers=headers)
                return len(processes("call.ended")) == 2

            wait_until(both_refused)
        finally:
            server.stop()
    ended = [line for line in lines() if line["event"] == "call.ended"]
    assert {(line["code"], line["status"]) for line in ended} == {("input.invalid", 400)}
    assert {line.get("request_id") for line in ended} == {CALL, None}
    assert all({"at", "level", "event", "process"} <= line.keys() for line in lines())
    assert secret not in server.log.read_text("utf-8")

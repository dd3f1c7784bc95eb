"""The edge of every call: sizes, media types, methods, and faults of our own, before and around what any route does."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from functools import partial

import httpx
import pytest
from http_answers import EVERY_ANSWER, check_answer, codes_of, findings_of, problem_of
from running import MAX_BODY, Broker

from broker.api.cases import CaseChangeIn
from broker.api.shapes import Body
from broker.app import create_app
from broker.identity import HttpJwks, TokenVerifier
from broker.proof import RecentProofs


def bodies(size: int) -> Iterator[bytes]:
    """Yield a body of this size in pieces, so that it goes without a Content-Length."""
    piece = b" " * 65536
    for _ in range(size // len(piece)):
        yield piece
    yield b" " * (size % len(piece))


def every_kind_of(body: type[Body]) -> Iterator[type[Body]]:
    """Yield a body's subclasses, theirs too."""
    for kind in body.__subclasses__():
        yield kind
        yield from every_kind_of(kind)


def test_body_that_is_too_large_is_refused(either: Broker) -> None:
    before = either.contents()

    for name in ("worker", None):
        refused = either.people.send(name, "POST", "/v1/cases", content=b" " * (MAX_BODY + 1))
        assert codes_of(refused) == (413, "input.too_large")
    refused = either.people.send("worker", "POST", "/v1/cases", content=bodies(MAX_BODY + 1))
    assert codes_of(refused) == (413, "input.too_large")
    assert either.contents() == before


def test_body_of_just_the_size_is_read(broker: Broker) -> None:
    small = b'{"vt_phase": null, "investigation_determined_on": null}'
    path = f"/v1/cases/{broker.matter.case()}"

    most = CaseChangeIn.most_bytes or 0
    answer = broker.people.send("worker", "PATCH", path, content=small + b" " * (most - len(small)))
    assert answer.status_code == 200
    answer = broker.people.send(
        "worker", "PATCH", path, content=iter([small[:9], small[9:], *bodies(most - len(small))])
    )
    assert answer.status_code == 200


def test_body_is_no_larger_than_its_route_takes(broker: Broker) -> None:
    """Each operation has its own measure; only the sealed answer may be as large as the installation takes."""
    description = broker.app.openapi()
    named = {body.__name__: body.most_bytes for body in every_kind_of(Body)}
    tried = set()
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            if "requestBody" not in operation:
                continue
            taken = operation["requestBody"]["content"]["application/json"]["schema"]
            schema = taken["$ref"].rpartition("/")[2]
            tried.add(schema)
            most = named[schema] or MAX_BODY
            send = partial(broker.people.send, "worker", method.upper(), re.sub(r"\{.*?\}", "req_" + "0" * 26, path))
            assert codes_of(send(content=b" " * (most + 1))) == (413, "input.too_large"), path
            assert codes_of(send(content=bodies(most + 1))) == (413, "input.too_large"), path
            assert codes_of(send(content=b" " * most)) != (413, "input.too_large"), path
    assert len(tried) > 10
    assert {schema for schema in tried if named[schema] is None} == {"ReleaseIn"}
    assert max(named[schema] or 0 for schema in tried) <= 1024 * 1024


def test_endless_body_is_cut_off(broker: Broker) -> None:
    host, port = broker.people.address.removeprefix("http://").split(":")
    sent, path = 0, "/v1/cases"
    with socket.create_connection((host, int(port)), timeout=20) as caller:
        head = "".join(f"{name}: {value}\r\n" for name, value in broker.people.signed("worker", "POST", path).items())
        head += "Host: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
        caller.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode())
        caller.setblocking(False)
        answer = b""
        while not answer and sent < 64 * MAX_BODY:
            with suppress(BlockingIOError, ConnectionError):
                sent += caller.send(b"10000\r\n" + b" " * 65536 + b"\r\n")
            with suppress(BlockingIOError):
                answer = caller.recv(4096)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert sent < 16 * MAX_BODY


@pytest.mark.parametrize(
    "media", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"]
)
def test_anything_but_json_is_refused(broker: Broker, media: str) -> None:
    answer = broker.people.send("worker", "POST", "/v1/cases", content=b"{}", headers={"Content-Type": media})

    assert codes_of(answer) == (415, "input.media_type")


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"])
def test_json_is_read_however_it_is_written(broker: Broker, media: str) -> None:
    answer = broker.people.send(
        "worker",
        "PATCH",
        f"/v1/cases/{broker.matter.case()}",
        {"vt_phase": "onderzoek", "investigation_determined_on": None},
        headers={"Content-Type": media},
    )

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/v1/requests", "GET, POST"),
        ("PATCH", "/v1/cases", "GET, POST"),
        ("OPTIONS", "/v1/health", "GET"),
        ("HEAD", "/v1/requests/req_00000000000000000000000000/taking", "POST"),
        ("TRACE", "/v1/decisions", "GET"),
        ("POST", "/v1/log/checkpoint", "GET"),
    ],
)
def test_method_that_does_not_exist_says_which_do(broker: Broker, method: str, path: str, allowed: str) -> None:
    answer = broker.people.http.send(broker.people.http.build_request(method, path), stream=True)
    try:
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) <= set(allowed.split(", "))
    finally:
        answer.close()


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/", "/v1/cases/", "/v1/nothing", "/v2/cases", "/docs", "/redoc", "/openapi.json"]
)
def test_address_of_nothing_is_a_problem(broker: Broker, path: str) -> None:
    assert codes_of(broker.people.send(None, "GET", path)) == (404, "store.not_found")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"{", "input.malformed"),
        (b"reference: x", "input.malformed"),
        (b"", "input.invalid"),
        (b"null", "input.invalid"),
        (b"[]", "input.invalid"),
        (b'"text"', "input.invalid"),
        (b'{"reference": "\xc3("}', "input.malformed"),
        (b"[" * 60_000, "input.malformed"),
        (b'{"reference":' + b"9" * 5000 + b"}", "input.malformed"),
        (b'{"\\ud800": 1}', "input.malformed"),
        (b'{"persons": NaN}', "input.malformed"),
        (b'{"reference": "1", "reference": "2"}', "input.malformed"),
        (b'{"persons": [{"name": "een", "name": "twee"}]}', "input.malformed"),
        (b'{"zvh_case": 1e999}', "input.malformed"),
        (b'\xef\xbb\xbf{"reference": "1"}', "input.malformed"),
        ('{"reference": "1"}'.encode("utf-16"), "input.malformed"),
        (b'{"persons":' + b"[" * 100 + b"]" * 100 + b"}", "input.malformed"),
    ],
)
def test_body_that_is_not_ours_is_a_problem(broker: Broker, content: bytes, code: str) -> None:
    before = broker.contents()

    assert codes_of(broker.people.send("worker", "POST", "/v1/cases", content=content)) == (400, code)
    assert broker.contents() == before


def test_all_errors_are_named_at_once(broker: Broker) -> None:
    body = {"persons": [{"ref": "9", "relation": "cousin"}], "vt_phase": "later", "zvh_case": "yes?", "unknown": 1}

    answer = broker.people.send("worker", "POST", "/v1/cases", body)
    found = {finding.partition(":")[0] for finding in findings_of(answer)}
    assert codes_of(answer) == (400, "input.invalid")
    assert found == {
        "/body/persons/0/ref",
        "/body/persons/0/relation",
        "/body/persons/0/name",
        "/body/vt_phase",
        "/body/zvh_case",
        "/body/unknown",
    }


def test_findings_do_not_repeat_what_was_sent(broker: Broker) -> None:
    body = {"persons": [{"ref": "geheim 1", "relation": "geheim 2", "name": ["geheim 3"], "birth_on": "geheim 4"}]}

    answer = broker.people.send("worker", "POST", "/v1/cases", body)
    assert len(findings_of(answer)) == 4
    assert "geheim" not in answer.text


def test_bug_of_ours_is_a_problem_without_its_text(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    issuer = broker.people.issuer.issuer
    verifier = TokenVerifier(
        issuer=issuer, audience="x", keys=HttpJwks(issuer=issuer), assurance={}, replays=RecentProofs()
    )
    app = create_app(broker.w, verifier, public_url="http://testserver")

    @app.get("/v1/bug")
    def bug() -> None:
        raise LookupError("Sanne")

    async def call() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as caller:
            return await caller.get("/v1/bug")

    with caplog.at_level(logging.CRITICAL, logger="broker"):
        answer = asyncio.run(call())
    check_answer(answer)
    assert (answer.status_code, problem_of(answer)["code"]) == (500, "broker.error")
    assert "Sanne" not in answer.text
    assert EVERY_ANSWER.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("path", ["/v1/health", "/v1/openapi.json", "/v1/requests", "/v1/keys"])
def test_head_is_get_without_a_body(broker: Broker, path: str) -> None:
    got, asked = (broker.people.send("worker", method, path) for method in ("GET", "HEAD"))
    changing = {"date", "x-request-id"}
    assert asked.status_code == got.status_code == 200
    assert asked.content == b""
    assert {k: v for k, v in asked.headers.items() if k not in changing} == {
        k: v for k, v in got.headers.items() if k not in changing
    }


def test_head_takes_a_proof_for_head_only(broker: Broker) -> None:
    headers = broker.people.signed("worker", "GET", "/v1/requests")
    assert broker.people.http.head("/v1/requests", headers=headers).status_code == 401


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "gzip, identity", "x"])
def test_compressed_body_is_refused(broker: Broker, coding: str) -> None:
    body = gzip.compress(json.dumps(broker.matter.case_body()).encode())
    answer = broker.people.send("worker", "POST", "/v1/cases", content=body, headers={"Content-Encoding": coding})
    assert codes_of(answer) == (415, "input.encoding")


def test_body_that_says_two_things_names_the_fault(broker: Broker) -> None:
    body = json.dumps(broker.matter.consent_body(case=broker.matter.case()))
    for twice in (body[:-1] + ', "status": "refused"}', body.replace('"given_by"', '"status": "refused", "given_by"')):
        before = broker.contents()
        answer = broker.people.send("worker", "POST", "/v1/consents", content=twice.encode())
        assert codes_of(answer) == (400, "input.malformed")
        assert answer.json()["errors"] == [{"detail": "/body: een naam staat twee keer in één object"}]
        assert broker.contents() == before

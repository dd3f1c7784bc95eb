"""What an identity provider says of itself: read as JSON objects of a bounded size, within a bounded time."""

from __future__ import annotations

import asyncio
import ssl
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from broker.kernel.errors import ParseError
from broker.proof import parse_object

_MAX_BYTES = 262_144
"""Bytes of an issuer's answer: a hundred RSA keys with certificates."""

_PATIENCE = 3.0
"""Seconds for an issuer's whole answer: one that sends a byte now and then holds nobody up."""

ISSUER_ERRORS = (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ParseError)
"""What asking an issuer can raise; it then says nothing that is believed."""


def read_discovery(issuer: str) -> dict[str, Any]:
    """Return the issuer's discovery document (OpenID Connect Discovery 1.0), or raise one of `ISSUER_ERRORS`."""
    discovery = read_object(issuer.rstrip("/") + "/.well-known/openid-configuration")
    if discovery.get("issuer") != issuer:
        raise ParseError("the discovery document is not this issuer's")
    return discovery


HERE = frozenset({"127.0.0.1", "::1", "localhost"})
"""What a program calls the machine that it runs on."""


def is_safe(address: str) -> bool:
    """Tell whether what goes to this address stays between us: https, or http on this machine."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in HERE)


@cache
def authorities() -> ssl.SSLContext:
    """Return whose word this machine takes for a server's name; once per process, because reading takes 20 ms."""
    return httpx.create_ssl_context()


def read_object(address: str) -> dict[str, Any]:
    """Return the JSON object at an address, or raise one of `ISSUER_ERRORS`; long and slow answers are none."""
    return parse_object(asyncio.run(_answer(address)))


async def _answer(address: str) -> bytes:
    """Return what the issuer answers. Asynchronous, because only that can be stopped whatever it waits for."""
    body = bytearray()
    async with (
        asyncio.timeout(_PATIENCE),
        httpx.AsyncClient(timeout=_PATIENCE, verify=authorities()) as client,
        client.stream("GET", address) as response,
    ):
        if response.status_code != httpx.codes.OK:
            raise ParseError("the issuer answered something else than 200")
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _MAX_BYTES:
                raise ParseError("the issuer's answer is too long")
    return bytes(body)

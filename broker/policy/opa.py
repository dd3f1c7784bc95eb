"""The OPA engine: the same policies in an OPA server, asked through opa-python-client.

Only `query_rule` is used: the client wraps the input, which OPA would otherwise silently take for none, and does not
fetch the policy tree. An empty answer or a warning is a fault, never a refusal.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from opa_client.opa import OpaClient

from broker.kernel.errors import PolicyUnavailable, SettingsError


class OpaEngine:
    """Asks an OPA server at a base address such as http://127.0.0.1:8181; `timeout` in seconds for each question."""

    name = "opa"

    def __init__(self, address: str, *, timeout: float = 1.0) -> None:
        parts = _address(address)
        # The client puts host and port together; an IPv6 address needs its brackets for that (RFC 3986 section 3.2.2).
        self._host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._ssl, self._timeout = parts.scheme == "https", timeout
        # A session is not safe to share between threads, and opening one for each question costs a connection.
        self._local = threading.local()

    def _client(self) -> OpaClient:
        client = getattr(self._local, "client", None)
        if client is None:
            client = OpaClient(host=self._host, port=self._port, ssl=self._ssl, retries=1, timeout=self._timeout)
            self._local.client = client
        return client

    def evaluate(self, document: Mapping[str, Any]) -> object:
        """Return the value of the entry point; raise PolicyUnavailable when OPA does not give one."""
        return self._asked(document, "sharing.decision", "decision")

    def verify_serves(self, digest: str) -> None:
        """Raise PolicyUnavailable unless the server has loaded the bundle of this digest."""
        try:
            served = self._asked({}, "bundle", "digest")
        except PolicyUnavailable as error:
            raise PolicyUnavailable("the OPA server has loaded no bundle", code="policy.opa_behind") from error
        if served != digest:
            raise PolicyUnavailable("the OPA server has loaded another bundle", code="policy.opa_behind")

    def _asked(self, document: Mapping[str, Any], package: str, rule: str) -> object:
        try:
            answer = self._client().query_rule(input_data=dict(document), package_path=package, rule_name=rule)
        except (requests.RequestException, ValueError, RecursionError) as error:
            raise PolicyUnavailable(f"the OPA server did not answer: {type(error).__name__}") from error
        if not isinstance(answer, dict) or "result" not in answer or "warning" in answer:
            raise PolicyUnavailable("the OPA server answered without a result; has it loaded the bundle?")
        return answer["result"]


def _address(address: str) -> SplitResult:
    """Return the address in its parts; SettingsError for one that says more than where the server is, or less."""
    try:
        parts = urlsplit(address)
        is_whole = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:  # no port, or no IPv6 address
        is_whole = False
    if not is_whole or "@" in parts.netloc or parts.path not in {"", "/"} or "?" in address or "#" in address:
        raise SettingsError(
            "the address of OPA is written as http://host:port, without user, path or query", code="policy.address"
        )
    return parts

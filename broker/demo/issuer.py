"""A small OpenID issuer for the demonstration and the tests: real tokens, real keys, nobody signs in.

It publishes its discovery document (OpenID Connect Discovery 1.0) and its public keys (RFC 7517) on this machine only,
and hands out access tokens (RFC 9068) to whoever holds the object: that is why it stands in `broker.demo`, above the
composition root, where the production wiring cannot import it.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from joserfc import jwt
from joserfc.jwk import ECKey

LIFETIME = timedelta(minutes=10)


class DemoIssuer:
    """An issuer on the loopback address, for use in a `with` block; its keys (P-256) live as long as the object."""

    def __init__(self) -> None:
        self._keys = [_new_key()]
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._documents))
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def issuer(self) -> str:
        """The issuer's identifier, which is also its address."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def issue(
        self,
        subject: str,
        *,
        acr: str,
        thumbprint: str | None,
        now: datetime,
        audience: str,
        lifetime: timedelta = LIFETIME,
    ) -> str:
        """Return an access token for this person, bound to the key with this thumbprint (None: a Bearer token)."""
        issued_at = int(now.timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": subject,
            "aud": audience,
            "client_id": "deelgrond-demo",
            "iat": issued_at,
            "nbf": issued_at,
            "exp": issued_at + int(lifetime.total_seconds()),
            "jti": secrets.token_urlsafe(16),
            "acr": acr,
        }
        if thumbprint is not None:
            claims["cnf"] = {"jkt": thumbprint}
        key = self._keys[-1]
        return jwt.encode({"typ": "at+jwt", "alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])

    def rotate(self) -> None:
        """Sign with a new key from now on; the public halves of the older ones stay published."""
        self._keys.append(_new_key())

    def start(self) -> None:
        """Answer on the loopback address until `stop`."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and let the port go; tokens issued before stay what they are."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"DemoIssuer({self.issuer!r})"

    def _documents(self) -> dict[str, dict[str, Any]]:
        """Return what is published, by path."""
        discovery = {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }
        keys = [key.as_dict(private=False, use="sig", alg="ES256") for key in self._keys]
        return {"/.well-known/openid-configuration": discovery, "/jwks": {"keys": keys}}


def _new_key() -> ECKey:
    return ECKey.generate_key("P-256", auto_kid=True)


def _handler(documents: Callable[[], dict[str, dict[str, Any]]]) -> type[BaseHTTPRequestHandler]:
    """Return a request handler that serves these documents as JSON and nothing else."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = documents().get(self.path)
            body = json.dumps(found or {"error": "not found"}).encode()
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name of the base class
            """Keep quiet: the demonstration's terminal tells a story."""

    return Answers

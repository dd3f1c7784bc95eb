"""A small OpenID issuer for the demonstration and the tests: real tokens and real keys, but it asks for no password.

It publishes its discovery document (OpenID Connect Discovery 1.0) and its public keys (RFC 7517) on this machine only,
and hands out access tokens (RFC 9068) to whoever holds the object: that is why it stands in `broker.demo`, above the
composition root, where the production wiring cannot import it. `admit` opens its page, where one is who one says.
"""

from __future__ import annotations

import html
import json
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import ECKey

LIFETIME = timedelta(minutes=10)

CLIENT_ID = "deelgrond-demo"

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""

_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """Who may sign in to the pages, how surely each is known, where they go back to, and by which clock."""

    people: Mapping[str, str]
    redirect_uri: str
    clock: Callable[[], datetime]


class DemoIssuer:
    """An issuer on the loopback address, for use in a `with` block; its keys (P-256) live as long as the object."""

    def __init__(self) -> None:
        self._keys = [_new_key()]
        self._admitted: Admitted | None = None
        self._codes: dict[str, Mapping[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._get, self._post))
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
            "client_id": CLIENT_ID,
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

    def admit(self, admitted: Admitted) -> None:
        """Let these people sign in to the pages at this address from now on."""
        self._admitted = admitted

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

    def _get(self, path: str, query: Mapping[str, str]) -> Answer:
        if path == "/authorize" and self._admitted is not None:
            return self._authorize(query, self._admitted)
        found = self._documents().get(path)
        return 200 if found else 404, _JSON, json.dumps(found or {"error": "not found"}).encode()

    def _documents(self) -> dict[str, dict[str, Any]]:
        """Return what is published, by path."""
        discovery = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
            "authorization_response_iss_parameter_supported": True,
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }
        keys = [key.as_dict(private=False, use="sig", alg="ES256") for key in self._keys]
        return {"/.well-known/openid-configuration": discovery, "/jwks": {"keys": keys}}

    def _authorize(self, query: Mapping[str, str], admitted: Admitted) -> Answer:
        """Ask who it is, or believe it (OpenID Connect Core 3.1.2); `login_hint` is taken for an answer."""
        known = query.get("client_id") == CLIENT_ID and query.get("redirect_uri") == admitted.redirect_uri
        if not known or query.get("code_challenge_method") != "S256" or query.get("response_type") != "code":
            return 400, _JSON, b'{"error": "invalid_request"}'
        who = query.get("login_hint", "")
        if who not in admitted.people:
            return 200, {"Content-Type": "text/html; charset=utf-8"}, _choice(query, admitted.people)
        code = secrets.token_urlsafe(32)
        self._codes[code] = {**query, "login_hint": who}
        back = urlencode({"code": code, "state": query.get("state", ""), "iss": self.issuer})
        return 303, {"Location": f"{admitted.redirect_uri}?{back}"}, b""

    def _post(self, path: str, form: Mapping[str, str]) -> Answer:
        """Give the tokens for a code, once and to who holds its verifier (RFC 6749 4.1.3, RFC 7636 4.6)."""
        if path != "/token":
            return 404, _JSON, b'{"error": "not found"}'
        asked = self._codes.pop(form.get("code", ""), None)
        if asked is None or self._admitted is None:
            return 400, _JSON, b'{"error": "invalid_grant"}'
        if create_s256_code_challenge(form.get("code_verifier", "")) != asked.get("code_challenge"):
            return 400, _JSON, b'{"error": "invalid_grant"}'
        who, now = asked["login_hint"], self._admitted.clock()
        acr = self._admitted.people[who]
        issued_at = int(now.timestamp())
        claims = {
            "iss": self.issuer,
            "sub": who,
            "aud": CLIENT_ID,
            "nonce": asked.get("nonce", ""),
            "iat": issued_at,
            "exp": issued_at + int(LIFETIME.total_seconds()),
            "acr": acr,
        }
        key = self._keys[-1]
        id_token = jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])
        access = self.issue(who, acr=acr, thumbprint=None, now=now, audience=self.issuer)
        tokens = {"access_token": access, "token_type": "Bearer", "expires_in": 600, "id_token": id_token}
        return 200, _JSON | {"Cache-Control": "no-store"}, json.dumps(tokens).encode()


def _new_key() -> ECKey:
    return ECKey.generate_key("P-256", auto_kid=True)


def _choice(query: Mapping[str, str], people: Mapping[str, str]) -> bytes:
    """Return the page on which somebody says who he is."""
    links = "".join(
        f'<li><a href="/authorize?{html.escape(urlencode({**query, "login_hint": name}))}">{html.escape(name)}</a></li>'
        for name in people
    )
    page = f"""<!doctype html><html lang="nl"><meta charset="utf-8"><title>Aanmelden (demonstratie)</title>
<main><h1>Wie bent u?</h1><p>Dit is een demonstratie: er wordt geen wachtwoord gevraagd.</p><ul>{links}</ul></main>"""
    return page.encode()


def _handler(
    get: Callable[[str, Mapping[str, str]], Answer], post: Callable[[str, Mapping[str, str]], Answer]
) -> type[BaseHTTPRequestHandler]:
    """Return a request handler that answers with these functions of path and fields, and with nothing else."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = urlsplit(self.path)
            self._answer(get(asked.path, dict(parse_qsl(asked.query))))

        def do_POST(self) -> None:
            body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 65536))
            self._answer(post(urlsplit(self.path).path, dict(parse_qsl(body.decode("utf-8", "replace")))))

        def _answer(self, answer: Answer) -> None:
            status, headers, body = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name of the base class
            """Keep quiet: the demonstration's terminal tells a story."""

    return Answers

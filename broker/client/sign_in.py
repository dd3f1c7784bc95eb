"""Signing in from the terminal, at the identity provider that the broker names (RFC 9728).

In the browser of this machine: an authorization code with PKCE (RFC 7636) that comes back to a port here which is open
for that long (RFC 8252). Where there is no browser: a code that the person types on another device (RFC 8628). Either
way the tokens are bound to a key that this machine has just made and never shows (RFC 9449), and they are renewed with
it.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from broker.client.session import Renewal, Session
from broker.discovery import ISSUER_ERRORS, authorities, is_safe, read_discovery, read_object
from broker.kernel.errors import IdentityError, ParseError
from broker.proof import ProofMaker

Clock = Callable[[], datetime]
"""The present moment of this machine: the identity provider is asked by real time."""

CLIENT_ID = "deelgrond-terminal"
"""Who this program is to an identity provider that was not told another name; it has no secret."""

SCOPE = "openid offline_access"
"""A refresh token is asked for that outlasts the browser's session."""

_TIMEOUT = 10.0
_PATIENCE = 300.0
"""Seconds that a person gets to sign in."""

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_PAGE = """<!doctype html><html lang="nl"><meta charset="utf-8"><title>Deelgrond</title>
<main><h1>{}</h1><p>U kunt dit venster sluiten en verdergaan in de terminal.</p></main>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """The identity provider of a broker: its own name and its endpoints, as its discovery document has them."""

    issuer: str
    endpoints: Mapping[str, Any]

    def endpoint(self, name: str) -> str:
        """Return the address of an endpoint; IdentityError when it has none that is safe."""
        address = self.endpoints.get(name)
        if not isinstance(address, str) or not is_safe(address):
            raise IdentityError(f"the identity provider has no {name}", code="client.cannot_sign_in")
        return address


def provider_of(address: str) -> Provider:
    """Return the identity provider that a broker names; IdentityError when it cannot be asked or names none."""
    try:
        said = read_object(address.rstrip("/") + "/.well-known/oauth-protected-resource")
        issuers = said.get("authorization_servers")
        if said.get("resource") != address.rstrip("/") or not isinstance(issuers, list) or not issuers:
            raise ParseError("this is not what a broker says of itself")
        issuer = str(issuers[0])
        if not is_safe(issuer):
            raise ParseError("the identity provider has no safe address")
        return Provider(issuer=issuer, endpoints=read_discovery(issuer))
    except ISSUER_ERRORS as error:
        raise IdentityError("the broker or its identity provider cannot be asked", code="client.no_provider") from error


def by_browser(
    address: str, provider: Provider, *, client_id: str = CLIENT_ID, clock: Clock, show: Callable[[str], object]
) -> Session:
    """Return the session of who signed in, in the browser to which `show` takes the address.

    Raises IdentityError when he did not within five minutes, or when what came back does not fit.
    """
    proofs, verifier, state = ProofMaker(), secrets.token_urlsafe(64), secrets.token_urlsafe(16)
    with _Returning() as returning:
        asked = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": returning.address,
            "scope": SCOPE,
            "state": state,
            **_challenge(verifier),
            "dpop_jkt": proofs.thumbprint,  # the code too is worth nothing without the key (RFC 9449 section 10)
        }
        show(f"{provider.endpoint('authorization_endpoint')}?{urlencode(asked)}")
        answer = returning.wait(state)
        if answer.get("iss", provider.issuer) != provider.issuer or "code" not in answer:
            raise IdentityError("the identity provider gave no code", code="identity.sign_in_refused")
        tokens = _asked(
            provider.endpoint("token_endpoint"),
            proofs,
            clock,
            grant_type="authorization_code",
            client_id=client_id,
            redirect_uri=returning.address,
            code=answer["code"],
            code_verifier=verifier,
        )
    return _session(address, provider, client_id, proofs, tokens, clock)


def by_device(
    address: str, provider: Provider, *, client_id: str = CLIENT_ID, clock: Clock, tell: Callable[[str, str], object]
) -> Session:
    """Return the session of who signed in on another device, after `tell` named the address and the code to him.

    Raises IdentityError when he refused or the code ran out.
    """
    proofs, verifier = ProofMaker(), secrets.token_urlsafe(64)
    asked = _asked(
        provider.endpoint("device_authorization_endpoint"),
        proofs,
        clock,
        client_id=client_id,
        scope=SCOPE,
        **_challenge(verifier),  # beyond RFC 8628; Keycloak asks it of a client that it asks it of elsewhere
    )
    tell(str(asked.get("verification_uri_complete") or asked["verification_uri"]), str(asked["user_code"]))
    wait, ends = float(asked.get("interval", 5)), time.monotonic() + float(asked["expires_in"])
    while time.monotonic() < ends:
        time.sleep(wait)
        try:
            tokens = _asked(
                provider.endpoint("token_endpoint"),
                proofs,
                clock,
                grant_type=_DEVICE_GRANT,
                client_id=client_id,
                device_code=str(asked["device_code"]),
                code_verifier=verifier,
            )
        except _NotYetError as error:
            wait += 5 if error.slower else 0
        else:
            return _session(address, provider, client_id, proofs, tokens, clock)
    raise IdentityError("nobody signed in with the code", code="identity.sign_in_refused")


def renew(session: Session, clock: Clock) -> Session:
    """Return the session with a token that is valid for a while; IdentityError when one has to sign in again."""
    renewal = session.renewal
    if renewal is None or clock() + timedelta(seconds=30) < renewal.ends_at:
        return session
    tokens = _asked(
        renewal.token_endpoint,
        session.proofs,
        clock,
        grant_type="refresh_token",
        client_id=renewal.client_id,
        refresh_token=renewal.refresh_token,
    )
    # Without a new one the refresh token stays what it is (RFC 6749 section 6).
    return _with_tokens(session, renewal, {"refresh_token": renewal.refresh_token, **tokens}, clock)


def sign_out(session: Session, clock: Clock) -> None:
    """Have the refresh token withdrawn (RFC 7009); IdentityError when the identity provider cannot be asked."""
    renewal = session.renewal
    if renewal is not None and renewal.revocation_endpoint is not None:
        _asked(
            renewal.revocation_endpoint,
            session.proofs,
            clock,
            client_id=renewal.client_id,
            token=renewal.refresh_token,
            token_type_hint="refresh_token",  # noqa: S106  the name of its kind
        )


def _session(
    address: str, provider: Provider, client_id: str, proofs: ProofMaker, tokens: Mapping[str, Any], clock: Clock
) -> Session:
    if str(tokens.get("token_type", "")).lower() != "dpop":
        # RFC 9449 section 5: whoever steals such a token is the caller until it ends.
        raise IdentityError("the identity provider does not bind its tokens", code="client.not_bound")
    session = Session(address=address.rstrip("/"), token=str(tokens["access_token"]), proofs=proofs)
    if not tokens.get("refresh_token"):
        return session
    revocation = provider.endpoints.get("revocation_endpoint")
    renewal = Renewal(
        token_endpoint=provider.endpoint("token_endpoint"),
        revocation_endpoint=revocation if isinstance(revocation, str) and is_safe(revocation) else None,
        client_id=client_id,
        refresh_token=str(tokens["refresh_token"]),
        ends_at=clock(),
    )
    return _with_tokens(session, renewal, tokens, clock)


def _with_tokens(session: Session, renewal: Renewal, tokens: Mapping[str, Any], clock: Clock) -> Session:
    ends_at = clock() + timedelta(seconds=float(tokens.get("expires_in", 60)))
    renewal = replace(renewal, refresh_token=str(tokens["refresh_token"]), ends_at=ends_at)
    return replace(session, token=str(tokens["access_token"]), renewal=renewal)


class _NotYetError(Exception):
    """The person has not signed in yet; `slower`: ask less often (RFC 8628 section 3.5)."""

    def __init__(self, *, slower: bool) -> None:
        super().__init__("not yet")
        self.slower = slower


def _challenge(verifier: str) -> dict[str, str]:
    return {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"}


def _asked(url: str, proofs: ProofMaker, clock: Clock, **form: str) -> dict[str, Any]:
    """Return what the identity provider answers to this form, sent with a proof of the key (RFC 9449 section 5)."""
    nonce: str | None = None
    try:
        for _ in range(2):
            proof = proofs.proof("POST", url, None, clock(), nonce=nonce)
            answer = httpx.post(url, data=form, headers={"DPoP": proof}, timeout=_TIMEOUT, verify=authorities())
            said = answer.json() if answer.content else {}
            if answer.is_success:
                return dict(said)
            nonce = answer.headers.get("DPoP-Nonce")
            if said.get("error") != "use_dpop_nonce":
                break
    except (httpx.HTTPError, ValueError, TypeError, AttributeError) as error:
        raise IdentityError("the identity provider cannot be asked", code="client.no_provider") from error
    match said.get("error"):
        case "authorization_pending":
            raise _NotYetError(slower=False)
        case "slow_down":
            raise _NotYetError(slower=True)
        case "access_denied" | "expired_token" | "invalid_grant":
            raise IdentityError("the identity provider refuses", code="identity.sign_in_refused")
    raise IdentityError(
        f"the identity provider answered {answer.status_code} {said.get('error')}", code="client.cannot_sign_in"
    )


class _Returning:
    """A port of this machine that the browser comes back to, once."""

    def __init__(self) -> None:
        self._answer: dict[str, str] = {}
        returning = self

        class Page(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = urlsplit(self.path)
                if asked.path == "/":
                    returning._answer = dict(parse_qsl(asked.query))
                page = _PAGE.format("Aangemeld" if "code" in returning._answer else "Niet aangemeld").encode()
                self.send_response(200 if asked.path == "/" else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name of the base class
                """Keep the code out of the terminal."""

        self._server = HTTPServer(("127.0.0.1", 0), Page)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    def wait(self, state: str) -> dict[str, str]:
        """Return what came back with this state; what comes with another is none of ours (RFC 6749 section 10.12)."""
        ends = time.monotonic() + _PATIENCE
        while time.monotonic() < ends:
            self._server.timeout = 1.0
            self._server.handle_request()
            if secrets.compare_digest(self._answer.get("state", ""), state):
                return self._answer
        raise IdentityError("nobody came back from the identity provider", code="identity.sign_in_lost")

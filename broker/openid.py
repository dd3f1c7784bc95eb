"""Signing in at an identity provider: OpenID Connect Core 1.0, authorization code with PKCE (RFC 7636).

The provider says who somebody is and how surely it knows; role, organisation and mandate come from our directory. What
comes back is believed when it answers a sign-in of ours (state, nonce, verifier), names its sender where the provider
can (RFC 9207), and holds an ID token that this provider signed for us.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry
from requests import RequestException

from broker.discovery import ISSUER_ERRORS, is_safe, read_discovery
from broker.domain.session import SignIn
from broker.domain.vocabulary import Assurance
from broker.identity import LEEWAY, TOKEN_ALGORITHMS, Caller, JwksSource
from broker.kernel.errors import IdentityError, ParseError, SignatureError
from broker.proof import parse_jwt, verify_jwt

_TIMEOUT = 5.0
"""Seconds, for connecting and for each read: somebody is waiting for the page."""

log = logging.getLogger(__name__)


class OpenIdProvider:
    """One identity provider, and us as its client; `redirect_uri` is our page that people come back to.

    Its addresses are read from its discovery document at each sign-in, so a provider that moves is followed at once.
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        redirect_uri: str,
        keys: JwksSource,
        assurance: Mapping[str, Assurance],
    ) -> None:
        self._issuer, self._keys = issuer, keys
        self._client_id, self._client_secret = client_id, client_secret
        self._redirect_uri, self._assurance = redirect_uri, dict(assurance)

    def address(self, *, state: str, nonce: str, verifier: str, login_hint: str = "") -> str:
        """Return where the browser goes to sign in; IdentityError when the provider cannot be asked."""
        hint = {"login_hint": login_hint} if login_hint else {}
        with self._session() as session:
            address, _ = session.create_authorization_url(
                self._endpoints()["authorization_endpoint"], state=state, nonce=nonce, code_verifier=verifier, **hint
            )
        return str(address)

    def caller(self, answer: Mapping[str, str], sign_in: SignIn, *, now: datetime) -> Caller:
        """Return who came back with this answer to our sign-in; IdentityError when it does not hold."""
        endpoints = self._endpoints()
        self._check_sender(answer, endpoints)
        if not answer.get("code"):
            raise IdentityError("the provider gave no code", code="identity.sign_in_refused")
        try:
            with self._session() as session:
                tokens = session.fetch_token(
                    endpoints["token_endpoint"],
                    grant_type="authorization_code",
                    code=answer["code"],
                    code_verifier=sign_in.verifier,
                    timeout=_TIMEOUT,
                    allow_redirects=False,
                )
        except AuthlibBaseError as error:
            raise IdentityError("the provider did not take the code", code="identity.sign_in_lost") from error
        except (RequestException, ValueError) as error:
            raise _unavailable(error) from error
        claims = self._claims(tokens.get("id_token"), sign_in, now)
        acr = claims.get("acr")
        level = self._assurance.get(acr, "low") if isinstance(acr, str) else "low"
        return Caller(self._issuer, claims["sub"], level)

    def _session(self) -> OAuth2Session:
        return OAuth2Session(
            self._client_id,
            self._client_secret,
            scope="openid",
            redirect_uri=self._redirect_uri,
            code_challenge_method="S256",
        )

    def _endpoints(self) -> Mapping[str, Any]:
        try:
            found = read_discovery(self._issuer)
        except ISSUER_ERRORS as error:
            raise _unavailable(error) from error
        for name in ("authorization_endpoint", "token_endpoint"):
            if not isinstance(found.get(name), str) or not is_safe(found[name]):
                raise _unavailable(ParseError(f"the discovery document has no {name}"))
        return found

    def _check_sender(self, answer: Mapping[str, str], endpoints: Mapping[str, Any]) -> None:
        # RFC 9207 section 2.4: a provider that says it names itself must; who names another is another.
        must = endpoints.get("authorization_response_iss_parameter_supported") is True
        if answer.get("iss", None if must else self._issuer) != self._issuer:
            raise IdentityError("the answer is of another provider", code="identity.wrong_issuer")

    def _claims(self, text: object, sign_in: SignIn, now: datetime) -> Mapping[str, Any]:
        """Return the claims of an ID token for us and for this sign-in (OpenID Connect Core 3.1.3.7)."""
        try:
            token = parse_jwt(text if isinstance(text, str) else "")
        except ParseError as error:
            raise IdentityError("the ID token is malformed", code="identity.malformed") from error
        kid = token.header.get("kid")
        key = self._keys.find_key(kid, now=now) if isinstance(kid, str) else None
        if key is None:
            raise IdentityError("the provider publishes no such key", code="identity.unknown_key")
        rules = JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client_id},
            azp={"value": self._client_id},
            nonce={"essential": True, "value": sign_in.nonce},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        try:
            verify_jwt(token, key, algorithms=TOKEN_ALGORITHMS)
            rules.validate(token.claims)
        except SignatureError as error:
            raise IdentityError("the provider did not sign the token", code="identity.bad_signature") from error
        except JoseError as error:
            raise IdentityError("a claim of the ID token does not hold", code="identity.malformed") from error
        return token.claims


def _unavailable(error: Exception) -> IdentityError:
    log.warning("identity.issuer_unavailable", extra={"cause": type(error).__name__})
    return IdentityError("the identity provider cannot be asked", code="identity.issuer_unavailable")

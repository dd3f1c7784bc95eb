"""Who calls: an access token of a known issuer becomes a Caller, and nothing else does.

In this order: the header, the token's form, the issuer's key, the signature, whom and when the token is for (RFC 9068),
and the proof that the caller holds the key the token is bound to (RFC 9449, in `proof`). A token says who the caller is
and how surely that is known. Role, organisation and mandate come from the directory; what a token says of them is not
even read.

Every failure is an IdentityError with one of these codes:

    identity.no_token         no Authorization header
    identity.malformed        the header or the token cannot be read, or a claim it needs is missing
    identity.unknown_key      signed with a key the issuer does not publish, or the issuer's keys cannot be had
    identity.bad_signature    not signed by that key, or with an algorithm that is not accepted
    identity.wrong_issuer     of another issuer
    identity.wrong_audience   meant for another service
    identity.expired          not valid any more, or not yet
    identity.proof_required   bound to a key (or it should be) and presented without proof
    identity.proof_invalid    the proof is not for this call, this token or this minute
    identity.replayed         the proof was used before

A token may be used for many calls while it is valid; a proof serves one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from joserfc.errors import ClaimError, ExpiredTokenError, InvalidClaimError
from joserfc.jwk import Key
from joserfc.jwt import JWTClaimsRegistry

from broker.discovery import ISSUER_ERRORS, is_safe, read_discovery, read_object
from broker.domain.directory import Account
from broker.domain.vocabulary import Assurance
from broker.kernel.errors import IdentityError, ParseError, SettingsError, SignatureError
from broker.proof import Jwt, Replays, parse_jwt, parse_public_key, verify_jwt, verify_proof

TOKEN_ALGORITHMS = ("ES256", "EdDSA", "Ed25519", "PS256", "RS256")

MAX_AUTHORIZATION = 8192
"""Characters. A token with every role of a large organisation in it stays under this; we read none of those."""

LEEWAY = 30
"""Seconds that the issuer's clock and ours may differ."""

# RFC 9068 section 2.1: an ID token is not an access token. Keycloak writes this type only for clients told to.
_TYPES = ("at+jwt", "application/at+jwt")
_CODES = {"iss": "identity.wrong_issuer", "aud": "identity.wrong_audience", "iat": "identity.expired"}
_CODES |= {"nbf": "identity.expired", "exp": "identity.expired"}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """A person as an issuer knows them. `subject` identifies a person, so it is not shown in logs."""

    issuer: str
    subject: str = field(repr=False)
    assurance: Assurance

    @property
    def account(self) -> Account:
        """As whom the directory is asked about him."""
        return Account(issuer=self.issuer, subject=self.subject)


class JwksSource(Protocol):
    """The public keys an issuer signs tokens with."""

    def find_key(self, kid: str, *, now: datetime) -> Key | None:
        """Return the key the issuer publishes under this id; None when it publishes none, or cannot be asked."""


class TokenVerifier:
    """Turns the headers of a call into a Caller, or raises IdentityError.

    `assurance` maps the issuer's `acr` values to levels; any other value is `low`. With `require_proof` (the default)
    only tokens bound to a key are taken. Without it plain Bearer tokens are too, for an issuer that cannot bind them:
    weaker, because whoever steals such a token is the caller until it expires. A bound token needs its proof always.
    """

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        keys: JwksSource,
        replays: Replays,
        assurance: Mapping[str, Assurance],
        require_proof: bool = True,
    ) -> None:
        self.issuer, self._audience = issuer, audience
        self._keys, self._replays = keys, replays
        self._assurance = dict(assurance)
        self.require_proof = require_proof

    def close(self) -> None:
        """Let go of what it holds open."""
        self._replays.close()

    def verify(
        self,
        *,
        authorization: str | None,
        proof: str | None,
        method: str,
        url: str,
        now: datetime,
        known: Callable[[Caller], None] = lambda _: None,
    ) -> Caller:
        """Return who calls; raises IdentityError with the code of the first check that fails.

        `authorization` and `proof` are the values of the headers `Authorization` and `DPoP`; `url` is the address as
        the caller sees it, so it must come from our settings and not from a header the caller writes. `known` is told
        whose token it is before the proof is checked, so that an attempt that ends there can be put on record.
        """
        scheme, text = _split(authorization)
        token = self._verified(text, now)
        self._check_claims(token, now)
        acr = token.claims.get("acr")
        level = self._assurance.get(acr, "low") if isinstance(acr, str) else "low"
        caller = Caller(self.issuer, token.claims["sub"], level)
        known(caller)
        thumbprint = self._bound_to(token, scheme)
        if thumbprint is not None:
            if proof is None:
                raise IdentityError(
                    "the token is bound to a key and came without proof", code="identity.proof_required"
                )
            verify_proof(
                proof, token=text, thumbprint=thumbprint, method=method, url=url, now=now, replays=self._replays
            )
        return caller

    def _verified(self, text: str, now: datetime) -> Jwt:
        """Return the token once the issuer's signature on it is checked."""
        try:
            token = parse_jwt(text)
        except ParseError as error:
            raise IdentityError("the token is malformed", code="identity.malformed") from error
        header = token.header
        if not isinstance(header.get("typ"), str) or header["typ"].lower() not in _TYPES:
            raise IdentityError("the token is not an access token (RFC 9068)", code="identity.malformed")
        kid = header.get("kid")
        key = self._keys.find_key(kid, now=now) if isinstance(kid, str) else None
        if key is None:
            raise IdentityError("the issuer publishes no such key", code="identity.unknown_key")
        try:
            verify_jwt(token, key, algorithms=TOKEN_ALGORITHMS)
        except SignatureError as error:
            raise IdentityError("the issuer did not sign the token", code="identity.bad_signature") from error
        return token

    def _check_claims(self, token: Jwt, now: datetime) -> None:
        """Check who issued the token, for which service, for when, and that it names somebody."""
        rules = JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self._audience},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
        )
        try:
            rules.validate(token.claims)
        except (InvalidClaimError, ExpiredTokenError) as error:
            code = _CODES.get(error.claim, "identity.malformed")
            raise IdentityError(f"the token's claim {error.claim} does not hold", code=code) from error
        except ClaimError as error:
            raise IdentityError("the token lacks a claim", code="identity.malformed") from error
        subject = token.claims["sub"]
        # OpenID Connect Core section 2: at most 255 ASCII characters.
        if not (0 < len(subject) <= 255 and subject.isascii() and subject.isprintable()):
            raise IdentityError("the token names nobody", code="identity.malformed")

    def _bound_to(self, token: Jwt, scheme: str) -> str | None:
        """Return the thumbprint of the key the token is bound to (RFC 9449 section 6); None for a Bearer token."""
        if "cnf" not in token.claims:
            if self.require_proof or scheme != "bearer":
                raise IdentityError("the token is not bound to a key", code="identity.proof_required")
            return None
        confirmation = token.claims["cnf"]
        thumbprint = confirmation.get("jkt") if isinstance(confirmation, dict) else None
        if not isinstance(thumbprint, str) or not thumbprint.isascii():
            raise IdentityError("the token is bound to something we cannot check", code="identity.proof_invalid")
        if scheme != "dpop":
            # RFC 9449 section 7.2: a bound token may not be had for less by presenting it as Bearer.
            raise IdentityError("the token is bound to a key and came as Bearer", code="identity.proof_required")
        return thumbprint


class HttpJwks:
    """The keys an issuer publishes over HTTPS, found through its discovery document (OpenID Connect Discovery 1.0).

    Keys are asked for again after five minutes and at a key id not seen before, at most once a minute. When the issuer
    cannot be reached the last answer serves for a quarter of an hour; after that there are no keys, so no callers. A
    withdrawn key works here for at most as long. Safe to share between threads.
    """

    _FRESH, _USABLE, _PAUSE = timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=1)

    def __init__(self, *, issuer: str) -> None:
        """Take the issuer's address; SettingsError unless it is https, or http on this machine."""
        if not is_safe(issuer):
            raise SettingsError("the issuer is an https address")
        self._issuer = issuer
        self._keys: dict[str, Key] = {}
        self._fetched_at: datetime | None = None
        self._attempted_at: datetime | None = None
        self._lock = threading.Lock()

    def find_key(self, kid: str, *, now: datetime) -> Key | None:
        """Return the key under this id, after asking the issuer when needed; None when that gives none."""
        if kid not in self._keys or not self._is_younger(self._FRESH, now):
            # Whoever has a key that still serves does not wait for another who is asking already.
            serves = kid in self._keys and self._is_younger(self._USABLE, now)
            if self._lock.acquire(blocking=not serves):
                try:
                    self._refetch(now)
                finally:
                    self._lock.release()
        return self._keys.get(kid) if self._is_younger(self._USABLE, now) else None

    def _is_younger(self, age: timedelta, now: datetime) -> bool:
        return _is_within(age, self._fetched_at, now)

    def _refetch(self, now: datetime) -> None:
        if _is_within(self._PAUSE, self._attempted_at, now):
            return
        self._attempted_at = now
        try:
            found = self._fetch()
        except ISSUER_ERRORS as error:
            log.warning("identity.issuer_unavailable", extra={"cause": type(error).__name__})
            return
        self._keys, self._fetched_at = found, now

    def _fetch(self) -> dict[str, Key]:
        address = read_discovery(self._issuer).get("jwks_uri")
        if not isinstance(address, str) or not is_safe(address):
            raise ParseError("the discovery document names no keys")
        keys = read_object(address).get("keys")
        if not isinstance(keys, list):
            raise ParseError("the issuer's answer is not a JWK set")
        return dict(filter(None, map(_named_key, keys)))


def _is_within(span: timedelta, since: datetime | None, now: datetime) -> bool:
    """Tell whether less than this time has gone by; of a moment still to come the clock was wrong, so it has."""
    return since is not None and timedelta() <= now - since < span


def _named_key(jwk: object) -> tuple[str, Key] | None:
    """Return one key of a set with its id; None for one we cannot use, which the rest need not suffer for."""
    if not isinstance(jwk, dict) or not isinstance(jwk.get("kid"), str) or jwk.get("use", "sig") != "sig":
        return None
    try:
        return jwk["kid"], parse_public_key(jwk)
    except ParseError:
        return None


def _split(authorization: str | None) -> tuple[str, str]:
    """Return the scheme in lower case and the token (RFC 9110 section 11.4)."""
    if not authorization:
        raise IdentityError("the call has no Authorization header", code="identity.no_token")
    if len(authorization) > MAX_AUTHORIZATION:
        raise IdentityError("the Authorization header is too long", code="identity.malformed")
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() not in ("dpop", "bearer"):
        raise IdentityError("the Authorization header is of another scheme", code="identity.malformed")
    return scheme.lower(), token.strip(" ")

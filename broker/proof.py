"""Signed JWTs read strictly, and the proof that a caller holds the key its access token is bound to (DPoP, RFC 9449).

A stolen access token alone is worth nothing: every call carries a fresh JWT, signed with a key that only the caller
has, over the method, the address and the token. Both ends are here, because they must agree on every byte: `ProofMaker`
for a client, `verify_proof` for the broker. A proof serves once; `Replays` remembers which ones have been seen.
"""

from __future__ import annotations

import base64
import hashlib
import heapq
import re
import secrets
import string
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import urlsplit

from joserfc import jws, jwt
from joserfc.errors import JoseError, UnsupportedAlgorithmError
from joserfc.jwk import ECKey, JWKRegistry, Key

from broker.crypto.base64text import encode_base64url
from broker.kernel.errors import IdentityError, ParseError, SignatureError
from broker.kernel.strict_json import read_json

MAX_PROOF = 4096
"""Characters. A proof with a P-256 key is about 700; the rest is room for a long address."""

WINDOW = 60
"""Seconds that `iat` of a proof may lie before or after our clock, and so how long a proof must be remembered."""

# EdDSA is the old name of Ed25519 (RFC 9864) and the one most clients still write.
PROOF_ALGORITHMS = ("ES256", "EdDSA", "Ed25519")


_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]*", re.ASCII)
_MAX_JTI = 256
# An RSA key below 2048 bits is weak, above 8192 it only costs us time.
_RSA_BITS = range(2048, 8193)
_MEMBERS = {("EC", "P-256"): ("crv", "x", "y"), ("OKP", "Ed25519"): ("crv", "x"), ("RSA", None): ("n", "e")}
_ENCODED = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(string.ascii_letters + string.digits + "-._~")
_PORTS = {"http": 80, "https": 443}


class _Registry(jws.JWSRegistry):
    """joserfc's registry with our own allow-list.

    The library warns at each use of `EdDSA` by its old name, and refuses header members it does not know where
    RFC 7515 section 4 says to ignore them.
    """

    max_header_length = 4096

    def get_alg(self, name: str) -> Any:
        if not self.allowed or name not in self.allowed:
            raise UnsupportedAlgorithmError("not an accepted algorithm")
        return self.algorithms[name]


@dataclass(frozen=True, slots=True, repr=False)
class Jwt:
    """A JWT taken apart (RFC 7519, compact form): text, header and claims. Nothing in it is verified yet."""

    text: str
    header: dict[str, Any]
    claims: dict[str, Any]


def parse_jwt(text: str) -> Jwt:
    """Take a signed JWT apart; raises ParseError when it is not three base64url parts holding two JSON objects.

    Critical extensions (`crit`, RFC 7515 section 4.1.11) are refused: we know none, so we may not ignore one.
    """
    match = _COMPACT.fullmatch(text)
    if match is None:
        raise ParseError("a JWT is three base64url parts with dots between")
    header, claims = (parse_object(_decode(part)) for part in match.groups())
    if "crit" in header:
        raise ParseError("the JWT asks for an extension that is not known here")
    return Jwt(text, header, claims)


def verify_jwt(token: Jwt, key: Key, *, algorithms: tuple[str, ...]) -> None:
    """Raise SignatureError unless `key` signed the JWT with one of these algorithms, and the one the key is for."""
    registry = _Registry(algorithms=algorithms, strict_check_header=False)
    try:
        jws.deserialize_compact(token.text, key, registry=registry)
    except (JoseError, ValueError) as error:
        raise SignatureError("the JWT is not signed by this key with an accepted algorithm") from error


def parse_object(data: bytes) -> dict[str, Any]:
    """Parse a JSON object; raises ParseError for anything else, a name that occurs twice and NaN included."""
    value = read_json(data)
    if not isinstance(value, dict):
        raise ParseError("this is not a JSON object")
    return value


def parse_public_key(jwk: object) -> Key:
    """Parse a public JWK (RFC 7517) of a kind we accept: P-256, Ed25519, or RSA of 2048 to 8192 bits.

    Raises ParseError for any other, for one that holds a private key, and for a point that is not on its curve.
    """
    if not isinstance(jwk, dict) or "d" in jwk or not isinstance(jwk.get("kty"), str):
        raise ParseError("this is not a public JWK")
    curve = jwk.get("crv")
    members = _MEMBERS.get((jwk["kty"], curve)) if curve is None or isinstance(curve, str) else None
    if members is None:
        raise ParseError("the JWK is of a kind that is not accepted here")
    public = {name: jwk[name] for name in ("kty", *members, "alg", "use") if name in jwk}
    if not all(isinstance(value, str) for value in public.values()):
        raise ParseError("the JWK is malformed")
    # Before the import: the library only warns of a weak key, and a very long one takes it time.
    if "n" in public and int.from_bytes(_decode(public["n"]), "big").bit_length() not in _RSA_BITS:
        raise ParseError("the RSA key is of a size that is not accepted here")
    try:
        return JWKRegistry.import_key(public)
    except (JoseError, ValueError) as error:
        raise ParseError("the JWK is malformed") from error


class Replays(Protocol):
    """Remembers what has been used, over all processes that serve one address."""

    def first_time(self, jti_hash: bytes, until: datetime, now: datetime) -> bool:
        """Return whether this was never seen before, and remember it until then; atomic, and False in doubt."""

    def close(self) -> None:
        """Let go of what is held open for it."""


class RecentProofs:
    """`Replays` within one process and its life, for tests and measurements; a broker's own are in its database.

    At most `capacity` are remembered (100 bytes each, about). When full it says False to everything until some have
    expired: a lasting 800 calls a second in one process for the default, and turning callers away is the safe side.
    """

    def __init__(self, *, capacity: int = 100_000) -> None:
        self._capacity = capacity
        self._seen: set[bytes] = set()
        self._expiring: list[tuple[datetime, bytes]] = []
        self._lock = threading.Lock()

    def first_time(self, jti_hash: bytes, until: datetime, now: datetime) -> bool:
        """Return whether this was never seen before; also False when there is no room to remember it."""
        with self._lock:
            while self._expiring and self._expiring[0][0] < now:
                self._seen.discard(heapq.heappop(self._expiring)[1])
            if jti_hash in self._seen or len(self._seen) >= self._capacity:
                return False
            self._seen.add(jti_hash)
            heapq.heappush(self._expiring, (until, jti_hash))
            return True

    def close(self) -> None:
        """Do nothing: it is memory."""


def verify_proof(
    text: str, *, token: str, thumbprint: str, method: str, url: str, now: datetime, replays: Replays
) -> None:
    """Raise IdentityError unless this proof is for exactly this call with this token, fresh, and never seen before.

    The checks are those of RFC 9449 section 4.3. `thumbprint` is the token's `cnf.jkt`, `url` the address as the caller
    sees it (behind a proxy: the public one). Codes: `identity.proof_invalid`, and `identity.replayed` for a second use.
    """
    proof, key = _read_proof(text)
    claims = proof.claims
    expected = {"htm": method, "ath": _hash_text(token)}
    if any(claims.get(name) != value for name, value in expected.items()):
        raise _invalid("the proof is for another method or token")
    if key.thumbprint() != thumbprint:
        raise _invalid("the proof is by another key than the token is bound to")
    if _target(claims.get("htu")) != _target(url):
        raise _invalid("the proof is for another address")
    moment, jti = claims.get("iat"), claims.get("jti")
    if not isinstance(moment, int | float) or abs(moment - int(now.timestamp())) > WINDOW:
        raise _invalid("the proof is not of this minute")
    if not isinstance(jti, str) or not 0 < len(jti) <= _MAX_JTI:
        raise _invalid("the proof has no usable jti")
    # With the key in front nobody can use up another's numbers.
    used = hashlib.sha256(thumbprint.encode() + b"\n" + jti.encode("utf-8", "surrogatepass")).digest()
    # One second more, because our clock was cut to whole seconds above.
    if not replays.first_time(used, datetime.fromtimestamp(moment + WINDOW + 1, UTC), now):
        raise IdentityError("the proof was used before", code="identity.replayed")


@dataclass(frozen=True, slots=True)
class ProofMaker:
    """The client's end: a P-256 key that lives as long as this object, and proofs made with it."""

    _key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256"), repr=False)

    @classmethod
    def from_jwk(cls, jwk: dict[str, str]) -> ProofMaker:
        """Return the maker that `as_jwk` described, in another process; ValueError when it is no P-256 private key."""
        try:
            key = ECKey.import_key({**jwk})
        except (JoseError, KeyError, ValueError) as error:
            raise ValueError("a proof key is a P-256 private key") from error
        if jwk.get("kty") != "EC" or key.curve_name != "P-256" or not key.is_private:
            raise ValueError("a proof key is a P-256 private key")
        return cls(key)

    def as_jwk(self) -> dict[str, str]:
        """Return the private key as a JWK (RFC 7517): a secret as long as the token bound to it lives."""
        return {name: str(value) for name, value in self._key.as_dict(private=True).items()}

    @property
    def thumbprint(self) -> str:
        """The JWK thumbprint (RFC 7638, SHA-256, base64url) that the issuer writes into the token as `cnf.jkt`."""
        return self._key.thumbprint()

    def proof(self, method: str, url: str, token: str | None, now: datetime, *, nonce: str | None = None) -> str:
        """Return the value of the `DPoP` header for one call; the next call needs another.

        Without `token` for the issuer's own calls, when there is none yet; with the `nonce` that it asked for, if any
        (RFC 9449 section 8).
        """
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": self._key.as_dict(private=False)}
        claims = {
            "jti": secrets.token_urlsafe(16),
            "htm": method,
            "htu": url.partition("#")[0].partition("?")[0],
            "iat": int(now.timestamp()),
            **({"ath": _hash_text(token)} if token is not None else {}),
            **({"nonce": nonce} if nonce is not None else {}),
        }
        return jwt.encode(header, claims, self._key, algorithms=["ES256"])


def _read_proof(text: str) -> tuple[Jwt, Key]:
    """Return the proof and the key in it, which signed it."""
    if len(text) > MAX_PROOF:
        raise _invalid("the proof is too long")
    try:
        proof = parse_jwt(text)
        if proof.header.get("typ") != "dpop+jwt":
            raise _invalid("the proof is of another type than dpop+jwt")
        key = parse_public_key(proof.header.get("jwk"))
        verify_jwt(proof, key, algorithms=PROOF_ALGORITHMS)
    except (ParseError, SignatureError) as error:
        raise _invalid("the proof is malformed or not signed by the key in it") from error
    return proof, key


def _target(url: object) -> tuple[str, str, int, str]:
    """Return what an address names without its query and fragment: scheme, host, port and path."""
    if not isinstance(url, str) or not url.isascii() or not url.isprintable() or " " in url:
        raise _invalid("the proof names no address")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _invalid("the proof names no address") from error
    if parts.scheme not in _PORTS or not parts.hostname or "@" in parts.netloc:
        raise _invalid("the proof names no address")
    path = _ENCODED.sub(_normal, parts.path or "/")
    return parts.scheme, parts.hostname, _PORTS[parts.scheme] if port is None else port, path


def _normal(encoded: re.Match[str]) -> str:
    """Return a percent-encoded character as RFC 3986 sections 6.2.2.1 and 6.2.2.2 have it."""
    character = chr(int(encoded[1], 16))
    return character if character in _UNRESERVED else encoded[0].upper()


def _hash_text(token: str) -> str:
    return encode_base64url(hashlib.sha256(token.encode("utf-8")).digest())


def _decode(part: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except ValueError as error:
        raise ParseError("a part of the JWT is not base64url") from error


def _invalid(text: str) -> IdentityError:
    return IdentityError(text, code="identity.proof_invalid")

"""An access token becomes a Caller only when every single thing about it is right; each test changes one thing."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from broker.identity import MAX_AUTHORIZATION, Assurance, Caller, TokenVerifier
from broker.kernel.errors import IdentityError
from broker.proof import MAX_PROOF, ProofMaker, RecentProofs, parse_public_key

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ISSUER = "https://login.example.org/realms/chain"
AUDIENCE = "https://broker.example.org"
URL = "https://broker.example.org/requests/rq_1"
LEVELS: dict[str, Assurance] = {"loa2": "substantial", "loa3": "high"}
ISSUER_KEY = ECKey.generate_key("P-256", {"kid": "k1"})
CLIENT = ProofMaker()


class Published:
    """The issuer's keys as they would be published, without the network."""

    def __init__(self, *keys: Key) -> None:
        self._keys = {str(key.kid): parse_public_key(key.as_dict(private=False)) for key in keys}

    def find_key(self, kid: str, *, now: datetime) -> Key | None:
        return self._keys.get(kid)


def verifier(*keys: Key, require_proof: bool = True) -> TokenVerifier:
    return TokenVerifier(
        issuer=ISSUER,
        audience=AUDIENCE,
        keys=Published(*(keys or (ISSUER_KEY,))),
        replays=RecentProofs(),
        assurance=LEVELS,
        require_proof=require_proof,
    )


@dataclass
class Call:
    """A call that is right in every respect until a test changes one thing."""

    header: dict[str, Any]
    claims: dict[str, Any]
    key: Key = field(default_factory=lambda: ISSUER_KEY)
    scheme: str = "DPoP"

    def token(self) -> str:
        return signed(self.header, self.claims, self.key)

    def verify(self, by: TokenVerifier | None = None) -> Caller:
        token = self.token()
        return present(f"{self.scheme} {token}", CLIENT.proof("GET", URL, token, NOW), by)


class Anything(JWSRegistry):
    """Signs what no issuer would."""

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


def signed(header: dict[str, Any], claims: dict[str, Any], key: Key) -> str:
    return jwt.encode(header, claims, key, registry=Anything(strict_check_header=False))


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.fixture
def call() -> Call:
    return right_call()


def right_call() -> Call:
    at = int(NOW.timestamp())
    return Call(
        header={"typ": "at+jwt", "alg": "ES256", "kid": "k1"},
        claims={
            "iss": ISSUER,
            "sub": "worker-1",
            "aud": AUDIENCE,
            "iat": at,
            "nbf": at,
            "exp": at + 600,
            "acr": "loa2",
            "cnf": {"jkt": CLIENT.thumbprint},
        },
    )


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(IdentityError) as caught:
        yield
    assert caught.value.code == code


def present(
    authorization: str | None,
    proof: str | None = None,
    by: TokenVerifier | None = None,
    *,
    method: str = "GET",
    now: datetime = NOW,
) -> Caller:
    return (by or verifier()).verify(authorization=authorization, proof=proof, method=method, url=URL, now=now)


def test_token_that_is_right_gives_the_caller(call: Call) -> None:
    assert call.verify() == Caller(ISSUER, "worker-1", "substantial")


def test_token_for_several_audiences_is_for_us_when_we_are_among_them(call: Call) -> None:
    call.claims["aud"] = ["https://other.example.org", AUDIENCE]
    assert call.verify().subject == "worker-1"


def test_token_may_be_used_again_with_a_fresh_proof(call: Call) -> None:
    by, token = verifier(), call.token()
    for _ in range(3):
        proof = CLIENT.proof("GET", URL, token, NOW)
        assert present(f"DPoP {token}", proof, by).subject == "worker-1"


@pytest.mark.parametrize(("acr", "level"), [("loa3", "high"), ("loa9", "low"), (None, "low"), (["loa3"], "low")])
def test_assurance_follows_the_table_and_is_low_in_doubt(call: Call, acr: object, level: str) -> None:
    call.claims["acr"] = acr
    assert call.verify().assurance == level


def test_role_and_organisation_in_a_token_change_nothing(call: Call) -> None:
    plain = call.verify()
    call.claims |= {"roles": ["privacy_officer"], "organisation": "00000001234567890000", "groups": ["admin"]}
    assert call.verify() == plain


def test_caller_does_not_show_the_subject(call: Call) -> None:
    assert "worker-1" not in repr(call.verify())


@pytest.mark.parametrize(
    "key", [OKPKey.generate_key("Ed25519", {"kid": "k2"}), RSAKey.generate_key(2048, {"kid": "k2"})]
)
def test_accepted_algorithms_are_accepted(call: Call, key: Key) -> None:
    for algorithm in ["EdDSA", "Ed25519"] if isinstance(key, OKPKey) else ["RS256", "PS256"]:
        call.header |= {"alg": algorithm, "kid": "k2"}
        call.key = key
        assert call.verify(verifier(key)).subject == "worker-1"


@pytest.mark.parametrize("header", [None, ""])
def test_no_header_is_no_token(header: str | None) -> None:
    with refused("identity.no_token"):
        present(header)


@pytest.mark.parametrize(
    "header",
    ["Basic dXNlcjpwYXNz", "DPoP", "DPoP ", "Bearer a.b", "DPoP a.b.c", "DPoP e30.W10.x", "DPoP e30.e30.e30.e30"],
)
def test_header_that_cannot_be_read_is_malformed(header: str) -> None:
    with refused("identity.malformed"):
        present(header)


def test_header_over_the_limit_is_malformed_though_the_token_is_right(call: Call) -> None:
    call.claims["filler"] = "x" * MAX_AUTHORIZATION
    with refused("identity.malformed"):
        call.verify()


def test_token_with_a_name_twice_is_malformed(call: Call) -> None:
    _, claims, signature = call.token().split(".")
    twice = base64.urlsafe_b64encode(b'{"alg":"ES256","alg":"none","typ":"at+jwt","kid":"k1"}').decode().rstrip("=")
    text = f"DPoP {twice}.{claims}.{signature}"
    with refused("identity.malformed"):
        present(text)


@pytest.mark.parametrize("typ", ["JWT", "dpop+jwt", "logout+jwt", 1])
def test_token_of_another_type_is_malformed(call: Call, typ: object) -> None:
    token = f"{part(call.header | {'typ': typ})}.{part(call.claims)}.AAAA"
    with refused("identity.malformed"):
        present(f"DPoP {token}")


def test_token_with_a_critical_extension_is_malformed(call: Call) -> None:
    token = f"{part(call.header | {'crit': ['exp'], 'exp': 1})}.{part(call.claims)}.AAAA"
    with refused("identity.malformed"):
        present(f"DPoP {token}")


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "iat", "exp"])
def test_token_without_a_claim_it_needs_is_malformed(call: Call, claim: str) -> None:
    del call.claims[claim]
    with refused("identity.malformed"):
        call.verify()


@pytest.mark.parametrize("subject", ["", 7, "x" * 256, "wörker", "two\nlines"])
def test_token_that_names_nobody_is_malformed(call: Call, subject: object) -> None:
    call.claims["sub"] = subject
    with refused("identity.malformed"):
        call.verify()


@pytest.mark.parametrize("kid", ["k2", None])
def test_token_with_a_key_id_that_is_not_published_is_by_an_unknown_key(call: Call, kid: str | None) -> None:
    del call.header["kid"]
    call.header |= {"kid": kid} if kid else {}
    call.key = ECKey.generate_key("P-256")
    token = f"{part(call.header)}.{part(call.claims)}.AAAA"
    with refused("identity.unknown_key"):
        present(f"DPoP {token}")


def test_token_by_another_key_has_a_bad_signature(call: Call) -> None:
    call.key = ECKey.generate_key("P-256", {"kid": "k1"})
    with refused("identity.bad_signature"):
        call.verify()


def test_token_with_changed_claims_has_a_bad_signature(call: Call) -> None:
    header, _, signature = call.token().split(".")
    token = f"{header}.{part(call.claims | {'sub': 'somebody-else'})}.{signature}"
    with refused("identity.bad_signature"):
        present(f"DPoP {token}")


@pytest.mark.parametrize("signature", ["", "AAAA"])
def test_token_without_an_algorithm_has_a_bad_signature(call: Call, signature: str) -> None:
    token = f"{part(call.header | {'alg': 'none'})}.{part(call.claims)}.{signature}"
    with refused("identity.bad_signature"):
        present(f"DPoP {token}")


def test_token_with_the_public_key_as_shared_secret_has_a_bad_signature(call: Call) -> None:
    signing_input = f"{part(call.header | {'alg': 'HS256'})}.{part(call.claims)}"
    for secret in (ISSUER_KEY.as_pem(private=False), json.dumps(ISSUER_KEY.as_dict(private=False)).encode()):
        tag = base64.urlsafe_b64encode(hmac.digest(secret, signing_input.encode(), hashlib.sha256)).decode().rstrip("=")
        header = f"DPoP {signing_input}.{tag}"
        with refused("identity.bad_signature"):
            present(header)


def test_token_by_an_algorithm_the_published_key_is_not_for_has_a_bad_signature(call: Call) -> None:
    key = RSAKey.generate_key(2048, {"kid": "k1", "alg": "RS256"})
    call.header["alg"] = "PS256"
    call.key = RSAKey.import_key(key.as_dict(private=True) | {"alg": "PS256"})
    with refused("identity.bad_signature"):
        call.verify(verifier(key))


def test_token_of_another_issuer_is_refused(call: Call) -> None:
    call.claims["iss"] = ISSUER + "/"
    with refused("identity.wrong_issuer"):
        call.verify()


@pytest.mark.parametrize("audience", ["account", AUDIENCE + "/", ["account", "other"], []])
def test_token_for_another_service_is_refused(call: Call, audience: object) -> None:
    call.claims["aud"] = audience
    with refused("identity.wrong_audience"):
        call.verify()


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -30), ("nbf", 31), ("iat", 31)])
def test_token_outside_its_time_is_expired(call: Call, claim: str, seconds: int) -> None:
    call.claims[claim] = int(NOW.timestamp()) + seconds
    with refused("identity.expired"):
        call.verify()


@pytest.mark.parametrize(("claim", "seconds"), [("exp", -29), ("nbf", 30), ("iat", 30)])
def test_token_just_outside_its_time_is_taken_because_clocks_differ(call: Call, claim: str, seconds: int) -> None:
    call.claims[claim] = int(NOW.timestamp()) + seconds
    assert call.verify().subject == "worker-1"


@pytest.mark.parametrize("moment", ["2026-11-22", True, None, [9999999999]])
def test_token_with_an_end_that_is_no_moment_is_refused(call: Call, moment: object) -> None:
    call.claims["exp"] = moment
    with pytest.raises(IdentityError):
        call.verify()


def test_token_that_is_bound_needs_its_proof(call: Call) -> None:
    header = f"DPoP {call.token()}"
    for require in (True, False):
        with refused("identity.proof_required"):
            present(header, by=verifier(require_proof=require))


def test_token_that_is_bound_is_not_taken_as_bearer(call: Call) -> None:
    call.scheme = "Bearer"
    with refused("identity.proof_required"):
        call.verify()
    with refused("identity.proof_required"):
        call.verify(verifier(require_proof=False))


def test_token_that_is_not_bound_is_refused_by_default(call: Call) -> None:
    del call.claims["cnf"]
    with refused("identity.proof_required"):
        call.verify()
    call.scheme = "Bearer"
    with refused("identity.proof_required"):
        call.verify()


def test_token_that_is_not_bound_is_taken_where_the_operator_allows_it(call: Call) -> None:
    del call.claims["cnf"]
    call.scheme = "bearer"
    assert call.verify(verifier(require_proof=False)) == Caller(ISSUER, "worker-1", "substantial")


@pytest.mark.parametrize("cnf", [{}, {"x5t#S256": "AAAA"}, {"jkt": 1}, "jkt", None, {"jkt": "é"}])
def test_token_bound_to_something_else_is_refused(call: Call, cnf: object) -> None:
    call.claims["cnf"] = cnf
    with refused("identity.proof_invalid"):
        call.verify()
    with refused("identity.proof_invalid"):
        call.verify(verifier(require_proof=False))


def test_call_made_twice_is_replayed(call: Call) -> None:
    by, token = verifier(), call.token()
    proof = CLIENT.proof("GET", URL, token, NOW)
    present(f"DPoP {token}", proof, by)
    with refused("identity.replayed"):
        present(f"DPoP {token}", proof, by, now=NOW + timedelta(seconds=20))


def test_stolen_token_is_worth_nothing_with_the_thief_s_own_proof(call: Call) -> None:
    token = call.token()
    proof = ProofMaker().proof("GET", URL, token, NOW)
    with refused("identity.proof_invalid"):
        present(f"DPoP {token}", proof)


def test_refused_proof_is_not_used_up(call: Call) -> None:
    by, token = verifier(), call.token()
    proof = CLIENT.proof("GET", URL, token, NOW)
    with refused("identity.proof_invalid"):
        present(f"DPoP {token}", proof, by, method="POST")
    assert present(f"DPoP {token}", proof, by).subject == "worker-1"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
HEADERS = st.text() | st.text(alphabet=st.characters(max_codepoint=255)).map(lambda text: f"DPoP {text}")
DOTTED = st.tuples(JSON, JSON, st.text()).map(lambda three: f"DPoP {part(three[0])}.{part(three[1])}.{three[2]}")


@given(authorization=HEADERS | DOTTED, proof=st.none() | st.text(max_size=MAX_PROOF + 1))
def test_text_of_any_kind_in_the_headers_gives_an_identity_error(authorization: str, proof: str | None) -> None:
    with pytest.raises(IdentityError):
        present(authorization, proof)


@given(claims=st.dictionaries(st.sampled_from(sorted(right_call().claims)), JSON, min_size=1, max_size=3))
def test_claims_of_any_kind_give_a_caller_or_an_identity_error(claims: dict[str, Any]) -> None:
    call = right_call()
    call.claims |= claims
    try:
        caller = call.verify()
    except IdentityError:
        return
    assert caller.issuer == ISSUER
    assert caller.assurance in ("low", "substantial", "high")


@given(header=st.dictionaries(st.sampled_from(["typ", "alg", "kid", "crit", "b64", "jwk", "x5c", "zip"]), JSON))
def test_token_headers_of_any_kind_give_an_identity_error(header: dict[str, Any]) -> None:
    call = right_call()
    token = f"{part(call.header | header)}.{part(call.claims)}.AAAA"
    with pytest.raises(IdentityError):
        present(f"DPoP {token}")


def test_deeply_nested_token_is_malformed() -> None:
    nested = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 5000).decode().rstrip("=")
    with refused("identity.malformed"):
        present(f"DPoP {nested}.e30.")

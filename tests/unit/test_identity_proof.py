"""A proof of possession is for one call, one token, one key and one minute, and serves once (RFC 9449)."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from broker.kernel.errors import IdentityError, ParseError
from broker.proof import MAX_PROOF, ProofMaker, RecentProofs, Replays, parse_public_key, verify_proof

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
URL = "https://broker.example.org/requests/rq_1"
TOKEN = "header.claims.signature"
KEY = ECKey.generate_key("P-256")

# RFC 9449 sections 6.1 and 7.1: the token, its proof, and the thumbprint the token is bound to.
RFC_TOKEN = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU"
RFC_THUMBPRINT = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
RFC_PROOF = (
    "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRj"
    "QyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGki"
    "OiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSI"
    "sImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-"
    "Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA"
)
RFC_MOMENT = datetime.fromtimestamp(1562262618, UTC)
RFC_URL = "https://resource.example.org/protectedresource"


class Anything(JWSRegistry):
    """Signs what no client would."""

    def get_alg(self, name: str) -> Any:
        return self.algorithms[name]


def claims(**changed: object) -> dict[str, Any]:
    maker_claims = ProofMaker().proof("GET", URL, TOKEN, NOW).split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(maker_claims + "=="))
    return {name: value for name, value in (found | changed).items() if value is not ...}


def signed(header: dict[str, Any], body: dict[str, Any], key: Key = KEY) -> str:
    right = {"typ": "dpop+jwt", "alg": "ES256", "jwk": key.as_dict(private=False)}
    complete = {name: value for name, value in (right | header).items() if value is not ...}
    return jwt.encode(complete, body, key, registry=Anything(strict_check_header=False), default_type=None)


def check(proof: str, *, key: Key = KEY, url: str = URL, now: datetime = NOW, replays: Replays | None = None) -> None:
    verify_proof(
        proof,
        token=TOKEN,
        thumbprint=key.thumbprint(),
        method="GET",
        url=url,
        now=now,
        replays=replays or RecentProofs(),
    )


@contextmanager
def refused(code: str = "identity.proof_invalid") -> Iterator[None]:
    with pytest.raises(IdentityError) as caught:
        yield
    assert caught.value.code == code


def test_proof_of_the_standard_verifies() -> None:
    verify_proof(
        RFC_PROOF,
        token=RFC_TOKEN,
        thumbprint=RFC_THUMBPRINT,
        method="GET",
        url=RFC_URL,
        now=RFC_MOMENT,
        replays=RecentProofs(),
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"token": RFC_TOKEN + "x"},
        {"thumbprint": KEY.thumbprint()},
        {"method": "POST"},
        {"method": "get"},
        {"url": RFC_URL + "/"},
        {"url": "https://resource.example.org:8443/protectedresource"},
        {"url": "http://resource.example.org/protectedresource"},
        {"now": RFC_MOMENT + timedelta(seconds=61)},
        {"now": RFC_MOMENT - timedelta(seconds=61)},
    ],
)
def test_proof_of_the_standard_is_for_nothing_else(changed: dict[str, Any]) -> None:
    right = {"token": RFC_TOKEN, "thumbprint": RFC_THUMBPRINT, "method": "GET", "url": RFC_URL, "now": RFC_MOMENT}
    with refused():
        verify_proof(RFC_PROOF, replays=RecentProofs(), **(right | changed))


def test_maker_makes_proofs_that_verify() -> None:
    maker, replays = ProofMaker(), RecentProofs()
    for method, url in [("GET", URL), ("POST", URL + "?after=3#top"), ("POST", URL + "?after=3#top")]:
        verify_proof(
            maker.proof(method, url, TOKEN, NOW),
            token=TOKEN,
            thumbprint=maker.thumbprint,
            method=method,
            url=url,
            now=NOW,
            replays=replays,
        )


def test_maker_puts_no_query_in_a_proof_and_no_private_key() -> None:
    header, body, _ = ProofMaker().proof("GET", URL + "?person=1", TOKEN, NOW).split(".")
    assert b"person" not in base64.urlsafe_b64decode(body + "==")
    assert "d" not in json.loads(base64.urlsafe_b64decode(header + "=="))["jwk"]


def test_maker_shows_no_key() -> None:
    maker = ProofMaker()
    assert repr(maker) == "ProofMaker()"
    assert maker.thumbprint != ProofMaker().thumbprint


@pytest.mark.parametrize("algorithm", ["EdDSA", "Ed25519"])
def test_proof_by_an_ed25519_key_verifies(algorithm: str) -> None:
    key = OKPKey.generate_key("Ed25519")
    check(signed({"alg": algorithm}, claims(), key), key=key)


@pytest.mark.parametrize(
    "url", [URL + "?page=2", URL + "#x", URL.replace("broker.ex", "BROKER.ex"), URL.replace(".org", ".org:443")]
)
def test_proof_names_the_address_without_query_in_any_spelling_of_the_host(url: str) -> None:
    check(signed({}, claims(htu=url)))
    check(signed({}, claims()), url=url)


@pytest.mark.parametrize(
    ("said", "called"),
    [("/requests/rq%5F1", "/requests/rq_1"), ("/%72equests/rq_1", "/requests/rq_1"), ("/a%3ab", "/a%3Ab")],
)
def test_percent_encoding_is_compared_as_rfc_3986_says(said: str, called: str) -> None:
    base = "https://broker.example.org"
    check(signed({}, claims(htu=base + said)), url=base + called)
    check(signed({}, claims(htu=base + called)), url=base + said)
    for other in ("/a%2Fb", "/a%252Fb"):
        with refused():
            check(signed({}, claims(htu=base + other)), url=base + "/a/b")


@pytest.mark.parametrize(
    "url",
    [
        URL.upper(),
        URL + "/",
        URL.replace("https", "http"),
        URL.replace("broker", "other"),
        URL.replace("https://", "https://user@"),
        "/requests/rq_1",
        "https://[::1",
        URL + "\n",
        URL + "é",
        7,
        None,
        ...,
    ],
)
def test_proof_for_another_address_is_refused(url: object) -> None:
    with refused():
        check(signed({}, claims(htu=url)))


@pytest.mark.parametrize(
    "changed", [{"htm": "POST"}, {"htm": "get"}, {"htm": ...}, {"ath": "AAAA"}, {"ath": ...}, {"ath": 1}]
)
def test_proof_for_another_method_or_token_is_refused(changed: dict[str, object]) -> None:
    with refused():
        check(signed({}, claims(**changed)))


@pytest.mark.parametrize("moment", [-61, 61, 10**400, float("inf")])
def test_proof_of_another_minute_is_refused(moment: float) -> None:
    at = int(NOW.timestamp())
    with refused():
        check(signed({}, claims(iat=at + moment)))


@pytest.mark.parametrize("moment", [-60, 60, 0.5])
def test_proof_of_this_minute_is_taken(moment: float) -> None:
    check(signed({}, claims(iat=int(NOW.timestamp()) + moment)))


@pytest.mark.parametrize(
    "changed", [{"iat": True}, {"iat": "now"}, {"iat": ...}, {"jti": ""}, {"jti": 1}, {"jti": ...}, {"jti": "x" * 257}]
)
def test_proof_without_a_moment_or_number_is_refused(changed: dict[str, object]) -> None:
    with refused():
        check(signed({}, claims(**changed)))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"jwk": ...},
        {"jwk": KEY.as_dict(private=True)},
        {"jwk": ECKey.generate_key("P-256").as_dict(private=False)},
        {"jwk": {"kty": "oct", "k": "c2VjcmV0"}},
        {"jwk": {"kty": "EC", "crv": "P-256", "x": "AAAA", "y": "AAAA"}},
        {"crit": ["b64"], "b64": True},
    ],
)
def test_proof_with_another_header_is_refused(header: dict[str, Any]) -> None:
    header_part, body, signature = signed({}, claims()).split(".")
    right = json.loads(base64.urlsafe_b64decode(header_part + "=="))
    complete = {name: value for name, value in (right | header).items() if value is not ...}
    changed = base64.urlsafe_b64encode(json.dumps(complete).encode()).decode().rstrip("=")
    with refused():
        check(f"{changed}.{body}.{signature}")


@pytest.mark.parametrize(
    "header",
    [
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"typ": ...},
        {"jwk": KEY.as_dict(private=True)},
        {"jwk": KEY.as_dict(private=False) | {"use": "enc"}},
        {"jwk": KEY.as_dict(private=False) | {"alg": "ES384"}},
        {"jwk": KEY.as_dict(private=False) | {"crv": "P-384"}},
        {"jwk": KEY.as_dict(private=False) | {"crv": ["P-256"]}},
        {"jwk": KEY.as_dict(private=False) | {"y": 1}},
    ],
)
def test_proof_with_another_header_is_refused_though_rightly_signed(header: dict[str, Any]) -> None:
    check(signed({}, claims()))
    with refused():
        check(signed(header, claims()))


def test_proof_by_an_rsa_key_is_refused() -> None:
    key = RSAKey.generate_key(2048)
    with refused():
        check(signed({"alg": "RS256"}, claims(), key), key=key)


def test_proof_over_the_limit_is_refused_though_right() -> None:
    with refused():
        check(signed({}, claims(filler="x" * MAX_PROOF)))


def test_two_proofs_in_one_header_are_refused() -> None:
    with refused():
        check(", ".join([signed({}, claims()), signed({}, claims())]))


def test_proof_is_refused_the_second_time() -> None:
    replays, proof = RecentProofs(), signed({}, claims())
    check(proof, replays=replays)
    with refused("identity.replayed"):
        check(proof, replays=replays)


def test_proof_signed_anew_with_the_same_number_is_refused() -> None:
    replays, body = RecentProofs(), claims()
    check(signed({}, body), replays=replays)
    with refused("identity.replayed"):
        check(signed({}, body), replays=replays)


def test_proof_of_another_key_may_have_the_same_number() -> None:
    replays, body, other = RecentProofs(), claims(), ECKey.generate_key("P-256")
    check(signed({}, body), replays=replays)
    check(signed({}, body, other), key=other, replays=replays)


@given(iat=st.integers(-60, 60), seconds=st.floats(0, 200, allow_nan=False))
def test_proof_is_never_taken_twice_however_long_one_waits(iat: int, seconds: float) -> None:
    replays, proof = RecentProofs(), signed({}, claims(iat=int(NOW.timestamp()) + iat))
    check(proof, replays=replays)
    with pytest.raises(IdentityError):
        check(proof, replays=replays, now=NOW + timedelta(seconds=seconds))


def test_recent_proofs_say_no_when_full_and_yes_once_some_have_expired() -> None:
    recent, until = RecentProofs(capacity=2), NOW + timedelta(seconds=60)
    assert [recent.first_time(bytes([n]), until, NOW) for n in range(3)] == [True, True, False]
    assert recent.first_time(b"\x02", until + timedelta(seconds=61), until + timedelta(seconds=1))


def test_recent_proofs_remember_until_the_end_and_not_one_moment_less() -> None:
    recent, until = RecentProofs(), NOW + timedelta(seconds=60)
    assert recent.first_time(b"a", until, NOW)
    assert not recent.first_time(b"a", until, until)


def test_recent_proofs_let_one_of_many_threads_through() -> None:
    recent, until = RecentProofs(), NOW + timedelta(seconds=60)
    answers: list[bool] = []
    start = threading.Barrier(8)

    def race() -> None:
        start.wait()
        answers.append(recent.first_time(b"a", until, NOW))

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 7 + [True]


@pytest.mark.parametrize("bits", [1024, 2048])
def test_rsa_keys_are_taken_from_2048_bits(bits: int) -> None:
    number = base64.urlsafe_b64encode(((1 << bits) - 1).to_bytes(bits // 8, "big")).decode().rstrip("=")
    jwk = {"kty": "RSA", "n": number, "e": "AQAB"}
    if bits < 2048:
        with pytest.raises(ParseError):
            parse_public_key(jwk)
    else:
        assert parse_public_key(jwk).key_type == "RSA"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(changed=st.dictionaries(st.sampled_from(["jti", "htm", "htu", "iat", "ath"]), JSON, min_size=1))
def test_claims_of_any_kind_in_a_proof_give_an_identity_error_at_most(changed: dict[str, Any]) -> None:
    if changed.keys() <= {"jti", "iat"}:
        with suppress(IdentityError):  # some of these are right by luck
            check(signed({}, claims(**changed)))
    else:
        with refused():
            check(signed({}, claims(**changed)))


@given(
    jwk=JSON
    | st.dictionaries(
        st.sampled_from(["kty", "crv", "x", "y", "n", "e", "alg", "use"]),
        JSON | st.sampled_from(["EC", "P-256", "RSA", "OKP", "Ed25519", "AAAA"]),
    )
)
def test_keys_of_any_kind_parse_or_are_a_parse_error(jwk: object) -> None:
    with suppress(ParseError):
        parse_public_key(jwk)

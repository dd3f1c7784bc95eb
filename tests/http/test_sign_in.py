"""Who is let in over HTTP: a token serves for its time, its service and its holder; a proof serves one call."""

from __future__ import annotations

from datetime import timedelta

import pytest
from http_answers import codes_of
from running import Broker

from broker.domain.session import SIGN_IN_TAKES
from broker.flows import sign_in
from broker.kernel.errors import IdentityError

PATH = "/v1/requests"


def test_proof_serves_one_call(either: Broker) -> None:
    headers = either.people.signed("worker", "GET", PATH)

    assert either.people.http.get(PATH, headers=headers).status_code == 200
    assert codes_of(either.people.http.get(PATH, headers=headers)) == (401, "identity.replayed")


def test_proof_that_was_used_for_a_refused_call_is_used(broker: Broker) -> None:
    path = "/v1/requests/req_" + "0" * 26
    headers = broker.people.signed("worker", "GET", path)

    assert codes_of(broker.people.http.get(path, headers=headers)) == (404, "store.not_found")
    assert codes_of(broker.people.http.get(path, headers=headers)) == (401, "identity.replayed")


def test_proof_of_another_call_is_refused(broker: Broker) -> None:
    for method, path in [("POST", PATH), ("GET", "/v1/inbox")]:
        headers = broker.people.signed("worker", method, path)
        assert codes_of(broker.people.http.get(PATH, headers=headers)) == (401, "identity.proof_invalid")


def test_proof_of_somebody_else_is_refused(broker: Broker) -> None:
    stolen = broker.people.token("worker")
    headers = broker.people.signed("outsider", "GET", PATH, token=stolen)

    assert codes_of(broker.people.http.get(PATH, headers=headers)) == (401, "identity.proof_invalid")


def test_proof_for_another_host_is_refused(broker: Broker) -> None:
    token = broker.people.token("worker")
    proof = broker.people._proofs["worker"].proof("GET", "https://elsewhere.example" + PATH, token, broker.clock())
    headers = {"Authorization": f"DPoP {token}", "DPoP": proof, "Host": "elsewhere.example"}

    assert codes_of(broker.people.http.get(PATH, headers=headers)) == (401, "identity.proof_invalid")


def test_token_without_proof_is_refused(broker: Broker) -> None:
    bound, unbound = broker.people.token("worker"), broker.people.token("worker", bound=False)

    for headers in [
        {"Authorization": f"DPoP {bound}"},
        {"Authorization": f"Bearer {bound}"},
        {"Authorization": f"Bearer {unbound}"},
    ]:
        assert codes_of(broker.people.http.get(PATH, headers=headers)) == (401, "identity.proof_required")


def test_token_for_another_service_is_refused(broker: Broker) -> None:
    token = broker.people.token("worker", audience="elsewhere")
    headers = broker.people.signed("worker", "GET", PATH, token=token)

    assert codes_of(broker.people.http.get(PATH, headers=headers)) == (401, "identity.wrong_audience")


def test_expired_token_is_refused(own_broker: Broker) -> None:
    token = own_broker.people.token("worker")
    own_broker.clock.move(timedelta(minutes=9))
    assert own_broker.people.http.get(
        PATH, headers=own_broker.people.signed("worker", "GET", PATH, token=token)
    ).is_success
    own_broker.clock.move(timedelta(minutes=2))
    headers = own_broker.people.signed("worker", "GET", PATH, token=token)

    assert codes_of(own_broker.people.http.get(PATH, headers=headers)) == (401, "identity.expired")


def test_old_proof_is_refused(own_broker: Broker) -> None:
    headers = own_broker.people.signed("worker", "GET", PATH)
    own_broker.clock.move(timedelta(minutes=2))

    assert codes_of(own_broker.people.http.get(PATH, headers=headers)) == (401, "identity.proof_invalid")


def test_person_who_is_not_in_the_directory_is_refused_and_remembered(own_broker: Broker) -> None:
    assert codes_of(own_broker.people.send("unknown", "GET", PATH)) == (401, "identity.not_enrolled")

    attempt = own_broker.attempt("attempt:call:failed", "identity.not_enrolled")
    assert dict(attempt.detail or {})["subject"] == "subject-of-nobody"


@pytest.mark.parametrize("header", ["DPoP", "DPoP x", "DPoP a.b.c", "Basic dXNlcjpwYXNz", "DPoP " + "x" * 9000, "é"])
def test_anything_else_is_no_token(broker: Broker, header: str) -> None:
    answer = broker.people.http.get(PATH, headers=[(b"Authorization", header.encode("utf-8"))])

    assert codes_of(answer) == (401, "identity.malformed")


def test_header_that_is_there_twice_lets_nobody_in(broker: Broker) -> None:
    for twice, code in [("DPoP", "identity.proof_invalid"), ("Authorization", "identity.malformed")]:
        right = broker.people.signed("worker", "GET", PATH)
        headers = [*right.items(), (twice, broker.people.signed("outsider", "GET", PATH)[twice])]

        assert codes_of(broker.people.http.get(PATH, headers=headers)) == (401, code)


def test_sign_in_under_way_is_carried_by_the_browser_alone(own_broker: Broker) -> None:
    before = own_broker.contents()
    begun, cookie = sign_in.begin("/inbox", own_broker.w)
    assert own_broker.contents() == before
    assert begun.verifier not in cookie
    assert sign_in.under_way(cookie, begun.state, own_broker.w) == begun


def test_sign_in_that_another_browser_began_is_lost(own_broker: Broker) -> None:
    w = own_broker.w
    begun, cookie = sign_in.begin("/", w)
    other, others_cookie = sign_in.begin("/", w)
    changed = cookie[:-3] + ("AAA" if cookie[-3:] != "AAA" else "BBB")
    for carried, state in (
        (others_cookie, begun.state),
        (cookie, other.state),
        (cookie, ""),
        ("", begun.state),
        ("é", begun.state),
        (changed, begun.state),
        (cookie.partition(".")[0], begun.state),
    ):
        with pytest.raises(IdentityError) as lost:
            sign_in.under_way(carried, state, w)
        assert lost.value.code == "identity.sign_in_lost"


@pytest.mark.parametrize("later", [SIGN_IN_TAKES, -timedelta(seconds=1)])
def test_sign_in_that_took_too_long_is_lost(own_broker: Broker, later: timedelta) -> None:
    begun, cookie = sign_in.begin("/", own_broker.w)
    own_broker.clock.move(later)
    with pytest.raises(IdentityError, match="too long"):
        sign_in.under_way(cookie, begun.state, own_broker.w)

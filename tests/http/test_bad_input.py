"""Bad input of every kind: a clear error, and nothing on record has changed."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from http_answers import codes_of, findings_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from matter import TOLD, WEIGHED
from people import keys_of
from running import Broker

from broker.api.directory_file import directory_of
from broker.crypto.base64text import encode_base64
from broker.crypto.keyfile import PersonalKeys
from broker.flows.enrol import EnrolDirectory, enrol_directory

LOW_ORDER = [
    "00" * 32,
    "01" + "00" * 31,
    "ec" + "ff" * 30 + "7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "00" * 31 + "80",
]
"""Ed25519 points whose order divides 8: one signature under them fits many texts."""


class _Absent:
    """Stands for a field that is left out."""


ABSENT = _Absent()


def changed(body: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """Return a body with the value at this path (`questions/0/id`) replaced, or left out."""
    copied = copy.deepcopy(body)
    at: Any = copied
    *steps, last = path.split("/")
    for step in steps:
        at = at[int(step)] if isinstance(at, list) else at.setdefault(step, {})
    if value is ABSENT:
        del at[last]
    elif isinstance(at, list):
        at[int(last)] = value
    else:
        at[last] = value
    return copied


def is_refused(
    broker: Broker, name: str, call: tuple[str, str, object], status: int, code: str, finding: str = ""
) -> None:
    """Make a call that must end in this problem, name this finding, and leave everything as it was."""
    before = broker.contents()
    answer = broker.people.send(name, *call)
    assert codes_of(answer) == (status, code), answer.text
    assert any(finding in found for found in findings_of(answer) or [""]), findings_of(answer)
    assert broker.contents() == before


# Words that say who somebody is, or numbers that do, where a name within the case is given.
NO_REFS = [
    "Sanne",
    "Sanne_de_Vries_BSN123456782",
    "child123456782",
    "child007",
    "child-Sanne",
    "mother_child",
    "MOTHER",
]
UNREADABLE = ["a\x00b", "\x07", "\x1b[31m", "\x85"]
"""NUL and other control characters."""

BAD_REQUESTS: list[tuple[str, object, str]] = [
    ("case", ABSENT, "/body/case"),
    ("case", "123456782", "/body/case"),
    ("case", "cas_" + "0" * 25 + "\n", "/body/case"),
    ("responder", "gp", "/body/responder"),
    ("purpose", "curiosity", "/body/purpose"),
    ("persons", [], "/body/persons"),
    ("persons", ["child1", "child1", "father"], "/body/persons"),
    ("persons", ["Sanne de Vries"], "/body/persons/0"),
    ("persons", [f"p{number}" for number in range(51)], "/body/persons"),
    ("patients", ["child1", "child1"], "/body/patients"),
    ("questions", ABSENT, "/body/questions"),
    ("questions/0/categories", [], "/body/questions/0/categories"),
    ("questions/0/categories", ["gossip"], "/body/questions/0/categories/0"),
    ("questions/0/categories", ["veiligheid", "veiligheid"], "/body/questions/0/categories"),
    ("questions/0/text", "x" * 10_001, "/body/questions/0/text"),
    ("questions/0/specific", "perhaps", "/body/questions/0/specific"),
    ("questions/0/period_months", -1, "/body/questions/0/period_months"),
    ("questions/0/period_months", 1.5, "/body/questions/0/period_months"),
    ("questions/0/period_months", 10**30, "/body/questions/0/period_months"),
    ("questions/0/answer", "no room for this", "/body/questions/0/answer"),
    ("danger/within_hours", 10**6, "/body/danger/within_hours"),
    ("exceptions", [{"person": "father", "code": "X9"}], "/body/exceptions/0/code"),
    ("exceptions", [{"person": "father", "code": "X1", "days": 10_001}], "/body/exceptions/0/days"),
    ("bsn", "123456782", "/body/bsn"),
    *(("questions/0/text", text, "/body/questions/0/text") for text in UNREADABLE),
    *(("concern/content", text, "/body/concern/content") for text in UNREADABLE),
    *(("questions/0/id", text, "/body/questions/0/id") for text in UNREADABLE),
]


@pytest.mark.parametrize(("path", "value", "finding"), BAD_REQUESTS)
def test_malformed_request_is_refused(broker: Broker, path: str, value: object, finding: str) -> None:
    body = changed(broker.matter.ask_body("cas_" + "0" * 26), path, value)

    is_refused(broker, "worker", ("POST", "/v1/requests", body), 400, "input.invalid", finding + ":")


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("persons", ["child1", "ghost", "father"], "request.unknown_person"),
        ("patients", ["ghost"], "request.unknown_person"),
        ("questions/1/person", "ghost", "request.unknown_person"),
        ("exceptions", [{"person": "ghost", "code": "X1"}], "request.unknown_person"),
        ("questions/1/id", "q1", "input.schema"),
        *(("questions/1/id", name, "input.invalid") for name in (*NO_REFS, "q", "q1234", "q123456782")),
    ],
)
def test_request_that_does_not_fit_its_case_is_refused(either: Broker, path: str, value: object, code: str) -> None:
    body = changed(either.matter.ask_body(either.matter.case()), path, value)

    is_refused(either, "worker", ("POST", "/v1/requests", body), 400, code)


def test_request_to_nobody_is_refused(broker: Broker) -> None:
    body = changed(broker.matter.ask_body(broker.matter.case()), "responder", "org:nobody")

    is_refused(broker, "worker", ("POST", "/v1/requests", body), 404, "store.not_found")


@pytest.mark.parametrize(
    ("path", "value", "code", "finding"),
    [
        ("persons", [], "input.invalid", "/body/persons:"),
        ("persons/0/name", ABSENT, "input.invalid", "/body/persons/0/name:"),
        ("persons/0/name", "x" * 201, "input.invalid", "/body/persons/0/name:"),
        ("persons/0/bsn", "123456782", "input.invalid", "/body/persons/0/bsn:"),
        ("persons/0/birth_on", "14-05-2019", "input.invalid", "/body/persons/0/birth_on:"),
        ("persons/0/birth_on", "2019-02-30", "input.invalid", "/body/persons/0/birth_on:"),
        ("persons/0/birth_on", "1899-12-31", "input.invalid", "/body/persons/0/birth_on:"),
        ("persons/0/authority", ["mother", "mother"], "input.invalid", "/body/persons/0/authority:"),
        ("persons/0/authority", ["ghost"], "case.unknown_authority", ""),
        ("persons/1/ref", "child1", "case.ref_twice", ""),
        *(("persons/1/ref", ref, "input.invalid", "/body/persons/1/ref:") for ref in NO_REFS),
        ("vt_phase", "koffie", "input.invalid", "/body/vt_phase:"),
        ("order", {"kind": "ots"}, "input.invalid", "/body/order/from_on:"),
        *(("persons/0/name", text, "input.invalid", "/body/persons/0/name:") for text in UNREADABLE),
        *(("reference", text, "input.invalid", "/body/reference:") for text in UNREADABLE),
    ],
)
def test_bad_case_is_refused(broker: Broker, path: str, value: object, code: str, finding: str) -> None:
    body = changed(broker.matter.case_body(), path, value)

    is_refused(broker, "worker", ("POST", "/v1/cases", body), 400, code, finding)


@pytest.mark.parametrize(
    ("path", "value", "code", "finding"),
    [
        ("case", ABSENT, "consent.no_case", ""),
        ("about", "ghost", "consent.unknown_person", ""),
        ("given_by", ["father", "ghost"], "consent.unknown_person", ""),
        ("given_by", ["father", "father"], "input.invalid", "/body/given_by:"),
        ("categories", ["gez_kern", "gez_kern"], "input.invalid", "/body/categories:"),
        ("categories", [], "input.invalid", "/body/categories:"),
        ("recipient", "everybody", "input.invalid", "/body/recipient:"),
        ("evidence", "a nod", "input.invalid", "/body/evidence:"),
        ("on", "2199-13-01", "input.invalid", "/body/on:"),
        ("free", ABSENT, "input.invalid", "/body/free:"),
    ],
)
def test_bad_consent_is_refused(broker: Broker, path: str, value: object, code: str, finding: str) -> None:
    body = changed(broker.matter.consent_body(case=broker.matter.case()), path, value)

    is_refused(broker, "worker", ("POST", "/v1/consents", body), 400, code, finding)


@pytest.mark.parametrize(
    ("path", "value", "code", "finding"),
    [
        ("steps/ST-12", "gedaan", "input.invalid", "/body/steps/ST-12"),
        ("weighing/outcome", "maybe", "input.invalid", "/body/weighing/outcome:"),
        ("weighing/reasons", ABSENT, "input.invalid", "/body/weighing/reasons:"),
        ("weighing/parts/0/category", "gez_kern", "weighing.not_asked", "q1/gez_kern:"),
        ("weighing/parts/0/question", "q9", "weighing.not_asked", "q9/veiligheid:"),
        ("weighing/parts/0/text", "het antwoord", "input.invalid", "/body/weighing/parts/0/text:"),
        ("exceptions", [{"person": "ghost", "code": "X1"}], "request.unknown_person", ""),
        *(("steps/ST-02/note", text, "input.invalid", "/body/steps/ST-02/note:") for text in UNREADABLE),
        *(("weighing/reasons", text, "input.invalid", "/body/weighing/reasons:") for text in UNREADABLE),
    ],
)
def test_bad_weighing_is_refused(broker: Broker, path: str, value: object, code: str, finding: str) -> None:
    request = broker.matter.taken()

    is_refused(
        broker,
        "doctor",
        ("PATCH", f"/v1/requests/{request}/weighing", changed(WEIGHED, path, value)),
        400,
        code,
        finding,
    )


def test_weighing_without_taking_up_is_refused(broker: Broker) -> None:
    request = broker.matter.delivered()

    is_refused(broker, "doctor", ("PATCH", f"/v1/requests/{request}/weighing", WEIGHED), 409, "request.not_in_weighing")
    is_refused(broker, "doctor", ("POST", f"/v1/requests/{request}/preview", None), 409, "request.not_in_weighing")


def test_declining_without_reasons_is_refused(broker: Broker) -> None:
    request = broker.matter.taken()
    path = f"/v1/requests/{request}/declination"
    is_refused(broker, "doctor", ("POST", path, TOLD), 409, "answer.no_reasons")

    silent = changed(changed(WEIGHED, "weighing/outcome", "refuse"), "weighing/reasons", " \n")
    broker.people.client("doctor").record(request, changed(silent, "weighing/parts", []))
    is_refused(broker, "doctor", ("POST", path, TOLD), 409, "answer.no_reasons")


def test_withdrawing_twice_is_refused(broker: Broker) -> None:
    _, consent = broker.matter.weighed()
    broker.people.client("doctor").withdraw_consent(consent)

    is_refused(broker, "doctor", ("POST", f"/v1/consents/{consent}/withdrawal", None), 409, "consent.not_given")


def test_opening_what_was_never_answered_is_refused(broker: Broker) -> None:
    request = broker.matter.delivered()

    is_refused(broker, "worker", ("POST", f"/v1/requests/{request}/opening", None), 409, "release.none_yet")


def bad_keys() -> Iterator[tuple[str, str, str]]:
    """Yield pairs of public keys that are not keys, with the code of the refusal."""
    keys = keys_of("worker")
    opening, signing = keys.public_opening, keys.public_signing
    yield encode_base64(opening[:-1]), encode_base64(signing), "input.malformed"
    yield encode_base64(opening + b"\x00"), encode_base64(signing), "input.malformed"
    yield encode_base64(b"\x00" * 1216), encode_base64(signing), "input.malformed"
    yield encode_base64(b"\xff" * 1184 + opening[1184:]), encode_base64(signing), "input.malformed"
    yield encode_base64(opening[:1184] + bytes(32)), encode_base64(signing), "input.malformed"
    yield encode_base64(opening), encode_base64(signing[:-1]), "input.malformed"
    yield encode_base64(opening), encode_base64(signing + b"\x00"), "input.malformed"
    for point in LOW_ORDER:
        yield encode_base64(opening), encode_base64(bytes.fromhex(point)), "key.small_order"
    yield "not base64", encode_base64(signing), "input.invalid"
    yield encode_base64(opening), "", "input.malformed"


def test_keys_that_are_no_keys_are_refused(either: Broker) -> None:
    for opening, signing, code in bad_keys():
        body = {"public_opening": opening, "public_signing": signing, "proof": encode_base64(bytes(64))}
        is_refused(either, "colleague", ("POST", "/v1/keys", body), 400, code)


def test_key_of_somebody_else_is_refused(broker: Broker) -> None:
    broker.people.client("worker")
    is_refused(broker, "colleague", ("POST", "/v1/keys", keys_of("worker").enrolment()), 409, "key.taken")


def test_key_is_enrolled_by_who_holds_it_only(broker: Broker) -> None:
    """Nobody enrols another's key before he does, nor his own signature beside another's opening key."""
    mine, theirs = PersonalKeys.from_seeds(b"m" * 64), PersonalKeys.from_seeds(b"t" * 64)
    for body in (
        theirs.enrolment() | {"proof": encode_base64(mine.sign(b"anything"))},
        theirs.enrolment() | {"proof": mine.enrolment()["proof"]},
        mine.enrolment() | {"public_opening": theirs.enrolment()["public_opening"]},
        theirs.enrolment() | {"proof": ""},
    ):
        is_refused(broker, "colleague", ("POST", "/v1/keys", body), 400, "key.not_held")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=many", "outcome=sure", "stage=later", "limit=1&limit=x"]
)
def test_bad_search_is_refused(broker: Broker, query: str) -> None:
    is_refused(broker, "officer", ("GET", f"/v1/decisions?{query}", None), 400, "input.invalid", "/query/")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)
PATHS = [
    *("reference", "persons", "persons/0", "persons/0/ref", "persons/0/name", "persons/0/birth_on"),
    *("persons/0/authority", "vt_phase", "order", "zvh_case", "investigation_determined_on"),
]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(PATHS), value=JSON)
def test_any_json_in_any_place_is_kept_or_refused(broker: Broker, path: str, value: object) -> None:
    before = broker.contents()
    answer = broker.people.send("worker", "POST", "/v1/cases", changed(broker.matter.case_body(), path, value))

    assert answer.status_code in {201, 400}
    assert answer.status_code == 201 or broker.contents() == before


@pytest.mark.parametrize("wrong", [{"until_on": "2026-01-01"}, {"child": "somebody"}])
def test_order_that_cannot_be_is_refused(broker: Broker, wrong: dict[str, str]) -> None:
    order = {
        "kind": "ots",
        "from_on": "2026-01-01",
        "until_on": "2027-01-01",
        "executing_organisation": "org:vt",
        "child": "child1",
    }
    body = broker.matter.case_body()
    assert broker.people.send("worker", "POST", "/v1/cases", {**body, "order": order}).status_code == 201
    is_refused(broker, "worker", ("POST", "/v1/cases", {**body, "order": {**order, **wrong}}), 400, "case.order")


def test_consent_that_ends_before_it_was_given_is_refused(broker: Broker) -> None:
    body = broker.matter.consent_body(request=broker.matter.taken())
    wrong = {**body, "until_on": body["on"]}
    is_refused(broker, "doctor", ("POST", "/v1/consents", wrong), 400, "consent.ends_first")


def test_consents_of_a_case_end_where_a_decision_could_no_longer_hold_them(
    broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = broker.matter.taken()
    body = broker.matter.consent_body(request=request)
    monkeypatch.setattr("broker.flows.consent.MOST", 1)
    assert broker.people.send("doctor", "POST", "/v1/consents", body).status_code == 201
    is_refused(broker, "doctor", ("POST", "/v1/consents", body), 409, "consent.too_many")


def test_citizen_number_in_the_words_is_refused_unless_it_may_go(broker: Broker) -> None:
    case = broker.matter.case()
    for path in ("questions/0/text", "questions/1/text", "concern/content", "concern/nature"):
        body = changed(broker.matter.ask_body(case), path, "Het gaat om 1112.22.333, zie het dossier.")
        is_refused(broker, "worker", ("POST", "/v1/requests", body), 400, "request.number", f"/{path}")
        # Between Veilig Thuis and a doctor it goes of nobody: the policy strips it (DN-30; law.md 3.10).
        of_child = changed(body, "bsn_of", ["child1"])
        is_refused(broker, "worker", ("POST", "/v1/requests", of_child), 400, "request.number", f"/{path}")


def test_citizen_number_goes_where_both_may_use_it(own_broker: Broker) -> None:
    youth_help = {"id": "org:okt", "oin": "0" * 19 + "9", "name": "OKT", "type": "okt_jeugdhulp"}
    organisations = directory_of({"organisations": [youth_help]}).organisations
    enrol_directory(EnrolDirectory(organisations=organisations), own_broker.w)
    body = changed(own_broker.matter.ask_body(own_broker.matter.case()), "questions/0/text", "BSN 111222333")
    of_child = changed(changed(body, "responder", "org:okt"), "bsn_of", ["child1"])
    assert own_broker.people.send("worker", "POST", "/v1/requests", of_child).status_code == 201


@pytest.mark.parametrize("text", ["a\ud800b", "\udfff"])
def test_half_a_character_is_refused_wherever_it_stands(broker: Broker, text: str) -> None:
    case, request = broker.matter.case(), broker.matter.taken()
    tries = [
        *(
            ("worker", "POST", "/v1/requests", changed(broker.matter.ask_body(case), path, text))
            for path in ("questions/0/text", "questions/0/id", "concern/content")
        ),
        *(
            ("worker", "POST", "/v1/cases", changed(broker.matter.case_body(), path, text))
            for path in ("persons/0/name", "reference")
        ),
        *(
            ("doctor", "PATCH", f"/v1/requests/{request}/weighing", changed(WEIGHED, path, text))
            for path in ("steps/ST-02/note", "weighing/reasons")
        ),
    ]
    for name, *call in tries:
        is_refused(broker, name, (call[0], call[1], call[2]), 400, "input.malformed", "/body: een half teken")

"""Calls made up from the OpenAPI description, right ones and wrong ones: no fault of ours, and answers as described.

Made-up identifiers would only ever meet 404, so most are replaced by real ones: requests in every state, a case,
decisions and persons that exist. Each call is signed in, with a proof of its own, as somebody whose role may make it.
"""

from __future__ import annotations

from typing import Any, get_args
from urllib.parse import unquote, urlsplit

import pytest
import schemathesis
from effort import times
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import Broker
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import DEFAULT_RESPONSE_TIMEOUT
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from test_routes import OPEN_TO_ALL, ROUTES

from broker.domain.vocabulary import Category

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
MOSTLY = st.integers(0, 9).map(lambda number: number < 9)
DATES = ["on", "until_on", "from_on", "birth_on", "reviewed_on", "investigation_determined_on"]
REFS = ["child1", "mother", "father"]


@pytest.fixture(scope="module")
def real(broker: Broker) -> dict[str, list[Any]]:
    """Return what exists, by the name under which the API speaks of it."""
    matter, officer = broker.matter, broker.people.client("officer")
    weighed, consent = matter.weighed()
    released, spent = matter.released()
    matter.opened(released)
    requests = [matter.delivered(), matter.taken(), weighed, matter.refusing(), released]
    return {
        "request": requests,
        "case": [matter.case(), broker.people.client("worker").request(weighed)["request"]["case"]],
        "consent_id": [consent, spent],
        "decision": [decision["id"] for decision in officer.decisions()],
        "responder": ["org:gp", "org:gp2"],
        "person": REFS,
        "about": REFS,
        "question": ["q1", "q2"],
        **{name: ["2026-11-20", "2026-01-01", "2027-06-01"] for name in DATES},
    }


def with_real_names(value: Any, real: dict[str, list[Any]], data: st.DataObject) -> Any:
    """Return what was made up, with most of what names something naming what exists, and texts that people can type."""
    if isinstance(value, str):
        return "".join(letter for letter in value if letter.isprintable()) if data.draw(MOSTLY) else value
    if isinstance(value, list):
        if value and all(isinstance(item, str) for item in value) and data.draw(MOSTLY):
            return REFS[: len(value)] if value[0] not in get_args(Category) else value
        return [with_real_names(item, real, data) for item in value]
    if not isinstance(value, dict):
        return value
    named = {name: with_real_names(inner, real, data) for name, inner in value.items()}
    for name in sorted(named.keys() & real.keys()):
        if type(named[name]) is type(real[name][0]) and data.draw(MOSTLY):
            named[name] = data.draw(st.sampled_from(real[name]))
    return named


@pytest.mark.torture
@pytest.mark.parametrize("route", [*ROUTES, *OPEN_TO_ALL], ids=" ".join)
def test_call_made_up_from_the_description_is_answered_as_described(
    broker: Broker, real: dict[str, list[Any]], route: tuple[str, str]
) -> None:
    method, path = route
    operation = schemathesis.openapi.from_url(broker.people.address + "/v1/openapi.json")[path][method]
    right = st.just(GenerationMode.POSITIVE)
    wrong = st.just(GenerationMode.NEGATIVE)
    name = ROUTES[route].right if route in ROUTES else "worker"

    @settings(max_examples=times(40, in_full=1000), suppress_health_check=list(HealthCheck))
    @given(
        case=st.one_of(right, right, right, wrong).flatmap(lambda mode: operation.as_strategy(generation_mode=mode)),
        data=st.data(),
    )
    def call(case: Any, data: st.DataObject) -> None:
        case.path_parameters = with_real_names(case.path_parameters, real, data)
        case.body = with_real_names(case.body, real, data)
        url = case.as_transport_kwargs()["url"]
        answer = case.call(
            headers=broker.people.signed(name, case.method, unquote(urlsplit(url).path)),
            timeout=DEFAULT_RESPONSE_TIMEOUT,
        )
        case.validate_response(answer, checks=CHECKS)

    call()

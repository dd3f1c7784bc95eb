"""OpenID AuthZEN Authorization API 1.0 under /access/v1: evaluation, evaluations, search, and what is on offer.

A denial is 200 with `decision: false`. What is wrong with the call itself is a problem (400, 401, 403, 413, 5xx); what
is wrong with one question of a batch, or is not there for its subject, is a `false` that says so, closed in doubt.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request

from broker.api import authzen_shapes as shapes
from broker.api.authzen_page import page_of, token_of
from broker.api.authzen_point import REQUESTS
from broker.api.authzen_views import error_context
from broker.api.deps import W, Who
from broker.api.problems import PROBLEMS, remember
from broker.api.signed_in import SignedInRoute
from broker.domain.access import DecisionPoint, Found, Sought, Verdict
from broker.kernel.errors import BrokerError, ConflictError, InputError, NotFoundError, RefusedError

router = APIRouter(responses=PROBLEMS, tags=["access"], route_class=SignedInRoute)
everybody = APIRouter(responses=PROBLEMS, tags=["access"])

_STOPS_AT = {"execute_all": None, "deny_on_first_deny": False, "permit_on_first_permit": True}
_ENDPOINTS = {
    "access_evaluation_endpoint": "/access/v1/evaluation",
    "access_evaluations_endpoint": "/access/v1/evaluations",
    "search_subject_endpoint": "/access/v1/search/subject",
    "search_resource_endpoint": "/access/v1/search/resource",
    "search_action_endpoint": "/access/v1/search/action",
    "access_request_endpoint": REQUESTS,
}


async def _decision_point(request: Request) -> DecisionPoint:
    chosen: DecisionPoint = request.app.state.decision_point
    return chosen


Point = Annotated[DecisionPoint, Depends(_decision_point)]


@everybody.get("/.well-known/authzen-configuration")
def configuration(request: Request) -> dict[str, Any]:
    """Say where each endpoint is and what it can do (API 1.0, PDP metadata); open to everybody."""
    base: str = request.app.state.public_url
    return {
        "policy_decision_point": base,
        **{name: base + path for name, path in _ENDPOINTS.items()},
        "capabilities": ["urn:openid:authzen:capability:access-request"],
    }


@router.post("/access/v1/evaluation")
def evaluation(body: shapes.EvaluationIn, request: Request, point: Point, who: Who, w: W) -> dict[str, Any]:
    """Answer one question: may this subject do this action to this resource."""
    try:
        return _shown(point.evaluate(body.question(), caller=who))
    except (NotFoundError, ConflictError) as error:
        return _closed(request, w, error)


@router.post("/access/v1/evaluations")
def evaluations(body: shapes.EvaluationsIn, request: Request, point: Point, who: Who, w: W) -> dict[str, Any]:
    """Answer several questions in their order, until the first no or the first yes when that is asked for."""
    defaults = body.model_dump(include={"subject", "action", "resource", "context"}, exclude_none=True)
    if not body.evaluations:
        return evaluation(shapes.parse_body(defaults), request, point, who, w)
    if len(body.evaluations) > shapes.MOST_EVALUATIONS:
        raise InputError("there are too many evaluations in one call", code="access.too_many")
    answers = []
    stop = _STOPS_AT[body.options.evaluations_semantic]
    for item in body.evaluations:
        try:
            question = shapes.parse_body(shapes.merged(item, defaults)).question()
            answers.append(_shown(point.evaluate(question, caller=who)))
        except RefusedError:
            raise  # whether this caller may ask at all is no matter of one item
        except BrokerError as error:
            answers.append(_closed(request, w, error))
        if answers[-1]["decision"] is stop:
            break
    return {"evaluations": answers}


@router.post("/access/v1/search/subject")
def search_subject(body: shapes.SubjectSearchIn, point: Point, who: Who) -> dict[str, Any]:
    """Find who may do this."""
    found, page = _searched("subject", body, point, who)
    return {"results": [{"type": body.subject.type, "id": name} for name in found.names], "page": page}


@router.post("/access/v1/search/resource")
def search_resource(body: shapes.ResourceSearchIn, point: Point, who: Who) -> dict[str, Any]:
    """Find to what he may do this."""
    found, page = _searched("resource", body, point, who)
    return {"results": [{"type": body.resource.type, "id": name} for name in found.names], "page": page}


@router.post("/access/v1/search/action")
def search_action(body: shapes.ActionSearchIn, point: Point, who: Who) -> dict[str, Any]:
    """Find what he may do to this."""
    found, page = _searched("action", body, point, who)
    return {"results": [{"name": name} for name in found.names], "page": page}


def _searched(sought: Sought, body: shapes.SearchIn, point: Point, who: Who) -> tuple[Found, dict[str, Any]]:
    asked = {"sought": sought, "caller": who.staff.id, **body.model_dump(exclude={"page"})}
    page = page_of(body.page.limit, body.page.token, asked)
    found = point.search(sought, body.question(), page, caller=who)
    return found, {"next_token": token_of(found, page, asked), "count": len(found.names)}


def _shown(verdict: Verdict) -> dict[str, Any]:
    return {"decision": verdict.decision, **({"context": dict(verdict.context)} if verdict.context else {})}


def _closed(request: Request, w: W, error: BrokerError) -> dict[str, Any]:
    """Answer no to what could not be decided, and remember the attempt."""
    remember(request, w, error)
    return {"decision": False, "context": error_context(error)}

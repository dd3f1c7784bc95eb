"""HTTP under /v1, one module a noun: bodies, answers and routes. Each endpoint parses, calls a flow and answers."""

from broker.api import (
    answers,
    attempts,
    cases,
    consents,
    decisions,
    erasures,
    events,
    evidence,
    health,
    keys,
    obligations,
    protected_resource,
    requests,
    weighing,
)

ROUTERS = (
    keys.router,
    cases.router,
    erasures.router,
    consents.router,
    requests.router,
    weighing.router,
    answers.router,
    obligations.router,
    decisions.router,
    attempts.router,
    events.router,
    evidence.router,
    events.everybody,
    health.router,
    health.probes,
    protected_resource.router,
)

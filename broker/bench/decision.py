"""One decision: the embedded engine against an OPA server that serves the same policies, on the same document.

| name | what its clock covers |
|---|---|
| engine | the document goes in as Python objects, the answer comes out as Python objects |
| gate | the same, with both checked against their schemas, order restored and terms turned into dates |
| timer | what OPA itself says its evaluation took (`timer_rego_query_eval_ns`): no HTTP, no JSON |
| client | `query_rule` of opa-python-client, as the engine `opa` of this broker uses it, HTTP included |

Every engine must give the same answer before anything is measured: a fast wrong answer is not a result. Each gets the
document as the gate hands it over, with the legal day: without a day no rule of law is in force, and all is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import requests

from broker.bench.documents import EXAMPLE, family_document
from broker.bench.sample import Latency, interleaved
from broker.bench.table import Goal, Missing, Result, Row
from broker.kernel.errors import PolicyUnavailable
from broker.policy.agree import AgreeingEngines
from broker.policy.bundle import ENTRYPOINT, load_bundle, policies_path
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate, with_legal_days
from broker.policy.local import local_opa
from broker.policy.opa import OpaEngine

MEASURE = "decision"

_GOALS = {"timer": Goal(5), "client": Goal(10)}
_SIZES = ((3, 10), (6, 20), (12, 40))


def measure_decisions(*, opa: Path | None, rounds: int) -> Iterator[Result]:
    """Yield, for each document, engine and gate against OPA's timer and the client; without OPA say so."""
    bundle = load_bundle(policies_path())
    engine = EmbeddedEngine(bundle)
    gate = PolicyGate(engine=engine, bundle=bundle, policies=policies_path())
    documents = {
        "example document": with_legal_days(EXAMPLE),
        "12 persons, 40 questions": with_legal_days(family_document(most_categories=1)),
        "the same, 80 parts": with_legal_days(family_document()),
    }
    with ExitStack() as stack:
        server = _Server(stack.enter_context(local_opa(str(opa)))) if opa else None
        for name, document in documents.items():
            calls: dict[str, Any] = {
                "engine": lambda _, document=document: _forget(engine.evaluate(document)),
                "gate": lambda _, document=document: _forget(gate.document(document)),
            }
            if server is None:
                yield from _without_opa(name, interleaved(calls, rounds=rounds))
                continue
            AgreeingEngines(engine, server.client).evaluate(document)
            body = json.dumps({"input": document}).encode()
            calls["timer"] = lambda _, body=body: server.timer(body)
            calls["client"] = lambda _, document=document: _forget(server.client.evaluate(document))
            yield from _rows(name, interleaved(calls, rounds=rounds))


def measure_growth(*, rounds: int) -> Iterator[Row]:
    """Yield what a decision costs for more persons and questions: its time must not grow faster than its parts."""
    bundle = load_bundle(policies_path())
    engine = EmbeddedEngine(bundle)
    documents = {size: with_legal_days(family_document(persons=size[0], questions=size[1])) for size in _SIZES}
    calls: dict[str, Any] = {
        str(size): lambda _, document=document: _forget(engine.evaluate(document))
        for size, document in documents.items()
    }
    taken = interleaved(calls, rounds=rounds)
    smallest = _SIZES[0]
    for size in _SIZES[1:]:
        more_parts = _number_of_parts(documents[size]) / _number_of_parts(documents[smallest])
        yield Row(
            measure=MEASURE,
            subject="{} persons, {} questions".format(*size),
            ours=taken[str(size)],
            other=taken[str(smallest)],
            against="{} persons, {} questions".format(*smallest),
            ratio=taken[str(size)].median / taken[str(smallest)].median / more_parts,
            reads="growth of time / growth of parts",
            goal=Goal(1, at_most=True),
        )


def _number_of_parts(document: Mapping[str, Any]) -> int:
    return sum(len(question["categories"]) for question in document["questions"])


class _Server:
    """An OPA server: asked over a bare session for its timer, and through the broker's own engine."""

    def __init__(self, address: str) -> None:
        self.client = OpaEngine(address, timeout=30)
        self._session = requests.Session()
        self._url = f"{address}/v1/data/{ENTRYPOINT}?metrics=true"

    def timer(self, body: bytes) -> float:
        """Return what OPA says the evaluation of this input took, in milliseconds."""
        answer = self._session.post(self._url, data=body, timeout=30).json()
        if "result" not in answer:
            raise PolicyUnavailable("the OPA server answered without a result")
        return float(answer["metrics"]["timer_rego_query_eval_ns"]) / 1e6


def _rows(document: str, taken: Mapping[str, Latency]) -> Iterator[Row]:
    for ours in ("engine", "gate"):
        for other in ("timer", "client"):
            yield Row(
                measure=MEASURE,
                subject=f"{document}, {ours}",
                ours=taken[ours],
                other=taken[other],
                against=f"OPA {other}",
                ratio=taken[other].median / taken[ours].median,
                reads=f"{other} / {ours}",
                goal=_GOALS[other],
            )


def _without_opa(document: str, taken: Mapping[str, Latency]) -> Iterator[Result]:
    yield Row(
        measure=MEASURE,
        subject=f"{document}, gate",
        ours=taken["gate"],
        other=taken["engine"],
        against="engine",
        ratio=taken["gate"].median / taken["engine"].median,
        reads="gate / engine",
    )
    yield Missing(measure=MEASURE, subject=f"{document} against OPA", reason="there is no OPA program (OPA)")


def _forget(_answer: object) -> None:
    """Take an answer and say nothing, so that our own clock counts."""

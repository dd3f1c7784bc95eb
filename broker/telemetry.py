"""Numbers and traces for who runs the broker: how much, how fast, and how it ended; never of whom.

All that is in them is a route as the description of the API has it, a stage, an outcome, a status or a code: no path,
no identifier, no address and no text. Both are off until the settings ask for them; then every process counts for
itself, and the one that began as `broker serve` adds up what all of them counted.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server
from prometheus_client.multiprocess import MultiProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from broker import __version__
from broker.policy.engine import Engine

_SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""Where prometheus_client has the processes of one broker keep what they counted."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_CONTEXT = frozenset({b"traceparent", b"tracestate"})
"""The headers of a call that say which trace it belongs to (W3C Trace Context)."""

_ELSEWHERE = "none"
"""The route of a call that led to none."""


@contextmanager
def counted(*, host: str, port: int) -> Iterator[None]:
    """Answer `GET /metrics` at this address with what all processes that begin in the block count."""
    with tempfile.TemporaryDirectory(prefix="deelgrond-metrics-") as folder:
        os.environ[_SHARED] = folder
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        server, thread = start_http_server(port, addr=host, registry=registry)
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            os.environ.pop(_SHARED)


class Telemetry:
    """What one process counts and, with `traced`, the spans that it sends where OpenTelemetry's variables say."""

    def __init__(self, *, traced: bool) -> None:
        registry = CollectorRegistry()
        self._calls = Counter(
            "deelgrond_calls", "Calls that were answered.", ("method", "route", "status"), registry=registry
        )
        self._seconds = Histogram(
            "deelgrond_call_seconds", "How long a call took.", ("method", "route"), buckets=_SECONDS, registry=registry
        )
        self._decisions = Counter(
            "deelgrond_decisions", "Answers of the policy.", ("stage", "outcome"), registry=registry
        )
        self._deciding = Histogram(
            "deelgrond_decision_seconds", "How long the policy took.", ("stage",), buckets=_SECONDS, registry=registry
        )
        self._troubles = Counter(
            "deelgrond_troubles", "Rounds of a keeper that failed.", ("keeper", "code"), registry=registry
        )
        self._trouble = Gauge(
            "deelgrond_trouble",
            "Whether the last round of a keeper failed.",
            ("keeper",),
            registry=registry,
            multiprocess_mode="livemax",
        )
        self._provider = _traces() if traced else None
        self._tracer = (self._provider or trace.NoOpTracerProvider()).get_tracer("deelgrond")

    def close(self) -> None:
        """Send the spans that wait."""
        if self._provider is not None:
            self._provider.shutdown()

    def watching(self, app: ASGIApp) -> ASGIApp:
        """Return the app, whose calls are counted."""

        async def watched(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            await self._watch(app, scope, receive, send)

        return watched

    async def _watch(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        method, status, began = scope["method"], 500, time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        carrier = {name.decode(): value.decode("latin-1") for name, value in scope["headers"] if name in _CONTEXT}
        context = TraceContextTextMapPropagator().extract(carrier)
        with self._tracer.start_as_current_span(method, context=context, kind=SpanKind.SERVER) as span:
            try:
                await app(scope, receive, answer)
            finally:
                route = getattr(scope.get("route"), "path", _ELSEWHERE)
                span.update_name(f"{method} {route}")
                span.set_attributes(
                    {"http.request.method": method, "http.route": route, "http.response.status_code": status}
                )
                if status >= 500:
                    span.set_status(Status(StatusCode.ERROR))
                self._calls.labels(method, route, status).inc()
                self._seconds.labels(method, route).observe(time.perf_counter() - began)

    def engine(self, engine: Engine) -> Engine:
        """Return the engine, whose answers are counted."""
        return _WatchedEngine(engine, self)

    @contextmanager
    def deciding(self, stage: str) -> Iterator[dict[str, str]]:
        """Count one answer of the policy at this stage; the block says its outcome."""
        began, said = time.perf_counter(), {"outcome": "none"}
        with self._tracer.start_as_current_span("policy.evaluate", attributes={"deelgrond.stage": stage}) as span:
            try:
                yield said
            finally:
                span.set_attribute("deelgrond.outcome", said["outcome"])
                self._decisions.labels(stage, said["outcome"]).inc()
                self._deciding.labels(stage).observe(time.perf_counter() - began)

    def kept(self, keeper: str, trouble: str | None) -> str | None:
        """Count a round of a keeper and what was wrong with it, and return that."""
        self._trouble.labels(keeper).set(trouble is not None)
        if trouble is not None:
            self._troubles.labels(keeper, trouble).inc()
        return trouble


class _WatchedEngine:
    """An engine whose answers are counted."""

    def __init__(self, engine: Engine, telemetry: Telemetry) -> None:
        self.name, self._engine, self._telemetry = engine.name, engine, telemetry

    def evaluate(self, document: Mapping[str, Any]) -> object:
        with self._telemetry.deciding(str(document["stage"])) as said:
            answer = self._engine.evaluate(document)
            if isinstance(answer, dict):
                said["outcome"] = str(answer.get("outcome"))
            return answer


def _traces() -> TracerProvider:
    """Return where spans go: where the environment says, as OpenTelemetry reads it."""
    provider = TracerProvider(resource=Resource({SERVICE_NAME: "deelgrond", SERVICE_VERSION: __version__}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider

"""The policies as they are committed, on the embedded engine, on a real OPA server, and on both."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.policy.agree import AgreeingEngines
from broker.policy.bundle import Bundle, load_bundle, policies_path
from broker.policy.embedded import EmbeddedEngine
from broker.policy.gate import PolicyGate
from broker.policy.local import local_opa
from broker.policy.opa import OpaEngine


@pytest.fixture(scope="session")
def policies() -> Path:
    """Return the folder of the policies in this checkout."""
    return policies_path()


@pytest.fixture(scope="session")
def bundle(policies: Path) -> Bundle:
    """Return the committed bundle, checked."""
    return load_bundle(policies)


@pytest.fixture(scope="session")
def embedded(bundle: Bundle) -> EmbeddedEngine:
    """Return the engine in this process."""
    return EmbeddedEngine(bundle)


@pytest.fixture(scope="session")
def gate(embedded: EmbeddedEngine, bundle: Bundle, policies: Path) -> PolicyGate:
    """Return the gate over the embedded engine."""
    return PolicyGate(engine=embedded, bundle=bundle, policies=policies)


@pytest.fixture(scope="session")
def opa_engine(opa_program: str) -> Iterator[OpaEngine]:
    """Yield the engine that asks a real OPA server with the committed bundle."""
    with local_opa(opa_program) as address:
        yield OpaEngine(address, timeout=10)


@pytest.fixture(params=["embedded", "opa", "both"])
def any_gate(request: pytest.FixtureRequest, embedded: EmbeddedEngine, bundle: Bundle, policies: Path) -> PolicyGate:
    """Return the gate over each engine in turn."""
    if request.param == "embedded":
        return PolicyGate(engine=embedded, bundle=bundle, policies=policies)
    opa = request.getfixturevalue("opa_engine")
    engine = opa if request.param == "opa" else AgreeingEngines(embedded, opa)
    return PolicyGate(engine=engine, bundle=bundle, policies=policies)

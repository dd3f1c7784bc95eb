"""The policies of this installation, and the engine that decides by a bundle."""

from __future__ import annotations

from typing import Literal

from broker.policy.bundle import Bundle, load_bundle, policies_path
from broker.policy.embedded import EmbeddedEngine
from broker.policy.engine import Engine
from broker.policy.gate import PolicyGate

EngineName = Literal["embedded", "opa", "both"]


def installed_gate(
    engine: EngineName = "embedded", *, opa_address: str | None = None, opa_timeout: float = 1.0
) -> PolicyGate:
    """Return the gate over the unsigned bundle of this installation, for tools that explain and release nothing.

    Raises SettingsError when the bundle cannot be loaded.
    """
    policies = policies_path()
    bundle = load_bundle(policies)
    asked = open_engine(bundle, name=engine, opa_address=opa_address, opa_timeout=opa_timeout)
    return PolicyGate(engine=asked, bundle=bundle, policies=policies)


def open_engine(
    bundle: Bundle, *, name: EngineName, opa_address: str | None, opa_timeout: float, loaded: bool = False
) -> Engine:
    """Return the engine of this name; `opa_timeout` in seconds.

    With `loaded` an OPA server must serve this bundle already, else PolicyUnavailable.
    """
    if name == "embedded":
        return EmbeddedEngine(bundle)
    # The client of OPA brings an HTTP stack of its own, which who decides in process does not wait for.
    from broker.policy.agree import AgreeingEngines
    from broker.policy.opa import OpaEngine

    server = OpaEngine(opa_address or "", timeout=opa_timeout)
    if loaded:
        server.verify_serves(bundle.digest)
    return server if name == "opa" else AgreeingEngines(EmbeddedEngine(bundle), server)

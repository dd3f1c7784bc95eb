"""The composition root: settings become a wiring, a wiring becomes an app. Only here adapters are chosen."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI

from broker.api import problems, rest
from broker.api.edge import VERSION, Edge
from broker.domain.ports import Clock, Wiring
from broker.flows.attempt import PendingAttempts
from broker.flows.publish import publish
from broker.identity import HttpJwks, TokenVerifier
from broker.kernel.errors import BrokerError
from broker.keyring import open_keyring
from broker.policy.agree import AgreeingEngines
from broker.policy.bundle import Bundle, load_bundle, policies_path
from broker.policy.embedded import EmbeddedEngine
from broker.policy.engine import Engine
from broker.policy.gate import PolicyGate
from broker.policy.opa import OpaEngine
from broker.proof import RecentProofs, Replays
from broker.settings import Policy, Settings, read_settings
from broker.store.base import Store
from broker.store.engine import open_engine
from broker.store.replay import StoredProofs

log = logging.getLogger(__name__)

PUBLISH_EVERY = 0.25
"""Seconds between two rounds of the sequencer when nobody waits for it; a release does not wait for the round."""


def system_clock() -> datetime:
    """Return the present moment in UTC, to the millisecond: as fine as the identifiers that sort by it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def build_gate(settings: Policy) -> PolicyGate:
    """Return the gate over the bundle of this installation and the engine that the settings choose."""
    policies = policies_path()
    bundle = load_bundle(policies)
    return PolicyGate(engine=_engine(settings, bundle), bundle=bundle, policies=policies)


def build_wiring(settings: Settings, *, clock: Clock = system_clock) -> Wiring:
    """Return the wiring of the settings; SettingsError or KeyUnavailable when one does not allow a start."""
    keys = open_keyring(settings.keys.model_dump(), clock=clock)
    return Wiring(
        store=Store(settings.database.url, keys),
        gate=build_gate(settings.policy),
        keys=keys,
        clock=clock,
        attempts=PendingAttempts(),
    )


def build_verifier(settings: Settings) -> TokenVerifier:
    """Return the verifier of the issuer in the settings; processes on one PostgreSQL share which proofs were used."""
    identity = settings.identity
    return TokenVerifier(
        issuer=identity.issuer,
        audience=identity.audience,
        keys=HttpJwks(issuer=identity.issuer),
        assurance=identity.assurance,
        replays=_replays(settings.database.url),
        require_proof=identity.require_proof,
    )


def create_app(w: Wiring, verifier: TokenVerifier, *, public_url: str, max_body: int = 4 * 1024 * 1024) -> FastAPI:
    """Return the app; while it runs, a thread keeps the log: it writes waiting attempts and publishes checkpoints."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> Any:
        with _keeping_the_log(w):
            yield

    app = FastAPI(
        title="Deelgrond",
        version=VERSION,
        description="Rechtmatig informatie delen rond huiselijk geweld en kindermishandeling.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
    )
    app.state.wiring, app.state.verifier, app.state.public_url = w, verifier, public_url.rstrip("/")
    app.include_router(rest.router)
    problems.install(app, w)
    app.add_middleware(Edge, max_body=max_body)
    return app


def keep_log(w: Wiring) -> str | None:
    """Write the attempts that wait and publish a checkpoint; return the code of what failed, to wait for next time."""
    try:
        if isinstance(w.attempts, PendingAttempts):
            w.attempts.write(w.store)
        publish(w)
    except BrokerError as error:
        return error.code
    return None


@contextmanager
def _keeping_the_log(w: Wiring) -> Iterator[None]:
    stopping = threading.Event()

    def rounds() -> None:
        trouble: str | None = None
        while not stopping.wait(PUBLISH_EVERY):
            before, trouble = trouble, keep_log(w)
            # Said once when it begins and once when it is over: a missing key is not news four times a second.
            if trouble != before:
                log.warning("log.round", extra={"code": trouble or "ok"})

    keeper = threading.Thread(target=rounds, name="log-keeper", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        stopping.set()
        keeper.join(timeout=10)
        keep_log(w)


def _replays(url: str) -> Replays:
    # SQLite serves one process, so its memory is enough; a connection of its own keeps proofs out of any flow.
    return StoredProofs(open_engine(url)) if url.startswith("postgresql") else RecentProofs()


def _engine(settings: Policy, bundle: Bundle) -> Engine:
    if settings.engine == "embedded":
        return EmbeddedEngine(bundle)
    server = OpaEngine(settings.opa_address or "", timeout=settings.opa_timeout)
    return server if settings.engine == "opa" else AgreeingEngines(EmbeddedEngine(bundle), server)


def production() -> FastAPI:
    """Return the app of the environment's settings, for `broker serve`; each process builds its own."""
    settings = read_settings()
    return create_app(
        build_wiring(settings),
        build_verifier(settings),
        public_url=settings.http.public_url,
        max_body=settings.http.max_body,
    )

"""The second half of the composition root: a wiring becomes an app, with what only who serves needs (`compose.py`)."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Mapping
from contextlib import ExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI

from broker.api import problems
from broker.api.authzen_point import OwnDecisionPoint
from broker.api.callers import Callers
from broker.api.description import unwired_api
from broker.api.edge import Edge
from broker.api.health import DatabaseLook
from broker.compose import build_wiring
from broker.domain.notice import Sender, Way
from broker.domain.wiring import Wiring
from broker.flows.adopt import Adopt, adopt
from broker.flows.notify import Notify, notify
from broker.flows.publish import publish
from broker.flows.serve_pages import ServePages, serve_pages
from broker.flows.tick import tick
from broker.identity import HttpJwks, TokenVerifier
from broker.keeper import Keeper
from broker.kernel.errors import BrokerError
from broker.log_lines import write_log_lines
from broker.mail import Mail
from broker.openid import OpenIdProvider
from broker.policy.edition import Edition
from broker.policy.served import EditionGate
from broker.settings import Notices, Settings, read_settings
from broker.store.replay import StoredProofs
from broker.web import serve
from broker.web.evidence import account_page
from broker.web.page import Pages
from broker.webhook import Webhook

if TYPE_CHECKING:  # who counts nothing does not wait for what counts
    from broker.telemetry import Telemetry

log = logging.getLogger(__name__)

PUBLISH_EVERY = 0.25
"""Seconds between two rounds of the sequencer when nobody waits for it; a release does not wait for the round."""

NOTIFY_EVERY = 10.0
"""Seconds between two looks whether somebody is to be told something."""

REFRESH_EVERY = 1.0
"""Seconds between two looks whether there is another edition of the policies; a look is at three files' times."""


def build_telemetry(settings: Settings) -> Telemetry | None:
    """Return what counts and traces this process; None when neither was asked for."""
    traced = any(os.environ.get(name) for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
    if settings.metrics is None and not traced:
        return None
    from broker.telemetry import Telemetry

    return Telemetry(traced=traced)


def build_verifier(settings: Settings) -> TokenVerifier:
    """Return the verifier of the issuer in the settings; processes on one database share which proofs were used."""
    identity = settings.identity
    return TokenVerifier(
        issuer=identity.issuer,
        audience=identity.audience,
        keys=HttpJwks(issuer=identity.issuer),
        assurance=identity.assurance,
        replays=StoredProofs(settings.database.url),
        require_proof=identity.require_proof,
    )


def build_provider(settings: Settings) -> OpenIdProvider | None:
    """Return where people sign in to the pages; None when the settings name no client, so no pages."""
    if settings.pages is None:
        return None
    identity, secret = settings.identity, settings.pages.client_secret
    return OpenIdProvider(
        issuer=identity.issuer,
        client_id=settings.pages.client_id,
        client_secret=secret.get_secret_value() if secret else None,
        redirect_uri=settings.http.public_url.rstrip("/") + "/sign-in/return",
        keys=HttpJwks(issuer=identity.issuer),
        assurance=identity.assurance,
    )


def build_senders(settings: Notices | None, w: Wiring) -> dict[Way, Sender]:
    """Return the ways to tell an organisation something: by webhook, and by mail where the settings name a server."""
    ways: dict[Way, Sender] = {"webhook": Webhook(w.keys.webhook_secret)}
    if settings is not None:
        password = settings.password.get_secret_value() if settings.password else None
        ways["mail"] = Mail(settings.smtp, sender=settings.sender, user=settings.user, password=password)
    return ways


def create_app(
    w: Wiring,
    verifier: TokenVerifier,
    *,
    public_url: str,
    max_body: int = 4 * 1024 * 1024,
    provider: OpenIdProvider | None = None,
    callers: Callers | None = None,
    telemetry: Telemetry | None = None,
    senders: Mapping[Way, Sender] | None = None,
) -> FastAPI:
    """Return the app, with pages when there is a provider to sign in at.

    While it runs, one thread keeps the log (it writes waiting attempts and publishes checkpoints), another takes up
    new editions of the policies, and with `senders` a third tells organisations that they have something to do.
    """
    pages = Pages() if provider else None
    telling = Notify(senders=senders, public_url=public_url.rstrip("/")) if senders else None

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> Any:
        if pages:
            serve_pages(ServePages(files=pages.programs()), w)
        with ExitStack() as keepers:
            keepers.enter_context(
                Keeper(lambda: kept("policy", keep_policy(w)), every=REFRESH_EVERY, event="policy.round")
            )
            keepers.enter_context(app.state.log_keeper)
            if telling:
                keepers.enter_context(
                    Keeper(
                        lambda: kept("notices", keep_notices(telling, w)),
                        every=NOTIFY_EVERY,
                        event="notices.round",
                        may_wait=True,
                    )
                )
            served = w.gate.served
            log.info("broker.started", extra={"log_key": w.keys.vkey, "policy": served.revision, "code": served.status})
            yield
        keep_log(w)
        verifier.close()
        if telemetry:
            telemetry.close()

    def kept(keeper: str, trouble: str | None) -> str | None:
        return telemetry.kept(keeper, trouble) if telemetry else trouble

    app = unwired_api(lifespan)
    app.state.wiring, app.state.verifier, app.state.public_url = w, verifier, public_url.rstrip("/")
    app.state.decision_point = OwnDecisionPoint(w, public_url=public_url)
    app.state.callers = callers or Callers()
    app.state.database_look = DatabaseLook(w)
    app.state.log_keeper = Keeper(lambda: kept("log", keep_log(w)), every=PUBLISH_EVERY, event="log.round")
    app.state.provider = provider
    writing = pages or Pages()
    app.state.write_account = lambda gathered: account_page(gathered, pages=writing, law=w.gate.law)
    if pages:
        serve.install(app, pages)
    answer = serve.tell if pages else problems.problem
    problems.install(app, w, answer)
    app.add_middleware(Edge, max_body=max_body, answer=answer, pages=pages is not None)
    if telemetry:
        app.add_middleware(telemetry.watching)
    return app


def keep_log(w: Wiring) -> str | None:
    """Write the attempts that wait, publish a checkpoint, do what it is time for; return the code of what failed."""
    try:
        w.attempts.write(w.store)
        publish(w)
        w.keys.check()
        tick(w)
    except BrokerError as error:
        return error.code
    return None


def keep_notices(telling: Notify, w: Wiring) -> str | None:
    """Tell who has something to do; return the code of what failed."""
    try:
        return notify(telling, w)
    except BrokerError as error:
        return error.code


def keep_policy(w: Wiring) -> str | None:
    """Take up the signed edition on offer when it changed; return the code of what is wrong with it."""
    if isinstance(w.gate, EditionGate):
        w.gate.refresh(lambda edition: adopt(_command(edition), w))
    return w.gate.served.reason


def _command(edition: Edition) -> Adopt:
    bundle = edition.bundle
    return Adopt(revision=bundle.revision, digest=bundle.digest, signers=edition.signers, files=edition.files)


def production() -> FastAPI:
    """Return the app of the environment's settings, for `broker serve`; each process builds its own."""
    write_log_lines()
    settings = read_settings()
    telemetry = build_telemetry(settings)
    w = build_wiring(settings, telemetry=telemetry)
    app = create_app(
        w,
        build_verifier(settings),
        public_url=settings.http.public_url,
        max_body=settings.http.max_body,
        provider=build_provider(settings),
        callers=Callers(per_second=settings.http.calls_per_second),
        telemetry=telemetry,
        senders=build_senders(settings.notices, w),
    )
    # What was made until now stays as long as the process. Without this, each full round of the garbage collector goes
    # through all of it again, and whoever calls at that moment waits a sixth of a second.
    gc.collect()
    gc.freeze()
    return app

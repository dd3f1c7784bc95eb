"""The composition root: settings become a wiring, which every process works with.

Adapters are chosen here and in `app.py`, which has what only who serves needs: a command of the operator does not wait
until that is loaded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from broker.clock import system_clock
from broker.domain.wiring import Clock, Wiring
from broker.flows.attempt import PendingAttempts
from broker.keyring import open_keyring
from broker.policy.bundle import Bundle, policies_path
from broker.policy.engine import Engine
from broker.policy.installed import open_engine
from broker.policy.served import EditionGate
from broker.settings import Policy, Settings
from broker.store.base import Store

if TYPE_CHECKING:  # who counts nothing does not wait for what counts
    from broker.telemetry import Telemetry


def build_edition_gate(settings: Policy, telemetry: Telemetry | None = None) -> EditionGate:
    """Return the gate over the signed edition in the settings; it is closed until `keep_policy` opened it."""

    def engine(bundle: Bundle) -> Engine:
        opened = open_engine(
            bundle,
            name=settings.engine,
            opa_address=settings.opa_address,
            opa_timeout=settings.opa_timeout,
            loaded=True,
        )
        return telemetry.engine(opened) if telemetry else opened

    return EditionGate(edition=settings.edition, signers=settings.signers, policies=policies_path(), engine=engine)


def build_wiring(settings: Settings, *, clock: Clock = system_clock, telemetry: Telemetry | None = None) -> Wiring:
    """Return the wiring of the settings; SettingsError or KeyUnavailable when one does not allow a start.

    Its gate is closed until an edition is loaded, which the app does; a command that decides nothing needs none.
    """
    keys = open_keyring(settings.keys.model_dump(), clock=clock)
    return Wiring(
        store=Store(settings.database.url, keys),
        gate=build_edition_gate(settings.policy, telemetry),
        keys=keys,
        clock=clock,
        attempts=PendingAttempts(),
    )

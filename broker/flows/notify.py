"""Notify: who has something to do hears it, without anything about anybody in the message.

What came up is looked for in what is on record. Each channel of an organisation is told all that waits in one message.
No database transaction is open while a server is spoken to: a channel is taken first, and let go when the server has
the message. Whoever stops between the two leaves it taken for a while, after which it is told again: a message can come
twice after a crash, and is never lost.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from broker.domain.directory import Notified
from broker.domain.notice import Channel, Sender, Way, message_of, notices_of
from broker.domain.store import Transaction
from broker.domain.wiring import Wiring
from broker.kernel.errors import BrokerError, ConflictError

AT_A_TIME = 200
"""How many of each kind one round finds: what is left waits for the next."""

CHANNELS_AT_A_TIME = 5
"""How many channels one round tells something."""

TAKEN_FOR = timedelta(minutes=5)
"""How long a channel stays with who took it: longer than any server is waited for."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """The ways there are to tell somebody something, and the address that people sign in at."""

    senders: Mapping[Way, Sender]
    public_url: str


def notify(command: Notify, w: Wiring) -> str | None:
    """Find what came up and tell it; return the code of what failed. One channel that fails holds up no other."""
    now = w.clock()
    with suppress(ConflictError):  # another process found the same at this moment
        _find(command, now, w)
    with w.store.reading() as tx:
        due = tx.notices.due(now, limit=CHANNELS_AT_A_TIME)
    troubles = [_tell(channel, command, now, w) for channel in due]
    return next((code for code in troubles if code), None)


def _find(command: Notify, now: datetime, w: Wiring) -> None:
    """Keep what came up since the last round; nothing is written when nothing did."""
    with w.store.reading() as tx:
        chosen = _chosen(tx, command)
        is_same = chosen == tx.notices.channels()
        if is_same and not (chosen and tx.notices.found(now, limit=1)):
            return
    with w.store.transaction() as tx:
        tx.notices.keep_channels(chosen, now)
        tx.notices.add([new for found in tx.notices.found(now, limit=AT_A_TIME) for new in notices_of(found)])


def _chosen(tx: Transaction, command: Notify) -> frozenset[Channel]:
    """Return the channels that organisations chose, of the ways that there are."""
    return frozenset(
        Channel(one.id, way, daily=one.notices.when == "daily")
        for one in tx.directory.organisations()
        if one.active and one.notices
        for way in command.senders
        if _address(one.notices, way)
    )


def _address(notified: Notified, way: Way) -> object:
    return {"mail": notified.mail, "webhook": notified.webhook}[way]


def _tell(channel: Channel, command: Notify, now: datetime, w: Wiring) -> str | None:
    try:
        with w.store.transaction() as tx:
            if not tx.notices.take(channel, now, now + TAKEN_FOR):
                return None
            waiting = tx.notices.untold(channel, now)
            to = tx.directory.get_organisation(channel.organisation).notices
    except ConflictError:
        return None  # another process took it at this moment
    told = [notice for notice, has_to_do in waiting if has_to_do]
    try:
        if told and to and _address(to, channel.way):
            message = message_of(channel.organisation, told, public_url=command.public_url, now=now)
            command.senders[channel.way].send(message, to)
    except BrokerError as error:
        said = {"code": error.code, "errors": error.errors, "organisation": channel.organisation, "way": channel.way}
        log.warning("notices.not_sent", extra=said)
        with w.store.transaction() as tx:
            tx.notices.failed(channel, w.clock())
        return error.code
    with w.store.transaction() as tx:
        tx.notices.done(channel, [notice for notice, _ in waiting], w.clock())
    return None

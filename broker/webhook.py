"""Telling organisations by webhook: a thin event, signed (Standard Webhooks 1.0), in which stand no personal data.

The organisation's own program asks the broker for the rest, signed in like anybody. Where an address leads is up to
the operator, who writes it in the directory file: the broker calls it from where it runs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import httpx
from typing_extensions import override

from broker.crypto.canonical import canonical
from broker.crypto.webhook import sign
from broker.domain.directory import Notified
from broker.domain.notice import Message, Sender
from broker.kernel.errors import NotSent
from broker.kernel.values import format_moment

_TIMEOUT = 10.0
"""Seconds for connecting, and for each piece of the answer."""


class Webhook(Sender):
    """Calls the address of an organisation; `secret` gives by organisation what its messages are signed with."""

    def __init__(self, secret: Callable[[str], bytes]) -> None:
        self._secret = secret

    @override
    def send(self, message: Message, to: Notified) -> None:
        said = message.subjects()
        waits = [{"kind": kind, "number": len(ids), "subjects": ids} for kind, ids in said.items()]
        data = {"organisation": message.organisation, "waits": waits}
        body = canonical({"type": "notices.waiting", "timestamp": format_moment(message.at), "data": data})
        # The same again after a crash has the same id, so that who receives it can tell.
        identifier = "msg_" + hashlib.sha256(canonical(data)).hexdigest()[:32]
        timestamp = int(message.at.timestamp())
        signature = sign(
            secret=self._secret(message.organisation), identifier=identifier, timestamp=timestamp, body=body
        )
        headers = {
            "Content-Type": "application/json",
            "webhook-id": identifier,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": signature,
        }
        try:
            # Nothing of the environment: neither a proxy nor a password file is meant for this. Of the answer only
            # the status is read, and a redirect is none of the answers that count.
            with (
                httpx.Client(timeout=_TIMEOUT, trust_env=False, follow_redirects=False) as client,
                client.stream("POST", to.webhook or "", content=body, headers=headers) as answer,
            ):
                taken = answer.is_success
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise NotSent("the webhook did not answer", errors=(type(error).__name__,)) from None
        if not taken:
            raise NotSent("the webhook did not take it", errors=(str(answer.status_code),))

"""Telling organisations by mail: SMTP (RFC 5321), always over TLS except to this machine itself."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import urlsplit

from typing_extensions import override

from broker.discovery import HERE
from broker.domain.directory import Notified
from broker.domain.notice import Message, Sender
from broker.kernel.errors import NotSent, SettingsError

_TIMEOUT = 10.0
"""Seconds for connecting and for each answer of the server."""

_PORTS = {"smtps": 465, "smtp": 587}


class Mail(Sender):
    """An SMTP server to send by: `smtps://` is TLS from the start, `smtp://` becomes TLS (STARTTLS) or sends nothing.

    Raises SettingsError for another address.
    """

    def __init__(self, server: str, *, sender: str, user: str | None = None, password: str | None = None) -> None:
        try:
            parts = urlsplit(server)
            self._port = parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError):
            raise SettingsError("a mail server is smtps://host:port or smtp://host:port", code="notices.smtp") from None
        if not parts.hostname or parts.username or parts.path.strip("/"):
            raise SettingsError("a mail server is a host and a port only", code="notices.smtp")
        self._host, self._tls_first = parts.hostname, parts.scheme == "smtps"
        self._sender, self._user, self._password = sender, user, password

    @override
    def send(self, message: Message, to: Notified) -> None:
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = self._sender, ", ".join(to.mail), message.title
        mail["Date"] = format_datetime(message.at)
        mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
        mail.set_content(message.text)
        try:
            with self._connected() as server:
                refused = server.send_message(mail)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent("the mail server did not take it", errors=(type(error).__name__,)) from None
        if len(refused) == len(set(to.mail)):
            raise NotSent("the mail server refuses every address", errors=("SMTPRecipientsRefused",))

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self._tls_first:
            server: smtplib.SMTP = smtplib.SMTP_SSL(self._host, self._port, timeout=_TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=_TIMEOUT)
        try:
            if not self._tls_first and self._host not in HERE:
                server.starttls(context=context)
            if self._user is not None:
                server.login(self._user, self._password or "")
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server

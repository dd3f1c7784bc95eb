"""Who calls a broker, and with what: tokens of the issuer, proofs for each call, and key files.

`client` gives somebody's own client, `send` makes a raw call, so that a test can send what no client would. Every
answer to a raw call is held to what all answers promise.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

import httpx
from http_answers import check_answer
from logged import publish_all
from staff import KEY_HOLDERS, SUBJECTS
from waiting import PATIENCE

from broker.client.http import Client
from broker.crypto.keyfile import PersonalKeys, make_keyfile, unlock_keyfile
from broker.demo.issuer import LIFETIME, DemoIssuer
from broker.discovery import authorities
from broker.domain.wiring import Wiring
from broker.flows.enrol import vouch_for_key
from broker.proof import ProofMaker

AUDIENCE = "deelgrond"


class People:
    """The callers of one broker, and what they may hold: tokens of the issuer, proof keys, key files."""

    def __init__(self, *, address: str, issuer: DemoIssuer, now: Callable[[], datetime], w: Wiring) -> None:
        self.address, self.issuer, self.now, self._w = address, issuer, now, w
        self.enrolling = True
        self._proofs = {name: ProofMaker() for name in SUBJECTS}
        self._clients: dict[str, Client] = {}
        self.http = httpx.Client(
            base_url=address, timeout=PATIENCE, event_hooks={"response": [check_answer]}, verify=authorities()
        )

    def token(self, name: str, *, acr: str = "high", audience: str = AUDIENCE, bound: bool = True) -> str:
        """Return an access token of this person."""
        thumbprint = self._proofs[name].thumbprint if bound else None
        return self.issuer.issue(
            SUBJECTS[name], acr=acr, thumbprint=thumbprint, now=self.now(), audience=audience, lifetime=LIFETIME
        )

    def signed(
        self, name: str, method: str, path: str, *, token: str | None = None, acr: str = "high"
    ) -> dict[str, str]:
        """Return the headers of one signed-in call: the token, and the proof for this call."""
        token = token or self.token(name, acr=acr)
        url = self.address + path.partition("?")[0]
        return {
            "Authorization": f"DPoP {token}",
            "DPoP": self._proofs[name].proof(method, url, token, self.now()),
        }

    def send(
        self,
        name: str | None,
        method: str,
        path: str,
        body: object = None,
        *,
        content: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        acr: str = "high",
    ) -> httpx.Response:
        """Make one call as this person, or as nobody; `content` is sent as it is, `body` as JSON."""
        own = self.signed(name, method, path, acr=acr) if name else {}
        if content is None and body is not None:
            content = json.dumps(body).encode()
        if content is not None:
            own["Content-Type"] = "application/json"
        return self.http.request(method, path, content=content, headers={**own, **(headers or {})})

    def confirm(self, key: str) -> None:
        """Confirm whose key this is as the operator, and have it in the signed log."""
        with self._w.store.reading() as tx:
            enrolled = tx.directory.find_key(key)
        assert enrolled is not None
        if not enrolled.is_confirmed:
            vouch_for_key(key, self._w)
        publish_all(self._w)

    def client(self, name: str) -> Client:
        """Return this person's client; who holds a key file has enrolled it, while `enrolling`."""
        if name not in self._clients:
            client = Client(
                address=self.address,
                access=lambda: self.token(name),
                proofs=self._proofs[name],
                now=self.now,
                keys=keys_of(name) if name in KEY_HOLDERS else None,
            )
            if name in KEY_HOLDERS and self.enrolling:
                self.confirm(client.enrol_key()["key_id"])
            self._clients[name] = client
        return self._clients[name]

    def close(self) -> None:
        """Close all connections."""
        self.http.close()
        for client in self._clients.values():
            client.__exit__()


@functools.cache
def keys_of(name: str) -> PersonalKeys:
    """Return a person's opened key file; scrypt is slow by design, so each file is made once."""
    passphrase = f"de wachtzin van {name}"
    return unlock_keyfile(make_keyfile(passphrase), passphrase)

"""The client of both sides: it asks and answers over HTTP, and it alone seals and opens.

What a professional writes is sealed before it leaves the machine, to each recipient's key; what a worker opens is
opened after it arrived (`parts`), and what the broker says is verified where it can be (`evidence`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

import httpx

from broker.client.evidence import verify_release
from broker.client.parts import open_parts, seal_parts
from broker.crypto.keyfile import PersonalKeys
from broker.discovery import authorities
from broker.kernel.errors import BrokerError, KeyUnavailable, SealError
from broker.proof import ProofMaker

TIMEOUT = 30.0
"""Seconds to wait for an answer; a release with many parts is signed, checked and logged within it."""


class ClientError(BrokerError):
    """The server answered with a problem: its status, its code and the whole problem document."""

    code = "client.refused"

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        code = str(problem.get("code", "broker.error"))
        findings = tuple(str(finding.get("detail", "")) for finding in problem.get("errors", ()))
        super().__init__(str(problem.get("detail", code)), code=code, errors=findings)
        self.status, self.problem = status, dict(problem)


class Client:
    """One person's client. `access` gives a token for the issuer's audience, bound to `proofs`' key.

    `vkey` is the log's verifier key, had from elsewhere than the broker. Without it the broker's word is taken for it:
    then an answer is safe from who can write to the database, and not from the broker itself.
    """

    def __init__(
        self,
        *,
        address: str,
        access: Callable[[], str],
        proofs: ProofMaker,
        now: Callable[[], datetime],
        keys: PersonalKeys | None = None,
        vkey: str | None = None,
    ) -> None:
        self._http = httpx.Client(base_url=address, timeout=TIMEOUT, verify=authorities())
        self._address, self._access, self._proofs, self._now, self._keys = address, access, proofs, now, keys
        self._vkey = vkey

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Make one signed-in call and return its JSON; raise ClientError for a problem."""
        answer = self._signed(method, path, body)
        return answer.json() if answer.content else None

    def _signed(self, method: str, path: str, body: object = None) -> httpx.Response:
        token = self._access()
        answer = self._http.request(
            method,
            path,
            json=body,
            headers={
                "Authorization": f"DPoP {token}",
                "DPoP": self._proofs.proof(method, self._address + path.partition("?")[0], token, self._now()),
            },
        )
        if answer.is_error:
            media = answer.headers.get("content-type", "")
            raise ClientError(answer.status_code, answer.json() if "json" in media else {})
        return answer

    def enrol_key(self) -> dict[str, Any]:
        """Enrol the public halves of the key file; they are used once a colleague has confirmed them."""
        return dict(self.call("POST", "/v1/keys", self._own_keys().enrolment()))

    def keys_here(self) -> list[dict[str, Any]]:
        """Return one's own keys, and those of colleagues that wait to be confirmed."""
        return list(self.call("GET", "/v1/keys"))

    def confirm_key(self, key: str) -> dict[str, Any]:
        """Confirm that a waiting key is a colleague's, who said its id himself."""
        return dict(self.call("POST", f"/v1/keys/{key}/confirmation"))

    def organisations(self) -> dict[str, str]:
        """Return the names of those who take part, by id."""
        return {one["id"]: one["name"] for one in self.call("GET", "/v1/organisations")}

    def cases(self) -> list[dict[str, Any]]:
        """Return the caller's cases."""
        return list(self.call("GET", "/v1/cases"))

    def register_case(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Register a case."""
        return dict(self.call("POST", "/v1/cases", body))

    def change_case(self, case: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Record what changed in a case."""
        return dict(self.call("PATCH", f"/v1/cases/{case}", body))

    def ask(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Ask; the answer holds the request and its decision, refused ones too."""
        return dict(self.call("POST", "/v1/requests", body))

    def worklist(self) -> list[dict[str, Any]]:
        """Return the requests on the caller's cases."""
        return list(self.call("GET", "/v1/requests"))

    def inbox(self) -> list[dict[str, Any]]:
        """Return the requests that wait."""
        return list(self.call("GET", "/v1/inbox"))

    def request(self, request: str) -> dict[str, Any]:
        """Return one request."""
        return dict(self.call("GET", f"/v1/requests/{request}"))

    def take(self, request: str) -> dict[str, Any]:
        """Take up a request."""
        return dict(self.call("POST", f"/v1/requests/{request}/taking"))

    def record(self, request: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Record steps, exceptions and weighing; return which steps do not count yet."""
        return dict(self.call("PATCH", f"/v1/requests/{request}/weighing", body))

    def preview(self, request: str) -> dict[str, Any]:
        """Return exactly what would leave now, and the keys to seal to."""
        return dict(self.call("POST", f"/v1/requests/{request}/preview"))

    def release(
        self, request: str, answers: Sequence[Mapping[str, Any]], to: Sequence[str] | None = None
    ) -> dict[str, Any]:
        """Preview, seal the allowed parts of `answers` and release them; `decision` in the result is the previewed one.

        Each recipient's key is in the log as that person's of the requester's organisation (`verify_binding`), or
        nothing is sealed. With `to`, the ids of the keys that were approved, they are exactly these, or SealError
        `seal.other_recipients` is raised.

        Which answers go is as `plaintexts` says; raises what it and `verify_binding` raise.
        """
        previewed = self.preview(request)
        if to is not None and {entry["key_id"] for entry in previewed["recipients"]} != set(to):
            raise SealError("the recipients are not those that were approved", code="seal.other_recipients")
        decision = previewed["decision"]
        vkey = self._vkey or previewed["log"]
        body = {"decision": decision["id"], "parts": seal_parts(previewed, answers, self._own_keys(), vkey)}
        released = self.call("POST", f"/v1/requests/{request}/release", body) if body["parts"] else None
        return {"decision": decision, "release": released}

    def decline(self, request: str, because: str = "other", message: str = "") -> dict[str, Any]:
        """Decline on a weighing with reasons; the asker is told why from the list, and the message."""
        return dict(self.call("POST", f"/v1/requests/{request}/declination", {"because": because, "message": message}))

    def open(self, request: str) -> dict[str, Any]:
        """Open what may be opened: `parts` with their statements, `closed` with reasons, and the `decision`.

        `to_earlier_key` says how many parts were sealed to a key that this person had before: ask for those anew.
        Raises IntegrityError when the answer is not the one that the log says was released, SignatureError or SealError
        when a part is not what the responder sealed for this person and request; then none is shown.
        """
        answer = self.call("POST", f"/v1/requests/{request}/opening")
        vkey, now = self._vkey or answer["log"], self._now()
        if answer["parts"]:
            opened = open_parts(request, answer, self._own_keys(), vkey, now=now)
        else:  # nothing was handed out, so there is nothing to unlock: why not is told without a key
            verify_release(request, answer, vkey, now=now)
            opened = []
        return {
            "decision": answer["decision"],
            "parts": opened,
            "closed": answer["closed"],
            "to_earlier_key": answer["to_earlier_key"],
        }

    def consents(self, case: str) -> list[dict[str, Any]]:
        """Return what is on record of what the people of a case said."""
        return list(self.call("GET", f"/v1/cases/{case}/consents"))

    def record_consent(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Record what a person said."""
        return dict(self.call("POST", "/v1/consents", body))

    def withdraw_consent(self, consent: str) -> dict[str, Any]:
        """Record that a consent was withdrawn."""
        return dict(self.call("POST", f"/v1/consents/{consent}/withdrawal"))

    def obligations(self) -> list[dict[str, Any]]:
        """Return what waits for a privacy officer."""
        return list(self.call("GET", "/v1/obligations"))

    def fulfil(self, obligation: str) -> dict[str, Any]:
        """Say that a duty was done."""
        return dict(self.call("POST", f"/v1/obligations/{obligation}/done"))

    def ask_erasure(self, case: str, person: str | None = None) -> dict[str, Any]:
        """Ask that a person of a case, or the whole case, is erased."""
        return dict(self.call("POST", "/v1/erasures", {"case": case, "person": person}))

    def erasures(self) -> list[dict[str, Any]]:
        """Return what waits to be erased."""
        return list(self.call("GET", "/v1/erasures"))

    def confirm_erasure(self, erasure: str) -> dict[str, Any]:
        """Erase what a colleague asked for."""
        return dict(self.call("POST", f"/v1/erasures/{erasure}/confirmation"))

    def decisions(self, **filters: str | int) -> list[dict[str, Any]]:
        """Search decisions, for the privacy officer; whose they are (`staff`) stands in no address."""
        if "staff" in filters:
            return list(self.call("POST", "/v1/decisions/search", filters))
        query = str(httpx.QueryParams(filters))
        return list(self.call("GET", f"/v1/decisions?{query}" if query else "/v1/decisions"))

    def attempts(self, **filters: str) -> list[dict[str, Any]]:
        """Search the calls that were refused or failed, for the privacy officer."""
        query = str(httpx.QueryParams(filters))
        return list(self.call("GET", f"/v1/attempts?{query}" if query else "/v1/attempts"))

    def replay(self, decision: str) -> dict[str, Any]:
        """Have a decision made again and compared."""
        return dict(self.call("POST", f"/v1/decisions/{decision}/replay"))

    def events(self, request: str) -> list[dict[str, Any]]:
        """Return the events of a request with their proofs."""
        return list(self.call("GET", f"/v1/requests/{request}/events"))

    def evidence(self, request: str) -> bytes:
        """Return the evidence package of a request, as `package.verify_package` takes it."""
        return self._signed("GET", f"/v1/requests/{request}/evidence").content

    def checkpoint(self) -> str:
        """Return the newest signed checkpoint; no sign-in needed."""
        answer = self._http.get("/v1/log/checkpoint")
        if answer.is_error:
            raise ClientError(answer.status_code, answer.json())
        return answer.text

    def consistency(self, size: int) -> dict[str, Any]:
        """Return the newest checkpoint with the proof that it continues the log of this size; no sign-in needed."""
        answer = self._http.get("/v1/log/consistency", params={"size": size})
        if answer.is_error:
            raise ClientError(answer.status_code, answer.json())
        return dict(answer.json())

    def _own_keys(self) -> PersonalKeys:
        if self._keys is None:
            raise KeyUnavailable("unlock your key file first", code="key.locked")
        return self._keys

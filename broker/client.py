"""The client of both sides: it asks and answers over HTTP, and it alone seals and opens.

What a professional writes is sealed here, before it leaves the machine, to each recipient's key; what a worker opens is
opened here, after it arrived. The broker in between never holds a text. The client also checks what it can check
itself, without believing the server's word for it: that each recipient's key is the one that a second person of the
requester confirmed (`verify_binding`), that a part is the one that was released under the responder's key
(`verify_release`), and that an event is in the log as signed (`verify_event`).
"""

from __future__ import annotations

import hashlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

import httpx

from broker.crypto.canonical import canonical, parse_canonical
from broker.crypto.checkpoint import verify_checkpoint
from broker.crypto.commitment import verify_commitment
from broker.crypto.keyfile import PersonalKeys
from broker.crypto.merkle import leaf_hash, verify_consistency, verify_inclusion
from broker.crypto.note import parse_verifier_key
from broker.crypto.seal import RecipientKey, SealContext, open_sealed, seal
from broker.domain.event import CONFIRMED, RELEASED
from broker.kernel.errors import BrokerError, ConflictError, IntegrityError, KeyUnavailable, ProofError, SealError
from broker.kernel.values import parse_moment
from broker.proof import ProofMaker

_PART = ("question", "person", "category", "recipient")

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
        self._http = httpx.Client(base_url=address, timeout=TIMEOUT)
        self._address, self._access, self._proofs, self._now, self._keys = address, access, proofs, now, keys
        self._vkey = vkey

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Make one signed-in call and return its JSON; raise ClientError for a problem."""
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
        return answer.json() if answer.content else None

    def enrol_key(self) -> dict[str, Any]:
        """Enrol the public halves of the key file; they are used once a colleague has confirmed them."""
        return dict(self.call("POST", "/v1/keys", self._own_keys().enrolment()))

    def keys_here(self) -> list[dict[str, Any]]:
        """Return one's own keys, and those of colleagues that wait to be confirmed."""
        return list(self.call("GET", "/v1/keys"))

    def confirm_key(self, key: str) -> dict[str, Any]:
        """Confirm that a waiting key is a colleague's, who said its id himself."""
        return dict(self.call("POST", f"/v1/keys/{key}/confirmation"))

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

    def record(self, request: str, body: Mapping[str, Any]) -> None:
        """Record steps, exceptions and weighing."""
        self.call("PATCH", f"/v1/requests/{request}/weighing", body)

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

        Each answer has question, category, about, kind and text. One whose part is not allowed stays here, and so does
        one that was not weighed as just that (about whom, what kind of statement), or that the decision stripped: the
        broker cannot read what is sealed, so this is where it is held to the weighing. Raises SealError when an allowed
        part has no answer left, since a release is exactly the allowed parts.
        """
        previewed = self.preview(request)
        if to is not None and {entry["key_id"] for entry in previewed["recipients"]} != set(to):
            raise SealError("the recipients are not those that were approved", code="seal.other_recipients")
        decision = previewed["decision"]
        body = {"decision": decision["id"], "parts": self._sealed(previewed, answers)}
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
        verify_release(request, answer, self._vkey or answer["log"], now=self._now())
        opened = []
        for part in answer["parts"]:
            context = SealContext(
                request=request,
                question=part["question"],
                category=part["category"],
                person=part["person"],
                decision=answer["sealed_under"],
                requester=answer["requester"],
                responder=answer["responder"],
                recipient=part["recipient"],
            )
            content = parse_canonical(
                open_sealed(
                    sealed=b64decode(part["sealed"]),
                    context=context,
                    private=self._own_keys().opening_key,
                    responder_public=b64decode(answer["signing"]),
                )
            )
            opened.append({**{key: part[key] for key in ("question", "person", "category")}, **content})
        return {
            "decision": answer["decision"],
            "parts": opened,
            "closed": answer["closed"],
            "to_earlier_key": answer["to_earlier_key"],
        }

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

    def decisions(self, **filters: str) -> list[dict[str, Any]]:
        """Search decisions, for the privacy officer."""
        query = str(httpx.QueryParams(filters))
        return list(self.call("GET", f"/v1/decisions?{query}" if query else "/v1/decisions"))

    def replay(self, decision: str) -> dict[str, Any]:
        """Have a decision made again and compared."""
        return dict(self.call("POST", f"/v1/decisions/{decision}/replay"))

    def events(self, request: str) -> list[dict[str, Any]]:
        """Return the events of a request with their proofs."""
        return list(self.call("GET", f"/v1/requests/{request}/events"))

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

    def _sealed(self, previewed: Mapping[str, Any], answers: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
        keys, decision = self._own_keys(), previewed["decision"]
        stripped = {(reason["question"], reason["person"]) for reason in decision["reasons"] if reason["question"]}
        recipients = {entry["key_id"]: RecipientKey(b64decode(entry["opening"])) for entry in previewed["recipients"]}
        for named, recipient in recipients.items():
            if recipient.key_id != named:
                raise SealError("a recipient's key is not the one it is named as", code="seal.other_recipient")
        for entry in previewed["recipients"]:
            verify_binding(previewed["request"]["requester"], entry, self._vkey or previewed["log"])
        weighed = {
            tuple(row[name] for name in ("question", "category", "about", "kind")) for row in previewed["weighed"]
        }
        parts = []
        for part in decision["parts"]:
            if part["verdict"] != "allow":
                continue
            said = [
                {"about": answer["about"], "kind": answer["kind"], "text": answer["text"]}
                for answer in answers
                if (part["question"], part["category"], answer["about"], answer["kind"]) in weighed
                and (answer["question"], answer["category"]) == (part["question"], part["category"])
                and (answer["about"] == part["person"] or (part["question"], answer["about"]) not in stripped)
            ]
            if not said:
                raise SealError("an allowed part has no answer", code="seal.no_answer")
            for key, recipient in recipients.items():
                context = SealContext(
                    request=previewed["request"]["id"],
                    question=part["question"],
                    category=part["category"],
                    person=part["person"],
                    decision=decision["id"],
                    requester=previewed["request"]["requester"],
                    responder=previewed["request"]["responder"],
                    recipient=key,
                )
                sealed = seal(
                    plaintext=canonical({"v": 1, "statements": said}),
                    context=context,
                    recipient=recipient,
                    sign=keys.sign,
                )
                parts.append(
                    {
                        **{name: part[name] for name in ("question", "person", "category")},
                        "recipient": key,
                        "sealed": _text(sealed),
                    }
                )
        return parts

    def _own_keys(self) -> PersonalKeys:
        if self._keys is None:
            raise KeyUnavailable("unlock your key file first", code="key.locked")
        return self._keys


def verify_event(event: Mapping[str, Any], vkey: str) -> None:
    """Verify that an event is in the log as signed by this key, and that its detail is the one committed to.

    `event` is one of `Client.events`; `vkey` the log's verifier key, had from elsewhere than the server. Raises
    ProofError, SignatureError or IntegrityError; returns nothing when all is well.
    """
    if event["proof"] is None:
        raise ProofError("the event is not covered by a checkpoint yet")
    checkpoint = verify_checkpoint(event["checkpoint"], [parse_verifier_key(vkey)])
    entry = b64decode(event["entry"])
    verify_inclusion(
        index=event["index"],
        size=checkpoint.size,
        leaf_hash=leaf_hash(entry),
        proof=tuple(b64decode(node) for node in event["proof"]),
        root=checkpoint.root,
    )
    said = parse_canonical(entry)
    if said["id"] != event["id"] or said["tag"] != event["tag"]:
        raise IntegrityError("the event is not the one in its entry")
    if event["detail"] is not None:
        verify_commitment(event["detail"], salt=b64decode(event["salt"]), commitment=said["commitment"])


def verify_release(request: str, opening: Mapping[str, Any], vkey: str, *, now: datetime) -> None:
    """Verify that what was handed out is what was released on this request: the log says so, and under which keys.

    `opening` is the answer of POST /v1/requests/{id}/opening. Raises IntegrityError `integrity.release` when the log
    speaks of another answer, ConflictError `release.expired`, and what `verify_event` raises.
    """
    manifest, said = opening["manifest"], {"tag": RELEASED, "request": request}
    _verify_committed(opening, manifest, vkey, said=said, code="integrity.release")
    if (manifest["request"], manifest["decision"], manifest["signing"]) != (
        request,
        opening["sealed_under"],
        opening["signing"],
    ):
        raise IntegrityError("the answer is not the one that was released", code="integrity.release")
    if now >= parse_moment(manifest["expires_at"]):
        raise ConflictError("the answer may not be opened any more", code="release.expired")
    released = {tuple(part[name] for name in (*_PART, "sha256")) for part in manifest["parts"]}
    for part in opening["parts"]:
        found = hashlib.sha256(b64decode(part["sealed"])).hexdigest()
        if (*(part[name] for name in _PART), found) not in released:
            raise IntegrityError("a part is not one of those that were released", code="integrity.release")


def verify_binding(organisation: str, recipient: Mapping[str, Any], vkey: str) -> None:
    """Verify that a key is a person's of this organisation: the log says so, and that a second person confirmed it.

    `recipient` is one of the recipients of POST /v1/requests/{id}/preview. Raises IntegrityError `integrity.key` when
    the log speaks of another key, and what `verify_event` raises.
    """
    binding = recipient["binding"]
    _verify_committed(recipient, binding, vkey, said={"tag": CONFIRMED}, code="integrity.key")
    if (
        binding["key"] != recipient["key_id"]
        or binding["opening"] != hashlib.sha256(b64decode(recipient["opening"])).hexdigest()
        or binding["organisation"] != organisation
        or binding["confirmed_by"] == binding["staff"]
    ):
        raise IntegrityError("the key is not one of the requester's", code="integrity.key")


def _verify_committed(
    shown: Mapping[str, Any], manifest: Mapping[str, Any], vkey: str, *, said: Mapping[str, str], code: str
) -> None:
    """Verify that the event shown is in the log, says this, and commits to the manifest under the salt shown."""
    verify_event(shown["event"], vkey)
    entry = parse_canonical(b64decode(shown["event"]["entry"]))
    if "manifest" not in entry or any(entry.get(name) != value for name, value in said.items()):
        raise IntegrityError("the event is of something else", code=code)
    verify_commitment(manifest, salt=b64decode(shown["salt"]), commitment=entry["manifest"])


def verify_growth(held: str, answer: Mapping[str, Any], vkey: str) -> str:
    """Return the newest checkpoint, when the log's key signed it and it continues the one that was held.

    `answer` is that of GET /v1/log/consistency for the size of `held`. Raises ProofError, SignatureError or ParseError.
    """
    keys = [parse_verifier_key(vkey)]
    before, after = verify_checkpoint(held, keys), verify_checkpoint(answer["checkpoint"], keys)
    verify_consistency(
        old_size=before.size,
        new_size=after.size,
        old_root=before.root,
        new_root=after.root,
        proof=tuple(b64decode(node) for node in answer["proof"]),
    )
    return str(answer["checkpoint"])


def _text(content: bytes) -> str:
    return b64encode(content).decode()

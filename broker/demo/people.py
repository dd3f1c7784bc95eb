"""The people of a story: everybody with his own client, key file and sign-in, and the acts that they can do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar

from broker.client.evidence import verify_event
from broker.client.http import Client, ClientError
from broker.client.package import Verified, verify_package
from broker.crypto.keyfile import PersonalKeys, make_keyfile, new_seeds
from broker.demo.casefile import CaseFile
from broker.demo.deciding import Decide
from broker.demo.issuer import DemoIssuer
from broker.kernel.errors import ConflictError, IntegrityError
from broker.proof import ProofMaker

Answer = TypeVar("Answer")

PATIENCE = 10.0
"""Seconds to wait for the log to catch up with what was just recorded."""

PASSPHRASE = "een zin voor de demonstratie"  # noqa: S105  opens keys that live as long as this process
"""The passphrase of every key file in a story; there is nothing real behind it."""


class StoryClock:
    """The story's time: stands still until it is moved; after `run` it goes on by itself."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._running_since: float | None = None

    def __call__(self) -> datetime:
        """Return the story's present moment, to the second."""
        if self._running_since is None:
            return self._now
        return self._now + timedelta(seconds=int(time.monotonic() - self._running_since))

    def move(self, by: timedelta) -> None:
        """Let time go by."""
        self._now += by

    def run(self) -> timedelta:
        """Go on at the pace of the real clock from now on; return how far ahead of it the story is."""
        self._running_since = time.monotonic()
        return self._now - datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What somebody needs to call the story's broker himself: address, token, proof key, key file, and clock.

    `ahead` is what to add to the real time to have the story's; `keyfile` opens with PASSPHRASE.
    """

    name: str
    address: str
    token: str = field(repr=False)
    proofs: ProofMaker = field(repr=False)
    ahead: timedelta
    keyfile: str = field(repr=False)


class People:
    """Everybody with his client, and the identifiers that the broker gave to what the file calls by a name.

    Each verb of a case file is a method: it takes the act's body and returns what the broker answered, `decision`,
    `request`, `parts` and `closed` under those names. They raise ClientError as the client does. The clients close with
    `stack`.
    """

    def __init__(
        self,
        case: CaseFile,
        clock: StoryClock,
        *,
        address: str,
        issuer: DemoIssuer,
        vkey: str,
        decide: Decide,
        vouch: Callable[[str], object],
        stack: ExitStack,
    ) -> None:
        self._case, self._clock, self._issuer, self._decide = case, clock, issuer, decide
        self.address, self.vkey = address, vkey
        self.names, self.passphrase = tuple(case.staff), PASSPHRASE
        self._ids: dict[str, str] = {}
        self._askers: dict[str, str] = {}
        self._people = {
            name: stack.enter_context(_client(name, staff.assurance, clock, address, issuer))
            for name, staff in case.staff.items()
        }
        for client in self._people.values():
            vouch(client.enrol_key()["key_id"])

    def signed_in(self, lifetime: timedelta) -> tuple[SignedIn, ...]:
        """Let the story's clock run, and sign everybody in for this long."""
        ahead = self._clock.run()
        return tuple(
            self._signed_in(name, staff.assurance, ahead, lifetime) for name, staff in self._case.staff.items()
        )

    def register(self, body: Any) -> Mapping[str, Any]:
        """Register the case of the file, each organisation in a file of its own."""
        case = self._people[body.by].register_case(self._case.case.model_dump(mode="json"))
        self._ids[self._file(body)] = case["id"]
        return case

    def ask(self, body: Any) -> Mapping[str, Any]:
        """Put a request before the broker."""
        request = self._case.requests[body.request]
        content = {
            **request.model_dump(mode="json"),
            "case": self._ids[self._file(body)],
            "responder": self._case.organisations[request.responder].id,
        }
        asked = self._people[body.by].ask(content)
        self._ids[f"request {body.request}"] = asked["request"]["id"]
        self._askers[body.request] = body.by
        return asked

    def take(self, body: Any) -> Mapping[str, Any]:
        """Take up a request."""
        return {"request": self._people[body.by].take(self._request(body))}

    def record(self, body: Any) -> Mapping[str, Any]:
        """Record steps, exceptions and weighing."""
        content = body.model_dump(mode="json", exclude={"by", "request"})
        return self._people[body.by].record(self._request(body), content)

    def preview(self, body: Any) -> Mapping[str, Any]:
        """Look at what would leave."""
        return _once_logged(lambda: self._people[body.by].preview(self._request(body)))

    def release(self, body: Any) -> Mapping[str, Any]:
        """Seal and release the answers whose part is allowed."""
        answers = [answer.model_dump(mode="json") for answer in body.answers]
        return _once_logged(lambda: self._people[body.by].release(self._request(body), answers))

    def decline(self, body: Any) -> Mapping[str, Any]:
        """Decline; `request` is as the asker reads it, with what he is told of why."""
        request = self._request(body)
        decision = self._people[body.by].decline(request, body.because, body.message)
        return {"decision": decision, "request": self._people[self._askers[body.request]].request(request)["request"]}

    def open(self, body: Any) -> Mapping[str, Any]:
        """Open what was released, once the log covers it."""
        person, request = self._people[body.by], self._request(body)
        return _once_logged(lambda: person.open(request))

    def consent(self, body: Any) -> Mapping[str, Any]:
        """Record what a person said."""
        content = body.model_dump(mode="json", exclude={"by", "name", "request"})
        where = {"request": self._request(body)} if body.request else {"case": self._ids[self._file(body)]}
        recorded = self._people[body.by].record_consent({**content, **where})
        self._ids[f"consent {body.name}"] = recorded["id"]
        return recorded

    def withdraw(self, body: Any) -> Mapping[str, Any]:
        """Take a consent back."""
        return self._people[body.by].withdraw_consent(self._ids[f"consent {body.consent}"])

    def wait(self, body: Any) -> Mapping[str, Any]:
        """Let time go by."""
        self._clock.move(timedelta(hours=body.hours, days=body.days))
        return {}

    def replay(self, body: Any) -> Mapping[str, Any]:
        """Have the newest decision of a stage made again."""
        request = self._request(body)
        found = [one for one in self._people[body.by].decisions(stage=body.stage) if one["request"] == request]
        if not found:
            raise ConflictError("there is no decision of this stage to replay", code="demo.no_decision")
        return self._people[body.by].replay(found[0]["id"])

    def decide(self, body: Any) -> Mapping[str, Any]:
        """Put a question straight to the gate."""
        return {"decision": self._decide(body, self._request(body) if body.request else None)}

    def verify(self, body: Any) -> Mapping[str, Any]:
        """Verify every event that this person sees with the log's key, as somebody would who trusts nobody's word.

        Requests that his organisation has no part in are not there for him.
        """
        requests = [identifier for name, identifier in self._ids.items() if name.startswith("request ")]
        covered = {request: found for request in requests if (found := self._covered(body.by, request))}
        events = [event for found in covered.values() for event in found]
        if not events:
            raise ConflictError("this person sees no request of the story", code="demo.no_decision")
        for event in events:
            verify_event(event, self.vkey)
        fullest = max(covered, key=lambda request: len(covered[request]))
        return {
            "events": len(events),
            "checkpoint": self._people[body.by].checkpoint(),
            "package": self._packed(body.by, fullest),
        }

    def _packed(self, by: str, request: str) -> Verified:
        """Fetch the evidence package of a request, and verify it as somebody would who has nothing but the file."""
        return verify_package(_once_logged(lambda: self._people[by].evidence(request)), self.vkey)

    def _covered(self, by: str, request: str) -> list[dict[str, Any]]:
        give_up_at = time.monotonic() + PATIENCE
        while True:
            try:
                events = self._people[by].events(request)
            except ClientError as error:
                if error.code != "store.not_found":
                    raise
                return []
            if all(event["proof"] is not None for event in events):
                return events
            if time.monotonic() > give_up_at:
                raise IntegrityError("the log does not catch up with what was recorded")
            time.sleep(0.05)

    def _signed_in(self, name: str, assurance: str, ahead: timedelta, lifetime: timedelta) -> SignedIn:
        proofs = ProofMaker()
        token = self._issuer.issue(
            name,
            acr=assurance,
            thumbprint=proofs.thumbprint,
            now=self._clock(),
            audience=self.address,
            lifetime=lifetime,
        )
        keyfile = make_keyfile(PASSPHRASE, seeds=_seeds_of(name))
        return SignedIn(name=name, address=self.address, token=token, proofs=proofs, ahead=ahead, keyfile=keyfile)

    def _request(self, body: Any) -> str:
        return self._ids[f"request {body.request}"]

    def _file(self, body: Any) -> str:
        return f"case {self._case.staff[body.by].organisation}"


def _once_logged(act: Callable[[], Answer]) -> Answer:
    """Act, waiting for the checkpoint that covers what it is about when it is not there yet."""
    give_up_at = time.monotonic() + PATIENCE
    while True:
        try:
            return act()
        except ClientError as error:
            if error.code not in _WAITS or time.monotonic() > give_up_at:
                raise
        time.sleep(0.05)


_WAITS = {"release.not_logged_yet", "key.not_logged_yet", "package.not_logged_yet"}


def _client(name: str, assurance: str, clock: StoryClock, address: str, issuer: DemoIssuer) -> Client:
    proofs = ProofMaker()

    def access() -> str:
        return issuer.issue(name, acr=assurance, thumbprint=proofs.thumbprint, now=clock(), audience=address)

    keys = PersonalKeys.from_seeds(_seeds_of(name))
    return Client(address=address, access=access, proofs=proofs, now=clock, keys=keys)


@lru_cache(maxsize=32)
def _seeds_of(_: str) -> bytes:
    """Return the secret of this person's keys; only who stays gets them in a file, which takes a third of a second."""
    return new_seeds()

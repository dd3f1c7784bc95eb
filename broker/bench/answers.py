"""Requests brought as far as a measurement needs them: weighed, or answered with parts that were really sealed."""

from __future__ import annotations

import http.client
from collections.abc import Iterable, Mapping
from typing import Any

from broker.api.answers import PreviewedOut, ReleaseIn
from broker.api.requests import AskIn
from broker.api.weighing import RecordIn
from broker.bench.server import ASKED, PATH, SUBJECTS, WORKERS, Act, Broker
from broker.client.parts import seal_parts
from broker.crypto.base64text import decode_base64
from broker.crypto.keyfile import PersonalKeys, new_seeds
from broker.flows import answer, ask, weigh
from broker.flows.enrol import EnrolKey, enrol_key, vouch_for_key
from broker.flows.publish import publish

_SAID = "Moeder vertelde op 3 november dat het kind slecht slaapt; bij onderzoek geen letsel gezien. " * 3
_STEP = {"whom": "vader", "day": "2026-01-05", "channel": "in_person", "outcome": "stemt in", "note": _SAID[:40]}
_WEIGHED: Mapping[str, Any] = {
    "steps": {f"ST-{number:02d}": _STEP for number in range(1, 11)},
    "weighing": {
        "outcome": "give",
        "reasons": _SAID,
        **dict.fromkeys(("relevant", "contributes", "no_lesser_means", "proportionate"), True),
        "parts": [
            {"question": question, "category": category, "about": about, "give": True, "kind": "observation"}
            for question, category, about in ASKED
        ],
    },
}


class Answers:
    """The doctor's side of a measured broker: what he does before the clock starts, with keys that he really has."""

    def __init__(self, broker: Broker, *, workers: Iterable[str]) -> None:
        self._broker, self._w = broker, broker.wiring
        self._doctor = broker.actor("doctor")
        self._keys = self._enrolled("doctor")
        for worker in workers:
            self._enrolled(worker)
        publish(self._w)  # whose keys these are must be in a signed checkpoint before anything is sealed to them

    def asked(self, worker: int) -> str:
        """Have one of the workers ask, and return the request."""
        act = self._broker.asking(worker)
        command = AskIn.model_validate_json(act.body).command(self._broker.actor(act.who))
        return ask.ask(command, self._w).request.id

    def weigh(self, request: str) -> None:
        """Take up a request, and record every step and that all of it is given."""
        weigh.take(weigh.Take(actor=self._doctor, request=request), self._w)
        weigh.record(RecordIn.model_validate(_WEIGHED).command(request, self._doctor), self._w)

    def sealed(self, request: str) -> ReleaseIn:
        """Preview a weighed request, and return its answer sealed: the body of a release."""
        previewed = answer.preview(answer.Preview(actor=self._doctor, request=request), self._w)
        said = [
            {"question": question, "category": category, "about": about, "kind": "observation", "text": _SAID}
            for question, category, about in ASKED
        ]
        shown = PreviewedOut.of(previewed).model_dump(mode="json")
        parts = seal_parts(shown, said, self._keys, previewed.vkey)
        return ReleaseIn.model_validate({"decision": previewed.decided.id, "parts": parts})

    def release(self, request: str) -> None:
        """Release the answer to a weighed request, and publish it."""
        answer.release(self.sealed(request).command(request, self._doctor), self._w)
        publish(self._w)

    def releasing(self, worker: int) -> Act:
        """Have one of the workers ask, bring that to a sealed answer, and return what its release is."""
        request = self.asked(worker)
        self.weigh(request)
        body = self.sealed(request).model_dump_json().encode()
        return Act(who="doctor", path=f"{PATH}/{request}/release", body=body)

    def opening(self, worker: int) -> Act:
        """Have one of the workers ask and the doctor answer, and return what opening that is."""
        request = self.asked(worker)
        self.weigh(request)
        self.release(request)
        return Act(
            who=SUBJECTS[worker % WORKERS], path=f"{PATH}/{request}/opening", body=b"{}", expected=http.client.OK
        )

    def _enrolled(self, subject: str) -> PersonalKeys:
        keys = PersonalKeys.from_seeds(new_seeds())
        enrolment = {name: decode_base64(value) for name, value in keys.enrolment().items()}
        enrolled = enrol_key(EnrolKey(actor=self._broker.actor(subject), **enrolment), self._w)
        vouch_for_key(enrolled.key_id, self._w)
        return keys

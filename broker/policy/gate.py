"""The gate: the one way to a decision, closed in doubt.

1. The document is checked against its schema; what does not fit never reaches an engine.
2. The engine is asked.
3. Its answer is checked: a decision, of known codes only, of the bundle this broker loaded.
4. Sets are put in order, terms become dates, and the decision is checked against its own schema once more.

Whatever goes wrong is an InputError or a PolicyError. There is no way through here that ends in a guess.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema_rs

from broker.domain.bundle import Served
from broker.domain.decision import PERMITS, decision_of
from broker.domain.gate import Gated
from broker.kernel.errors import InputError, PolicyMalformed, RefusedError
from broker.kernel.values import legal_day
from broker.policy.answer import decision_document
from broker.policy.bundle import Bundle, open_schema
from broker.policy.engine import Engine

_OUTCOMES = {
    "ask": {"deny", "refer", "permit_pending", "permit_duty", "break_glass"},
    "answer": {"deny", "refer", "permit", "break_glass"},
    "open": {"deny", "refer", "permit"},
    "operate": {"deny", "permit"},
    "postpone": {"deny", "refer", "permit"},
    "escalate": {"deny", "refer"},
}
# Which schema a document of a stage must fit; the later stages have documents of their own (decision.md).
_SCHEMAS = {"operate": "operation", "postpone": "postpone", "escalate": "escalate"}


class PolicyGate:
    """Decides by one engine and one bundle."""

    def __init__(self, *, engine: Engine, bundle: Bundle, policies: Path) -> None:
        self._engine, self._bundle = engine, bundle
        self.bundle_digest = bundle.digest
        self.served = Served(status="LOADED", revision=bundle.revision, digest=bundle.digest)
        self.law: Mapping[str, Any] = bundle.data["law"]
        validators = {name: _validator(policies, name) for name in {"document", *_SCHEMAS.values()}}
        self._documents = {stage: validators[_SCHEMAS.get(stage, "document")] for stage in _OUTCOMES}
        self._answer = _validator(policies, "answer")
        self._decision = _validator(policies, "decision")

    def document(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Return the decision document (decision.md) for one input document.

        Raises InputError with every finding when the document does not fit; PolicyError when there is no usable answer.
        """
        # A stage that does not exist is a finding of the schema that most documents have.
        _check(self._documents.get(_stage(document), self._documents["ask"]), document)
        _check_names(document)
        _check_moments(document)
        return self._asked(with_legal_days(document))

    def decide(self, document: Mapping[str, Any]) -> Gated:
        """Return the decision; raises as `document` does."""
        return Gated(decision_of(self.document(document)))

    def again(self, document: Mapping[str, Any]) -> Gated:
        """Decide on a document that was taken before, by the schema of its day: that of today says nothing of it.

        What comes out is checked as ever, since it is read by today's code. Raises as `document` does.
        """
        return Gated(decision_of(self._asked(with_legal_days(document))))

    def gate_of(self, digest: str, _: Callable[[str], Mapping[str, bytes]]) -> PolicyGate | None:
        """Return this gate when it is of the bundle of this digest; it has no others."""
        return self if digest == self.bundle_digest else None

    def authorise(self, document: Mapping[str, Any]) -> frozenset[str]:
        """Return the steps that stay open, or raise RefusedError with the policy's reasons when the actor may not."""
        decided = self.document(document)
        if decided["outcome"] != "permit":
            raise RefusedError(
                "the policy refuses this operation", reasons=tuple(reason["code"] for reason in decided["reasons"])
            )
        return frozenset(decided["todo"])

    def _asked(self, document: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._engine.evaluate(document)
        if not isinstance(answer, dict) or not self._answer.is_valid(answer):
            raise PolicyMalformed("the engine's answer is not a decision")
        if answer["bundle"] != {"revision": self._bundle.revision, "digest": self._bundle.digest}:
            raise PolicyMalformed("the engine serves another bundle than this broker loaded")
        _check_fit(document, answer)
        # A postponed duty runs on from when it was due, not from when somebody asked (Wmo 5.3.1 lid 2: "telkens").
        # Those of an answer run from its release, also when it is opened later or again.
        since = document.get("duty", {}).get("due") or document.get("released_at", document["now"])
        decided = decision_document(answer, today=document["today"], since=since, engine=self._engine.name)
        if not self._decision.is_valid(decided):
            raise PolicyMalformed("the decision does not fit its schema")
        return decided


def with_legal_days(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with the legal day of each of its moments that a rule compares with a date.

    A rule cannot tell what day it is in the Netherlands. Raises InputError for a day that is not the one of its moment,
    and for a moment that has none.
    """
    whole, wrong = _with_days(document, {"now": "today"}, "")
    if "duty" in document:
        whole["duty"], of_duty = _with_days(document["duty"], {"due": "due_on", "since": "since_on"}, "/duty")
        wrong += of_duty
    if wrong:
        raise InputError("a day contradicts its moment", code="input.schema", errors=tuple(wrong))
    return whole


def _with_days(facts: Mapping[str, Any], names: Mapping[str, str], place: str) -> tuple[dict[str, Any], list[str]]:
    """Return the facts with the day of each of these moments under its name, and what is wrong with those there are."""
    days, wrong = {}, []
    for moment, name in names.items():
        try:
            days[name] = legal_day(datetime.fromisoformat(facts[moment])).isoformat()
        except OverflowError:
            wrong.append(f"{place}/{moment}: is beyond the calendar")
        else:
            if facts.get(name, days[name]) != days[name]:
                wrong.append(f"{place}/{name}: is not the day in the Netherlands of the moment beside it")
    return {**facts, **days}, wrong


def _stage(document: object) -> str:
    return str(document.get("stage")) if isinstance(document, Mapping) else ""


def _check_fit(document: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Refuse an answer of another stage, about other parts, or on a ground that it does not name."""
    questions = document.get("questions", [])
    asked = [
        (question["id"], question["person"], category) for question in questions for category in question["categories"]
    ]
    grounds = {ground["code"] for ground in answer["grounds"]}
    gives = {"allow", "needs_approval"} if document["stage"] == "ask" else {"allow"}
    if (
        answer["outcome"] not in _OUTCOMES.get(document["stage"], ())
        or [(part["question"], part["person"], part["category"]) for part in answer["parts"]] != asked
        or not {part["ground"] for part in answer["parts"]} <= {*grounds, None}
        or (asked and answer["outcome"] in PERMITS and not gives & {part["verdict"] for part in answer["parts"]})
    ):
        raise PolicyMalformed("the engine's answer does not fit the document")


def _validator(policies: Path, name: str) -> jsonschema_rs.Draft202012Validator:
    shared = open_schema(policies, "document")
    registry = jsonschema_rs.Registry([(shared["$id"], shared)])
    return jsonschema_rs.Draft202012Validator(open_schema(policies, name), validate_formats=True, registry=registry)


def _check(validator: jsonschema_rs.Draft202012Validator, document: object) -> None:
    if validator.is_valid(document):
        return
    findings = tuple(
        f"/{'/'.join(str(step) for step in error.instance_path)}: {_finding(error)}"
        for error in validator.iter_errors(document)
    )
    raise InputError("the document does not fit its schema", code="input.schema", errors=findings)


def _finding(error: jsonschema_rs.ValidationError) -> str:
    """Say what is expected, not what was sent: a value could be a name that should not be there."""
    expected = {
        "additionalProperties": "has a field that does not exist here",
        "required": error.message if error.kind.name == "required" else "",
        "enum": "is not one of the values allowed here",
        "type": "is of the wrong type",
        "pattern": "is not written as it should be",
        "format": "is not a date or moment that exists",
        "const": "is not the value it must have",
        "anyOf": "is none of the forms allowed here",
    }
    return expected.get(error.kind.name) or f"breaks the rule {error.kind.name}"


def _check_moments(document: Mapping[str, Any]) -> None:
    """Refuse a request that was put, or an answer that was released, after now: no term could run from it."""
    now = document["now"]
    late = [
        name
        for name in ("asked_at", "released_at")
        if datetime.fromisoformat(document.get(name, now)) > datetime.fromisoformat(now)
    ]
    if late:
        findings = tuple(f"/{name}: is after now" for name in late)
        raise InputError("something was done after now", code="input.schema", errors=findings)


def _check_names(document: Mapping[str, Any]) -> None:
    """Refuse a ref or question id that stands for two things: it would make an answer ambiguous."""
    for field, name in (("persons", "ref"), ("questions", "id")):
        names = [entry[name] for entry in document.get(field, ())]
        if len(set(names)) != len(names):
            raise InputError("a name is used twice", code="input.schema", errors=(f"/{field}: each {name} once only",))

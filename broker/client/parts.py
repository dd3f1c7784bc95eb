"""The parts of an answer: sealed before they leave, opened after they came; nothing here calls anybody.

The broker in between never holds a text, so this is where an answer is held to what was weighed and decided. The
browser's `answer.ts` does the same: both are held to the vectors in tests/vectors/ours/answer.json.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from broker.client.evidence import verify_binding, verify_release
from broker.crypto.base64text import decode_base64, encode_base64
from broker.crypto.canonical import canonical, parse_canonical
from broker.crypto.keyfile import PersonalKeys
from broker.crypto.seal import RecipientKey, SealContext, open_sealed, seal
from broker.kernel.errors import IntegrityError, SealError

_PART, _STATEMENT = ("question", "person", "category"), ("about", "kind", "text")


def seal_parts(
    previewed: Mapping[str, Any], answers: Sequence[Mapping[str, Any]], keys: PersonalKeys, vkey: str
) -> list[dict[str, str]]:
    """Return the allowed parts of the answers, sealed to each recipient: the `parts` of a release.

    `previewed` is the answer of POST /v1/requests/{id}/preview, `vkey` the log's verifier key. Raises IntegrityError
    `integrity.key` for a key that is not the one it is named as, what `verify_binding` raises, and what `plaintexts`
    raises.
    """
    recipients = {
        each["key_id"]: RecipientKey(decode_base64(each["public_opening"])) for each in previewed["recipients"]
    }
    for named, recipient in recipients.items():
        if recipient.key_id != named:
            raise IntegrityError("a recipient's key is not the one it is named as", code="integrity.key")
    for each in previewed["recipients"]:
        verify_binding(previewed["request"]["requester"], each, vkey)
    return [
        {
            **part,
            "recipient": named,
            "sealed": encode_base64(
                seal(
                    plaintext=plaintext,
                    context=_context(previewed["request"], part, named, decision=previewed["decision"]["id"]),
                    recipient=recipient,
                    sign=keys.sign,
                )
            ),
        }
        for part, plaintext in plaintexts(previewed, answers)
        for named, recipient in recipients.items()
    ]


def plaintexts(
    previewed: Mapping[str, Any], answers: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[dict[str, str], bytes]]:
    """Yield each allowed part with the bytes to seal for it.

    Each answer has question, category, about, kind and text. One whose part is not allowed stays here, and so does one
    that was not weighed as just that (about whom, what kind of statement), or that the decision stripped. Raises
    SealError `seal.no_answer` when an allowed part has no answer left, since a release is exactly the allowed parts.
    """
    decision = previewed["decision"]
    stripped = {(reason["question"], reason["person"]) for reason in decision["reasons"] if reason["question"]}
    weighed = {tuple(row[name] for name in ("question", "category", "about", "kind")) for row in previewed["weighed"]}
    for part in decision["parts"]:
        if part["verdict"] != "allow":
            continue
        statements = [
            {"about": answer["about"], "kind": answer["kind"], "text": answer["text"]}
            for answer in answers
            if (answer["question"], answer["category"]) == (part["question"], part["category"])
            and (part["question"], part["category"], answer["about"], answer["kind"]) in weighed
            and (answer["about"] == part["person"] or (part["question"], answer["about"]) not in stripped)
        ]
        if not statements:
            raise SealError("an allowed part has no answer", code="seal.no_answer")
        yield {name: part[name] for name in _PART}, canonical({"v": 1, "statements": statements})


def open_parts(
    request: str, opening: Mapping[str, Any], keys: PersonalKeys, vkey: str, *, now: datetime
) -> list[dict[str, Any]]:
    """Return the parts that were handed out, opened, each with its statements.

    `opening` is the answer of POST /v1/requests/{id}/opening. Raises what `verify_release` raises, and SignatureError
    or SealError when a part is not what the responder sealed for this person and request; then none is shown.
    """
    verify_release(request, opening, vkey, now=now)
    return [
        {
            **{name: part[name] for name in _PART},
            "statements": statements_in(
                open_sealed(
                    sealed=decode_base64(part["sealed"]),
                    context=_context(
                        {**opening, "id": request}, part, part["recipient"], decision=opening["sealed_under"]
                    ),
                    private=keys.opening_key,
                    responder_public=decode_base64(opening["responder_public"]),
                )
            ),
        }
        for part in opening["parts"]
    ]


def statements_in(plaintext: bytes) -> list[dict[str, str]]:
    """Return the statements of one part; what it says may not change which part it is, so there is nothing else in it.

    Raises SealError for anything but `{"v": 1, "statements": […]}` with about, kind and text as texts, ParseError for
    what is no canonical JSON.
    """
    content = parse_canonical(plaintext)
    said = content.get("statements") if isinstance(content, dict) and content.get("v") == 1 else None
    if not isinstance(said, list) or not all(map(_is_statement, said)):
        raise SealError("the part does not hold statements as a part does")
    return [{name: statement[name] for name in _STATEMENT} for statement in said]


def _is_statement(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(name), str) for name in _STATEMENT)


def _context(request: Mapping[str, Any], part: Mapping[str, str], recipient: str, *, decision: str) -> SealContext:
    return SealContext(
        request=request["id"],
        question=part["question"],
        category=part["category"],
        person=part["person"],
        decision=decision,
        requester=request["requester"],
        responder=request["responder"],
        recipient=recipient,
    )

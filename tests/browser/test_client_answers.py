"""What the browser seals of an answer is what the Python client seals of it, and either opens what the other sealed."""

from __future__ import annotations

from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from browsing import BrowserClient, Refusal, outcome
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from broker.client.parts import open_parts, seal_parts
from broker.crypto import seal
from broker.crypto.canonical import canonical, parse_canonical
from broker.crypto.checkpoint import Checkpoint, format_checkpoint
from broker.crypto.keyfile import PersonalKeys
from broker.crypto.merkle import leaf_hash
from broker.crypto.note import VerifierKey, format_note, format_verifier_key, sign_note
from broker.domain.directory import StaffKey
from broker.domain.release import Release, SealedPart
from broker.kernel.errors import BrokerError, IntegrityError

RESPONDER = bytes(range(64))
RECIPIENTS = [bytes([number]) * 64 for number in (1, 2, 3)]
LOG_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = VerifierKey("log.example", LOG_KEY.public_key().public_bytes_raw())
VKEY = format_verifier_key(LOG)
QUESTIONS, PEOPLE = ("q1", "q2"), ("child", "mother", "father")
CATEGORIES, KINDS = ("veiligheid", "gez_kern"), ("fact", "opinion")


def previewed(
    parts: list[dict[str, str]], weighed: list[dict[str, str]], reasons: list[dict[str, str | None]] | None = None
) -> dict[str, Any]:
    keys = [PersonalKeys.from_seeds(seeds) for seeds in RECIPIENTS]
    return {
        "request": {"id": "req_1", "requester": "org:vt", "responder": "org:gp"},
        "decision": {"id": "dec_1", "parts": parts, "reasons": reasons or []},
        "recipients": [recipient(f"staff:{number}", key) for number, key in enumerate(keys)],
        "log": VKEY,
        "weighed": weighed,
    }


def recipient(staff: str, key: PersonalKeys, **changed: Any) -> dict[str, Any]:
    """Return somebody to seal to, with his key in a log of this one event."""
    enrolled = StaffKey(
        key_id=key.key_id,
        staff=staff,
        public_opening=key.public_opening,
        public_signing=key.public_signing,
        enrolled_at=datetime.now(UTC),
    )
    told = {"organisation": "org:vt", "by": "staff:second", **changed}
    confirmed = enrolled.confirmed(**told, at=datetime.now(UTC), event="evt_1")
    return {
        "key_id": key.key_id,
        "public_opening": b64encode(key.public_opening).decode(),
        "binding": confirmed.binding(),
        "salt": b64encode(confirmed.salt or b"").decode(),
        "event": logged({"manifest": confirmed.commitment()}, tag="directory:key:confirmed"),
    }


def sealed_by_python(preview: dict[str, Any], answers: list[dict[str, str]]) -> list[dict[str, str]]:
    return seal_parts(preview, answers, PersonalKeys.from_seeds(RESPONDER), VKEY)


def opened_by_python(told: dict[str, Any], seeds: bytes) -> list[dict[str, Any]]:
    return open_parts("req_1", told, PersonalKeys.from_seeds(seeds), VKEY, now=datetime.now(UTC))


def sealed_by_browser(browser: BrowserClient, preview: dict[str, Any], answers: list[dict[str, str]]) -> Any:
    return browser("sealAnswers", preview, answers, RESPONDER, VKEY)


def contents(preview: dict[str, Any], sealed: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return what is in sealed parts, each opened by the key it names, in their order."""
    keys = {key.key_id: key for key in map(PersonalKeys.from_seeds, RECIPIENTS)}
    found = []
    for part in sealed:
        context = seal.SealContext(
            **{name: part[name] for name in ("question", "category", "person", "recipient")},
            request=preview["request"]["id"],
            decision=preview["decision"]["id"],
            requester=preview["request"]["requester"],
            responder=preview["request"]["responder"],
        )
        plaintext = seal.open_sealed(
            sealed=b64decode(part["sealed"]),
            context=context,
            private=keys[part["recipient"]].opening_key,
            responder_public=PersonalKeys.from_seeds(RESPONDER).public_signing,
        )
        found.append({**part, "sealed": parse_canonical(plaintext)})
    return found


def opening(preview: dict[str, Any], sealed: list[dict[str, str]], recipient: bytes) -> dict[str, Any]:
    """Return what the server hands to this recipient, with the release in a log of this one event."""
    own, signing = (
        PersonalKeys.from_seeds(recipient).key_id,
        PersonalKeys.from_seeds(RESPONDER).public_signing,
    )
    release = Release(
        id="rel_1",
        request=preview["request"]["id"],
        decision=preview["decision"]["id"],
        responder_public=signing,
        released_at=datetime.now(UTC),
        expires_at=datetime.now(UTC) + timedelta(days=7),
        event="evt_1",
        parts=tuple(SealedPart(**{**part, "sealed": b64decode(part["sealed"])}) for part in sealed),
        salt=bytes(32),
    )
    return {
        "decision": {},
        "sealed_under": release.decision,
        "requester": preview["request"]["requester"],
        "responder": preview["request"]["responder"],
        "responder_public": b64encode(signing).decode(),
        "manifest": release.manifest(),
        "salt": b64encode(bytes(32)).decode(),
        "event": logged({"request": release.request, "manifest": release.commitment()}),
        "log": VKEY,
        "parts": [part for part in sealed if part["recipient"] == own],
        "closed": [],
        "to_earlier_key": 0,
    }


def logged(said: dict[str, Any], tag: str = "request:answer:released") -> dict[str, Any]:
    """Return an event, the only one in its log, with its proof."""
    entry = canonical({"id": "evt_1", "tag": tag, **said})
    text = format_checkpoint(Checkpoint(LOG.name, 1, leaf_hash(entry)))
    note = sign_note(text, name=LOG.name, public=LOG.public, sign=LOG_KEY.sign)
    return {
        "id": "evt_1",
        "tag": tag,
        "index": 0,
        "entry": b64encode(entry).decode(),
        "detail": None,
        "salt": None,
        "checkpoint": format_note(note),
        "proof": [],
    }


def statements_of(number: int) -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return a part, what was weighed for it and what was typed."""
    part = {"question": f"q{number}", "category": "veiligheid", "person": "child"}
    weighed = {"question": part["question"], "category": "veiligheid", "about": "child", "kind": "fact"}
    return {**part, "verdict": "allow"}, weighed, {**weighed, "text": f"Antwoord {number} over Zoë. " * number}


TEN = [statements_of(number) for number in range(10)]
TEN_PREVIEWED = previewed([part for part, _, _ in TEN], [weighed for _, weighed, _ in TEN])
TEN_ANSWERS = [answer for _, _, answer in TEN]


def test_python_opens_ten_parts_that_the_browser_sealed_for_three(browser: BrowserClient) -> None:
    sealed = sealed_by_browser(browser, TEN_PREVIEWED, TEN_ANSWERS)
    assert len(sealed) == 30
    for recipient in RECIPIENTS:
        opened = opened_by_python(opening(TEN_PREVIEWED, sealed, recipient), recipient)
        assert [part["statements"][0]["text"] for part in opened] == [answer["text"] for answer in TEN_ANSWERS]


def test_browser_opens_ten_parts_that_python_sealed_for_three(browser: BrowserClient) -> None:
    sealed = sealed_by_python(TEN_PREVIEWED, TEN_ANSWERS)
    for recipient in RECIPIENTS:
        told = opening(TEN_PREVIEWED, sealed, recipient)
        expected = opened_by_python(told, recipient)
        assert browser("openAnswer", "req_1", told, recipient, VKEY) == expected


ROW = {"question": st.sampled_from(QUESTIONS), "category": st.sampled_from(CATEGORIES)}
PART = st.fixed_dictionaries(
    {**ROW, "person": st.sampled_from(PEOPLE), "verdict": st.sampled_from(["allow", "allow", "withhold"])}
)
WEIGHED = st.fixed_dictionaries({**ROW, "about": st.sampled_from(PEOPLE), "kind": st.sampled_from(KINDS)})
ANSWER = st.builds(lambda row, text: {**row, "text": text}, WEIGHED, st.text(st.characters(exclude_categories=["Cs"])))
REASON = st.fixed_dictionaries({"question": st.sampled_from([*QUESTIONS, None]), "person": st.sampled_from(PEOPLE)})


@given(
    parts=st.lists(PART, min_size=1, max_size=3),
    weighed=st.lists(WEIGHED, min_size=4, max_size=12),
    strangers=st.lists(ANSWER, max_size=4),
    reasons=st.lists(REASON, max_size=2),
)
@settings(max_examples=60)
def test_browser_seals_of_an_answer_what_python_seals_of_it(
    browser: BrowserClient,
    parts: list[dict[str, str]],
    weighed: list[dict[str, str]],
    strangers: list[dict[str, str]],
    reasons: list[dict[str, str | None]],
) -> None:
    answers = [{**row, "text": f"gewogen {number}"} for number, row in enumerate(weighed)] + strangers
    preview = previewed(parts, weighed[::2], reasons)
    expected = outcome(lambda: contents(preview, sealed_by_python(preview, answers)))
    assert outcome(lambda: contents(preview, sealed_by_browser(browser, preview, answers))) == expected


def exchanged(preview: dict[str, Any]) -> dict[str, Any]:
    first, second, third = preview["recipients"]
    return {**preview, "recipients": [{**first, "public_opening": second["public_opening"]}, second, third]}


def broken(preview: dict[str, Any]) -> dict[str, Any]:
    return {**preview, "recipients": [{**preview["recipients"][0], "public_opening": "AAAA"}]}


@pytest.mark.parametrize(
    ("preview", "answers", "code"),
    [
        (TEN_PREVIEWED, TEN_ANSWERS[1:], "seal.no_answer"),
        (exchanged(TEN_PREVIEWED), TEN_ANSWERS, "integrity.key"),
        (broken(TEN_PREVIEWED), TEN_ANSWERS, "input.malformed"),
        (TEN_PREVIEWED, [{**TEN_ANSWERS[0], "text": "a" * 1_048_576}, *TEN_ANSWERS[1:]], "seal.too_large"),
    ],
    ids=["an answer less", "another's key", "no key", "more than a megabyte"],
)
def test_browser_and_python_refuse_to_seal_with(
    browser: BrowserClient, preview: dict[str, Any], answers: list[dict[str, str]], code: str
) -> None:
    with pytest.raises(BrokerError) as expected:
        sealed_by_python(preview, answers)
    with pytest.raises(Refusal) as refused:
        sealed_by_browser(browser, preview, answers)
    assert (refused.value.name, refused.value.code) == (type(expected.value).__name__, expected.value.code)
    assert refused.value.code == code


def test_browser_and_python_seal_only_to_who_the_log_says_is_the_requester_s(browser: BrowserClient) -> None:
    own, other = (PersonalKeys.from_seeds(seeds) for seeds in RECIPIENTS[:2])
    right = recipient("staff:1", own)
    forged_key = {"key_id": other.key_id, "public_opening": b64encode(other.public_opening).decode()}
    forged = {**right["binding"], "key": other.key_id, "opening": sha256(other.public_opening).hexdigest()}
    released = logged({"manifest": parse_canonical(b64decode(right["event"]["entry"]))["manifest"]})
    for lie in (
        {**right, **forged_key},
        {**right, **forged_key, "binding": forged},
        {**right, "salt": b64encode(b"s" * 32).decode()},
        {**right, "event": {**right["event"], "proof": None}},
        {**right, "event": released},
        {**right, "event": logged({}, tag="directory:key:confirmed")},
        recipient("staff:1", own, organisation="org:other"),
        recipient("staff:1", own, by="staff:1"),
    ):
        preview = {**TEN_PREVIEWED, "recipients": [lie]}
        with pytest.raises(IntegrityError) as expected:
            sealed_by_python(preview, TEN_ANSWERS)
        with pytest.raises(Refusal) as refused:
            sealed_by_browser(browser, preview, TEN_ANSWERS)
        assert (refused.value.name, refused.value.code) == (type(expected.value).__name__, expected.value.code), lie
    assert sealed_by_python({**TEN_PREVIEWED, "recipients": [right]}, TEN_ANSWERS)


@pytest.mark.parametrize("name", ["question", "person", "category", "recipient"])
def test_browser_does_not_open_a_part_that_was_handed_out_as_another(browser: BrowserClient, name: str) -> None:
    sealed = sealed_by_python(TEN_PREVIEWED, TEN_ANSWERS)
    told = opening(TEN_PREVIEWED, sealed, RECIPIENTS[0])
    swapped = {**told, "parts": [{**part, name: "another"} for part in told["parts"]]}
    released_so = opening(TEN_PREVIEWED, [{**part, name: "another"} for part in sealed], RECIPIENTS[0])
    for handed, refusal in (
        (swapped, "IntegrityError"),
        ({**released_so, "parts": swapped["parts"]}, "SignatureError"),
    ):
        with pytest.raises(Refusal) as refused:
            browser("openAnswer", "req_1", handed, RECIPIENTS[0], VKEY)
        assert refused.value.name == refusal


def test_browser_and_python_open_only_what_the_log_says_was_released(browser: BrowserClient) -> None:
    told = opening(TEN_PREVIEWED, sealed_by_python(TEN_PREVIEWED, TEN_ANSWERS), RECIPIENTS[0])
    again = opening(TEN_PREVIEWED, sealed_by_python(TEN_PREVIEWED, TEN_ANSWERS), RECIPIENTS[0])
    other = b64encode(PersonalKeys.from_seeds(RECIPIENTS[1]).public_signing).decode()
    changed = canonical({**parse_canonical(b64decode(told["event"]["entry"])), "request": "req_2"})
    for lie in (
        {"parts": again["parts"]},
        {"responder_public": other},
        {"sealed_under": "dec_2"},
        {"manifest": again["manifest"]},
        {"manifest": {**told["manifest"], "signing": other}, "responder_public": other},
        {"salt": b64encode(b"s" * 32).decode()},
        {"event": {**told["event"], "entry": b64encode(changed).decode()}},
        {"event": logged({"request": "req_2", "manifest": None})},
        {"event": logged({"request": "req_1"})},
        {"event": {**told["event"], "proof": None}},
    ):
        with pytest.raises(IntegrityError) as expected:
            opened_by_python({**told, **lie}, RECIPIENTS[0])
        with pytest.raises(Refusal) as refused:
            browser("openAnswer", "req_1", {**told, **lie}, RECIPIENTS[0], VKEY)
        assert (refused.value.name, refused.value.code) == (type(expected.value).__name__, expected.value.code), lie


@pytest.mark.parametrize(
    "content",
    [
        {"v": 2, "statements": []},
        {"statements": []},
        {"v": 1, "statements": {}},
        {"v": 1, "statements": [{"about": "child", "kind": "fact"}]},
        {"v": 1, "statements": ["tekst"]},
        [],
    ],
    ids=str,
)
def test_browser_shows_nothing_of_a_part_that_holds_something_else(browser: BrowserClient, content: object) -> None:
    own, responder = PersonalKeys.from_seeds(RECIPIENTS[0]), PersonalKeys.from_seeds(RESPONDER)
    part = {"question": "q1", "category": "veiligheid", "person": "child", "recipient": own.key_id}
    context = seal.SealContext(request="req_1", decision="dec_1", requester="org:vt", responder="org:gp", **part)
    recipient = seal.RecipientKey(own.public_opening)
    sealed = seal.seal(plaintext=canonical(content), context=context, recipient=recipient, sign=responder.sign)
    told = opening(TEN_PREVIEWED, [{**part, "sealed": b64encode(sealed).decode()}], RECIPIENTS[0])
    with pytest.raises(Refusal) as refused:
        browser("openAnswer", "req_1", told, RECIPIENTS[0], VKEY)
    assert (refused.value.name, refused.value.code) == ("SealError", "integrity.seal")

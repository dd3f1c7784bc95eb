"""`broker explain`: a decision in plain words, with the law behind it and what would honestly help."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from broker import words
from broker.client.explain import paint_for, wrapped
from broker.commands.output import read_document, show, spoken
from broker.kernel.errors import InputError
from broker.policy.bundle import load_bundle, policies_path
from broker.policy.change import Change
from broker.policy.explain import Explanation, Help, explain
from broker.policy.installed import installed_gate
from broker.policy.law import article_of, link_of, reason_on, row_on, source_of
from broker.words.text import Words

Language = Literal["nl", "en"]


def explain_decision(
    file: Annotated[Path, typer.Argument(help="A decision document.")],
    language: Annotated[Language, typer.Option(help="In which language.")] = "nl",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: codes, texts and changes as JSON.")] = False,
) -> None:
    """Explain the decision on a document in plain words.

    Why, by which article, what would help and by whom; exit codes as decide. What helps is found by asking the policy.
    It never suggests a fact that may not be so without saying "if it is so", nor to ask somebody again who has refused.
    """
    with spoken(exit_code=3):
        document = read_document(file)
        if not isinstance(document, dict):
            raise InputError("a decision document is a JSON object", code="input.schema", errors=("/: no object",))
        data = load_bundle(policies_path()).data
        gate = installed_gate()
        gate.document(document)
        day = date.fromisoformat(document["now"][:10])
        found = explain(document, gate.document, roles=_roles(document, data, day))
        if as_json:
            show(_as_json(found, data["law"], day))
            return
        for line in _as_text(found, data["law"], day, language):
            typer.echo(line)


def _roles(document: Mapping[str, Any], data: Mapping[str, Any], day: date) -> Sequence[str]:
    if document["stage"] == "answer":
        return list(data["parameters"]["roles"]["answering"])
    asking = data["law"]["organisations"].get(document.get("requester", {}).get("type"), {})
    return list(row_on(asking["asks"], day)["roles"]) if "asks" in asking else []


def _as_json(found: Explanation, law: Mapping[str, Any], day: date) -> dict[str, Any]:
    rows = {reason["code"]: reason_on(reason["code"], law, day) for reason in found.decision["reasons"]}
    return {
        "outcome": found.decision["outcome"],
        "reasons": [
            {
                **reason,
                "by": rows[reason["code"]]["by"],
                "says": _both(words.explain_reason(reason["code"], reason["remedy"]).what),
                "advice": _both(words.explain_reason(reason["code"], reason["remedy"]).advice),
                "article": article_of(source_of(rows[reason["code"]], law)),
                "link": link_of(source_of(rows[reason["code"]], law)),
            }
            for reason in found.decision["reasons"]
        ],
        "referrals": found.decision["referrals"],
        "helps": [
            {"part": _part(help_.part), "changes": [_change(change) for change in help_.changes]}
            for help_ in found.helps
        ],
        "helpless": [_part(part) for part in found.helpless],
        "complete": found.complete,
    }


def _part(part: tuple[str, str] | None) -> dict[str, str] | None:
    return {"question": part[0], "category": part[1]} if part else None


def _change(change: Change) -> dict[str, Any]:
    return {
        "change": change.name,
        "by": change.by,
        "only_if_so": change.only_if_so,
        "asks": list(change.asks),
        "says": _both(words.change_words(change.kind, change.what, change.asks)),
    }


def _both(said: Words) -> dict[str, str]:
    return {"nl": said.nl, "en": said.en}


_HEADS: Mapping[str, Words] = {
    "outcome": Words("Besluit: ", "Decision: "),
    "why": Words("Waarom:", "Why:"),
    "helps": Words("Wat helpt:", "What helps:"),
    "part": Words("voor vraag {}, {}", "for question {}, {}"),
    "or": Words("of:", "or:"),
    "curable": Words("Te herstellen door {}.", "Can be put right by {}."),
    "final": Words("Dit is niet te herstellen.", "This cannot be put right."),
    "helpless": Words("Niemand kan dit met een eerlijke stap veranderen.", "Nobody can change this by an honest step."),
    "bound": Words("Er zijn misschien nog andere wegen.", "There may be other ways."),
}


def _as_text(found: Explanation, law: Mapping[str, Any], day: date, language: Language) -> Iterator[str]:
    paint = paint_for(sys.stdout)

    def say(said: Words) -> str:
        return said.nl if language == "nl" else said.en

    def head(name: str) -> str:
        return say(_HEADS[name])

    outcome = words.outcome_words(found.decision["outcome"], parts=bool(found.decision["parts"]))
    yield from wrapped(head("outcome"), say(outcome), paint=paint, as_="bold")
    if found.decision["reasons"]:
        yield head("why")
    for code, remedy in dict.fromkeys((r["code"], r["remedy"]) for r in found.decision["reasons"]):
        reason, explained = reason_on(code, law, day), words.explain_reason(code, remedy)
        yield from wrapped("  - ", say(explained.what))
        yield from wrapped("    ", f"{article_of(source_of(reason, law))} ({code})")
        by = words.words_for(words.PARTIES, reason["by"] or "")
        yield from wrapped("    ", head("curable").format(say(by)) if reason["curable"] else head("final"))
        yield from wrapped("    ", say(explained.advice))
    for referral in found.decision["referrals"]:
        yield from wrapped("  > ", say(words.words_for(words.REFERRALS, referral)))
    if found.helps:
        yield head("helps")
    yield from _helps(found.helps, say)
    for part in found.helpless:
        yield from wrapped("  x ", head("helpless") + _for(part, say))
    if not found.complete:
        yield from wrapped("  ", head("bound"))


def _for(part: tuple[str, str] | None, say: Any) -> str:
    if part is None:
        return ""
    return f" ({say(_HEADS['part']).format(part[0], say(words.words_for(words.CATEGORIES, part[1])))})"


def _helps(helps: Sequence[Help], say: Any) -> Iterator[str]:
    before: Help | None = None
    for one in helps:
        if before is None or before.part != one.part:
            if one.part:
                yield from wrapped("  ", _for(one.part, say).strip())
        else:
            yield f"    {say(_HEADS['or'])}"
        for change in one.changes:
            by = say(words.words_for(words.PARTIES, change.by))
            said = words.change_words(change.kind, change.what, change.asks)
            yield from wrapped("    * ", f"{say(said)} ({by})")
        before = one

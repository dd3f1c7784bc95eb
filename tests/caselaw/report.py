"""Writes REPORT.md: per ruling what was asked, what the policy says, what the tribunal found, and how the two compare.

Run it as a program after a change of a ruling, the mapping or the policies: `python tests/caselaw/report.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comparison import RULES, Comparison, compare
from reading import Said, goes, refusing, said_of
from ruling import HERE, facts_of, load_mapping, load_rulings

from broker import words
from broker.policy.bundle import load_bundle, policies_path
from broker.policy.gate import PolicyGate
from broker.policy.installed import installed_gate

REPORT = HERE / "REPORT.md"
_HEAD = """# What the policies say to what tribunals have judged

Made by `python tests/caselaw/report.py`; not written by hand. How to read it, and what "as told", "the rest in order"
and the last column mean: [README.md](README.md). A ruling is *decidable* when enough of its facts are coded for the
comparison to say something; for those the policy must never be more lenient than the tribunal.
"""


@dataclass(frozen=True)
class Judged:
    """A ruling with what the policy says of each of its releases, and the comparison."""

    ruling: Mapping[str, Any]
    said: tuple[Said, ...]
    comparison: Comparison


def judged_by(gate: PolicyGate) -> list[Judged]:
    """Return every ruling, judged by the policy as well."""
    mapping = load_mapping()
    judged = []
    for ruling in load_rulings():
        said = tuple(said_of(facts_of(ruling), mapping["rulings"][ruling["ecli"]], mapping, gate))
        judged.append(Judged(ruling, said, compare(said, ruling)))
    return judged


def report(judged: Sequence[Judged], law: Mapping[str, Any]) -> str:
    """Return the text of REPORT.md."""
    lines = [_HEAD, *_overview(judged), "", *_rules(), ""]
    for one in judged:
        lines += [*_chapter(one, law), ""]
    return "\n".join(lines)


def _overview(judged: Sequence[Judged]) -> Iterator[str]:
    for title, chosen in (
        ("decidable", [one for one in judged if one.ruling["notes"]["decidable"]]),
        ("others", [one for one in judged if not one.ruling["notes"]["decidable"]]),
    ):
        counted = Counter(one.comparison.verdict for one in chosen)
        yield f"- {len(chosen)} {title}: " + ", ".join(
            f"{number} {verdict}" for verdict, number in sorted(counted.items())
        )
    yield ""
    yield "| ruling | asked by | answered by | decidable | as told | the rest in order | acceptable | the policy |"
    yield "|---|---|---|---|---|---|---|---|"
    for one in judged:
        by = _once(one.said, lambda said: said.release.requester)
        to = _once(one.said, lambda said: said.release.responder)
        cells = [
            f"[{one.ruling['ecli']}](#{_anchor(one.ruling['ecli'])})", by.replace("_", " "), to.replace("_", " "),
            "yes" if one.ruling["notes"]["decidable"] else "no",
            _once(one.said, lambda said: said.as_told["outcome"]),
            _once(one.said, lambda said: said.rest_in_order["outcome"]),
            _ACCEPTED[one.ruling["outcome"]["release_acceptable"]], one.comparison.verdict,
        ]  # fmt: skip
        yield f"| {' | '.join(cells)} |"


_ACCEPTED = {"yes": "yes", "partly": "in part", "no": "no"}


def _once(said: Iterable[Said], part: Any) -> str:
    return ", ".join(dict.fromkeys(part(one) for one in said))


def _anchor(ecli: str) -> str:
    return "".join(letter for letter in ecli.lower() if letter.isalnum() or letter in "-_")


def _rules() -> Iterator[str]:
    yield "## The bridge between the two"
    yield ""
    yield "| rule of the tribunals | says | codes of the policies |"
    yield "|---|---|---|"
    for name, rule in RULES.items():
        yield f"| {name} | {rule.says} | {', '.join(rule.codes) or 'none'} |"


def _chapter(one: Judged, law: Mapping[str, Any]) -> Iterator[str]:
    ruling, found = one.ruling, one.ruling["outcome"]
    yield f"## {ruling['ecli']}"
    yield ""
    yield f"{ruling['court']}, {ruling['date']}; [where it is]({ruling['url']}). Professional: {ruling['profession']}."
    yield ""
    yield f"**Asked.** {_asked_by(ruling)}. {_told(ruling)}"
    yield ""
    for said in one.said:
        yield from _policy(said, law)
        yield ""
    yield f"**The tribunal**: release acceptable: {_ACCEPTED[found['release_acceptable']]}. {found['reasoning']}"
    yield ""
    yield f"**Compared: the policy {_verb(one.comparison.verdict)}.**"
    yield ""
    yield from (f"- {line}" for line in one.comparison.why or ("Nothing was held against or for the professional.",))


def _verb(verdict: str) -> str:
    return verdict if verdict.startswith("agrees") else f"is {verdict}"


def _asked_by(ruling: Mapping[str, Any]) -> str:
    who = ruling["requester"]["organisation_type"].removeprefix("multiple: ").replace("_", " ")
    return f"By {who}: {ruling['requester']['capacity']}"


def _told(ruling: Mapping[str, Any]) -> str:
    disclosed = ruling["disclosed"]
    what = ", ".join(word.replace("_", " ") for word in disclosed["categories"]) or "what, is not told"
    return f"Told about {', '.join(disclosed['about'])}: {what}."


def _policy(said: Said, law: Mapping[str, Any]) -> Iterator[str]:
    release = said.release
    purpose = words.words_for(words.PURPOSES, release.purpose).en
    to = f"{release.requester} to {release.responder}".replace("_", " ")
    yield f"**The policy**, {to}, {purpose}:"
    yield ""
    yield f"- as told: {_outcome(said.as_told)} {_codes(refusing(said.as_told, release))}"
    yield f"- the rest in order: {_outcome(said.rest_in_order)}{_lets(said)}"
    for reason in dict.fromkeys((entry["code"], entry["remedy"]) for entry in said.rest_in_order["reasons"]):
        yield f"  - {reason[0]}: {words.explain_reason(*reason).what.en} ({_article(reason[0], law)})"
    if release.document["stage"] == "answer":
        yield from (f"  - {step}: {words.words_for(words.STEPS, step).en}" for step in said.rest_in_order["todo"])
    for code in said.rest_in_order["referrals"]:
        yield f"  - {code}: {words.words_for(words.REFERRALS, code).en}"
    for ground in said.rest_in_order["grounds"]:
        yield f"  - ground: {words.words_for(words.GROUNDS, ground['code']).en}"
    duties = dict.fromkeys((entry["code"], entry["on"]) for entry in said.rest_in_order["obligations"])
    if duties:
        yield "  - duties: " + "; ".join(f"{code} on the {on.replace('_', ' ')}" for code, on in duties)
    if _alone(said.standing):
        yield f"- facts told and what each carries: {_by_codes(_alone(said.standing))}"
    if said.missing:
        yield f"- missing facts and what each brings: {_by_codes(said.missing)}"


def _outcome(decision: Mapping[str, Any]) -> str:
    return f"`{decision['outcome']}`. {words.words_for(words.OUTCOMES, decision['outcome']).en}"


def _lets(said: Said) -> str:
    verdicts = [part["verdict"] for part in said.rest_in_order["parts"]]
    if goes(said.rest_in_order, said.release) or "allow" not in verdicts:
        return ""
    return f" {verdicts.count('allow')} of {len(verdicts)} parts."


def _codes(codes: frozenset[str]) -> str:
    return f"({', '.join(sorted(codes))})" if codes else ""


def _article(code: str, law: Mapping[str, Any]) -> str:
    source = law["sources"][law["reasons"][code]["source"]]
    return f"{source['title']}, {source['article']}" if source["article"] else str(source["title"])


def _alone(standing: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    return {fact: codes for fact, codes in standing.items() if "." in fact}


def _by_codes(facts: Mapping[str, frozenset[str]]) -> str:
    by_codes: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for fact, codes in sorted(facts.items()):
        by_codes[tuple(sorted(codes))].append(f"`{fact}`")
    return "; ".join(f"{', '.join(names)} ({', '.join(codes)})" for codes, names in sorted(by_codes.items()))


if __name__ == "__main__":
    gate = installed_gate()
    REPORT.write_text(report(judged_by(gate), load_bundle(policies_path()).data["law"]), encoding="utf-8")

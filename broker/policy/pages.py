"""A page for each dimension of the policies and each table of law, written from the policies and their cases.

What a rule requires is its own METADATA, why is its source, when it refuses and what it obliges are the words of its
codes, and the examples are the cases that `make test` holds every engine to. Nothing is said twice by hand, so a page
cannot say what the rules do not; `make test` fails when a page is not what would be written now. The pages are in
Dutch, for the lawyer who reads them; what a code says to people has its English translation behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import yaml

from broker.policy.law_pages import (
    KINDS,
    both,
    case_codes,
    ceilings,
    duties,
    examples,
    grounds,
    operations,
    organisations,
    pairs,
    reasons,
    sources,
    table,
)
from broker.words import EXCEPTIONS, GROUNDS, OBLIGATIONS, OUTCOMES, REFERRALS, STEPS, Words, explain_reason

MADE = "<!-- Door `broker policy pages` geschreven uit het beleid. Wijzig het beleid. -->\n\n"


@dataclass(frozen=True, slots=True)
class Rule:
    """One METADATA block of a policy: the name of the rule under it, and what the block says."""

    name: str
    about: Mapping[str, Any]

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the codes that the rule can give."""
        custom = self.about.get("custom", {})
        return tuple(custom.get("codes") or ([custom["code"]] if "code" in custom else []))


def pages(policies: Path) -> Mapping[str, str]:
    """Return the text of every page by its file name, from the sources of the policies."""
    tables = {
        path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((policies / "data" / "law").glob("*/data.yaml"))
    }
    dimensions = {path.stem: _rules(path) for path in sorted((policies / "sharing").rglob("*.rego"))}
    cases = {
        path.parent.name: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted((policies / "sharing").glob("*/cases.yaml"))
    }
    everything = list(chain.from_iterable(cases.values()))
    written = {
        **{
            f"{name}.md": _dimension(name, rules, cases.get(name, []), everything) for name, rules in dimensions.items()
        },
        "reasons.md": reasons(tables, everything),
        "grounds.md": grounds(tables),
        "pairs.md": pairs(tables),
        "organisations.md": organisations(tables),
        "operations.md": operations(tables),
        "ceilings.md": ceilings(tables),
        "duties.md": duties(tables),
        "sources.md": sources(tables),
        "README.md": _index(dimensions),
    }
    return {name: MADE + text for name, text in written.items()}


def write_pages(policies: Path) -> tuple[str, ...]:
    """Write every page below `policies/pages`, remove those that are no longer written, and return their names."""
    folder, written = policies / "pages", pages(policies)
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.md"):
        if path.name not in written:
            path.unlink()
    for name, text in written.items():
        (folder / name).write_text(text, encoding="utf-8")
    return tuple(written)


def _rules(path: Path) -> tuple[Rule, ...]:
    """Return the METADATA blocks of one file in order; the first is that of the package."""
    rules = []
    for block in path.read_text(encoding="utf-8").split("# METADATA\n")[1:]:
        lines = block.split("\n")
        length = next(number for number, line in enumerate(lines) if not line.startswith("#"))
        name = re.split(r"\W", lines[length].removeprefix("default "))[0]
        rules.append(Rule(name, yaml.safe_load("\n".join(line[2:] for line in lines[:length]))))
    return tuple(rules)


def _dimension(name: str, rules: Sequence[Rule], own: Sequence[Any], cases: Sequence[Any]) -> str:
    package, *others = rules
    parts = [
        f"# {package.about['title']}\n",
        f"{package.about['description']}\n",
        f"Bron: {package.about['custom']['source']}. "
        f"Regels: [{name}.rego](../sharing/{name}/{name}.rego)."
        + (f" Voorbeelden: [cases.yaml](../sharing/{name}/cases.yaml).\n" if own else "\n"),
        *(_rule(rule, own, cases) for rule in others if "title" in rule.about),
    ]
    if own:
        head = ("voorbeeld", "gaat uit van", "uitkomst", "codes")
        parts += ["## Alle voorbeelden bij deze regels\n", table(head, _rows(own))]
    return "\n".join(parts)


def _rule(rule: Rule, own: Sequence[Any], cases: Sequence[Any]) -> str:
    custom = rule.about.get("custom", {})
    lines = [f"## {rule.about['title']} (`{rule.name}`)\n"]
    if "description" in rule.about:
        lines.append(f"{rule.about['description']}\n")
    if "source" in custom:
        kind = f" ({KINDS[custom['kind']]})" if "kind" in custom else ""
        lines.append(f"Waarom: {custom['source']}{kind}.\n")
    for code in rule.codes:
        lines.append(f"**{code}** {_code(code)}\n")
        lines += examples(code, [*own, *cases])
    return "\n".join(lines)


def _code(code: str) -> str:
    """Return what a code says to people: a refusal with its advice, a duty, a referral, a step or an exception."""
    if code.startswith("DN-"):
        explained = explain_reason(code)
        return f"{explained.what.nl} {explained.advice.nl} *{explained.what.en} {explained.advice.en}*"
    tables = (OBLIGATIONS, REFERRALS, STEPS, EXCEPTIONS, GROUNDS)
    return both(next((table[code] for table in tables if code in table), Words(code, code)))


def _rows(cases: Sequence[Any]) -> Iterator[tuple[str, ...]]:
    for case in cases:
        yield case["name"], f"`{case['base']}`", f"`{case['outcome']}`", ", ".join(sorted(case_codes(case)))


_TABLES = {
    "pairs": "paren",
    "organisations": "organisaties",
    "grounds": "gronden",
    "ceilings": "plafonds",
    "reasons": "redenen",
    "duties": "verplichtingen",
    "operations": "handelingen",
    "sources": "bronnen",
}


def _index(dimensions: Mapping[str, Sequence[Rule]]) -> str:
    rows = [
        (f"[{rules[0].about['title']}]({name}.md)", rules[0].about["description"])
        for name, rules in sorted(dimensions.items(), key=lambda entry: entry[1][0].about["title"])
    ]
    outcomes = [(f"`{code}`", both(words)) for code, words in OUTCOMES.items()]
    return "\n".join(
        [
            "# Het beleid, pagina voor pagina\n",
            "De tabellen van het recht: " + ", ".join(f"[{say}]({name}.md)" for name, say in _TABLES.items()) + ".\n",
            table(("regels", "waarover"), rows),
            "Uitkomsten:\n",
            table(("uitkomst", "betekenis"), outcomes),
        ]
    )

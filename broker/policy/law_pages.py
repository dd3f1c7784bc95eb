"""The pages about the tables of law: reasons, grounds, pairs, ceilings, duties and sources, as Markdown.

Each function takes the tables as they are in `policies/data/law` and returns the text of one page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from broker.words import (
    CATEGORIES,
    EXCEPTIONS,
    GROUNDS,
    OBLIGATIONS,
    ORGANISATIONS,
    PARTIES,
    PURPOSES,
    REFERRALS,
    REMEDIES,
    Words,
    explain_reason,
    words_for,
)

Tables = Mapping[str, Any]
"""The tables of law by name."""

KINDS = {"LAW": "law", "CODE": "professional code", "POLICY": "a choice of this project where the law leaves one"}
EXAMPLES = 3
"""How many cases an explanation shows; all of them lie beside the rules."""

WETTEN = "https://wetten.overheid.nl/"
_CODES = ("reasons", "obligations", "referrals", "todo", "exceptions", "grounds")


def reasons(tables: Tables, cases: Sequence[Any]) -> str:
    """Return the page of every reason for a refusal: what can be done, by whom, the law, and cases."""
    parts = [
        "# Why not: the reasons for a refusal\n",
        "Each with what can be done, by whom, and the law it rests on.\n",
    ]
    for code, row in tables["reasons"].items():
        words = explain_reason(code)
        cure = (
            f"{both(words_for(REMEDIES, row['remedy']))} By: {both(words_for(PARTIES, row['by']))}"
            if row["remedy"]
            else "Nothing in this request."
        )
        parts += [
            f"## {code}\n",
            f"{both(words.what)}\n",
            f"What to do: {both(words.advice)}\n",
            f"Gate {row['gate']}. Curable: {'yes' if row['curable'] else 'no'}. Cure: {cure}\n",
            f"Why: {_law(tables, row)}\n",
            *examples(code, cases),
        ]
    return "\n".join(parts)


def grounds(tables: Tables) -> str:
    """Return the page of every ground: its kind, what it needs, and the rows that use it."""
    parts = ["# Grounds: what lifts secrecy\n"]
    for code, row in tables["grounds"].items():
        used = sorted({one["row"] for one in tables["pairs"]["rows"] if code in one["grounds"]})
        parts += [
            f"## {code}\n",
            f"{both(words_for(GROUNDS, code))}\n",
            f"- Kind: {row['kind']}",
            f"- Secrecy: {', '.join(row['regimes'] or ['any'])}",
            f"- Needs: {', '.join(row['needs']) or 'nothing more'}",
            f"- Rows: {', '.join(used) or 'none, see acute danger'}",
            f"- Why: {_law(tables, row)}\n",
        ]
    return "\n".join(parts)


def pairs(tables: Tables) -> str:
    """Return the page of every row: who may ask whom for what, on which grounds and with which duties."""
    parts = [
        "# Pairs: who may ask whom for what\n",
        "The first ground of a row that holds carries a part. When none holds, the refusals of the row say why.\n",
    ]
    obligations = tables["pairs"]["obligations"]
    for row in tables["pairs"]["rows"]:
        for_whom = f" Only: {row['branch'].replace('_', ' ')}." if row["branch"] else ""
        conditions = "; ".join(f"{code} needs {', '.join(needs)}" for code, needs in row["conditions"].items())
        asking, asked = _names(ORGANISATIONS, row["requesters"]), _names(ORGANISATIONS, row["responders"])
        parts += [
            f"## {row['row']}\n",
            f"{asking} asks {asked} for {_names(PURPOSES, row['purposes'])}.{for_whom}\n",
            f"- Grounds, in this order: {', '.join(row['grounds']) or 'none'}",
            *([f"- Here {conditions}"] if conditions else []),
            f"- When no ground holds: {', '.join(row['refusals']) or 'no reason of its own'}",
            f"- When the professional finds it not necessary: {row['unnecessary']}",
            f"- Obliges to: {', '.join(obligations[row['obligations']]) or 'what is due everywhere'}",
            f"- Steps: {row['steps']}; exceptions that count: {', '.join(row['exceptions']) or 'none'}",
            f"- Further help: {', '.join(row['escalations']) or 'none'}",
            f"- Why: {_law(tables, row)}\n",
        ]
    return "\n".join(parts)


def organisations(tables: Tables) -> str:
    """Return the page of what the law says of each type of organisation: its secrecy, its tasks, who asks for it."""
    parts = ["# Organisations: what the law says of each type\n", "What is not there closes what needs it.\n"]
    for code, row in tables["organisations"].items():
        lines = [
            f"- {say}: {_facet(row[facet])} Why: {_law(tables, row[facet])}" for facet, say in _FACETS if facet in row
        ]
        tasks = _names(PURPOSES, row["tasks"]) or "none that anybody is asked for here"
        parts += [f"## {code}\n", f"{both(words_for(ORGANISATIONS, code))}\n", f"- Its tasks: {tasks}.", *lines, ""]
    return "\n".join(parts)


_FACETS = (
    ("secrecy", "Answers under the secrecy of"),
    ("receives", "Special data it may process"),
    ("number", "Citizen service number"),
    ("keeps", "Keeps what it got or gave"),
    ("informs", "Informs as"),
    ("hides", "Never says where a victim is, save in acute danger"),
    ("asks", "Who asks for it"),
)
_OF_A_ROW = ("source", "valid_from", "valid_to", "status", "confidence")


def _facet(row: Mapping[str, Any]) -> str:
    """Return what one facet says: each of its fields, besides those that every row of law has."""
    said = [f"{name} {_cell(value)}" for name, value in row.items() if name not in _OF_A_ROW and value is not None]
    return f"{'; '.join(said)}." if said else ""


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, list) else str(value)


def operations(tables: Tables) -> str:
    """Return the page of who may do what around a request, as far as that is no decision about a family's data."""
    rows = [
        (
            f"`{name}`",
            ", ".join(row["by"]),
            row["side"] or "",
            "yes" if row["second"] else "",
            "yes" if row["registered"] else "",
            KINDS[row["status"]],
        )
        for name, row in tables["operations"].items()
    ]
    head = ("operation", "by", "side", "a second person too", "registered", "kind")
    return "\n".join(["# Operations: who may do what around a request\n", table(head, rows)])


def ceilings(tables: Tables) -> str:
    """Return the page of what may go at most, by purpose and category."""
    rows = tables["ceilings"]
    categories = list(dict.fromkeys(category for row in rows.values() for category in row["cells"]))
    cells = [
        (words_for(CATEGORIES, category).nl, *(row["cells"].get(category, "n") for row in rows.values()))
        for category in categories
    ]
    legend = (
        "y: when it answers a question. a: with an approval of its own. n: never. c: a on consent. p: a from the "
        "police. w: a on consent or from the police. v: a with the victim's own consent. m: as the table of the "
        "citizen service number says.\n"
    )
    kinds = [
        (
            words_for(CATEGORIES, code).nl,
            row["special"] or "",
            "yes" if row["approved"] else "",
            row["above"] or "DN-17",
            row["helped_by"] or "",
        )
        for code, row in tables["categories"].items()
    ]
    head = ("category", "special data", "approved apart (OB-04)", "reason above the ceiling", "who helps")
    return "\n".join(
        [
            "# Ceilings: what may go at most, for each purpose\n",
            legend,
            table(("category", *rows), cells),
            "## What each category is in law\n",
            table(head, kinds),
        ]
    )


def duties(tables: Tables) -> str:
    """Return the page of duties, referrals and exceptions with the law they rest on."""
    parts = ["# Duties, referrals, steps and exceptions\n"]
    for name, words in (("obligations", OBLIGATIONS), ("escalations", REFERRALS), ("exceptions", EXCEPTIONS)):
        parts.append(f"## {name.capitalize()}\n")
        for code, row in tables[name].items():
            parts.append(f"- **{code}** {both(words_for(words, code))} Why: {_law(tables, row)}")
        parts.append("")
    return "\n".join(parts)


def sources(tables: Tables) -> str:
    """Return the page of every source with its public link and dates."""
    rows = [
        (
            code,
            _linked(row, f"{row['title']}, {row['article']}"),
            f"{row['valid_from']} – {row['valid_to'] or ''}",
            row["status"],
            row["confidence"],
        )
        for code, row in tables["sources"].items()
    ]
    return "\n".join(
        ["# Sources: where the law is\n", table(("name", "where", "in force", "kind", "confidence"), rows)]
    )


def examples(code: str, cases: Sequence[Any]) -> list[str]:
    """Return a few cases where the code fires, each with a twin that differs in one thing and where it does not."""
    firing = [case for case in cases if code in case_codes(case)]
    pairs = [
        (case, twin)
        for case in firing
        if (twin := next((other for other in cases if code not in case_codes(other) and _are_near(case, other)), None))
    ]
    shown = list({case["name"]: (case, twin) for case, twin in pairs}.values())[:EXAMPLES]
    return [f"- {case['name']} → {_said(case)}\n- but: {twin['name']} → {_said(twin)}\n" for case, twin in shown] or [
        f"- {case['name']} → {_said(case)}\n" for case in firing[:1]
    ]


def case_codes(case: Mapping[str, Any]) -> set[str]:
    """Return every code that the case expects."""
    return {code for name in _CODES for code in case.get(name) or ()}


def both(words: Words) -> str:
    """Return the words in Dutch, with English in italics."""
    return f"{words.nl} *{words.en}*"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return (
        "\n".join(
            "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |" for line in lines
        )
        + "\n"
    )


def _are_near(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    left, right = one.get("change", {}), other.get("change", {})
    differing = [path for path in {*left, *right} if left.get(path) != right.get(path)]
    return bool(one["base"] == other["base"] and len(differing) == 1)


def _said(case: Mapping[str, Any]) -> str:
    return " ".join([f"`{case['outcome']}`", *(f"`{code}`" for code in case["reasons"])])


def _law(tables: Tables, row: Mapping[str, Any]) -> str:
    source = tables["sources"][row["source"]]
    name = f"{source['title']}, {source['article']}"
    until = f" until {row['valid_to']}" if row["valid_to"] else ""
    kind = f"{KINDS[row['status']]}, confidence {row['confidence']}"
    return f"{_linked(source, name)}; from {row['valid_from']}{until}; {kind}."


def _linked(source: Mapping[str, Any], name: str) -> str:
    """Return the name with its public deep link; a jci is resolved by wetten.overheid.nl."""
    if not source["jci"]:
        return name
    return f"[{name}]({source['jci'] if source['jci'].startswith('https:') else WETTEN + source['jci']})"


def _names(words: Mapping[str, Words], codes: Sequence[str]) -> str:
    return " / ".join(words_for(words, code).nl for code in codes)

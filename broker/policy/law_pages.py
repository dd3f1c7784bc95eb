"""The pages about the tables of law: reasons, grounds, pairs, ceilings, duties and sources, as Markdown.

Each function takes the tables as they are in `policies/data/law` and returns the text of one page, in Dutch. A value
that has no Dutch here yet fails, so that no page is half in another language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from broker.policy.law import rows_by_code, rows_of
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

KINDS = {
    "LAW": "recht",
    "CODE": "beroepsnorm",
    "POLICY": "een keuze van dit project waar het recht ruimte laat",
}
CONFIDENCE = {"high": "hoog", "medium": "gemiddeld", "low": "laag"}
EXAMPLES = 3
"""How many cases an explanation shows; all of them lie beside the rules."""

WETTEN = "https://wetten.overheid.nl/"
_GROUND_KINDS = {
    "right": "spreekrecht of meldrecht",
    "duty": "plicht",
    "consent": "toestemming",
    "representative": "vertegenwoordiging",
    "conflict_of_duties": "conflict van plichten",
}
_NEEDS = {
    "case": "een vastgelegde zaak",
    "necessity": "noodzaak",
    "autonomy": "zelfbeschikking van het volwassen slachtoffer",
    "steps_only": "dat het alleen over gezette stappen gaat",
    "consent": "toestemming",
    "order": "een maatregel die loopt",
    "same_help": "rechtstreeks betrokken bij dezelfde behandeling of hulp",
    "ward": "de voogd als vertegenwoordiger",
    "vir": "een melding in de verwijsindex",
    "police_data": "politiegegevens van artikel 8 of 13 lid 1 Wpg",
    "zvh": "een zaak van het Zorg- en Veiligheidshuis",
    "good_care": "goed hulpverlenerschap",
    "acute": "acuut gevaar",
    "compelling_need": "zwaarwegende noodzaak",
    "upbringing": "dat het over de opvoeding gaat",
    "help_body": "het doel behandeling",
}
_BRANCHES = {
    "adult_victim": "een volwassen slachtoffer zonder kinderen in de zaak",
    "outside_order": "wie niet het kind van de maatregel, een ouder of een voogd is",
    "otherwise": "wie onder geen andere rij valt",
}
_SPECIAL = {"health": "gezondheid", "criminal": "strafrechtelijk", "sexual": "seksueel gedrag of gerichtheid"}
_FIELDS = {
    **_SPECIAL,
    "regime": "regime",
    "whose": "van",
    "chain": "keten",
    "term": "termijn",
    "duty": "verplichting",
    "roles": "rollen",
}
_VALUES = {
    "whose": {"any": "ieder in de zaak", "youth": "het kind", "client": "de eigen patiënt of cliënt"},
    "chain": {"safety": "veiligheid", "care": "zorg"},
}
_BY = {
    "asking": "rol die vraagt",
    "answering": "rol die antwoordt",
    "inspecting": "rol die toezicht houdt",
    "evaluating": "rol die voor een collega navraagt",
    "owing": "wie de verplichting heeft",
    "anyone": "ieder met een mandaat van een actieve organisatie",
}
_SIDES = {"asking": "vragende kant", "answering": "antwoordende kant"}
_CODES = ("reasons", "obligations", "referrals", "todo", "exceptions", "grounds")


def reasons(tables: Tables, cases: Sequence[Any]) -> str:
    """Return the page of every reason for a refusal: what can be done, by whom, the law, and cases."""
    parts = [
        "# Waarom niet: de redenen van een weigering\n",
        "Elk met wat eraan te doen is, door wie, en het recht waarop de reden berust.\n",
    ]
    for code, row in rows_by_code(tables["reasons"]):
        words = explain_reason(code)
        cure = (
            f"{both(words_for(REMEDIES, row['remedy']))} Door: {both(words_for(PARTIES, row['by']))}"
            if row["remedy"]
            else "Niets in dit verzoek."
        )
        parts += [
            f"## {code}\n",
            f"{both(words.what)}\n",
            f"Wat te doen: {both(words.advice)}\n",
            f"Poort {row['gate']}. Te herstellen: {_cell(row['curable'])}. Herstel: {cure}\n",
            f"Waarom: {_law(tables, row)}\n",
            *examples(code, cases),
        ]
    return "\n".join(parts)


def grounds(tables: Tables) -> str:
    """Return the page of every ground: its kind, what it needs, and the rows that use it."""
    parts = ["# Gronden: wat de geheimhoudingsplicht doorbreekt\n"]
    for code, row in rows_by_code(tables["grounds"]):
        used = sorted({one["row"] for one in tables["pairs"]["rows"] if code in one["grounds"]})
        parts += [
            f"## {code}\n",
            f"{both(words_for(GROUNDS, code))}\n",
            f"- Soort: {_GROUND_KINDS[row['kind']]}",
            f"- Geheimhoudingsregime: {', '.join(row['regimes'] or ['elk'])}",
            f"- Vereist: {_needs(row['needs']) or 'niets meer'}",
            f"- Rijen: {', '.join(used) or 'geen, zie acuut gevaar'}",
            f"- Waarom: {_law(tables, row)}\n",
        ]
    return "\n".join(parts)


def pairs(tables: Tables) -> str:
    """Return the page of every row: who may ask whom for what, on which grounds and with which duties."""
    parts = [
        "# Paren: wie mag wie bevragen, en waarvoor\n",
        "De eerste grond van een rij die opgaat, draagt een deel. Als er geen opgaat, staat in de redenen waarom.\n",
    ]
    obligations, steps = tables["pairs"]["obligations"], rows_of(tables["steps"]["edition"])[-1]["lists"]
    for row in tables["pairs"]["rows"]:
        for_whom = f" Alleen: {_BRANCHES[row['branch']]}." if row["branch"] else ""
        conditions = "; ".join(f"{code} vereist ook {_needs(needs)}" for code, needs in row["conditions"].items())
        asking, asked = _names(ORGANISATIONS, row["requesters"]), _names(ORGANISATIONS, row["responders"])
        parts += [
            f"## {row['row']}\n",
            f"Vrager: {asking}. Bevraagde: {asked}. Doel: {_names(PURPOSES, row['purposes'])}.{for_whom}\n",
            f"- Gronden, in deze volgorde: {', '.join(row['grounds']) or 'geen'}",
            *([f"- Hier: {conditions}"] if conditions else []),
            f"- Als geen grond van toepassing is: {', '.join(row['refusals']) or 'geen eigen reden'}",
            f"- Als de professional het niet noodzakelijk vindt: {row['unnecessary']}",
            f"- Verplicht tot: {', '.join(obligations[row['obligations']]) or 'wat overal geldt'}",
            f"- Stappen: {', '.join(steps[row['steps']]) or 'geen'}",
            f"- Uitzonderingen die tellen: {', '.join(row['exceptions']) or 'geen'}",
            f"- Verdere hulp: {', '.join(row['escalations']) or 'geen'}",
            f"- Waarom: {_law(tables, row)}\n",
        ]
    return "\n".join(parts)


def organisations(tables: Tables) -> str:
    """Return the page of what the law says of each type of organisation: its secrecy, its tasks, who asks for it."""
    parts = [
        "# Organisaties: wat het recht over elke soort zegt\n",
        "Staat iets er niet, dan laat een regel die het nodig heeft niets toe.\n",
    ]
    for code, row in tables["organisations"].items():
        lines = [
            f"- {say}{_facet(one)}. Waarom: {_law(tables, one)}"
            for facet, say in _FACETS
            for one in rows_of(row.get(facet, []))
        ]
        tasks = _names(PURPOSES, row["tasks"]) or "geen waarvoor hier iemand wordt bevraagd"
        parts += [f"## {code}\n", f"{both(words_for(ORGANISATIONS, code))}\n", f"- Taken: {tasks}.", *lines, ""]
    return "\n".join(parts)


_FACETS = (
    ("secrecy", "Antwoordt onder geheimhouding"),
    ("receives", "Bijzondere of strafrechtelijke gegevens die zij mag verwerken"),
    ("number", "Burgerservicenummer"),
    ("keeps", "Bewaart wat zij kreeg of gaf"),
    ("informs", "Informeert volgens"),
    ("hides", "Zegt nooit waar een slachtoffer is, behalve bij acuut gevaar"),
    ("asks", "Wie namens haar vraagt"),
)
_OF_A_ROW = ("source", "valid_from", "valid_to", "status", "confidence")


def _facet(row: Mapping[str, Any]) -> str:
    """Return what one facet says: each of its fields, besides those that every row of law has."""
    said = [
        f"{_FIELDS[name]} {_cell(_VALUES[name][value] if name in _VALUES else value)}"
        for name, value in row.items()
        if name not in _OF_A_ROW and value is not None
    ]
    return f": {'; '.join(said)}" if said else ""


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "ja" if value else "nee"
    return ", ".join(value) if isinstance(value, list) else str(value)


def operations(tables: Tables) -> str:
    """Return the page of who may do what around a request, as far as that is no decision about a family's data."""
    rows = [
        (
            f"`{name}`",
            ", ".join(_BY[by] for by in row["by"]),
            _SIDES[row["side"]] if row["side"] else "",
            "ja" if row["second"] else "",
            "ja" if row["registered"] else "",
            KINDS[row["status"]],
        )
        for name, row in rows_by_code(tables["operations"])
    ]
    head = ("handeling", "door", "kant", "ook een tweede persoon", "geregistreerd", "soort")
    return "\n".join(["# Handelingen: wie rond een verzoek wat mag doen\n", table(head, rows)])


def ceilings(tables: Tables) -> str:
    """Return the page of what may go at most, by purpose and category."""
    rows = {purpose: rows_of(entry)[-1] for purpose, entry in tables["ceilings"].items()}
    categories = list(dict.fromkeys(category for row in rows.values() for category in row["cells"]))
    cells = [
        (words_for(CATEGORIES, category).nl, *(row["cells"].get(category, "n") for row in rows.values()))
        for category in categories
    ]
    legend = (
        "y: als het een vraag beantwoordt. a: met een aparte goedkeuring. n: nooit. c: a bij toestemming. p: a van de "
        "politie. w: a bij toestemming of van de politie. v: a met toestemming van het slachtoffer zelf. m: zoals de "
        "tabel van het burgerservicenummer zegt.\n"
    )
    kinds = [
        (
            words_for(CATEGORIES, code).nl,
            _SPECIAL[row["special"]] if row["special"] else "",
            "ja" if row["approved"] else "",
            row["above"] or "DN-17",
            row["helped_by"] or "",
        )
        for code, row in rows_by_code(tables["categories"])
    ]
    head = (
        "categorie",
        "bijzondere of strafrechtelijke gegevens",
        "apart goedgekeurd (OB-04)",
        "reden boven het plafond",
        "wie verder helpt",
    )
    return "\n".join(
        [
            "# Plafonds: wat per doel ten hoogste mag worden verstrekt\n",
            legend,
            table(("categorie", *rows), cells),
            "## Wat elke categorie in het recht is\n",
            table(head, kinds),
        ]
    )


def duties(tables: Tables) -> str:
    """Return the page of duties, referrals and exceptions with the law they rest on."""
    parts = ["# Verplichtingen, opschaling en uitzonderingen\n"]
    for name, say, words in (
        ("obligations", "Verplichtingen", OBLIGATIONS),
        ("escalations", "Opschaling", REFERRALS),
        ("exceptions", "Uitzonderingen", EXCEPTIONS),
    ):
        parts.append(f"## {say}\n")
        for code, row in rows_by_code(tables[name]):
            parts.append(f"- **{code}** {both(words_for(words, code))} Waarom: {_law(tables, row)}")
        parts.append("")
    return "\n".join(parts)


def sources(tables: Tables) -> str:
    """Return the page of every source with its public link and dates."""
    rows = [
        (
            code,
            _linked(row, f"{row['title']}, {row['article']}"),
            f"{row['valid_from']} – {row['valid_to'] or ''}",
            KINDS[row["status"]],
            CONFIDENCE[row["confidence"]],
        )
        for code, row in tables["sources"].items()
    ]
    return "\n".join(
        ["# Bronnen: waar het recht staat\n", table(("naam", "waar", "geldt", "soort", "zekerheid"), rows)]
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
    return [f"- {case['name']} → {_said(case)}\n- maar: {twin['name']} → {_said(twin)}\n" for case, twin in shown] or [
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
    until = f" tot {row['valid_to']}" if row["valid_to"] else ""
    kind = f"{KINDS[row['status']]}, zekerheid {CONFIDENCE[row['confidence']]}"
    return f"{_linked(source, name)}; vanaf {row['valid_from']}{until}; {kind}."


def _linked(source: Mapping[str, Any], name: str) -> str:
    """Return the name with its public deep link; a jci is resolved by wetten.overheid.nl."""
    if not source["jci"]:
        return name
    return f"[{name}]({source['jci'] if source['jci'].startswith('https:') else WETTEN + source['jci']})"


def _needs(needs: Sequence[str]) -> str:
    return ", ".join(_NEEDS[need] for need in needs)


def _names(words: Mapping[str, Words], codes: Sequence[str]) -> str:
    return " / ".join(words_for(words, code).nl for code in codes)

"""The closed lists: written once in the tables of law and the schemas, and from there where programs read them.

What exists in law (organisation types, purposes, categories, operations) is what its table has rows for; the schemas
list it. Every other list stands in its schema. `broker/domain/vocabulary.py` is all of them as types. So a new value is
one line in one table or schema, and `make policies`; `make test` fails when one of the lists is behind.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from broker.policy.bundle import open_schema

_OF_TABLES = (
    ("document", "organisation_type", "organisations"),
    ("document", "purpose", "purposes"),
    ("document", "category", "categories"),
    ("operation", "operation", "operations"),
)
"""Schema, definition in it, and the table of law whose rows the definition lists."""

_PERSON, _CONSENT = "properties/persons/items/properties", "properties/consents/items/properties"
_FRAMEWORK, _WEIGHING = "properties/framework/properties", "properties/weighing/anyOf/1/properties"
_PART = f"{_WEIGHING}/parts/items/properties"
_LISTS: Mapping[str, tuple[str, str]] = {
    "Purpose": ("document", "$defs/purpose"),
    "Category": ("document", "$defs/category"),
    "OrganisationType": ("document", "$defs/organisation_type"),
    "Profession": ("document", "$defs/profession"),
    "Registration": ("document", "$defs/registration"),
    "Relation": ("document", f"{_PERSON}/relation"),
    "VtPhase": ("document", f"{_FRAMEWORK}/vt_phase"),
    "RvdkTask": ("document", f"{_FRAMEWORK}/rvdk_task"),
    "GiRole": ("document", f"{_FRAMEWORK}/gi_role"),
    "OrderKind": ("document", f"{_FRAMEWORK}/order/anyOf/1/properties/kind"),
    "VirRisk": ("document", f"{_FRAMEWORK}/vir/anyOf/1/properties/risk"),
    "ConsentStatus": ("document", f"{_CONSENT}/status"),
    "ConsentEvidence": ("document", f"{_CONSENT}/evidence"),
    "ExceptionCode": ("document", "properties/exceptions/items/properties/code"),
    "WeighingOutcome": ("document", f"{_WEIGHING}/outcome"),
    "PoliceArticle": ("document", f"{_PART}/police_article"),
    "Kind": ("document", f"{_PART}/kind"),
    "Stage": ("document", "properties/stage"),
    "Side": ("document", "$defs/actor/properties/side"),
    "Assurance": ("document", "$defs/actor/properties/assurance"),
    "Operation": ("operation", "properties/operation"),
    "Channel": ("operation", "properties/records/additionalProperties/properties/channel"),
    "Outcome": ("decision", "properties/outcome"),
    "Verdict": ("decision", "properties/parts/items/properties/verdict"),
    "GroundKind": ("decision", "properties/grounds/items/properties/kind"),
    "ReasonCode": ("decision", "properties/reasons/items/properties/code"),
    "GateNumber": ("decision", "properties/reasons/items/properties/stage"),
    "Step": ("decision", "properties/todo/items"),
    "DutyCode": ("decision", "properties/obligations/items/properties/code"),
    "DutyOn": ("decision", "properties/obligations/items/properties/on"),
    "Escalation": ("decision", "properties/referrals/items"),
}
"""Each list by the name of its type: the schema and the place in it, as a JSON pointer without its first slash."""

_HEAD = '''\
"""The closed lists of the tables and schemas, as types. Written by `broker policy vocabulary`; change those."""

from __future__ import annotations

from typing import Literal

'''


def write_vocabulary(policies: Path, module: Path) -> None:
    """Write into the schemas what the tables list, and into the module what the schemas list."""
    for name, text in listed_schemas(policies).items():
        (policies / "schema" / f"{name}.schema.json").write_text(text, encoding="utf-8")
    module.write_text(vocabulary(policies), encoding="utf-8")


def listed_schemas(policies: Path) -> Mapping[str, str]:
    """Return the text of each schema that lists a table, with just the rows that the table has, in their order."""
    texts: dict[str, str] = {}
    for schema, definition, table in _OF_TABLES:
        rows = yaml.safe_load((policies / "data" / "law" / table / "data.yaml").read_text(encoding="utf-8"))
        path = policies / "schema" / f"{schema}.schema.json"
        before = texts.get(schema) or path.read_text(encoding="utf-8")
        listed = re.compile(rf'("{definition}": \{{\s*"enum": )\[[^\]]*\]')
        texts[schema] = listed.sub(rf"\g<1>{json.dumps(list(rows))}", before, count=1)
    return texts


def vocabulary(policies: Path) -> str:
    """Return the text of the module that holds every closed list of the schemas as a type."""
    return _HEAD + "".join(_literal(name, _values(policies, *place)) for name, place in _LISTS.items())


def _values(policies: Path, schema: str, place: str) -> list[str]:
    found: Any = open_schema(policies, schema)
    for step in place.split("/"):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return [value for value in found["enum"] if value is not None]


def _literal(name: str, values: Sequence[str]) -> str:
    line = f"{name} = Literal[{', '.join(map(json.dumps, values))}]\n"
    return line if len(line) <= 120 else f"{name} = Literal[\n{''.join(_lines(values))}]  # fmt: skip\n"


def _lines(values: Sequence[str]) -> Iterator[str]:
    """Yield the values in lines as long as they may be."""
    line = "   "
    for value in values:
        word = f" {json.dumps(value)},"
        if len(line) + len(word) > 119:
            yield f"{line}\n"
            line = "   "
        line += word
    yield f"{line}\n"

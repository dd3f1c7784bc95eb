"""A ruling becomes decision documents, one for each who asked and each who answered; pure functions, facts only.

What the ruling does not tell stands in the document as an `Unknown`, which reading.py fills in. The outcome of a ruling
never gets here: `facts_of` takes it away.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
FACTS = ("requester", "request", "subjects", "measure", "acute_danger", "consent", "responder_steps", "disclosed")
# They restate what the tribunal found (README.md), so a document never sees them.
VERDICTS = (("consent", "scope_exceeded"), ("responder_steps", "only_relevant_facts"))

NOW, DAY, UNTIL = "2026-11-22T10:00:00Z", "2026-11-22", "2027-03-01"
# No tribunal judges who was signed in, and no ruling tells it.
WORKER = {
    "role": "onderzoeker", "registration": "skj", "supervised_by_registered": False, "assurance": "high",
    "mandate": {"from": "2026-01-01", "until": "2027-01-01"}, "assigned_to_case": True,
}  # fmt: skip
FOUND_NECESSARY = ("relevant", "contributes", "no_lesser_means", "proportionate")

Facts = Mapping[str, Any]
Document = dict[str, Any]


@dataclass(frozen=True)
class Unknown:
    """A fact that the ruling does not tell, with what says "not on record" and what it is when in order."""

    name: str
    not_on_record: Any
    in_order: Any


@dataclass(frozen=True)
class Release:
    """One who asked and one who answered, as a document with its unknowns."""

    requester: str
    responder: str
    purpose: str
    document: Document


def load_rulings() -> list[dict[str, Any]]:
    """Return every ruling, in the order of their names."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / "rulings").glob("*.json"))]


def load_mapping() -> dict[str, Any]:
    """Return the mapping."""
    mapping: dict[str, Any] = yaml.safe_load((HERE / "mapping.yaml").read_text(encoding="utf-8"))
    return mapping


def facts_of(ruling: Mapping[str, Any]) -> Facts:
    """Return what a document may know of a ruling."""
    return {
        name: {key: value for key, value in ruling[name].items() if (name, key) not in VERDICTS}
        if isinstance(ruling[name], dict)
        else ruling[name]
        for name in FACTS
    }


def without_each(facts: Facts) -> Iterator[tuple[str, Facts]]:
    """Yield the facts with something that is told taken away: each field, each group of fields, and at last all."""
    groups = ("measure", "subjects", "request", "consent", "responder_steps", "disclosed")
    for group in groups[2:]:
        for name, value in facts[group].items():
            if _silent(name, value) != value:
                yield f"{group}.{name}", {**facts, group: {**facts[group], name: _silent(name, value)}}
    for group in groups:
        if _silent(group, facts[group]) != facts[group]:
            yield group, {**facts, group: _silent(group, facts[group])}
    yield "all", {**facts, **{group: _silent(group, facts[group]) for group in groups}}


def _silent(name: str, value: Any) -> Any:
    """Return what a fact is when it is not told; about whom it was is always told."""
    if isinstance(value, dict):
        return {key: _silent(key, part) for key, part in value.items()}
    if name == "subjects":
        return [_silent("", subject) for subject in value]
    return value if name in {"about", "relation"} else [] if isinstance(value, list) else None


def releases(facts: Facts, mapped: Mapping[str, Any], mapping: Mapping[str, Any]) -> list[Release]:
    """Return the releases of a ruling; KeyError when the mapping has no place for one of its words."""
    asked_by = facts["requester"]["organisation_type"].removeprefix("multiple: ").split(", ")
    kinds = list(dict.fromkeys(mapping["requesters"][word] for word in asked_by))
    return [
        _release(facts, mapped, mapping, requester, responder)
        for requester, responder in product(kinds, mapped["responders"])
    ]


def _release(facts: Facts, mapped: Facts, mapping: Facts, requester: str, responder: str) -> Release:
    purpose = mapped.get("purpose", mapping["purposes"][requester])
    answering = mapped.get("stage", "answer") == "answer"
    by, asker = mapping["responders"][responder], f"org:{requester.replace('_', '-')}"
    persons = _persons(facts, mapped, mapping, answering=answering)

    def told(field: str) -> bool | Unknown:
        return _told(field, facts, mapping)

    spoken = [
        (number, person, categories)
        for number, (person, categories) in enumerate(_told_about(facts, mapping).items(), start=1)
    ]
    steps = {field.removeprefix("steps."): told(field) for field in mapping["fields"] if field.startswith("steps.")}
    steps["consent_or_inform"] = _asked_or_told(facts, mapped, spoken)
    document = {
        "version": 1, "stage": "answer" if answering else "ask", "now": NOW,
        "actor": {**WORKER, "registration": by["registration"] or WORKER["registration"]} if answering else WORKER,
        "requester": {"id": asker, "type": requester, "active": True, "connected": True},
        "responder": {
            "id": "org:responder", "type": by["type"], "active": True, "connected": True,
            "profession": by["profession"], "holds_information_professionally": True,
        },
        "purpose": purpose,
        "framework": _framework(facts, mapped, mapping, requester, purpose, told),
        "concern": {name: told(f"concern.{name}") for name in ("nature", "seriousness", "content", "compelling_need")},
        "danger": {
            "acute": bool(facts["acute_danger"]), "person_named": False, "threat_named": False, "within_hours": None,
            "grave_to_adult": False,
        },
        "persons": persons,
        "questions": _if_told(spoken, [
            {"id": f"q{number}", "person": person, "categories": categories, "specific": told("question.specific"),
             "period_months": Unknown("question.period_months", None, 24)}
            for number, person, categories in spoken
        ]),
        "consents": _consents(facts, mapped, asker, purpose, spoken),
        "exceptions": [],
        "steps": steps if answering else dict.fromkeys(steps, False),
        "weighing": _weighing(by, spoken, facts, told) if answering else None,
        "payload": {"bsn_of": [], **{name: told(f"payload.{name}") for name in ("written", "report_approved")}},
    }  # fmt: skip
    return Release(requester, responder, purpose, document)


def _field(facts: Facts, path: str) -> bool | None:
    group, name = path.split(".")
    value: bool | None = facts[group][name]
    return value


def _told(field: str, facts: Facts, mapping: Facts) -> bool | Unknown:
    """Return false when one of the ruling's fields is false, true when all are true, else that it is unknown."""
    values = [_field(facts, path) for path in mapping["fields"][field]]
    if False in values:
        return False
    return True if values and None not in values else Unknown(field, not_on_record=False, in_order=True)


def _told_about(facts: Facts, mapping: Facts) -> dict[str, list[str] | None]:
    """Return by person the categories that were told; None when the ruling does not say of what kind they were."""
    disclosed = facts["disclosed"]
    categories = [mapping["categories"][word] for word in disclosed["categories"]]
    categories += ["heel_dossier"] if disclosed["whole_file"] else []
    known = categories and None not in categories
    about = [ref for word in disclosed["about"] for ref in mapping["several"].get(word, [word])]
    return {ref: list(dict.fromkeys(categories)) if known else None for ref in dict.fromkeys(about)}


def _if_told(spoken: list[tuple[int, str, Any]], entries: list[Document]) -> Any:
    """Return the entries; where the ruling does not tell what kind of data it was, there is no question on record."""
    if all(categories for _, _, categories in spoken):
        return entries
    return Unknown("disclosed.categories", [], [
        {**entry, **({"categories": ["veiligheid"]} if "categories" in entry else {"category": "veiligheid"})}
        for entry in entries
    ])  # fmt: skip


def _persons(facts: Facts, mapped: Facts, mapping: Facts, *, answering: bool) -> list[Document]:
    subjects = {subject["relation"]: subject for subject in facts["subjects"]}
    refs = list(dict.fromkeys([*subjects, *_told_about(facts, mapping)]))
    unborn = mapped.get("unborn", ())
    parents = [ref for ref in refs if mapping["relations"][ref] == "parent"]
    informed = None if answering else facts["responder_steps"]["informed_subject_before_or_after"]
    return [
        {
            "ref": ref, "relation": mapping["relations"][ref],
            # In order: old enough to consent for himself.
            "age": None if ref in unborn else
                   _known("persons.age", subjects.get(ref, {}).get("age"), None, 16 if ref == "child" else 40),
            "unborn": ref in unborn,
            # Adults are, until shown otherwise (BW 3:32).
            "capable": Unknown("persons.capable", not_on_record=False, in_order=True) if ref == "child" else True,
            "patient_of_responder": _known(
                "persons.patient_of_responder", subjects.get(ref, {}).get("is_patient_of_discloser"), False, True),
            "authority": Unknown("persons.authority", [], parents) if ref == "child" else [],
            "source_protected": False,
            "informed_by_requester": _known("persons.informed_by_requester", informed, False, True),
        }
        for ref in refs
    ]  # fmt: skip


def _known(name: str, value: Any, not_on_record: Any, in_order: Any) -> Any:
    return Unknown(name, not_on_record, in_order) if value is None else value


def _framework(
    facts: Facts, mapped: Facts, mapping: Facts, requester: str, purpose: str, told: Callable[[str], bool | Unknown]
) -> Document:
    stated = {**mapping["measures"].get(facts["measure"], {}).get(requester, {}), **mapped.get("framework", {})}
    in_order = {"case_reference": True, **mapping["in_order"].get(purpose, {})}
    names = ("case_reference", "vt_phase", "investigation_determined_on", "rvdk_task", "gi_role", "order")
    unknown = {
        name: Unknown(f"framework.{name}", not_on_record=False if name == "case_reference" else None, in_order=value)
        for name, value in in_order.items()
    }
    framework = {
        **dict.fromkeys(names), "zvh_case": False, "litigation_between_parents": False,
        "directly_involved": told("framework.directly_involved"), **unknown, **stated,
    }  # fmt: skip
    return {**framework, "order": _order(framework["order"], f"org:{requester}")}


def _order(order: Any, institution: str) -> Any:
    """Return a running order of the institution: no ruling tells its days, and today is one of them."""
    if isinstance(order, Unknown):
        return Unknown(order.name, None, _order(order.in_order, institution))
    return order and {
        "kind": order, "from": "2026-03-01", "until": UNTIL, "executing_organisation": institution, "child": "child",
    }  # fmt: skip


def _consents(facts: Facts, mapped: Facts, recipient: str, purpose: str, spoken: list[tuple[int, str, Any]]) -> Any:
    """Return those the ruling tells of, none when it says so; when it is silent, everybody's are in order."""
    told = {person: categories or ["veiligheid"] for _, person, categories in spoken}

    def consent(about: str, by: list[str], status: str, evidence: Any) -> Document:
        return {
            "about": about, "given_by": by, "status": status, "recipient": recipient, "purpose": purpose,
            "categories": Unknown("consents.categories", [], told.get(about, ["veiligheid"])), "on": DAY, "until": None,
            "free": Unknown("consents.free", not_on_record=False, in_order=True),
            "explicit": Unknown("consents.explicit", not_on_record=False, in_order=True), "evidence": evidence,
        }  # fmt: skip

    unseen = Unknown("consents.evidence", "claimed_by_requester", "document_seen")
    if "consents" in mapped:
        return [
            consent(one["about"], one["by"], one["status"], one.get("evidence", unseen)) for one in mapped["consents"]
        ]
    if facts["consent"]["given"] is False or facts["consent"]["asked"] is False:
        return []
    return Unknown("consent.given", [], [consent(ref, [ref], "given", "document_seen") for ref in told])


def _asked_or_told(facts: Facts, mapped: Facts, spoken: list[tuple[int, str, Any]]) -> bool | Unknown:
    """ST-05 is done when everyone spoken about was asked; nobody is asked without being told.

    "Before or after" does not tell whether it was first, so being told is no proof that it was done.
    """
    if facts["consent"]["asked"]:
        return {person for _, person, _ in spoken} <= {one["about"] for one in mapped.get("consents", ())}
    if facts["responder_steps"]["informed_subject_before_or_after"] is False:
        return False
    return Unknown("steps.consent_or_inform", not_on_record=False, in_order=True)


def _weighing(by: Facts, spoken: list[tuple[int, str, Any]], facts: Facts, told: Callable[[str], Any]) -> Document:
    """Return the weighing of one who spoke, so gave it; his reasons and what he found are what the ruling tells."""
    marked = facts["responder_steps"]["distinguished_fact_from_opinion"]
    kind = {None: Unknown("weighing.kind", "opinion", "fact"), True: "fact", False: "opinion"}[marked]
    return {
        "by_profession": by["profession"],
        "registration": _known("weighing.registration", by["registration"], "none", "big"),
        "outcome": "give", "reasons_given": told("weighing.reasons_given"),
        **{name: told(f"weighing.{name}") for name in FOUND_NECESSARY},
        "parts": _if_told(spoken, [
            {"question": f"q{number}", "category": category, "about": person, "give": True, "kind": kind,
             "approved_separately": told("weighing.approved_separately"),
             "third_party_needed": told("weighing.third_party_needed")}
            for number, person, categories in spoken
            for category in categories or ["veiligheid"]
        ]),
    }  # fmt: skip

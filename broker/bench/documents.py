"""The decision documents that are measured: the example of decision.md, and a large family with many questions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_DONE = {
    **dict.fromkeys(("identify", "understand", "ground", "consult", "consent_or_inform", "weigh", "select"), True),
    **dict.fromkeys(("form", "decide", "record"), True),
    "inform_after": False,
}
_CATEGORIES = (
    ("veiligheid", "gezin"),
    ("gez_kern",),
    ("zorg_betrokkenheid", "opvoeding"),
    ("hulp_verloop", "school", "veiligheid"),
)


def _person(ref: str, relation: str, age: int, **fields: Any) -> dict[str, Any]:
    return {
        "ref": ref,
        "relation": relation,
        "age": age,
        "unborn": False,
        "capable": relation != "child",
        "patient_of_responder": True,
        "authority": ["mother", "father"] if relation == "child" else [],
        "source_protected": False,
        "informed_by_requester": True,
        **fields,
    }


def _question(number: int, person: str, *categories: str) -> dict[str, Any]:
    name = f"q{number}"
    return {"id": name, "person": person, "categories": [*categories], "specific": True, "period_months": 24}


def _consent(about: str, status: str) -> dict[str, Any]:
    return {
        "about": about,
        "given_by": [about],
        "status": status,
        "recipient": "org:vt-amsterdam",
        "purpose": "vt_onderzoek",
        "categories": ["gez_kern", "veiligheid"],
        "on": "2026-11-18",
        "until": None,
        "free": True,
        "explicit": True,
        "evidence": "document_seen",
    }


def _part(question: str, category: str, about: str, *, give: bool, kind: str) -> dict[str, Any]:
    return {
        "question": question,
        "category": category,
        "about": about,
        "give": give,
        "kind": kind,
        "approved_separately": False,
        "third_party_needed": False,
    }


def _exception(person: str) -> dict[str, Any]:
    evidence = {"recorded": True, "reviewed_on": None, "attempts": 0, "channels": 0, "days": 0}
    return {"person": person, "code": "X5", **evidence}


_FATHER = _person("father", "parent", 36, patient_of_responder=False, informed_by_requester=False)

EXAMPLE: Mapping[str, Any] = {
    "version": 1,
    "stage": "answer",
    "now": "2026-11-22T10:00:00Z",
    "actor": {
        "role": "onderzoeker",
        "registration": "skj",
        "supervised_by_registered": False,
        "assurance": "high",
        "mandate": {"from": "2026-01-01", "until": "2027-01-01"},
        "assigned_to_case": True,
    },
    "requester": {"id": "org:vt-amsterdam", "type": "veilig_thuis", "active": True, "connected": True},
    "responder": {
        "id": "org:praktijk-linnaeus",
        "type": "huisarts",
        "active": True,
        "connected": True,
        "profession": "arts",
        "holds_information_professionally": True,
    },
    "purpose": "vt_onderzoek",
    "framework": {
        "case_reference": True,
        "vt_phase": "onderzoek",
        "investigation_determined_on": "2026-11-02",
        "rvdk_task": None,
        "gi_role": None,
        "order": None,
        "zvh_case": False,
        "litigation_between_parents": False,
    },
    "concern": {"nature": True, "seriousness": True, "content": True},
    "danger": {
        "acute": False,
        "person_named": False,
        "threat_named": False,
        "within_hours": None,
        "grave_to_adult": False,
    },
    "persons": [_person("child1", "child", 7), _person("mother", "parent", 34), _FATHER],
    "questions": [_question(1, "child1", "veiligheid"), _question(2, "mother", "gez_kern")],
    "consents": [_consent("mother", "refused")],
    "exceptions": [_exception("mother")],
    "steps": _DONE,
    "weighing": {
        "by_profession": "arts",
        "registration": "big",
        "outcome": "partly",
        "reasons_given": True,
        "relevant": True,
        "contributes": True,
        "no_lesser_means": True,
        "proportionate": True,
        "parts": [
            _part("q1", "veiligheid", "child1", give=True, kind="observation"),
            _part("q2", "gez_kern", "mother", give=False, kind="fact"),
        ],
    },
    "payload": {"bsn_of": [], "written": True, "report_approved": True},
}
"""The input document of decision.md."""


def family_document(*, persons: int = 12, questions: int = 40, most_categories: int = 3) -> dict[str, Any]:
    """Return an answer about a family: every other person an adult, each question of up to so many categories.

    Twelve persons and forty questions are some eighty parts, or forty when each question is of one category.
    """
    family = [person for pair in zip(_CHILDREN, _ADULTS, strict=True) for person in pair][:persons]
    asked = [
        _question(number, family[number % persons]["ref"], *_CATEGORIES[number % len(_CATEGORIES)][:most_categories])
        for number in range(1, questions + 1)
    ]
    parts = [
        _part(question["id"], category, question["person"], give=category != "gez_kern", kind="observation")
        for question in asked
        for category in question["categories"]
    ]
    adults = [person["ref"] for person in family if person["relation"] != "child"]
    return {
        **EXAMPLE,
        "persons": family,
        "questions": asked,
        "consents": [_consent(ref, "refused" if ref == "mother" else "given") for ref in adults],
        "exceptions": [_exception("mother")],
        "weighing": {**EXAMPLE["weighing"], "parts": parts},
    }


_CHILDREN = [_person(f"child{number}", "child", 2 * number) for number in range(1, 7)]
_ADULTS = [
    _person(ref, relation, 40)
    for ref, relation in {
        "mother": "parent",
        "father": "parent",
        "stepfather": "partner_of_parent",
        "grandmother": "other_adult",
        "uncle": "suspected_perpetrator",
        "neighbour": "other_adult",
    }.items()
]

"""The documents of the policies' own cases: named bases and small changes to them.

A base is a document that nothing is wrong with. A case says what it changes: a dotted path to a value, where a number
counts in a list and a name finds the entry with that `ref` or `id`. What stands in a list of persons, questions,
consents, exceptions or weighed parts may leave out fields; they are filled in with what an ordinary one has.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from broker.kernel.errors import InputError, ParseError
from broker.kernel.strict_json import read_json
from broker.kernel.strict_yaml import read_yaml
from broker.policy.bundle import open_schema, policies_path

Document = dict[str, Any]

NOW = "2026-11-22T10:00:00Z"
SCHEMA = open_schema(policies_path(), "document")
_FRAMEWORK = SCHEMA["properties"]["framework"]["properties"]
VT, DOCTOR = "org:vt-amsterdam", "org:praktijk-linnaeus"
STEPS = tuple(SCHEMA["properties"]["steps"]["properties"])
DONE = {step: step != "inform_after" for step in STEPS}
NOT_DONE = dict.fromkeys(STEPS, False)
ORDINARY: Mapping[str, Document] = {
    "persons": {
        "ref": "child1", "relation": "parent", "age": 35, "unborn": False, "capable": True,
        "patient_of_responder": True, "authority": [], "source_protected": False, "informed_by_requester": True,
    },
    "questions": {
        "id": "q1", "person": "child1", "categories": ["veiligheid"], "specific": True, "period_months": 24,
    },
    "consents": {
        "about": "mother", "given_by": ["mother"], "status": "given", "recipient": VT, "purpose": "vt_onderzoek",
        "categories": ["veiligheid", "gez_kern"], "on": "2026-11-18", "until": None, "free": True, "explicit": True,
        "evidence": "document_seen",
    },
    "exceptions": {
        "person": "mother", "code": "X1", "recorded": True, "reviewed_on": "2026-11-20", "attempts": 3, "channels": 2,
        "days": 2,
    },
    "weighing.parts": {
        "question": "q1", "category": "veiligheid", "about": "child1", "give": True, "kind": "observation",
        "approved_separately": False, "third_party_needed": False,
    },
}  # fmt: skip


def a(kind: str, /, **fields: Any) -> Document:
    """Return an ordinary entry of one of the lists, with these fields."""
    return {**deepcopy(ORDINARY[kind]), **fields}


WORKER = {
    "role": "onderzoeker", "registration": "skj", "supervised_by_registered": False, "assurance": "high",
    "mandate": {"from": "2026-01-01", "until": "2027-01-01"}, "assigned_to_case": True,
}  # fmt: skip
PROFESSIONAL = {**WORKER, "role": "huisarts", "registration": "big"}
CHILD = a(
    "persons", ref="child1", relation="child", age=7, capable=False, authority=["mother", "father"]
)  # fmt: skip
MOTHER = a("persons", ref="mother", age=34)
FATHER = a("persons", ref="father", age=36, patient_of_responder=False)
VICTIM = a("persons", ref="victim", relation="adult_victim", age=31)
WEIGHING = {
    "by_profession": "arts", "registration": "big", "outcome": "give", "reasons_given": True, "relevant": True,
    "contributes": True, "no_lesser_means": True, "proportionate": True, "parts": [a("weighing.parts")],
}  # fmt: skip
SAFE = {"acute": False, "person_named": False, "threat_named": False, "within_hours": None, "grave_to_adult": False}
ACUTE = {"acute": True, "person_named": True, "threat_named": True, "within_hours": 2, "grave_to_adult": True}
OTHERS_FRAMEWORK = {
    "case_reference": True, "vt_phase": None, "investigation_determined_on": None, "rvdk_task": None, "gi_role": None,
    "order": None, "zvh_case": False, "litigation_between_parents": False,
}  # fmt: skip

ASK: Document = {
    "version": 1, "stage": "ask", "now": NOW, "actor": WORKER,
    "requester": {"id": VT, "type": "veilig_thuis", "active": True, "connected": True},
    "responder": {
        "id": DOCTOR, "type": "huisarts", "active": True, "connected": True, "profession": "arts",
        "holds_information_professionally": True,
    },
    "purpose": "vt_onderzoek",
    "framework": {
        **OTHERS_FRAMEWORK, "vt_phase": "onderzoek", "investigation_determined_on": "2026-11-02",
    },
    "concern": {"nature": True, "seriousness": True, "content": True},
    "danger": SAFE,
    "persons": [CHILD, MOTHER, FATHER],
    "questions": [a("questions")],
    "consents": [], "exceptions": [],
    "steps": NOT_DONE, "weighing": None,
    "payload": {"bsn_of": [], "written": True, "report_approved": True},
}  # fmt: skip
ANSWER: Document = {**ASK, "stage": "answer", "actor": PROFESSIONAL, "steps": DONE, "weighing": WEIGHING}
OPEN: Document = {**ANSWER, "stage": "open", "actor": WORKER}
_ABOUT_VICTIM = {"persons": [VICTIM], "questions": [a("questions", person="victim")]}
_VICTIMS_CONSENT = a("consents", about="victim", given_by=["victim"])
VICTIM_ASK: Document = {**ASK, **_ABOUT_VICTIM, "consents": [_VICTIMS_CONSENT]}
VICTIM_ANSWER: Document = {
    **ANSWER, **_ABOUT_VICTIM, "consents": [_VICTIMS_CONSENT],
    "weighing": {**WEIGHING, "parts": [a("weighing.parts", about="victim")]},
}  # fmt: skip
ACUTE_ASK: Document = {**ASK, "danger": ACUTE, "purpose": "acuut_gevaar"}
ACUTE_ANSWER: Document = {**ANSWER, "danger": ACUTE, "purpose": "acuut_gevaar", "steps": NOT_DONE}
ACUTE_OPEN: Document = {**ACUTE_ANSWER, "stage": "open", "actor": WORKER}

_ABOUT_MOTHER = {"questions": [a("questions", person="mother")], "consents": [a("consents")]}
_ORDER = {
    "kind": "ots", "from": "2026-03-01", "until": "2027-03-01", "executing_organisation": "org:gi", "child": "child1",
}  # fmt: skip
_ACTING = {"id": VT, "type": "veilig_thuis", "active": True}


def _by(kind: str, role: str, base: Document, *, purpose: str, **facts: Any) -> Document:
    """Return the base with another requester: its worker, its purpose, its framework, and consents towards it."""
    registration = "skj" if kind in {"gi", "okt_jeugdhulp", "rvdk"} else "none"
    framework = {name: facts.pop(name) for name in list(facts) if name in _FRAMEWORK}
    consents = [
        {**consent, "recipient": f"org:{kind}", "purpose": purpose} for consent in facts.pop("consents", ())
    ]  # fmt: skip
    worker = {**WORKER, "role": role, "registration": registration}
    return {
        **base, **facts, "actor": base["actor"] if base["stage"] == "answer" else worker,
        "requester": {"id": f"org:{kind}", "type": kind, "active": True, "connected": True},
        "purpose": purpose, "framework": {**OTHERS_FRAMEWORK, **framework}, "consents": consents,
    }  # fmt: skip


def _to(kind: str, base: Document) -> Document:
    """Return the base with another responder."""
    return {**base, "responder": {**base["responder"], "id": f"org:te-{kind.replace('_', '-')}", "type": kind}}


BASES: Mapping[str, Document] = {
    "ask": ASK,
    "answer": ANSWER,
    "open": OPEN,
    # Nobody was asked or told, for a reason on record.
    "excused_answer": {
        **ANSWER, "steps": {**DONE, "consent_or_inform": False},
        "exceptions": [a("exceptions", person=parent, code="X2") for parent in ("mother", "father")],
    },
    "victim_ask": VICTIM_ASK,
    "victim_answer": VICTIM_ANSWER,
    "acute_ask": ACUTE_ASK,
    "acute_answer": ACUTE_ANSWER,
    "acute_open": ACUTE_OPEN,
    # Veilig Thuis asks a shelter; there its second ground is the shelter's own consent article.
    "shelter_answer": {
        **ANSWER, "actor": {**PROFESSIONAL, "role": "hulpverlener", "registration": "skj"},
        "responder": {**ASK["responder"], "type": "blijf_groep", "profession": "maatschappelijk_werker"},
        "questions": [a("questions", person="mother")], "consents": [a("consents")],
        "weighing": {
            **WEIGHING, "by_profession": "maatschappelijk_werker", "registration": "skj",
            "parts": [a("weighing.parts", about="mother")],
        },
    },
    "police_acute_ask": {
        **ACUTE_ASK, "actor": {**WORKER, "role": "meldkamer", "registration": "none"},
        "requester": {"id": "org:politie-amsterdam", "type": "politie", "active": True, "connected": True},
        "framework": OTHERS_FRAMEWORK,
    },
    # The Raad asks a doctor, for protection (R1) and, outside abuse, for custody (R2).
    "raad_ask": _by("rvdk", "raadsonderzoeker", ASK, purpose="rvdk_bescherming", rvdk_task="bescherming"),
    "raad_answer": _by("rvdk", "raadsonderzoeker", ANSWER, purpose="rvdk_bescherming", rvdk_task="bescherming"),
    "custody_ask": _by(
        "rvdk", "raadsonderzoeker", ASK, purpose="rvdk_gezag_omgang", rvdk_task="gezag_en_omgang", **_ABOUT_MOTHER,
    ),
    # The institution that carries out a supervision order (J1), or that has guardianship (J3).
    "supervision_ask": _by("gi", "jeugdbeschermer", ASK, purpose="ots_uitvoering", gi_role="ots", order=_ORDER),
    "supervision_answer": _by("gi", "jeugdbeschermer", ANSWER, purpose="ots_uitvoering", gi_role="ots", order=_ORDER),
    "guardian_ask": _by(
        "gi", "voogd", ASK, purpose="voogdij_uitvoering", gi_role="voogdij", order={**_ORDER, "kind": "voogdij"},
    ),
    # Without a measure it asks with consent only (J4).
    "voluntary_ask": _by(
        "gi", "jeugdbeschermer", ASK, purpose="gi_vrijwillig", gi_role="vrijwillig_drang", **_ABOUT_MOTHER,
    ),
    "youth_help_ask": _by(
        "okt_jeugdhulp", "jeugdprofessional", ASK, purpose="toeleiding_jeugdhulp", **_ABOUT_MOTHER,
    ),
    "school_ask": _by("school", "intern_begeleider", ASK, purpose="casusoverleg_overig", **_ABOUT_MOTHER),
    "detective_ask": _by("politie", "rechercheur", ASK, purpose="opsporing", **_ABOUT_MOTHER),
    # A doctor asks Veilig Thuis what became of his report (O11).
    "feedback_ask": _to(
        "veilig_thuis",
        _by("huisarts", "huisarts", ASK, purpose="casusoverleg_overig",
            questions=[a("questions", categories=["hulp_verloop"])]),
    ),
    # A match in the reference index (O13), and the table of the Zorg- en Veiligheidshuis (C1).
    "index_ask": _to(
        "college",
        _by("school", "intern_begeleider", ASK, purpose="vir_afstemming", vir={"authorised": True, "risk": "a"},
            questions=[a("questions", categories=["id"])]),
    ),
    "table_ask": _to("vggz", _by("zvh", "procesregisseur", ASK, purpose="casusoverleg_zvh", zvh_case=True)),
    "table_answer": _to(
        "vggz",
        {**_by("zvh", "procesregisseur", ANSWER, purpose="casusoverleg_zvh", zvh_case=True),
         "weighing": {**WEIGHING, "good_care": True}},
    ),
    "police_answer": {
        **_to("politie", ANSWER), "actor": {**PROFESSIONAL, "role": "wijkagent", "registration": "none"},
        "weighing": {**WEIGHING, "by_profession": "politie", "registration": "none"},
    },
    "research_ask": _by("onderzoeker", "onderzoeker", ASK, purpose="onderzoek_statistiek"),
    "postpone": {
        "version": 1, "stage": "postpone", "now": NOW, "actor": WORKER, "organisation": _ACTING,
        "duty": {
            "code": "OB-02", "person": "father", "since": "2026-11-02T10:00:00Z", "due": "2026-11-30T10:00:00Z",
        },
        "needed_for_task": True, "needed_to_end_or_investigate": True, "telling_endangers": True,
        "reasons_given": True,
    },
    "escalate": {
        "version": 1, "stage": "escalate", "now": NOW, "actor": WORKER, "organisation": _ACTING,
        "matter": "ground_doubt",
    },
    "operate": {
        "version": 1, "stage": "operate", "now": NOW, "actor": WORKER,
        "organisation": _ACTING, "operation": "register_case",
    },
}  # fmt: skip


def changed(base: str, change: Mapping[str, Any]) -> Document:
    """Return a copy of the base of this name with the value at each dotted path replaced."""
    document = deepcopy(dict(BASES[base]))
    for path, value in change.items():
        *steps, last = path.split(".")
        node: Any = document
        for step in steps:
            node = node[_place(node, step)]
        node[_place(node, last)] = _completed(path, value)
    return document


def read_documents(path: Path) -> Iterator[tuple[str, Document]]:
    """Yield the decision documents in a file, each with a name for it.

    The file is a `cases.yaml` beside the rules, or JSON or YAML with one document or a list of them. Raises InputError
    that names the entry when it is none of these.
    """
    try:
        data = path.read_bytes()
        read = read_json(data) if path.suffix == ".json" else read_yaml(data, references=path.name == "cases.yaml")
    except (OSError, ParseError) as error:
        finding = f"{path.name}: {error}" if isinstance(error, ParseError) else path.name
        raise InputError("the cases cannot be read", code="policy.cases", errors=(finding,)) from None
    for number, entry in enumerate(read if isinstance(read, list) else [read]):
        place = f"{path.name}[{number}]"
        try:
            if "base" in entry:
                yield f"{path.parent.name}: {entry['name']}", changed(entry["base"], entry.get("change", {}))
            else:
                yield place, {**entry}
        except (KeyError, TypeError, ValueError, AttributeError, IndexError, StopIteration) as error:
            raise InputError("the cases cannot be read", code="policy.cases", errors=(place,)) from error


def _place(node: Any, step: str) -> str | int:
    if not isinstance(node, list):
        return step
    if step.isdigit():
        return int(step)
    return next(place for place, entry in enumerate(node) if step in (entry.get("ref"), entry.get("id")))


def _completed(path: str, value: Any) -> Any:
    if path in ORDINARY and isinstance(value, list):
        return [a(path, **entry) for entry in value]
    return deepcopy(value)

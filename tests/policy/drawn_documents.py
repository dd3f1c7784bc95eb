"""A strategy over the whole closed space of decision documents.

Most documents are a base with some of its fields drawn anew, so that permits are common; now and then every field is
drawn. Enums come from the schema: a new value is in the draw the day it exists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from broker.policy.bundle import load_bundle, policies_path
from broker.policy.cases import BASES, DOCTOR, NOW, SCHEMA, STEPS, VT, Document

TODAY = date.fromisoformat(NOW[:10])

_PROPERTIES, _DEFS = SCHEMA["properties"], SCHEMA["$defs"]
_REFS = ("child1", "mother", "father", "victim", "neighbour", "baby")
_LOOSE_REFS = (*_REFS, "nobody")
_QUESTIONS = ("q1", "q2", "q3", "q4", "q5", "q6")
_COMMON_CATEGORIES = ("veiligheid", "gez_kern", "zorg_betrokkenheid", "hulp_verloop", "gez_detail", "derde", "id")
_RESPONDERS = ("huisarts", "huisarts", "vggz", "school", "buurtteam", "okt_jeugdhulp", "politie", "gi", "rvdk")


def _one_of(*often: Any, rest: Sequence[Any] = ()) -> st.SearchStrategy[Any]:
    return st.sampled_from([*often, *often, *often, *rest]) if rest else st.sampled_from(often)


def _days(*offsets: int) -> st.SearchStrategy[str]:
    """Days around the places where something begins or ends, and anything near."""
    near = [*offsets, *(offset + 1 for offset in offsets), *(offset - 1 for offset in offsets)]
    return st.one_of(st.sampled_from(near), st.integers(-400, 400)).map(
        lambda offset: (TODAY + timedelta(days=offset)).isoformat()
    )


_BOOL = st.booleans()
_MOSTLY = st.sampled_from([True, True, True, False])
_CATEGORY = _one_of(*_COMMON_CATEGORIES, rest=_DEFS["category"]["enum"])
_CATEGORIES = st.lists(_CATEGORY, min_size=1, max_size=3, unique=True)
_ORGANISATION = st.sampled_from([VT, DOCTOR, "org:gi", "org:rvdk", "org:elders"])
_TYPES = _DEFS["organisation_type"]["enum"]
_PURPOSE = _one_of("vt_onderzoek", "vt_onderzoek", "vt_veiligheidsbeoordeling", rest=_DEFS["purpose"]["enum"])
_REGISTRATION = st.sampled_from(_DEFS["registration"]["enum"])
_PROFESSION = st.sampled_from(_DEFS["profession"]["enum"])


def _enum(*path: str) -> list[Any]:
    node: Any = _PROPERTIES
    for step in path:
        node = node[step]
    return list(node["enum"])


_RELATIONS = _enum("persons", "items", "properties", "relation")


def _person(ref: str) -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries({
        "ref": st.just(ref),
        "relation": _one_of("child", "parent", "adult_victim", rest=_RELATIONS),
        "age": st.sampled_from([None, 0, 7, 11, 12, 13, 15, 16, 17, 18, 31, 36]),
        "unborn": st.sampled_from([False, False, False, True]), "capable": _MOSTLY, "patient_of_responder": _BOOL,
        "authority": st.lists(st.sampled_from(_LOOSE_REFS), max_size=3, unique=True),
        "source_protected": st.sampled_from([False, False, False, False, True]), "informed_by_requester": _BOOL,
    })  # fmt: skip


_PERSONS = st.lists(st.sampled_from(_REFS), min_size=1, max_size=6, unique=True).flatmap(
    lambda refs: st.tuples(*map(_person, refs)).map(list)
)
_QUESTION_LIST = st.integers(0, 6).flatmap(
    lambda count: st.tuples(
        *(
            st.fixed_dictionaries({
                "id": st.just(name), "person": st.sampled_from(_LOOSE_REFS), "categories": _CATEGORIES,
                "specific": _MOSTLY, "period_months": st.sampled_from([24, 24, 24, 0, 25, 120, None]),
            }, optional={"only_whether_known": _BOOL})
            for name in _QUESTIONS[:count]
        )
    ).map(list)
)  # fmt: skip
_CONSENT = st.fixed_dictionaries({
    "about": st.sampled_from(_REFS), "given_by": st.lists(st.sampled_from(_LOOSE_REFS), max_size=3, unique=True),
    "status": _one_of("given", rest=_enum("consents", "items", "properties", "status")),
    "recipient": st.sampled_from([VT, VT, "type:veilig_thuis", "org:gi", "org:rvdk", "org:elders", "type:gi"]),
    "purpose": _PURPOSE,
    "categories": st.lists(_CATEGORY, max_size=4, unique=True), "on": _days(0, -90),
    "until": st.none() | _days(0), "free": _MOSTLY, "explicit": _MOSTLY,
    "evidence": _one_of("document_seen", rest=_enum("consents", "items", "properties", "evidence")),
})  # fmt: skip
_EXCEPTION = st.fixed_dictionaries({
    "person": st.sampled_from(_LOOSE_REFS), "code": st.sampled_from(["X1", "X2", "X3", "X4", "X5"]),
    "recorded": _MOSTLY, "reviewed_on": st.none() | _days(0, -14), "attempts": st.integers(0, 4),
    "channels": st.integers(0, 3), "days": st.integers(0, 3),
})  # fmt: skip
_WEIGHED_PART = st.fixed_dictionaries(
    {
        "question": st.sampled_from(_QUESTIONS[:3]), "category": _CATEGORY,
        "about": _one_of("child1", "victim", "mother", rest=_LOOSE_REFS), "give": _MOSTLY,
        "kind": _one_of("fact", rest=["fact", "observation", "reported_by_other", "opinion"]),
        "approved_separately": _BOOL, "third_party_needed": _BOOL,
    },
    optional={"necessary": _MOSTLY, "police_article": st.sampled_from(["8", "9", "10", "13-1"])},
)  # fmt: skip
_WEIGHING = st.fixed_dictionaries({
    "by_profession": _one_of("arts", rest=_DEFS["profession"]["enum"]),
    "registration": _one_of("big", rest=["skj", "none"]),
    "outcome": _one_of("give", "partly", rest=["refuse"]), "reasons_given": _MOSTLY, "relevant": _MOSTLY,
    "contributes": _MOSTLY, "no_lesser_means": _MOSTLY, "proportionate": _MOSTLY,
    "parts": st.lists(_WEIGHED_PART, max_size=6),
}, optional={"good_care": _BOOL})  # fmt: skip
_ORDER = st.fixed_dictionaries({
    "kind": st.sampled_from(["ots", "vots", "voogdij", "voorlopige_voogdij", "jeugdreclassering"]),
    "from": _days(0), "until": _days(0, 1), "executing_organisation": _ORGANISATION,
    "child": st.sampled_from(_LOOSE_REFS),
})  # fmt: skip
_VIR = st.fixed_dictionaries({"authorised": _MOSTLY, "risk": st.sampled_from(["a", "k", "l"])})


def boundaries(value: Any) -> set[date]:
    """Return the days on which a row of the tables begins or ends."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    own = {value.get(name) for name in ("valid_from", "valid_to")} if isinstance(value, dict) else set()
    return {date.fromisoformat(day) for day in own if day}.union(*map(boundaries, inner))


BOUNDARIES = sorted(boundaries(load_bundle(policies_path()).data["law"]))
_AROUND = [
    f"{day + timedelta(days=off)}T{at}Z" for day in BOUNDARIES for off in (-1, 0) for at in ("00:00:00", "23:59:59")
]
_MOMENT = _one_of(NOW, "2026-11-22T00:00:00Z", "2026-11-21T23:59:59Z", rest=[*_AROUND, "2028-02-29T12:00:00.5Z"])
_FIELDS: Mapping[str, st.SearchStrategy[Any]] = {
    "stage": st.sampled_from(["ask", "answer", "open"]),
    "now": _MOMENT,
    "actor.role": st.sampled_from(["onderzoeker", "huisarts", "meldkamer", "psychiater", "planner", "jeugdbeschermer"]),
    "actor.registration": _REGISTRATION,
    "actor.supervised_by_registered": _BOOL,
    "actor.assurance": _one_of("high", rest=["low", "substantial", "high"]),
    "actor.mandate": st.none() | st.fixed_dictionaries({"from": _days(-300, 0), "until": _days(0, 1, 300)}),
    "actor.assigned_to_case": _MOSTLY,
    "requester.id": _ORGANISATION,
    "requester.type": _one_of("veilig_thuis", rest=_TYPES),
    "requester.active": _MOSTLY,
    "requester.connected": _MOSTLY,
    "responder.id": _ORGANISATION,
    "responder.type": _one_of(*_RESPONDERS, rest=_TYPES),
    "responder.active": _MOSTLY,
    "responder.connected": _MOSTLY,
    "responder.profession": _PROFESSION,
    "responder.holds_information_professionally": _MOSTLY,
    "purpose": _PURPOSE,
    "framework.case_reference": _MOSTLY,
    "framework.vt_phase": _one_of(
        "onderzoek", "veiligheidsbeoordeling", rest=_enum("framework", "properties", "vt_phase")
    ),
    "framework.investigation_determined_on": st.none() | _days(0, -70, -20),
    "framework.rvdk_task": st.sampled_from(_enum("framework", "properties", "rvdk_task")),
    "framework.gi_role": st.sampled_from(_enum("framework", "properties", "gi_role")),
    "framework.order": st.none() | _ORDER,
    "framework.zvh_case": _BOOL,
    "framework.litigation_between_parents": _BOOL,
    "framework.directly_involved": _BOOL,
    "framework.vir": st.none() | _VIR,
    "concern.nature": _MOSTLY,
    "concern.seriousness": _MOSTLY,
    "concern.content": _MOSTLY,
    "concern.compelling_need": _BOOL,
    "danger.acute": _BOOL,
    "danger.person_named": _BOOL,
    "danger.threat_named": _BOOL,
    "danger.within_hours": st.sampled_from([None, 0, 1, 23.5, 24, 24.25, 100]),
    "danger.grave_to_adult": _BOOL,
    "persons": _PERSONS,
    "questions": _QUESTION_LIST,
    "consents": st.lists(_CONSENT, max_size=4),
    "exceptions": st.lists(_EXCEPTION, max_size=4),
    **{f"steps.{step}": _MOSTLY for step in STEPS},
    "weighing": st.none() | _WEIGHING,
    "payload.bsn_of": st.lists(st.sampled_from(_LOOSE_REFS), max_size=3, unique=True),
    "payload.written": _MOSTLY,
    "payload.report_approved": _MOSTLY,
}
_BASE_NAMES = [name for name, base in BASES.items() if base["stage"] in {"ask", "answer", "open"}]
_BASE_NAMES += ["supervision_ask"] * 3  # the one duty; any of many changes makes it a refusal

_OFTEN = ("requester.connected", "payload.written", "framework.investigation_determined_on") * 6
"""What a referral comes from, which any refusal hides."""


@st.composite
def documents(draw: Callable[[st.SearchStrategy[Any]], Any], *, most_changes: int = 6) -> Document:
    """Draw a document that fits the schema: a base with up to so many fields drawn anew, or now and then all."""
    base = draw(st.sampled_from(_BASE_NAMES))
    some = st.lists(st.sampled_from([*_FIELDS, *_OFTEN]), max_size=most_changes, unique=True)
    paths = list(_FIELDS) if draw(st.sampled_from([False] * 7 + [True])) else draw(some)
    document = deepcopy(dict(BASES[base]))
    for path in paths:
        *steps, last = path.split(".")
        node = document
        for step in steps:
            node = node[step]
        node[last] = draw(_FIELDS[path])
    return document

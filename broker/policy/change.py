"""What somebody could honestly bring about after a refusal, as changes to the decision document.

A change is an act: describe, ask, record, sign in, approve. What only the world or a person's own judgement can make so
is never offered: no danger, age, relation, refusal, phase or order is touched, and no finding of the professional. A
change marked `only_if_so` is a fact that may be recorded only when it is true; one with `asks` depends on a person, who
may say no, and is not offered once that person has refused or withdrawn (law.md 3.12; AVG art. 4 lid 11 and 7).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from broker.domain.weighing import STEPS

Document = Mapping[str, Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One thing that one party could do: `kind` says what, `what` about which (a step, a question, a person's ref).

    `puts` are the values it puts in the document, by path; `adds` what it adds to a list. Parties are those of an
    obligation, and `operator`.
    """

    kind: str
    what: str = ""
    by: str
    puts: tuple[tuple[Path, Any], ...] = ()
    adds: tuple[tuple[str, Any], ...] = ()
    only_if_so: bool = False
    asks: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Name the change among those of one document: kind, and what it is about."""
        return ":".join(filter(None, (self.kind, self.what, ",".join(self.asks))))

    @property
    def effort(self) -> tuple[bool, bool, int]:
        """Order changes: what can simply be done comes before what must be so, and before what a person must grant."""
        return bool(self.asks), self.only_if_so, len(self.adds)


def changed(document: Document, changes: Iterable[Change]) -> dict[str, Any]:
    """Return a copy of the document after these changes."""
    copy: dict[str, Any] = deepcopy(dict(document))
    for change in changes:
        for path, value in change.puts:
            node: Any = copy
            for step in path[:-1]:
                node = node[step]
            node[path[-1]] = deepcopy(value)
        for field, entry in change.adds:
            copy[field].append(deepcopy(entry))
    return copy


def worlds(document: Document, roles: Sequence[str]) -> tuple[tuple[Change, ...], ...]:
    """Return the changes that can be made together, one tuple for each way to fill in what is not on record.

    A task or role that is unknown can be one thing only, so each of its values is a world of its own. `roles` are those
    that the policy's parameters let act here.
    """
    common = tuple(sorted(_common(document, roles), key=lambda change: (change.effort, change.name)))
    fillings = [change for path in _UNKNOWN for change in _fillings(document, path)]
    return tuple((*common, filling) for filling in fillings) or (common,)


_UNKNOWN = {
    ("framework", "rvdk_task"): ("bescherming", "gezag_en_omgang", "straf", "adoptie_afstamming", "toetsing"),
    ("framework", "gi_role"): ("ots", "vots", "voogdij", "voorlopige_voogdij", "jeugdreclassering", "vrijwillig_drang"),
    ("framework", "vt_phase"): ("veiligheidsbeoordeling", "onderzoek", "voorwaarden_en_vervolg"),
}
_OF = {"rvdk_task": "rvdk", "gi_role": "gi", "vt_phase": "veilig_thuis"}


def _fillings(document: Document, path: tuple[str, str]) -> Iterator[Change]:
    part, name = path
    if part in document and document[part][name] is None and document["requester"]["type"] == _OF[name]:
        for value in _UNKNOWN[path]:
            yield Change(kind=f"record_{name}", what=value, by="requester", puts=((path, value),), only_if_so=True)


def _common(document: Document, roles: Sequence[str]) -> Iterator[Change]:
    yield from _of_actor(document, roles)
    yield from _of_facts(document)
    if "questions" in document:
        yield from _of_questions(document)
        yield from _of_consents(document)
        yield from _of_exceptions(document)
        yield from _of_weighing(document)


def _of_actor(document: Document, roles: Sequence[str]) -> Iterator[Change]:
    by = "responder" if document["stage"] == "answer" else "requester"
    today = date.fromisoformat(document["now"][:10])
    lasting = {"from": today.isoformat(), "until": (today + timedelta(days=1)).isoformat()}
    actor: Path = ("actor",)
    yield Change(kind="sign_in_stronger", by=by, puts=(((*actor, "assurance"), "high"),))
    yield Change(kind="renew_mandate", by=by, puts=(((*actor, "mandate"), lasting),))
    if not document["actor"]["assigned_to_case"]:
        yield Change(kind="assign_to_case", by=by, puts=(((*actor, "assigned_to_case"), True),))
    if not document["actor"]["supervised_by_registered"]:
        supervised = (((*actor, "supervised_by_registered"), True),)
        yield Change(kind="under_supervision", by=by, puts=supervised, only_if_so=True)
    if roles and document["actor"]["role"] not in roles:
        yield Change(kind="authorised_colleague", by=by, puts=(((*actor, "role"), roles[0]),), only_if_so=True)


_SAID = (
    # Whether it is there, what it takes, who does it, and whether it may be said only when it is so.
    (("concern", "nature"), "describe_nature", "requester", False),
    (("concern", "seriousness"), "describe_seriousness", "requester", False),
    (("concern", "content"), "describe_content", "requester", False),
    (("concern", "compelling_need"), "explain_compelling_need", "requester", True),
    (("framework", "case_reference"), "record_case", "requester", True),
    (("requester", "active"), "register_requester", "operator", False),
    (("responder", "active"), "register_responder", "operator", False),
    (("requester", "connected"), "connect_requester", "operator", False),
    (("responder", "connected"), "connect_responder", "operator", False),
    (("organisation", "active"), "register_organisation", "operator", False),
    (("payload", "written"), "put_in_writing", "responder", False),
    (("payload", "report_approved"), "approve_report", "responder", True),
    (("reasons_given",), "give_reasons", "requester", False),
    (("weighing", "reasons_given"), "give_reasons", "responder", False),
)


def _of_facts(document: Document) -> Iterator[Change]:
    for path, kind, by, only_if_so in _SAID:
        node: Any = document
        for step in path[:-1]:
            node = (node or {}).get(step)
        if isinstance(node, Mapping) and node.get(path[-1], False) is False and _belongs(node, path):
            yield Change(kind=kind, by=by, puts=((path, True),), only_if_so=only_if_so)
    for name in document.get("steps", {}):
        if document["stage"] == "answer" and not document["steps"][name]:
            code = next(code for code, step in STEPS.items() if step == name)
            yield Change(kind="take_step", what=code, by="responder", puts=((("steps", name), True),))
    if document.get("payload", {}).get("bsn_of"):
        yield Change(kind="strip_number", by="requester", puts=((("payload", "bsn_of"), []),))


def _belongs(node: Mapping[str, Any], path: tuple[str, ...]) -> bool:
    """Tell whether the document has this field, or may have it (the one with a default)."""
    return path[-1] in node or path[-1] == "compelling_need"


def _of_questions(document: Document) -> Iterator[Change]:
    for place, question in enumerate(document["questions"]):
        concrete = [category for category in question["categories"] if category != "heel_dossier"] or ["veiligheid"]
        if not question["specific"] or concrete != question["categories"]:
            where: Path = ("questions", place)
            yield Change(
                kind="ask_concretely",
                what=question["id"],
                by="requester",
                puts=(((*where, "specific"), True), ((*where, "categories"), concrete)),
            )


def _objected(document: Document, ref: str) -> bool:
    said = {"refused", "withdrawn"}
    return any(
        consent["status"] in said and (ref == consent["about"] or ref in consent["given_by"])
        for consent in document["consents"]
    ) or any(entry["code"] == "X5" and entry["person"] == ref for entry in document["exceptions"])


def _of_consents(document: Document) -> Iterator[Change]:
    """Ask consent of whoever could give it: the person, those who represent him, or all of them.

    Which of these counts is for the policy to say. Nobody is asked who said no before, nor a suspected perpetrator.
    """
    for person in document["persons"]:
        ref = person["ref"]
        asked = sorted({c for q in document["questions"] if q["person"] == ref for c in q["categories"]})
        if not asked or _objected(document, ref):
            continue
        suspected = {p["ref"] for p in document["persons"] if p["relation"] == "suspected_perpetrator"}
        authority = tuple(person["authority"])
        for givers in dict.fromkeys(((ref,), authority, tuple(dict.fromkeys((ref, *authority))))):
            if not givers or any(g != ref and (g in suspected or _objected(document, g)) for g in givers):
                continue
            consent = {
                "about": ref, "given_by": list(givers), "status": "given", "recipient": document["requester"]["id"],
                "purpose": document["purpose"], "categories": asked, "on": document["now"][:10], "until": None,
                "free": True, "explicit": True, "evidence": "given_in_person",
            }  # fmt: skip
            yield Change(
                kind="ask_consent",
                what=ref,
                by="responder",
                adds=(("consents", consent),),
                asks=givers,
            )
    for place, consent in enumerate(document["consents"]):
        if consent["status"] == "given" and consent["evidence"] == "claimed_by_requester":
            seen = ((("consents", place, "evidence"), "document_seen"),)
            yield Change(kind="see_consent", what=consent["about"], by="responder", puts=seen, only_if_so=True)


def _of_exceptions(document: Document) -> Iterator[Change]:
    """Record why asking or telling was left out, for everybody it would have been owed to."""
    today = document["now"][:10]
    for place, entry in enumerate(document["exceptions"]):
        if entry["code"] == "X1" and entry["reviewed_on"] != today:
            reviewed = ((("exceptions", place, "reviewed_on"), today),)
            yield Change(kind="review_safety", what=entry["person"], by="responder", puts=reviewed, only_if_so=True)
        if not entry["recorded"]:
            recorded = ((("exceptions", place, "recorded"), True),)
            yield Change(kind="record_reason", what=entry["code"], by="responder", puts=recorded, only_if_so=True)
    people = [person["ref"] for person in document["persons"]]
    refused = [ref for ref in people if any(c["status"] == "refused" and ref in c["given_by"]
                                            for c in document["consents"])]  # fmt: skip
    codes = {"X1": people, "X2": people, "X3": people if document["danger"]["acute"] else [], "X4": people,
             "X5": refused}  # fmt: skip
    for code, about in codes.items():
        entry = {"code": code, "recorded": True, "reviewed_on": today, "attempts": 3, "channels": 2, "days": 2}
        if about and document["stage"] == "answer" and not document["steps"]["consent_or_inform"]:
            yield Change(
                kind="record_reason",
                what=code,
                by="responder",
                adds=tuple(("exceptions", {"person": ref, **entry}) for ref in about),
                only_if_so=True,
            )


def _of_weighing(document: Document) -> Iterator[Change]:
    """Approve separately what is given and sensitive; the findings of the weighing itself are never touched."""
    weighing = document["weighing"] or {"parts": []}
    for place, part in enumerate(weighing["parts"]):
        if part["give"] and not part["approved_separately"]:
            approved = ((("weighing", "parts", place, "approved_separately"), True),)
            what = f"{part['question']}/{part['category']}"
            yield Change(kind="approve_separately", what=what, by="responder", puts=approved, only_if_so=True)

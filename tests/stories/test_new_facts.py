"""Each optional fact changes the decision it is about, from the request or the weighing that says it, over HTTP.

One family, two people: somebody asks and somebody answers. Each story is played with the fact and without it, and the
fact is the only difference between the two.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from matter import WEIGHED

from broker.demo.casefile import parse_case
from broker.demo.story import Played, play

Change = tuple[str, Any]

_MANDATE = {"from": "2026-01-01", "until": "2027-01-01"}
_WORKERS = {
    "veilig_thuis": ("onderzoeker", "maatschappelijk_werker", "skj"),
    "rvdk": ("raadsonderzoeker", "maatschappelijk_werker", "skj"),
    "gi": ("jeugdbeschermer", "jeugdprofessional", "skj"),
    "okt_jeugdhulp": ("jeugdprofessional", "jeugdprofessional", "skj"),
    "school": ("intern_begeleider", "overig", "none"),
    "zvh": ("procesregisseur", "overig", "none"),
    "huisarts": ("huisarts", "arts", "big"),
    "vggz": ("psychiater", "arts", "big"),
    "politie": ("wijkagent", "politie", "none"),
    "college": ("beleidsuitvoerder", "overig", "none"),
}
PLACES = {
    "compelling_need": "request.concern.compelling_need",
    "directly_involved": "request.directly_involved",
    "vir": "case.vir",
    "only_whether_known": "request.questions.q1.only_whether_known",
    "bsn_of": "request.bsn_of",
    "good_care": "weighing.good_care",
    "police_article": "weighing.parts.0.police_article",
    "bsn_in_answer": "weighing.bsn_of",
}
"""Where a case file says each fact."""


def story(asker: str, responder: str, purpose: str, *changes: Change, answered: bool = True) -> str:
    """Return the text of a case file in which `asker` asks, and `responder` answers unless he is not to be asked."""
    weighing = {
        "outcome": "give",
        "reasons": "nodig voor het kind",
        **dict.fromkeys(("relevant", "contributes", "no_lesser_means", "proportionate"), True),
        "parts": [
            {
                "question": "q1",
                "category": "veiligheid",
                "about": "child1",
                "give": True,
                "kind": "fact",
                "approved_separately": True,
            }
        ],
    }
    request = {
        "responder": "two",
        "purpose": purpose,
        "concern": {"nature": "zorgen", "seriousness": "ernstig", "content": "wat er gezien is"},
        "persons": ["child1", "mother"],
        "patients": ["child1"],
        "questions": {
            "q1": {
                "person": "child1",
                "text": "Wat weet u?",
                "categories": ["veiligheid"],
                "specific": True,
                "period_months": 12,
            }
        },
    }
    case = {
        "reference": "ZAAK-1",
        "persons": {
            "child1": {
                "relation": "child",
                "name": "Noor",
                "birth_on": "2019-05-14",
                "authority": ["mother"],
                "informed_by_requester": True,
            },
            "mother": {
                "relation": "parent",
                "name": "Marieke",
                "birth_on": "1992-03-08",
                "capable": True,
                "informed_by_requester": True,
            },
        },
    }
    facts = deepcopy({"case": case, "request": request, "weighing": weighing})
    for path, value in changes:
        *steps, last = path.split(".")
        at: Any = facts
        for step in steps:
            at = at[int(step)] if isinstance(at, list) else at[step]
        at[last] = value
    steps = WEIGHED["steps"]
    answering: list[dict[str, Any]] = [
        {"take": {"by": "responder", "request": "asked"}},
        {"record": {"by": "responder", "request": "asked", "steps": steps, "weighing": facts["weighing"]}},
        {"preview": {"by": "responder", "request": "asked"}},
    ]
    return json.dumps(
        {
            "name": "fact",
            "title": "Een feit",
            "source": "policies/schema/document.schema.json",
            "now": "2026-11-22T10:00:00Z",
            "organisations": {
                name: {
                    "id": f"org:{name}",
                    "oin": f"0000000100321434500{number}",
                    "name": name,
                    "type": kind,
                    "profession": _WORKERS[kind][1],
                    "holds_information_professionally": True,
                }
                for number, (name, kind) in enumerate((("one", asker), ("two", responder)))
            },
            "staff": {
                name: {
                    "organisation": organisation,
                    "name": name,
                    **dict(zip(("role", "profession", "registration"), _WORKERS[kind], strict=True)),
                    "mandate": _MANDATE,
                }
                for name, organisation, kind in (("asker", "one", asker), ("responder", "two", responder))
            },
            "case": facts["case"],
            "requests": {"asked": facts["request"]},
            "acts": [
                {"register": {"by": "asker"}},
                {"ask": {"by": "asker", "request": "asked"}},
                *(answering if answered else []),
            ],
        }
    )


def last_decision(text: str) -> dict[str, Any]:
    """Play a story to its end and return what its last act decided."""
    played: Played = play(parse_case(text))
    assert not played.surprises
    assert len(played.happened) == len(played.case.acts)
    decision: dict[str, Any] = played.happened[-1].result["decision"]
    return decision


def seen(decision: dict[str, Any]) -> tuple[str, set[str], str | None]:
    """Return the outcome, the codes of the reasons and the ground of the one part."""
    return decision["outcome"], {reason["code"] for reason in decision["reasons"]}, decision["parts"][0]["ground"]


Seen = tuple[str, set[str], str | None]

INVESTIGATING = (("case.vt_phase", "onderzoek"), ("case.investigation_determined_on", "2026-11-02"))

ASKING: dict[str, tuple[tuple[Any, ...], Any, Seen, Seen]] = {
    # The Raad asks a GP for a custody case (law.md R2): with consent, or with a need that it explains.
    "compelling_need": (
        ("rvdk", "huisarts", "rvdk_gezag_omgang", ("case.rvdk_task", "gezag_en_omgang")),
        "Alleen de huisarts zag het letsel, en de rechter beslist over twee weken.",
        ("deny", {"DN-21"}, None),
        ("permit_pending", set(), "BW-1:240"),
    ),
    # Youth help asks the GP with whom it carries out the same help (law.md O1).
    "directly_involved": (
        ("okt_jeugdhulp", "huisarts", "toeleiding_jeugdhulp"),
        True,
        ("deny", {"DN-14"}, None),
        ("permit_pending", set(), "BW-7:457-2"),
    ),
    # A school and the council both reported the child in the reference index (law.md O13).
    "vir": (
        ("school", "college", "vir_afstemming", ("request.questions.q1.categories", ["id"])),
        {"authorised": True, "risk": "a"},
        ("deny", {"DN-27"}, None),
        ("permit_pending", set(), "JW-7.1.4.1"),
    ),
    # A citizen service number that a GP and Veilig Thuis may not both use is taken out; the rest goes on (3.10).
    "bsn_of": (
        ("veilig_thuis", "huisarts", "vt_onderzoek", *INVESTIGATING),
        ["child1"],
        ("permit_pending", set(), "WMO-5.2.6"),
        ("permit_pending", {"DN-30"}, "WMO-5.2.6"),
    ),
}


@pytest.mark.parametrize("fact", ASKING)
def test_fact_of_the_request_changes_what_may_be_asked(fact: str) -> None:
    told, value, without, with_it = ASKING[fact]

    assert seen(last_decision(story(*told, answered=False))) == without
    assert seen(last_decision(story(*told, (PLACES[fact], value), answered=False))) == with_it


ANSWERING: dict[str, tuple[tuple[Any, ...], Any, Seen, Seen]] = {
    # At the table of the Zorg- en Veiligheidshuis a psychiatrist speaks when good care asks for it (WGS 2.29 lid 2).
    "good_care": (
        ("zvh", "vggz", "casusoverleg_zvh", ("case.zvh_case", True)),
        True,
        ("deny", {"DN-14"}, None),
        ("permit", set(), "BW-7:453"),
    ),
    # Police data of a running investigation is not among what may go to Veilig Thuis (Besluit politiegegevens 4:2).
    "police_article": (
        ("veilig_thuis", "politie", "vt_onderzoek", *INVESTIGATING),
        "9",
        ("permit", set(), "BPG-4:2-1-i"),
        ("deny", {"DN-15"}, None),
    ),
    "bsn_in_answer": (
        ("veilig_thuis", "huisarts", "vt_onderzoek", *INVESTIGATING),
        ["child1"],
        ("permit", set(), "WMO-5.2.6"),
        ("permit", {"DN-30"}, "WMO-5.2.6"),
    ),
}


@pytest.mark.parametrize("fact", ANSWERING)
def test_fact_of_the_weighing_changes_what_may_leave(fact: str) -> None:
    told, value, without, with_it = ANSWERING[fact]

    assert seen(last_decision(story(*told))) == without
    assert seen(last_decision(story(*told, (PLACES[fact], value)))) == with_it


def test_asking_only_whether_somebody_is_known_takes_the_first_steps_only() -> None:
    told = ("veilig_thuis", "huisarts", "vt_onderzoek", *INVESTIGATING)
    known = ("request.questions.q1.categories", ["zorg_betrokkenheid"])
    only = (PLACES["only_whether_known"], True)

    assert len(last_decision(story(*told, known, answered=False))["todo"]) == 10
    assert last_decision(story(*told, known, only, answered=False))["todo"] == ["ST-01", "ST-02", "ST-03"]


@pytest.mark.parametrize("fact", ["compelling_need", "directly_involved"])
def test_fact_that_let_the_question_out_still_carries_the_answer(fact: str) -> None:
    told, value, _, (_, _, ground) = ASKING[fact]

    assert seen(last_decision(story(*told, (PLACES[fact], value)))) == ("permit", set(), ground)

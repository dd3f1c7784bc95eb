"""The case and the request that tests are about, and how to bring the request into each of its states."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from people import People
from waiting import eventually

from broker.api.weighing import StepIn

STEP = {
    "whom": "aandachtsfunctionaris",
    "day": "2026-01-05",
    "channel": "in_person",
    "outcome": "vindt het goed zo",
    "note": "gelezen en vastgelegd",
}
"""A record that is complete for any step, as it is sent."""

RECORDED = StepIn.model_validate(STEP).record()

WEIGHED: dict[str, Any] = {
    "steps": {f"ST-{number:02d}": STEP for number in range(1, 11)},
    "weighing": {
        "outcome": "give",
        "reasons": "nodig voor de veiligheid",
        "relevant": True,
        "contributes": True,
        "no_lesser_means": True,
        "proportionate": True,
        "parts": [
            {"question": "q1", "category": "veiligheid", "about": "child1", "give": True, "kind": "observation"},
            {
                "question": "q2",
                "category": "gez_kern",
                "about": "father",
                "give": True,
                "kind": "fact",
                "necessary": False,
            },
        ],
    },
}
"""What the professional records; q2 warrants no breach of secrecy, so that it goes with consent only."""

REFUSING = {**WEIGHED, "weighing": {**WEIGHED["weighing"], "outcome": "refuse", "parts": []}}

TOLD = {"because": "nothing_known", "message": "Vraag het de school."}
"""What the asker is told when the professional declines."""

ANSWERS = [
    {"question": "q1", "category": "veiligheid", "about": "child1", "kind": "observation", "text": "blauwe plek"},
    {"question": "q2", "category": "gez_kern", "about": "father", "kind": "fact", "text": "onder behandeling"},
]


class Matter:
    """The family matter of the tests: VT asks the GP about a child's injuries and, with consent, about the father."""

    def __init__(self, people: People) -> None:
        self._people = people

    @property
    def today(self) -> date:
        """The day it is for the broker."""
        return self._people.now().date()

    def case_body(self) -> dict[str, Any]:
        """Return a case under investigation."""
        return {
            "reference": "VT-2026-1",
            "vt_phase": "onderzoek",
            "investigation_determined_on": (self.today - timedelta(days=20)).isoformat(),
            "persons": [
                {
                    "ref": "child1",
                    "relation": "child",
                    "name": "Sanne de Vries",
                    "birth_on": "2019-05-14",
                    "authority": ["mother", "father"],
                    "informed_by_requester": True,
                },
                {"ref": "mother", "relation": "parent", "name": "Marieke", "birth_on": "1992-01-01", "capable": True},
                {"ref": "father", "relation": "parent", "name": "Tom", "birth_on": "1990-01-01", "capable": True},
            ],
        }

    def ask_body(self, case: str) -> dict[str, Any]:
        """Return a request with two questions, one of them about the father's health."""
        return {
            "case": case,
            "responder": "org:gp",
            "purpose": "vt_onderzoek",
            "concern": {"nature": "mishandeling", "seriousness": "ernstig", "content": "letsel bij een kind"},
            "persons": ["child1", "mother", "father"],
            "patients": ["child1"],
            "questions": [
                {
                    "id": "q1",
                    "person": "child1",
                    "text": "Is er letsel gezien?",
                    "categories": ["veiligheid"],
                    "specific": True,
                    "period_months": 24,
                },
                {
                    "id": "q2",
                    "person": "father",
                    "text": "Is hij onder behandeling?",
                    "categories": ["gez_kern"],
                    "specific": True,
                    "period_months": 24,
                },
            ],
        }

    def consent_body(self, **place: str) -> dict[str, Any]:
        """Return the father's consent, in a case or on a request."""
        return {
            **place,
            "about": "father",
            "given_by": ["father"],
            "status": "given",
            "recipient": "org:vt",
            "purpose": "vt_onderzoek",
            "categories": ["gez_kern"],
            "on": (self.today - timedelta(days=2)).isoformat(),
            "free": True,
            "explicit": True,
            "evidence": "given_in_person",
        }

    def case(self) -> str:
        """Register a case and return its id."""
        return str(self._people.client("worker").register_case(self.case_body())["id"])

    def delivered(self, case: str | None = None) -> str:
        """Ask, and return the id of the request that was delivered."""
        asked = self._people.client("worker").ask(self.ask_body(case or self.case()))
        assert asked["request"]["state"] == "delivered", asked["decision"]
        return str(asked["request"]["id"])

    def case_of(self, request: str) -> str:
        """Return the case behind a request."""
        return str(self._people.client("worker").request(request)["request"]["case"])

    def taken(self, case: str | None = None) -> str:
        """Return the id of a request that the doctor took up."""
        request = self.delivered(case)
        self._people.client("doctor").take(request)
        return request

    def consented(self, request: str) -> str:
        """Record the father's consent on a request, and return its id."""
        return str(self._people.client("doctor").record_consent(self.consent_body(request=request))["id"])

    def weighed(self, case: str | None = None) -> tuple[str, str]:
        """Return a request that was weighed and the consent that carries its second question."""
        request = self.taken(case)
        consent = self.consented(request)
        self._people.client("doctor").record(request, WEIGHED)
        return request, consent

    def victim_case(self) -> str:
        """Register a case about an adult without children, and return its id."""
        body = self.case_body()
        victim = {"ref": "victim", "relation": "adult_victim", "name": "Els", "birth_on": "1990-01-01", "capable": True}
        return str(self._people.client("worker").register_case({**body, "persons": [victim]})["id"])

    def victim_body(self, case: str) -> dict[str, Any]:
        """Return a request about that adult, which takes consent."""
        body = self.ask_body(case)
        question = {**body["questions"][0], "person": "victim"}
        return {**body, "persons": ["victim"], "patients": ["victim"], "questions": [question]}

    def victim_consents(self, case: str) -> str:
        """Record the consent of that adult, and return its id."""
        body = {**self.consent_body(case=case), "about": "victim", "given_by": ["victim"], "categories": ["veiligheid"]}
        return str(self._people.client("worker").record_consent(body)["id"])

    def refused(self, case: str | None = None) -> str:
        """Return a request that was refused because nobody asked for that consent."""
        asked = self._people.client("worker").ask(self.victim_body(case or self.victim_case()))
        assert asked["request"]["state"] == "refused", asked["decision"]
        return str(asked["request"]["id"])

    def refusing(self) -> str:
        """Return a request whose weighing says that nothing is given."""
        request = self.taken()
        self._people.client("doctor").record(request, REFUSING)
        return request

    def released(self) -> tuple[str, str]:
        """Return a request that was answered and the consent that carries its second question."""
        request, consent = self.weighed()
        self._people.client("doctor").release(request, ANSWERS)
        return request, consent

    def opened(self, request: str) -> dict[str, Any]:
        """Open as the worker, once the log has caught up."""
        return eventually(lambda: self._people.client("worker").open(request), unless="release.not_logged_yet")

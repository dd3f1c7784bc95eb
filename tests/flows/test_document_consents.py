"""Which consent a discloser may count on: his own record, or the person's later word, not the requester's say-so."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from broker.domain.case import Case, Person
from broker.domain.consent import Consent
from broker.domain.directory import Actor, Organisation, Staff
from broker.domain.document import Facts, decision_document
from broker.domain.request import Concern, Danger, InformationRequest
from broker.kernel.values import Oin

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def organisation(name: str) -> Organisation:
    return Organisation(
        id=f"org:{name}", oin=Oin("0" * 20), name=name, type="veilig_thuis" if name == "vt" else "huisarts",
        active=True, connected=True,
    )  # fmt: skip


def consent(recorded_at: str, status: str = "given") -> Consent:
    return Consent(
        id="c", case="k", about="woman", given_by=("woman",), status=status, recipient="org:vt", purpose="vt_onderzoek",
        categories=("veiligheid",), on=date(2026, 11, 1), until_on=None, free=True, explicit=True,
        evidence="document_seen", recorded_by="s", organisation=f"org:{recorded_at}", changed_at=NOW,
    )  # fmt: skip


def consent_seen(stage: str, record: Consent) -> dict[str, Any]:
    staff = Staff(
        id="s", organisation="org:vt", role="onderzoeker", profession="overig",
        registration="skj", supervised_by_registered=False, active=True,
    )  # fmt: skip
    woman = Person(id="p", ref="woman", relation="adult_victim", name="A", birth_on=date(1985, 1, 1), capable=True)
    request = InformationRequest(
        id="r", case="k", requester="org:vt", asker="s", responder="org:gp", purpose="vt_onderzoek", concern=Concern(),
        danger=Danger(), persons=("woman",), patients=frozenset(), questions=(), asked_at=NOW,
    )  # fmt: skip
    document = decision_document(
        stage=stage,
        now=NOW,
        actor=Actor(staff=staff, organisation=organisation("vt"), assurance="high", mandate=None),
        request=request,
        facts=Facts(
            case=Case(id="k", organisation="org:vt", reference="R", persons=(woman,), staff=frozenset({"s"})),
            requester=organisation("vt"),
            responder=organisation("gp"),
            consents=[record],
        ),
    )
    seen: dict[str, Any] = document["consents"][0]
    return seen


@pytest.mark.parametrize("stage", ["answer", "open"])
def test_consent_recorded_by_the_requester_is_a_claim_once_there_is_an_answer(stage: str) -> None:
    assert consent_seen(stage, consent("vt"))["evidence"] == "claimed_by_requester"
    assert consent_seen(stage, consent("gp"))["evidence"] == "document_seen"


def test_consent_recorded_by_the_requester_lets_the_question_go_out() -> None:
    assert consent_seen("ask", consent("vt"))["evidence"] == "document_seen"


def test_consent_withdrawn_counts_from_the_day_of_the_withdrawal() -> None:
    assert consent_seen("open", consent("gp"))["on"] == "2026-11-01"
    assert consent_seen("open", consent("gp", "withdrawn"))["on"] == "2026-11-22"

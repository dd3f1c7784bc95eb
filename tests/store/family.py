"""One family's case for the store's tests: Veilig Thuis asks a GP; a colleague and a stranger look on.

Every name and sentence here is unmistakable, so that a test can look for it in the raw bytes of a database.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from broker.domain.case import Case, IndexMatch, Order, Person
from broker.domain.consent import Consent
from broker.domain.decision import Decided, Decision, Duty, Ground, PartVerdict, Reason, decision_digest
from broker.domain.directory import Account, Actor, Mandate, Notified, Organisation, Staff
from broker.domain.event import Event
from broker.domain.obligation import Obligation
from broker.domain.release import Release, SealedPart
from broker.domain.request import Concern, Danger, InformationRequest, Question, State
from broker.domain.store import Transaction
from broker.domain.weighing import StepDone, StepRecord, WeighedPart, Weighing
from broker.kernel.values import Oin, new_id

NOW = datetime(2026, 11, 22, 10, 0, 0, 123456, tzinfo=UTC)
ISSUER = "https://id.example"

WORDS = (
    "Sterre Zilverberg",
    "2019-02-28",
    "Moeder Goudappel",
    "Zaak-VT-778899",
    "Slaapt het kind veilig?",
    "Het kind was alleen buiten",
    "Zorgwekkend nachtelijk lawaai",
    "Overlegd met de vertrouwensarts",
    "Omdat het kind anders niet veilig is",
    "Geheim detail van de gebeurtenis",
    "Zonder dit antwoord geen advies aan de rechter",
)
"""Everything below that must never be found as plain bytes."""


def organisation(name: str, kind: str) -> Organisation:
    """Return an active, connected organisation."""
    number = Oin(f"0000000{sum(map(ord, name)):013d}")
    return Organisation(id=f"org:{name}", oin=number, name=name, type=kind, active=True, connected=True)


VT, SCHOOL = organisation("vt", "veilig_thuis"), organisation("school", "school")
GP = replace(
    organisation("gp", "huisarts"),
    notices=Notified(mail=("meldingen@gp.example",), webhook="https://gp.example/hook", when="daily"),
)


def member(name: str, of: Organisation) -> Staff:
    """Return an active member of staff."""
    return Staff(
        id=f"staff:{name}",
        organisation=of.id,
        role="onderzoeker",
        profession="jeugdprofessional",
        registration="skj",
        supervised_by_registered=False,
        active=True,
    )


def account_named(name: str) -> Account:
    """Return how the identity provider knows the member of staff of this name."""
    return Account(issuer=ISSUER, subject=name)


def actor(name: str, of: Organisation) -> Actor:
    """Return that member of staff at work."""
    return Actor(staff=member(name, of), organisation=of, assurance="high", mandate=None)


WORKER, COLLEAGUE = actor("worker", VT), actor("colleague", VT)
DOCTOR, PARTNER = actor("doctor", GP), actor("partner", GP)
TEACHER = actor("teacher", SCHOOL)
EVERYBODY = (WORKER, COLLEAGUE, DOCTOR, PARTNER, TEACHER)

CHILD = Person(
    id="person:child",
    ref="child1",
    relation="child",
    name=WORDS[0],
    birth_on=date(2019, 2, 28),
    authority=("mother",),
    informed_by_requester=True,
)
MOTHER = Person(id="person:mother", ref="mother", relation="parent", name=WORDS[2], birth_on=None, capable=True)

CASE = Case(
    id="case:1",
    organisation=VT.id,
    reference=WORDS[3],
    persons=(CHILD, MOTHER),
    staff=frozenset({WORKER.staff.id}),
    vt_phase="onderzoek",
    investigation_determined_on=date(2026, 11, 2),
    order=Order(
        kind="ots", from_on=date(2026, 1, 1), until_on=date(2027, 1, 1), executing_organisation="org:gi", child="child1"
    ),
    vir=IndexMatch(authorised=True, risk="k"),
)

REQUEST = InformationRequest(
    id="request:1",
    case=CASE.id,
    requester=VT.id,
    asker=WORKER.staff.id,
    responder=GP.id,
    purpose="vt_onderzoek",
    concern=Concern(nature=WORDS[5], content=WORDS[6], compelling_need=WORDS[10]),
    danger=Danger(acute=True, within_hours=4),
    persons=("child1", "mother"),
    patients=frozenset({"mother", "child1"}),
    questions=(
        Question(
            id="q1",
            person="child1",
            text=WORDS[4],
            categories=("veiligheid", "gez_kern"),
            specific=True,
            period_months=24,
            only_whether_known=True,
        ),
        Question(id="q2", person="mother", text="?", categories=("gez_kern",), specific=False, period_months=None),
    ),
    asked_at=NOW,
    directly_involved=True,
    bsn_of=frozenset({"mother", "child1"}),
    state=State.DELIVERED,
)

CONSENT = Consent(
    id="consent:1",
    case=CASE.id,
    about="mother",
    given_by=("mother",),
    status="given",
    recipient=VT.id,
    purpose="vt_onderzoek",
    categories=("gez_kern", "veiligheid"),
    on=date(2026, 11, 18),
    until_on=None,
    free=True,
    explicit=True,
    evidence="document_seen",
    recorded_by=WORKER.staff.id,
    organisation=WORKER.organisation.id,
    changed_at=NOW,
)

STEP = StepDone(
    step="ST-04",
    staff=DOCTOR.staff.id,
    done_at=NOW,
    record=StepRecord(whom=WORDS[7], day=NOW.date(), channel="phone", outcome=WORDS[7], note=WORDS[7]),
)

WEIGHING = Weighing(
    staff=DOCTOR.staff.id,
    by_profession="arts",
    registration="big",
    outcome="partly",
    reasons=WORDS[8],
    reasons_given=True,
    relevant=True,
    contributes=True,
    no_lesser_means=True,
    proportionate=False,
    parts=(
        WeighedPart(
            question="q1", category="veiligheid", about="child1", give=True, kind="observation", police_article="13-1"
        ),
    ),
    good_care=True,
    bsn_of=frozenset({"mother"}),
)

DECISION = Decision(
    outcome="permit_pending",
    parts=(
        PartVerdict(
            question="q1", person="child1", category="veiligheid", verdict="allow", ground="WMO-5.2.6", reasons=()
        ),
    ),
    grounds=(Ground(code="WMO-5.2.6", kind="right", source="jci1.3:c:BWBR0035362", valid_from=date(2015, 1, 1)),),
    reasons=(Reason(code="DN-17", gate="G10", curable=True, remedy="strip", person="mother", question="q2"),),
    referrals=(),
    obligations=(Duty(code="OB-05", on="broker", due=NOW + timedelta(days=7), person=None),),
    todo=("ST-01",),
    exceptions=(),
    law_as_of=date(2026, 11, 22),
    revision="2026.11.1",
    bundle_digest="sha256:" + "0" * 64,
    engine="embedded",
)


def decided(identifier: str, request: str | None = REQUEST.id, **changes: Any) -> Decided:
    """Return a decision on record with the digest that the gate would give it."""
    decision = replace(DECISION, **changes)
    parties = {"requester": {"id": REQUEST.requester}, "responder": {"id": REQUEST.responder}}
    document = {"version": 1, "stage": "ask", "now": identifier, "weight": 1.5, **parties}
    salt = b"salt of one decision, 32 bytes.."
    return Decided(
        id=identifier,
        request=request,
        stage="ask",
        staff=WORKER.staff.id,
        at=NOW,
        document=document,
        decision=decision,
        digest=decision_digest(document, decision, salt),
        salt=salt,
    )


def event(identifier: str | None = None, *, request: str | None = REQUEST.id, **changes: Any) -> Event:
    """Return an event with a detail."""
    values: dict[str, Any] = {
        "tag": "request:question:asked",
        "at": NOW,
        "detail": {"organisation": VT.id, "words": WORDS[9]},
    }
    return Event(id=identifier or new_id("evt", NOW), request=request, **values | changes)


RELEASE = Release(
    id="release:1",
    request=REQUEST.id,
    decision="decision:1",
    responder_public=b"k" * 32,
    released_at=NOW,
    expires_at=NOW + timedelta(days=7),
    event="event:release",
    parts=(
        SealedPart(question="q1", person="child1", category="veiligheid", recipient="key:b", sealed=b"sealed b"),
        SealedPart(question="q1", person="child1", category="veiligheid", recipient="key:a", sealed=b"sealed a"),
    ),
)

OBLIGATION = Obligation(
    id="obligation:1",
    request=REQUEST.id,
    decision="decision:1",
    code="OB-05",
    on="broker",
    person=None,
    due=NOW + timedelta(days=7),
)


def enrol(tx: Transaction) -> None:
    """Keep the organisations, the staff and a mandate for each."""
    for one in (VT, GP, SCHOOL):
        tx.directory.put_organisation(one)
    for each in EVERYBODY:
        tx.directory.put_staff(each.staff, account_named(each.staff.id.removeprefix("staff:")))
        tx.directory.put_mandate(
            Mandate(staff=each.staff.id, from_on=date(2026, 1, 1), until_on=date(2027, 1, 1)),
        )


def ask(tx: Transaction, request: InformationRequest = REQUEST) -> None:
    """Keep directory, case and request."""
    enrol(tx)
    tx.cases.add(CASE)
    tx.requests.add(request)


def answer(tx: Transaction) -> None:
    """Keep everything that belongs to an answered request, each with its event."""
    ask(tx)
    tx.consents.add(CONSENT)
    tx.requests.put_step(REQUEST.id, STEP)
    tx.requests.put_weighing(REQUEST.id, WEIGHING)
    recorded = decided("decision:1")
    tx.decisions.add(recorded)
    tx.releases.add(RELEASE)
    tx.obligations.add([OBLIGATION])
    tx.log.append(event("event:asked", decision=recorded.digest, outcome=recorded.decision.outcome))
    tx.log.append(event("event:release", tag="request:answer:released", decision=recorded.digest))
    tx.log.append(event("event:case", tag="case:file:registered", request=None))

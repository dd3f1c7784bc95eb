"""A request's life as a state machine: real store, real policies, real sealing, acts in any order.

Invariants after every step: nothing is released without a standing permit and an event in the log; nothing that a
withdrawn consent carried is handed out; every act adds exactly one event; the log verifies.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path

import pytest
from broker_keys import fresh_keys
from databases import fresh_sqlite
from effort import times
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from matter import RECORDED

from broker.crypto.canonical import canonical
from broker.crypto.keyfile import PersonalKeys, enrolment_message, new_seeds
from broker.crypto.note import parse_verifier_key
from broker.crypto.seal import RecipientKey, SealContext, open_sealed, seal
from broker.domain.case import CaseFacts, PersonEntry
from broker.domain.directory import Account, Actor, Mandate, Organisation, Staff
from broker.domain.published import proven_release
from broker.domain.release import SealedPart
from broker.domain.request import Concern, Danger, Declination, Question, State
from broker.domain.weighing import STEPS, WeighedPart, Weighing
from broker.domain.wiring import Wiring
from broker.flows import answer, ask, consent, enrol, publish, read, register, verify, weigh
from broker.flows import open as opening
from broker.flows.attempt import PendingAttempts
from broker.kernel.errors import ConflictError, NotFoundError, RefusedError
from broker.kernel.values import Oin
from broker.policy.gate import PolicyGate
from broker.policy.installed import installed_gate
from broker.store.base import Store

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
RIGHT, CONSENTED = ("q1", "child1", "veiligheid"), ("q2", "father", "gez_kern")
QUESTIONS = tuple(
    Question(id=q, person=about, text="?", categories=(category,), specific=True, period_months=24)
    for q, about, category in (RIGHT, CONSENTED)
)
GIVEN = (
    WeighedPart(question="q1", category="veiligheid", about="child1", give=True, kind="observation"),
    WeighedPart(question="q2", category="gez_kern", about="father", give=True, kind="fact", necessary=False),
)


@lru_cache(maxsize=1)
def gate() -> PolicyGate:
    return installed_gate()


@lru_cache(maxsize=2)
def personal_keys(_: str) -> PersonalKeys:
    return PersonalKeys.from_seeds(new_seeds())


def enrolment_of(person: Actor, keys: PersonalKeys) -> enrol.EnrolKey:
    """Return the command by which somebody enrols his key."""
    opening, signing = keys.public_opening, keys.public_signing
    return enrol.EnrolKey(
        actor=person,
        public_opening=opening,
        public_signing=signing,
        proof=keys.sign(enrolment_message(opening, signing)),
    )


def actor(name: str, organisation: Organisation, role: str, profession: str, registration: str) -> Actor:
    staff = Staff(
        id=name, organisation=organisation.id, role=role, profession=profession,
        registration=registration, supervised_by_registered=False, active=True,
    )  # fmt: skip
    mandate = Mandate(staff=name, from_on=date(2026, 1, 1), until_on=date(2027, 6, 1))
    return Actor(staff=staff, organisation=organisation, assurance="high", mandate=mandate)


def account_of(person: Actor) -> Account:
    return Account(issuer="https://issuer", subject=person.staff.id)


def organisation(name: str, kind: str, oin: str) -> Organisation:
    return Organisation(
        id=f"org:{name}", oin=Oin(oin), name=name, type=kind, active=True, connected=True, profession="arts",
        holds_information_professionally=True,
    )  # fmt: skip


def wired(folder: Path, clock: Callable[[], datetime]) -> tuple[Wiring, Store]:
    """Return a wiring with keys and a database of its own in this folder, and the store to close."""
    keys = fresh_keys(folder, clock)
    store = Store(fresh_sqlite(folder), keys)
    return Wiring(store=store, gate=gate(), keys=keys, clock=clock, attempts=PendingAttempts()), store


def registered(worker: Actor, w: Wiring) -> str:
    """Register the case of a child and its father, in which Veilig Thuis investigates, and return its id."""
    persons = (
        PersonEntry(ref="child1", relation="child", name="S", birth_on=date(2019, 5, 14), authority=("father",)),
        PersonEntry(ref="father", relation="parent", name="T", birth_on=date(1990, 1, 1), capable=True),
    )
    command = register.RegisterCase(
        actor=worker,
        facts=CaseFacts(reference="VT-1", vt_phase="onderzoek", investigation_determined_on=date(2026, 11, 2)),
        persons=persons,
    )
    return register.register_case(command, w).id


class Life(RuleBasedStateMachine):
    """One request between one worker and two doctors of one practice."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.now, self.acts = START, 0
        self.w, self.store = wired(Path(self.folder.name), lambda: self.now)
        self.vkeys = [parse_verifier_key(self.w.keys.vkey)]
        safe_home, practice = (
            organisation("vt", "veilig_thuis", "00000001003214345000"),
            organisation("gp", "huisarts", "00000001003214345001"),
        )
        self.worker = actor("worker", safe_home, "onderzoeker", "maatschappelijk_werker", "skj")
        self.doctors = [actor(name, practice, "huisarts", "arts", "big") for name in ("gp1", "gp2")]
        people = [self.worker, *self.doctors]
        command = enrol.EnrolDirectory(
            organisations=(safe_home, practice),
            staff=tuple(person.staff for person in people),
            accounts={person.staff.id: account_of(person) for person in people},
            mandates=tuple(person.mandate for person in people if person.mandate),
        )
        enrol.enrol_directory(command, self.w)
        for person in people[:2]:
            own = personal_keys(person.staff.id)
            key = enrol.enrol_key(enrolment_of(person, own), self.w)
            enrol.vouch_for_key(key.key_id, self.w)
        publish.publish(self.w)
        self.case, self.acts = registered(self.worker, self.w), self.acts + 6
        self.request: str | None = None
        self.consent: str | None = None
        self.taker: Actor | None = None
        self.weighed = self.released = self.withdrawn = False

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.store.close()
            self.folder.cleanup()

    @property
    def state(self) -> State | None:
        return read.read_request(self.worker, self.request, self.w).request.state if self.request else None

    @precondition(lambda self: self.request is None)
    @rule(seriousness=st.booleans())
    def ask(self, seriousness: bool) -> None:
        asked = ask.ask(
            ask.Ask(
                actor=self.worker,
                case=self.case,
                responder="org:gp",
                purpose="vt_onderzoek",
                concern=Concern(nature="n", seriousness="s" if seriousness else " ", content="c"),
                danger=Danger(),
                persons=("child1", "father"),
                patients=frozenset({"child1"}),
                questions=QUESTIONS,
            ),
            self.w,
        )
        self.acts += 1
        assert (asked.request.state is State.DELIVERED) == seriousness
        if seriousness:
            self.request = asked.request.id
        else:
            assert "DN-07" in {reason.code for reason in asked.decided.decision.reasons}
            assert asked.request.id not in {line.id for line in read.inbox(self.doctors[0], self.w)}

    @precondition(lambda self: self.request)
    @rule(doctor=st.integers(0, 1))
    def take(self, doctor: int) -> None:
        taker = self.doctors[doctor]
        state = self.state
        if self.taker is None:
            weigh.take(weigh.Take(actor=taker, request=self.request), self.w)
            self.taker, self.acts = taker, self.acts + 1
        elif taker is not self.taker:
            with pytest.raises(NotFoundError):
                weigh.take(weigh.Take(actor=taker, request=self.request), self.w)
        elif state is not State.WEIGHING:
            with pytest.raises(ConflictError):
                weigh.take(weigh.Take(actor=taker, request=self.request), self.w)
        else:
            weigh.take(weigh.Take(actor=taker, request=self.request), self.w)

    @precondition(lambda self: self.request and self.taker and self.consent is None)
    @rule()
    def consent_given(self) -> None:
        given = consent.record_consent(
            consent.RecordConsent(
                actor=self.taker, case=None, request=self.request, about="father", given_by=("father",), status="given",
                recipient="org:vt", purpose="vt_onderzoek", categories=("gez_kern",), on=self.now.date(), until_on=None,
                free=True, explicit=True, evidence="given_in_person",
            ),
            self.w,
        )  # fmt: skip
        self.consent, self.acts = given.id, self.acts + 1

    @precondition(lambda self: self.consent and not self.withdrawn)
    @rule()
    def consent_withdrawn(self) -> None:
        consent.withdraw_consent(consent.WithdrawConsent(actor=self.taker, consent=self.consent), self.w)
        self.withdrawn, self.acts = True, self.acts + 1

    @precondition(lambda self: self.taker is not None)
    @rule(steps=st.sets(st.sampled_from(sorted(STEPS))), outcome=st.sampled_from(["give", "refuse", None]))
    def record(self, steps: set[str], outcome: str | None) -> None:
        weighing = Weighing(
            staff=self.taker.staff.id, by_profession="arts", registration="big", outcome=outcome, reasons="r",
            reasons_given=True, relevant=True, contributes=True, no_lesser_means=True, proportionate=True,
            parts=GIVEN,
        ) if outcome else None  # fmt: skip
        command = weigh.Record(
            actor=self.taker,
            request=self.request,
            steps=tuple((step, RECORDED) for step in sorted(steps)),
            weighing=weighing,
        )
        # After the answer its record may follow, but nothing that changes what was weighed.
        if self.state is State.WEIGHING or (self.released and outcome != "refuse"):
            weigh.record(command, self.w)
            self.acts += 1
        else:
            with pytest.raises(ConflictError):
                weigh.record(command, self.w)

    @precondition(lambda self: self.taker is not None)
    @rule()
    def all_steps(self) -> None:
        self.record(set(STEPS), "give")

    @precondition(lambda self: self.taker is not None)
    @rule()
    def answer(self) -> None:
        if self.state is not State.WEIGHING:
            with pytest.raises(ConflictError):
                answer.preview(answer.Preview(actor=self.taker, request=self.request), self.w)
            return
        previewed = answer.preview(answer.Preview(actor=self.taker, request=self.request), self.w)
        self.acts += 1
        parts = tuple(
            self.sealed(previewed, part.question, part.person, part.category)
            for part in previewed.decided.decision.allowed
        )
        command = answer.ReleaseAnswer(
            actor=self.taker, request=self.request, decision=previewed.decided.id, parts=parts
        )
        if not parts:
            with pytest.raises(RefusedError):
                answer.release(command, self.w)
        elif self.taker is not self.doctors[0]:
            with pytest.raises(ConflictError):  # no key enrolled
                answer.release(command, self.w)
        else:
            answer.release(command, self.w)
            self.released, self.acts = True, self.acts + 1

    def sealed(self, previewed: answer.Previewed, question: str, person: str, category: str) -> SealedPart:
        key = previewed.recipients[0]
        context = SealContext(
            request=self.request, question=question, category=category, person=person, decision=previewed.decided.id,
            requester="org:vt", responder="org:gp", recipient=key.key_id,
        )  # fmt: skip
        content = seal(
            plaintext=canonical({"text": question}),
            context=context,
            recipient=RecipientKey(key.public_opening),
            sign=personal_keys("gp1").sign,
        )
        return SealedPart(question=question, person=person, category=category, recipient=key.key_id, sealed=content)

    @precondition(lambda self: self.taker is not None)
    @rule()
    def decline(self) -> None:
        try:
            answer.decline(
                answer.Decline(actor=self.taker, request=self.request, declination=Declination("nothing_known")), self.w
            )
        except ConflictError:
            return
        assert not self.released
        self.acts += 1

    @rule(hours=st.sampled_from([1, 5, 30]))
    def wait(self, hours: int) -> None:
        if self.now < START + timedelta(days=40):
            self.now += timedelta(hours=hours)

    @rule()
    def publish(self) -> None:
        publish.publish(self.w)

    @precondition(lambda self: self.request)
    @rule()
    def open(self) -> None:
        try:
            opened = opening.open_answer(opening.Open(actor=self.worker, request=self.request), self.w)
        except ConflictError as error:
            assert error.code in {"release.none_yet", "release.expired", "release.not_logged_yet"}  # noqa: PT017
            assert self.released == (error.code != "release.none_yet")  # noqa: PT017
            return
        self.acts += 1
        event(f"opened {len(opened.parts)} parts{', withdrawn' if self.withdrawn else ''}")
        assert self.released
        for part in opened.parts:
            context = SealContext(
                request=self.request, question=part.question, category=part.category, person=part.person,
                decision=opened.release.decision, requester="org:vt", responder="org:gp", recipient=part.recipient,
            )  # fmt: skip
            open_sealed(
                sealed=part.sealed,
                context=context,
                private=personal_keys("worker").opening_key,
                responder_public=opened.release.responder_public,
            )
            assert not (self.withdrawn and part.question == "q2")
        with self.store.transaction() as tx:
            assert proven_release(tx, opened.release, self.w.keys).proof is not None

    @rule()
    def onwards(self) -> None:
        """Take the usual next step, so that most lives get somewhere and the other rules disturb them."""
        if self.request is None:
            self.ask(seriousness=True)
        elif self.taker is None:
            self.take(0)
        elif self.consent is None:
            self.consent_given()
        elif self.state is State.WEIGHING:
            self.all_steps()
            self.answer()
        else:
            self.publish()
            self.open()

    @rule()
    def further(self) -> None:
        self.onwards()

    @rule()
    def and_on(self) -> None:
        self.onwards()

    @invariant()
    def every_act_is_one_event(self) -> None:
        if hasattr(self, "acts"):
            with self.store.evidence() as evidence:
                tags = [event.tag for event in evidence.events()]
            assert "log:rows:adopted" not in tags
            assert sum(tag not in {"log:checkpoint:kept", "request:file:read"} for tag in tags) == self.acts

    @invariant()
    def the_log_verifies(self) -> None:
        if hasattr(self, "acts"):
            report = verify.verify_log(self.store, vkeys=self.vkeys)
            assert report.releases == int(self.released)

    @invariant()
    def state_is_what_happened(self) -> None:
        if getattr(self, "request", None):
            assert (self.state is State.RELEASED) == self.released


Life.TestCase.settings = settings(
    max_examples=times(20, in_full=1000), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLife = pytest.mark.torture(Life.TestCase)

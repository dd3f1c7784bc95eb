"""Two requests on one case, both sides, two responders: whatever is done in whatever order, each sees only what is his.

The model knows who works where, who is on the case, who took what up, whose key is confirmed, and what was withdrawn.
After every act somebody looks or opens; what he gets must be what the model allows, and nothing that fails leaves a
trace on the case. Time moves on, and now and then the clock is set back.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from effort import times
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from matter import RECORDED
from test_lifecycle import GIVEN, QUESTIONS, START, account_of, actor, enrolment_of, organisation, registered, wired

from broker.crypto.canonical import canonical
from broker.crypto.keyfile import PersonalKeys, new_seeds
from broker.crypto.note import parse_verifier_key
from broker.crypto.seal import RecipientKey, SealContext, open_sealed, seal
from broker.domain.directory import Actor
from broker.domain.release import SealedPart
from broker.domain.request import Concern, Danger, Declination
from broker.domain.weighing import STEPS, Weighing
from broker.flows import answer, ask, consent, enrol, open, publish, read, register, tick, verify, weigh  # noqa: A004
from broker.kernel.errors import ConflictError, InputError, NotFoundError, RefusedError

WORKERS, GPS, NURSES = ("worker", "colleague"), ("gp1", "gp2"), ("psychiatrist", "nurse")
EVERYBODY = (*WORKERS, *GPS, *NURSES, "officer")
HOME = {name: org for org, names in {"org:vt": (*WORKERS, "officer"), "org:gp": GPS, "org:ggz": NURSES}.items()
        for name in names}  # fmt: skip


@dataclass
class Matter:
    """What the model knows of one request."""

    responder: str
    taker: str | None = None
    weighed: bool = False
    end: str | None = None
    released_at: datetime | None = None
    given: str | None = None
    withdrawn: bool = False


class TwoSides(RuleBasedStateMachine):
    """One case of Veilig Thuis, a GP practice and a mental-health service."""

    @initialize(steps=st.integers(0, 14))
    def begin(self, steps: int) -> None:
        """Begin somewhere on the usual way, with two requests side by side."""
        self.found()
        for number in range(steps):
            self.onwards(number % 2)

    def found(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.now = START
        self.w, self.store = wired(Path(self.folder.name), lambda: self.now)
        self.vkeys = [parse_verifier_key(self.w.keys.vkey)]
        organisations = {
            "org:vt": organisation("vt", "veilig_thuis", "00000001003214345000"),
            "org:gp": organisation("gp", "huisarts", "00000001003214345001"),
            "org:ggz": organisation("ggz", "vggz", "00000001003214345002"),
        }
        self.people = {
            **{name: actor(name, organisations["org:vt"], "onderzoeker", "maatschappelijk_werker", "skj")
               for name in WORKERS},
            **{name: actor(name, organisations["org:gp"], "huisarts", "arts", "big") for name in GPS},
            **{name: actor(name, organisations["org:ggz"], "psychiater", "psychiater", "big") for name in NURSES},
            "officer": actor("officer", organisations["org:vt"], "privacy_officer", "jurist", "none"),
        }  # fmt: skip
        everybody = tuple(person.staff for person in self.people.values())
        mandates = tuple(person.mandate for person in self.people.values() if person.mandate)
        enrol.enrol_directory(
            enrol.EnrolDirectory(
                organisations=tuple(organisations.values()),
                staff=everybody,
                accounts={person.staff.id: account_of(person) for person in self.people.values()},
                mandates=mandates,
            ),
            self.w,
        )
        self.keys: dict[str, list[PersonalKeys]] = {name: [] for name in EVERYBODY}
        self.confirmed: dict[str, str] = {}
        for name in ("worker", "gp1", "psychiatrist"):
            self.new_key(name)
            self.confirm(name)
        self.dismissed: set[str] = set()
        self.on_case, self.phase_now = {"worker"}, "onderzoek"
        self.case = registered(self.people["worker"], self.w)
        self.requests: dict[str, Matter] = {}
        publish.publish(self.w)

    def teardown(self) -> None:
        if hasattr(self, "requests"):
            publish.publish(self.w)
            verify.verify_log(self.store, vkeys=self.vkeys)
        if hasattr(self, "store"):
            self.store.close()
            self.folder.cleanup()

    def me(self, name: str) -> Actor:
        """Return somebody as he would sign in, also when he is dismissed: then he was signed in before."""
        return self.people[name]

    @contextmanager
    def trying(self, *, allowed: bool, then: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Run an act: what the model does not allow must fail, as something that the actor did and not as a fault."""
        try:
            yield
        except (ConflictError, InputError, NotFoundError, RefusedError) as error:
            event(error.code)
            return
        assert allowed, "an act went through that the model forbids"
        then()

    def of(self, request: str) -> Matter:
        return self.requests[request]

    def sees(self, name: str, request: str) -> bool:
        """Tell whether somebody sees a request, from either side."""
        matter = self.of(request)
        if name in self.dismissed or name == "officer":
            return False
        if HOME[name] == "org:vt":
            return name in self.on_case
        return HOME[name] == matter.responder and matter.taker in {None, name}

    @rule(responder=st.sampled_from(["org:gp", "org:ggz"]), who=st.sampled_from(WORKERS))
    def ask(self, responder: str, who: str) -> None:
        if any(matter.responder == responder for matter in self.requests.values()):
            return
        command = ask.Ask(
            actor=self.me(who), case=self.case, responder=responder, purpose="vt_onderzoek",
            concern=Concern(nature="n", seriousness="s", content="c"), danger=Danger(), persons=("child1", "father"),
            patients=frozenset({"child1", "father"}), questions=QUESTIONS,
        )  # fmt: skip
        with self.trying(allowed=who in self.on_case - self.dismissed):
            asked = ask.ask(command, self.w)
            if asked.decided.decision.permits:
                self.requests[asked.request.id] = Matter(responder=responder)

    def a_request(self, number: int) -> str:
        return sorted(self.requests)[number % len(self.requests)]

    @precondition(lambda self: self.requests)
    @rule(number=st.integers(0, 1), who=st.sampled_from(EVERYBODY))
    def take(self, number: int, who: str) -> None:
        request = self.a_request(number)
        matter = self.of(request)
        allowed = self.sees(who, request) and HOME[who] == matter.responder and matter.end is None

        def taken() -> None:
            matter.taker = who

        with self.trying(allowed=allowed, then=taken):
            weigh.take(weigh.Take(actor=self.me(who), request=request), self.w)

    @precondition(lambda self: self.requests)
    @rule(number=st.integers(0, 1), who=st.sampled_from(EVERYBODY), outcome=st.sampled_from(["give", "give", "refuse"]))
    def weigh(self, number: int, who: str, outcome: str) -> None:
        request = self.a_request(number)
        matter = self.of(request)
        weighing = Weighing(
            staff=who, by_profession="arts", registration="big", outcome=outcome, reasons="geheim", reasons_given=True,
            relevant=True, contributes=True, no_lesser_means=True, proportionate=True, parts=GIVEN,
        )  # fmt: skip
        steps = tuple((step, RECORDED) for step in sorted(STEPS))
        allowed = matter.taker == who and who not in self.dismissed and (matter.end in {None, "released"})

        def weighed() -> None:
            matter.weighed = True

        with self.trying(allowed=allowed, then=weighed):
            weigh.record(weigh.Record(actor=self.me(who), request=request, steps=steps, weighing=weighing), self.w)

    @precondition(lambda self: self.requests)
    @rule(number=st.integers(0, 1), who=st.sampled_from(EVERYBODY))
    def consent(self, number: int, who: str) -> None:
        """Record the father's consent to this discloser; it carries an answer only if the discloser recorded it."""
        request = self.a_request(number)
        matter = self.of(request)
        command = consent.RecordConsent(
            actor=self.me(who), case=None, request=request, about="father", given_by=("father",), status="given",
            recipient="org:vt", purpose="vt_onderzoek", categories=("gez_kern",), on=self.now.date(), until_on=None,
            free=True, explicit=True, evidence="given_in_person",
        )  # fmt: skip
        with self.trying(allowed=self.sees(who, request)):
            given = consent.record_consent(command, self.w)
            if HOME[who] == matter.responder:
                matter.given, matter.withdrawn = given.id, False

    @precondition(lambda self: any(matter.given for matter in self.requests.values()))
    @rule(number=st.integers(0, 1), who=st.sampled_from(EVERYBODY))
    def withdraw(self, number: int, who: str) -> None:
        request = self.a_request(number)
        matter = self.of(request)
        if matter.given is None:
            return
        allowed = HOME[who] == matter.responder and self.sees(who, request)

        def withdrawn() -> None:
            matter.withdrawn = True

        with self.trying(allowed=allowed, then=withdrawn):
            consent.withdraw_consent(consent.WithdrawConsent(actor=self.me(who), consent=matter.given), self.w)

    @precondition(lambda self: self.requests)
    @rule(number=st.integers(0, 1), who=st.sampled_from(EVERYBODY), between=st.sampled_from(["", "", "phase", "key"]))
    def release(self, number: int, who: str, between: str) -> None:
        """Preview, seal to whoever was named and release; now and then something changes in between."""
        request = self.a_request(number)
        matter = self.of(request)
        allowed = matter.taker == who and matter.end is None and who not in self.dismissed
        with self.trying(allowed=allowed):
            previewed = answer.preview(answer.Preview(actor=self.me(who), request=request), self.w)
            for key in previewed.recipients:
                assert self.confirmed.get(key.staff) == key.key_id
                assert key.staff in self.on_case - self.dismissed
            parts = tuple(
                self.sealed(request, previewed, who, part.question, part.person, part.category, key)
                for part in previewed.decided.decision.allowed
                for key in previewed.recipients
            )
            command = answer.ReleaseAnswer(
                actor=self.me(who), request=request, decision=previewed.decided.id, parts=parts
            )
            if between == "phase":
                self.phase("monitoring" if self.phase_now == "onderzoek" else "onderzoek")
            elif between == "key":
                self.new_key("worker")
                self.confirm("worker")
            unchanged = between == "" or (between == "key" and "worker" not in self.on_case)
            with self.trying(allowed=matter.weighed and unchanged):
                answer.release(command, self.w)
                assert self.confirmed.get(who)
                if any(part.question == "q2" for part in parts):
                    assert matter.given
                    assert not matter.withdrawn
                matter.end, matter.released_at = "released", self.now

    def sealed(
        self, request: str, previewed: answer.Previewed, who: str, question: str, person: str, category: str, key: Any
    ) -> SealedPart:
        context = SealContext(
            request=request, question=question, category=category, person=person, decision=previewed.decided.id,
            requester="org:vt", responder=self.of(request).responder, recipient=key.key_id,
        )  # fmt: skip
        own = next((one for one in self.keys[who] if one.key_id == self.confirmed.get(who)), stranger)
        content = seal(
            plaintext=canonical({"text": f"{request} {question}"}),
            context=context,
            recipient=RecipientKey(key.public_opening),
            sign=own.sign,
        )
        return SealedPart(question=question, person=person, category=category, recipient=key.key_id, sealed=content)

    @precondition(lambda self: self.requests)
    @rule(number=st.integers(0, 1), who=st.sampled_from(EVERYBODY))
    def decline(self, number: int, who: str) -> None:
        request = self.a_request(number)
        matter = self.of(request)
        allowed = matter.taker == who and matter.weighed and matter.end is None and who not in self.dismissed

        def declined() -> None:
            matter.end = "declined"

        with self.trying(allowed=allowed, then=declined):
            answer.decline(
                answer.Decline(actor=self.me(who), request=request, declination=Declination("nothing_known")), self.w
            )

    @precondition(lambda self: self.requests)
    @rule(number=st.integers(0, 1), who=st.sampled_from(EVERYBODY))
    def open(self, number: int, who: str) -> None:
        request = self.a_request(number)
        matter = self.of(request)
        allowed = matter.end == "released" and HOME[who] == "org:vt" and self.sees(who, request)
        with self.trying(allowed=allowed):
            opened = open.open_answer(open.Open(actor=self.me(who), request=request), self.w)
            event(f"opened {len(opened.parts)} parts of {len(opened.release.parts)}")
            own = {one.key_id: one for one in self.keys[who]}
            for part in opened.parts:
                assert part.recipient == self.confirmed[who]
                assert not (part.question == "q2" and matter.withdrawn)
                assert matter.released_at is not None
                assert self.now < matter.released_at + timedelta(days=7)
                open_sealed(
                    sealed=part.sealed,
                    context=SealContext(
                        request=request, question=part.question, category=part.category, person=part.person,
                        decision=opened.release.decision, requester="org:vt", responder=matter.responder,
                        recipient=part.recipient,
                    ),
                    private=own[part.recipient].opening_key,
                    responder_public=opened.release.responder_public,
                )  # fmt: skip

    @precondition(lambda self: self.requests)
    @rule(number=st.integers(0, 1), who=st.sampled_from(EVERYBODY))
    def look(self, number: int, who: str) -> None:
        """Read a request, and the consents of its case: each gets what is his."""
        request = self.a_request(number)
        matter = self.of(request)
        with self.trying(allowed=self.sees(who, request)):
            reading = read.read_request(self.me(who), request, self.w)
            asking = HOME[who] == "org:vt"
            assert reading.side == ("asking" if asking else "answering")
            if asking:
                assert (reading.weighing, reading.steps) == (None, ())
                assert {decided.stage for decided in reading.decisions} <= {"ask", "open"}
                assert {duty.on for duty in reading.obligations}.isdisjoint({"responder"})
                assert "geheim" not in repr(reading)
                assert "notitie" not in repr(reading)
            elif matter.weighed:
                assert reading.weighing is not None
        with self.trying(allowed=who not in self.dismissed):
            for one in read.consents_of(self.me(who), self.case, self.w):
                assert one.organisation in {HOME[who], "org:vt"}

    @rule(who=st.sampled_from(["worker", "colleague", "gp1", "gp2"]))
    def new_key(self, who: str) -> None:
        keys = PersonalKeys.from_seeds(new_seeds())
        with self.trying(allowed=who not in getattr(self, "dismissed", ())):
            enrol.enrol_key(enrolment_of(self.me(who), keys), self.w)
            self.keys[who].append(keys)

    @rule(who=st.sampled_from(["worker", "colleague", "gp1", "gp2"]))
    def confirm(self, who: str) -> None:
        if self.keys[who] and self.confirmed.get(who) != self.keys[who][-1].key_id:
            waiting = self.keys[who][-1].key_id
            with self.trying(allowed=True):
                enrol.vouch_for_key(waiting, self.w)
                self.confirmed[who] = waiting
            publish.publish(self.w)

    @rule(who=st.sampled_from(["colleague", "gp1", "gp2"]), holder=st.sampled_from(["colleague", "gp1", "gp2"]))
    def confirm_for(self, who: str, holder: str) -> None:
        """Confirm a key as a colleague does; nobody confirms his own, or one of another organisation."""
        if not self.keys[holder] or self.confirmed.get(holder) == self.keys[holder][-1].key_id:
            return
        waiting = self.keys[holder][-1].key_id
        allowed = who != holder and HOME[who] == HOME[holder] and not {who, holder} & self.dismissed
        with self.trying(allowed=allowed):
            enrol.confirm_key(enrol.ConfirmKey(actor=self.me(who), key=waiting), self.w)
            self.confirmed[holder] = waiting

    @rule(who=st.sampled_from(["worker", "colleague", "gp1", "gp2", "psychiatrist"]), active=st.booleans())
    def employ(self, who: str, active: bool) -> None:
        enrol.enrol_directory(enrol.EnrolDirectory(staff=(replace(self.me(who).staff, active=active),)), self.w)
        self.dismissed = self.dismissed - {who} if active else self.dismissed | {who}

    @rule(staff=st.sampled_from([{"worker"}, {"colleague"}, {"worker", "colleague"}]), who=st.sampled_from(EVERYBODY))
    def assign(self, staff: set[str], who: str) -> None:
        allowed = who in self.on_case - self.dismissed and not (staff - self.on_case) & self.dismissed
        command = register.ChangeCase(actor=self.me(who), case=self.case, changed={"staff": frozenset(staff)})
        with self.trying(allowed=allowed or staff == self.on_case):
            register.change_case(command, self.w)
            self.on_case = set(staff)

    @rule(phase=st.sampled_from(["onderzoek", "onderzoek", "monitoring"]))
    def phase(self, phase: str) -> None:
        who = next(iter(sorted(self.on_case - self.dismissed)), None)
        if who:
            changed = {"vt_phase": phase}
            register.change_case(register.ChangeCase(actor=self.me(who), case=self.case, changed=changed), self.w)
            self.phase_now = phase

    @rule(hours=st.sampled_from([1, 20, 80, -3, -90]))
    def wait(self, hours: int) -> None:
        if START <= self.now + timedelta(hours=hours) < START + timedelta(days=40):
            self.now += timedelta(hours=hours)

    @rule()
    def tick(self) -> None:
        tick.tick(self.w)
        publish.publish(self.w)

    @rule(number=st.integers(0, 1))
    def onwards(self, number: int) -> None:
        """Take the usual next step, so that most lives get somewhere and the other rules disturb them."""
        if len(self.requests) < 2:
            self.ask("org:ggz" if self.requests else "org:gp", "worker")
            return
        request = self.a_request(number)
        matter = self.of(request)
        first = "gp1" if matter.responder == "org:gp" else "psychiatrist"
        if matter.taker is None:
            self.take(number, first)
        elif matter.given is None:
            self.consent(number, matter.taker)
        elif not matter.weighed:
            self.weigh(number, matter.taker, "give")
        elif matter.end is None:
            self.release(number, matter.taker, "")
        else:
            publish.publish(self.w)
            self.open(number, "worker")

    @invariant()
    def lists_show_what_is_theirs(self) -> None:
        for name in ("colleague", "gp2", "nurse"):
            if getattr(self, "requests", None) is None or name in self.dismissed:
                continue
            mine = read.worklist if HOME[name] == "org:vt" else read.inbox
            shown = {request.id for request in mine(self.me(name), self.w)}
            assert shown & set(self.requests) == {request for request in self.requests if self.sees(name, request)}


NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""A life takes a second; who has a failing one shrinks it by hand, or with all phases."""

stranger = PersonalKeys.from_seeds(bytes(64))
TwoSides.TestCase.settings = settings(
    max_examples=times(12, in_full=1500),
    stateful_step_count=30,
    deadline=None,
    phases=NO_SHRINKING,
    suppress_health_check=list(HealthCheck),
)
TestTwoSides = pytest.mark.torture(TwoSides.TestCase)

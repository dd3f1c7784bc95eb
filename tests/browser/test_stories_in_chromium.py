"""What the three people do in their own windows of a real browser, from the question to the audit.

The broker is the production app with its pages, the keys are made in the pages, and the answer is sealed and opened
there. At each state axe looks at the page in both themes and widths, a picture of it is kept in `.cache/screenshots`,
and a window ends with pages that complained of nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import desk
import pytest
from playwright.sync_api import Browser, expect
from running import Broker
from windows import KeyboardWindow, Window, serving_pages, window_of

from broker.domain.session import LASTS


@dataclass(frozen=True)
class Desks:
    """The windows of the worker, the doctor and the privacy officer, each with what he needs."""

    broker: Broker
    worker: Window
    doctor: Window
    officer: Window


@pytest.fixture(scope="module", params=[Window, KeyboardWindow], ids=["pointer", "keyboard"])
def desks(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Desks]:
    """Yield the three windows on one broker, with a case to ask about and keys made in the pages."""
    with serving_pages() as broker, ExitStack() as stack:
        broker.matter.case()
        windows = {
            name: stack.enter_context(window_of(chromium, broker, name, way=request.param))
            for name in ("worker", "doctor", "officer")
        }
        windows["worker"].make_key()
        windows["doctor"].make_key()
        yield Desks(broker=broker, **windows)


def test_ask_answer_open_withdraw_and_oversee(desks: Desks) -> None:
    worker, doctor, officer = desks.worker, desks.doctor, desks.officer
    desk.begins_to_ask(worker)
    worker.look("ask-empty")
    desk.types_request(worker)
    expect(worker.at("answer")).to_contain_text("De professional zet eerst nog")
    worker.look("ask-typed")
    request = desk.sends(worker)
    worker.look("request-delivered")
    doctor.go("/inbox")
    doctor.look("inbox")
    desk.takes(doctor)
    doctor.look("weigh-empty")
    desk.records_consent(doctor)
    desk.weighs(doctor)
    doctor.look("weigh-typed")
    desk.previews(doctor)
    doctor.look("preview")
    desk.releases(doctor)
    doctor.look("note")
    worker.go("/requests")
    worker.look("requests")
    desk.calls_for_answer(worker, request)
    worker.look("answer-sealed")

    desk.opens(worker, "niet de goede wachtzin")
    expect(worker.at("trouble")).to_contain_text("wachtzin")
    worker.look("answer-wrong-passphrase")
    desk.opens(worker)
    opened = worker.at("opened")
    for text in desk.SAID.values():
        expect(opened).to_contain_text(text)
    expect(opened).to_contain_text("Sanne de Vries")
    expect(opened).to_contain_text("eigen waarneming")
    worker.look("answer-opened")

    # The father withdraws: what rested on his consent closes, what rests on the law stays.
    doctor.go(request.replace("/requests/", "/consents/"))
    doctor.press("Intrekken (Tom)")
    expect(doctor.page.locator("main table")).to_contain_text("Toestemming ingetrokken")
    desk.calls_for_answer(worker, request)
    desk.opens(worker)
    expect(opened).to_contain_text(desk.SAID["q1.veiligheid.1"])
    worker.sees("Wat gesloten blijft")
    worker.sees("DN-29")
    worker.look("answer-partly-closed")
    expect(worker.page.get_by_text(desk.SAID["q2.gez_kern.1"])).to_have_count(0)

    officer.go("/decisions")
    officer.look("decisions")
    officer.go("/decisions/figures")
    officer.look("figures")
    officer.go("/decisions")
    officer.page.locator("main table a").first.click()
    officer.press("Controleer")
    officer.sees("Vul eerst de sleutel van het logboek in.")
    officer.fill("vkey", desks.broker.vkey)
    officer.press("Controleer")
    officer.sees("Het klopt: dit besluit staat in het ondertekende logboek")
    officer.press("Neem het besluit opnieuw")
    officer.sees("Opnieuw genomen geeft hetzelfde besluit.")
    officer.look("decision")


def test_decline_with_reasons(desks: Desks) -> None:
    desks.broker.matter.delivered()
    doctor, worker = desks.doctor, desks.worker
    desk.takes(doctor)
    doctor.choose("because", "nothing_known")
    doctor.fill("message", "Vraag het de school.")
    doctor.fill("reasons", "Ik ken dit gezin niet.")
    doctor.press("Geen antwoord geven")
    doctor.sees("U hebt met redenen afgewezen")
    expect(doctor.at("note")).to_contain_text("Vraag het de school.")
    doctor.look("declined-by")

    worker.go("/requests")
    worker.page.locator("main table a").first.click()
    worker.sees("De professional geeft geen antwoord")
    worker.sees("Vraag het de school.")
    worker.look("declined")
    expect(worker.page.get_by_text("Ik ken dit gezin niet.")).to_have_count(0)


def test_what_is_wrong_is_said_at_its_field(desks: Desks) -> None:
    worker = desks.worker
    desk.begins_to_ask(worker)
    worker.press("Vragen")
    problems = worker.at("problems")
    expect(problems).to_be_focused()
    expect(problems).to_have_attribute("role", "alert")
    links = problems.locator("a")
    assert links.count() > 0
    for link in links.all():
        field = worker.at((link.get_attribute("href") or "#").removeprefix("#"))
        described = field.get_attribute("aria-describedby") or ""
        error = next(part for part in described.split() if part.endswith("-error"))
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(worker.at(error)).to_have_text(link.inner_text())
    worker.look("ask-wrong")


def test_session_that_runs_out_loses_nothing_that_was_typed(chromium: Browser) -> None:
    with serving_pages() as broker:
        broker.matter.case()
        with window_of(chromium, broker, "worker", expected=("401",)) as worker:
            desk.begins_to_ask(worker)
            desk.types_request(worker)
            broker.clock.move(LASTS + timedelta(minutes=1))
            worker.press("Vragen")
            worker.says_who_he_is()
            worker.sees("U was afgemeld.")
            expect(worker.at("nature")).to_have_value("Mogelijke mishandeling")
            expect(worker.at("q2.text")).to_have_value("Is hij onder behandeling?")
            expect(worker.at("q2-gez_kern")).to_be_checked()
            worker.look("ask-signed-in-again")
            assert broker.people.client("worker").worklist() == []

            worker.press("Vragen")
            worker.page.wait_for_url("**/requests/req_*")

        with window_of(chromium, broker, "doctor", expected=("401",)) as doctor:
            desk.takes(doctor)
            desk.weighs(doctor)
            broker.clock.move(LASTS + timedelta(minutes=1))
            doctor.press("Bekijk wat er weg zou gaan")
            doctor.says_who_he_is()
            doctor.sees("U was afgemeld.")
            expect(doctor.at("reasons")).to_have_value("Het letsel is niet verklaard en het kind is jong.")
            for place, text in desk.SAID.items():
                expect(doctor.at(f"{place}.text")).to_have_value(text)
                expect(doctor.at(f"{place}.give-yes")).to_be_checked()
            desk.previews(doctor)


def test_no_other_page_has_a_barrier_either(chromium: Browser) -> None:
    with serving_pages() as broker:
        with window_of(chromium, broker, "worker", expected=("404",)) as worker:
            worker.look("requests-none")
            worker.go("/requests/new")
            worker.look("no-case")
            worker.go("/requests/req_00000000000000000000000000")
            worker.look("fault")
            worker.go("/key")
            worker.look("key-none")
            worker.make_key()
            worker.go("/key")
            worker.look("key-in-use")
        broker.matter.case()
        request = broker.matter.delivered()
        with window_of(chromium, broker, "partner") as partner:
            partner.enrol_key()
            partner.look("key-waits")
        with window_of(chromium, broker, "doctor") as doctor:
            doctor.go("/key")
            doctor.look("key-of-a-colleague")
            doctor.go(f"/inbox/{request}")
            doctor.look("inbox-request")
            doctor.press("Oppakken")
            doctor.follow("Toestemming bekijken of vastleggen")
            doctor.press("Vastleggen")
            expect(doctor.at("problems")).to_be_focused()
            doctor.look("consent-wrong")
            doctor.go(f"/inbox/{request}")
            doctor.press("Bekijk wat er weg zou gaan")
            doctor.look("preview-refused")
            doctor.press("Afmelden")
            doctor.sees("Aanmelden")
            doctor.look("first")


def test_asking_works_without_script(chromium: Browser) -> None:
    with serving_pages() as broker:
        broker.matter.case()
        with window_of(chromium, broker, "worker", java_script_enabled=False) as worker:
            desk.begins_to_ask(worker)
            desk.types_request(worker)
            worker.press("Kijk of dit mag")
            expect(worker.at("answer")).to_contain_text("De professional zet eerst nog")
            expect(worker.at("q2.text")).to_have_value("Is hij onder behandeling?")
            desk.sends(worker)

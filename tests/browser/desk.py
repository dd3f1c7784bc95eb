"""What each person does at his desk, step by step, in the words of the pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import expect
from windows import PASSPHRASE, Window

SAID = {
    "q1.veiligheid.1": "Ik zag een blauwe plek op de linkerarm. <b>Niet</b> verklaard.",
    "q2.gez_kern.1": "Vader is sinds maart onder behandeling.",
}
"""What the doctor answers, by its place in his form; the markup is there to be shown as it was typed."""


def begins_to_ask(worker: Window) -> None:
    """Come to the empty form for the first case there is."""
    worker.go("/requests")
    worker.follow("Nieuwe vraag")
    worker.follow("VT-2026-1")


def types_request(worker: Window) -> None:
    """Fill in the form about the child and, as an afterthought, about the father."""
    worker.choose("responder", "org:gp")
    worker.choose("purpose", "vt_onderzoek")
    worker.tick("persons-child1")
    worker.tick("patients-child1")
    worker.tick("persons-mother")
    worker.tick("persons-father")
    worker.fill("nature", "Mogelijke mishandeling")
    worker.fill("seriousness", "Ernstig: al enkele maanden")
    worker.fill("content", "De school zag letsel op de arm")
    worker.choose("q1.person", "child1")
    worker.fill("q1.text", "Is er letsel gezien, en wanneer?")
    worker.tick("q1-veiligheid")
    worker.press("Nog een vraag")
    worker.choose("q2.person", "father")
    worker.fill("q2.text", "Is hij onder behandeling?")
    worker.tick("q2-gez_kern")


def sends(worker: Window) -> str:
    """Send what was typed, and return the address of the page of the request."""
    worker.press("Vragen")
    worker.page.wait_for_url("**/requests/req_*")
    return urlsplit(worker.page.url).path


def takes(doctor: Window) -> None:
    """Take up what lies in the inbox."""
    doctor.go("/inbox")
    doctor.follow("org:vt")
    doctor.press("Oppakken")
    expect(doctor.at("weigh")).to_be_visible()


def records_consent(doctor: Window) -> None:
    """Record that the father consents to what is asked about him; ends at the weighing again."""
    doctor.follow("Toestemming bekijken of vastleggen")
    doctor.choose("about", "father")
    doctor.tick("given_by-father")
    doctor.tick("categories-gez_kern")
    doctor.choose("evidence", "given_in_person")
    doctor.tick("free")
    doctor.tick("explicit")
    doctor.press("Vastleggen")
    expect(doctor.page.locator("main table")).to_contain_text("Tom")
    doctor.follow("Terug naar de vraag")


def weighs(doctor: Window) -> None:
    """Record all steps and give both answers, the second with consent only; ends before the preview."""
    for step in ("ST-01", "ST-04", "ST-05", "ST-10"):
        doctor.fill(f"day.{step}", "2026-01-05")
    for step in ("ST-02", "ST-03", "ST-10"):
        doctor.fill(f"note.{step}", "gelezen en vastgelegd")
    for step in ("ST-04", "ST-05"):
        doctor.fill(f"whom.{step}", "aandachtsfunctionaris")
        doctor.fill(f"outcome.{step}", "vindt het goed zo")
    doctor.choose("channel.ST-01", "called_back")
    doctor.choose("channel.ST-05", "phone")
    for number in range(6, 10):
        doctor.tick(f"ST-{number:02d}")
    for place, text in SAID.items():
        doctor.tick(f"{place}.give-yes")
        doctor.fill(f"{place}.text", text)
        doctor.tick(f"{place}.kind-observation")
    doctor.unfold("q2.gez_kern.1.unneeded")
    doctor.tick("q2.gez_kern.1.unneeded")
    for test in ("relevant", "contributes", "no_lesser_means", "proportionate"):
        doctor.tick(test)
    doctor.tick("outcome-give")
    doctor.fill("reasons", "Het letsel is niet verklaard en het kind is jong.")


def previews(doctor: Window) -> None:
    """Look at what would leave."""
    doctor.press("Bekijk wat er weg zou gaan")
    for text in SAID.values():
        expect(doctor.at("leaves")).to_contain_text(text)


def releases(doctor: Window) -> None:
    """Seal what was previewed, and send it."""
    doctor.fill("passphrase", PASSPHRASE)
    doctor.press("Verzegelen en versturen")
    doctor.sees("Uw antwoord is verzegeld verstuurd")


def calls_for_answer(worker: Window, request: str) -> None:
    """Have the answer that came handed over, still sealed, from the page of its request."""
    worker.go(request)
    worker.press("Antwoord openen")
    expect(worker.page.get_by_role("heading", name="Antwoord van org:gp")).to_be_visible()


def opens(worker: Window, passphrase: str = PASSPHRASE) -> None:
    """Open it."""
    worker.fill("passphrase", passphrase)
    worker.press("Openen")

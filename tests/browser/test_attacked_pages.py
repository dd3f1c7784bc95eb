"""A server, or somebody on the way, that does not play fair: what browsers notice of it, and what never leaves them.

Pages and files are changed on their way to a real Chromium. The one who reads the page is told what is wrong, in his
own language; nothing is sealed to a key that nobody vouched for, and nothing is shown that was not released.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import desk
import pytest
from people import keys_of
from playwright.sync_api import Browser, Route, expect
from recorder import recording
from running import Broker
from spelled import found_in
from windows import PASSPHRASE, Window, serving_pages, window_of

PROGRAM = re.compile(r"/static/release\.js")


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """Yield a broker with pages and a case to ask about."""
    with serving_pages() as served:
        served.matter.case()
        yield served


@pytest.fixture(scope="module")
def worker(chromium: Browser, broker: Broker) -> Iterator[Window]:
    """Yield the worker's window, with her key."""
    with window_of(chromium, broker, "worker", expected=("integrity",)) as window:
        window.make_key()
        yield window


@pytest.fixture(scope="module")
def doctor(chromium: Browser, broker: Broker, worker: Window) -> Iterator[Window]:
    """Yield the doctor's window, with his key; what he answers can be sealed, as the worker has hers."""
    with window_of(chromium, broker, "doctor", expected=("integrity",)) as window:
        window.make_key()
        yield window


def changing(change: Callable[[str], str]) -> Callable[[Route], None]:
    """Return what puts a changed body in the place of the one that the server sent."""

    def put(route: Route) -> None:
        if route.request.resource_type not in ("document", "script"):
            route.continue_()  # what the page's program saves on its way
            return
        answer = route.fetch()
        before = answer.text()
        after = change(before)
        assert after != before, "nothing was changed"
        # Not to be kept: the next time the file comes as it is.
        route.fulfill(response=answer, body=after, headers={**answer.headers, "cache-control": "no-store"})

    return put


def weighed(doctor: Window) -> str:
    """Bring a new request as far as the preview, and return its id."""
    request = doctor.broker.matter.taken()
    doctor.go(f"/inbox/{request}")
    desk.records_consent(doctor)
    desk.weighs(doctor)
    return request


def test_recipient_key_that_was_put_in_the_place_of_another_is_sealed_to_by_nobody(doctor: Window) -> None:
    request = weighed(doctor)
    other = b64encode(keys_of("partner").public_opening).decode()

    def swap(page: str) -> str:
        return re.sub(r'("recipients": ?\[\{.*?"public_opening": ?")[^"]+', rf"\g<1>{other}", page, count=1, flags=re.S)

    doctor.page.route(f"**/inbox/{request}*", changing(swap))
    desk.previews(doctor)
    doctor.page.unroute_all()
    doctor.fill("passphrase", PASSPHRASE)
    doctor.press("Verzegelen en versturen")
    expect(doctor.at("trouble")).to_contain_text(
        "Een sleutel van de vrager is niet de sleutel die volgens het logboek is bevestigd."
    )
    doctor.shot("attacked-recipient")
    assert doctor.broker.people.client("doctor").request(request)["request"]["state"] == "weighing"


def test_without_its_own_program_a_page_says_so_and_offers_nothing_that_needs_it(
    chromium: Browser, doctor: Window
) -> None:
    # A browser that has no copy of the program yet.
    with window_of(chromium, doctor.broker, "doctor", expected=("integrity",)) as fresh:
        weighed(fresh)
        fresh.page.route(PROGRAM, changing(lambda program: program + "\n;alert(1)"))
        fresh.press("Bekijk wat er weg zou gaan")
        expect(fresh.page.get_by_role("heading", name="Wat er nu weg zou gaan")).to_be_visible()
        fresh.page.wait_for_load_state()
        warning = fresh.page.get_by_text("Het programma van deze pagina is niet gestart.")
        expect(warning).to_be_visible()
        expect(fresh.at("leaves")).not_to_contain_text(desk.SAID["q1.veiligheid.1"])
        expect(fresh.at("release")).to_be_hidden()
        assert any("integrity" in one for one in fresh.complaints)
        fresh.shot("attacked-program")

        fresh.page.unroute_all()
        late: list[Route] = []
        fresh.page.route(PROGRAM, lambda route: late.append(route))
        with fresh.page.expect_request(PROGRAM):
            fresh.page.reload(wait_until="commit")
        expect(fresh.page.get_by_role("heading", name="Wat er nu weg zou gaan")).to_be_visible()
        expect(fresh.at("release")).to_be_hidden()
        late[0].continue_()
        expect(fresh.at("release")).to_be_visible()
        expect(fresh.at("leaves")).to_contain_text(desk.SAID["q1.veiligheid.1"])
        expect(warning).not_to_be_visible()


def cut(page: str) -> str:
    """Leave out the end of the first sealed part."""
    return re.sub(r'("sealed": ?"[^"]+)[^"]{24}"', r'\1"', page, count=1)


def other_bytes(page: str) -> str:
    """Change one character in the middle of the first sealed part."""
    return re.sub(
        r'("sealed": ?"[^"]{200})([^"])', lambda found: found[1] + ("A" if found[2] != "A" else "B"), page, count=1
    )


@pytest.mark.parametrize("change", [cut, other_bytes])
def test_sealed_part_that_was_changed_is_not_shown(
    worker: Window, doctor: Window, change: Callable[[str], str]
) -> None:
    request = weighed(doctor)
    desk.previews(doctor)
    desk.releases(doctor)
    worker.page.route(f"**/requests/{request}/opening", changing(change))
    desk.calls_for_answer(worker, f"/requests/{request}")
    worker.page.unroute_all()
    desk.opens(worker)
    expect(worker.at("trouble")).to_contain_text("Een verstrekking staat niet in het logboek.")
    for text in desk.SAID.values():
        expect(worker.at("opened")).not_to_contain_text(text)
    worker.shot(f"attacked-{change.__name__}")

    desk.calls_for_answer(worker, f"/requests/{request}")
    desk.opens(worker)
    expect(worker.at("opened")).to_contain_text(desk.SAID["q1.veiligheid.1"])


def test_of_an_answer_nothing_passes_that_can_be_read(chromium: Browser, broker: Broker, worker: Window) -> None:
    issuer = urlsplit(broker.people.issuer.issuer).netloc
    with recording(broker.people.address) as recorder:
        proxy = {"server": recorder.address, "bypass": issuer}
        with (
            window_of(chromium, broker, "worker", proxy=proxy) as asking,
            window_of(chromium, broker, "partner", proxy=proxy) as answering,
        ):
            asking.page.evaluate("key => localStorage.setItem('deelgrond.key.st:worker', key)", kept_key(worker))
            answering.make_key()
            desk.begins_to_ask(asking)
            desk.types_request(asking)
            request = desk.sends(asking)
            answering.go(request.replace("/requests/", "/inbox/"))
            answering.press("Oppakken")
            desk.records_consent(answering)
            desk.weighs(answering)
            desk.previews(answering)
            desk.releases(answering)
            desk.calls_for_answer(asking, request)
            desk.opens(asking)
            for text in desk.SAID.values():
                expect(asking.at("opened")).to_contain_text(text)
        passed = {"sent": bytes(recorder.sent), "answered": bytes(recorder.answered)}
    # What is no secret to the broker did pass here: the search finds what there is.
    assert b"Is+er+letsel+gezien" in passed["sent"]
    for way, data in passed.items():
        for secret in (*desk.SAID.values(), PASSPHRASE):
            for part in secret.split(". "):
                assert found_in(data, part) == set(), way
                assert part.replace(" ", "+").encode() not in data, way


def kept_key(window: Window) -> str:
    """Return the key file that this person's browser keeps."""
    return str(window.page.evaluate("localStorage.getItem('deelgrond.key.st:worker')"))

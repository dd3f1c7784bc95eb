"""Every case file, played over HTTP against the real app: each act ends as the file says, on every engine.

A story ends with the log verified from the database up; `play` raises when it does not verify.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest
from effort import IN_FULL

from broker.client.explain import WIDTH
from broker.client.http import Client
from broker.crypto.keyfile import unlock_keyfile
from broker.demo.account import Account
from broker.demo.casefile import CaseFile, case_names, load_case, parse_case
from broker.demo.people import People
from broker.demo.story import play
from broker.policy.local import local_opa

SCENARIOS = (1, 2, 3, 4, 6, 7, 9, 10, 11, 13, 15, 16, 17, 18, 20, 21, 22, 23, 25, 27, 28, 32, 34, 37)
"""The worked scenarios of law.md section 11, whose numbers have gaps."""


@pytest.fixture(scope="module")
def opa_address(opa_program: str) -> Iterator[str]:
    """Yield the address of an OPA server with the committed bundle, on a free port of this machine."""
    with local_opa(opa_program) as address:
        yield address


@pytest.mark.parametrize("name", case_names())
def test_case_ends_as_it_says_and_is_told_in_plain_words(name: str) -> None:
    case = load_case(name)
    account = Account(case, paint=lambda text, _: text)

    played = play(case)

    assert not played.surprises
    assert len(played.happened) == len(case.acts)
    told = "\n".join([account.opening(), *(account.of(one) for one in played.happened), account.closing(played)])
    assert [line for line in told.splitlines() if len(line) > WIDTH] == []
    assert not {code for code in ("DN-", "OB-", "ES-", "ST-", "\x1b", "None") if code in told}


# `both` asks the server too and compares, so that few stories are told again by the server alone.
BY_THE_SERVER_ALONE = case_names() if IN_FULL else ("amsterdam", "S13")


@pytest.mark.opa
@pytest.mark.torture
@pytest.mark.parametrize(
    ("engine", "name"),
    [*(("both", name) for name in case_names()), *(("opa", name) for name in BY_THE_SERVER_ALONE)],
)
def test_case_ends_the_same_on_an_opa_server(name: str, engine: str, opa_address: str) -> None:
    played = play(load_case(name), engine=engine, opa_address=opa_address)  # type: ignore[arg-type]

    assert not played.surprises
    assert len(played.happened) == len(played.case.acts)


def test_cases_cover_what_the_demonstration_promises() -> None:
    assert {"amsterdam", *(f"S{number:02}" for number in SCENARIOS)} <= set(case_names())

    verbs = [act.verb for act in load_case("amsterdam").acts]
    assert {"release", "decline", "open", "withdraw", "replay", "verify"} <= set(verbs)


def changed(name: str, old: str, new: str) -> CaseFile:
    text = (files("broker.demo") / "cases" / f"{name}.yaml").read_text(encoding="utf-8")
    assert old in text
    return parse_case(text.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("facts: {payload: {bsn_of: [child1]}}", "facts: {payload: {bsn: [child1]}}", "input.schema"),
        ("stage: answer, facts", "stage: open, facts", "demo.no_decision"),
    ],
)
def test_question_to_the_gate_that_cannot_be_decided_ends_the_story(old: str, new: str, code: str) -> None:
    played = play(changed("S13", old, new))

    assert played.surprises == (f"act 10 (decide): it failed with {code}, expected no failure",)


def test_question_to_the_gate_leaves_nothing_behind() -> None:
    played = play(load_case("S28"))

    assert [one.act.verb for one in played.happened].count("decide") == 5
    assert played.log.decisions == len(("asked", "previewed and released", "opened"))


def test_case_name_is_that_of_its_file() -> None:
    assert [load_case(name).name for name in case_names()] == list(case_names())


def test_story_that_stays_lets_its_people_call_for_themselves() -> None:
    seen: list[str] = []

    def stay(people: People) -> None:
        worker = next(person for person in people.signed_in(timedelta(hours=8)) if person.name == "worker")
        keys = unlock_keyfile(worker.keyfile, people.passphrase)
        with Client(
            address=worker.address,
            access=lambda: worker.token,
            proofs=worker.proofs,
            now=lambda: datetime.now(UTC) + worker.ahead,
            keys=keys,
        ) as client:
            request = client.worklist()[0]["id"]
            seen.extend(part["question"] for part in client.open(request)["parts"])

    played = play(load_case("S01"), stay=stay)

    assert not played.surprises
    assert seen == ["q1", "q2", "q3"]

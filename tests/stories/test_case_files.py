"""Every case file, played over HTTP against the real app: each act ends as the file says, on every engine.

A story ends with the log verified from the database up; `play` raises when it does not verify.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from broker.client import Client
from broker.crypto.keyfile import unlock_keyfile
from broker.demo.account import Account
from broker.demo.casefile import case_names, load_case
from broker.demo.explain import WIDTH
from broker.demo.stage import Stage
from broker.demo.story import play
from broker.policy.local import local_opa


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


@pytest.mark.opa
@pytest.mark.parametrize("engine", ["opa", "both"])
@pytest.mark.parametrize("name", case_names())
def test_case_ends_the_same_on_an_opa_server(name: str, engine: str, opa_address: str) -> None:
    played = play(load_case(name), engine=engine, opa_address=opa_address)  # type: ignore[arg-type]

    assert not played.surprises
    assert len(played.happened) == len(played.case.acts)


def test_cases_cover_what_the_demonstration_promises() -> None:
    assert {"amsterdam", "S01", "S09", "S10", "S15", "S16", "S17", "S20", "S23"} <= set(case_names())

    verbs = [act.verb for act in load_case("amsterdam").acts]
    assert {"release", "decline", "open", "withdraw", "replay", "verify"} <= set(verbs)


def test_case_name_is_that_of_its_file() -> None:
    assert [load_case(name).name for name in case_names()] == list(case_names())


def test_story_that_stays_lets_its_people_call_for_themselves() -> None:
    seen: list[str] = []

    def stay(stage: Stage) -> None:
        worker = next(person for person in stage.signed_in(timedelta(hours=8)) if person.name == "worker")
        keys = unlock_keyfile(worker.keyfile, stage.passphrase)
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

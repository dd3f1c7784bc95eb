"""What a plan for the directory shows is what applying it does, and nothing is wider than somebody approved."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from broker_keys import fresh_keys
from databases import contents_of, fresh_postgres, fresh_sqlite
from effort import times
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from logged import events_of, publish_all
from people import keys_of

from broker.api.directory_file import directory_of
from broker.crypto.note import parse_verifier_key
from broker.domain.directory import Account, StaffKey
from broker.domain.directory_plan import DirectoryFile, OnRecord, Plan
from broker.domain.wiring import Wiring
from broker.flows.enrol import ApplyPlan, _on_record, apply_plan, plan_directory, vouch_for_key
from broker.flows.verify import verify_log
from broker.kernel.errors import BrokerError, ConflictError, InputError, RefusedError
from broker.store.base import Store

NOW = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # in the Netherlands it is the next day already
TODAY = date(2026, 11, 23)
DAYS = [TODAY + timedelta(days=number) for number in (-400, -9, -1, 0, 1, 9, 400)]
APPROVED = ("approver",)


@contextmanager
def directory(url: str | None = None) -> Iterator[tuple[Wiring, str]]:
    """Yield the wiring over an empty directory, and the URL of its database."""
    nothing: Any = None
    with tempfile.TemporaryDirectory() as folder:
        keys, url = fresh_keys(Path(folder), lambda: NOW), url or fresh_sqlite(Path(folder))
        store = Store(url, keys)
        yield Wiring(store=store, gate=nothing, keys=keys, clock=lambda: NOW, attempts=nothing), url
        store.close()


def organisation(name: str, **said: Any) -> dict[str, Any]:
    oin = f"0000000100321434500{name[-1]}"
    return {"id": name, "oin": oin, "name": name, "type": "huisarts", "active": True, "connected": True, **said}


def member(name: str, **said: Any) -> dict[str, Any]:
    return {
        "id": name, "organisation": "org:1", "issuer": "https://login.example.nl", "subject": name, "role": "huisarts",
        "profession": "arts", "registration": "big", "supervised_by_registered": False, "active": True, **said,
    }  # fmt: skip


def mandate(name: str, begins: int, ends: int) -> dict[str, str]:
    """Return a mandate from and until so many days from today."""
    from_on, until_on = (TODAY + timedelta(days=number) for number in (begins, ends))
    return {"staff": name, "from_on": from_on.isoformat(), "until_on": until_on.isoformat()}


def known(w: Wiring) -> OnRecord:
    with w.store.reading() as tx:
        return _on_record(tx)


def looked_at(document: Any, w: Wiring) -> tuple[DirectoryFile, Plan]:
    file = directory_of(document)
    return file, plan_directory(file, w)


def applied(document: Any, w: Wiring) -> Plan:
    file, plan = looked_at(document, w)
    return apply_plan(ApplyPlan(file=file, digest=plan.digest, approvers=APPROVED), w)


def verify(w: Wiring) -> None:
    publish_all(w)
    verify_log(w.store, vkeys=[parse_verifier_key(w.keys.vkey)])


FIRST = {
    "organisations": [organisation("org:1"), organisation("org:2")],
    "staff": [member("st:1"), member("st:2")],
    "mandates": [mandate("st:1", -9, 9), mandate("st:1", 9, 400), mandate("st:2", -9, 9), mandate("st:2", -400, -9)],
}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a directory file about some of two organisations and three members of staff."""
    some = st.booleans()
    organisations = [
        organisation(name, active=draw(some), connected=draw(some), type=draw(st.sampled_from(["huisarts", "school"])))
        for name in draw(st.sets(st.sampled_from(["org:1", "org:2"])))
    ]
    names = draw(st.dictionaries(st.sampled_from(["st:1", "st:2", "st:3"]), st.sampled_from(["in", "in", "left"])))
    staff = [
        member(
            name,
            organisation=draw(st.sampled_from(["org:1", "org:2"])),
            role=draw(st.sampled_from(["huisarts", "planner"])),
            subject=f"{name}{draw(st.sampled_from(['', '-again']))}",
            supervised_by_registered=draw(some),
            active=draw(some),
        )
        for name, kind in names.items()
        if kind == "in"
    ]
    spans = st.tuples(st.integers(0, 5), st.integers(1, 6)).filter(lambda span: span[0] < span[1])
    mandates = [
        {"staff": one["id"], "from_on": DAYS[begins].isoformat(), "until_on": DAYS[ends].isoformat()}
        for one in staff
        for begins, ends in draw(st.lists(spans, max_size=3))
    ]
    left = [name for name, kind in names.items() if kind == "left"]
    return {"organisations": organisations, "staff": staff, "mandates": mandates, "left": left}


@settings(max_examples=times(40, in_full=1000), suppress_health_check=list(HealthCheck), deadline=None)
@given(st.lists(documents(), min_size=1, max_size=4))
def test_plan_shows_what_applying_it_does(drawn: list[dict[str, Any]]) -> None:
    with directory() as (w, url):
        applied(FIRST, w)
        for document in drawn:
            try:
                file, plan = looked_at(document, w)
            except InputError:  # names who is not there yet
                continue
            before, contents = known(w), contents_of(url)
            refused(ApplyPlan(file=file, digest="0" * 64, approvers=APPROVED), w, ConflictError)
            if plan.widens:
                refused(ApplyPlan(file=file, digest=plan.digest), w, RefusedError)
            assert contents_of(url) == contents
            approvers = APPROVED if plan.widens else ()
            assert apply_plan(ApplyPlan(file=file, digest=plan.digest, approvers=approvers), w) == plan
            assert plan_directory(file, w).changes == ()
            check_is_as_the_file_says(file, before, known(w))
            if not plan.widens:
                check_is_no_wider(before, known(w))
            if not plan.changes:
                assert contents_of(url) == contents
        verify(w)


def refused(command: ApplyPlan, w: Wiring, kind: type[BrokerError]) -> None:
    with pytest.raises(kind):
        apply_plan(command, w)


def check_is_as_the_file_says(file: DirectoryFile, before: OnRecord, after: OnRecord) -> None:
    """Assert that who is in the file is so from today on, and that the past and everybody else stay as they were."""
    assert after.organisations == {**before.organisations, **{one.id: one for one in file.organisations}}
    gone = {name: replace(before.staff[name], active=False) for name in file.left}
    assert after.staff == {**before.staff, **{one.id: one for one in file.staff}, **gone}
    for name in after.staff:
        had, has, asked = (
            {one for one in mandates if one.staff == name}
            for mandates in (before.mandates, after.mandates, file.mandates)
        )
        if name in gone or name in file.accounts:
            assert {one for one in has if one.until_on > TODAY} == {one for one in asked if one.until_on > TODAY}
            assert {one for one in had if one.until_on <= TODAY} <= has
        else:
            assert has == had


def check_is_no_wider(before: OnRecord, after: OnRecord) -> None:
    """Assert that whoever can act on a day from today on could so before, as the same."""
    for name, staff in after.staff.items():
        for day in (day for day in DAYS if day >= TODAY):
            if acts(name, day, after):
                assert acts(name, day, before)
                was = before.staff[name]
                assert (was.role, was.organisation, was.registration) == (
                    staff.role,
                    staff.organisation,
                    staff.registration,
                )
                assert was.supervised_by_registered >= staff.supervised_by_registered
                assert before.accounts[name] == after.accounts[name]
                assert before.organisations[was.organisation].type == after.organisations[was.organisation].type


def acts(name: str, day: date, on_record: OnRecord) -> bool:
    staff = on_record.staff.get(name)
    if staff is None or not staff.active or not on_record.organisations[staff.organisation].active:
        return False
    return any(one.staff == name and one.from_on <= day < one.until_on for one in on_record.mandates)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def filled(request: pytest.FixtureRequest) -> Iterator[tuple[Wiring, str]]:
    """Yield a directory with two organisations and two members of staff, one with a key, on each kind of database."""
    if request.param == "sqlite":
        with directory() as (w, url):
            applied(FIRST, w)
            yield w, url
    else:
        with fresh_postgres(request.getfixturevalue("postgres_url")) as url, directory(url) as (w, _):
            applied(FIRST, w)
            yield w, url


def test_who_leaves_can_do_nothing_any_more(filled: tuple[Wiring, str]) -> None:
    w, _ = filled
    in_use, waiting = keys_of("doctor"), keys_of("partner")
    for key in (in_use, waiting):
        with w.store.changing_directory() as tx:
            tx.directory.put_key(
                StaffKey(
                    key_id=key.key_id,
                    staff="st:1",
                    public_opening=key.public_opening,
                    public_signing=key.public_signing,
                    enrolled_at=NOW,
                )
            )
        if key is in_use:
            vouch_for_key(key.key_id, w)
    file, plan = looked_at({"left": ["st:1"]}, w)
    assert [change.kind for change in plan.changes] == [
        "staff_left", "mandate_ended", "mandate_removed", "key_revoked", "key_revoked",
    ]  # fmt: skip
    apply_plan(ApplyPlan(file=file, digest=plan.digest), w)
    with w.store.reading() as tx:
        assert tx.directory.actor("st:1", "high", TODAY) is None
        assert tx.directory.keys_of(["st:1"]) == ()
        assert [one.until_on for one in tx.directory.mandates() if one.staff == "st:1"] == [TODAY]
    verify(w)


def test_log_says_by_which_plan_and_by_whose_approval(filled: tuple[Wiring, str]) -> None:
    w, _ = filled
    plan = applied({"staff": [member("st:1", role="planner")], "mandates": FIRST["mandates"][:2]}, w)
    verify(w)
    event = [one for one in events_of(w.store) if one.tag == "directory:entry:enrolled"][-1]
    assert event.detail == {"organisations": [], "staff": ["st:1"], "plan": plan.digest, "approvers": ["approver"]}


def test_plan_that_another_change_overtook_changes_nothing(filled: tuple[Wiring, str]) -> None:
    w, url = filled
    narrower = {"organisations": [organisation("org:1", connected=False)]}
    file, plan = looked_at({"organisations": [organisation("org:1", connected=False, active=False)]}, w)
    applied(narrower, w)
    contents = contents_of(url)
    with pytest.raises(ConflictError) as stale:
        apply_plan(ApplyPlan(file=file, digest=plan.digest, approvers=APPROVED), w)
    assert stale.value.code == "directory.plan"
    assert contents_of(url) == contents


def test_plan_holds_for_its_day_only(filled: tuple[Wiring, str]) -> None:
    w, _ = filled
    file, plan = looked_at({"staff": [member("st:3")]}, w)
    tomorrow = replace(w, clock=lambda: NOW + timedelta(days=1))
    refused(ApplyPlan(file=file, digest=plan.digest, approvers=APPROVED), tomorrow, ConflictError)


def test_only_a_directory_without_staff_is_filled_without_approval() -> None:
    with directory() as (w, _):
        for document in ({"organisations": FIRST["organisations"]}, FIRST):
            file, plan = looked_at(document, w)
            assert plan.widens
            apply_plan(ApplyPlan(file=file, digest=plan.digest), w)
        applied({"left": ["st:1", "st:2"]}, w)
        file, plan = looked_at({"staff": [member("st:1")]}, w)
        refused(ApplyPlan(file=file, digest=plan.digest), w, RefusedError)


def test_directory_of_a_region_is_filled_at_once() -> None:
    names = [f"st:{number}" for number in range(4000)]
    mandates = [mandate(name, -9, 9) for name in names]
    region = {"organisations": FIRST["organisations"], "staff": [member(name) for name in names], "mandates": mandates}
    with directory() as (w, _):
        assert len(applied(region, w).changes) == 8002
        verify(w)


def test_account_of_somebody_else_is_refused(filled: tuple[Wiring, str]) -> None:
    w, _ = filled
    with pytest.raises(ConflictError) as refused:
        looked_at({"staff": [member("st:1", subject="st:2")]}, w)
    assert (refused.value.code, refused.value.errors) == (
        "directory.account",
        ("the account of st:1 is that of st:2",),
    )
    with w.store.reading() as tx:
        account = Account(issuer="https://login.example.nl", subject="st:2")
        assert tx.directory.stand_ins()["st:2"] == tx.directory.stand_in(account)


@pytest.mark.parametrize(
    ("document", "widens"),
    [
        ({"staff": [member("st:1", role="planner")]}, True),
        ({"staff": [member("st:1", profession="overig")]}, True),
        ({"staff": [member("st:1", registration="none")]}, True),
        ({"staff": [member("st:1", organisation="org:2")]}, True),
        ({"staff": [member("st:1", subject="another")]}, True),
        ({"staff": [member("st:1", supervised_by_registered=True)]}, True),
        ({"staff": [member("st:1", active=False)]}, False),
        ({"staff": [member("st:3", active=False)]}, False),
        ({"staff": [member("st:3")]}, True),
        ({"mandates": [mandate("st:1", -9, 8)]}, False),
        ({"mandates": [mandate("st:1", -9, 10)]}, True),
        ({"mandates": [mandate("st:1", -9, 9), mandate("st:1", 20, 30)]}, True),
        ({"organisations": [organisation("org:1", type="school")]}, True),
        ({"organisations": [organisation("org:1", connected=False, active=False)]}, False),
        ({"organisations": [organisation("org:3")]}, True),
        ({"left": ["st:1"]}, False),
    ],
)
def test_what_lets_somebody_do_more_is_marked(document: Any, widens: bool) -> None:
    with directory() as (w, _):
        applied(FIRST, w)
        _, plan = looked_at(document, w)
        assert plan.changes
        assert plan.widens == widens


def test_choice_of_notices_is_shown_and_widens_nothing() -> None:
    with directory() as (w, _):
        applied({"organisations": [organisation("org:1")]}, w)
        chosen = {"mail": ["meldingen@gp.nl"], "webhook": "https://gp.nl/hook", "when": "daily"}
        plan = applied({"organisations": [organisation("org:1", notices=chosen)]}, w)
        (change,) = plan.changes
        assert (change.field, change.before, change.after, change.widens) == (
            "notices", "none", "meldingen@gp.nl, https://gp.nl/hook, daily", False,
        )  # fmt: skip
        assert not looked_at({"organisations": [organisation("org:1", notices=chosen)]}, w)[1].changes
        publish_all(w)
        vkeys = [parse_verifier_key(w.keys.vkey)]
        verify_log(w.store, vkeys=vkeys, held=[])

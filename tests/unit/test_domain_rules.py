"""What is a rule but not law: states, ages, and a decision that reads back as it was written."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.case import age_on
from broker.domain.decision import decision_of, document_of
from broker.domain.request import ALLOWED, Concern, Danger, InformationRequest, State, state_after_ask
from broker.kernel.errors import ConflictError, ParseError
from broker.kernel.values import format_moment, new_id, parse_moment

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def request(state: State) -> InformationRequest:
    return InformationRequest(
        id=new_id("req", NOW), case=new_id("cas", NOW), requester="org:a", asker="s", responder="org:b",
        purpose="vt_onderzoek", concern=Concern(), danger=Danger(), persons=("p",), patients=frozenset(), questions=(),
        asked_at=NOW, state=state,
    )  # fmt: skip


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("following", State)
def test_request_moves_only_as_the_table_says(state: State, following: State) -> None:
    before = request(state)
    if following in ALLOWED[state]:
        after = before.to(following)
        assert (after.state, after.version) == (following, before.version + 1)
    else:
        with pytest.raises(ConflictError):
            before.to(following)


@pytest.mark.parametrize("outcome", ["deny", "refer", "permit_pending", "permit_duty", "break_glass"])
def test_request_is_delivered_only_on_a_permit(outcome: str) -> None:
    delivered = state_after_ask(outcome) is State.DELIVERED
    assert delivered == (outcome not in {"deny", "refer"})


def test_request_outcome_of_another_stage_is_no_state() -> None:
    with pytest.raises(KeyError):
        state_after_ask("permit")


def test_request_taken_twice_by_the_same_is_no_change() -> None:
    taken = request(State.DELIVERED).taken("s")
    assert taken.taken("s") is taken
    with pytest.raises(ConflictError):
        taken.taken("another")


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_age_is_unknown_before_birth_and_never_goes_back(birth: date, day: date) -> None:
    age = age_on(birth, day)
    assert (age is None) == (birth > day)
    if age is not None:
        later = age_on(birth, date.fromordinal(day.toordinal() + 1))
        assert later is not None
        assert later - age in {0, 1}


def test_age_of_a_leap_day_child_turns_on_the_first_of_march() -> None:
    assert age_on(date(2012, 2, 29), date(2024, 2, 28)) == 11
    assert age_on(date(2012, 2, 29), date(2024, 2, 29)) == 12
    assert age_on(date(2012, 2, 29), date(2025, 2, 28)) == 12
    assert age_on(date(2012, 2, 29), date(2025, 3, 1)) == 13


def test_decision_reads_back_as_written() -> None:
    document = {
        "version": 1,
        "outcome": "permit",
        "parts": [{"question": "q", "person": "p", "category": "id", "verdict": "allow", "ground": "X", "reasons": []}],
        "grounds": [{"code": "X", "kind": "right", "source": "s", "valid_from": "2015-01-01"}],
        "reasons": [
            {"code": "DN-17", "stage": "G10", "curable": True, "remedy": "strip", "person": None, "question": None}
        ],
        "referrals": [],
        "obligations": [{"code": "OB-05", "on": "broker", "due": "2026-11-29T10:00:00Z", "person": None}],
        "todo": ["ST-01"],
        "exceptions": ["X5"],
        "law_as_of": "2026-11-22",
        "policy": {"revision": "r", "digest": "d"},
        "engine": "embedded",
    }
    assert document_of(decision_of(document)) == document


@given(st.datetimes(datetime(1970, 1, 2), datetime(2199, 1, 1), timezones=st.just(UTC)))
def test_moment_reads_back_as_written(moment: datetime) -> None:
    assert parse_moment(format_moment(moment)) == moment


@given(st.text(max_size=40))
def test_moment_of_any_text_is_a_moment_or_a_parse_error(text: str) -> None:
    try:
        parsed = parse_moment(text)
    except ParseError:
        return
    assert parsed.tzinfo is not None


@given(st.datetimes(datetime(1970, 1, 2), datetime(2199, 1, 1), timezones=st.just(UTC)), st.integers(2, 10**6))
def test_identifier_sorts_by_its_moment(moment: datetime, later: int) -> None:
    from datetime import timedelta

    earlier, after = new_id("req", moment), new_id("req", moment + timedelta(milliseconds=later))
    assert earlier < after
    assert earlier != new_id("req", moment)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2199, 1, 1), timezones=st.just(UTC)))
def test_identifiers_of_one_moment_sort_as_they_were_drawn(moment: datetime) -> None:
    drawn = [new_id("evt", moment) for _ in range(50)]
    assert drawn == sorted(set(drawn))


def test_identifiers_of_one_millisecond_ascend_whatever_is_drawn_in_between() -> None:
    moment = datetime(2031, 1, 1, tzinfo=UTC)
    drawn = []
    for number in range(50):
        drawn.append(new_id("evt", moment))
        new_id("evt", moment.replace(microsecond=1000 * (1 + number % 5)))
    assert drawn == sorted(drawn)

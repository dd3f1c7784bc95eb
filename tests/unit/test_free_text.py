"""Citizen service numbers and names in free text are found, and what only looks like them is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.domain.case import Person
from broker.domain.free_text import has_citizen_number, named


def eleven(first: list[int]) -> str | None:
    """Return the number of nine digits that begins with these eight and passes the eleven test, if there is one."""
    last = sum((9 - place) * digit for place, digit in enumerate(first)) % 11
    return "".join(map(str, [*first, last])) if last < 10 and any(first) else None


numbers = st.lists(st.integers(0, 9), min_size=8, max_size=8).map(eleven).filter(lambda number: number is not None)
DIGIT = st.integers(0, 8)


@given(numbers, st.sampled_from(["{}", "BSN {}.", "({})", "bsn:{},", "a{}b", "12-3 {}"]))
def test_number_is_found_wherever_it_stands(number: str, around: str) -> None:
    assert has_citizen_number(around.format(number))
    for parted in (" ", ".", "-"):
        assert has_citizen_number(f"nr {parted.join((number[:4], number[4:6], number[6:]))}!")
    if number[0] == "0" and number[1] != "0":
        assert has_citizen_number(f"BSN {number[1:]}")


@given(numbers, DIGIT, st.integers(1, 9))
def test_number_with_one_digit_wrong_is_none(number: str, place: int, by: int) -> None:
    wrong = number[:place] + str((int(number[place]) + by) % 10) + number[place + 1 :]
    assert not has_citizen_number(f"nummer {wrong} van het dossier")


@given(numbers, st.integers(0, 9))
def test_longer_number_is_something_else(number: str, digit: int) -> None:
    for longer in (f"{digit}{number}", f"{number}{digit}", f"06-{number[:8]}", f"{number[:5]} {number[5:]} {digit}"):
        assert not has_citizen_number(longer)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "000000000",
        "op 2026-11-22",
        "2019-05-14",
        "14-05-2019",
        "tel. 020-5551234",
        "zaak VT-2026-001234",
        "123456789",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert not has_citizen_number(text)


@pytest.mark.parametrize("text", ["111222333", "123456782", "１２３４５６７８２", "1234 56 782", "12.34.56.782"])
def test_known_number_is_one(text: str) -> None:
    assert has_citizen_number(text)


def person(name: str) -> Person:
    return Person(id="p", ref="child1", relation="child", name=name, birth_on=None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Sanne de Vries", "Heeft Sanne letsel?"), ("Sanne de Vries", "Is mw. de VRIES bekend?"),
        ("Anne-Marie O'Neill", "Wat zegt o'neill?"), ("Zoë", "en zoë's broer, Zoë"), ("Ümit Çelik", "bij çelik thuis"),
        ("李小龙", "李小龙"),
    ],
)  # fmt: skip
def test_name_is_found(name: str, text: str) -> None:
    assert [one.name for one in named(text, [person(name)])] == [name]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Sanne de Vries", "Is er letsel gezien?"), ("Jan van den Berg", "van den huisarts"), ("Li Wu", "li wu"),
        ("Sanne", "Susanne is iemand anders"), ("", "een vraag"), ("Sanne", ""),
    ],
)  # fmt: skip
def test_word_that_is_no_name_is_not(name: str, text: str) -> None:
    assert not list(named(text, [person(name)]))

from __future__ import annotations

import re

import pytest

from broker.crypto.pseudonym import pseudonym
from broker.kernel.errors import InputError, KeyUnavailable

KEY = bytes(range(32))
PARTS = {"purpose": "request", "organisation": "org_a", "identifier": "person"}


def test_pseudonym_is_a_short_word_without_the_identifier():
    found = pseudonym(key=KEY, **PARTS)
    assert re.fullmatch(r"ps_[a-z2-7]{32}", found)
    assert "person" not in found


@pytest.mark.parametrize("part", PARTS)
def test_pseudonym_differs_with_each_part(part):
    assert pseudonym(key=KEY, **{**PARTS, part: "other"}) != pseudonym(key=KEY, **PARTS)


def test_pseudonym_differs_with_the_key():
    assert pseudonym(key=bytes(32), **PARTS) != pseudonym(key=KEY, **PARTS)


def test_pseudonym_keeps_the_borders_between_parts():
    one = pseudonym(key=KEY, purpose="a", organisation="bc", identifier="d")
    assert one != pseudonym(key=KEY, purpose="ab", organisation="c", identifier="d")


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("value", ["", "\ud800"])
def test_pseudonym_refuses_a_part_that_says_nothing(part, value):
    with pytest.raises(InputError):
        pseudonym(key=KEY, **{**PARTS, part: value})


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_pseudonym_refuses_a_key_of_another_length(key):
    with pytest.raises(KeyUnavailable):
        pseudonym(key=key, **PARTS)

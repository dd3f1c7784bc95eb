from __future__ import annotations

import pytest

from broker.crypto.canonical import MAX_BYTES, canonical, digest, parse_canonical
from broker.kernel.errors import InputError, ParseError


def test_canonical_sorts_keys_and_drops_white_space():
    assert canonical({"b": [1, 2.5, None], "a": "é"}) == '{"a":"é","b":[1,2.5,null]}'.encode()


def test_canonical_does_not_depend_on_the_order_of_keys():
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_canonical_digest_names_its_algorithm():
    assert digest({}) == "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 2**53, -(2**53), {1: "a"}, {"\ud800": 1}, "\ud800", b"bytes", {"a", "b"}]
)
def test_canonical_refuses_what_json_cannot_hold(value):
    with pytest.raises(InputError):
        canonical(value)


def test_canonical_refuses_endless_nesting():
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(InputError):
        canonical(endless)


def test_canonical_error_does_not_repeat_the_value():
    with pytest.raises(InputError) as caught:
        canonical(99_999_999_000_000_123)
    assert "123" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_parse_canonical_gives_the_value_back():
    value = {"a": [1, -0.5, True, None, "€"], "b": {}}
    assert parse_canonical(canonical(value)) == value


def test_parse_canonical_keeps_whole_numbers_that_only_a_float_holds():
    assert parse_canonical(canonical(1e20)) == 1e20
    assert parse_canonical(b"9007199254740991") == 2**53 - 1
    assert isinstance(parse_canonical(b"9007199254740992"), float)


def test_parse_canonical_refuses_more_than_a_megabyte():
    assert parse_canonical(b'"' + b"a" * (MAX_BYTES - 2) + b'"')
    with pytest.raises(ParseError, match="megabyte"):
        parse_canonical(b'"' + b"a" * (MAX_BYTES - 1) + b'"')

"""Every body takes a day, a truth value and a number in one form only, and a text as it is typed anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, get_args, get_origin

import pytest
from pydantic import ConfigDict, TypeAdapter, ValidationError

import broker.app  # noqa: F401  brings in every shape
from broker.api.shapes import Line, Shape, Text

NO_DAYS = [
    "00000000", "0000-00-00", "2019-00-00", "2019-05-00", "2019", "2019-05", "20190514", "0", "1558000000", "y",
    "2019-05-14T00:00:00", "2019-05-14 ", "14-05-2019", "2019-5-4", "２０１９-05-14", "2019-02-30", 0, 1, -0.0, 1.5e9,
    31536000, True, False, [], {}, b"2019-05-14",
]  # fmt: skip
NO_TRUTH = ["true", "false", "yes", "no", "y", "n", "on", "off", "1", "0", 0, 1, 1.0, "ja", "nee", [], {}]
NO_NUMBERS = ["3", "0x3", True, False, 3.5, 3.0, [], {}, "drie"]


def shapes_of(shape: type[Shape] = Shape) -> Iterator[type[Shape]]:
    for each in shape.__subclasses__():
        yield each
        yield from shapes_of(each)


def fields_of(kind: type) -> list[Any]:
    """Return each field of a body that holds this kind of value, as a case of a test."""
    return [
        pytest.param(Annotated[(field.annotation, *(field.metadata or [None]))], id=f"{shape.__name__}.{name}")
        for shape in sorted(set(shapes_of()), key=lambda each: each.__name__)
        for name, field in shape.model_fields.items()
        if _holds(field.annotation, kind)
    ]


def _holds(annotation: Any, kind: type) -> bool:
    if get_origin(annotation) is dict:
        return False
    return annotation is kind or any(_holds(part, kind) for part in get_args(annotation) if not isinstance(part, str))


def is_refused(annotation: Any, value: object) -> bool:
    try:
        TypeAdapter(annotation, config=ConfigDict(strict=True)).validate_python(value)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("annotation", fields_of(date))
def test_date_is_written_in_one_way(annotation: Any) -> None:
    assert [value for value in NO_DAYS if not is_refused(annotation, value)] == []
    assert not is_refused(annotation, "2019-05-14")


@pytest.mark.parametrize("annotation", fields_of(bool))
def test_truth_is_true_or_false(annotation: Any) -> None:
    assert [value for value in NO_TRUTH if not is_refused(annotation, value)] == []
    assert not is_refused(annotation, True)


@pytest.mark.parametrize("annotation", fields_of(int))
def test_number_is_a_number(annotation: Any) -> None:
    assert [value for value in NO_NUMBERS if not is_refused(annotation, value)] == []
    assert not is_refused(annotation, 3)


def test_every_shape_is_strict() -> None:
    found = set(shapes_of())
    assert len(found) > 20
    assert all(shape.model_config.get("strict") and shape.model_config.get("extra") == "forbid" for shape in found)


@pytest.mark.parametrize("kind", [Line, Text])
@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("een\r\ntwee", "een\ntwee"), ("een\rtwee", "een\ntwee"), ("een\r\r\ntwee\n", "een\n\ntwee\n"),
        ("tab\there", "tab\there"), ("Zoë 👩‍👧", "Zoë 👩‍👧"),
    ],
)  # fmt: skip
def test_lines_end_in_one_way(kind: Any, typed: str, kept: str) -> None:
    assert TypeAdapter(kind).validate_python(typed) == kept


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x0b", "\x1b", "\x7f", "\x85", "\x9b", "\ud800"])
def test_control_character_is_refused_and_named(character: str) -> None:
    with pytest.raises(ValidationError, match=r"control character|string_unicode|surrogates"):
        TypeAdapter(Text).validate_python(f"een{character}twee")

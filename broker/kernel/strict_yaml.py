"""YAML read strictly: what stands there is what was meant.

YAML guesses: `nee` is text but `no` is false, `0123` is 83, a date without quotes is another value than one with, and
of two equal names the last counts. Here `true`, `false`, `null` and decimal numbers are what they look like (YAML 1.2,
core schema) and everything else is text; a name stands once; and nothing is pasted in from elsewhere in the file,
unless the file is one of our own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from broker.kernel.errors import ParseError
from broker.kernel.strict_json import MOST_NESTED, check_whole

_MERGE = "tag:yaml.org,2002:merge"
_QUOTES = "a text with : # , ? { } [ ] & * ! | > % or @ in it may need quotes"


def read_yaml(data: bytes, *, references: bool = False) -> Any:
    """Return the value that these UTF-8 bytes hold: text, numbers, true and false, null, lists, and maps of text.

    `references` allows anchors, aliases and `<<`, for files that come with the program. Raises ParseError that names
    the line and what was expected, and never what stands there.
    """
    try:
        text = data.decode("utf-8-sig")  # a mark at the beginning is what some editors write, and says nothing
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ParseError(f"line {line}: a file is text in UTF-8") from None
    try:
        loader = (_Loader if references else _PlainLoader)(text)
        try:
            value = loader.get_single_data()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise ParseError(f"line {line}: {_said(error)}") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ParseError(f"line {line}: holds a character that no text has") from None
    except RecursionError:
        raise ParseError(f"lists and maps stand more than {MOST_NESTED} deep in each other") from None
    check_whole(value)
    return value


def lines_of(data: bytes) -> Mapping[tuple[str, ...], int]:
    """Return the line, from 1, on which each place of a YAML or JSON file begins, by the names and numbers down to it.

    Empty for what cannot be read.
    """
    try:
        root = yaml.compose(data.decode("utf-8-sig"), Loader=yaml.SafeLoader)
        return {} if root is None else dict(_places(root, ()))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        return {}


def _places(node: yaml.Node, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _places(value, (*place, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _places(value, (*place, str(number)))


def _said(error: yaml.MarkedYAMLError) -> str:
    """Return what the parser says, unless that may repeat what stands there."""
    if isinstance(error, _Refused):
        return str(error.problem)
    return f"this is not YAML; {_QUOTES}"


class _Refused(yaml.constructor.ConstructorError):
    """What YAML allows and this reader does not."""

    def __init__(self, problem: str, mark: Any) -> None:
        super().__init__(None, None, problem, mark)


class _Loader(yaml.SafeLoader):
    """YAML's safe loader without its guesses."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "tag", None) is not None:
            raise _Refused("a type (!) is not given here", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002
        names = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag not in (_TEXT, _MERGE):
                raise _Refused("a name is a text; other names stand in quotes", key.start_mark)
            if key.value in names:
                raise _Refused("this name stands twice", key.start_mark)
            names.add(key.value)
        return super().construct_mapping(node, deep)


class _PlainLoader(_Loader):
    """The same without what points to another place of the file; `<<` is a name like any other."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "anchor", None) is not None:
            raise _Refused("& and * point to another place, which is not done here", event.start_mark)
        return super().compose_node(parent, index)


_TEXT = "tag:yaml.org,2002:str"
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", "true|false", "tf"),
    ("null", "null|~|", "n~"),
    ("int", "-?(0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(0|[1-9][0-9]*)\.[0-9]+", "-0123456789"),
    ("merge", "<<", "<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), [*_first, *([""] if _tag == "null" else [])]
    )

_PlainLoader.yaml_implicit_resolvers = {
    first: resolvers for first, resolvers in _Loader.yaml_implicit_resolvers.items() if first != "<"
}

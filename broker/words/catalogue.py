"""The catalogue: every text, read from one file for each language.

A translator edits one file. It is read strictly: a slip stops the program as it starts, with its place named, and does
not become a gap on somebody's screen.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from broker.words.text import Explained, Words

_TEXTS = (
    "outcomes", "endings", "stages", "verdicts", "grounds", "obligations", "unnamed", "parties", "referrals",
    "steps", "records", "channels", "exceptions", "categories", "purposes", "kinds", "states", "relations",
    "organisations", "consents", "evidence", "declined", "weighings", "facts", "values", "remedies", "changes",
    "advices", "directory", "notices", "problems", "findings", "pages", "events", "phrases",
)  # fmt: skip
_EXPLAINED = ("reasons", "errors")
_SECTIONS = (*_TEXTS, *_EXPLAINED, "duties", "with_remedy")

# The base loader takes every value for text, `no` and `on` too; that of libyaml, where it is there, is much faster.
_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader

_Place = tuple[str, ...]
_Tree = dict[str, "str | _Tree"]
_Both = dict[str, "Words | _Both"]


class CatalogueError(ValueError):
    """The files of words do not fit the program or each other; the text names file, section and key."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All words, by section and key."""

    texts: Mapping[str, Mapping[str, Words]]
    explained: Mapping[str, Mapping[str, Explained]]
    duties: Mapping[tuple[str, str], Words]
    with_remedy: Mapping[tuple[str, str], Explained]


def read(folder: Path) -> Catalogue:
    """Return the words of this folder's nl.yaml and en.yaml.

    Raises CatalogueError where a key stands twice, is missing, is unknown, or stands in another order than in the
    other language.
    """
    nl, en = (_tree(folder / name) for name in ("nl.yaml", "en.yaml"))
    _has_keys(nl, _SECTIONS, "nl.yaml", (), "the program")
    sections = {name: _map(entry, (name,)) for name, entry in _both(nl, en, ()).items()}
    texts = {name: {key: _text(entry, (name, key)) for key, entry in sections[name].items()} for name in _TEXTS}
    advices = texts["advices"]
    return Catalogue(
        texts=texts,
        explained={
            name: {key: _explanation(entry, advices, (name, key)) for key, entry in sections[name].items()}
            for name in _EXPLAINED
        },
        duties={keys: _text(entry, ("duties", *keys)) for keys, entry in _flat(sections, "duties")},
        with_remedy={
            keys: _explanation(entry, advices, ("with_remedy", *keys)) for keys, entry in _flat(sections, "with_remedy")
        },
    )


def _tree(path: Path) -> _Tree:
    """Return a file as nested maps of texts."""
    try:
        node = yaml.compose(path.read_text("utf-8"), Loader=_LOADER)
    except yaml.YAMLError as error:
        raise CatalogueError(f"{path.name}: {error}") from error
    found = _value(node, path.name, ())
    if isinstance(found, str):
        raise _wrong(path.name, (), "this is no map of sections")
    return found


def _value(node: yaml.Node | None, file: str, place: _Place) -> str | _Tree:
    if isinstance(node, yaml.ScalarNode) and node.value:
        return str(node.value)
    if not isinstance(node, yaml.MappingNode):
        raise _wrong(file, place, "here stands neither a text nor a map")
    tree: _Tree = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise _wrong(file, place, f"the key in line {key.start_mark.line + 1} is no text")
        if key.value in tree:
            raise _wrong(file, (*place, key.value), f"this key stands twice, again in line {key.start_mark.line + 1}")
        tree[key.value] = _value(value, file, (*place, key.value))
    return tree


def _both(nl: _Tree, en: _Tree, place: _Place) -> _Both:
    """Return the two languages as one."""
    _has_keys(en, nl, "en.yaml", place, "nl.yaml")
    for ours, theirs in zip(nl, en, strict=True):
        if ours != theirs:
            raise _wrong("en.yaml", (*place, theirs), f"this key stands where nl.yaml has {ours}")
    return {key: _paired(nl[key], en[key], (*place, key)) for key in nl}


def _paired(nl: str | _Tree, en: str | _Tree, place: _Place) -> Words | _Both:
    if isinstance(nl, str) and isinstance(en, str):
        return Words(nl, en)
    if isinstance(nl, str) or isinstance(en, str):
        raise _wrong("en.yaml", place, "only one of the languages has a text here, the other a map")
    return _both(nl, en, place)


def _has_keys(found: Collection[str], wanted: Collection[str], file: str, place: _Place, by: str) -> None:
    for key in wanted:
        if key not in found:
            raise _wrong(file, (*place, key), f"this key is missing, {by} has it")
    for key in found:
        if key not in wanted:
            raise _wrong(file, (*place, key), f"this key is unknown, {by} has it not")


def _flat(sections: Mapping[str, _Both], name: str) -> Iterator[tuple[tuple[str, str], Words | _Both]]:
    """Yield the entries of a section of maps, each by its two keys."""
    for first, inner in sections[name].items():
        for second, entry in _map(inner, (name, first)).items():
            yield (first, second), entry


def _map(entry: Words | _Both, place: _Place) -> _Both:
    if isinstance(entry, Words):
        raise _wrong("nl.yaml", place, "here stands a text and not a map")
    return entry


def _text(entry: Words | _Both, place: _Place) -> Words:
    if not isinstance(entry, Words):
        raise _wrong("nl.yaml", place, "here stands a map and not a text")
    return entry


def _explanation(entry: Words | _Both, advices: Mapping[str, Words], place: _Place) -> Explained:
    """Return what is the matter with its advice: its own, or by name one that several share."""
    found = _map(entry, place)
    advice = "advice_of" if "advice_of" in found else "advice"
    _has_keys(found, ("what", advice), "nl.yaml", place, "the program")
    what, said = (_text(found[key], (*place, key)) for key in ("what", advice))
    return Explained(what, _shared(said, advices, place) if advice == "advice_of" else said)


def _shared(name: Words, advices: Mapping[str, Words], place: _Place) -> Words:
    """Return the advice of this name, which is one and the same in both files."""
    if name.nl != name.en:
        raise _wrong("en.yaml", (*place, "advice_of"), f"nl.yaml names {name.nl} here")
    if name.nl not in advices:
        raise _wrong("nl.yaml", (*place, "advice_of"), f"there is no advice {name.nl}")
    return advices[name.nl]


def _wrong(file: str, place: _Place, what: str) -> CatalogueError:
    return CatalogueError(": ".join((file, *place, what)))

"""Every code that a person can meet has words in both languages: finished sentences or clean labels."""

from __future__ import annotations

import ast
import re
import shutil
import string
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from broker import words
from broker.domain import vocabulary
from broker.domain.event import TAGS
from broker.domain.request import State
from broker.domain.weighing import STEPS
from broker.kernel import errors
from broker.words import Explained, Words
from broker.words.catalogue import CatalogueError, read

ROOT = Path(__file__).parents[2]
LAW = ROOT / "policies" / "data" / "law"
CATALOGUE = ROOT / "broker" / "words"

SENTENCES = ["OUTCOMES", "REASONS", "REMEDIES", "OBLIGATIONS", "UNNAMED", "REFERRALS", "STEPS", "EXCEPTIONS", "ERRORS"]
SENTENCES += ["DUTIES", "WITH_REMEDY"]
LABELS = ["VERDICTS", "GROUNDS", "PARTIES", "CATEGORIES", "PURPOSES", "KINDS", "STATES", "RELATIONS", "ORGANISATIONS"]
LABELS += ["CONSENTS", "WEIGHINGS", "EVENTS"]


def table(name: str) -> dict[str, typing.Any]:
    return dict(yaml.safe_load((LAW / name / "data.yaml").read_text()))


def rego(pattern: str) -> set[str]:
    """Return what a pattern finds in all rules, those of tests aside."""
    rules = [path for path in (ROOT / "policies" / "sharing").rglob("*.rego") if not path.name.endswith("_test.rego")]
    assert rules
    return {found for path in rules for found in re.findall(pattern, path.read_text())}


def error_codes(tree: ast.AST) -> Iterator[str]:
    """Yield the codes a module gives to errors and problems: `code="…"`, a class's `code`, and tables of codes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "code":
            yield from _dotted(node.value)
        if isinstance(node, ast.ClassDef):
            for line in node.body:
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
                    yield from _dotted(line.value)
        if isinstance(node, ast.Assign | ast.AugAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if ast.unparse(target).endswith("_CODES"):
                yield from _dotted(node.value)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("problem", "_note")):
            for argument in node.args:
                yield from _dotted(argument)


def _dotted(node: ast.AST) -> Iterator[str]:
    for leaf in ast.walk(node):
        if (
            isinstance(leaf, ast.Constant)
            and isinstance(leaf.value, str)
            and re.fullmatch(r"[a-z]+(\.[a-z_]+)+", leaf.value)
        ):
            yield leaf.value


def used_error_codes() -> set[str]:
    trees = [ast.parse(path.read_text()) for path in sorted((ROOT / "broker").rglob("*.py"))]
    return {code for tree in trees for code in error_codes(tree)}


def texts(entry: Words | Explained) -> Iterator[Words]:
    if isinstance(entry, Explained):
        yield from (entry.what, entry.advice)
    else:
        yield entry


def known_codes() -> Iterator[tuple[str, set[str]]]:
    rows = table("pairs")["rows"]
    yield "REASONS", {*table("reasons"), *(f"DN-{number:02}" for number in range(1, 31))}
    yield "REMEDIES", {row["remedy"] for row in table("reasons").values()} - {None} | rego(r'"remedy": "([a-z_]+)"')
    yield "OBLIGATIONS", set(table("obligations")) | rego(r'"(OB-\d\d[a-z]?)"')
    yield "OBLIGATIONS", {f"OB-{number:02}" for number in range(1, 16)} | {"OB-02b"}
    yield "REFERRALS", set(table("escalations")) | {f"ES-{number:02}" for number in range(1, 10)}
    yield "PARTIES", rego(r'"on": "([a-z_]+)"')
    yield "GROUNDS", set(table("grounds")) | {code for row in rows for code in row["grounds"]}
    yield "STEPS", set(STEPS) | set(typing.get_args(vocabulary.Step))
    yield "EXCEPTIONS", set(typing.get_args(vocabulary.ExceptionCode))
    yield (
        "CATEGORIES",
        set(typing.get_args(vocabulary.Category)) | {c for row in table("ceilings").values() for c in row["cells"]},
    )
    yield "PURPOSES", set(typing.get_args(vocabulary.Purpose)) | set(table("purposes"))
    yield "KINDS", set(typing.get_args(vocabulary.Kind))
    yield "STATES", {state.value for state in State}
    yield "RELATIONS", set(typing.get_args(vocabulary.Relation))
    yield "ORGANISATIONS", set(typing.get_args(vocabulary.OrganisationType))
    yield "CONSENTS", set(typing.get_args(vocabulary.ConsentStatus))
    yield "WEIGHINGS", set(typing.get_args(vocabulary.WeighingOutcome))
    yield "OUTCOMES", set(typing.get_args(vocabulary.Outcome))
    yield "VERDICTS", {"allow", "withhold", "needs_approval"}
    yield "EVENTS", set(TAGS)
    yield "ERRORS", used_error_codes()


@pytest.mark.parametrize(
    ("name", "codes"), list(known_codes()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_words_exist_for_every_code(name: str, codes: set[str]) -> None:
    assert codes

    missing = codes - set(getattr(words, name))

    assert not missing


@pytest.mark.parametrize("name", [*SENTENCES, *LABELS])
def test_words_are_there_in_both_languages(name: str) -> None:
    entries: Mapping[str, Words | Explained] = getattr(words, name)
    assert entries

    for code, entry in entries.items():
        for text in texts(entry):
            for said in (text.nl, text.en):
                assert said == said.strip(), code
                assert said, code


@pytest.mark.parametrize("name", SENTENCES)
def test_words_of_a_sentence_end_in_a_full_stop(name: str) -> None:
    unfinished = [
        code for code, entry in getattr(words, name).items() for text in texts(entry) if not text.nl.endswith(".")
    ]
    unfinished += [
        code for code, entry in getattr(words, name).items() for text in texts(entry) if not text.en.endswith(".")
    ]

    assert not unfinished


@pytest.mark.parametrize("name", LABELS)
def test_words_of_a_label_fit_in_a_sentence(name: str) -> None:
    entries: Mapping[str, Words] = getattr(words, name)

    assert not [code for code, text in entries.items() if text.nl.endswith(".") or text.en.endswith(".")]


def test_words_speak_no_code_to_people() -> None:
    coded = re.compile(r"\b(?:DN|OB|ES|ST|EV)-\d\d")
    tables = [getattr(words, name) for name in [*SENTENCES, *LABELS]]

    assert not [t.nl for entries in tables for entry in entries.values() for t in texts(entry) if coded.search(t.nl)]


def test_words_for_duty_are_those_for_the_party_where_it_has_its_own() -> None:
    assert words.duty_words("OB-13", "responder", person=None) is words.DUTIES["OB-13", "responder"]
    assert words.duty_words("OB-13", "broker", person="child1") is words.OBLIGATIONS["OB-13"]
    assert words.duty_words("OB-02", "requester", person="mother") is words.OBLIGATIONS["OB-02"]
    assert words.duty_words("OB-02", "requester", person=None) is words.UNNAMED["OB-02"]
    assert {on for _, on in words.DUTIES} <= set(words.PARTIES)
    assert {code for code, _ in words.DUTIES} <= set(words.OBLIGATIONS)


def test_words_for_reason_are_more_exact_where_the_remedy_is_named() -> None:
    assert words.explain_reason("DN-16", "decide") is words.WITH_REMEDY["DN-16", "decide"]
    assert words.explain_reason("DN-17", "strip") is words.REASONS["DN-17"]
    assert {code for code, _ in words.WITH_REMEDY} <= set(words.REASONS)
    assert {remedy for _, remedy in words.WITH_REMEDY} <= set(words.REMEDIES)


def test_words_for_error_fall_back_to_its_class_and_then_to_any() -> None:
    assert words.explain_error("answer.changed") is words.ERRORS["answer.changed"]
    assert words.explain_error("answer.not_thought_of", errors.ConflictError.code) is words.ERRORS["state.conflict"]
    assert words.explain_error("answer.not_thought_of") is words.ERRORS["broker.error"]


def test_words_for_problem_say_what_is_wrong_and_what_to_do() -> None:
    said = words.error_words("release.none_yet")

    assert said.nl == "Er is nog geen antwoord op deze vraag. Wacht op de professional, of bel als het haast heeft."


def test_words_for_unknown_code_show_the_code() -> None:
    assert words.words_for(words.GROUNDS, "WMO-9.9.9") == Words("WMO-9.9.9", "WMO-9.9.9")
    assert "DN-99" in words.explain_reason("DN-99").what.nl


def test_codes_of_errors_are_found_where_they_stand() -> None:
    module = ast.parse(
        'class E(BrokerError):\n    code = "a.b"\nraise E("", code="c.d" if x else "e.f")\n'
        '_CODES = {"iss": "g.h"}\nproblem(404, "i.j")\n'
    )

    assert set(error_codes(module)) == {"a.b", "c.d", "e.f", "g.h", "i.j"}


def keys(node: yaml.Node, *place: str) -> Iterator[tuple[str, ...]]:
    """Yield the place of every key of a file, in its order."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield (*place, key.value)
            yield from keys(value, *place, key.value)


def tree_of(language: str) -> yaml.Node:
    node = yaml.compose((CATALOGUE / f"{language}.yaml").read_text("utf-8"), Loader=yaml.BaseLoader)
    assert node is not None
    return node


def test_files_of_words_have_the_same_keys_in_the_same_order() -> None:
    dutch = list(keys(tree_of("nl")))

    assert len(dutch) > 1000
    assert len(set(dutch)) == len(dutch)
    assert dutch == list(keys(tree_of("en")))


def all_texts() -> Iterator[tuple[tuple[str, ...], Words]]:
    catalogue = read(CATALOGUE)
    for name, table in (catalogue.texts | catalogue.explained).items():
        for key, entry in table.items():
            yield from (((name, key), text) for text in texts(entry))
    for pair, entry in (catalogue.duties | catalogue.with_remedy).items():
        yield from ((pair, text) for text in texts(entry))


def places(text: str) -> set[str | None]:
    """Return the names of the values that come into a text."""
    return {name for _, name, _, _ in string.Formatter().parse(text)} - {None}


def test_values_come_into_both_languages() -> None:
    pairs = dict(all_texts())

    assert any(places(text.nl) for text in pairs.values())
    for place, text in all_texts():
        # The English of a finding is what a library says: not all of it is told in Dutch.
        assert places(text.nl) == places(text.en) or (place[0] == "findings" and places(text.nl) < places(text.en)), (
            place
        )


def test_advices_that_are_shared_are_all_used() -> None:
    used = {entry.advice for entry in words.ERRORS.values()}

    assert set(read(CATALOGUE).texts["advices"].values()) <= used


@pytest.mark.parametrize(
    ("language", "old", "new", "said"),
    [
        ("en", "  deny: not allowed\n", "", "en.yaml: endings: deny: this key is missing, nl.yaml has it"),
        ("nl", "  deny: mag niet\n", "", "en.yaml: endings: deny: this key is unknown, nl.yaml has it not"),
        ("en", "endings:\n", "endings:\n  denied: no\n", "en.yaml: endings: denied: this key is unknown"),
        ("nl", "\nendings:\n", "\nendungen:\n", "nl.yaml: endings: this key is missing"),
        ("en", "  deny: not allowed\n", "  deny: a\n  deny: b\n", "en.yaml: endings: deny: this key stands twice"),
        ("nl", "\nverdicts:\n", "\nendings:\n", "nl.yaml: endings: this key stands twice"),
        (
            "en",
            "  deny: not allowed\n  refer: a specialist first\n",
            "  refer: a specialist first\n  deny: not allowed\n",
            "en.yaml: endings: refer: this key stands where nl.yaml has deny",
        ),
        ("en", "  deny: not allowed\n", "  deny:\n", "en.yaml: endings: deny: here stands neither"),
        ("en", "  deny: not allowed\n", "  deny:\n    a: b\n", "en.yaml: endings: deny: only one of the languages"),
        ("en", "    advice_of: try_later\n", "    advice_of: sign_in\n", "en.yaml: errors: broker.error: advice_of"),
        ("en", "  deny: not allowed\n", '  deny: "not\n', "en.yaml: while parsing"),
        ("en", "  deny: not allowed\n", "  {deny}: no\n", "en.yaml: endings: the key in line 20 is no text"),
    ],
)
def test_slip_in_a_file_of_words_is_refused_by_its_place(
    tmp_path: Path, language: str, old: str, new: str, said: str
) -> None:
    _copy_with(tmp_path, {language: (old, new)})

    with pytest.raises(CatalogueError, match=re.escape(said)):
        read(tmp_path)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("\nstages:\n", "\nmore:\n  a: b\n\nstages:\n", "nl.yaml: more: this key is unknown"),
        ("    advice_of: try_later\n", "    advise: b\n", "nl.yaml: errors: broker.error: advice: this key is missing"),
        (
            "    advice_of: try_later\n",
            "    advice_of: try_later\n    advice: b\n",
            "nl.yaml: errors: broker.error: advice: this key is unknown",
        ),
        (
            "    advice_of: try_later\n",
            "    advice_of: no_such\n",
            "nl.yaml: errors: broker.error: advice_of: there is no advice no_such",
        ),
        ("\nerrors:\n", "\nerrors:\n  a.b: c\n", "nl.yaml: errors: a.b: here stands a text and not a map"),
        ("\nsteps:\n", "\nsteps:\n  ST-0:\n    a: b\n", "nl.yaml: steps: ST-0: here stands a map and not a text"),
    ],
)
def test_slip_that_both_files_of_words_share_is_refused_by_its_place(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    _copy_with(tmp_path, dict.fromkeys(("nl", "en"), (old, new)))

    with pytest.raises(CatalogueError, match=re.escape(said)):
        read(tmp_path)


def test_values_that_other_readers_take_for_no_text_are_texts(tmp_path: Path) -> None:
    _copy_with(tmp_path, dict.fromkeys(("nl", "en"), ("\nendings:\n", "\nendings:\n  on: no\n  null: 1\n")))

    endings = read(tmp_path).texts["endings"]

    assert (endings["on"], endings["null"]) == (Words("no", "no"), Words("1", "1"))


def _copy_with(folder: Path, slips: Mapping[str, tuple[str, str]]) -> None:
    """Copy the files of words, with the first place of a text in a language's file replaced by another."""
    for language in ("nl", "en"):
        shutil.copy(CATALOGUE / f"{language}.yaml", folder)
    for language, (old, new) in slips.items():
        content = (CATALOGUE / f"{language}.yaml").read_text("utf-8")
        assert old in content
        (folder / f"{language}.yaml").write_text(content.replace(old, new, 1), "utf-8")

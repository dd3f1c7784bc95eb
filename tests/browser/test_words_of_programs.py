"""A program in a page has words for all that it may have to say: the page brings them along, and none too many."""

from __future__ import annotations

import re
from pathlib import Path

from broker import words
from broker.web import page

CLIENT = Path(page.__file__).parent / "client"
_COMMENTS = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)
_KEY = re.compile(r'"([a-z]+(?:\.[a-z_]+)+)"')


def said_in_sources() -> set[str]:
    """Return every key or code that a program names."""
    return {
        key
        for path in CLIENT.rglob("*.ts")
        if path.name != "api.ts"  # the shapes of the API name no words
        for key in _KEY.findall(_COMMENTS.sub("", path.read_text()))
    }


def test_page_brings_the_words_of_its_programs() -> None:
    said = said_in_sources()

    assert said & words.PAGES.keys() == set(page._SAID)
    assert said & words.ERRORS.keys() == set(page._TROUBLES)
    assert said - words.PAGES.keys() - words.ERRORS.keys() == {"deelgrond.log"}, "a place in the browser's storage"

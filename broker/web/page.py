"""A page: one template, the facts of one flow, and the words in the reader's language.

Templates hold structure and no text of their own: every word comes from `broker.words`, by a key of its page table or
by a code of its other tables. A key without words is a fault here and not a gap on somebody's screen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, cast

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.routing import Match

from broker import words
from broker.domain.case import Person
from broker.domain.request import InformationRequest
from broker.kernel.values import in_legal_time
from broker.words.text import Words

Language = Literal["nl", "en"]
LANGUAGES: tuple[Language, ...] = ("nl", "en")

STATIC = Path(__file__).parent / "static"

_SAID = (
    "ask.unreachable", "key.here", "key.making", "key.not_here", "key.other_here", "open.opening", "preview.sealing",
    "proof.good", "proof.no_key", "proof.none", "proof.other", "proof.waiting",
    "weigh.incomplete", "weigh.not_saved", "weigh.saved",
)  # fmt: skip
_TROUBLES = (
    "broker.error", "browser.too_old", "input.invalid", "input.malformed", "input.not_canonical", "integrity.broken",
    "integrity.commitment", "integrity.key", "integrity.proof", "integrity.proof.index", "integrity.proof.length",
    "integrity.release", "integrity.seal", "integrity.seal.other_recipient", "integrity.seal.padding",
    "integrity.signature", "integrity.signature.untrusted", "key.cost", "key.not_here", "key.not_supported",
    "key.passphrase_not_text", "key.passphrase_too_short", "key.passphrases_differ", "key.replace_unsaid",
    "key.small_order", "key.unavailable", "key.version", "key.wrong_kind", "key.wrong_passphrase", "seal.length",
    "seal.no_answer", "seal.other_recipient", "seal.too_large", "seal.version",
)  # fmt: skip
# What the programs in the pages say, and the codes of what can go wrong in them; a test finds them in their sources.


def language_of(request: Request) -> Language:
    """Return the language that the reader chose, Dutch when he chose none."""
    chosen = request.cookies.get("language")
    return chosen if chosen in LANGUAGES else "nl"


class Pages:
    """Renders the templates; one for the whole app, safe to share between threads."""

    def __init__(self) -> None:
        manifest = STATIC / "manifest.json"
        self._assets: Mapping[str, Any] = json.loads(manifest.read_text("utf-8")) if manifest.exists() else {}
        self._environment = Environment(
            loader=PackageLoader("broker.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {
            "asset": self._asset,
            "clock": _clock,
            "explain": words.explain_reason,
            "labelled": _labelled,
            "named": _named,
            "people_of": _people_of,
            "reasons_to_choose": _reasons_to_choose,
            "say": _say,
            "script": self._script,
            "tables": words,
            "words_of_programs": _words_of_programs,
        }
        self._environment.filters |= {"moment": _moment, "day": _day, "here": _here, "capitalise": _capitalise}

    def programs(self) -> dict[str, str]:
        """Return the SHA-384 of each program that the pages bring along, by the name of its file."""
        return {name: found["sha384"] for name, found in self._assets.items() if name.endswith(".js")}

    def render(self, call: Request, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
        """Return the page; `visit` is who reads it, None before sign-in, and `path` is where to read it again."""
        visit = getattr(call.state, "visit", None)
        page = self.write(template, language=language_of(call), visit=visit, path=place_of(call), **facts)
        return HTMLResponse(page, status_code=status)

    def write(self, template: str, *, language: Language, **facts: Any) -> str:
        """Return the text of a page in this language."""
        return self._environment.get_template(template).render(language=language, **facts)

    def _script(self, name: str) -> Markup:
        """Return the tag of one of our scripts, which the browser runs only if it is the one we built."""
        found = self._asset(name)
        return Markup('<script type="module" src="{}" integrity="{}"></script>').format(
            found["href"], found["integrity"]
        )

    def _asset(self, name: str) -> dict[str, str]:
        """Return the address of a file of ours and the hash that the browser holds it to (Subresource Integrity)."""
        sha384 = self._assets[name]["sha384"]
        # The hash is in the address too, so that a browser may keep the file for ever and never has an old one.
        return {"href": f"/static/{name}?{sha384[:12]}", "integrity": f"sha384-{sha384}", "hash": sha384[:12]}


def render(call: Request, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
    """Return a page of this app; see `Pages.render`."""
    pages: Pages = call.app.state.pages
    return pages.render(call, template, status=status, **facts)


def place_of(call: Request) -> str:
    """Return the address of the page that a call belongs to: its own if it can be read, else the one above it."""
    path = call.url.path
    while path != "/" and not _is_readable(call, path):
        path = path.rpartition("/")[0] or "/"
    return path


def _is_readable(call: Request, path: str) -> bool:
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return any(route.matches(scope)[0] is Match.FULL for route in call.app.routes)


def names_in(document: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Return what each person of a decision document is called: an officer reads what they are, not who."""
    said = ((one["ref"], words.words_for(words.RELATIONS, one["relation"])) for one in document["persons"])
    return {ref: f"{in_language(relation, language)} ({ref})" for ref, relation in said}


def in_language(text: Words, language: Language) -> str:
    """Return the text in this language."""
    return text.nl if language == "nl" else text.en


@pass_context
def _say(context: Context, key: str, **values: object) -> str:
    """Return the words of a page under this key, with values put in where it says so."""
    said = in_language(words.PAGES[key], context["language"])
    return said.format(**values) if values else said


@pass_context
def _words_of_programs(context: Context) -> dict[str, Any]:
    """Return what the programs in the pages say, in the reader's language."""
    language = context["language"]
    return {
        "said": {key: in_language(words.PAGES[key], language) for key in _SAID},
        "kinds": {code: in_language(label, language) for code, label in words.KINDS.items()},
        "errors": {
            code: {
                "what": in_language(words.explain_error(code).what, language),
                "advice": in_language(words.explain_error(code).advice, language),
            }
            for code in _TROUBLES
        },
    }


@pass_context
def _named(context: Context, table: Mapping[str, Words], code: str) -> str:
    """Return the label of a code of a table."""
    return in_language(words.words_for(table, code), context["language"])


@pass_context
def _labelled(
    context: Context, codes: Iterable[str], table: Mapping[str, Words] | None = None
) -> list[tuple[str, str]]:
    """Return codes with their labels, to choose from; a table alone stands for all its codes."""
    of = table if table is not None else cast("Mapping[str, Words]", codes)
    return [(code, _capitalise(in_language(words.words_for(of, code), context["language"]))) for code in codes]


@pass_context
def _here(context: Context, text: Words) -> str:
    """Return a text in the reader's language."""
    return in_language(text, context["language"])


@pass_context
def _clock(context: Context, asked: InformationRequest) -> str:
    """Say how long a request has been waiting."""
    days = (context["now"] - asked.asked_at).days
    return _say(context, "clock.today" if days == 0 else "clock.day" if days == 1 else "clock.days", days=days)


@pass_context
def _reasons_to_choose(context: Context, codes: Iterable[str]) -> list[tuple[str, str]]:
    """Return reason codes with their sentences, to choose from."""
    return [(code, f"{code} {_here(context, words.explain_reason(code).what)}") for code in codes]


def _people_of(persons: Iterable[Person]) -> list[tuple[str, str]]:
    """Return the persons of a case, to choose from."""
    return [(person.ref, person.name) for person in persons]


def _capitalise(label: str) -> str:
    """Return a label as it begins a line; the rest keeps its capitals."""
    return label[:1].upper() + label[1:]


def _moment(at: datetime) -> Markup:
    """Write a moment as people here do, in their own time, and exactly for programs."""
    here = in_legal_time(at)
    return Markup('<time datetime="{}">{}</time>').format(here.isoformat(), f"{here:%d-%m-%Y %H:%M}")


def _day(on: date | str) -> Markup:
    """Write a day as people here do; a document has it as text."""
    on = date.fromisoformat(on) if isinstance(on, str) else on
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), f"{on:%d-%m-%Y}")

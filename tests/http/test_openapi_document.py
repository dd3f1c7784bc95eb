"""docs/api is what the API is: the committed document, the lines about each call, and the page for programmers."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from running import Broker
from typer.testing import CliRunner

from broker.__main__ import app
from broker.domain.vocabulary import Operation, Stage

DOCS = Path(__file__).parents[2] / "docs" / "api"
COMMITTED = (DOCS / "openapi.json").read_text(encoding="utf-8")
PAGE = (DOCS / "README.md").read_text(encoding="utf-8")
CALL = re.compile(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^\s`?]*)")


def calls_of(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return every operation of an OpenAPI document by its method and path."""
    return {
        f"{method.upper()} {path}": operation
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }


@pytest.mark.parametrize(("option", "name"), [([], "openapi.json"), (["--calls"], "calls.md")])
def test_committed_file_is_what_the_command_prints(option: list[str], name: str) -> None:
    printed = CliRunner().invoke(app, ["openapi", *option])

    assert printed.exit_code == 0
    # Not by ==, whose account of two long texts takes minutes.
    fresh = printed.stdout == (DOCS / name).read_text(encoding="utf-8")
    assert fresh, f"docs/api/{name} is not what the API is now: make pages"


def test_committed_document_is_what_a_broker_serves(broker: Broker) -> None:
    same = broker.people.send(None, "GET", "/v1/openapi.json").json() == json.loads(COMMITTED)
    assert same, "docs/api/openapi.json is not what the API is now: make pages"


def test_every_call_has_a_line_with_what_it_does() -> None:
    lines = dict(
        re.findall(r"^\| `(\S+ [^`?]+)[^`]*` \| (.+?) \|", (DOCS / "calls.md").read_text("utf-8"), re.MULTILINE)
    )
    described = calls_of(json.loads(COMMITTED))

    assert lines.keys() == described.keys()
    for call, operation in described.items():
        assert lines[call].removesuffix(" *(no sign-in)*") == operation["description"].splitlines()[0]
        assert lines[call].endswith(" *(no sign-in)*") == ("security" not in operation)


def test_page_names_for_every_operation_the_calls_that_ask_it() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \| (.+) \|$", PAGE, re.MULTILINE)
    signed_in = {call for call, operation in calls_of(json.loads(COMMITTED)).items() if "security" in operation}

    assert sorted(operation for operation, _ in rows) == sorted((*get_args(Operation), *get_args(Stage)))
    assert {call for _, calls in rows for call in CALL.findall(calls)} == signed_in


def test_page_links_to_what_exists() -> None:
    links = re.findall(r"\]\(([^)#]+)", PAGE)

    assert "openapi.json" in links
    assert not [link for link in links if not (DOCS / link).is_file()]

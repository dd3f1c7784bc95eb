"""What the directory may hold is checked before anything of it is kept, and each finding has its place."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from running import Broker, running

from broker.api.directory_file import directory_of
from broker.flows.enrol import plan_directory
from broker.kernel.errors import InputError
from broker.kernel.strict_yaml import read_yaml

FILE: dict[str, Any] = {
    "organisations": [
        {
            "id": "org:nieuw", "oin": "00000001003214345009", "name": "Praktijk Nieuw", "type": "huisarts",
            "active": True, "connected": True, "profession": "arts", "holds_information_professionally": True,
        }
    ],
    "staff": [
        {
            "id": "st:nieuw", "organisation": "org:nieuw", "issuer": "https://login.example.nl/realms/zorg",
            "subject": "7f3c", "role": "huisarts", "profession": "arts", "registration": "big",
            "supervised_by_registered": False, "active": True,
        }
    ],
    "mandates": [{"staff": "st:nieuw", "from_on": "2026-01-01", "until_on": "2027-01-01"}],
}  # fmt: skip


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    """Yield a broker that nothing here may change."""
    with running() as broker:
        yield broker


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the file with one value changed, or left out when it is `...`."""
    document = deepcopy(FILE)
    *steps, last = path.split("/")
    node: Any = document
    for step in steps:
        node = node[int(step) if step.isdigit() else step]
    if value is ...:
        del node[last]
    else:
        node[int(last) if last.isdigit() else last] = value
    return document


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("organisations/0/type", "Huisarts"), ("organisations/0/id", "nieuw"), ("organisations/0/oin", "123"),
        ("organisations/0/oin", 12345678901234567890), ("organisations/0/active", "ja"), ("organisations/0/name", 3),
        ("organisations/0/profession", "dokter"), ("organisations/0/kleur", "rood"), ("organisations/0/oin", ...),
        ("organisations/0/name", "Praktijk\x1b[2J"), ("staff/0/registration", "BIG"), ("staff/0/role", "Huisarts"),
        ("staff/0/profession", "huisarts"), ("staff/0/active", "true"), ("staff/0/active", 1), ("staff/0/id", "a b"),
        ("staff/0/issuer", "login.example.nl"), ("staff/0/subject", ""), ("staff/0/subject", "Zoë"),
        ("staff/0/supervised_by_registered", ...), ("mandates/0/from_on", "1-1-2026"), ("mandates/0/from_on", 20260101),
        ("mandates/0/until_on", "2026-02-30"), ("mandates/0/until_on", ...), ("mandates/0", "st:nieuw"), ("staff", {}),
        ("medewerkers", []),
    ],
)  # fmt: skip
def test_entry_that_does_not_fit_is_named(path: str, value: object) -> None:
    with pytest.raises(InputError) as refused:
        directory_of(changed(path, value))
    assert refused.value.code == "directory.malformed"
    assert [finding for finding in refused.value.errors if finding.startswith(f"/{path}: ")]


@pytest.mark.parametrize("until", ["2026-01-01", "2025-12-31"])
def test_mandate_ends_after_it_begins(until: str) -> None:
    with pytest.raises(InputError) as refused:
        directory_of(changed("mandates/0/until_on", until))
    assert [finding.partition(":")[0] for finding in refused.value.errors] == ["/mandates/0"]


@pytest.mark.parametrize("kind", ["organisations", "staff"])
def test_nobody_is_in_the_file_twice(kind: str) -> None:
    with pytest.raises(InputError) as refused:
        directory_of({**FILE, kind: FILE[kind] * 2})
    assert FILE[kind][0]["id"] in refused.value.errors[0]


def test_who_left_is_not_in_the_file_otherwise() -> None:
    for document in ({**FILE, "left": ["st:nieuw"]}, {"mandates": FILE["mandates"], "left": ["st:nieuw"]}):
        with pytest.raises(InputError) as refused:
            directory_of(document)
        assert "st:nieuw" in refused.value.errors[0]


def test_account_is_one_persons() -> None:
    with pytest.raises(InputError) as refused:
        directory_of({**FILE, "staff": [FILE["staff"][0], {**FILE["staff"][0], "id": "st:ander"}]})
    assert refused.value.errors == ("/: Value error, names the account of st:nieuw twice",)


def test_role_that_no_table_knows_is_named() -> None:
    with pytest.raises(InputError) as refused:
        directory_of(FILE, frozenset({"planner"}))
    assert refused.value.errors[0].startswith("/staff/0/role: ")
    assert directory_of(FILE, frozenset({"huisarts"})) == directory_of(FILE)


@pytest.mark.parametrize("document", [None, [], "x", 3, {"staff": None}])
def test_what_is_no_directory_file_is_refused(document: object) -> None:
    with pytest.raises(InputError):
        directory_of(document)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("staff/0/organisation", "org:elders", "st:nieuw is of org:elders"),
        ("mandates/0/staff", "st:elders", "a mandate is of st:elders"),
    ],
)
def test_who_nobody_knows_is_named_and_nothing_is_kept(broker: Broker, path: str, value: str, said: str) -> None:
    before = broker.contents()
    with pytest.raises(InputError) as refused:
        plan_directory(directory_of(changed(path, value)), broker.w)
    assert (refused.value.code, refused.value.errors) == ("directory.unknown", (said,))
    assert broker.contents() == before


def test_file_of_the_guide_is_one() -> None:
    guide = (Path(__file__).parents[2] / "deploy" / "README.md").read_text("utf-8")
    example = guide.partition("The directory file:")[2].partition("```yaml\n")[2].partition("```")[0]
    command = directory_of(read_yaml(example.encode()))
    assert (len(command.organisations), len(command.staff), len(command.mandates)) == (1, 1, 1)


@pytest.mark.parametrize(
    "notices",
    [
        {"when": "daily"},
        {"mail": ["Jan <jan@b.nl>"]},
        {"mail": ["a@b.nl\nBcc: c@d.nl"]},
        {"mail": ["a@localhost"]},
        {"webhook": "http://b.nl/"},
        {"webhook": "https://user:word@b.nl/"},
        {"webhook": "file:///etc/passwd"},
        {"mail": ["a@b.nl"], "when": "soms"},
    ],
)
def test_notices_go_to_a_mailbox_or_a_safe_webhook(notices: dict[str, Any]) -> None:
    with pytest.raises(InputError) as refused:
        directory_of(changed("organisations/0/notices", notices))
    assert all(finding.startswith("/organisations/0/notices") for finding in refused.value.errors)

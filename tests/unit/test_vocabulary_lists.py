"""The closed lists are written once: schemas list the rows of the tables, and the types are those of the schemas."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import get_args

import yaml

from broker.domain import vocabulary as types
from broker.policy.bundle import open_schema, policies_path
from broker.policy.vocabulary import listed_schemas, vocabulary, write_vocabulary

POLICIES = policies_path()


def test_types_are_what_the_schemas_list() -> None:
    assert Path(types.__file__).read_text() == vocabulary(POLICIES), "make policies writes it"


def test_schemas_list_what_the_tables_have() -> None:
    listed = listed_schemas(POLICIES)

    assert set(listed) == {"document", "operation"}
    for name, text in listed.items():
        assert (POLICIES / "schema" / f"{name}.schema.json").read_text() == text, "make policies writes it"
    assert get_args(types.Operation)[:2] == ("enrol_key", "confirm_key")


def test_new_row_becomes_a_value_everywhere(tmp_path: Path) -> None:
    policies = Path(shutil.copytree(POLICIES, tmp_path / "policies"))
    table = policies / "data" / "law" / "organisations" / "data.yaml"
    rows = yaml.safe_load(table.read_text())
    table.write_text(yaml.safe_dump({**rows, "voorbeeld": rows["vggz"]}, sort_keys=False))

    write_vocabulary(policies, tmp_path / "vocabulary.py")

    listed = open_schema(policies, "document")["$defs"]["organisation_type"]["enum"]
    assert listed == [*get_args(types.OrganisationType), "voorbeeld"]
    assert '"overig", "voorbeeld",' in (tmp_path / "vocabulary.py").read_text()
    others = [path for path in (policies / "schema").iterdir() if path.name != "document.schema.json"]
    assert all(path.read_text() == (POLICIES / "schema" / path.name).read_text() for path in others)
    before, after = (
        json.loads((root / "schema" / "document.schema.json").read_text()) for root in (POLICIES, policies)
    )
    after["$defs"]["organisation_type"] = before["$defs"]["organisation_type"]
    assert after == before

"""Two bundles on the same documents: what flips is listed, and what does not is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from broker.kernel.errors import InputError
from broker.policy.bundle import Bundle
from broker.policy.cases import ANSWER, ASK, BASES, changed, read_documents
from broker.policy.difference import Flip, compare, decide_by, table_of


def _other(bundle: Bundle, **parameters: Any) -> Bundle:
    data = {**bundle.data, "parameters": {**bundle.data["parameters"], **parameters}}
    return Bundle(bundle.revision, bundle.digest, bundle.wasm, data)


def test_same_bundle_flips_nothing_in_any_case(bundle: Bundle, policies: Path) -> None:
    decide = decide_by(bundle, policies)
    documents = [entry for path in policies.glob("sharing/*/cases.yaml") for entry in read_documents(path)]
    found = compare(decide, decide, documents)

    assert found.documents == len(documents) > 300
    assert found.flips == ()
    assert list(table_of(found.flips)) == []


def test_each_flip_is_named_by_outcome_part_and_reason(bundle: Bundle, policies: Path) -> None:
    stricter = _other(bundle, assurance=["high"])
    asked = changed("ask", {"actor.assurance": "substantial"})
    found = compare(
        decide_by(bundle, policies), decide_by(stricter, policies), [("as before", ASK), ("less sure", asked)]
    )

    assert found.documents == 2
    assert {flip.document for flip in found.flips} == {"less sure"}
    assert Flip(document="less sure", what="outcome", subject="", before="permit_pending", after="deny") in found.flips
    assert Flip(document="less sure", what="reason", subject="DN-01", before="-", after="given") in found.flips
    parts = [flip.subject for flip in found.flips if flip.what == "part"]
    assert parts == ["q1/child1/veiligheid"]
    assert next(line.split()[:2] for line in table_of(found.flips)) == ["document", "what"]


def test_flips_turn_around_with_the_bundles(bundle: Bundle, policies: Path) -> None:
    old, new = decide_by(bundle, policies), decide_by(_other(bundle, assurance=["high"]), policies)
    documents = [("one", changed("ask", {"actor.assurance": "substantial"}))]
    there, back = compare(old, new, documents), compare(new, old, documents)

    assert [(flip.what, flip.subject, flip.after, flip.before) for flip in there.flips] == [
        (flip.what, flip.subject, flip.before, flip.after) for flip in back.flips
    ]


def test_bundle_that_fails_on_a_document_is_a_flip(bundle: Bundle, policies: Path) -> None:
    broken = Bundle(bundle.revision, bundle.digest, bundle.wasm, {**bundle.data, "law": {}})
    found = compare(decide_by(bundle, policies), decide_by(broken, policies), [("answer", ANSWER)])

    assert [flip.after for flip in found.flips if flip.what == "outcome"] != []
    assert not {"permit", "permit_pending", "permit_duty", "break_glass"} & {flip.after for flip in found.flips}


def test_document_that_does_not_fit_is_named(bundle: Bundle, policies: Path) -> None:
    decide = decide_by(bundle, policies)
    with pytest.raises(InputError) as caught:
        compare(decide, decide, [("good", ASK), ("bad", {**ASK, "name": "Jan"})])

    assert caught.value.errors[0] == "bad"


def test_documents_are_read_from_cases_and_from_documents(policies: Path, tmp_path: Path) -> None:
    named = dict(read_documents(policies / "sharing" / "acute" / "cases.yaml"))
    assert all(name.startswith("acute: ") for name in named)
    one, several = tmp_path / "one.json", tmp_path / "several.yaml"
    one.write_text(json.dumps(ASK))
    several.write_text(yaml.safe_dump([json.loads(json.dumps(base)) for base in (ASK, ANSWER)]))

    assert list(read_documents(one)) == [("one.json[0]", ASK)]
    assert [document for _, document in read_documents(several)] == [ASK, ANSWER]


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "- 1",
        "- base: nowhere\n  name: x",
        "- base: ask",
        "- {base: ask, name: x, change: {persons.nobody.age: 3}}",
    ],
)
def test_cases_that_cannot_be_read_are_said_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "cases.yaml"
    path.write_text(content)
    with pytest.raises(InputError) as caught:
        list(read_documents(path))

    assert caught.value.code == "policy.cases"
    assert caught.value.errors[0].startswith("cases.yaml")


def test_bases_are_documents_that_the_policies_decide(bundle: Bundle, policies: Path) -> None:
    decide = decide_by(bundle, policies)

    assert all(decide(dict(base))["outcome"] for base in BASES.values())

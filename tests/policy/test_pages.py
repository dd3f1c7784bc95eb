"""The pages about the policies say what the policies say: fresh, whole, and following every change."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from broker.policy.bundle import Bundle
from broker.policy.pages import pages, write_pages


@pytest.fixture(scope="module")
def written(policies: Path) -> Mapping[str, str]:
    """Return the pages as they would be written now."""
    return pages(policies)


def test_pages_are_what_the_policies_say(policies: Path, written: Mapping[str, str]) -> None:
    kept = {path.name: path.read_text() for path in (policies / "pages").iterdir()}

    assert kept == written, "run make policies and commit policies/pages"


def test_every_dimension_row_and_code_has_its_place(policies: Path, written: Mapping[str, str], bundle: Bundle) -> None:
    law = bundle.data["law"]

    assert {f"{path.name}.md" for path in (policies / "sharing").iterdir()} <= set(written)
    assert _headings(written["reasons.md"]) == set(law["reasons"])
    assert _headings(written["grounds.md"]) == set(law["grounds"])
    assert _headings(written["pairs.md"]) == {row["row"] for row in law["pairs"]["rows"]}
    assert all(f"**{code}**" in written["duties.md"] for code in (*law["obligations"], *law["escalations"]))
    assert all(f"| {name} |" in written["sources.md"] for name in law["sources"])


def test_every_reason_shows_a_case_where_it_fires_and_one_where_it_does_not(written: Mapping[str, str]) -> None:
    for section in written["reasons.md"].split("\n## ")[1:]:
        code, text = section.split("\n", 1)

        assert re.search(rf"^- (?!maar: ).* → .*`{code}`", text, re.MULTILINE), code
        twins = re.findall(r"^- maar: .* → (.*)$", text, re.MULTILINE)
        assert twins, code
        assert not any(f"`{code}`" in twin for twin in twins), code


def test_links_between_pages_and_to_the_rules_lead_somewhere(policies: Path, written: Mapping[str, str]) -> None:
    for name, text in written.items():
        for target in re.findall(r"\]\(([^)]+)\)", text):
            if not target.startswith("https://"):
                assert (policies / "pages" / target).exists(), f"{name}: {target}"


def test_page_follows_a_change_and_one_that_is_no_longer_written_goes(
    policies: Path, written: Mapping[str, str], tmp_path: Path
) -> None:
    copied = shutil.copytree(policies, tmp_path / "policies")
    rule = copied / "sharing" / "record" / "record.rego"
    rule.write_text(rule.read_text().replace("# description: ", "# description: Changed, ", 1))
    (copied / "pages" / "gone.md").write_text("of a dimension that is no more")

    names = write_pages(copied)

    now = {path.name: path.read_text() for path in (copied / "pages").iterdir()}
    assert set(now) == set(names)
    assert {name for name in now if now[name] != written[name]} == {"README.md", "record.md"}
    assert "Changed, " in now["record.md"]


def _headings(page: str) -> set[str]:
    return set(re.findall(r"^## (.+)$", page, re.MULTILINE))

"""What the README shows as the demonstration's words is what the demonstration says."""

from __future__ import annotations

import re
from pathlib import Path

from broker.demo.account import Account
from broker.demo.casefile import load_case
from broker.demo.story import play

README = Path(__file__).parent.parent.parent / "README.md"


def test_readme_explains_a_decision_in_the_demonstration_s_own_words() -> None:
    blocks = re.findall(r"```text explained\n(.*?)```", README.read_text(), re.DOTALL)
    assert len(blocks) == 1
    case = load_case("amsterdam")
    account = Account(case, paint=lambda text, _: text)
    told: list[str] = []
    played = play(case, out=lambda one: told.append(account.of(one)))
    assert not played.surprises
    assert blocks[0].strip() in "\n".join(told)

"""What a story expects is really held against what happened: each difference is a surprise, and sameness is none."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from broker.demo.entries import Expect
from broker.demo.expect import surprises
from broker.kernel.errors import ConflictError, RefusedError

RESULT: dict[str, Any] = {
    "decision": {
        "outcome": "permit",
        "parts": [
            {"question": "q1", "person": "child1", "category": "veiligheid", "verdict": "allow", "ground": "WMO-5.2.6"},
            {"question": "q2", "person": "mother", "category": "gez_kern", "verdict": "withhold", "ground": None},
        ],
        "reasons": [{"code": "DN-17"}, {"code": "DN-17"}],
        "obligations": [
            {"code": "OB-05", "on": "broker", "due": "2026-11-29T10:00:00Z", "person": None},
            {"code": "OB-02", "on": "requester", "due": "2026-12-20T10:00:00Z", "person": "mother"},
            {"code": "OB-01", "on": "requester", "due": None, "person": None},
        ],
        "referrals": [],
        "todo": [],
        "exceptions": ["X5"],
    },
    "request": {"state": "weighing"},
    "parts": [{"question": "q1", "category": "veiligheid"}],
    "closed": [{"question": "q2", "category": "gez_kern", "reasons": ["DN-29"]}],
    "same": True,
}
AS_IT_WAS: dict[str, Any] = {
    "outcome": "permit",
    "reasons": ["DN-17"],
    "parts": {"q1/veiligheid": "allow", "q2/gez_kern": "withhold"},
    "grounds": {"q1/veiligheid": "WMO-5.2.6"},
    "obligations": ["OB-01", "OB-02", "OB-05"],
    "due": {"OB-02/mother": date(2026, 12, 20), "OB-05/broker": date(2026, 11, 29)},
    "referrals": [],
    "todo": [],
    "exceptions": ["X5"],
    "state": "weighing",
    "texts": ["q1/veiligheid"],
    "closed": {"q2/gez_kern": ["DN-29"]},
    "same": True,
}


def test_expect_of_what_happened_is_no_surprise() -> None:
    assert surprises(Expect(**AS_IT_WAS), RESULT, None) == ()


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("outcome", "deny"),
        ("reasons", []),
        ("parts", {"q1/veiligheid": "allow"}),
        ("grounds", {"q1/veiligheid": "CONSENT-WGBO"}),
        ("obligations", ["OB-02"]),
        ("due", {"OB-02/mother": date(2026, 12, 21)}),
        ("due", {"OB-02/father": date(2026, 12, 20)}),
        ("due", {"OB-01/requester": date(2026, 12, 20)}),
        ("referrals", ["ES-01"]),
        ("todo", ["ST-04"]),
        ("exceptions", []),
        ("state", "released"),
        ("texts", []),
        ("closed", {}),
        ("same", False),
    ],
)
def test_expect_of_anything_else_is_a_surprise(name: str, other: object) -> None:
    found = surprises(Expect(**{**AS_IT_WAS, name: other}), RESULT, None)

    assert len(found) == 1
    assert found[0].startswith(f"{name} is ")


def test_expect_of_when_one_duty_is_due_says_nothing_of_the_others() -> None:
    assert surprises(Expect(due={"OB-02/mother": date(2026, 12, 20)}), RESULT, None) == ()


def test_expect_of_what_an_act_does_not_say_is_a_surprise() -> None:
    assert surprises(Expect(outcome="permit"), {}, None) == ("it says nothing about outcome",)


@pytest.mark.parametrize(
    ("expect", "failed", "number"),
    [
        (Expect(), ConflictError("x", code="request.stale"), 1),
        (Expect(fails="request.stale"), ConflictError("x", code="request.stale"), 0),
        (Expect(fails="request.stale"), ConflictError("x"), 1),
        (Expect(fails="request.stale"), None, 1),
        (Expect(fails="policy.refused", reasons=["DN-03"]), RefusedError("x", reasons=("DN-03",)), 0),
        (Expect(fails="policy.refused", reasons=["DN-03"]), RefusedError("x", reasons=("DN-04",)), 1),
    ],
)
def test_expect_of_a_failure_is_met_by_that_failure_only(
    expect: Expect, failed: ConflictError | RefusedError | None, number: int
) -> None:
    assert len(surprises(expect, {}, failed)) == number

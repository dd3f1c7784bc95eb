"""Hold what happened against what a case file expects: a surprise is a sentence, no surprise is an empty tuple."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from broker.demo.entries import Expect
from broker.kernel.errors import BrokerError
from broker.kernel.values import legal_day, parse_moment


def surprises(expect: Expect, result: Mapping[str, Any], failed: BrokerError | None) -> tuple[str, ...]:
    """Say what is not as expected; an act that fails is one, unless its code is the expected one."""
    return tuple(_failure(expect, failed) if failed or expect.fails else _differences(expect, result))


def seen(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return what can be expected of a result, by the names of `Expect`; what an act does not give is not in it."""
    found: dict[str, Any] = {}
    decision = result.get("decision")
    if decision:
        found |= {
            "outcome": decision["outcome"],
            "reasons": {reason["code"] for reason in decision["reasons"]},
            "parts": {_part(row): row["verdict"] for row in decision["parts"]},
            "grounds": {_part(row): row["ground"] for row in decision["parts"] if row["ground"]},
            "obligations": {duty["code"] for duty in decision["obligations"]},
            "due": {
                _duty(duty): legal_day(parse_moment(duty["due"])) for duty in decision["obligations"] if duty["due"]
            },
            "referrals": set(decision["referrals"]),
            "todo": set(decision["todo"]),
            "exceptions": set(decision["exceptions"]),
        }
    if "request" in result:
        found["state"] = result["request"]["state"]
    if "closed" in result:
        found["texts"] = {_part(part) for part in result["parts"]}
        found["closed"] = {_part(part): set(part["reasons"]) for part in result["closed"]}
    if "same" in result:
        found["same"] = result["same"]
    return found


def _failure(expect: Expect, failed: BrokerError | None) -> Iterator[str]:
    if failed is None:
        yield f"it did not fail with {expect.fails}"
    elif failed.code != expect.fails:
        yield f"it failed with {failed.code}, expected {expect.fails or 'no failure'}"
    elif expect.reasons is not None and set(failed.errors) != set(expect.reasons):
        yield f"it failed for {_shown(set(failed.errors))}, expected {_shown(set(expect.reasons))}"


def _differences(expect: Expect, result: Mapping[str, Any]) -> Iterator[str]:
    found = seen(result)
    for name, expected in expect.model_dump(exclude_none=True).items():
        if name not in found:
            yield f"it says nothing about {name}"
            continue
        wanted, had = _as_sets(expected), found[name]
        if name == "due":
            had = {duty: day for duty, day in had.items() if duty in wanted}
        if had != wanted:
            yield f"{name} is {_shown(had)}, expected {_shown(wanted)}"


def _as_sets(value: Any) -> Any:
    """Return lists of codes as sets, also inside a mapping: their order means nothing."""
    if isinstance(value, dict):
        return {key: _as_sets(inner) for key, inner in value.items()}
    return set(value) if isinstance(value, list) else value


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(inner)}" for key, inner in sorted(value.items())) + "}"
    return f"[{', '.join(sorted(value))}]" if isinstance(value, set) else str(value)


def _part(row: Mapping[str, Any]) -> str:
    return f"{row['question']}/{row['category']}"


def _duty(duty: Mapping[str, Any]) -> str:
    return f"{duty['code']}/{duty['person'] or duty['on']}"

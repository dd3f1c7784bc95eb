"""What the policy says beside what the tribunal found: agrees, stricter, more lenient, and by which rule.

`RULES` is the only bridge: for each rule that a tribunal can find broken or kept, the codes of the policies that
express it. There are no exceptions by ruling; a difference is what the table and the two readings make of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from reading import Said, goes, refusing

AGREES = "agrees"
AGREES_IF = "agrees if the rest was in order"
STRICTER = "stricter"
LENIENT = "more lenient"
INCOMPARABLE = "not comparable"


@dataclass(frozen=True)
class Rule:
    """A rule that tribunals apply, in words, and the codes by which the policies express it."""

    says: str
    codes: tuple[str, ...]


RULES: Mapping[str, Rule] = {
    "CONSENT_REQUIRED": Rule("ask the person concerned", ("DN-10", "DN-14", "DN-18", "DN-21", "ST-05")),
    "CONSENT_SCOPE": Rule("consent covers its person, subject and purpose only", ("DN-14", "DN-21", "ST-05")),
    "CONSENT_VERIFY": Rule("do not take the requester's word for consent", ("DN-14", "DN-21", "ST-05")),
    "AUTHORITY_PARENTS": Rule("involve both parents with custody", ("DN-14", "DN-21", "ST-05")),
    "INFORM_SUBJECT": Rule("tell the person before, or soon after", ("OB-02", "OB-02b", "OB-03", "ST-05")),
    "PREVIEW_REPORT": Rule("let the person read it first", ("ST-05",)),
    "ASK_PURPOSE": Rule("ask what it is for and what is feared", ("DN-07", "ST-02")),
    "REQUESTER_CAPACITY": Rule("check the task and role of who asks", ("DN-06", "DN-08", "DN-09", "DN-10", "ST-01")),
    "CONSULT": Rule("ask advice first", ("ST-04",)),
    "NECESSITY_WEIGHED": Rule("weigh whether and what is necessary", ("DN-17", "DN-23", "ST-06")),
    "MINIMUM_RELEVANT": Rule("only what answers the question", ("DN-12", "DN-17")),
    "FACTS_NOT_OPINION": Rule("facts, marked as such, and no judgements", ("DN-17", "ST-07")),
    "OWN_CURRENT_KNOWLEDGE": Rule("from your own, current knowledge", ("ST-07",)),
    "TREATER_STATEMENT": Rule("a treater gives no statement for litigation", ("DN-06", "DN-14", "DN-17")),
    "THIRD_PARTY_INFO": Rule("nothing about others without consent or need", ("DN-17", "OB-04")),
    "WRITTEN_OR_CHECKED": Rule("in writing, or checked", ("ES-01", "OB-09", "ST-08")),
    "RECORD_IN_FILE": Rule("record it in the file", ("ST-10",)),
    "MELDCODE_STEPS": Rule("follow the steps of the code", ("DN-16",)),
    "DUE_CARE": Rule("take due care", ("DN-16",)),
    "INTERNAL_AUTHORISATION": Rule("the head of the organisation answers", ("DN-03",)),
    "BASIS_VT": Rule("a right to speak to Veilig Thuis", ("WMO-5.2.6",)),
    "BASIS_RVDK": Rule("a right to speak to the Raad", ("BW-1:240",)),
    "BASIS_GI": Rule("a duty to answer under a supervision order", ("JW-7.3.11-4-D",)),
    "BASIS_EXPIRED": Rule("the ground ends with the order", ("DN-11",)),
    "NO_STATUTORY_BASIS": Rule("no ground but consent in a voluntary frame", ("DN-10", "DN-14")),
    "CONFLICT_OF_DUTIES": Rule("speak only when silence would harm", ("KVP",)),
    "EXCEPTIONAL_CIRCUMSTANCES": Rule("privilege yields only when a court says so", ("DN-26",)),
    "REFUSED_DESPITE_DUTY": Rule("a duty may not be refused", ("ES-06",)),
    "CORRECT_ERRORS": Rule("correct what was wrong", ("OB-12",)),
    # What one person promises another, and what a tribunal makes of one case, is no rule of the tables.
    "OWN_RESPONSIBILITY": Rule("the discloser stays responsible", ()),
    "NEUTRALITY": Rule("stay neutral between parents", ()),
    "NOT_CONFIDENTIAL": Rule("nothing confidential was revealed", ()),
}


@dataclass(frozen=True)
class Comparison:
    """How the policy stands to the tribunal, and why, a line for each rule."""

    verdict: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class _Codes:
    """The codes of all releases of a ruling: against it and beside a yes, with the rest in order; and what hangs."""

    against: frozenset[str]
    beside: frozenset[str]
    hanging: Mapping[str, frozenset[str]]
    standing: Mapping[str, frozenset[str]]
    as_told: frozenset[str]
    curable: bool
    goes: bool
    goes_in_part: bool
    goes_as_told: bool


def compare(said: Sequence[Said], ruling: Mapping[str, Any]) -> Comparison:
    """Compare what the policy says of the releases of a ruling with what was found."""
    codes, found = _codes(said), ruling["outcome"]
    if ruling["notes"]["trigger"] == "own_initiative":
        return Comparison(INCOMPARABLE, ("Nobody asked: a report of one's own, which the broker does not carry.",))
    why = (
        *(_of_broken(rule, codes) for rule in found["rules_broken"]),
        *_of_kept(found["rules_satisfied"], codes),
        *_of_the_rest(found, codes),
    )
    return Comparison(_verdict(found, codes), why)


def _codes(said: Sequence[Said]) -> _Codes:
    return _Codes(
        against=frozenset().union(*(refusing(one.rest_in_order, one.release) for one in said)),
        beside=frozenset(
            entry["code"]
            for one in said
            for name in ("obligations", "grounds")
            for entry in one.rest_in_order[name]
        ),
        hanging=_together(one.missing for one in said),
        standing=_together(one.standing for one in said),
        as_told=frozenset().union(*(refusing(one.as_told, one.release) for one in said)),
        curable=all(reason["curable"] for one in said for reason in one.rest_in_order["reasons"]),
        goes=all(goes(one.rest_in_order, one.release) for one in said),
        goes_in_part=any(part["verdict"] == "allow" for one in said for part in one.rest_in_order["parts"]),
        goes_as_told=all(goes(one.as_told, one.release) for one in said),
    )  # fmt: skip


def _together(facts: Iterable[Mapping[str, frozenset[str]]]) -> dict[str, frozenset[str]]:
    together: dict[str, frozenset[str]] = {}
    for each in facts:
        for name, codes in each.items():
            together[name] = together.get(name, frozenset()) | codes
    return together


def _verdict(found: Mapping[str, Any], codes: _Codes) -> str:
    broken = [RULES[rule] for rule in found["rules_broken"]]
    if found["release_acceptable"] == "yes":
        return _where_accepted(codes)
    if not codes.goes:
        named = any(codes.against & set(rule.codes) for rule in broken)
        return AGREES if named or codes.goes_in_part or found["release_acceptable"] == "no" else STRICTER
    open_ = [rule for rule in broken if not codes.beside & set(rule.codes)]
    if broken and not open_:
        return AGREES
    may_fire = codes.as_told.union(*codes.hanging.values())
    hangs = bool(open_) and not codes.goes_as_told and all(may_fire & set(rule.codes) for rule in open_)
    return INCOMPARABLE if hangs else LENIENT


def _where_accepted(codes: _Codes) -> str:
    if not codes.goes:
        return STRICTER
    return AGREES if codes.goes_as_told else AGREES_IF


def _of_broken(name: str, codes: _Codes) -> str:
    rule = RULES[name]
    head = f"{name} ({rule.says}) was broken."
    if fired := codes.against & set(rule.codes):
        return f"{head} The policy refuses for it: {_carried(fired, codes)}."
    if duties := codes.beside & set(rule.codes):
        return f"{head} The policy says it as a duty beside the yes: {_listed(duties)}."
    if not rule.codes:
        return f"{head} No code of the policies expresses it."
    if by := {fact for fact, brought in codes.hanging.items() if brought & set(rule.codes)}:
        fires = set().union(*(codes.hanging[fact] for fact in by)) & set(rule.codes)
        return f"{head} {_listed(fires)} would say so; what that hangs on is not told: {_quoted(by)}."
    if codes.against:
        return f"{head} {_listed(rule.codes)} is not reached: refused already by {_listed(codes.against)}."
    return f"{head} {_listed(rule.codes)} finds nothing against it in what the ruling tells."


def _of_kept(names: Sequence[str], codes: _Codes) -> Iterator[str]:
    for name in names:
        rule = RULES[name]
        head = f"{name} ({rule.says}) was kept."
        if carried := codes.beside & set(rule.codes):
            yield f"{head} So says the policy: {_listed(carried)}."
        elif fired := codes.against & set(rule.codes):
            yield f"{head} The policy refuses all the same: {_carried(fired, codes)}."


def _of_the_rest(found: Mapping[str, Any], codes: _Codes) -> Iterator[str]:
    judged = {code for rule in (*found["rules_broken"], *found["rules_satisfied"]) for code in RULES[rule].codes}
    if rest := codes.against - judged - {"DN-16"}:
        yield f"The policy refuses also, or instead: {_carried(rest, codes)}."
    if not codes.goes and found["release_acceptable"] != "no":
        accepted = "all" if found["release_acceptable"] == "yes" else "part"
        until = "until that is put right" if codes.curable else "and that cannot be put right"
        held = "some" if codes.goes_in_part else "all"
        yield f"The tribunal accepted {accepted} of it; the policy holds {held} of it back {until}."
    if codes.goes and not codes.goes_as_told:
        yield "As told it is refused, only for what the ruling does not tell: see the missing facts."


def _carried(refused: frozenset[str], codes: _Codes) -> str:
    """Return the codes, each with what carries it: a field alone, else a group, else several facts, or none of them."""
    return "; ".join(f"{code} ({_carriers(code, codes.standing)})" for code in sorted(refused))


def _carriers(code: str, standing: Mapping[str, frozenset[str]]) -> str:
    names = {name for name, carried in standing.items() if code in carried}
    fields = {name for name in names if "." in name}
    if alone := fields or names - {"all"}:
        return _quoted(alone)
    return "more than one fact that is told" if names else "who asked, whom, and for what"


def _listed(codes: Sequence[str] | set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(codes))


def _quoted(names: set[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))

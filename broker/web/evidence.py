"""The account in an evidence package: one page in Dutch that needs no program, style sheet or network to be read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from broker.crypto.canonical import parse_canonical
from broker.crypto.checkpoint import read_checkpoint
from broker.domain.decision import Decided
from broker.domain.event import Proven
from broker.flows.oversee import Gathered
from broker.kernel.values import parse_moment
from broker.web.account import account_of
from broker.web.page import Pages, names_in


def account_page(gathered: Gathered, *, pages: Pages, law: Mapping[str, Any]) -> str:
    """Return the account of a request: who asked whom, each decision with its reasons, each event, how to verify.

    Persons are what they are in the case, with their ref, and not who; a member of staff is named by his id, on the
    officer's own side only. There is nothing of the present moment in it, so that the same content is the same page.
    """
    acts = [_act(event) for event in gathered.events]
    return pages.write(
        "account.html",
        language="nl",
        request=gathered.request,
        parties=gathered.parties,
        facts=gathered.decisions[0].document if gathered.decisions else None,
        names=names_in(gathered.decisions[0].document, "nl") if gathered.decisions else {},
        decisions=[_decision(decided, acts, law) for decided in gathered.decisions],
        events=acts,
        size=read_checkpoint(gathered.checkpoint.note).size,
        vkey=gathered.vkey,
    )


def _act(event: Proven) -> dict[str, Any]:
    entry, detail = parse_canonical(event.recorded.entry), event.recorded.detail or {}
    return {
        "index": event.recorded.index,
        "tag": event.recorded.tag,
        "at": parse_moment(entry["at"]),
        "staff": detail.get("staff"),
        "decision": entry["decision"],
    }


def _decision(decided: Decided, acts: list[dict[str, Any]], law: Mapping[str, Any]) -> dict[str, Any]:
    names = names_in(decided.document, "nl")
    return {
        "at": parse_moment(decided.document["now"]),
        "stage": decided.stage,
        "facts": decided.document,
        "staff": next((act["staff"] for act in acts if act["decision"] == decided.digest and act["staff"]), None),
        "names": names,
        "account": account_of(decided.decision, law=law, names=names),
        "law_as_of": decided.decision.law_as_of,
        "revision": decided.decision.revision,
        "bundle": decided.decision.bundle_digest,
        "digest": decided.digest,
    }

"""The broker cannot read an answer, so the client is where it is held to what was weighed."""

from __future__ import annotations

from matter import ANSWERS
from running import Broker
from waiting import eventually

from broker.client.http import Client


def released_texts(broker: Broker, extra: list[dict[str, str]]) -> set[str]:
    request, _ = broker.matter.weighed()
    broker.people.client("doctor").release(request, [*ANSWERS, *extra])
    worker: Client = broker.people.client("worker")
    opened = eventually(lambda: worker.open(request), unless="release.not_logged_yet")
    return {said["text"] for part in opened["parts"] for said in part["statements"]}


def test_client_keeps_a_statement_about_somebody_nobody_weighed(broker: Broker) -> None:
    told = {**ANSWERS[0], "about": "neighbour", "text": "De buurvrouw is ziek."}
    assert released_texts(broker, [told]) == {answer["text"] for answer in ANSWERS}


def test_client_keeps_a_statement_of_another_kind_than_weighed(broker: Broker) -> None:
    opinion = {**ANSWERS[0], "kind": "opinion", "text": "Ik vind vader een nare man."}
    assert released_texts(broker, [opinion]) == {answer["text"] for answer in ANSWERS}

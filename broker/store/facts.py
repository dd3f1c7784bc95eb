"""What the policy decides on, read without a reader: it goes into the decision document and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from typing_extensions import override

from broker.domain.document import Facts
from broker.domain.document import FactsOnRecord as FactsOnRecordPort
from broker.domain.release import Release, as_released
from broker.domain.request import InformationRequest, State
from broker.store.case import Cases
from broker.store.consent import Consents
from broker.store.decision import Decisions
from broker.store.directory import Directory
from broker.store.weighing import WeighedRequests


class FactsOnRecord(FactsOnRecordPort):
    """The facts within one transaction."""

    def __init__(
        self, directory: Directory, cases: Cases, consents: Consents, requests: WeighedRequests, decisions: Decisions
    ) -> None:
        self._directory, self._cases, self._consents = directory, cases, consents
        self._requests, self._decisions = requests, decisions

    @override
    def of(self, request: InformationRequest) -> Facts:
        is_new = request.state is State.ASKED
        return Facts(
            case=self._cases.on_record(request.case),
            requester=self._directory.get_organisation(request.requester),
            responder=self._directory.get_organisation(request.responder),
            consents=self._consents.on_record(request),
            exceptions=() if is_new else self._requests.exceptions_on_record(request.id),
            steps=() if is_new else self._requests.steps_on_record(request.id),
            weighing=None if is_new else self._requests.weighing_on_record(request.id),
        )

    @override
    def of_released(self, request: InformationRequest, release: Release) -> Facts:
        facts = replace(self.of(request), released_at=release.released_at)
        if facts.weighing is None:
            return facts
        decision = self._decisions.on_record(release.decision)
        return replace(facts, weighing=as_released(facts.weighing, release, decision))

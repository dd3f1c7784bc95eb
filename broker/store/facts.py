"""What the policy decides on, read without a reader: it goes into the decision document and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection
from typing_extensions import override

from broker.domain.document import Facts
from broker.domain.document import FactsOnRecord as FactsOnRecordPort
from broker.domain.release import Release, as_released
from broker.domain.request import InformationRequest, State
from broker.store.case import Cases
from broker.store.compiled import Lookup, look_ahead
from broker.store.consent import Consents, consents_lookup
from broker.store.decision import Decisions, decision_lookup
from broker.store.directory import Directory
from broker.store.weighing import WeighedRequests, exceptions_lookup, steps_lookup, weighing_lookup


class FactsOnRecord(FactsOnRecordPort):
    """The facts within one transaction, of which all are sent for together."""

    def __init__(
        self,
        connection: Connection,
        directory: Directory,
        cases: Cases,
        consents: Consents,
        requests: WeighedRequests,
        decisions: Decisions,
    ) -> None:
        self._connection = connection
        self._directory, self._cases, self._consents = directory, cases, consents
        self._requests, self._decisions = requests, decisions

    @override
    def of(self, request: InformationRequest) -> Facts:
        look_ahead(self._connection, self._lookups(request))
        return self._of(request)

    @override
    def of_released(self, request: InformationRequest, release: Release) -> Facts:
        look_ahead(self._connection, [*self._lookups(request), decision_lookup(release.decision)])
        facts = replace(self._of(request), released_at=release.released_at)
        if facts.weighing is None:
            return facts
        decision = self._decisions.on_record(release.decision)
        return replace(facts, weighing=as_released(facts.weighing, release, decision))

    def _of(self, request: InformationRequest) -> Facts:
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

    def _lookups(self, request: InformationRequest) -> list[Lookup]:
        """Return what `_of` reads."""
        of_answer = (exceptions_lookup, steps_lookup, weighing_lookup)
        return [
            *self._cases.lookups_on_record(request.case),
            *self._directory.lookups(request.requester, request.responder),
            consents_lookup(request.case, request.requester, request.responder),
            *(lookup(request.id) for lookup in of_answer if request.state is not State.ASKED),
        ]

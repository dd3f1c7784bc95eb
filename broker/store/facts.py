"""What the policy decides on, read without a reader: it goes into the decision document and nowhere else."""

from __future__ import annotations

from dataclasses import replace

from broker.domain.document import Facts
from broker.domain.release import Release, as_released
from broker.domain.request import InformationRequest, State
from broker.store.case import Cases
from broker.store.consent import Consents
from broker.store.decision import Decisions
from broker.store.directory import Directory
from broker.store.weighing import WeighedRequests


class FactsOnRecord:
    """The facts within one transaction."""

    def __init__(
        self, directory: Directory, cases: Cases, consents: Consents, requests: WeighedRequests, decisions: Decisions
    ) -> None:
        self._directory, self._cases, self._consents = directory, cases, consents
        self._requests, self._decisions = requests, decisions

    def of(self, request: InformationRequest) -> Facts:
        """Return all that is on record about this request, which its reader was let to before.

        Of a request that is being put there is no more than the case and the consents. Raises NotFoundError for an
        organisation or a case that does not exist.
        """
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

    def of_released(self, request: InformationRequest, release: Release) -> Facts:
        """Return the same for the opening of what was released: weighed is only what left."""
        facts = self.of(request)
        if facts.weighing is None:
            return facts
        decision = self._decisions.on_record(release.decision)
        return replace(facts, weighing=as_released(facts.weighing, release, decision))

"""The broker's own decision point: AuthZEN questions answered by the flow `evaluate`, through the same gate as acts."""

from __future__ import annotations

from broker.api.authzen_shapes import parse_stated
from broker.api.authzen_views import verdict_context
from broker.domain.access import AccessQuestion, Found, Page, Sought, Verdict
from broker.domain.directory import Actor
from broker.domain.wiring import Wiring
from broker.flows import evaluate

REQUESTS = "/access/v1/requests"
"""Where access requests go."""


class OwnDecisionPoint:
    """Answers for the policies of this installation."""

    def __init__(self, w: Wiring, *, public_url: str) -> None:
        self._w, self._endpoint = w, public_url.rstrip("/") + REQUESTS

    def evaluate(self, question: AccessQuestion, *, caller: Actor) -> Verdict:
        """Decide one question on the broker's own records, and keep the decision."""
        evaluated = evaluate.evaluate(asked(question, caller), self._w)
        context = verdict_context(evaluated, law=self._w.gate.law, endpoint=self._endpoint)
        return Verdict(decision=evaluated.permitted, context=context)

    def search(self, sought: Sought, question: AccessQuestion, page: Page, *, caller: Actor) -> Found:
        """Return what would get a yes, among what the subject sees."""
        return evaluate.search(asked(question, caller), sought, page, self._w)


def asked(question: AccessQuestion, caller: Actor) -> evaluate.Evaluate:
    """Return the command for a question; only on a case the context says what would be asked."""
    on_case = question.resource.type == "case" and question.action.name in {"", "ask"}
    return evaluate.Evaluate(
        caller=caller, question=question, stated=parse_stated(question.context) if on_case else None
    )

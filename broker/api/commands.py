"""From a body that was checked to the command of a flow: one place for the API and the pages."""

from __future__ import annotations

from typing import Any

from broker.api import shapes
from broker.domain.case import IndexMatch, Order
from broker.domain.consent import StepException
from broker.domain.directory import Actor
from broker.domain.request import Concern, Danger, Question
from broker.domain.vocabulary import Side
from broker.domain.weighing import WeighedPart, Weighing
from broker.flows.ask import Ask
from broker.flows.register import ChangeCase, PersonEntry, RegisterCase
from broker.flows.weigh import Record


def register_case_of(body: shapes.CaseIn, who: Actor) -> RegisterCase:
    """Return the command to register this case."""
    return RegisterCase(actor=who, **_facts_of(body))


def change_case_of(case: str, body: shapes.CaseChangeIn, who: Actor) -> ChangeCase:
    """Return the command to change what the body names."""
    facts = _facts_of(body) | {"staff": frozenset(body.staff)}
    return ChangeCase(actor=who, case=case, changed={name: facts[name] for name in body.model_fields_set})


def _facts_of(body: shapes.CaseIn | shapes.CaseChangeIn) -> dict[str, Any]:
    """Return the facts of a case by their names, as the flows take them."""
    return {
        **dict(body),
        "persons": tuple(
            PersonEntry(**{**person.model_dump(), "authority": tuple(person.authority)}) for person in body.persons
        ),
        "order": Order(**body.order.model_dump()) if body.order else None,
        "vir": IndexMatch(**body.vir.model_dump()) if body.vir else None,
    }


def ask_of(body: shapes.AskIn, who: Actor) -> Ask:
    """Return the command to ask this."""
    return Ask(
        actor=who,
        case=body.case,
        responder=body.responder,
        purpose=body.purpose,
        concern=Concern(**body.concern.model_dump()),
        danger=Danger(**body.danger.model_dump()),
        persons=tuple(body.persons),
        patients=frozenset(body.patients),
        questions=tuple(
            Question(**{**question.model_dump(), "categories": tuple(question.categories)})
            for question in body.questions
        ),
        exceptions=exceptions_of(body.exceptions, "asking"),
        directly_involved=body.directly_involved,
        bsn_of=frozenset(body.bsn_of),
    )


def record_of(request: str, body: shapes.RecordIn, who: Actor) -> Record:
    """Return the command to record these steps and this weighing; reasons are given when they are not blank."""
    weighing = body.weighing
    return Record(
        actor=who,
        request=request,
        steps=tuple(body.steps.items()),
        exceptions=exceptions_of(body.exceptions, "answering"),
        weighing=Weighing(
            staff=who.staff.id,
            by_profession=who.staff.profession,
            registration=who.staff.registration,
            reasons_given=bool(weighing.reasons.strip()),
            parts=tuple(WeighedPart(**part.model_dump()) for part in weighing.parts),
            bsn_of=frozenset(weighing.bsn_of),
            **weighing.model_dump(exclude={"parts", "bsn_of"}),
        )
        if weighing
        else None,
    )


def exceptions_of(entries: list[shapes.ExceptionIn], side: Side) -> tuple[StepException, ...]:
    """Return the exceptions to asking or telling somebody."""
    return tuple(StepException(side=side, **entry.model_dump()) for entry in entries)

"""What the professional did and decided: the steps of the code, and the weighing per part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from broker.domain.directory import Staff
from broker.domain.vocabulary import (
    Category,
    Channel,
    Kind,
    PoliceArticle,
    Profession,
    Registration,
    Step,
    WeighingOutcome,
)

STEPS: dict[str, str] = {
    "ST-01": "identify",
    "ST-02": "understand",
    "ST-03": "ground",
    "ST-04": "consult",
    "ST-05": "consent_or_inform",
    "ST-06": "weigh",
    "ST-07": "select",
    "ST-08": "form",
    "ST-09": "decide",
    "ST-10": "record",
    "ST-11": "inform_after",
}
"""The steps of the KNMG-meldcode part II as encoded in law.md 3.7, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeighedPart:
    """The professional's choice for one part: give or keep, what kind of statement, about whom it really is.

    `necessary` is the test of law.md 4.2 for this very item (HP-6): false says that this item does not warrant breaking
    secrecy, so that it can go with consent only. `police_article` is the one of the Wet politiegegevens under which the
    item is processed; it matters where the police answer (Besluit politiegegevens 4:2).
    """

    question: str
    category: Category
    about: str
    give: bool
    kind: Kind
    approved_separately: bool = False
    third_party_needed: bool = False
    necessary: bool = True
    police_article: PoliceArticle = "8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """The weighing of one professional on one request (EV-12, EV-13, EV-15).

    `reasons` is free text, encrypted at rest and never read to the requester; `reasons_given` is what the policy said
    of them when they were recorded. `good_care`: good care asks for speaking at the table of the Zorg- en
    Veiligheidshuis (WGS 2.29 lid 2). `acute`: false says that the danger which the asker stated is not acute (law.md
    4.3). `bsn_of` are the refs of those whose citizen service number stands in the answer.
    """

    staff: str
    by_profession: Profession
    registration: Registration
    outcome: WeighingOutcome
    reasons: str = field(repr=False)
    relevant: bool
    contributes: bool
    no_lesser_means: bool
    proportionate: bool
    parts: tuple[WeighedPart, ...]
    reasons_given: bool = False
    written: bool = True
    report_approved: bool = True
    good_care: bool = False
    acute: bool = True
    bsn_of: frozenset[str] = frozenset()

    @classmethod
    def by(cls, staff: Staff, **chosen: Any) -> Weighing:
        """Return what this professional chose as his weighing."""
        return cls(
            staff=staff.id,
            by_profession=staff.profession,
            registration=staff.registration,
            **chosen,
        )

    def completes(self, before: Weighing | None) -> bool:
        """Tell whether this adds nothing but reasons to the weighing that an answer was given on."""
        return (
            before is not None and replace(self, reasons=before.reasons, reasons_given=before.reasons_given) == before
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRecord:
    """What is recorded of a step (EV-01 to EV-17), encrypted at rest.

    `whom` the professional spoke with, on which `day`, through which `channel`, what came of it, and a note. What a
    step's record must at least hold stands in the policy's table of steps.
    """

    whom: str = field(default="", repr=False)
    day: date | None = field(default=None, repr=False)
    channel: Channel | None = field(default=None, repr=False)
    outcome: str = field(default="", repr=False)
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepDone:
    """A step on record; it counts as done when, as the policy said at `done_at`, its record was complete."""

    step: Step
    staff: str
    done_at: datetime
    record: StepRecord
    complete: bool = True


def names_of(steps: Sequence[StepDone]) -> frozenset[str]:
    """Return the names of the steps that count as done."""
    return frozenset(STEPS[done.step] for done in steps if done.complete)


def is_recorded(weighing: Weighing | None, steps: Sequence[StepDone]) -> bool:
    """Tell whether the record is complete that must follow an answer in acute danger (law.md 4.3 item 6)."""
    return weighing is not None and weighing.reasons_given and "record" in names_of(steps)

"""Who is enrolled in the directory of the tests: organisations, their staff, roles and mandates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

from broker.domain.directory import Account, Mandate, Organisation, Staff
from broker.domain.wiring import Wiring
from broker.flows.enrol import EnrolDirectory, enrol_directory
from broker.kernel.values import Oin

_ORGANISATIONS = {
    "org:vt": ("veilig_thuis", "overig"),
    "org:vt2": ("veilig_thuis", "overig"),
    "org:gp": ("huisarts", "arts"),
    "org:gp2": ("huisarts", "arts"),
}

_STAFF = {
    "worker": ("org:vt", "onderzoeker", "maatschappelijk_werker", "skj"),
    "colleague": ("org:vt", "onderzoeker", "maatschappelijk_werker", "skj"),
    "lapsed": ("org:vt", "onderzoeker", "maatschappelijk_werker", "skj"),
    "struck_off": ("org:vt", "onderzoeker", "maatschappelijk_werker", "none"),
    "planner": ("org:vt", "planner", "overig", "none"),
    "officer": ("org:vt", "privacy_officer", "overig", "none"),
    "system": ("org:vt", "systeem", "overig", "none"),
    "outsider": ("org:vt2", "onderzoeker", "maatschappelijk_werker", "skj"),
    "outside_officer": ("org:vt2", "privacy_officer", "overig", "none"),
    "doctor": ("org:gp", "huisarts", "arts", "big"),
    "partner": ("org:gp", "huisarts", "arts", "big"),
    "answering_officer": ("org:gp", "privacy_officer", "overig", "none"),
    "assistant": ("org:gp", "assistent", "overig", "none"),
    "outside_doctor": ("org:gp2", "huisarts", "arts", "big"),
}
"""Everybody of the staff: organisation, role, profession and registration.

The mandate of `lapsed` has ended, and the registration of `struck_off`.
"""

SUBJECTS = {name: f"subject-{name}" for name in _STAFF} | {"unknown": "subject-of-nobody"}

KEY_HOLDERS = {"worker", "colleague", "doctor", "partner"}


def everybody(issuer: str, today: date) -> EnrolDirectory:
    """Return the directory of the tests, with mandates around this day."""
    staff = tuple(member(name) for name in _STAFF)
    year = timedelta(days=365)
    lapsed = {"st:lapsed": today - timedelta(days=1)}
    return EnrolDirectory(
        organisations=tuple(
            Organisation(
                id=organisation,
                oin=Oin(f"0000000100321434500{number}"),
                name=organisation,
                type=kind,
                active=True,
                connected=True,
                profession=profession,
                holds_information_professionally=True,
            )
            for number, (organisation, (kind, profession)) in enumerate(_ORGANISATIONS.items())
        ),
        staff=staff,
        accounts={f"st:{name}": Account(issuer=issuer, subject=SUBJECTS[name]) for name in _STAFF},
        mandates=tuple(
            Mandate(staff=one.id, from_on=today - year, until_on=lapsed.get(one.id, today + year)) for one in staff
        ),
    )


def member(name: str, *, role: str | None = None) -> Staff:
    """Return somebody's entry in the directory, or the one with another role."""
    organisation, own_role, profession, registration = _STAFF[name]
    return Staff(
        id=f"st:{name}",
        organisation=organisation,
        role=role or own_role,
        profession=profession,
        registration=registration,
        supervised_by_registered=False,
        active=True,
    )


@contextmanager
def another_role(w: Wiring, name: str, role: str) -> Iterator[None]:
    """Give somebody another role in the directory, and his own role back afterwards."""
    before = member(name)
    enrol_directory(EnrolDirectory(staff=(replace(before, role=role),)), w)
    try:
        yield
    finally:
        enrol_directory(EnrolDirectory(staff=(before,)), w)

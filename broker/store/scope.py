"""Who a query reads for: the reader's organisation and staff id as parameters, and who is assigned to which case.

The conditions built from these stand beside their tables (`case.SEES_CASE`, `request.SEES_REQUEST`); a read of case
data that has none of them is a mistake.
"""

from __future__ import annotations

from sqlalchemy import Column, ColumnElement, ForeignKey, Table, Text, bindparam, exists

from broker.domain.directory import Actor
from broker.store.schema import metadata

case_staff = Table(
    "case_staff",
    metadata,
    Column("case_id", ForeignKey("cases.id"), key="case", primary_key=True),
    Column("staff", ForeignKey("staff.id"), primary_key=True, index=True),
)

ORGANISATION = bindparam("reader_organisation", type_=Text())
STAFF = bindparam("reader_staff", type_=Text())


def as_reader(reader: Actor) -> dict[str, str]:
    """Return the parameters that make a scoped statement read for this actor."""
    return {"reader_organisation": reader.organisation.id, "reader_staff": reader.staff.id}


def is_assigned(case: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that the reader is assigned to the case in this column."""
    return exists().where(case_staff.c.case == case, case_staff.c.staff == STAFF)

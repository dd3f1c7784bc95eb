"""The first schema: directory, file, requests, answers, log.

Revision ID: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables, those that others refer to first."""
    _create_directory()
    _create_file()
    _create_requests()
    _create_answers()
    _create_log()
    _create_seen_proofs()


def downgrade() -> None:
    """Drop everything, in the opposite order; indexes go with their tables."""
    for table in (
        "seen_proofs",
        "checkpoints",
        "log_nodes",
        "event_details",
        "events",
        "obligations",
        "release_parts",
        "releases",
        "decisions",
        "weighings",
        "step_exceptions",
        "steps",
        "requests",
        "consents",
        "case_staff",
        "persons",
        "cases",
        "data_keys",
        "staff_keys",
        "mandates",
        "staff",
        "organisations",
    ):
        op.drop_table(table)


def _create_directory() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("oin", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("connected", sa.Boolean(), nullable=False),
        sa.Column("profession", sa.Text(), nullable=False),
        sa.Column("holds_information_professionally", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_organisations"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("profession", sa.Text(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("supervised_by_registered", sa.Boolean(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.id"], name="fk_staff_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_staff"),
        sa.UniqueConstraint("issuer", "subject", name="uq_staff_issuer_subject"),
    )
    op.create_table(
        "mandates",
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name="fk_mandates_staff"),
        sa.PrimaryKeyConstraint("staff", "from_on", "until_on", name="pk_mandates"),
    )
    op.create_table(
        "staff_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("opening", sa.LargeBinary(), nullable=False),
        sa.Column("signing", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name="fk_staff_keys_staff"),
        sa.PrimaryKeyConstraint("key_id", name="pk_staff_keys"),
    )
    op.create_index(
        "uq_staff_keys_in_use",
        "staff_keys",
        ["staff"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )


def _create_file() -> None:
    op.create_table(
        "data_keys",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subject", name="pk_data_keys"),
    )
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("reference", sa.LargeBinary(), nullable=True),
        sa.Column("vt_phase", sa.Text(), nullable=True),
        sa.Column("investigation_determined_on", sa.Date(), nullable=True),
        sa.Column("rvdk_task", sa.Text(), nullable=True),
        sa.Column("gi_role", sa.Text(), nullable=True),
        sa.Column("order", sa.JSON(), nullable=True),
        sa.Column("zvh_case", sa.Boolean(), nullable=False),
        sa.Column("litigation_between_parents", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.id"], name="fk_cases_organisation"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    op.create_table(
        "persons",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("birth_on", sa.LargeBinary(), nullable=True),
        sa.Column("unborn", sa.Boolean(), nullable=False),
        sa.Column("capable", sa.Boolean(), nullable=False),
        sa.Column("authority", sa.JSON(), nullable=False),
        sa.Column("source_protected", sa.Boolean(), nullable=False),
        sa.Column("informed_by_requester", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_persons_case"),
        sa.PrimaryKeyConstraint("id", name="pk_persons"),
        sa.UniqueConstraint("case", "ref", name="uq_persons_case_ref"),
    )
    op.create_table(
        "case_staff",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_case_staff_case"),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name="fk_case_staff_staff"),
        sa.PrimaryKeyConstraint("case", "staff", name="pk_case_staff"),
    )
    op.create_index("ix_case_staff_staff", "case_staff", ["staff"])
    op.create_table(
        "consents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("given_by", sa.JSON(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("free", sa.Boolean(), nullable=False),
        sa.Column("explicit", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("recorded_by", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_consents_case"),
        sa.ForeignKeyConstraint(["organisation"], ["organisations.id"], name="fk_consents_organisation"),
        sa.ForeignKeyConstraint(["recorded_by"], ["staff.id"], name="fk_consents_recorded_by"),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_case", "consents", ["case"])


def _create_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("asker", sa.Text(), nullable=False),
        sa.Column("responder", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("concern", sa.LargeBinary(), nullable=True),
        sa.Column("danger", sa.JSON(), nullable=False),
        sa.Column("persons", sa.JSON(), nullable=False),
        sa.Column("patients", sa.JSON(), nullable=False),
        sa.Column("questions", sa.JSON(), nullable=False),
        sa.Column("texts", sa.LargeBinary(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["asker"], ["staff.id"], name="fk_requests_asker"),
        sa.ForeignKeyConstraint(["case"], ["cases.id"], name="fk_requests_case"),
        sa.ForeignKeyConstraint(["requester"], ["organisations.id"], name="fk_requests_requester"),
        sa.ForeignKeyConstraint(["responder"], ["organisations.id"], name="fk_requests_responder"),
        sa.ForeignKeyConstraint(["taken_by"], ["staff.id"], name="fk_requests_taken_by"),
        sa.PrimaryKeyConstraint("id", name="pk_requests"),
    )
    op.create_index("ix_requests_case", "requests", ["case"])
    op.create_index("ix_requests_responder_state", "requests", ["responder", "state"])
    op.create_table(
        "steps",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_steps_request"),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name="fk_steps_staff"),
        sa.PrimaryKeyConstraint("request", "step", name="pk_steps"),
    )
    op.create_table(
        "step_exceptions",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("recorded", sa.Boolean(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_step_exceptions_request"),
        sa.PrimaryKeyConstraint("request", "person", "code", name="pk_step_exceptions"),
    )
    op.create_table(
        "weighings",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("by_profession", sa.Text(), nullable=False),
        sa.Column("registration", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("reasons", sa.LargeBinary(), nullable=True),
        sa.Column("reasons_given", sa.Boolean(), nullable=False),
        sa.Column("relevant", sa.Boolean(), nullable=False),
        sa.Column("contributes", sa.Boolean(), nullable=False),
        sa.Column("no_lesser_means", sa.Boolean(), nullable=False),
        sa.Column("proportionate", sa.Boolean(), nullable=False),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("written", sa.Boolean(), nullable=False),
        sa.Column("report_approved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_weighings_request"),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name="fk_weighings_staff"),
        sa.PrimaryKeyConstraint("request", name="pk_weighings"),
    )


def _create_answers() -> None:
    op.create_table(
        "decisions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("staff", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["request"], ["requests.id"], name="fk_decisions_request", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["staff"], ["staff.id"], name="fk_decisions_staff"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_request", "decisions", ["request"])
    op.create_table(
        "releases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("signing", sa.LargeBinary(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision"], ["decisions.id"], name="fk_releases_decision", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(["request"], ["requests.id"], name="fk_releases_request"),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
        sa.UniqueConstraint("request", name="uq_releases_request"),
    )
    op.create_table(
        "release_parts",
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["release"], ["releases.id"], name="fk_release_parts_release"),
        sa.PrimaryKeyConstraint("release", "position", name="pk_release_parts"),
    )
    op.create_table(
        "obligations",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("on", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=True),
        sa.Column("due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision"], ["decisions.id"], name="fk_obligations_decision", initially="DEFERRED", deferrable=True
        ),
        sa.ForeignKeyConstraint(
            ["request"], ["requests.id"], name="fk_obligations_request", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name="pk_obligations"),
    )
    op.create_index("ix_obligations_request", "obligations", ["request"])


def _create_seen_proofs() -> None:
    op.create_table(
        "seen_proofs",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_seen_proofs"),
    )
    op.create_index("ix_seen_proofs_until", "seen_proofs", ["until"])


def _create_log() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=True),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
        sa.UniqueConstraint("log_index", name="uq_events_log_index"),
    )
    op.create_index("ix_events_decision", "events", ["decision"])
    op.create_index(
        "ix_events_not_sequenced",
        "events",
        ["id"],
        sqlite_where=sa.text("log_index IS NULL"),
        postgresql_where=sa.text("log_index IS NULL"),
    )
    op.create_index("ix_events_request", "events", ["request"])
    op.create_table(
        "event_details",
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["event"], ["events.id"], name="fk_event_details_event"),
        sa.PrimaryKeyConstraint("event", name="pk_event_details"),
    )
    op.create_table(
        "log_nodes",
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "position", name="pk_log_nodes"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoints"),
    )

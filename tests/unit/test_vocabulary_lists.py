"""The closed lists in the code are those of the decision document's schema, no more and no fewer."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from broker.domain import vocabulary
from broker.policy.bundle import open_schema, policies_path

SCHEMA: dict[str, Any] = open_schema(policies_path(), "document")
DEFS, ITEMS = SCHEMA["$defs"], SCHEMA["properties"]
FRAMEWORK = ITEMS["framework"]["properties"]
PERSON = ITEMS["persons"]["items"]["properties"]
CONSENT = ITEMS["consents"]["items"]["properties"]
DECISION: dict[str, Any] = open_schema(policies_path(), "decision")["properties"]
WEIGHING = ITEMS["weighing"]["anyOf"][1]["properties"]

LISTS = {
    "Purpose": DEFS["purpose"]["enum"],
    "Category": DEFS["category"]["enum"],
    "OrganisationType": DEFS["organisation_type"]["enum"],
    "Profession": DEFS["profession"]["enum"],
    "Registration": DEFS["registration"]["enum"],
    "Relation": PERSON["relation"]["enum"],
    "VtPhase": FRAMEWORK["vt_phase"]["enum"],
    "RvdkTask": FRAMEWORK["rvdk_task"]["enum"],
    "GiRole": FRAMEWORK["gi_role"]["enum"],
    "VirRisk": FRAMEWORK["vir"]["anyOf"][1]["properties"]["risk"]["enum"],
    "OrderKind": FRAMEWORK["order"]["anyOf"][1]["properties"]["kind"]["enum"],
    "ConsentStatus": CONSENT["status"]["enum"],
    "ConsentEvidence": CONSENT["evidence"]["enum"],
    "ExceptionCode": ITEMS["exceptions"]["items"]["properties"]["code"]["enum"],
    "WeighingOutcome": WEIGHING["outcome"]["enum"],
    "Kind": WEIGHING["parts"]["items"]["properties"]["kind"]["enum"],
    "PoliceArticle": WEIGHING["parts"]["items"]["properties"]["police_article"]["enum"],
    "Stage": ITEMS["stage"]["enum"],
    "Operation": open_schema(policies_path(), "operation")["properties"]["operation"]["enum"],
    "Assurance": DEFS["actor"]["properties"]["assurance"]["enum"],
    "Outcome": DECISION["outcome"]["enum"],
    "Verdict": DECISION["parts"]["items"]["properties"]["verdict"]["enum"],
    "GroundKind": DECISION["grounds"]["items"]["properties"]["kind"]["enum"],
    "ReasonCode": DECISION["reasons"]["items"]["properties"]["code"]["enum"],
    "GateNumber": DECISION["reasons"]["items"]["properties"]["stage"]["enum"],
    "DutyCode": DECISION["obligations"]["items"]["properties"]["code"]["enum"],
    "DutyOn": DECISION["obligations"]["items"]["properties"]["on"]["enum"],
    "Escalation": DECISION["referrals"]["items"]["enum"],
    "Step": DECISION["todo"]["items"]["enum"],
}


@pytest.mark.parametrize("name", sorted(LISTS))
def test_vocabulary_is_the_schema_s(name: str) -> None:
    assert set(get_args(getattr(vocabulary, name))) == {value for value in LISTS[name] if value is not None}

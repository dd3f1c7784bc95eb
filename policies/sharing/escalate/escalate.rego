# METADATA
# title: Opschalen
# description: Whom to bring in for a matter that the people concerned cannot settle among themselves.
# custom: {source: "law.md 10; raadsbrief Amsterdam 2022"}
# schemas:
#   - input: schema["escalate.schema"]
package sharing.escalate

import data.sharing.facts
import data.sharing.operation

# METADATA
# description: Who may bring a matter up - anybody who acts for an active organisation under a mandate.
refusals contains refusal if some refusal in operation.standing

# METADATA
# title: Naar wie
# description: The escalation that is for this matter.
# custom: {codes: [ES-01, ES-02, ES-03, ES-04, ES-05, ES-06, ES-07, ES-08, ES-09], source: "law.md 10", kind: POLICY}
referrals contains code if {
	some code, row in data.law.escalations
	facts.in_force(row)
	input.matter in row.matters
}

# METADATA
# title: Datalek melden
# description: A breach is reported to the authority within 72 hours, and to the persons when the risk is high.
# custom: {code: OB-14, source: "AVG art. 33, 34", kind: LAW}
duties contains {"code": "OB-14", "on": "controller", "term": data.law.obligations["OB-14"].term, "person": null} if {
	input.matter == "breach"
	facts.in_force(data.law.obligations["OB-14"])
}

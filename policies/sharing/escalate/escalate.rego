# METADATA
# title: Opschalen
# description: Wie moet worden ingeschakeld bij een kwestie die de partijen onderling niet kunnen oplossen.
# custom: {source: "law.md 10; raadsbrief Amsterdam 2022"}
# schemas:
#   - input: schema["escalate.schema"]
package sharing.escalate

import data.sharing.facts
import data.sharing.operation

# METADATA
# description: Wie een kwestie mag opschalen - ieder die met een mandaat handelt voor een actieve organisatie.
refusals contains refusal if some refusal in operation.standing

# METADATA
# title: Naar wie
# description: De opschaling die voor deze kwestie is bedoeld.
# custom: {codes: [ES-01, ES-02, ES-03, ES-04, ES-05, ES-06, ES-07, ES-08, ES-09], source: "law.md 10", kind: POLICY}
referrals contains code if {
	some code, _ in data.law.escalations
	row := facts.row("escalations", code)
	facts.in_force(row)
	input.matter in row.matters
}

# METADATA
# title: Datalek melden
# description: Een datalek wordt binnen 72 uur gemeld aan de Autoriteit Persoonsgegevens, en aan de betrokkenen als het
#   risico hoog is.
# custom: {code: OB-14, source: "AVG art. 33, 34", kind: LAW}
duties contains {"code": "OB-14", "on": "controller", "term": facts.row("obligations", "OB-14").term, "person": null} if {
	input.matter == "breach"
	facts.in_force(facts.row("obligations", "OB-14"))
}

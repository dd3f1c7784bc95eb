# METADATA
# title: G0 Acuut gevaar
# description: Somebody named, threatened by something named, within a day - then the minimum may be told at once.
# custom: {source: "law.md 4.3; AVG art. 6 lid 1 d en 9 lid 2 c; KNMG-meldcode (fn 36)"}
# schemas:
#   - input: schema["document.schema"]
package sharing.acute

import data.sharing.facts

# METADATA
# title: Noodsituatie
# description: The danger is acute, concrete and close, and the requester is one who may be told (4.3 item 4).
# custom: {source: "law.md 4.3", kind: CODE}
default applies := false

applies if {
	input.danger.acute
	input.danger.person_named
	input.danger.threat_named
	is_number(input.danger.within_hours)
	input.danger.within_hours <= data.parameters.acute.within_hours
	count(_grounds) > 0
}

_grounds contains row.ground if {
	some row in data.law.pairs.acute
	row.requester == input.requester.type
	facts.in_force(row)
	facts.in_force(data.law.grounds[row.ground])
}

# METADATA
# title: Grond in noodsituatie
# description: Wmo 5.2.6 towards Veilig Thuis, conflict of duties towards the police.
# custom: {source: "law.md 4.3 item 4", kind: LAW}
ground := code if some code in _grounds

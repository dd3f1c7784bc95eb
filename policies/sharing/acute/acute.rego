# METADATA
# title: G0 Acuut gevaar
# description: Somebody named, threatened by something named, within a day - then the minimum may be told at once.
# custom: {source: "law.md 4.3; AVG art. 6 lid 1 d en 9 lid 2 c; KNMG-meldcode (fn 36)"}
# schemas:
#   - input: schema["document.schema"]
package sharing.acute

import data.sharing.calendar
import data.sharing.facts

# METADATA
# title: Noodsituatie
# description: The danger is acute, concrete and close, the requester is one who may be told (4.3 item 4), the professional
#   does not say otherwise, and it has not ended - the record follows within the term, or it closes (4.3 item 6).
# custom: {source: "law.md 4.3", kind: CODE}
default applies := false

applies if {
	_stated
	_not_contested
	_goes_on
}

_stated if {
	input.danger.acute
	input.danger.person_named
	input.danger.threat_named
	is_number(input.danger.within_hours)
	input.danger.within_hours <= data.parameters.acute.within_hours
	count(_grounds) > 0
}

# Who is asked knows best whether there is still somebody to save within the day.
default _not_contested := true

_not_contested := input.weighing.acute if is_boolean(input.weighing.acute)

# METADATA
# title: Einde van de noodsituatie
# description: Told at once, recorded within the day. What was told stays open when the record is there.
# custom: {code: DN-16, source: "law.md 4.3 item 6 (breakglass.record)", kind: POLICY}
_goes_on if facts.asking

_goes_on if {
	since := calendar.seconds(facts.asked_at)
	calendar.seconds(input.now) < since + _record_within
}

_goes_on if {
	input.stage == "open"
	_recorded
}

_record_within := hours * 3600 if {
	hours := to_number(trim(data.parameters.breakglass.record, "PTH"))
}

_recorded if {
	input.weighing.reasons_given
	input.steps.record
}

# METADATA
# description: At an opening after the day without the record, that is what stands in the way.
refusals contains {"code": "DN-16", "person": null, "question": null} if {
	input.stage == "open"
	_stated
	_not_contested
	not _goes_on
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

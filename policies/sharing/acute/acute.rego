# METADATA
# title: G0 Acuut gevaar
# description: Er is een genoemde persoon met een genoemde dreiging binnen een dag; dan mag het minimaal nodige direct
#   worden verteld.
# custom: {source: "law.md 4.3; AVG art. 6 lid 1 d en 9 lid 2 c; KNMG-meldcode (fn 36)"}
# schemas:
#   - input: schema["document.schema"]
package sharing.acute

import data.sharing.calendar
import data.sharing.facts

# METADATA
# title: Noodsituatie
# description: Het gevaar is acuut, concreet en nabij, de vrager is iemand aan wie het mag worden verteld (4.3 punt 4),
#   de professional zegt niet dat het anders is, en de noodsituatie is niet geëindigd. De vastlegging volgt binnen de
#   termijn; anders sluit de toegang (4.3 punt 6).
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
# description: Wat direct is verteld, wordt binnen de dag vastgelegd. Wat is verteld, blijft te openen als de
#   vastlegging er is.
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
# description: Bij het openen na de dag zonder de vastlegging is dat de reden van weigering.
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
	facts.in_force(facts.row("grounds", row.ground))
}

# METADATA
# title: Grond in noodsituatie
# description: Artikel 5.2.6 Wmo 2015 jegens Veilig Thuis, conflict van plichten jegens de politie.
# custom: {source: "law.md 4.3 item 4", kind: LAW}
ground := code if some code in _grounds

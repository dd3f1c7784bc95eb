# Every case beside the rules, run by `opa test` itself, so that its coverage says which lines no case goes through.
package cases_test

import data.sharing.consent
import data.sharing.decision
import data.sharing.ground
import data.sharing.minimise
import data.sharing.operation
import data.sharing.phase
import data.sharing.purpose
import data.sharing.questions
import data.sharing.receiver
import data.sharing.requester
import data.sharing.responder
import data.sharing.steps
import data.sharing.weighing

test_case[name] if {
	some name, case in data.cases
	answer := decision.decision with input as case.document
	answer.outcome == case.expected.outcome
	every field, codes in object.remove(case.expected, ["outcome", "parts", "duties", "about"]) {
		_codes(answer[field]) == {code | some code in codes}
	}
	_verdicts(answer.parts) == object.get(case.expected, "parts", _verdicts(answer.parts))
}

_codes(entries) := {object.get(entry, "code", null) | some entry in entries; is_object(entry)} | {entry |
	some entry in entries
	is_string(entry)
}

_verdicts(parts) := [part.verdict | some part in parts]

# The parameters of consent (law.md 4.4) as they are not set: the young person alone, and one parent while the other does
# not object.
_young := data.cases["consent: Een kind van 13 stemt alleen in."].document

_one_parent := data.cases["consent: Eén ouder is te weinig."].document

test_young_person_alone_where_that_is_chosen if {
	decision.decision.outcome == "permit_pending" with input as _young
		with data.parameters.consent.age12_15_mode as "child"
}

test_one_parent_where_that_is_chosen if {
	decision.decision.outcome == "permit" with input as _one_parent
		with data.parameters.consent.joint_authority_mode as "one_if_no_objection"
}

test_one_parent_is_too_few_in_litigation if {
	litigating := json.patch(_one_parent, [{
		"op": "replace", "path": "framework/litigation_between_parents", "value": true,
	}])
	decision.decision.outcome == "deny" with input as litigating
		with data.parameters.consent.joint_authority_mode as "one_if_no_objection"
}

test_one_parent_is_too_few_once_somebody_refused if {
	refused := object.union(_one_parent.consents[0], {
		"given_by": ["father"], "status": "refused", "purpose": "casusoverleg_overig",
	})
	objected := json.patch(_one_parent, [{"op": "add", "path": "consents/-", "value": refused}])
	decision.decision.outcome == "deny" with input as objected
		with data.parameters.consent.joint_authority_mode as "one_if_no_objection"
}

# A right that becomes a duty under the same code: rows that follow each other (test_dated_law.py builds such a bundle).
_both_rows := [
	object.union(data.law.grounds["WMO-5.2.6"], {"valid_to": "2026-11-22"}),
	object.union(data.law.grounds["WMO-5.2.6"], {"kind": "duty", "valid_from": "2026-11-22"}),
]

test_row_ends_before_the_day_of_the_next if {
	ground.kinds["WMO-5.2.6"] == "right" with input as object.union(_released, {"today": "2026-11-21"})
		with data.law.grounds["WMO-5.2.6"] as _both_rows
}

test_next_row_begins_on_its_day if {
	ground.kinds["WMO-5.2.6"] == "duty" with input as _released
		with data.law.grounds["WMO-5.2.6"] as _both_rows
}

# Two locks (decision): whatever else holds, one gate that is not satisfied shuts, and so does one refusal.
_released := data.cases["decision: De huisarts heeft gewogen en geeft het gevraagde deel."].document

_refusal := {"code": "DN-05", "person": null, "question": null}

test_without_a_fault_it_is_released if decision.decision.outcome == "permit" with input as _released

test_requester_not_satisfied_shuts if {
	decision.decision.outcome == "deny" with input as _released
		with data.sharing.requester.satisfied as false
}

test_purpose_not_satisfied_shuts if {
	decision.decision.outcome == "deny" with input as _released
		with data.sharing.purpose.satisfied as false
}

test_phase_not_satisfied_shuts if {
	decision.decision.outcome == "deny" with input as _released
		with data.sharing.phase.satisfied as false
}

test_questions_not_satisfied_shuts if {
	decision.decision.outcome == "deny" with input as _released
		with data.sharing.questions.satisfied as false
}

test_responder_not_satisfied_shuts if {
	decision.decision.outcome == "deny" with input as _released
		with data.sharing.responder.satisfied as false
		with data.sharing.responder.refusals as set()
}

test_ground_not_satisfied_shuts if {
	decision.decision.outcome == "deny" with input as _released
		with data.sharing.ground.satisfied as false
}

test_receiver_not_satisfied_shuts if {
	decision.decision.outcome == "deny" with input as _released
		with data.sharing.receiver.satisfied as false
}

test_steps_not_satisfied_shuts if {
	decision.decision.outcome == "deny" with input as _released
		with data.sharing.steps.satisfied as false
}

test_weighing_not_satisfied_shuts if {
	decision.decision.outcome == "deny" with input as _released
		with data.sharing.weighing.satisfied as false
}

test_minimise_not_satisfied_shuts if {
	decision.decision.outcome == "deny" with input as _released
		with data.sharing.minimise.satisfied as false
}

test_refusal_alone_shuts if {
	decision.decision.outcome == "deny" with input as _released
		with data.sharing.requester.refusals as {_refusal}
}

_operated := data.cases["operation: Een casuswerker registreert een zaak."].document

test_operation_not_satisfied_shuts if {
	decision.decision.outcome == "deny" with input as _operated
		with data.sharing.operation.satisfied as false
}

test_operation_refused_shuts if {
	decision.decision.outcome == "deny" with input as _operated
		with data.sharing.operation.refusals as {_refusal}
}

# Each gate says by itself that it is not satisfied, also where another refuses the same document.
_of(name) := data.cases[name].document

test_requester_says_so_itself if not requester.satisfied with input as _of("requester: Niet op de zaak.")

test_purpose_says_so_itself if not purpose.satisfied with input as _of("purpose: De aard van de zorg is niet toegelicht.")

test_purpose_says_so_itself_too if not purpose.satisfied with input as _of("purpose: Wetenschappelijk onderzoek gaat niet langs deze weg (S21).")

test_phase_says_so_itself if not phase.satisfied with input as _of("phase: Na afsluiting vraagt Veilig Thuis niets meer.")

test_questions_says_so_itself if not questions.satisfied with input as _of("questions: Vertel wat u weet.")

test_responder_says_so_itself if not responder.satisfied with input as _of("responder: De bevraagde heeft hier beroepshalve geen informatie.")

test_responder_says_so_itself_too if not responder.satisfied with input as _of("responder: Het geheimhoudingsregime van de bevraagde is onbekend.")

test_ground_says_so_itself if not ground.satisfied with input as _of("consent: Er is geen toestemming.")

test_receiver_says_so_itself if not receiver.satisfied with input as _of("receiver: Een school vraagt naar strafbare feiten van vader (S11).")

test_steps_says_so_itself if not steps.satisfied with input as _of("steps: Bij het antwoord is niet overlegd.")

test_weighing_says_so_itself if not weighing.satisfied with input as _of("weighing: Er is nog niet besloten.")

test_minimise_says_so_itself if not minimise.satisfied with input as _of("minimise: Werkaantekeningen gaan nooit.")

test_operation_says_so_itself if not operation.satisfied with input as _of("operation: Een planner niet.")

# A row of law exists on the days it is valid only; here every row of one table ended long ago.
_ended(rows) := {name: object.union(row, {"valid_to": "2000-01-01"}) | some name, row in rows} if is_object(rows)

_ended(rows) := [object.union(row, {"valid_to": "2000-01-01"}) | some row in rows] if is_array(rows)

# What one facet says of every type of organisation ended long ago.
_ended_facet(facet) := {type: json.patch(row, ends) |
	some type, row in data.law.organisations
	ends := [{"op": "add", "path": [facet, "valid_to"], "value": "2000-01-01"} | row[facet]]
}

_codes_of(entries) := {entry.code | some entry in entries}

test_grounds_that_ended_do_not_exist if {
	decision.decision.outcome == "deny" with input as _released
		with data.law.grounds as _ended(data.law.grounds)
}

test_rows_that_ended_do_not_exist if {
	decision.decision.outcome == "deny" with input as _released
		with data.law.pairs.rows as _ended(data.law.pairs.rows)
}

test_ceilings_that_ended_do_not_exist if {
	decision.decision.outcome == "deny" with input as _released
		with data.law.ceilings as _ended(data.law.ceilings)
}

test_receivers_that_ended_do_not_exist if {
	decision.decision.outcome == "deny" with input as _released
		with data.law.organisations as _ended_facet("receives")
}

test_regimes_that_ended_do_not_exist if {
	"DN-13" in _codes_of(decision.decision.reasons) with input as _released
		with data.law.organisations as _ended_facet("secrecy")
}

test_purposes_that_ended_do_not_exist if {
	"DN-06" in _codes_of(decision.decision.reasons) with input as _released
		with data.law.purposes as _ended(data.law.purposes)
}

test_roles_that_ended_ask_no_more if {
	"DN-03" in _codes_of(decision.decision.reasons) with input as _of("decision: Bij acuut gevaar gaat het minimum meteen naar Veilig Thuis.")
		with data.law.organisations as _ended_facet("asks")
}

test_own_duty_to_inform_that_ended_is_the_general_one if {
	codes := _codes_of(decision.decision.obligations) with input as _acute
		with data.law.organisations as _ended_facet("informs")
	"OB-02b" in codes
	not "OB-02" in codes
}

test_hidden_place_is_hidden_while_the_choice_stands if {
	hidden := _of("obligations: Bij de opvang wordt de verblijfplaats beschermd, door ieder.")
	"OB-11" in _codes_of(decision.decision.obligations) with input as hidden
	not _protects_a_victim with input as hidden with data.law.organisations as _ended_facet("hides")
}

_protects_a_victim if "OB-11" in _codes_of(decision.decision.obligations)

test_categories_that_ended_go_to_nobody if {
	"DN-15" in _codes_of(decision.decision.reasons) with input as _released
		with data.law.categories as _ended(data.law.categories)
}

test_operations_that_ended_are_for_nobody if {
	asked := _of("operation: Een planner niet.")
	mine := object.union(asked, {"operation": "enrol_key"})
	operation.satisfied with input as mine
	not operation.satisfied with input as mine with data.law.operations as _ended(data.law.operations)
}

test_obligations_that_ended_oblige_no_more if {
	every name in [
		"obligations: De bron wordt door Veilig Thuis afgeschermd, niet door de huisarts.",
		"obligations: Een mondeling antwoord wordt geaccordeerd voor gebruik.",
		"obligations: Ingetrokken toestemming stopt meteen.",
		"obligations: Een slachtoffer wordt door ieder beschermd.",
		"escalate: Een datalek wordt binnen 72 uur gemeld.",
		"obligations: Bij acuut gevaar volgt het verslag binnen een dag, de toets binnen vijf werkdagen.",
		"obligations: Bij de opvang wordt de verblijfplaats beschermd, door ieder.",
		"obligations: Een volwassen slachtoffer wordt beschermd.",
		"obligations: Strafrechtelijke gegevens van een ander houden hun voorwaarden bij wie ze ontvangt.",
		"obligations: De politie stemt vooraf af met het Openbaar Ministerie; Veilig Thuis houdt de voorwaarden.",
	] {
		count(decision.decision.obligations) == 0 with input as _of(name)
			with data.law.obligations as _ended(data.law.obligations)
	}
}

test_givers_that_ended_do_not_exist if {
	decision.decision.outcome == "deny" with input as _of("decision: Een volwassen slachtoffer zonder kinderen stemde toe.")
		with data.law.consent.givers as _ended(data.law.consent.givers)
}

test_numbers_that_ended_do_not_exist if {
	decision.decision.outcome == "deny" with input as _of("minimise: De politie geeft Veilig Thuis het gevraagde BSN.")
		with data.law.organisations as _ended_facet("number")
}

test_exceptions_that_ended_do_not_exist if {
	count(decision.decision.exceptions) == 0 with input as _of("exceptions: X2 - drie pogingen langs twee wegen in twee dagen.")
		with data.law.exceptions as _ended(data.law.exceptions)
}

test_escalations_that_ended_do_not_exist if {
	count(decision.decision.referrals) == 0 with input as _of("escalate: Twijfel over de grond.")
		with data.law.escalations as _ended(data.law.escalations)
}

_acute := _of("decision: Bij acuut gevaar gaat het minimum meteen naar Veilig Thuis.")

test_acute_rows_that_ended_do_not_exist if {
	decision.decision.outcome == "deny" with input as _acute
		with data.law.pairs.acute as _ended(data.law.pairs.acute)
}

test_acute_grounds_that_ended_do_not_exist if {
	decision.decision.outcome == "deny" with input as _acute
		with data.law.grounds as _ended(data.law.grounds)
}

test_retention_that_ended_has_no_term if {
	{"code": "OB-07", "on": "responder", "term": null, "person": null} in decision.decision.obligations with input as _released
		with data.law.organisations as _ended_facet("keeps")
}

# The citizen service number between care and safety (law.md 13.7), where a privacy officer would allow it.
_number := _of("minimise: De huisarts geeft Veilig Thuis het gevraagde BSN niet.")

test_number_goes_where_that_is_chosen if {
	every type in ["huisarts", "vggz", "jgz"] {
		asked := json.patch(_number, [{"op": "replace", "path": "responder/type", "value": type}])
		decision.decision.outcome == "permit" with input as asked
			with data.parameters.bsn.care_to_safety_chain as true
	}
}

test_number_goes_of_the_own_patient_only if {
	elsewhere := json.patch(_number, [{"op": "replace", "path": "persons/0/patient_of_responder", "value": false}])
	decision.decision.outcome == "deny" with input as elsewhere
		with data.parameters.bsn.care_to_safety_chain as true
}

test_number_among_helpers_is_no_matter_of_safety if {
	input_of := _of("minimise: Wat met toestemming wordt gedeeld, gaat zonder BSN, ook als beide partijen het gebruiken (S13).")
	count(decision.decision.reasons) == 0 with input as input_of
		with data.law.ceilings.toeleiding_jeugdhulp.cells.bsn as "m"
}

# The Zorg- en Veiligheidshuis uses the number of everybody in its case (WGS 2.28, 2.29), whatever cell says so.
test_number_goes_at_the_table if {
	asked := json.patch(_of("pair: C1, een deelnemer zonder beroepsgeheim moet geven wat nodig is."), [{
		"op": "replace", "path": "payload/bsn_of", "value": ["child1"],
	}])
	count(decision.decision.reasons) == 0 with input as asked
		with data.law.ceilings.casusoverleg_zvh.cells.bsn as "m"
}

test_ceiling_of_what_does_not_go_is_never if {
	minimise.ceiling({"person": "child1", "category": "bsn"}) == "n" with input as _number
}

# The institution stands in the parents' place as guardian only, not where it supervises (J3).
test_young_person_not_alone_under_supervision if {
	not consent.valid.child1 with input as _of("pair: J1, dat een kind van 13 alleen instemt doet bij een plicht niet ter zake.")
}

# Advice is refused as advice (V10), not for want of an explanation.
test_advice_passes_its_purpose if purpose.satisfied with input as _of("pair: V10, een advies vraagt bij niemand gegevens.")

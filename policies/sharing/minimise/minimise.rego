# METADATA
# title: G10 Dataminimalisatie
# description: The ceiling per purpose - what goes when it answers, what needs a separate approval, what never goes.
# custom: {source: "AVG art. 5 lid 1 c; law.md 6, 3.10"}
package sharing.minimise

import data.sharing.acute
import data.sharing.facts

_column := "acuut_gevaar" if {
	acute.applies
} else := "vt_veiligheidsbeoordeling" if {
	# HP-11 [POLICY]: while assessing safety Veilig Thuis asks no more than that needs, whatever purpose it names.
	input.requester.type == "veilig_thuis"
	input.framework.vt_phase == "veiligheidsbeoordeling"
} else := input.purpose

# Being a patient of adult mental-health care is itself a health fact (V11).
_category(part) := "gez_kern" if {
	input.responder.type == "vggz"
	part.category == "zorg_betrokkenheid"
} else := part.category

# METADATA
# description: y, a or n for the part at this place; undefined where section 6 has no column yet.
ceiling[i] := data.law.ceilings[_column][_category(part)] if some i, part in facts.parts

# METADATA
# description: Holds when some part is under its ceiling.
satisfied if {
	some i, _ in facts.parts
	ceiling[i] in {"y", "a"}
}

# METADATA
# title: Aparte goedkeuring
# description: A sensitive category, or a period longer than usual, goes only with an approval of its own (OB-04).
# custom: {source: "law.md 6, 4.4 (period.default_months)", kind: POLICY}
needs_approval contains i if ceiling[i] == "a"

needs_approval contains i if {
	ceiling[i] in {"y", "a"}
	not acute.applies
	not _usual_period(facts.parts[i])
}

_usual_period(part) if {
	is_number(part.period_months)
	part.period_months <= data.parameters.period.default_months
}

# METADATA
# description: The professional approved the part separately.
approved contains i if {
	facts.weighed[i]
	every entry in facts.weighed[i] {
		entry.approved_separately
	}
}

approved contains i if {
	not facts.weighed[i]
	some entry in facts.third_party[i]
	entry.approved_separately
}

# METADATA
# title: Goedkeuring ontbreekt
# description: At the answer a part that needs a separate approval and has none goes back to the professional.
# custom: {code: DN-16, source: "law.md 6, OB-04", kind: POLICY}
unapproved contains i if {
	facts.answering
	some i in needs_approval
	not i in approved
}

# METADATA
# title: Boven het plafond
# description: Never for this purpose, with the reason that fits the category.
# custom: {codes: [DN-17, DN-19, DN-22, DN-30], source: "law.md 6", kind: LAW}
withheld contains {"at": i, "code": code} if {
	some i, part in facts.parts
	ceiling[i] == "n"
	part.category != "heel_dossier"
	code := object.get(_code, part.category, "DN-17")
}

_code := {"locatie_slachtoffer": "DN-19", "bron": "DN-22", "bsn": "DN-30"}

# METADATA
# title: Beschermde bron
# description: Who reported, and what would show it, never goes; about a protected reporter nothing does.
# custom: {code: DN-22, source: "Uitvoeringsbesluit Wmo 2015 art. 4.1.8 lid 3", kind: LAW}
withheld contains {"at": i, "code": "DN-22"} if {
	some i, part in facts.parts
	person := facts.persons[part.person]
	person.relation == "reporter"
	_shows_the_source(part, person)
}

_shows_the_source(part, _) if part.category in {"id", "contact"}

_shows_the_source(_, person) if person.source_protected

# METADATA
# title: BSN strippen
# description: A citizen service number that sender and receiver may not both use for this person is taken out.
# custom: {code: DN-30, source: "UAVG art. 46; Wmo 2015 art. 5.2.9; Jeugdwet 7.2.1; law.md 3.10", kind: LAW}
notes contains {"code": "DN-30", "person": ref, "question": null} if {
	some ref in input.payload.bsn_of
	not _bsn_allowed(ref)
}

_bsn_allowed(ref) if {
	person := facts.persons[ref]
	_bsn(input.requester.type, person)
	_bsn(input.responder.type, person)
	not _care_to_safety
}

_bsn(type, _) if type in {"veilig_thuis", "rvdk", "politie", "college", "leerplicht"}

_bsn(type, person) if {
	type in {"gi", "okt_jeugdhulp"}
	person.relation in {"child", "sibling"}
}

_bsn(type, person) if {
	type in {"huisarts", "vggz", "jgz"}
	person.patient_of_responder
}

# 13.7: Wabvpz art. 9 does not list the safety chain among those that care gives the number to.
_care_to_safety if {
	not data.parameters.bsn.care_to_safety_chain
	{input.requester.type, input.responder.type} & {"huisarts", "vggz", "jgz"} != set()
	{input.requester.type, input.responder.type} & {"veilig_thuis", "rvdk", "gi"} != set()
}

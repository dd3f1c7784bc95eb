# METADATA
# title: G10 Dataminimalisatie
# description: Het plafond per doel - wat wordt verstrekt als het de vraag beantwoordt, wat een aparte goedkeuring nodig
#   heeft, en wat nooit wordt verstrekt.
# custom: {source: "AVG art. 5 lid 1 c; law.md 6, 3.10"}
# schemas:
#   - input: schema["document.schema"]
package sharing.minimise

import data.sharing.acute
import data.sharing.consent
import data.sharing.facts
import data.sharing.receiver

_column := "acuut_gevaar" if {
	acute.applies
} else := "vt_veiligheidsbeoordeling" if {
	# HP-11 [POLICY]: while assessing safety Veilig Thuis asks no more than that needs, whatever purpose it names.
	input.requester.type == "veilig_thuis"
	input.framework.vt_phase == "veiligheidsbeoordeling"
} else := input.purpose

_ceilings := row.cells if {
	row := facts.row("ceilings", _column)
	facts.in_force(row)
}

_cells[category] := _ceilings[_as(category)] if {
	some categories in facts.asked
	some category in categories
}

# Being a patient of adult mental-health care is itself a health fact (V11).
_as(category) := "gez_kern" if {
	input.responder.type == "vggz"
	category == "zorg_betrokkenheid"
} else := category

# METADATA
# title: Plafond
# description: y, a of n voor een onderdeel - de cel van de tabel, uitgezocht waar die van toestemming, politie of
#   burgerservicenummer afhangt.
# custom: {source: "law.md 6, 3.10, O15", kind: LAW}
ceiling(part) := "n" if {
	_hidden_place(part.category)
} else := cell if {
	cell := _cells[part.category]
	cell in _fixed
} else := "a" if {
	_cells[part.category] in _on_consent
	part.category in object.get(consent.valid, part.person, set())
} else := "a" if {
	_cells[part.category] in _from_police
	input.responder.type == "politie"
} else := "y" if {
	_cells[part.category] == "m"
	_bsn_allowed(part.person)
} else := "n"

_fixed := {"y", "a", "n"}

_on_consent := {"c", "w", "v"}

_from_police := {"p", "w"}

# V9, O15: the shelter and the neighbourhood team never say where a victim is, save in acute danger.
_hidden_place(category) if {
	category == "locatie_slachtoffer"
	facts.of_type(input.responder.type, "hides")
	not acute.applies
}

# METADATA
# description: Waar als ten minste één onderdeel onder zijn plafond blijft.
satisfied if {
	some part in facts.parts
	ceiling(part) != "n"
}

# METADATA
# title: Aparte goedkeuring
# description: Een gevoelige categorie, of een langere periode dan gebruikelijk, wordt alleen verstrekt met een aparte
#   goedkeuring (OB-04).
# custom: {source: "law.md 6, 4.4 (period.default_months)", kind: POLICY}
needs_approval(part, under) if {
	under == "a"
} else if {
	not acute.applies
	not _usual_period(part.question)
}

_usual_period(question) if {
	is_number(question.period_months)
	question.period_months <= data.parameters.period.default_months
}

# METADATA
# title: Boven het plafond
# description: Nooit voor dit doel, met de reden die bij de categorie past; voor wat de ontvanger in het geheel niet mag
#   hebben, is geen tweede reden nodig.
# custom: {codes: [DN-17, DN-19, DN-22, DN-30], source: "law.md 6", kind: LAW}
why(part) := {"DN-22"} if {
	protected_source(part)
} else := set() if {
	ceiling(part) != "n"
} else := set() if {
	_said_elsewhere(part.category)
} else := {code} if {
	code := facts.row("categories", part.category).above
	code != null
} else := set() if {
	not part.category in receiver.may_process
} else := {"DN-17"}

# The whole file is DN-12; a purpose without a column is refused as a whole (DN-14, DN-20, DN-28).
_said_elsewhere("heel_dossier")

_said_elsewhere(_) if not _ceilings

# METADATA
# title: Beschermde bron
# description: Wie heeft gemeld, en waaruit dat zou blijken, wordt nooit verstrekt; over een beschermde melder wordt
#   niets verstrekt.
# custom: {code: DN-22, source: "Uitvoeringsbesluit Wmo 2015 art. 4.1.8 lid 3", kind: LAW}
protected_source(part) if {
	facts.persons[part.person].relation == "reporter"
	_shows_the_source(part)
}

_shows_the_source(part) if part.category in {"id", "contact"}

_shows_the_source(part) if facts.persons[part.person].source_protected

# METADATA
# title: Wie er verder mee kan
# description: De verblijfplaats van een slachtoffer gaat via de veiligheidscoördinatoren, afkomst of geloof via de
#   privacy officer.
# custom: {codes: [ES-04, ES-02], source: "law.md 6, 10, O15", kind: POLICY}
offered contains code if {
	some categories in facts.asked
	some category in categories
	code := facts.row("categories", category).helped_by
	code != null
}

# METADATA
# title: BSN strippen
# description: Een burgerservicenummer dat verzender en ontvanger niet beiden voor deze persoon mogen gebruiken, wordt
#   verwijderd.
# custom: {code: DN-30, source: "UAVG art. 46; Wmo 2015 art. 5.2.9; Jeugdwet 7.2.1; law.md 3.10", kind: LAW}
notes contains {"code": "DN-30", "person": ref, "question": null} if {
	some ref in input.payload.bsn_of
	not _bsn_goes(ref)
}

# The index of art. 7.1.4.1 matches on the number, the Zorg- en Veiligheidshuis works with it (7.1.4.3; WGS 2.28, 2.29).
_bsn_goes(_) if _ceilings.bsn == "y"

_bsn_goes(ref) if {
	_ceilings.bsn == "m"
	_bsn_allowed(ref)
}

_bsn_allowed(ref) if {
	_uses_number(input.requester.type, facts.persons[ref])
	_uses_number(input.responder.type, facts.persons[ref])
	not _care_to_safety
}

_uses_number(type, _) if _number_of(type).whose == "any"

_uses_number(type, person) if {
	_number_of(type).whose == "youth"
	person.relation in {"child", "sibling"}
	not input.framework.gi_role == "jeugdreclassering"
}

_uses_number(type, person) if {
	_number_of(type).whose == "client"
	person.patient_of_responder
}

_number_of(type) := facts.of_type(type, "number")

# 13.7: Wabvpz art. 9 does not list the safety chain among those that care gives the number to.
_care_to_safety if {
	not data.parameters.bsn.care_to_safety_chain
	{_number_of(side.type).chain | some side in [input.requester, input.responder]} == {"care", "safety"}
}

# METADATA
# title: Verplichtingen
# description: Waartoe de verstrekking verplicht, wie zij verplicht en binnen welke termijn; een termijn is een code
#   waarvan Deelgrond een datum maakt.
# custom: {source: "law.md 8"}
# schemas:
#   - input: schema["document.schema"]
package sharing.obligations

import data.sharing.acute
import data.sharing.consent
import data.sharing.exceptions
import data.sharing.facts
import data.sharing.ground
import data.sharing.pair
import data.sharing.record
import data.sharing.weighing

# METADATA
# description: De verplichtingen als deze onderdelen worden verstrekt, elk onderdeel met zijn grond.
of(left) := {duty |
	some duties in [
		_at_large, _informing(left), _approving(left), _carried_by_consent(left), _of_the_police, _keeping,
		_in_acute_danger, withdrawn,
	]
	some duty in duties
}

# METADATA
# title: OB-15 Intrekking
# description: Een toestemming die een onderdeel droeg, is ingetrokken; het gebruik ervan stopt daarom direct, wat de
#   uitkomst ook is.
# custom: {code: OB-15, source: "AVG art. 7 lid 3", kind: LAW}
withdrawn contains {"code": "OB-15", "on": "broker", "term": "P0D", "person": part.person} if {
	_named["OB-15"]
	some part in facts.parts
	part.category in consent.withdrawn[part.person]
	not ground.of(part)
}

# Rules ask `_named[code]`, which is one step: compiled to WebAssembly, `in` compares with every code.
_named := {code |
	some code in _said
	facts.in_force(facts.row("obligations", code))
}

# Those of the rows, and those that are due wherever their condition holds.
_said contains _as_receiver(code) if {
	some list in {row.obligations | some row in pair.row_of}
	some code in data.law.pairs.obligations[list]
}

_said contains code if {
	some code, entry in data.law.obligations
	facts.current(entry).everywhere
}

_said contains _as_receiver(code) if {
	acute.applies
	some code, entry in data.law.obligations
	facts.current(entry).in_acute_danger
}

# Wmo 5.3.1 binds Veilig Thuis only, at a table too; other receivers have the month of AVG 14.
_as_receiver(code) := own.duty if {
	code == "OB-02b"
	own := facts.of_type(input.requester.type, "informs")
} else := code

# METADATA
# title: OB-01, OB-05, OB-08, OB-09, OB-10, OB-11, OB-12
# description: Doelbinding, verval van de link, geheimhouding van de bron, goedkeuring van een mondeling antwoord,
#   terugmelding, veiligheid van het slachtoffer en doorgeven van een correctie - elk waar de verplichting is genoemd en
#   haar voorwaarde is vervuld.
# custom: {codes: [OB-01, OB-05, OB-08, OB-09, OB-10, OB-11, OB-12], source: "AVG art. 5 lid 1 b, 19; Wmo 2015 art. 5.3.3", kind: LAW}
_at_large contains duty if {
	some duty in [
		{"code": "OB-01", "on": "requester", "term": null, "person": null},
		{"code": "OB-05", "on": "broker", "term": data.parameters.release.link_ttl, "person": null},
		{"code": "OB-10", "on": "requester", "term": null, "person": null},
		{"code": "OB-12", "on": "responder", "term": null, "person": null},
	]
	_named[duty.code]
}

# On Veilig Thuis, whether it asks or answers.
_at_large contains {"code": "OB-08", "on": on, "term": null, "person": person.ref} if {
	_named["OB-08"]
	some person in input.persons
	person.source_protected
	some on in {"requester", "responder"}
	input[on].type == "veilig_thuis"
}

_at_large contains {"code": "OB-09", "on": "requester", "term": null, "person": null} if {
	_named["OB-09"]
	facts.answering
	not input.payload.written
}

_at_large contains {"code": "OB-11", "on": on, "term": null, "person": person.ref} if {
	_named["OB-11"]
	some person in input.persons
	person.relation == "adult_victim"
	some on in {"requester", "responder", "broker"}
}

_at_large contains {"code": "OB-11", "on": on, "term": null, "person": null} if {
	_named["OB-11"]
	facts.of_type(input.responder.type, "hides")
	some on in {"requester", "responder", "broker"}
}

_at_large contains duty if {
	_named["OB-13"]
	some duty in record.duties
}

# METADATA
# title: OB-02, OB-02b, OB-03
# description: Veilig Thuis informeert als ontvanger binnen vier weken, een andere ontvanger binnen een maand. Ook de
#   bevraagde informeert binnen vier weken, en bekijkt een uitstel binnen twee weken opnieuw.
# custom: {codes: [OB-02, OB-02b, OB-03], source: "Wmo 2015 art. 5.3.1; AVG art. 13, 14; KNMG-meldcode", kind: LAW}
_informing(left) := [{"code": code, "on": on, "term": _inform_term(code, ref), "person": ref} |
	some ref in _to_be_told(_about(left))
	some code, on in {"OB-02": "requester", "OB-02b": "requester", "OB-03": "responder"}
	_named[code]
]

# Nobody by name, null, where it must first be found out who has authority.
_to_be_told(people) := {addressee |
	some about in people
	some addressee in facts.addressees(facts.persons[about])
} | {null |
	some about in people
	facts.authority_unknown(facts.persons[about])
}

_about(left) := {one.part.person | some one in left} | {person |
	some one in left
	some person in weighing.along(one.part, one.ground)
}

_inform_term(code, ref) := data.parameters.inform.review if {
	code == "OB-03"
	"X1" in exceptions.of(ref)
} else := facts.row("obligations", code).term

# METADATA
# title: OB-04
# description: Een gevoelige categorie wordt door een persoon goedgekeurd voordat zij wordt verstrekt, en ook wat over
#   een derde gaat, of het nu meegaat of wordt verwijderd.
# custom: {code: OB-04, source: "law.md 8", kind: POLICY}
_approving(left) := {duty |
	_named["OB-04"]
	some ref in ({one.part.person |
		some one in left
		facts.row("categories", one.part.category).approved
	} | weighing.others_given)
	duty := {"code": "OB-04", "on": "responder", "term": "P0D", "person": ref}
}

# METADATA
# title: OB-15 bij toestemming
# description: Wat op grond van toestemming wordt verstrekt, sluit zodra de toestemming wordt ingetrokken.
# custom: {code: OB-15, source: "AVG art. 7 lid 3", kind: LAW}
_carried_by_consent(left) := {duty |
	_named["OB-15"]
	some one in left
	ground.kinds[one.ground] == "consent"
	duty := {"code": "OB-15", "on": "broker", "term": null, "person": one.part.person}
}

# METADATA
# title: OB-06
# description: Politiegegevens houden hun voorwaarden, en met het Openbaar Ministerie wordt overlegd voordat zij worden
#   verstrekt waar een strafzaak loopt.
# custom: {code: OB-06, source: "Wpg; Bpg 4:2", kind: LAW}
_of_the_police contains {"code": "OB-06", "on": on, "term": term, "person": null} if {
	_named["OB-06"]
	input.responder.type == "politie"
	some on, term in {"responder": "P0D", "requester": null}
}

_of_the_police contains {"code": "OB-06", "on": "requester", "term": null, "person": part.person} if {
	_named["OB-06"]
	input.responder.type != "politie"
	some part in facts.parts
	part.category == "straf"
	ground.of(part)
}

# METADATA
# title: OB-07
# description: Elke kant bewaart haar dossier gedurende haar eigen termijn; Deelgrond wist het verzegelde antwoord
#   binnen enkele dagen.
# custom: {code: OB-07, source: "BW 7:454 lid 3; Jeugdwet 7.3.8; Wmo 2015 art. 5.3.4; law.md 12", kind: LAW}
_keeping contains {"code": "OB-07", "on": on, "term": _term(input[on].type), "person": null} if {
	_named["OB-07"]
	some on in {"requester", "responder"}
}

_keeping contains {"code": "OB-07", "on": "broker", "term": data.parameters.release.payload_delete, "person": null} if {
	_named["OB-07"]
}

_term(type) := row.term if {
	row := facts.of_type(type, "keeps")
} else := null

_in_acute_danger contains {"code": "OB-13", "on": on, "term": term, "person": null} if {
	_named["OB-13"]
	acute.applies
	some on, term in {"responder": data.parameters.breakglass.record, "privacy_officer": data.parameters.breakglass.review}
}

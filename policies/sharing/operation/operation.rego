# METADATA
# title: Handelingen rond een verzoek
# description: Wie mag doen wat geen besluit over de gegevens van een gezin is - een verzoek oppakken, toestemming
#   vastleggen, het logboek inzien.
# custom: {source: "AVG art. 32; NEN 7513"}
# schemas:
#   - input: schema["operation.schema"]
package sharing.operation

import data.sharing.facts

# METADATA
# title: Wie mag wat
# description: De rij van law/operations; die zegt in welke rol, aan welke kant, en welke andere persoon het ook moet
#   zeggen.
# custom: {source: "AVG art. 32; BW 7:457", kind: POLICY}
_row := row if {
	row := facts.row("operations", input.operation)
	facts.in_force(row)
}

_roles contains role if {
	some party in _parties
	some role in _roles_of(party)
}

_parties contains party if {
	some party in _row.by
	party != "owing"
}

# Who says that a duty was done is one of those on whom it is.
_parties contains _owing[input.on] if "owing" in _row.by

_owing := {"requester": "asking", "responder": "answering", "privacy_officer": "inspecting"}

_roles_of("asking") := facts.of_type(input.organisation.type, "asks").roles

_roles_of("anyone") := [input.actor.role]

_roles_of(party) := data.parameters.roles[party]

_on_its_side if _row.side == null

_on_its_side if object.get(input.actor, "side", _row.side) == _row.side

_required := {"DN-01", "DN-02", "DN-03", "DN-04"}

# METADATA
# title: Voldoende zeker aangemeld
# custom: {code: DN-01, source: "AVG art. 32", kind: LAW}
met contains "DN-01" if input.actor.assurance in data.parameters.assurance

# METADATA
# title: Organisatie actief
# custom: {code: DN-02, source: "AVG art. 32", kind: LAW}
met contains "DN-02" if input.organisation.active

# METADATA
# title: Rol past bij de handeling
# custom: {code: DN-03, source: "AVG art. 32", kind: POLICY}
met contains "DN-03" if {
	input.actor.role in _roles
	_on_its_side
	_registered
	_by_a_second
}

# Whose key it is, and that somebody is to be erased, somebody else says too.
_by_a_second if not _row.second

_by_a_second if object.get(input, "own", false) == false

# To whom an answer is sealed is held to what G1 wants of who asks.
_registered if not _row.registered

_registered if not input.organisation.type in data.parameters.registered_requesters

_registered if input.actor.registration != "none"

_registered if input.actor.supervised_by_registered

# METADATA
# title: Mandaat geldig
# custom: {code: DN-04, source: "AVG art. 32", kind: LAW}
met contains "DN-04" if {
	input.actor.mandate.from <= input.today
	input.today < input.actor.mandate.until
}

# METADATA
# title: Mag handelen
# description: Wat aan elk handelen in de weg staat, welke rol het ook is.
# custom: {codes: [DN-01, DN-02, DN-04], source: "AVG art. 32", kind: LAW}
standing contains {"code": code, "person": null, "question": null} if some code in ({"DN-01", "DN-02", "DN-04"} - met)

# METADATA
# description: Waar als aan alle vereisten is voldaan.
satisfied if count(_required - met) == 0

# METADATA
# description: Eén weigering voor elk vereiste waaraan niet is voldaan.
refusals contains {"code": code, "person": null, "question": null} if some code in (_required - met)

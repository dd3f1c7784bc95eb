# METADATA
# title: Handelingen rond een verzoek
# description: Who may do what is not a decision about a family's data - take up a request, record consent, inspect the log.
# custom: {source: "AVG art. 32; NEN 7513"}
# schemas:
#   - input: schema["operation.schema"]
package sharing.operation

# METADATA
# title: Wie mag wat
# description: The roles for each operation; all = whoever acts for an active organisation under a mandate.
# custom: {source: "AVG art. 32", kind: POLICY}
_roles := {
	"enrol_key": _all,
	"confirm_key": _all,
	"receive": _asking,
	"register_case": _asking,
	"change_case": _asking,
	"read_worklist": _asking,
	"read_inbox": _answering,
	"weigh": _answering,
	"decline": _answering,
	"read_request": (_asking | _answering),
	"record_consent": (_asking | _answering),
	"withdraw_consent": (_asking | _answering),
	"read_consents": (_asking | _answering),
	"inspect": _inspecting,
	"evaluate": _all,
	"evaluate_colleague": _evaluating,
	"fulfil": _owing,
	"erase": _asking,
	"confirm_erasure": (_asking | _inspecting),
}

# Who says that a duty was done is one of those on whom it is.
_owing := object.get(_parties, object.get(input, "on", ""), set())

_parties := {"requester": _asking, "responder": _answering, "privacy_officer": _inspecting}

_asking := {role | some role in data.parameters.roles.asking[input.organisation.type]}

_answering := {role | some role in data.parameters.roles.answering}

_inspecting := {role | some role in data.parameters.roles.inspecting}

_evaluating := {role | some role in data.parameters.roles.evaluating}

_all := {input.actor.role}

# METADATA
# title: Kant van de handeling
# description: Taking up, weighing and declining belong to who was asked. Without a request there is no side yet.
# custom: {code: DN-03, source: "BW 7:457", kind: LAW}
_side := {"weigh": "answering", "decline": "answering"}

_on_its_side if not _side[input.operation]

_on_its_side if object.get(input.actor, "side", _side[input.operation]) == _side[input.operation]

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
	input.actor.role in _roles[input.operation]
	_on_its_side
	_registered
	_by_a_second
}

# Whose key it is, and that somebody is to be erased, somebody else says too.
_by_a_second if not input.operation in {"confirm_key", "confirm_erasure"}

_by_a_second if object.get(input, "own", false) == false

# To whom an answer is sealed is held to what G1 wants of who asks.
_registered if input.operation != "receive"

_registered if not input.organisation.type in data.parameters.registered_requesters

_registered if input.actor.registration in {"big", "skj"}

_registered if input.actor.supervised_by_registered

# METADATA
# title: Mandaat geldig
# custom: {code: DN-04, source: "AVG art. 32", kind: LAW}
met contains "DN-04" if {
	today := substring(input.now, 0, 10)
	input.actor.mandate.from <= today
	today < input.actor.mandate.until
}

# METADATA
# title: Mag handelen
# description: What stands in the way of acting at all, whatever the role.
# custom: {codes: [DN-01, DN-02, DN-04], source: "AVG art. 32", kind: LAW}
standing contains {"code": code, "person": null, "question": null} if some code in ({"DN-01", "DN-02", "DN-04"} - met)

# METADATA
# description: Holds when everything required is met.
satisfied if count(_required - met) == 0

# METADATA
# description: One refusal for each thing required and not met.
refusals contains {"code": code, "person": null, "question": null} if some code in (_required - met)

# METADATA
# title: G1 Aanvrager
# description: Who acts is known, active, in the right role, under a valid mandate, and on this case.
# custom: {source: "AVG art. 32; UAVG art. 30 lid 4; Uitvoeringsbesluit Wmo 2015 art. 4.1.3"}
# schemas:
#   - input: schema["document.schema"]
package sharing.requester

import data.sharing.acute
import data.sharing.facts

# METADATA
# description: What must be met. In acute danger nobody has to be on the case yet (4.3); who he is still counts.
required := {"DN-01", "DN-02", "DN-03", "DN-04"} if {
	acute.applies
} else := {"DN-01", "DN-02", "DN-03", "DN-04", "DN-05"}

# METADATA
# title: Voldoende zeker aangemeld
# description: The person signed in with an assurance that the operator accepts (eIDAS).
# custom: {code: DN-01, source: "AVG art. 32; NEN 7513", kind: LAW}
met contains "DN-01" if input.actor.assurance in data.parameters.assurance

# METADATA
# title: Organisaties bekend en actief
# description: Both organisations are in the directory and active.
# custom: {code: DN-02, source: "AVG art. 32", kind: LAW}
met contains "DN-02" if {
	input.requester.active
	input.responder.active
}

# METADATA
# title: Rol past bij het doel
# description: The role may ask for this organisation, and where the law wants a registered professional there is one.
# custom: {code: DN-03, source: "Uitvoeringsbesluit Wmo 2015 art. 4.1.3", kind: LAW}
met contains "DN-03" if {
	_two_sides
	input.stage in {"ask", "open"}
	input.actor.role in facts.of_type(input.requester.type, "asks").roles
	_registered
}

# METADATA
# title: Rol mag antwoorden
# description: At the answer a professional acts, not the administration.
# custom: {code: DN-03, source: "BW 7:453; law.md G9", kind: POLICY}
met contains "DN-03" if {
	_two_sides
	input.stage == "answer"
	input.actor.role in data.parameters.roles.answering
}

# METADATA
# title: Twee kanten
# description: Who asks acts for the asking side and who answers for the answering side; nobody asks himself.
# custom: {code: DN-03, source: "BW 7:457; Wmo 2015 art. 5.2.6", kind: LAW}
_two_sides if {
	facts.side == facts.side_of_stage
	input.requester.id != input.responder.id
}

# METADATA
# title: Mandaat geldig
# description: The mandate covers today; its last day is not part of it.
# custom: {code: DN-04, source: "AVG art. 32", kind: LAW}
met contains "DN-04" if {
	input.actor.mandate.from <= facts.today
	facts.today < input.actor.mandate.until
}

# METADATA
# title: Op de zaak
# description: The person is assigned to this case, or took up this request.
# custom: {code: DN-05, source: "AVG art. 32", kind: LAW}
met contains "DN-05" if input.actor.assigned_to_case

_registered if not input.requester.type in data.parameters.registered_requesters

_registered if input.actor.registration != "none"

_registered if input.actor.supervised_by_registered

# METADATA
# description: Holds when everything required is met.
satisfied if count(required - met) == 0

# METADATA
# description: One refusal for each thing required and not met.
refusals contains {"code": code, "person": null, "question": null} if some code in (required - met)

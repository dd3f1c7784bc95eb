# METADATA
# title: G4 Vragen
# description: There is at least one concrete question; never the whole file.
# custom: {source: "KNMG Omgaan met medische gegevens (OMG-1, OMG-5)"}
# schemas:
#   - input: schema["document.schema"]
package sharing.questions

import data.sharing.facts

# METADATA
# description: Holds when at least one part is asked in concrete words.
satisfied if {
	some part in facts.parts
	concrete(part)
}

# METADATA
# description: The part is a concrete question, and not for the whole file.
concrete(part) if {
	part.question.specific
	part.category != "heel_dossier"
}

# METADATA
# title: Heel dossier of ongerichte vraag
# description: A question for the whole file or without direction is returned; the other questions remain.
# custom: {code: DN-12, source: "OMG-1, OMG-5", kind: CODE}
why(part) := set() if {
	concrete(part)
} else := {"DN-12"}

# METADATA
# title: Geen vraag
# description: A request without any question is returned as one.
# custom: {code: DN-12, source: "OMG-1", kind: CODE}
refusals contains {"code": "DN-12", "person": null, "question": null} if count(facts.parts) == 0

# METADATA
# title: Overleg over heel dossier
# description: Who wants a whole file is offered a talk from doctor to doctor.
# custom: {code: ES-01, source: "law.md S09, ES-01", kind: POLICY}
offered contains "ES-01" if {
	some categories in facts.asked
	"heel_dossier" in categories
}

# METADATA
# title: G4 Vragen
# description: Er is ten minste één concrete vraag; nooit het hele dossier.
# custom: {source: "KNMG Omgaan met medische gegevens (OMG-1, OMG-5)"}
# schemas:
#   - input: schema["document.schema"]
package sharing.questions

import data.sharing.facts

# METADATA
# description: Waar als ten minste één onderdeel in concrete woorden is gevraagd.
satisfied if {
	some part in facts.parts
	concrete(part)
}

# METADATA
# description: Het onderdeel is een concrete vraag, en niet naar het hele dossier.
concrete(part) if {
	part.question.specific
	part.category != "heel_dossier"
}

# METADATA
# title: Heel dossier of ongerichte vraag
# description: Een vraag naar het hele dossier of zonder richting wordt teruggegeven; de andere vragen blijven over.
# custom: {code: DN-12, source: "OMG-1, OMG-5", kind: CODE}
why(part) := set() if {
	concrete(part)
} else := {"DN-12"}

# METADATA
# title: Geen vraag
# description: Een verzoek zonder enige vraag wordt teruggegeven.
# custom: {code: DN-12, source: "OMG-1", kind: CODE}
refusals contains {"code": "DN-12", "person": null, "question": null} if count(facts.parts) == 0

# METADATA
# title: Overleg over heel dossier
# description: Wie een heel dossier wil, krijgt een gesprek van arts tot arts aangeboden.
# custom: {code: ES-01, source: "law.md S09, ES-01", kind: POLICY}
offered contains "ES-01" if {
	some categories in facts.asked
	"heel_dossier" in categories
}

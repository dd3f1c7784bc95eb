# METADATA
# title: G5 Bevraagde
# description: De bevraagde heeft beroepshalve informatie, onder een geheimhoudingsregime dat bekend is.
# custom: {source: "Wmo 2015 art. 5.2.6; BW 7:457; Jeugdwet art. 7.3.11"}
# schemas:
#   - input: schema["document.schema"]
package sharing.responder

import data.sharing.facts

# METADATA
# title: Beroepshalve informatie
# description: De bevraagde heeft beroepshalve informatie en het geheimhoudingsregime is bekend.
# custom: {code: DN-13, source: "Wmo 2015 art. 5.2.6", kind: LAW}
satisfied if {
	input.responder.holds_information_professionally
	is_string(facts.regime)
}

# METADATA
# description: De weigering als dat niet zo is.
refusals contains {"code": "DN-13", "person": null, "question": null} if not satisfied

# METADATA
# title: Onbekende persoon
# description: Een vraag over iemand die niet onder de personen is, kan over niemand worden beantwoord.
# custom: {code: DN-13, source: "Wmo 2015 art. 5.2.6", kind: LAW}
why(part) := set() if {
	facts.persons[part.person]
} else := {"DN-13"}

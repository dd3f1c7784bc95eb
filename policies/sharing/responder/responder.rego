# METADATA
# title: G5 Bevraagde
# description: The responder holds information by profession, under a regime of secrecy that is known.
# custom: {source: "Wmo 2015 art. 5.2.6; BW 7:457; Jeugdwet art. 7.3.11"}
# schemas:
#   - input: schema["document.schema"]
package sharing.responder

import data.sharing.facts

# METADATA
# title: Beroepshalve informatie
# description: The responder holds information professionally and its secrecy regime is known.
# custom: {code: DN-13, source: "Wmo 2015 art. 5.2.6", kind: LAW}
satisfied if {
	input.responder.holds_information_professionally
	is_string(facts.regime)
}

# METADATA
# description: The refusal when that does not hold.
refusals contains {"code": "DN-13", "person": null, "question": null} if not satisfied

# METADATA
# title: Onbekende persoon
# description: A question about somebody who is not among the persons cannot be answered about anybody.
# custom: {code: DN-13, source: "Wmo 2015 art. 5.2.6", kind: LAW}
why(part) := set() if {
	facts.persons[part.person]
} else := {"DN-13"}

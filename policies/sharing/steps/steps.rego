# METADATA
# title: G8 Stappen
# description: De stappen van de meldcode die hier verplicht zijn, en welke nog openstaan.
# custom: {source: "KNMG-meldcode onderdeel II (law.md 3.7, reconstruction); BW 7:453"}
# schemas:
#   - input: schema["document.schema"]
package sharing.steps

import data.sharing.acute
import data.sharing.exceptions
import data.sharing.facts
import data.sharing.pair

# METADATA
# title: Verplichte stappen
# description: De stappen van elke rij waar een onderdeel onder valt; voor alleen de vraag of iemand bekend is, gelden
#   de eerste stappen (V11). Bij acuut gevaar volgen zij achteraf (4.3 punt 6).
# custom: {code: DN-16, source: "KNMG-meldcode onderdeel II", kind: CODE}
mandatory contains step if {
	not acute.applies
	some list in _lists
	some step in facts.row("steps", "edition").lists[list]
}

_lists contains _list(question) if some question in input.questions

_list(question) := facts.row("pairs", "known_only").steps if {
	_only_whether_known(question)
	pair.row_of[question.person].steps != "none"
} else := pair.row_of[question.person].steps

# The name alone spares the professional no step: the question must ask for nothing else.
_only_whether_known(question) if {
	object.get(question, "only_whether_known", false)
	every category in question.categories {
		category in facts.row("pairs", "known_only").categories
	}
}

# METADATA
# title: Stap gezet
# description: De stap is vastgelegd als gezet.
# custom: {source: "law.md G8", kind: CODE}
taken(step) if input.steps[_names[step]]

_names := facts.row("steps", "edition").names

# METADATA
# title: Toestemming of informeren achterwege
# description: Vragen of informeren is achterwege gebleven bij ieder die het aangaat, elk om een vastgelegde reden
#   (X1-X5).
# custom: {code: ST-05, source: "law.md 3.12", kind: CODE}
left_out("ST-05") if {
	every ref, _ in facts.asked {
		_excused(ref)
	}
}

_excused(ref) if {
	person := facts.persons[ref]
	_known_whom_to_ask(person)
	allowed := {code | some code in pair.row_of[ref].exceptions}
	every addressee in facts.addressees(person) {
		count(exceptions.of(addressee) & allowed) > 0
	}
}

# Who speaks for a child is known only with its age and its authority on record; unknown excuses nobody.
_known_whom_to_ask(person) if person.age >= 16

_known_whom_to_ask(person) if {
	is_number(person.age)
	count(person.authority) > 0
}

# METADATA
# description: Wat de professional nog moet doen.
todo contains step if {
	some step in mandatory
	not taken(step)
	not left_out(step)
}

# METADATA
# description: Niets staat open, of het is nog niet aan de orde.
satisfied if input.stage in {"ask", "open"}

satisfied if count(todo) == 0

# METADATA
# description: Staat bij het antwoord een verplichte stap open, dan gaat het verzoek terug naar de professional.
refusals contains {"code": "DN-16", "person": null, "question": null} if {
	input.stage == "answer"
	count(todo) > 0
}

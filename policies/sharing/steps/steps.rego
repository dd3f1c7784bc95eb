# METADATA
# title: G8 Stappen
# description: The steps of the professional code that are mandatory here, and which are still open.
# custom: {source: "KNMG-meldcode onderdeel II (law.md 3.7, reconstruction); BW 7:453"}
package sharing.steps

import data.sharing.acute
import data.sharing.exceptions
import data.sharing.facts
import data.sharing.ground

_names := {
	"ST-01": "identify", "ST-02": "understand", "ST-03": "ground", "ST-04": "consult", "ST-05": "consent_or_inform",
	"ST-06": "weigh", "ST-07": "select", "ST-08": "form", "ST-09": "decide", "ST-10": "record",
}

# METADATA
# title: Verplichte stappen
# description: The steps of every row that a part falls under. Acute danger leaves them for afterwards (4.3 item 6).
# custom: {code: DN-16, source: "KNMG-meldcode onderdeel II", kind: CODE}
mandatory contains step if {
	not acute.applies
	some i, _ in facts.parts
	some step in ground.row_of[i].steps
}

# METADATA
# title: Stap gezet
# description: The step is recorded as done.
# custom: {source: "law.md G8", kind: CODE}
done contains step if {
	some step, name in _names
	input.steps[name]
}

# METADATA
# title: Toestemming of informeren achterwege
# description: Asking or telling was left out for everybody concerned, each for a recorded reason (X1-X5).
# custom: {code: ST-05, source: "law.md 3.12", kind: CODE}
done contains "ST-05" if {
	count(facts.parts) > 0
	every i, _ in facts.parts {
		_excused(i)
	}
}

_excused(i) if {
	person := facts.persons[facts.parts[i].person]
	_known_whom_to_ask(person)
	allowed := {code | some code in ground.row_of[i].exceptions}
	every addressee in facts.addressees(person) {
		count(exceptions.of(addressee) & allowed) > 0
	}
}

# Who speaks for a child is known only with its age and its authority on record; unknown excuses nobody.
_known_whom_to_ask(person) if {
	is_number(person.age)
	person.age >= 16
}

_known_whom_to_ask(person) if {
	is_number(person.age)
	count(person.authority) > 0
}

# METADATA
# description: What the professional still has to do.
todo := mandatory - done

# METADATA
# description: Nothing is open, or it is not time yet.
satisfied if input.stage in {"ask", "open"}

satisfied if count(todo) == 0

# METADATA
# description: At the answer an open mandatory step returns the request to the professional.
refusals contains {"code": "DN-16", "person": null, "question": null} if {
	input.stage == "answer"
	count(todo) > 0
}

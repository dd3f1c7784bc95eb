# METADATA
# title: Feiten
# description: The facts of one document in the form the other rules want them; no judgement here.
# custom: {source: "https://openpolicyagent.org/docs/policy-language"}
# schemas:
#   - input: schema["document.schema"]
package sharing.facts

# METADATA
# description: The day the law is taken of; the date part of `now`.
today := substring(input.now, 0, 10)

# METADATA
# description: When the request was put.
asked_at := object.get(input, "asked_at", input.now)

# METADATA
# description: A row of law exists from valid_from until (exclusive) valid_to.
in_force(row) if {
	row.valid_from <= today
	not _ended(row)
}

_ended(row) if {
	row.valid_to != null
	row.valid_to <= today
}

# METADATA
# description: Every question x person x category asked, in the order asked.
parts := [part |
	some question in input.questions
	some category in question.categories
	part := {
		"question": question,
		"person": question.person,
		"category": category,
	}
]

# METADATA
# description: The persons asked about and the categories asked about each, once.
asked[question.person] contains category if {
	some question in input.questions
	some category in question.categories
}

# METADATA
# description: The persons by ref; the gate refuses a document that names a ref twice.
persons := {person.ref: person | some person in input.persons}

# METADATA
# description: The questions by id; the gate refuses a document that names an id twice.
questions := {question.id: question | some question in input.questions}

# METADATA
# description: True before the professional has weighed.
default asking := false

asking if input.stage == "ask"

# METADATA
# description: The side whose act this stage is.
default side_of_stage := "asking"

side_of_stage := "answering" if input.stage == "answer"

# METADATA
# description: The side of the request on which the actor stands.
side := object.get(input.actor, "side", side_of_stage)

# METADATA
# description: True when a weighing must be there - at the answer and at every opening of it.
default answering := false

answering if input.stage in {"answer", "open"}

# METADATA
# description: The responder's secrecy regime (law.md section 2); undefined when unknown.
regime := of_type(input.responder.type, "secrecy").regime

# METADATA
# description: What the law says of a type of organisation in one facet; undefined when it says nothing today.
of_type(type, facet) := row if {
	row := data.law.organisations[type][facet]
	in_force(row)
}

# METADATA
# description: A child, born or not, is among the persons, so that the adult-victim branch does not apply.
default child_involved := false

child_involved if {
	some person in input.persons
	_child(person)
}

# An unknown age makes no child: that a child is involved lets more be asked.
_child(person) if {
	person.relation in {"child", "sibling"}
	_young(person)
}

_young(person) if {
	is_number(person.age)
	person.age < 18
}

_young(person) if person.unborn

# METADATA
# title: Wie wordt gevraagd of ingelicht
# description: The representatives of a child below 12, both from 12 to 15, who represents an unborn or incapable person,
#   and everybody else himself. With nobody on record to represent it is the person.
# custom: {source: "law.md 3.12; UAVG art. 5 lid 4; BW 7:465; Jeugdwet 7.3.15; Wmo 2015 5.3.3", kind: LAW}
addressees(person) := _addressees(_told(person), person)

_addressees("both", person) := {person.ref} | {ref | some ref in person.authority}

_addressees("person", person) := {person.ref}

_addressees("representatives", person) := {ref | some ref in person.authority} if {
	count(person.authority) > 0
} else := {person.ref}

_told(person) := row.by if {
	some row in _told_rows
	row.age_from <= person.age
	person.age < row.age_to
} else := "representatives" if {
	_not_for_himself(person)
} else := "person"

_told_rows := [row |
	some row in data.law.consent.told
	regime in row.regimes
	in_force(row)
]

_not_for_himself(person) if person.unborn

_not_for_himself(person) if not person.capable

# METADATA
# title: Feiten
# description: The facts of one document in the form the other rules want them; no judgement here.
# custom: {source: "https://openpolicyagent.org/docs/policy-language"}
package sharing.facts

# METADATA
# description: The day the law is taken of; the date part of `now`.
today := substring(input.now, 0, 10)

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
		"question": question.id,
		"person": question.person,
		"category": category,
		"specific": question.specific,
		"period_months": question.period_months,
	}
]

# METADATA
# description: The persons by ref; the gate refuses a document that names a ref twice.
persons := {person.ref: person | some person in input.persons}

# METADATA
# description: True before the professional has weighed.
asking if input.stage == "ask"

# METADATA
# description: True when a weighing must be there - at the answer and at every opening of it.
answering if input.stage in {"answer", "open"}

# METADATA
# description: The responder's secrecy regime (law.md section 2); undefined when unknown.
regime := data.law.regimes[input.responder.type]

# METADATA
# description: A child, born or not, is among the persons, so that the adult-victim branch does not apply.
child_involved if {
	some person in input.persons
	_child(person)
}

# An unknown age makes no child: that a child is involved lets more be asked.
_child(person) if {
	person.relation in {"child", "sibling"}
	is_number(person.age)
	person.age < 18
}

_child(person) if {
	person.relation == "child"
	person.unborn
}

# METADATA
# description: Who must be asked or told about a person - the representatives below 12, both from 12 to 15, else himself.
# custom: {source: "UAVG art. 5 lid 4; BW 7:465; Jeugdwet 7.3.15; Wmo 2015 5.3.3"}
addressees(person) := {ref | some ref in person.authority} if {
	is_number(person.age)
	person.age < 12
	count(person.authority) > 0
} else := {person.ref} | {ref | some ref in person.authority} if {
	is_number(person.age)
	person.age < 16
} else := {ref | some ref in person.authority} if {
	_not_for_himself(person)
	count(person.authority) > 0
} else := {person.ref}

_not_for_himself(person) if person.unborn

_not_for_himself(person) if not person.capable

# METADATA
# description: The questions by id; the gate refuses a document that names an id twice.
questions := {question.id: question | some question in input.questions}

# By question and as a whole, so that a long request does not look at every entry for every part.
_weighed := _weighed_on

_weighed_on[question] contains entry if {
	some entry in input.weighing.parts
	question := entry.question
}

# METADATA
# description: What the professional weighed about a part, his own entries and those about somebody else apart.
weighed[i] contains entry if {
	some i, part in parts
	some entry in _weighed[part.question]
	entry.category == part.category
	entry.about == part.person
}

# METADATA
# description: Entries of the weighing that are really about somebody else than the person asked about.
third_party[i] contains entry if {
	some i, part in parts
	some entry in _weighed[part.question]
	entry.category == part.category
	entry.about != part.person
}

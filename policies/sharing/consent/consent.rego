# METADATA
# title: Toestemming
# description: Over wie en voor welke categorieën een toestemming geldt die vrij, specifiek, uitdrukkelijk, aangetoond
#   en recent is, en gegeven door de juiste personen.
# custom: {source: "AVG art. 4 lid 11, 7, 8, 9 lid 2 a; BW 7:457, 7:465; Jeugdwet 7.3.11, 7.3.15; Wmo 2015 5.3.3; UAVG 5"}
# schemas:
#   - input: schema["document.schema"]
package sharing.consent

import data.sharing.calendar
import data.sharing.facts
import data.sharing.phase

# METADATA
# title: Geldige toestemming
# description: Per persoon de categorieën waarvoor de juiste personen toestemming gaven, samen of ieder apart, en die
#   niet door een weigering of intrekking van dezelfde dag of later worden geraakt.
# custom: {source: "law.md 3.12; BW 1:253i", kind: LAW}
valid[about] contains category if {
	some about, by_category in _given
	some category, givers in by_category
	_given_by_the_right(givers, facts.persons[about])
}

# Who gave it, each on a form of his own or several on one.
_given[consent.about][category] contains giver if {
	some consent in _for_this
	consent.status == "given"
	_sound(consent)
	some category in consent.categories
	not _overtaken(consent, category)
	some giver in consent.given_by
}

# METADATA
# title: Ingetrokken toestemming
# description: Per persoon de categorieën waarvoor de toestemming is ingetrokken.
# custom: {source: "AVG art. 7 lid 3; UAVG art. 5 lid 3", kind: LAW}
withdrawn[consent.about] contains category if {
	some consent in _for_this
	consent.status == "withdrawn"
	_counts(consent)
	some category in consent.categories
}

# METADATA
# title: Weigering uit vrije wil
# description: De persoon heeft uit vrije wil geweigerd, op een manier die telt (KN-2018-6.2).
freely_refused(ref) if {
	some consent in input.consents
	consent.about == ref
	ref in consent.given_by
	consent.status in {"refused", "withdrawn"}
	consent.free
}

# A refusal is on record without the names of those who refused: closed in doubt.
freely_refused(ref) if {
	some consent in input.consents
	consent.about == ref
	count(consent.given_by) == 0
	consent.status in {"refused", "withdrawn"}
	consent.free
}

# METADATA
# title: Weigering onder druk
# description: Vastgelegd is dat de persoon heeft geweigerd, maar niet uit vrije wil.
refused_under_pressure(ref) if {
	some consent in input.consents
	consent.about == ref
	consent.status == "refused"
	consent.free == false
	consent.evidence in _proof
}

# METADATA
# description: Over de persoon is een weigering of intrekking vastgelegd, al dan niet uit vrije wil, voor welk doel dan
#   ook.
objected(ref) if {
	some consent in input.consents
	consent.about == ref
	consent.status in {"refused", "withdrawn"}
}

# What the requester only says it has, and what stands in Mitz (Wabvpz 15a: care providers among each other), proves
# nothing here.
_proof := facts.row("consent", "proof").evidence

# METADATA
# description: Vastgelegd is dat de persoon niet om toestemming is gevraagd.
not_asked(ref) if {
	some consent in input.consents
	consent.about == ref
	consent.status == "not_asked"
	consent.evidence in _proof
}

_for_this := [consent |
	some consent in input.consents
	consent.purpose == input.purpose
	consent.recipient in {input.requester.id, concat("", ["type:", input.requester.type])}
]

# Free, explicit (AVG 9 lid 2 a), seen or heard, begun, not run out and not too old.
_sound(consent) if {
	consent.free
	consent.explicit
	consent.evidence in _proof
	consent.on <= facts.today
	not _ended(consent)
	consent.on >= _oldest
}

_oldest := calendar.days_ago(data.parameters.consent.max_age_days)

_ended(consent) if {
	consent.until != null
	consent.until <= facts.today
}

_overtaken(given, category) if {
	some consent in _closing
	consent.about == given.about
	category in consent.categories
	consent.on >= given.on
}

_closing := [consent | some consent in _for_this; _closes(consent)]

# A refusal that names no categories is a refusal of all.
_overtaken(given, _) if {
	some consent in _closing_all
	consent.about == given.about
	consent.on >= given.on
}

_closing_all := [consent |
	some consent in input.consents
	consent.purpose == input.purpose
	count(consent.categories) == 0
	_closes(consent)
]

_closes(consent) if consent.status == "refused"

_closes(consent) if {
	consent.status == "withdrawn"
	_counts(consent)
}

# METADATA
# title: Intrekken door het kind zelf
# description: Waar alleen de AVG geldt, telt de intrekking door het kind zelf vanaf 12 jaar, sinds 1 september 2026;
#   die van ieder ander telt altijd.
# custom: {source: "UAVG art. 5 lid 3", kind: LAW}
_counts(consent) if not _by_the_child_alone(consent)

_by_the_child_alone(consent) if {
	consent.given_by == [consent.about]
	age := facts.persons[consent.about].age
	some row in data.law.consent.no_withdrawal
	facts.regime in row.regimes
	facts.in_force(row)
	row.age_from <= age
	age < row.age_to
}

# Who consents, by regime and age (law.md 3.12). An unknown age, null, lies below every number: no row, no consent.
_given_by_the_right(givers, person) if {
	some needed in _givers(person)
	count(needed) > 0
	every ref in needed {
		ref in givers
		_may_speak_for(ref, person.ref)
	}
}

# BW 7:465 lid 4, Jeugdwet 7.3.15: a suspected perpetrator does not represent; use a right or duty, or a curator.
_may_speak_for(ref, about) if ref == about

_may_speak_for(ref, _) if {
	facts.persons[ref].relation != "suspected_perpetrator"
}

_givers(person) := _needed(_by(person), person)

_needed("representatives", person) := _representatives(person)

_needed("person", person) := {{person.ref}}

_needed("young_person", person) := {{person.ref}} if {
	_asked_alone(person)
} else := {both |
	some needed in _representatives(person)
	count(needed) > 0
	both := {person.ref} | needed
}

_by(person) := row.by if {
	some row in _giver_rows
	row.age_from <= person.age
	person.age < row.age_to
	row.capable in {null, person.capable}
}

_giver_rows := [row |
	some row in data.law.consent.givers
	facts.regime in row.regimes
	facts.in_force(row)
]

_asked_alone(_) if data.parameters.consent.age12_15_mode == "child"

# The guardian who asks has the parents' place already: the child's own consent is what is missing (J3).
_asked_alone(person) if {
	input.purpose == "voogdij_uitvoering"
	phase.order_in_force
	input.framework.order.child == person.ref
}

_representatives(person) := {{ref | some ref in person.authority}} if {
	_both_required
} else := {{ref} | some ref in person.authority}

default _both_required := false

_both_required if data.parameters.consent.joint_authority_mode == "both_required"

# BW 1:253i: one parent suffices only while no objection of the other is apparent.
_both_required if input.framework.litigation_between_parents

_both_required if {
	some consent in input.consents
	consent.status in {"refused", "withdrawn"}
}

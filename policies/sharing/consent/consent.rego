# METADATA
# title: Toestemming
# description: For which parts a consent stands that is free, specific, explicit, proven, recent and given by the right persons.
# custom: {source: "AVG art. 4 lid 11, 7, 8, 9 lid 2 a; BW 7:457, 7:465; Jeugdwet 7.3.11, 7.3.15; Wmo 2015 5.3.3; UAVG 5"}
package sharing.consent

import data.sharing.calendar
import data.sharing.facts

# METADATA
# title: Geldige toestemming
# description: A consent covers the part and no later refusal or withdrawal does.
# custom: {source: "law.md 3.12", kind: LAW}
valid contains i if {
	some i, _ in facts.parts
	some consent in _covering[i]
	consent.status == "given"
	_sound(consent)
	_given_by_the_right(consent, facts.persons[consent.about])
	not _overtaken(i, consent)
}

# METADATA
# title: Ingetrokken toestemming
# description: A consent that covered the part has been withdrawn.
# custom: {source: "AVG art. 7 lid 3; UAVG art. 5 lid 3", kind: LAW}
withdrawn contains i if {
	some i, _ in facts.parts
	some consent in _covering[i]
	consent.status == "withdrawn"
}

# METADATA
# description: The person has freely refused, in a way that counts (KN-2018-6.2).
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
# description: It is on record that the person refused, but not freely.
refused_under_pressure(ref) if {
	some consent in input.consents
	consent.about == ref
	consent.status == "refused"
	consent.free == false
	consent.evidence in _proof
}

# What the requester only says it has, and what stands in Mitz (Wabvpz 15a: care providers among each other), proves
# nothing here.
_proof := {"document_seen", "given_in_person"}

# METADATA
# description: It is on record that the person has not been asked.
not_asked(ref) if {
	some consent in input.consents
	consent.about == ref
	consent.status == "not_asked"
	consent.evidence in _proof
}

_covering[i] contains consent if {
	some i, part in facts.parts
	some consent in input.consents
	consent.about == part.person
	consent.purpose == input.purpose
	part.category in consent.categories
	_recipient(consent.recipient)
}

_recipient(recipient) if recipient == input.requester.id

_recipient(recipient) if recipient == concat("", ["type:", input.requester.type])

# Free, explicit (AVG 9 lid 2 a), seen or heard, begun, not run out and not too old.
_sound(consent) if {
	consent.free
	consent.explicit
	consent.evidence in _proof
	consent.on <= facts.today
	not _ended(consent)
	calendar.days(facts.today) - calendar.days(consent.on) <= data.parameters.consent.max_age_days
}

_ended(consent) if {
	consent.until != null
	consent.until <= facts.today
}

_overtaken(i, given) if {
	some consent in _covering[i]
	consent.status in {"refused", "withdrawn"}
	consent.on >= given.on
}

# A refusal that names no categories is a refusal of all.
_overtaken(_, given) if {
	some consent in input.consents
	consent.about == given.about
	consent.purpose == input.purpose
	count(consent.categories) == 0
	consent.status in {"refused", "withdrawn"}
	consent.on >= given.on
}

# Who consents, by regime and age (law.md 3.12). An unknown age leaves this undefined: no consent.
_given_by_the_right(consent, person) if {
	some needed in _givers(person)
	count(needed) > 0
	every ref in needed {
		ref in consent.given_by
		_may_speak_for(ref, consent.about)
	}
}

# BW 7:465 lid 4, Jeugdwet 7.3.15: a suspected perpetrator does not represent; use a right or duty, or a curator.
_may_speak_for(ref, about) if ref == about

_may_speak_for(ref, about) if {
	ref != about
	facts.persons[ref].relation != "suspected_perpetrator"
}

_givers(person) := _representatives(person) if {
	_represented(person)
} else := {both | some needed in _representatives(person); count(needed) > 0; both := {person.ref} | needed} if {
	_with_parents(person)
} else := {{person.ref}} if {
	is_number(person.age)
	person.capable
}

_represented(person) if {
	is_number(person.age)
	person.age < 12
}

_represented(person) if not person.capable

_represented(person) if {
	facts.regime in {"AVG_ONLY", "AMBT"}
	is_number(person.age)
	person.age < 16
}

_with_parents(person) if {
	facts.regime in {"WGBO_BIG", "JW_7311"}
	data.parameters.consent.age12_15_mode == "child_and_parents"
	is_number(person.age)
	person.age < 16
}

_representatives(person) := {{ref | some ref in person.authority}} if {
	_both_required
} else := {{ref} | some ref in person.authority}

_both_required if data.parameters.consent.joint_authority_mode == "both_required"

# BW 1:253i: one parent suffices only while no objection of the other is apparent.
_both_required if input.framework.litigation_between_parents

_both_required if {
	some consent in input.consents
	consent.status in {"refused", "withdrawn"}
}

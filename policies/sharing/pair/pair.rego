# METADATA
# title: Paar
# description: Onder welke rij van law.md 5 een persoon valt, voor deze vrager, deze bevraagde en dit doel.
# custom: {source: "law.md 5"}
# schemas:
#   - input: schema["document.schema"]
package sharing.pair

import data.sharing.facts

# METADATA
# title: Rijen
# description: De rijen die gelden voor dit paar, dit doel en deze rol, per groep personen.
# custom: {source: "law.md 5", kind: LAW}
rows := {branch: row |
	some row in data.law.pairs.rows
	input.purpose in row.purposes
	input.requester.type in row.requesters
	input.responder.type in row.responders
	_role_fits(row)
	facts.in_force(row)
	branch := _branch(row)
}

_role_fits(row) if row.gi_roles == null

_role_fits(row) if input.framework.gi_role in row.gi_roles

_branch(row) := "general" if {
	row.branch == null
} else := row.branch

# METADATA
# title: Rij per persoon
# description: De rij voor elke persoon over wie is gevraagd - die van het slachtoffer zelf, die van iemand buiten de
#   maatregel, de algemene rij, of de rij voor wie onder geen andere valt.
# custom: {source: "law.md 5; V3, J2", kind: LAW}
row_of[ref] := row if {
	some ref, branch in branch_of
	row := rows[branch]
}

# METADATA
# description: De naam van die rij onder de rijen die gelden; zonder waarde als er geen is.
branch_of[ref] := branch if {
	some ref, _ in facts.asked
	branch := _branch_of(ref)
}

_branch_of(ref) := "adult_victim" if {
	adult_victim(ref)
} else := "outside_order" if {
	rows.outside_order
	_outside_order(ref)
} else := "general" if {
	rows.general
} else := "otherwise" if {
	rows.otherwise
}

# METADATA
# title: Volwassen slachtoffer
# description: Een volwassen slachtoffer zonder kinderen in de zaak heeft een eigen rij (V3).
# custom: {source: "law.md V3; KN-2018-6.2", kind: CODE}
adult_victim(ref) if {
	rows.adult_victim
	facts.persons[ref].relation == "adult_victim"
	not _minor(facts.persons[ref])
	not facts.child_involved
}

_minor(person) if {
	is_number(person.age)
	person.age < 18
}

# Jeugdwet 7.3.11 lid 4 names the child of the order, its upbringing, and the person of a parent or guardian.
_outside_order(ref) if {
	ref != input.framework.order.child
	not facts.persons[ref].relation in {"parent", "guardian"}
	not ref in _in_authority
}

_in_authority := {ref | some ref in facts.persons[input.framework.order.child].authority}

# METADATA
# title: G6 Grond
# description: Which ground carries each part - the first that holds, in the order of its row of law.md section 5.
# custom: {source: "law.md 4.1, 4.2, 5.1"}
package sharing.ground

import data.sharing.acute
import data.sharing.consent
import data.sharing.exceptions
import data.sharing.facts

# METADATA
# description: The rows in force for this pair and purpose, by branch.
rows := {branch: row |
	some row in data.law.pairs.rows
	row.requester == input.requester.type
	input.responder.type in row.responders
	input.purpose in row.purposes
	facts.in_force(row)
	branch := _branch_name(row)
}

_branch_name(row) := "general" if {
	row.branch == null
} else := row.branch

# METADATA
# title: Rij per persoon
# description: The row that a part falls under. An adult victim without children has her own (V3).
# custom: {source: "law.md V3", kind: CODE}
row_of[i] := row if {
	some i, part in facts.parts
	row := _row(part)
}

_row(part) := rows.adult_victim if {
	_adult_victim(part.person)
} else := rows.general

_adult_victim(ref) if {
	facts.persons[ref].relation == "adult_victim"
	not _minor(facts.persons[ref])
	not facts.child_involved
	rows.adult_victim
}

_minor(person) if {
	is_number(person.age)
	person.age < 18
}

# METADATA
# description: The ground that carries the part; undefined when none holds.
of[i] := code if {
	some i, _ in facts.parts
	code := _first(i)
}

_first(_) := acute.ground if acute.applies

_first(i) := [code | some code in row_of[i].grounds; _holds(code, i)][0] if not acute.applies

_holds(code, i) if {
	facts.in_force(data.law.grounds[code])
	data.law.grounds[code].kind == "consent"
	i in consent.valid
}

_holds(code, i) if {
	facts.in_force(data.law.grounds[code])
	code == "WMO-5.2.6"
	input.framework.case_reference
	_necessary(i)
	_autonomy_respected(i)
}

# METADATA
# title: Noodzaak
# description: At the answer the professional finds the item relevant, useful, without lesser means and proportionate.
#   "Kan worden geacht" is plausibility, not proof, but it is judged per item (HP-6).
# custom: {source: "law.md 4.2; Wmo 2015 art. 5.2.6", kind: LAW}
_necessary(_) if facts.asking

_necessary(i) if {
	facts.answering
	input.weighing.relevant
	input.weighing.contributes
	input.weighing.no_lesser_means
	input.weighing.proportionate
	every entry in facts.weighed[i] {
		object.get(entry, "necessary", true)
	}
}

# Nothing weighed about the person asked about (only about somebody else, or nothing yet): other gates speak.
_necessary(i) if {
	facts.answering
	not facts.weighed[i]
	input.weighing.relevant
	input.weighing.contributes
	input.weighing.no_lesser_means
	input.weighing.proportionate
}

# METADATA
# title: Zelfbeschikking van het volwassen slachtoffer
# description: Without children involved her free refusal holds unless there is grave danger. Her consent comes first;
#   the right stands in only where she could not be asked for a recorded reason, or refused under pressure.
# custom: {source: "KNMG-meldcode art. 6 lid 2 (KN-2018-6.2); law.md V3", kind: CODE}
_autonomy_respected(i) if not _adult_victim(facts.parts[i].person)

_autonomy_respected(i) if {
	_adult_victim(facts.parts[i].person)
	input.danger.grave_to_adult
}

_autonomy_respected(i) if {
	ref := facts.parts[i].person
	_adult_victim(ref)
	not consent.freely_refused(ref)
	not "X5" in exceptions.of(ref)
	consent.not_asked(ref)
	count(exceptions.of(ref) & {"X1", "X2", "X3"}) > 0
}

_autonomy_respected(i) if {
	ref := facts.parts[i].person
	_adult_victim(ref)
	not consent.freely_refused(ref)
	consent.refused_under_pressure(ref)
}

# METADATA
# description: Holds when at least one part has a ground.
satisfied if {
	some i, _ in facts.parts
	of[i]
}

# METADATA
# title: Geen grond voor dit paar
# description: Nothing in the law as encoded lets this requester ask this responder for this purpose without consent.
# custom: {code: DN-14, source: "BW 7:457; Jeugdwet art. 7.3.11; Wmo 2015 art. 5.3.3", kind: LAW}
refusals contains {"code": "DN-14", "person": null, "question": null} if {
	not acute.applies
	input.purpose != "onderzoek_statistiek"
	count(rows) == 0
}

# METADATA
# title: Adviesfase
# description: Advice is given without personal data, so there is nothing to ask for.
# custom: {code: DN-20, source: "Wmo 2015 art. 4.1.1 lid 3 en 5.1.6 lid 3", kind: LAW}
refusals contains {"code": "DN-20", "person": null, "question": null} if {
	not acute.applies
	input.purpose == "vt_advies"
	rows.general
}

# METADATA
# description: Why a part has no ground.
withheld contains {"at": i, "code": code} if {
	not acute.applies
	input.purpose != "vt_advies"
	input.framework.case_reference
	not _undecided
	count(rows) > 0
	some i, _ in facts.parts
	not of[i]
	code := _why(i)
}

# Without a decision of the professional there is no saying why: that it is missing is reason enough (DN-16).
_undecided if {
	facts.answering
	input.weighing == null
}

# METADATA
# title: Waarom geen grond
# description: Withdrawn, freely refused, not necessary after weighing, or plainly no consent.
# custom: {codes: [DN-29, DN-18, DN-17, DN-14], source: "AVG art. 7 lid 3; KN-2018-6.2; law.md 4.2", kind: LAW}
_why(i) := "DN-29" if {
	i in consent.withdrawn
} else := "DN-18" if {
	ref := facts.parts[i].person
	_adult_victim(ref)
	_refusal_holds(ref)
} else := "DN-17" if {
	facts.answering
	not _necessary(i)
	_autonomy_respected(i)
	"WMO-5.2.6" in row_of[i].grounds
} else := "DN-14"

_refusal_holds(ref) if consent.freely_refused(ref)

_refusal_holds(ref) if "X5" in exceptions.of(ref)

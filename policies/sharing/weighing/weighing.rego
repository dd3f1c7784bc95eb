# METADATA
# title: G9 Besluit van de professional
# description: A right to speak is never automatic - a named professional decided, with reasons, part by part.
# custom: {source: "AVG art. 22; UAVG art. 40; BW 7:453; KN-2018-6.4"}
package sharing.weighing

import data.sharing.acute
import data.sharing.facts
import data.sharing.ground

# METADATA
# title: Besluit genomen
# description: The professional, registered where his profession has a register, decided and gave reasons.
# custom: {code: DN-16, source: "law.md G9", kind: CODE}
decided if {
	input.weighing.outcome in {"give", "partly", "refuse"}
	_reasons_given
	input.weighing.registration in data.parameters.registrations_by_profession[input.weighing.by_profession]
	_registered_where_secret
}

_reasons_given if input.weighing.reasons_given

# 4.3 item 6: in acute danger the record, reasons and all, follows within the day (OB-13).
_reasons_given if acute.applies

# Medical and youth-care secrecy is broken by a registered professional only (Wet BIG 88, Jeugdwet 7.3.11; EV-15).
_registered_where_secret if not facts.regime in data.parameters.registered_regimes

_registered_where_secret if input.weighing.registration in {"big", "skj"}

# METADATA
# description: Decided, or not time yet.
satisfied if facts.asking

satisfied if decided

# METADATA
# description: At the answer there must be a decision of the professional.
refusals contains {"code": "DN-16", "stage": "G9", "remedy": "decide", "person": null, "question": null} if {
	facts.answering
	not decided
}

# METADATA
# title: Deel gegeven
# description: The professional gives what is about the person asked about; an opinion is never given.
# custom: {source: "law.md 6 (OPINIE); OMG-2", kind: CODE}
given contains i if {
	facts.weighed[i]
	input.weighing.outcome in {"give", "partly"}
	every entry in facts.weighed[i] {
		entry.give
		entry.kind in {"fact", "observation", "reported_by_other"}
		_not_about_others(entry)
	}
}

# DERDE is given only when itself needed, also when the question was about that very person.
_not_about_others(entry) if entry.category != "derde"

_not_about_others(entry) if entry.third_party_needed

# METADATA
# title: Gegevens over een ander
# description: What is about somebody else goes along only when itself needed and approved separately (S20).
# custom: {code: DN-17, source: "BW 7:457 lid 1; law.md 6 (DERDE)", kind: LAW}
given contains i if {
	not facts.weighed[i]
	input.weighing.outcome in {"give", "partly"}
	some entry in facts.third_party[i]
	goes_along(i, entry)
}

# METADATA
# description: Somebody in the case, needed and approved, not a protected source, and never on another's consent - each
#   adult consents for himself.
# custom: {source: "law.md 3.12, 6 (DERDE)", kind: LAW}
goes_along(i, entry) if {
	entry.give
	entry.third_party_needed
	entry.approved_separately
	entry.kind in {"fact", "observation", "reported_by_other"}
	facts.persons[entry.about].source_protected == false
	data.law.grounds[ground.of[i]].kind != "consent"
	object.get(entry, "necessary", true)
}

# METADATA
# title: Niet gewogen
# description: Nothing was decided about this part.
# custom: {code: DN-16, source: "law.md G9", kind: CODE}
withheld contains {"at": i, "code": "DN-16"} if {
	facts.answering
	not input.weighing.outcome == "refuse"
	some i, _ in facts.parts
	not _weighed_at_all(i)
}

# METADATA
# title: Niet gegeven
# description: The professional keeps this part, or it is an opinion, or it is about somebody else who need not be in it.
# custom: {code: DN-17, source: "AVG art. 5 lid 1 c; KN-2018-6.4", kind: CODE}
withheld contains {"at": i, "code": "DN-17"} if {
	facts.answering
	some i, _ in facts.parts
	_weighed_at_all(i)
	not i in given
}

withheld contains {"at": i, "code": "DN-17"} if {
	facts.answering
	input.weighing.outcome == "refuse"
	some i, _ in facts.parts
}

_weighed_at_all(i) if facts.weighed[i]

_weighed_at_all(i) if facts.third_party[i]

# METADATA
# title: Derde gestript
# description: A statement about a third party that is not itself needed is stripped from the part.
# custom: {code: DN-17, source: "BW 7:457 lid 1", kind: LAW}
notes contains {"code": "DN-17", "person": entry.about, "question": entry.question} if {
	facts.answering
	some i, _ in facts.parts
	some entry in facts.third_party[i]
	entry.give
	not goes_along(i, entry)
}

# What was weighed in a category that was not asked goes nowhere; that it was stripped is said.
notes contains {"code": "DN-17", "person": entry.about, "question": entry.question} if {
	facts.answering
	some entry in input.weighing.parts
	entry.give
	question := facts.questions[entry.question]
	not entry.category in question.categories
}

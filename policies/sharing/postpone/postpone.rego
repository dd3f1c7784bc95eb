# METADATA
# title: Informeren uitstellen
# description: Whether a duty to inform may wait - each time anew, for a reason on record, and never open-ended.
# custom: {source: "Wmo 2015 art. 5.3.1 lid 2; UAVG art. 41; law.md 8, S28"}
# schemas:
#   - input: schema["postpone.schema"]
package sharing.postpone

import data.sharing.calendar
import data.sharing.facts
import data.sharing.operation

# METADATA
# title: Redenen vastgelegd
# description: Each extension is a decision of its own, with its reasons, taken before the term lapses.
# custom: {code: DN-16, source: "Wmo 2015 art. 5.3.1 lid 2", kind: LAW}
refusals contains {"code": "DN-16", "remedy": "give_reasons", "person": input.duty.person, "question": null} if {
	not input.reasons_given
}

refusals contains {"code": "DN-16", "remedy": "inform_now", "person": input.duty.person, "question": null} if {
	substring(input.duty.due, 0, 10) < facts.today
}

# METADATA
# title: Dubbele toets
# description: Veilig Thuis extends only when its task needs it and ending or investigating the violence does too; a
#   responder only while telling would endanger somebody (X1).
# custom: {code: DN-16, source: "Wmo 2015 art. 5.3.1 lid 2; UAVG art. 41 lid 1 i", kind: LAW}
refusals contains {"code": "DN-16", "remedy": "inform_now", "person": input.duty.person, "question": null} if {
	not _needed
}

_needed if {
	input.duty.code == "OB-02"
	input.needed_for_task
	input.needed_to_end_or_investigate
}

_needed if {
	input.duty.code == "OB-03"
	input.telling_endangers
}

# METADATA
# title: Alleen Veilig Thuis
# description: The extension of article 5.3.1 is that of Veilig Thuis only.
# custom: {code: DN-06, source: "Wmo 2015 art. 5.3.1", kind: LAW}
refusals contains {"code": "DN-06", "person": null, "question": null} if {
	input.duty.code == "OB-02"
	input.organisation.type != "veilig_thuis"
}

refusals contains refusal if some refusal in operation.standing

# METADATA
# title: Te lang uitgesteld
# description: After four weeks a responder does not postpone by himself; a privacy expert looks first.
# custom: {code: ES-02, source: "law.md 8 (OB-03), 10", kind: POLICY}
referrals contains "ES-02" if {
	input.duty.code == "OB-03"
	longstop := calendar.days_after(substring(input.duty.since, 0, 10), data.parameters.inform.longstop_days)
	substring(input.duty.due, 0, 10) >= longstop
}

# METADATA
# description: The same duty with its next term, reckoned from when it was due.
duties contains {"code": input.duty.code, "on": on, "term": term, "person": input.duty.person} if {
	some code, [on, term] in {"OB-02": ["requester", "P2W"], "OB-03": ["responder", data.parameters.inform.review]}
	code == input.duty.code
}

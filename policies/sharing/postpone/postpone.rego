# METADATA
# title: Informeren uitstellen
# description: Of een verplichting om te informeren mag wachten - elke keer opnieuw, om een vastgelegde reden, en nooit
#   voor onbepaalde tijd.
# custom: {source: "Wmo 2015 art. 5.3.1 lid 2; UAVG art. 41; law.md 8, S28"}
# schemas:
#   - input: schema["postpone.schema"]
package sharing.postpone

import data.sharing.calendar
import data.sharing.facts
import data.sharing.operation

# METADATA
# title: Redenen vastgelegd
# description: Elke verlenging is een besluit op zichzelf, met redenen, genomen voordat de termijn verstrijkt.
# custom: {code: DN-16, source: "Wmo 2015 art. 5.3.1 lid 2", kind: LAW}
refusals contains {"code": "DN-16", "remedy": "give_reasons", "person": input.duty.person, "question": null} if {
	not input.reasons_given
}

refusals contains {"code": "DN-16", "remedy": "inform_now", "person": input.duty.person, "question": null} if {
	input.duty.due_on < facts.today
}

# METADATA
# title: Dubbele toets
# description: Veilig Thuis verlengt alleen als dat nodig is voor zijn taak en ook om het geweld te beëindigen of te
#   onderzoeken; een bevraagde alleen zolang informeren iemand in gevaar zou brengen (X1).
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
# description: De verlenging van artikel 5.3.1 Wmo 2015 is er alleen voor Veilig Thuis.
# custom: {code: DN-06, source: "Wmo 2015 art. 5.3.1", kind: LAW}
refusals contains {"code": "DN-06", "person": null, "question": null} if {
	input.duty.code == "OB-02"
	input.organisation.type != "veilig_thuis"
}

refusals contains refusal if some refusal in operation.standing

# METADATA
# title: Te lang uitgesteld
# description: Na vier weken stelt een bevraagde niet zelfstandig uit; eerst kijkt een privacydeskundige.
# custom: {code: ES-02, source: "law.md 8 (OB-03), 10", kind: POLICY}
referrals contains "ES-02" if {
	input.duty.code == "OB-03"
	longstop := calendar.days_after(input.duty.since_on, data.parameters.inform.longstop_days)
	input.duty.due_on >= longstop
}

# METADATA
# description: Dezelfde verplichting met haar volgende termijn, gerekend vanaf wanneer zij moest zijn vervuld.
duties contains {"code": input.duty.code, "on": on, "term": term, "person": input.duty.person} if {
	some code, [on, term] in {"OB-02": ["requester", "P2W"], "OB-03": ["responder", data.parameters.inform.review]}
	code == input.duty.code
}

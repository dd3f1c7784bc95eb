# METADATA
# title: Verplichtingen
# description: What the release obliges to, on whom and within which term; a term is a code that the gate turns into a date.
# custom: {source: "law.md 8"}
package sharing.obligations

import data.sharing.acute
import data.sharing.consent
import data.sharing.exceptions
import data.sharing.facts
import data.sharing.ground
import data.sharing.record
import data.sharing.weighing

# METADATA
# description: The duties when the parts at these places go. Withdrawn consent obliges whatever the outcome.
of(left) := {duty | some duty in _duties(left)} | withdrawn

# METADATA
# title: OB-15 Intrekking
# description: A consent that carried a part was withdrawn, so its use stops at once.
# custom: {code: OB-15, source: "AVG art. 7 lid 3", kind: LAW}
withdrawn contains {"code": "OB-15", "on": "broker", "term": "P0D", "person": facts.parts[i].person} if {
	some i in consent.withdrawn
	not ground.of[i]
}

_named contains code if {
	some i, _ in facts.parts
	some code in ground.row_of[i].obligations
}

_named contains code if {
	acute.applies
	some code in {"OB-01", "OB-03", "OB-05", "OB-07", "OB-13"}
}

_named contains _informing_of_receiver if acute.applies

# Wmo 5.3.1 binds Veilig Thuis only; other receivers have the month of AVG 14.
_informing_of_receiver := "OB-02" if {
	input.requester.type == "veilig_thuis"
} else := "OB-02b"

_duties(left) := union({
	_always,
	_informing(left),
	_approving(left),
	_approving_others(left),
	_carried_by_consent(left),
	_keeping,
	_police(left),
	_in_acute_danger,
})

# METADATA
# title: OB-01, OB-05, OB-08, OB-09, OB-10, OB-11, OB-12
# description: Purpose limitation, expiry of the link, source secrecy, approval of an oral answer, feedback, victim
#   safety, and correction passed on - each where its row names it and its condition holds.
# custom: {codes: [OB-01, OB-05, OB-08, OB-09, OB-10, OB-11, OB-12], source: "AVG art. 5 lid 1 b, 19; Wmo 2015 art. 5.3.3", kind: LAW}
_always contains duty if {
	some duty in {
		{"code": "OB-01", "on": "requester", "term": null, "person": null},
		{"code": "OB-05", "on": "broker", "term": data.parameters.release.link_ttl, "person": null},
		{"code": "OB-10", "on": "requester", "term": null, "person": null},
		{"code": "OB-12", "on": "responder", "term": null, "person": null},
	}
	duty.code in _named
}

_always contains {"code": "OB-08", "on": "requester", "term": null, "person": person.ref} if {
	"OB-08" in _named
	some person in input.persons
	person.source_protected
}

_always contains {"code": "OB-09", "on": "requester", "term": null, "person": null} if {
	"OB-09" in _named
	facts.answering
	not input.payload.written
}

_always contains {"code": "OB-11", "on": on, "term": null, "person": person.ref} if {
	"OB-11" in _named
	some person in input.persons
	person.relation == "adult_victim"
	some on in {"requester", "responder", "broker"}
}

_always contains {"code": "OB-11", "on": on, "term": null, "person": null} if {
	"OB-11" in _named
	input.responder.type == "blijf_groep"
	some on in {"requester", "responder", "broker"}
}

_always contains duty if {
	"OB-13" in _named
	some duty in record.duties
}

# METADATA
# title: OB-02, OB-02b, OB-03
# description: The receiver informs within four weeks; so does the responder, who reviews a postponement in a fortnight.
# custom: {codes: [OB-02, OB-02b, OB-03], source: "Wmo 2015 art. 5.3.1; AVG art. 13, 14; KNMG-meldcode", kind: LAW}
_informing(left) := {duty |
	some i in left
	some about in ({facts.parts[i].person} | {entry.about | some entry in facts.third_party[i]; weighing.goes_along(i, entry)})
	some ref in facts.addressees(facts.persons[about])
	some duty in {
		{"code": "OB-02", "on": "requester", "term": "P4W", "person": ref},
		{"code": "OB-02b", "on": "requester", "term": "P1M", "person": ref},
		{"code": "OB-03", "on": "responder", "term": _inform_term(ref), "person": ref},
	}
	duty.code in _named
}

_inform_term(ref) := data.parameters.inform.review if {
	"X1" in exceptions.of(ref)
} else := "P4W"

# METADATA
# title: OB-04
# description: A sensitive category is approved by a person before it goes.
# custom: {code: OB-04, source: "law.md 8", kind: POLICY}
_approving(left) := {duty |
	"OB-04" in _named
	some i in left
	part := facts.parts[i]
	part.category in {"gez_detail", "straf", "seks", "derde"}
	duty := {"code": "OB-04", "on": "responder", "term": "P0D", "person": part.person}
}

# Who weighs something about a third party approves it separately too, whether it goes along or is stripped.
_approving_others(left) := {duty |
	"OB-04" in _named
	count(left) > 0
	some entry in input.weighing.parts
	entry.give
	facts.questions[entry.question].person != entry.about
	duty := {"code": "OB-04", "on": "responder", "term": "P0D", "person": entry.about}
}

# METADATA
# title: OB-15 bij toestemming
# description: What goes on consent stops when the consent is withdrawn.
# custom: {code: OB-15, source: "AVG art. 7 lid 3", kind: LAW}
_carried_by_consent(left) := {duty |
	some i in left
	data.law.grounds[ground.of[i]].kind == "consent"
	duty := {"code": "OB-15", "on": "broker", "term": null, "person": facts.parts[i].person}
}

# METADATA
# title: OB-06
# description: Police data keeps its conditions, and the public prosecutor is asked where a case runs.
# custom: {code: OB-06, source: "Wpg; Bpg 4:2", kind: LAW}
_police(left) := {duty |
	"OB-06" in _named
	some i in left
	facts.parts[i].category == "straf"
	duty := {"code": "OB-06", "on": "requester", "term": null, "person": facts.parts[i].person}
}

# METADATA
# title: OB-07
# description: Each side keeps its file for its own term; the broker deletes the sealed answer within days.
# custom: {code: OB-07, source: "BW 7:454 lid 3; Jeugdwet 7.3.8; Wmo 2015 art. 5.3.4; law.md 12", kind: LAW}
_keeping contains duty if {
	"OB-07" in _named
	some duty in {
		{"code": "OB-07", "on": "requester", "term": object.get(data.law.retention, input.requester.type, null), "person": null},
		{"code": "OB-07", "on": "responder", "term": object.get(data.law.retention, input.responder.type, null), "person": null},
		{"code": "OB-07", "on": "broker", "term": data.parameters.release.payload_delete, "person": null},
	}
}

_in_acute_danger contains {"code": "OB-13", "on": on, "term": term, "person": null} if {
	acute.applies
	some on, term in {"responder": data.parameters.breakglass.record, "privacy_officer": data.parameters.breakglass.review}
}

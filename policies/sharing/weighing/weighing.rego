# METADATA
# title: G9 Besluit van de professional
# description: Een spreekrecht of meldrecht werkt nooit automatisch - een professional die bij naam bekend is, heeft
#   besloten, met redenen, onderdeel voor onderdeel.
# custom: {source: "AVG art. 22; UAVG art. 40; BW 7:453; KN-2018-6.4"}
# schemas:
#   - input: schema["document.schema"]
package sharing.weighing

import data.sharing.acute
import data.sharing.facts

# METADATA
# title: Besluit genomen
# description: De professional, geregistreerd waar het beroep een register heeft, heeft besloten en redenen gegeven.
# custom: {code: DN-16, source: "law.md G9", kind: CODE}
decided if {
	_reasons_given
	input.weighing.registration in data.parameters.registrations_by_profession[input.weighing.by_profession]
	_registered_where_secret
}

_reasons_given if input.weighing.reasons_given

# 4.3 item 6: in acute danger the record, reasons and all, follows within the day (OB-13).
_reasons_given if acute.applies

# Medical and youth-care secrecy is broken by a registered professional only (Wet BIG 88, Jeugdwet 7.3.11; EV-15).
_registered_where_secret if not facts.regime in data.parameters.registered_regimes

_registered_where_secret if input.weighing.registration != "none"

# METADATA
# description: Er is besloten, of het is nog niet aan de orde.
satisfied if facts.asking

satisfied if decided

# METADATA
# description: Bij het antwoord, en bij elke opening daarvan, moet er een besluit van de professional zijn.
refusals contains {"code": "DN-16", "stage": "G9", "remedy": "decide", "person": null, "question": null} if {
	facts.answering
	not decided
}

# What was weighed: about the person asked about, and about somebody else.
default _entries := []

_entries := input.weighing.parts

_own := [entry | some entry in _entries; entry.about == facts.questions[entry.question].person]

_others := [entry | some entry in _entries; entry.about != facts.questions[entry.question].person]

default _is_given(_) := false

_is_given(entry) if {
	entry.give
	entry.kind in _statements
	_not_about_others(entry)
}

# What was decided about each part is kept by its place: the question and the category.
_place(part) := [part.question.id, part.category]

_weighed := {[entry.question, entry.category] | some entry in _own}

_kept := {[entry.question, entry.category] | some entry in _own; not _is_given(entry)}

_not_approved := {[entry.question, entry.category] | some entry in _own; not entry.approved_separately}

_of_others[[entry.question, entry.category]] contains number if {
	some number, entry in _others
}

_is_kept(part) if _kept[_place(part)]

_is_weighed(part) if _weighed[_place(part)]

_also_about_others(part) := [_others[number] | some number in _of_others[_place(part)]]

_statements := {"fact", "observation", "reported_by_other"}

# DERDE is given only when itself needed, also when the question was about that very person.
_not_about_others(entry) if entry.category != "derde"

_not_about_others(entry) if entry.third_party_needed

# METADATA
# title: Niet noodzakelijk bevonden
# description: De professional zegt dat juist dit gegeven niet noodzakelijk is, of mag het als politie niet geven.
# custom: {source: "law.md 4.2 (HP-6)", kind: LAW}
doubted(part) if _doubted[_place(part)]

_doubted := _beyond_police | {[entry.question, entry.category] |
	some entry in _own
	object.get(entry, "necessary", true) == false
}

# METADATA
# title: Buiten artikel 8 en 13 lid 1 Wpg
# description: Politiegegevens van de artikelen 9 en 10 Wpg horen niet bij wat aan deze ontvangers mag worden verstrekt.
# custom: {code: DN-15, source: "Besluit politiegegevens art. 4:2; law.md WPG-X", kind: LAW}
beyond_police(part) if _beyond_police[_place(part)]

_beyond_police := {[entry.question, entry.category] |
	input.responder.type == "politie"
	some entry in _own
	not object.get(entry, "police_article", "8") in {"8", "13-1"}
}

# METADATA
# title: Apart goedgekeurd
# description: De professional heeft het onderdeel apart goedgekeurd. Wat over iemand anders gaat, gaat hoe dan ook
#   alleen dan mee.
# custom: {source: "law.md 6, OB-04", kind: POLICY}
approved(part) if not _not_approved[_place(part)]

# METADATA
# title: Onderdeel gegeven
# description: De professional geeft wat gaat over de persoon over wie is gevraagd, nooit een oordeel; wat over iemand
#   anders gaat, gaat alleen mee als het zelf nodig is en apart is goedgekeurd (S20).
# custom: {code: DN-17, source: "BW 7:457 lid 1; law.md 6 (OPINIE, DERDE); OMG-2", kind: LAW}
given(part, ground) if {
	_gives
	_is_weighed(part)
	not _is_kept(part)
} else if {
	_gives
	not _is_weighed(part)
	some entry in _also_about_others(part)
	goes_along(entry, ground)
}

default _gives := false

_gives if input.weighing.outcome in {"give", "partly"}

# METADATA
# title: Gegevens over een derde
# description: Over iemand in de zaak, nodig en goedgekeurd, geen beschermde bron, en nooit op grond van de toestemming
#   van een ander - elke volwassene geeft zelf toestemming.
# custom: {source: "law.md 3.12, 6 (DERDE)", kind: LAW}
goes_along(entry, ground) if {
	entry.give
	entry.third_party_needed
	entry.approved_separately
	entry.kind in _statements
	facts.persons[entry.about].source_protected == false
	facts.row("grounds", ground).kind != "consent"
	object.get(entry, "necessary", true)
}

# METADATA
# description: De personen over wie met een onderdeel iets meegaat.
along(part, ground) := {entry.about |
	some entry in _also_about_others(part)
	goes_along(entry, ground)
}

# METADATA
# title: Niet gewogen of niet gegeven
# description: Over dit onderdeel is niets besloten, of de professional geeft het niet, of het is een oordeel, of het
#   gaat over iemand anders die er niet in hoeft te staan.
# custom: {codes: [DN-16, DN-17], source: "law.md G9; AVG art. 5 lid 1 c; KN-2018-6.4", kind: CODE}
why(part, ground) := set() if {
	facts.asking
} else := {"DN-17"} if {
	input.weighing.outcome == "refuse"
} else := {"DN-16"} if {
	not _is_weighed(part)
	count(_also_about_others(part)) == 0
} else := set() if {
	given(part, ground)
} else := {"DN-17"}

# METADATA
# title: Derde gestript
# description: Een mededeling over een derde die zelf niet nodig is, wordt uit het onderdeel verwijderd.
# custom: {code: DN-17, source: "BW 7:457 lid 1", kind: LAW}
stripped(part, ground) := {note |
	some entry in _also_about_others(part)
	entry.give
	not goes_along(entry, ground)
	note := {"code": "DN-17", "person": entry.about, "question": entry.question}
}

# METADATA
# title: Niet gevraagd
# description: Wat is afgewogen in een categorie die niet is gevraagd, wordt aan niemand verstrekt; dat het is
#   verwijderd, wordt gemeld.
# custom: {code: DN-17, source: "AVG art. 5 lid 1 c", kind: LAW}
notes contains {"code": "DN-17", "person": entry.about, "question": entry.question} if {
	facts.answering
	some entry in _entries
	entry.give
	not entry.category in facts.questions[entry.question].categories
}

# METADATA
# description: De derden over wie de professional iets zou geven, of het nodig is of niet.
others_given contains entry.about if {
	some entry in _others
	entry.give
}

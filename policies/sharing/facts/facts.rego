# METADATA
# title: Feiten
# description: De feiten van één document in de vorm die de andere regels nodig hebben; hier wordt niets beoordeeld.
# custom: {source: "https://openpolicyagent.org/docs/policy-language"}
# schemas:
#   - input: schema["document.schema"]
package sharing.facts

# METADATA
# description: De peildatum van het recht, de kalenderdag in Nederland op het moment van `now`; Deelgrond vult hem in.
today := input.today

# METADATA
# description: Wanneer het verzoek is gedaan.
asked_at := object.get(input, "asked_at", input.now)

# METADATA
# description: Een rij van het recht geldt vanaf valid_from tot aan valid_to; valid_to zelf telt niet mee.
in_force(row) if {
	row.valid_from <= today
	not _ended(row)
}

_ended(row) if {
	row.valid_to != null
	row.valid_to <= today
}

# METADATA
# description: De rij van een tabel op een code; volgen daar rijen elkaar op, dan die van vandaag.
row(table, code) := current(data.law[table][code])

# METADATA
# description: De rij zelf, of van rijen die elkaar opvolgen die van vandaag.
current(entry) := entry if {
	is_object(entry)
} else := entry[i] if {
	is_array(entry)
	some i
	in_force(entry[i])
}

# METADATA
# description: Elke gevraagde combinatie van vraag, persoon en categorie, in de volgorde waarin is gevraagd.
parts := [part |
	some question in input.questions
	some category in question.categories
	part := {
		"question": question,
		"person": question.person,
		"category": category,
	}
]

# METADATA
# description: De personen over wie is gevraagd en de categorieën die over elk van hen zijn gevraagd, elk één keer.
asked[question.person] contains category if {
	some question in input.questions
	some category in question.categories
}

# METADATA
# description: De personen naar hun ref; Deelgrond weigert een document dat een ref twee keer noemt.
persons := {person.ref: person | some person in input.persons}

# METADATA
# description: De vragen naar hun id; Deelgrond weigert een document dat een id twee keer noemt.
questions := {question.id: question | some question in input.questions}

# METADATA
# description: Waar zolang de professional nog niet heeft afgewogen.
default asking := false

asking if input.stage == "ask"

# METADATA
# description: De kant die op dit moment (ask, answer of open) handelt.
default side_of_stage := "asking"

side_of_stage := "answering" if input.stage == "answer"

# METADATA
# description: De kant van het verzoek waaraan de handelende persoon staat.
side := object.get(input.actor, "side", side_of_stage)

# METADATA
# description: Waar als er een afweging moet zijn - bij het antwoord en bij elke opening daarvan.
default answering := false

answering if input.stage in {"answer", "open"}

# METADATA
# description: Het geheimhoudingsregime van de bevraagde (law.md 2); zonder waarde als het onbekend is.
regime := of_type(input.responder.type, "secrecy").regime

# METADATA
# description: Wat het recht op één punt over een soort organisatie zegt; zonder waarde als het daarover vandaag niets
#   zegt.
of_type(type, facet) := found if {
	found := current(data.law.organisations[type][facet])
	in_force(found)
}

# METADATA
# description: Onder de personen is een kind, al dan niet geboren, zodat de rij voor het volwassen slachtoffer niet
#   geldt.
default child_involved := false

child_involved if {
	some person in input.persons
	_child(person)
}

# An unknown age makes no child: that a child is involved lets more be asked.
_child(person) if {
	person.relation in {"child", "sibling"}
	_young(person)
}

_young(person) if {
	is_number(person.age)
	person.age < 18
}

_young(person) if person.unborn

# METADATA
# title: Wie wordt gevraagd of ingelicht
# description: De vertegenwoordigers van een kind jonger dan 12 jaar, het kind en de vertegenwoordigers van 12 tot en
#   met 15 jaar en bij onbekende leeftijd, wie een ongeboren of wilsonbekwame persoon vertegenwoordigt, en ieder ander
#   zelf. Is geen vertegenwoordiger vastgelegd, dan is het vanaf 12 jaar de persoon zelf en daaronder niemand.
# custom: {source: "law.md 3.12; UAVG art. 5 lid 4; BW 7:465; Jeugdwet 7.3.15; Wmo 2015 5.3.3", kind: LAW}
addressees(person) := _addressees(_told(person), person)

_addressees("both", person) := {person.ref} | {ref | some ref in person.authority}

_addressees("person", person) := {person.ref}

_addressees("representatives", person) := {ref | some ref in person.authority} if {
	count(person.authority) > 0
} else := set() if {
	_too_young(person)
} else := {person.ref}

# METADATA
# title: Gezag uitzoeken
# description: Waar als een minderjarige of ongeboren kind vertegenwoordigers moet hebben en niemand is vastgelegd.
# custom: {source: "law.md 3.12; BW 1:245; BW 7:465; Jeugdwet 7.3.15", kind: LAW}
authority_unknown(person) if {
	count(person.authority) == 0
	_told(person) in {"both", "representatives"}
	_minor(person)
}

_minor(person) if _too_young(person)

_minor(person) if _young(person)

# An unknown age may be that of a toddler, unless an adult is meant.
_too_young(person) if person.unborn

_too_young(person) if {
	is_number(person.age)
	person.age < 12
}

_too_young(person) if _child_of_unknown_age(person)

_child_of_unknown_age(person) if {
	person.age == null
	person.relation in {"child", "sibling"}
}

_told(person) := row.by if {
	some row in _told_rows
	row.age_from <= person.age
	person.age < row.age_to
} else := "representatives" if {
	_not_for_himself(person)
} else := "both" if {
	_child_of_unknown_age(person)
	count(person.authority) > 0
} else := "representatives" if {
	_child_of_unknown_age(person)
} else := "person"

_told_rows := [row |
	some row in data.law.consent.told
	regime in row.regimes
	in_force(row)
]

_not_for_himself(person) if person.unborn

_not_for_himself(person) if not person.capable
